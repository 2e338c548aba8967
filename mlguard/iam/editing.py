"""Edits of IAM that give a principal more: what each action changes, and what follows."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final

from mlguard.iam.account import Member
from mlguard.iam.chain import Step
from mlguard.iam.effective import Effective
from mlguard.iam.gains import Gain
from mlguard.iam.powers import at_home
from mlguard.iam.terrain import Actor, Terrain

_ADMINISTRATOR_ACCESS: Final = "policy/AdministratorAccess"
WRITES: Final = frozenset({"iam:PutUserPolicy", "iam:PutRolePolicy", "iam:PutGroupPolicy"})
ATTACHES: Final = frozenset(
    {"iam:AttachUserPolicy", "iam:AttachRolePolicy", "iam:AttachGroupPolicy"}
)
UNBINDS: Final = frozenset(
    {"iam:DeleteUserPermissionsBoundary", "iam:DeleteRolePermissionsBoundary"}
)
REBINDS: Final = frozenset({"iam:PutUserPermissionsBoundary", "iam:PutRolePermissionsBoundary"})
VERSIONS: Final = frozenset({"iam:CreatePolicyVersion", "iam:SetDefaultPolicyVersion"})
CHANGES: Final = WRITES | ATTACHES | UNBINDS | REBINDS


@dataclass(frozen=True, slots=True, kw_only=True)
class Edit:
    """An edit that may be made, and what its subject may do afterwards."""

    step: Step
    after: Effective


class Editing:
    """Which edits an actor may make, and what comes of them."""

    def __init__(self, terrain: Terrain) -> None:
        self._terrain = terrain

    def request(
        self, actor: Actor, action: str, resource: str, **known: tuple[str, ...]
    ) -> Step | None:
        """Return the request as a step, None if it cannot go through.

        `known` are keys of IAM's own, without prefix.
        """
        around = at_home(actor.principal, **known)
        found = self._terrain.powers.on(actor.effective, action, resource, around)
        return None if found is None else self._terrain.outcomes.step(action, resource, found)

    def change(
        self, actor: Actor, action: str, on: str, subject: Member, worth: Effective
    ) -> Edit | None:
        """Return the edit of `on` that makes more of the subject than is `worth`, if any may."""
        if action in WRITES:
            step = self.request(actor, action, on, permissionsboundary=_limits(subject))
            after = self._terrain.uplift.free(subject)
            return None if step is None else Edit(step=step, after=after)
        if action in ATTACHES:
            return self._attached(actor, action, on, subject, worth)
        if subject.boundary is None:
            return None
        if action in UNBINDS:
            step = self.request(actor, action, on, permissionsboundary=_limits(subject))
            after = self._terrain.uplift.unbound(subject)
            return None if step is None else Edit(step=step, after=after)
        return self._rebound(actor, action, on, subject, worth)

    def rewritten(self, actor: Actor, action: str, policy: str, subject: Member) -> Edit | None:
        """Return the edit of a policy that the subject has, attached or as its boundary."""
        step = self.request(actor, action, policy)
        if step is None:
            return None
        uplift = self._terrain.uplift
        if policy == subject.boundary and policy not in subject.attached:
            return Edit(step=step, after=uplift.unbound(subject, uplift.everything))
        after = uplift.given(subject, (uplift.everything,), without=policy)
        return Edit(step=step, after=after)

    def _attached(
        self, actor: Actor, action: str, on: str, subject: Member, worth: Effective
    ) -> Edit | None:
        """Return the attachment of AWS's AdministratorAccess, or else of what else may be."""
        limits = _limits(subject)
        best = self._administrator(actor)
        step = self.request(actor, action, on, policyarn=(best,), permissionsboundary=limits)
        if step is not None:
            return Edit(step=step, after=self._terrain.uplift.free(subject))
        if self.request(actor, action, on, permissionsboundary=limits) is None:
            return None
        for arn, carrier in self._terrain.view.managed.items():
            step = self.request(actor, action, on, policyarn=(arn,), permissionsboundary=limits)
            if step is None or arn in subject.attached:
                continue
            after = self._terrain.uplift.given(subject, (carrier,))
            if self._terrain.gains.between(worth, after) is not Gain.NONE:
                return Edit(step=step, after=after)
        return None

    def _rebound(
        self, actor: Actor, action: str, on: str, subject: Member, worth: Effective
    ) -> Edit | None:
        """Return the exchange of the boundary for AdministratorAccess, or for what else may be."""
        uplift, best = self._terrain.uplift, self._administrator(actor)
        step = self.request(actor, action, on, permissionsboundary=(best,))
        if step is not None:
            return Edit(step=step, after=uplift.unbound(subject, uplift.everything))
        if self.request(actor, action, on) is None:
            return None
        for arn, carrier in self._terrain.view.managed.items():
            step = self.request(actor, action, on, permissionsboundary=(arn,))
            if step is None or arn == subject.boundary:
                continue
            after = uplift.unbound(subject, carrier)
            if self._terrain.gains.between(worth, after) is not Gain.NONE:
                return Edit(step=step, after=after)
        return None

    def _administrator(self, actor: Actor) -> str:
        return f"arn:{actor.principal.partition}:iam::aws:{_ADMINISTRATOR_ACCESS}"


def edits_of(actions: tuple[str, ...]) -> Iterator[str]:
    """Yield those of the actions that change what a principal may do."""
    return (action for action in actions if action in CHANGES)


def _limits(subject: Member) -> tuple[str, ...]:
    """Return the boundary as a condition key has it; no value means absent."""
    return () if subject.boundary is None else (subject.boundary,)
