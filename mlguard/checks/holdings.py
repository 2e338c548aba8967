"""Where a statement that grants something stands, for a reader who wants to take it away."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field

from mlguard.check import Confidence, Context, Evidence, Severity, Unread
from mlguard.iam.language.actions import actions
from mlguard.iam.language.document import Document
from mlguard.iam.permissions.clauses import Clause
from mlguard.iam.permissions.effective import Effective
from mlguard.iam.permissions.reach import Extent, Reach
from mlguard.resources.iam import Group, Role, User


@dataclass(frozen=True, slots=True, kw_only=True)
class Holding:
    """A policy of a role or user: what to call it, where it stands, what takes it away."""

    label: str
    key: str
    at: str
    values: Mapping[str, str]


@dataclass(frozen=True, slots=True, kw_only=True)
class Verdict:
    """How bad something is, why in words, and how sure we are."""

    severity: Severity
    reason: str
    confidence: Confidence | None = None
    marks: tuple[str, ...] = field(default=())


TAKE_AWAY = "`aws iam {command} {whose} {holder} {option} {policy}`"
"""The command of a remediation, for the values of a Holding."""


def granted(
    principal: Role | User, clause: Clause, message: str, verdict: Verdict, context: Context
) -> Evidence:
    """Return the evidence that a statement grants too much."""
    holding = holding_of(principal, clause, context)
    statement = clause.statement
    return Evidence(
        message=f"{holding.label} {message}; {verdict.reason}",
        at=f"{holding.at}.Statement[{statement.index}]",
        locator=f"{holding.key}/{statement.locator}",
        severity=verdict.severity,
        confidence=verdict.confidence,
        excerpt=statement.excerpt(*verdict.marks),
        values=holding.values,
    )


def spans(reach: Reach, resources: str) -> bool:
    """Return whether all of the resources are reached, or all but those that NotResource names."""
    extent = reach.extent(resources)
    return extent is Extent.ALL or (reach.inverted and extent is Extent.SOME)


def leaves_out(reach: Reach, resources: str) -> bool:
    """Return whether NotResource names some of the resources."""
    return reach.inverted and reach.extent(resources) is not Extent.ALL


def confines(deny: Clause, resources: str) -> bool:
    """Return whether a Deny, by NotResource, leaves but some that it names of the resources."""
    return deny.reach.inverted and not deny.tests and deny.reach.extent(resources) is Extent.SOME


def allows(effective: Effective, action: str, resources: str) -> Iterator[Clause]:
    """Yield what allows the action on the resources (see spans), whatever else takes it back.

    Where nothing does, there is no need to ask for grants.
    """
    bit = actions().mask(action)
    identity, *_ = effective.permissions.sides
    if not identity.mask & bit:
        return
    for clause in identity.clauses:
        if clause.mask & bit and spans(clause.reach, resources):
            yield clause


def holding_of(principal: Role | User, clause: Clause, context: Context) -> Holding:
    """Return where the statement's policy stands: with the principal, or with a group of it."""
    own = next(_holdings(principal, clause, context), None)
    if own is not None:
        return own
    groups = principal.groups if isinstance(principal, User) else ()
    for group in context.all(Group, account=principal.account) if groups else ():
        if group.name in groups:
            for found in _holdings(group, clause, context):
                return found
    raise LookupError(f"nobody holds the policy {clause.policy} of {principal.arn}")


def _holdings(holder: Role | User | Group, clause: Clause, context: Context) -> Iterator[Holding]:
    kind = type(holder).__name__
    held = {"whose": f"--{kind.lower()}-name", "holder": holder.name}
    through = f" of group {holder.name}" if isinstance(holder, Group) else ""
    key = f"{holder.name}/" if isinstance(holder, Group) else ""
    for index, policy in enumerate(holder.attached_policies):
        if policy.arn == clause.policy:
            take = {"command": f"detach-{kind.lower()}-policy", "option": "--policy-arn"}
            yield Holding(
                label=f"attached policy {policy.name}{through}",
                key=f"{key}{policy.arn}",
                at=f"AttachedManagedPolicies[{index}].PolicyArn",
                values={**held, **take, "policy": policy.arn},
            )
    for index, inline in enumerate(holder.inline_policies):
        if inline.name != clause.policy:
            continue
        at = f"{kind}PolicyList[{index}].PolicyDocument"
        if _parsed(inline.document, holder, at, context) == clause.carrier.document:
            take = {"command": f"delete-{kind.lower()}-policy", "option": "--policy-name"}
            yield Holding(
                label=f"inline policy {inline.name}{through}",
                key=f"{key}inline:{inline.name}",
                at=at,
                values={**held, **take, "policy": inline.name},
            )


def _parsed(text: str, holder: Role | User | Group, at: str, context: Context) -> Document | None:
    try:
        return context.parse(text, of=holder, at=at)
    except Unread:
        return None
