"""Edits of policies, groups and boundaries: of a principal by itself, and of others by it."""

from collections.abc import Iterable, Iterator
from typing import Final, NamedTuple

from mlguard.data.escalation_paths import EscalationPath, On
from mlguard.iam.escalation.account import Team
from mlguard.iam.escalation.chain import Escalation, Step
from mlguard.iam.escalation.editing import DETACHES, LEAVES, REMOVES, SWITCHES, Edit, Editing
from mlguard.iam.escalation.gains import Gain
from mlguard.iam.escalation.powers import at_home
from mlguard.iam.escalation.terrain import Actor, Terrain, editable
from mlguard.iam.escalation.uplift import denies
from mlguard.iam.evaluation.policies import Carrier
from mlguard.iam.language.arn import account_of

_JOIN: Final = "iam:AddUserToGroup"
_NOT_ALL_READ: Final = "its policies were not all read"
_VERSIONS_UNREAD: Final = "another version of the policy allows more"
# Whether what is edited is a user.
_OF_USER: Final = {On.OWN_USER: True, On.OWN_ROLE: False}


class Growth(NamedTuple):
    """An edit that may make more of its subject: what is edited, and the steps before it."""

    target: str
    before: tuple[Step, ...]
    edit: Edit

    @property
    def steps(self) -> tuple[Step, ...]:
        """All steps, the edit itself the last of them."""
        return (*self.before, self.edit.step)


