"""Trust beyond the account: roles that anyone, strangers, or nobody any more may assume."""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Final

from mlguard.check import Context, Evidence, Severity, check
from mlguard.checks.trusted import Keys, doors, may_enter, trusted
from mlguard.errors import ArnError
from mlguard.iam.escalation.examples import instance
from mlguard.iam.language.arn import Arn
from mlguard.iam.language.document import Document, Statement
from mlguard.iam.language.exposure import Exposure, exposure, restricts_who
from mlguard.iam.language.principal import is_account_id
from mlguard.resources.iam import Role

_AT: Final = "AssumeRolePolicyDocument"
_UPDATE: Final = (
    "`aws iam update-assume-role-policy --role-name {name} --policy-document file://trust.json`"
)
_PRINCIPAL: Final = (
    "https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_elements_principal.html"
)
_THIRD_PARTY: Final = (
    "https://docs.aws.amazon.com/IAM/latest/UserGuide/id_roles_common-scenarios_third-party.html"
)
_EXTERNAL_ID: Final = "sts:externalid"
_OF_ORGANIZATION: Final = frozenset({"aws:principalorgid", "aws:principalorgpaths"})
# IAM User Guide, "IAM identifiers": AIDA for users, AROA for roles, and the like.
_UNIQUE_ID: Final = re.compile(r"A[A-Z0-9]{3}[A-Z0-9]{12,124}")
_DELETED: Final = {"AIDA": "user", "AROA": "role"}
_STRANGER: Final = "arn:aws:iam::000000000000:role/stranger"
_STRANGERS: Final = ("arn:aws:iam::000000000000:role/*", "arn:aws:iam::000000000000:user/*")
_PRINCIPAL_ARN: Final = "aws:principalarn"
_PRINCIPAL_ACCOUNT: Final = "aws:principalaccount"
# Of another organization, or of none.
_STRANGE: Final[tuple[Keys, ...]] = (
    {"aws:PrincipalOrgID": "o-stranger00", "aws:PrincipalOrgPaths": "o-stranger00/r-stra/"},
    {"aws:PrincipalOrgID": (), "aws:PrincipalOrgPaths": ()},
)


@check(
    "role-trust-open",
    "Role that anyone may assume",
    on=Role,
    severity=Severity.CRITICAL,
    remediation=(
        "Name in Principal who may assume it, or say in a condition on aws:PrincipalOrgID, "
        f"aws:PrincipalAccount or aws:PrincipalArn who they are; then {_UPDATE}."
    ),
    references=(
        _PRINCIPAL,
        "https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_condition-keys.html",
    ),
    bad='Principal: {AWS: "*"}',
    good='Principal: {AWS: "*"}, Condition: {StringEquals: {aws:PrincipalOrgID: o-a1b2c3d4e5}}',
)
def role_trust_open(role: Role, context: Context) -> Iterator[Evidence]:
    """Every AWS account in the world, a thief's own among them, may act as this role.

    A condition closes the door only if it ties the caller to somebody, with an operator that
    fails where the key is missing. MFA, a session name or a tag are the caller's to choose. An
    external ID is no secret, says AWS.
    """
    document = context.parse(role.trust_policy, of=role, at=_AT)
    if role.service_linked:
        return
    found = [door for door in doors(document) if exposure(door) is not Exposure.NAMED]
    if any(may_enter(document, one, role=role, known=_STRANGE) for one in _strangers(found)):
        yield from map(_open, found)


@check(
    "role-trust-unlisted-account",
    "Role that another account may assume, which the policy does not list",
    on=Role,
    severity=Severity.HIGH,
    remediation=(
        "If you know account {other}, add it to trusted_accounts of the policy, and where it is "
        "another company's, ask for an external ID (sts:ExternalId); else take it out and "
        f"{_UPDATE}."
    ),
    references=(_THIRD_PARTY, _PRINCIPAL),
    bad="Principal: {AWS: arn:aws:iam::999999999999:root}",
    good="Principal: {AWS: arn:aws:iam::999999999999:root}, and trusted_accounts: [999999999999]",
)
def role_trust_unlisted_account(role: Role, context: Context) -> Iterator[Evidence]:
    """Somebody outside decides who uses the role, and you see only that it was used.

    Whoever breaks into the other account is in this one too. Accounts that are audited together,
    callers tied to an organization, and those that the policy lists are taken to be known.
    """
    document = context.parse(role.trust_policy, of=role, at=_AT)
    if role.service_linked:
        return
    listed: tuple[str, ...] = context.policy.trusted_accounts
    known = {role.account, *context.snapshot.accounts, *listed}
    for guest in _guests(document):
        if guest.account not in known and guest.may_enter(document, role):
            yield guest.evidence()


