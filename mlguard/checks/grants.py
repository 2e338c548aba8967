"""The policies of a role: what each allows, where it stands, and what takes it away."""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass

from mlguard.check import Context, Unread
from mlguard.iam.language.arn import account_of
from mlguard.iam.language.document import Document
from mlguard.resources.iam import AttachedPolicy, ManagedPolicy, Role
from mlguard.snapshot import Gap, GapReason


@dataclass(frozen=True, slots=True, kw_only=True)
class Grant:
    """A policy of a role: what to call it, where it stands, and what would take it away."""

    label: str
    key: str
    at: str
    values: Mapping[str, str]


def documents(
    role: Role, context: Context, *, wanted: Callable[[AttachedPolicy], bool]
) -> Iterator[tuple[Grant, Document]]:
    """Yield the role's inline policies and those attached ones that are wanted.

    What cannot be read becomes a gap of the context: it does not hide what the others grant.
    """
    for index, inline in enumerate(role.inline_policies):
        grant = _inline(index, inline.name)
        document = parsed(inline.document, of=role, at=grant.at, context=context)
        if document is not None:
            yield grant, document
    for index, policy in enumerate(role.attached_policies):
        managed = _managed(policy, role, context) if wanted(policy) else None
        if managed is None:
            continue
        document = parsed(managed.document, of=managed, at="Document", context=context)
        if document is not None:
            yield attached(index, policy), document


def is_aws_managed(policy: AttachedPolicy) -> bool:
    """Return whether AWS keeps the policy, not the account."""
    return account_of(policy.arn) == "aws"


def _inline(index: int, name: str) -> Grant:
    return Grant(
        label=f"inline policy {name}",
        key=f"inline:{name}",
        at=f"RolePolicyList[{index}].PolicyDocument",
        values={"command": "delete-role-policy", "option": "--policy-name", "policy": name},
    )


def attached(index: int, policy: AttachedPolicy) -> Grant:
    """Return what to call an attached policy."""
    option = {"command": "detach-role-policy", "option": "--policy-arn", "policy": policy.arn}
    return Grant(
        label=f"attached policy {policy.name}",
        key=policy.arn,
        at=f"AttachedManagedPolicies[{index}].PolicyArn",
        values=option,
    )


def parsed(text: str, *, of: Role | ManagedPolicy, at: str, context: Context) -> Document | None:
    """Return the document; where it cannot be read, None and a gap in the context."""
    try:
        return context.parse(text, of=of, at=at)
    except Unread as stop:
        context.met.append(stop.gap)
        return None


def _managed(policy: AttachedPolicy, role: Role, context: Context) -> ManagedPolicy | None:
    """Return the attached policy; where nobody has it, the context has a gap for it."""
    found = None
    try:
        if context.covers(ManagedPolicy):
            found = context.get(ManagedPolicy, policy.arn, near=role)
    except Unread as stop:
        context.met.append(stop.gap)
        return None
    if found is None:
        gap = Gap(
            kinds=(ManagedPolicy.__name__,),
            account=role.account,
            region=role.region,
            operation="iam:GetAccountAuthorizationDetails",
            reason=GapReason.INCOMPLETE,
            detail=f"the snapshot does not hold the attached policy {policy.name}",
            subject=policy.arn,
        )
        context.met.append(gap)
    return found