class Growing:
    """What a principal can make of itself, and of others."""

    def __init__(self, terrain: Terrain, editing: Editing) -> None:
        self._terrain = terrain
        self._editing = editing
        self._in_vain: dict[int, bool] = {}

    def best(self, actor: Actor, path: EscalationPath) -> Escalation | None:
        """Return the best that the path makes of the actor, None if it gains nothing."""
        (need,) = path.needs
        if need.action not in REMOVES and need.on is not On.OWN_POLICY and self._has_all(actor):
            return None
        best: Escalation | None = None
        for growth in self.edits(actor, path, actor):
            found = self._escalation(actor, path, growth)
            if found is None:
                continue
            if best is None or _worth(found) > _worth(best):
                best = found
            if best.admin and best.certainty == max(type(best.certainty)):
                break
        return best

    def administrator(self, actor: Actor, path: EscalationPath) -> Escalation | None:
        """Return an edit of the path that makes an administrator of the actor, if there is one."""
        for growth in self.edits(actor, path, actor):
            if self._terrain.uplift.of(growth.edit.after).administrator:
                return self._escalation(actor, path, growth)
        return None

    def edits(self, actor: Actor, path: EscalationPath, subject: Actor) -> Iterator[Growth]:
        """Yield the edits of the subject on the path that the actor may make, worth it or not.

        IAM changes nothing in other accounts: the subject is in that of the actor.
        """
        (need,) = path.needs
        if need.action in REMOVES:
            return self._removals(actor, need.action, subject)
        match need.on:
            case On.OWN_POLICY:
                return self._policies(actor, need.action, subject)
            case On.OWN_GROUP:
                return self._groups(actor, need.action, subject)
            case On.GROUP:
                return self._joining(actor, subject)
            case _:
                return self._itself(actor, need.action, subject, of_user=_OF_USER[need.on])

    def subjects(self, actor: Actor, paths: Iterable[EscalationPath]) -> int:
        """Return the mask of those whom the actor may edit on the paths."""
        terrain, account = self._terrain, actor.principal.account
        users, roles = terrain.users.get(account, 0), terrain.roles.get(account, 0)
        around = at_home(actor.principal)
        found = 0
        for path in paths:
            (need,) = path.needs
            if need.on in _OF_USER:
                reached = terrain.powers.reached(actor.effective, need.action, around)
                found |= reached.maybe & (users if _OF_USER[need.on] else roles)
            elif need.on is On.OWN_POLICY:
                for policy, governed in terrain.governed.items():
                    if need.action == SWITCHES and not terrain.view.versions.get(policy):
                        continue
                    if self._editing.request(actor, need.action, policy) is not None:
                        found |= governed
            elif need.on is On.GROUP:
                found |= users if any(self._teams(actor, _JOIN)) else 0
            else:
                for team in self._teams(actor, need.action):
                    found |= terrain.crews.get(team.arn, 0)
        return found & (users | roles)

    def _has_all(self, actor: Actor) -> bool:
        """Return whether nothing that is added to the actor's policies gives it more.

        It has everything but what is denied it. Policies rewritten or taken away may take a
        deny with them.
        """
        found = self._in_vain.get(actor.place)
        if found is None:
            most = self._terrain.uplift.most(actor.member)
            gain = self._terrain.gains.between(actor.effective, most)
            found = self._in_vain[actor.place] = gain is Gain.NONE
        return found

    def _escalation(self, actor: Actor, path: EscalationPath, growth: Growth) -> Escalation | None:
        after = self._terrain.uplift.of(growth.edit.after)
        gain = self._terrain.gains.between(actor.effective, after)
        if gain is Gain.NONE:
            return None
        outcomes = self._terrain.outcomes
        found = outcomes.reached(
            path, growth.steps, growth.target, admin=after.administrator, unread=actor.unread
        )
        unread = _VERSIONS_UNREAD if SWITCHES in path.actions else _NOT_ALL_READ
        return found if gain is Gain.SURE else outcomes.weakened(found, unread)

    def _policies(self, actor: Actor, action: str, subject: Actor) -> Iterator[Growth]:
        """Yield the edits of policies that the subject has, attached or as its boundary."""
        member = subject.member
        bound = () if member.boundary is None else (member.boundary,)
        for policy in dict.fromkeys((*member.attached, *bound)):
            if not editable(policy) or account_of(policy) != actor.principal.account:
                continue
            if action == SWITCHES:
                for edit in self._editing.switched(actor, policy, member):
                    yield Growth(policy, (), edit)
                continue
            rewritten = self._editing.rewritten(actor, action, policy, member)
            if rewritten is not None:
                yield Growth(policy, (), rewritten)

    def _itself(
        self, actor: Actor, action: str, subject: Actor, *, of_user: bool
    ) -> Iterator[Growth]:
        if subject.is_user is of_user:
            for edit in self._editing.changes(actor, action, subject.arn, subject.member):
                yield Growth(subject.arn, (), edit)

    def _groups(self, actor: Actor, action: str, subject: Actor) -> Iterator[Growth]:
        """Yield the edits of groups in which the user is, or which it can be made to join."""
        if not subject.is_user:
            return
        for team in self._terrain.view.teams:
            before: tuple[Step, ...] = ()
            if team.arn not in subject.member.groups:
                joining = self._join(actor, team)
                if joining is None:
                    continue
                before = (joining,)
            for edit in self._editing.changes(actor, action, team.arn, subject.member):
                yield Growth(team.arn, before, edit)

    def _removals(self, actor: Actor, action: str, subject: Actor) -> Iterator[Growth]:
        """Yield what takes from the subject policies that deny it something."""
        for denying in filter(denies, subject.member.policies.identity):
            teams = [team for team in self._crews(subject) if _has(team, denying)]
            if action == LEAVES or "Group" in action:
                holders = [team.arn for team in teams]
            else:
                holders = (
                    [] if teams or subject.is_user is not ("User" in action) else [subject.arn]
                )
            managed = denying.name.startswith("arn:")
            if not holders or (action != LEAVES and managed is not (action in DETACHES)):
                continue
            # Only what is detached is named by its ARN.
            asked = (denying.name,) if managed else ()
            steps = [self._editing.request(actor, action, one, policyarn=asked) for one in holders]
            found = [step for step in steps if step is not None]
            # A policy that several groups have is gone when it is gone from all of them.
            if len(found) == len(steps):
                after = self._terrain.uplift.less(subject.member, denying)
                edit = Edit(step=found[-1], after=after)
                yield Growth(holders[-1], tuple(found[:-1]), edit)

    def _crews(self, subject: Actor) -> Iterator[Team]:
        return (team for team in self._terrain.view.teams if team.arn in subject.member.groups)

    def _joining(self, actor: Actor, subject: Actor) -> Iterator[Growth]:
        """Yield the groups that the user is not in and can be made to join."""
        if not subject.is_user:
            return
        for team in self._terrain.view.teams:
            joining = None if team.arn in subject.member.groups else self._join(actor, team)
            if joining is not None:
                after = self._terrain.uplift.joined(subject.member, team)
                yield Growth(team.arn, (), Edit(step=joining, after=after))

    def _join(self, actor: Actor, team: Team) -> Step | None:
        if account_of(team.arn) != actor.principal.account:
            return None
        return self._editing.request(actor, _JOIN, team.arn)

    def _teams(self, actor: Actor, action: str) -> Iterator[Team]:
        """Yield the groups on which the actor may do this."""
        for team in self._terrain.view.teams:
            here = account_of(team.arn) == actor.principal.account
            if here and self._editing.request(actor, action, team.arn) is not None:
                yield team


def _has(team: Team, policy: Carrier) -> bool:
    return any(one.name == policy.name and one.document == policy.document for one in team.policies)


def _worth(found: Escalation) -> tuple[int, bool]:
    return found.certainty, found.admin
