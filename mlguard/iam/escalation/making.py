"""Paths that make a principal, give it more than one has, and become it."""

from collections.abc import Iterator
from typing import Final

from mlguard.data.escalation_paths import EscalationPath, On
from mlguard.iam.escalation.account import Member
from mlguard.iam.escalation.chain import Escalation, Step
from mlguard.iam.escalation.editing import ATTACHES, WRITES, Editing
from mlguard.iam.escalation.gains import Gain
from mlguard.iam.escalation.taking import Taking
from mlguard.iam.escalation.terrain import Actor, Terrain
from mlguard.iam.evaluation.policies import PolicySet

NEW: Final = (On.NEW_USER, On.NEW_ROLE, On.NEW_GROUP)
_BOUNDARY: Final = "iam:permissionsboundary"
_UNREAD: Final = "the policies of the caller were not all read"


class Making:
    """Who can make a principal that has more."""

    def __init__(self, terrain: Terrain, editing: Editing, taking: Taking) -> None:
        self._terrain = terrain
        self._editing = editing
        self._taking = taking

    def best(self, actor: Actor, path: EscalationPath) -> Escalation | None:
        """Return the best that the path makes, None if what it makes has no more than the actor.

        A principal of that name must not be there yet.
        """
        found: Escalation | None = None
        for name in self._terrain.powers.met(actor.effective, path.actions):
            if name in self._terrain.roster.places:
                continue
            for member, made in self._made(actor, path, name):
                way = self._way(actor, path, member, made)
                if way is not None and (found is None or _rank(way) > _rank(found)):
                    found = way
                if found is not None and found.admin and not found.conditions:
                    return found
        return found

    def _made(self, actor: Actor, path: EscalationPath, name: str) -> Iterator[tuple[Member, Step]]:
        """Yield what may be made: without a boundary, or with one that is asked for."""
        (create, *_) = path.actions
        if path.on(On.NEW_GROUP):
            step = self._editing.request(actor, create, name)
            if step is not None and actor.is_user:
                yield actor.member, step
            return
        known = self._terrain.policies(actor.principal.partition)
        asked = self._terrain.powers.asked(actor.effective, create, _BOUNDARY)
        for limit in (None, *(arn for arn in asked if arn in known)):
            limits = () if limit is None else (limit,)
            step = self._editing.request(
                actor, create, name, policy=limit, permissionsboundary=limits
            )
            if step is not None:
                boundaries = tuple(known[arn] for arn in limits)
                policies = PolicySet(boundaries=boundaries)
                yield Member(arn=name, policies=policies, boundary=limit), step

    def _way(
        self, actor: Actor, path: EscalationPath, member: Member, made: Step
    ) -> Escalation | None:
        name = made.resource or ""
        (action,) = (one for one in path.actions if one in WRITES | ATTACHES)
        edit = self._editing.change(actor, action, name, member, actor.effective)
        if edit is None:
            return None
        becoming = self._becoming(actor, path, member, name)
        after = self._terrain.uplift.of(edit.after)
        gain = self._terrain.gains.between(actor.effective, after)
        if becoming is None or gain is Gain.NONE:
            return None
        outcomes = self._terrain.outcomes
        found = outcomes.reached(
            path,
            (made, edit.step, becoming),
            None,
            admin=after.administrator,
            unread=actor.unread,
        )
        return found if gain is Gain.SURE else outcomes.weakened(found, _UNREAD)

    def _becoming(
        self, actor: Actor, path: EscalationPath, member: Member, name: str
    ) -> Step | None:
        if path.on(On.NEW_ROLE):
            # Whoever makes a role writes its trust policy: IAM API Reference, "CreateRole".
            return self._taking.invited(actor, member)
        return self._editing.request(actor, path.actions[-1], name)


def _rank(way: Escalation) -> tuple[int, bool]:
    return way.certainty, way.admin
