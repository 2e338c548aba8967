"""Paths by which a principal gives itself more: its policies, its groups, its boundary."""

from collections.abc import Iterator
from typing import Final, NamedTuple

from mlguard.data.escalation_paths import EscalationPath, On
from mlguard.iam.account import Team
from mlguard.iam.arn import account_of
from mlguard.iam.chain import Escalation, Step
from mlguard.iam.editing import Edit, Editing
from mlguard.iam.gains import Gain
from mlguard.iam.terrain import Actor, Terrain, editable

_JOIN: Final = "iam:AddUserToGroup"
_NOT_ALL_READ: Final = "its policies were not all read"
_OWN: Final = {On.OWN_USER: True, On.OWN_ROLE: False}


class Growth(NamedTuple):
    """An edit that makes more of the actor: what is edited, and the steps that lead there."""

    target: str
    before: tuple[Step, ...]
    edit: Edit

    @property
    def steps(self) -> tuple[Step, ...]:
        """All steps, the edit itself the last of them."""
        return (*self.before, self.edit.step)


class Growing:
    """What a principal can make of itself."""

    def __init__(self, terrain: Terrain, editing: Editing) -> None:
        self._terrain = terrain
        self._editing = editing

    def best(self, actor: Actor, path: EscalationPath) -> Escalation | None:
        """Return the best that the path makes of the actor, None if it gains nothing."""
        best: Escalation | None = None
        for growth in self.edits(actor, path):
            found = self._escalation(actor, path, growth)
            if found is None:
                continue
            if best is None or _worth(found) > _worth(best):
                best = found
            if best.admin and best.certainty == max(type(best.certainty)):
                break
        return best

    def edits(self, actor: Actor, path: EscalationPath) -> Iterator[Growth]:
        """Yield the edits of the path that the actor may make, whether it gains by them or not."""
        (need,) = path.needs
        match need.on:
            case On.OWN_POLICY:
                return self._own_policies(actor, need.action)
            case On.OWN_GROUP:
                return self._own_groups(actor, need.action)
            case On.GROUP:
                return self._other_groups(actor)
            case _:
                return self._itself(actor, need.action, _OWN[need.on])

    def _escalation(self, actor: Actor, path: EscalationPath, growth: Growth) -> Escalation | None:
        after = self._terrain.uplift.of(growth.edit.after)
        gain = self._terrain.gains.between(actor.effective, after)
        if gain is Gain.NONE:
            return None
        outcomes = self._terrain.outcomes
        found = outcomes.reached(
            path, growth.steps, growth.target, admin=after.administrator, unread=actor.unread
        )
        return found if gain is Gain.SURE else outcomes.weakened(found, _NOT_ALL_READ)

    def _own_policies(self, actor: Actor, action: str) -> Iterator[Growth]:
        member = actor.member
        bound = () if member.boundary is None else (member.boundary,)
        for policy in dict.fromkeys((*member.attached, *bound)):
            if not editable(policy) or account_of(policy) != actor.principal.account:
                continue
            edit = self._editing.rewritten(actor, action, policy, member)
            if edit is not None:
                yield Growth(policy, (), edit)

    def _itself(
        self,
        actor: Actor,
        action: str,
        of_user: bool,  # noqa: FBT001  # which kind it is for
    ) -> Iterator[Growth]:
        if actor.is_user is of_user:
            for edit in self._editing.changes(actor, action, actor.arn, actor.member):
                yield Growth(actor.arn, (), edit)

    def _own_groups(self, actor: Actor, action: str) -> Iterator[Growth]:
        """Yield the edits of groups in which the user is, or which it can join."""
        if not actor.is_user:
            return
        for team, steps in self._groups(actor):
            for edit in self._editing.changes(actor, action, team.arn, actor.member):
                yield Growth(team.arn, steps, edit)

    def _groups(self, actor: Actor) -> Iterator[tuple[Team, tuple[Step, ...]]]:
        for team in self._terrain.view.teams:
            if team.arn in actor.member.groups:
                yield team, ()
                continue
            if account_of(team.arn) == actor.principal.account:
                joining = self._editing.request(actor, _JOIN, team.arn)
                if joining is not None:
                    yield team, (joining,)

    def _other_groups(self, actor: Actor) -> Iterator[Growth]:
        if not actor.is_user:
            return
        for team, steps in self._groups(actor):
            if steps:
                (joining,) = steps
                after = self._terrain.uplift.joined(actor.member, team)
                yield Growth(team.arn, (), Edit(step=joining, after=after))


def _worth(found: Escalation) -> tuple[int, bool]:
    return found.certainty, found.admin
