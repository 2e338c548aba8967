"""Trust policies: who can still take on a role."""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final, Self

from mlguard.check import Context, Evidence, Severity, check
from mlguard.checks.users import is_dormant
from mlguard.errors import ArnError
from mlguard.iam.language.arn import Arn
from mlguard.iam.language.document import Document, Effect, Principals, Statement
from mlguard.resources.iam import Role, User, UserCredentials

# IAM User Guide, "IAM identifiers": AIDA for users, AROA for roles, and the like.
_UNIQUE_ID: Final = re.compile(r"A[A-Z0-9]{3}[A-Z0-9]{12,124}")


@check(
    "role-stale-trust",
    "Role that only deleted or inactive principals can assume",
    on=Role,
    reads=(User,),
    optional=(UserCredentials,),
    severity=Severity.MEDIUM,
    remediation=(
        "Delete the role if nobody misses it; else trust those who need it today: "
        "`aws iam update-assume-role-policy --role-name {name} --policy-document file://trust.json`."
    ),
    references=(
        "https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_elements_principal.html",
        "https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_identifiers.html",
    ),
    bad="Principal: {AWS: AIDAEXAMPLEEXAMPLEEX}",
    good="Principal: {Service: lambda.amazonaws.com}",
)
def role_stale_trust(role: Role, context: Context) -> Iterator[Evidence]:
    """Nobody is left to use the role, or to notice who does.

    A deleted principal's trust is dead weight, also for a new one of the same name; that of an
    inactive user waits for whoever wakes the user.
    """
    document = context.parse(role.trust_policy, of=role, at="AssumeRolePolicyDocument")
    trusted = _Trusted.of(document, role)
    if trusted is None or _role_exists(trusted, role, context):
        return
    users = _users(trusted, role, context)
    if any(_is_active(user, role, context) for user in users):
        return
    yield Evidence(
        message=f"only {_described(trusted, users)} can assume it",
        at=f"AssumeRolePolicyDocument.Statement[{trusted.first.index}].Principal",
        locator="Principal",
        absence=bool(trusted.users or trusted.roles),
        excerpt=trusted.first.excerpt("Principal"),
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class _Trusted:
    """The users and roles that a trust policy names, where it names nobody else."""

    first: Statement
    names: tuple[str, ...]

    @classmethod
    def of(cls, document: Document, role: Role) -> Self | None:
        """Return whom the policy names; None if nobody, or if some of them cannot go stale.

        Services, accounts, identity providers, other accounts' principals and anyone cannot.
        """
        allows = [one for one in document.statements if one.effect is Effect.ALLOW]
        principals = [one.principals for one in allows if one.principals is not None]
        named = tuple(dict.fromkeys(name for entry in principals for name in entry.aws))
        if not named or len(principals) < len(allows):
            return None
        if any(_cannot_go_stale(entry) for entry in principals):
            return None
        if not all(_may_be_gone(name, role.account) for name in named):
            return None
        return cls(first=allows[0], names=named)

    @property
    def users(self) -> tuple[str, ...]:
        """The ARNs of users; what is left as a unique id is deleted for certain."""
        return tuple(name for name in self.names if ":user/" in name)

    @property
    def roles(self) -> tuple[str, ...]:
        """The ARNs of roles and of their sessions."""
        rest = (name for name in self.names if name not in self.users)
        return tuple(name for name in rest if not _UNIQUE_ID.fullmatch(name))


def _cannot_go_stale(principals: Principals) -> bool:
    others = (principals.service, principals.federated, principals.canonical)
    return principals.anyone or any(others)


def _may_be_gone(name: str, account: str) -> bool:
    if _UNIQUE_ID.fullmatch(name):
        return True
    try:
        arn = Arn.parse(name)
    except ArnError:
        return False
    return arn.account == account and arn.resource_type in ("user", "role", "assumed-role")


def _role_exists(trusted: _Trusted, role: Role, context: Context) -> bool:
    if not trusted.roles:
        return False

    def is_named(other: Role) -> bool:
        # A session's ARN has the name of its role, without the path.
        session = f":assumed-role/{other.name}/"
        return other.arn in trusted.roles or any(session in name for name in trusted.roles)

    return context.first(Role, is_named, account=role.account) is not None


def _users(trusted: _Trusted, role: Role, context: Context) -> tuple[User, ...]:
    """Return those of the named users who exist."""
    if not trusted.users:
        return ()
    everyone, wanted = context.all(User, account=role.account), set(trusted.users)
    return tuple(user for user in everyone if user.arn in wanted)


def _is_active(user: User, role: Role, context: Context) -> bool:
    """Return whether a user is in use; one whom no report lists counts as active."""
    if not context.covers(UserCredentials):
        return True
    row = context.first(UserCredentials, lambda row: row.arn == user.arn, account=role.account)
    days = context.policy.user_inactive_days
    return row is None or not is_dormant(row, days=days, today=context.today)


def _described(trusted: _Trusted, users: tuple[User, ...]) -> str:
    inactive = {user.arn for user in users}
    words = [_described_one(name, inactive) for name in trusted.names]
    return " and ".join((", ".join(words[:-1]), words[-1])) if len(words) > 1 else words[0]


def _described_one(name: str, inactive: set[str]) -> str:
    if name in inactive:
        return f"{name} (an inactive user)"
    deleted = _UNIQUE_ID.fullmatch(name) is not None
    return f"{name} ({'a deleted principal' if deleted else 'which does not exist'})"


CHECKS = (role_stale_trust,)
