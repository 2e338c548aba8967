"""Edits of IAM that give a principal more: what each action changes, and what follows."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final

from mlguard.iam.escalation.account import Member
from mlguard.iam.escalation.chain import Step
from mlguard.iam.escalation.gains import Gain
from mlguard.iam.escalation.powers import at_home
from mlguard.iam.escalation.terrain import Actor, Terrain
from mlguard.iam.language.arn import account_of
from mlguard.iam.language.request import AWS_OWNED
from mlguard.iam.permissions.effective import Effective

_POLICY_ARN: Final = "iam:policyarn"
_ADMINISTRATOR_ACCESS: Final = "policy/AdministratorAccess"
WRITES: Final = frozenset({"iam:PutUserPolicy", "iam:PutRolePolicy", "iam:PutGroupPolicy"})
ATTACHES: Final = frozenset(
    {"iam:AttachUserPolicy", "iam:AttachRolePolicy", "iam:AttachGroupPolicy"}
)
UNBINDS: Final = frozenset(
    {"iam:DeleteUserPermissionsBoundary", "iam:DeleteRolePermissionsBoundary"}
)
REBINDS: Final = frozenset({"iam:PutUserPermissionsBoundary", "iam:PutRolePermissionsBoundary"})
# What puts another version of a policy in force.
SWITCHES: Final = "iam:SetDefaultPolicyVersion"
# What takes a policy, and so what it denies.
DETACHES: Final = frozenset(
    {"iam:DetachUserPolicy", "iam:DetachRolePolicy", "iam:DetachGroupPolicy"}
)
DELETES: Final = frozenset(
    {"iam:DeleteUserPolicy", "iam:DeleteRolePolicy", "iam:DeleteGroupPolicy"}
)
LEAVES: Final = "iam:RemoveUserFromGroup"
REMOVES: Final = DETACHES | DELETES | {LEAVES}
CHANGES: Final = WRITES | ATTACHES | UNBINDS | REBINDS


@dataclass(frozen=True, slots=True, kw_only=True)
class Edit:
    """An edit that may be made, and its subject as it is afterwards."""

    step: Step
    after: Member


class Editing:
    """Which edits an actor may make, and what comes of them."""

    def __init__(self, terrain: Terrain) -> None:
        self._terrain = terrain

    def request(
        self,
        actor: Actor,
        action: str,
        resource: str,
        *,
        policy: str | None = None,
        **known: tuple[str, ...],
    ) -> Step | None:
        """Return the request as a step, None if it cannot go through.

        `policy` is what is attached or made the boundary; `known` are keys of IAM's own, without
        prefix.
        """
        around = at_home(actor.principal, **known)
        found = self._terrain.powers.on(actor.effective, action, resource, around)
        if found is None:
            return None
        return self._terrain.outcomes.step(action, resource, found, policy=policy)

    def change(
        self, actor: Actor, action: str, on: str, subject: Member, worth: Effective
    ) -> Edit | None:
        """Return the first edit of `on` that makes more of the subject than is `worth`, if any.

        Where policies are there to choose from, that is: nothing gives more than what is written
        by hand, AWS's AdministratorAccess, or a boundary less.
        """
        most = (None, self._administrator(actor))
        for edit in self.changes(actor, action, on, subject):
            if edit.step.policy in most or self._gains(worth, edit):
                return edit
        return None

    def changes(self, actor: Actor, action: str, on: str, subject: Member) -> Iterator[Edit]:
        """Yield the edits of `on` that the actor may make, those that give most first."""
        uplift, limits = self._terrain.uplift, _limits(subject)
        if action in ATTACHES:
            yield from self._attachments(actor, action, on, subject)
        elif action in WRITES:
            step = self.request(actor, action, on, permissionsboundary=limits)
            if step is not None:
                yield Edit(step=step, after=uplift.free(subject))
        elif subject.boundary is None:
            return
        elif action in UNBINDS:
            step = self.request(actor, action, on, permissionsboundary=limits)
            if step is not None:
                yield Edit(step=step, after=uplift.unbound(subject))
        else:
            yield from self._other_boundaries(actor, action, on, subject)

    def rewritten(self, actor: Actor, action: str, policy: str, subject: Member) -> Edit | None:
        """Return the edit of a policy that the subject has, attached or as its boundary."""
        step = self.request(actor, action, policy)
        if step is None:
            return None
        uplift = self._terrain.uplift
        return Edit(step=step, after=uplift.rewritten(subject, policy, uplift.everything))

    def switched(self, actor: Actor, policy: str, subject: Member) -> Iterator[Edit]:
        """Yield the other versions of such a policy, each put in force.

        Those of a policy whose versions were not read may allow anything.
        """
        step = self.request(actor, SWITCHES, policy)
        if step is None:
            return
        uplift, versions = self._terrain.uplift, self._terrain.view.versions.get(policy)
        if versions is None:
            yield Edit(step=step, after=uplift.given_unread(subject))
            return
        for text in versions:
            yield Edit(step=step, after=uplift.rewritten(subject, policy, text))

    def _attachments(self, actor: Actor, action: str, on: str, subject: Member) -> Iterator[Edit]:
        """Yield the attachment of AWS's AdministratorAccess, or else of whatever may be."""
        uplift, limits = self._terrain.uplift, _limits(subject)
        best = self._administrator(actor)
        step = self.request(
            actor, action, on, policy=best, policyarn=(best,), permissionsboundary=limits
        )
        if step is not None:
            yield Edit(step=step, after=uplift.free(subject))
            return
        if self.request(actor, action, on, permissionsboundary=limits) is None:
            return
        known = self._terrain.policies(actor.principal.partition)
        for arn, carrier in known.items():
            if arn in subject.attached:
                continue
            step = self.request(
                actor, action, on, policy=arn, policyarn=(arn,), permissionsboundary=limits
            )
            if step is not None:
                yield Edit(step=step, after=uplift.given(subject, (carrier,), attached=(arn,)))
        for arn in self._of_aws(actor, action):
            if arn in known:
                continue
            step = self.request(
                actor, action, on, policy=arn, policyarn=(arn,), permissionsboundary=limits
            )
            if step is not None:
                yield Edit(step=step, after=uplift.given_unread(subject))

    def _of_aws(self, actor: Actor, action: str) -> Iterator[str]:
        """Yield policies of AWS that a condition names, and one in place of all others."""
        named = self._terrain.powers.asked(actor.effective, action, _POLICY_ARN)
        yield from (value for value in named if account_of(value) == AWS_OWNED)
        yield f"arn:{actor.principal.partition}:iam::{AWS_OWNED}:policy/any-that-was-not-read"

    def _other_boundaries(
        self, actor: Actor, action: str, on: str, subject: Member
    ) -> Iterator[Edit]:
        """Yield the exchange of the boundary for AdministratorAccess, or for what else may be."""
        uplift, best = self._terrain.uplift, self._administrator(actor)
        step = self.request(actor, action, on, policy=best, permissionsboundary=(best,))
        if step is not None:
            yield Edit(step=step, after=uplift.unbound(subject, uplift.everything))
            return
        if self.request(actor, action, on) is None:
            return
        for arn, carrier in self._terrain.policies(actor.principal.partition).items():
            if arn == subject.boundary:
                continue
            step = self.request(actor, action, on, policy=arn, permissionsboundary=(arn,))
            if step is not None:
                yield Edit(step=step, after=uplift.unbound(subject, carrier))

    def _gains(self, worth: Effective, edit: Edit) -> bool:
        after = self._terrain.uplift.of(edit.after)
        return self._terrain.gains.between(worth, after) is not Gain.NONE

    def _administrator(self, actor: Actor) -> str:
        return f"arn:{actor.principal.partition}:iam::aws:{_ADMINISTRATOR_ACCESS}"


def edits_of(actions: tuple[str, ...]) -> Iterator[str]:
    """Yield those of the actions that change what a principal may do."""
    return (action for action in actions if action in CHANGES)


def _limits(subject: Member) -> tuple[str, ...]:
    """Return the boundary as a condition key has it; no value means absent."""
    return () if subject.boundary is None else (subject.boundary,)
