"""Roles and policies for tests: as text, made in AWS (or moto), or as an account without either.

from mlguard_pytest.builders import account, allow, deny, role, trust

reader = role("reader", allow("s3:GetObject", on="arn:aws:s3:::data/*"))
reader.create(boto3.client("iam"))                       # in moto, to be read by `mlguard`
assert account(reader).role("reader").permissions <= {"s3:GetObject on arn:aws:s3:::data/*"}
"""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Final, Protocol

if TYPE_CHECKING:
    from mlguard.resources.iam import Role
    from mlguard.snapshot import Snapshot
    from mlguard_pytest.facade import Mlguard

ACCOUNT: Final = "123456789012"
_VERSION: Final = "2012-10-17"
_LAMBDA: Final = "lambda.amazonaws.com"
_INLINE: Final = "own"
# Nothing in such an account is old, or unused for long.
_NOW: Final = datetime(2026, 1, 1, tzinfo=UTC)

Condition = Mapping[str, Mapping[str, str | Sequence[str]]]
"""As in a policy: {"StringEquals": {"aws:SourceVpc": "vpc-1"}}."""


class IamClient(Protocol):
    """What is asked of boto3's IAM client."""

    def create_role(self, **parameters: str) -> Mapping[str, Mapping[str, str]]:
        """Make a role."""

    def put_role_policy(self, **parameters: str) -> object:
        """Give it an inline policy."""

    def attach_role_policy(self, **parameters: str) -> object:
        """Give it a managed policy."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Statement:
    """A statement of an identity policy."""

    effect: str
    actions: tuple[str, ...]
    resources: tuple[str, ...]
    sid: str | None = None
    condition: Condition | None = None

    def plain(self) -> dict[str, object]:
        """Return the statement as JSON has it."""
        elements = {
            "Sid": self.sid,
            "Effect": self.effect,
            "Action": list(self.actions),
            "Resource": list(self.resources),
            "Condition": self.condition,
        }
        return {name: value for name, value in elements.items() if value is not None}


def allow(
    *actions: str,
    on: str | Sequence[str] = "*",
    sid: str | None = None,
    when: Condition | None = None,
) -> Statement:
    """Return a statement that allows the actions on a resource or several."""
    return _statement("Allow", actions, on, sid, when)


def deny(
    *actions: str,
    on: str | Sequence[str] = "*",
    sid: str | None = None,
    when: Condition | None = None,
) -> Statement:
    """Return a statement that denies the actions on a resource or several."""
    return _statement("Deny", actions, on, sid, when)


def policy(*statements: Statement) -> str:
    """Return the JSON of an identity policy: what `PolicyDocument` takes."""
    return _json([statement.plain() for statement in statements])


def trust(*, service: str | Sequence[str] = (), aws: str | Sequence[str] = ()) -> str:
    """Return the JSON of a trust policy: what `AssumeRolePolicyDocument` takes.

    `service` as in lambda.amazonaws.com, `aws` an ARN or the id of an account. Raises ValueError
    if nobody is trusted.
    """
    named = {"Service": _several(service), "AWS": _several(aws)}
    principal = {kind: list(names) for kind, names in named.items() if names}
    if not principal:
        raise ValueError("a role has to trust somebody: give service= or aws=")
    return _json([{"Effect": "Allow", "Principal": principal, "Action": "sts:AssumeRole"}])


@dataclass(frozen=True, slots=True, kw_only=True)
class RoleBuilder:
    """A role to be; `create` makes it, `parameters` are those of create_role."""

    name: str
    trust_policy: str
    statements: tuple[Statement, ...] = ()
    attached: tuple[str, ...] = ()
    boundary: str | None = None

    @property
    def parameters(self) -> dict[str, str]:
        """The parameters of boto3's create_role."""
        given = {
            "RoleName": self.name,
            "AssumeRolePolicyDocument": self.trust_policy,
            "PermissionsBoundary": self.boundary,
        }
        return {name: value for name, value in given.items() if value is not None}

    def create(self, iam: IamClient) -> str:
        """Make the role through an IAM client of boto3, with its policies; return its ARN."""
        arn = iam.create_role(**self.parameters)["Role"]["Arn"]
        if self.statements:
            iam.put_role_policy(
                RoleName=self.name, PolicyName=_INLINE, PolicyDocument=policy(*self.statements)
            )
        for attached in self.attached:
            iam.attach_role_policy(RoleName=self.name, PolicyArn=attached)
        return arn

    def resource(self, account_id: str = ACCOUNT) -> "Role":
        """Return the role as a snapshot holds it."""
        from mlguard.resources.base import GLOBAL
        from mlguard.resources.iam import AttachedPolicy, InlinePolicy, Role

        inline = InlinePolicy(name=_INLINE, document=policy(*self.statements))
        return Role(
            arn=f"arn:aws:iam::{account_id}:role/{self.name}",
            account=account_id,
            region=GLOBAL,
            name=self.name,
            role_id=f"AROA{self.name.upper():X<17.17}",
            path="/",
            created_at=_NOW,
            trust_policy=self.trust_policy,
            inline_policies=(inline,) if self.statements else (),
            attached_policies=tuple(
                AttachedPolicy(name=arn.rpartition("/")[2], arn=arn) for arn in self.attached
            ),
            permissions_boundary=self.boundary,
        )


def role(
    name: str,
    *statements: Statement,
    trusts: str | None = None,
    attached: str | Sequence[str] = (),
    boundary: str | None = None,
) -> RoleBuilder:
    """Return a role with an inline policy of these statements.

    `trusts` is a trust policy, that of a Lambda function if none is given; `attached` are ARNs of
    managed policies, `boundary` is the ARN of one.
    """
    return RoleBuilder(
        name=name,
        trust_policy=trusts or trust(service=_LAMBDA),
        statements=statements,
        attached=_several(attached),
        boundary=boundary,
    )


def snapshot(*roles: RoleBuilder) -> "Snapshot":
    """Return an account that has just these roles, as if it was read; no AWS is needed.

    What managed policies say it does not know: a role that has one has a gap.
    """
    from mlguard.snapshot import Snapshot, ordered

    return Snapshot(
        source="builders",
        taken_at=_NOW,
        accounts=(ACCOUNT,),
        regions=(),
        covers=("Group", "ManagedPolicy", "Role", "User"),
        resources=ordered(one.resource() for one in roles),
    )


def account(*roles: RoleBuilder) -> "Mlguard":
    """Return what the fixture `mlguard` would, of an account that has just these roles."""
    from mlguard_pytest.account import Held
    from mlguard_pytest.facade import Mlguard

    return Mlguard(lambda: Held(snapshot(*roles)))


def _statement(
    effect: str,
    actions: tuple[str, ...],
    on: str | Sequence[str],
    sid: str | None,
    when: Condition | None,
) -> Statement:
    if not actions:
        raise ValueError(f"{effect.lower()}() needs an action, as in s3:GetObject")
    return Statement(
        effect=effect, actions=actions, resources=_several(on), sid=sid, condition=when
    )


def _several(given: str | Sequence[str]) -> tuple[str, ...]:
    return (given,) if isinstance(given, str) else tuple(given)


def _json(statements: Sequence[Mapping[str, object]]) -> str:
    return json.dumps({"Version": _VERSION, "Statement": list(statements)})