@check(
    "role-trust-deleted",
    "Role whose trust policy names somebody who was deleted",
    on=Role,
    severity=Severity.LOW,
    remediation=f"Take the unique ID out of the trust policy: {_UPDATE}.",
    references=(
        _PRINCIPAL,
        "https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_identifiers.html",
    ),
    bad="Principal: {AWS: [AROAEXAMPLEEXAMPLEEX, arn:aws:iam::123456789012:role/deploy]}",
    good="Principal: {AWS: arn:aws:iam::123456789012:role/deploy}",
)
def role_trust_deleted(role: Role, context: Context) -> Iterator[Evidence]:
    """Nobody is let in by the entry, not even a new one of the old name.

    AWS keeps a unique ID where a user or role was deleted. It is a sign that nobody looks after
    this policy. Where all of them are gone, the role itself is stale: another check says so.
    """
    document = context.parse(role.trust_policy, of=role, at=_AT)
    gone = {name for name in trusted(document) if _UNIQUE_ID.fullmatch(name)}
    if not gone or gone == trusted(document):
        return
    found = {name: door for door in doors(document) for name in _named(door) if name in gone}
    for name, door in found.items():
        yield Evidence(
            message=f"{name} is what is left of a deleted {_DELETED.get(name[:4], 'principal')}",
            at=_at(door),
            locator=name,
            excerpt=door.excerpt("Principal"),
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class _Guest:
    """An account, or one of its users and roles, that a statement lets in.

    Where the statement names anyone, and a condition says who that is, `name` is what the
    condition asks for: it may be a pattern of ARNs. `element` is the one that names the guest.
    """

    door: Statement
    name: str
    account: str
    element: str = "Principal"

    @property
    def whole(self) -> bool:
        """Whether everybody of the account may come whom it lets."""
        return self.name == self.account or self.name.endswith(":root")

    def may_enter(self, document: Document, role: Role) -> bool:
        """Return whether nothing of the policy keeps the guest out, or ties it to a company."""
        if any(restricts_who(one) for one in self.door.conditions if _is_of_organization(one.key)):
            return False
        return any(may_enter(document, one, role=role, known=_STRANGE) for one in self._callers())

    def _callers(self) -> Iterator[str]:
        """Yield those who might come: of a pattern, a role and a user whom it matches."""
        if self.element == "Condition" and self.name != self.account:
            for kind in ("role/*", "user/*"):
                found = instance(self.name, f"arn:*:iam::{self.account}:{kind}")
                if found is not None:
                    yield found
            return
        yield f"arn:aws:iam::{self.account}:role/stranger" if self.whole else self.name

    def evidence(self) -> Evidence:
        who = f"account {self.account}" if self.whole else f"{self.name}, of another account,"
        severity = Severity.HIGH if self.whole else Severity.MEDIUM
        said = "asked for no external ID"
        if _asks_for_external_id(self.door):
            severity, said = Severity.LOW, "asked for an external ID"
        return Evidence(
            message=f"{who} may assume it, {said}",
            at=f"{_AT}.Statement[{self.door.index}].{self.element}",
            locator=f"{self.door.locator}/{self.name}",
            severity=severity,
            excerpt=self.door.excerpt(self.element),
            values={"other": self.account},
        )


def _guests(document: Document) -> Iterator[_Guest]:
    for door in doors(document):
        for name in dict.fromkeys(_named(door)):
            account = _account(name)
            if account is not None:
                yield _Guest(door=door, name=name, account=account)
        if door.principals is not None and door.principals.anyone:
            for name in dict.fromkeys(_asked(door)):
                account = _account(name)
                if account is not None:
                    yield _Guest(door=door, name=name, account=account, element="Condition")


def _asked(door: Statement) -> Iterator[str]:
    """Yield the accounts and ARNs of which a condition says that the caller is one."""
    for test in door.conditions:
        if test.key.lower() in (_PRINCIPAL_ARN, _PRINCIPAL_ACCOUNT) and restricts_who(test):
            yield from test.values


def _named(door: Statement) -> tuple[str, ...]:
    return door.principals.aws if door.principals is not None else ()


def _account(name: str) -> str | None:
    """Return the account that is named, or that of who is; None for unique IDs and `*`."""
    if is_account_id(name):
        return name
    try:
        account = Arn.parse(name).account
    except ArnError:
        return None
    return account if is_account_id(account) else None


def _strangers(found: Sequence[Statement]) -> Iterator[str]:
    """Yield principals of an account that nobody knows, those first that bear any name.

    A pattern of ARNs that leaves the account open lets in whoever gives a role of theirs the name.
    """
    if not found:
        return
    yield _STRANGER
    for door in found:
        for test in door.conditions:
            for value in test.values if test.key.lower() == _PRINCIPAL_ARN else ():
                named = (instance(value, pattern) for pattern in _STRANGERS)
                yield from (name for name in named if name is not None)


def _open(door: Statement) -> Evidence:
    but = door.not_principals is not None
    severity, said = None, "no condition says who" if door.conditions else "without any condition"
    if _asks_for_external_id(door):
        severity, said = Severity.MEDIUM, "if they know the external ID"
    return Evidence(
        message=f"{'everyone but a few' if but else 'anyone'} may assume it, {said}",
        at=f"{_AT}.Statement[{door.index}].{'NotPrincipal' if but else 'Principal'}",
        locator=door.locator,
        severity=severity,
        excerpt=door.excerpt("NotPrincipal" if but else "Principal", "Condition"),
    )


def _asks_for_external_id(door: Statement) -> bool:
    return any(
        test.key.lower() == _EXTERNAL_ID
        and test.written in ("StringEquals", "StringLike")
        and all(value.strip("*?") for value in test.values)
        for test in door.conditions
    )


def _is_of_organization(key: str) -> bool:
    return key.lower() in _OF_ORGANIZATION


def _at(door: Statement) -> str:
    return f"{_AT}.Statement[{door.index}].Principal"


CHECKS = (role_trust_open, role_trust_unlisted_account, role_trust_deleted)
