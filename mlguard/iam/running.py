"""Paths that run code under another role: a role is passed to a service, or is there already."""

from collections.abc import Iterator
from typing import Final

from mlguard.data.escalation_paths import EscalationPath, On
from mlguard.iam.account import Host
from mlguard.iam.chain import Certainty, Escalation, Step, unique
from mlguard.iam.gains import Gain
from mlguard.iam.passing import PASS, Passing, step
from mlguard.iam.powers import at_home
from mlguard.iam.roster import NOBODY, Some, places
from mlguard.iam.terrain import Actor, Terrain

_LACKS: Final = {
    "identity-pool": "an identity pool exists that the caller can sign in to",
    "identity-center-assignment": "the caller has a permission set of IAM Identity Center",
    "instance-to-work-on": "an instance runs on which the caller can run commands",
    "policy-version": "another version of the policy allows more",
}


class Running:
    """Who can run code under which role."""

    def __init__(self, terrain: Terrain) -> None:
        self._terrain = terrain
        self._passing = Passing(terrain)
        self._making: dict[tuple[int, str], Step | None] = {}
        self._masks: dict[str, int] = {}
        self._made: dict[int, tuple[int, int, int]] = {}
        self._worth: dict[tuple[int, tuple[str, ...], str], bool] = {}

    def candidates(self, actor: Actor, path: EscalationPath) -> Some:
        """Return the roles that the actor may pass and the path's services may use."""
        found, made = NOBODY, self._passing.made(actor, path)
        for service in path.services:
            found |= self._passing.roles(actor, service, made)
        found = found.within(~actor.own)
        if not found.maybe:
            return NOBODY
        needed = self._needed(path)
        can, surely = self._makes(actor, needed)
        if needed & ~can:
            return NOBODY
        sure = not (path.inferred or path.lacks or needed & ~surely)
        return found if sure else found.unsure()

    def _needed(self, path: EscalationPath) -> int:
        """Return the actions of the path on what is made, or was not read."""
        found = self._masks.get(path.id)
        if found is None:
            names = (action for action in path.actions if action != PASS)
            found = self._masks[path.id] = self._terrain.foresight.mask(names)
        return found

    def _makes(self, actor: Actor, needed: int) -> tuple[int, int]:
        """Return which of the actions the actor may use on something, and which surely."""
        profile = self._terrain.profile(actor)
        asked, can, surely = self._made.get(profile, (0, 0, 0))
        if needed & ~asked:
            foresight = self._terrain.foresight
            for action in foresight.names(needed & ~asked):
                making = self._make(actor, action)
                if making is not None:
                    can |= foresight.bit(action)
                    surely |= 0 if making.conditions else foresight.bit(action)
            self._made[profile] = (asked | needed, can, surely)
        return can, surely

    def passed(self, actor: Actor, path: EscalationPath, place: int) -> Escalation | None:
        """Return how the actor runs code under the role at that place, None if it cannot."""
        role, made = self._terrain.actors[place], self._passing.made(actor, path)
        for service in path.services:
            found = self._passing.steps(actor, service, made, place)
            if found is not None:
                steps = (found[0], *self._rest(actor, path), found[1])
                return outcome(actor, path, steps, role.arn, admin=role.effective.administrator)
        return None

    def _make(self, actor: Actor, action: str) -> Step | None:
        """Return the step on something that the actor likes to make or use, if it may."""
        key = (self._terrain.profile(actor), action)
        if key not in self._making:
            found = self._terrain.powers.some(actor.effective, action)
            self._making[key] = None if found is None else step(action, None, found)
        return self._making[key]

    def hosted(self, actor: Actor, path: EscalationPath) -> Iterator[tuple[int, Escalation]]:
        """Yield the known hosts that the actor can use, each with the place of its role."""
        terrain = self._terrain
        for host in terrain.view.hosts:
            place = terrain.roster.places.get(host.role)
            if host.kind != path.host or place is None or place == actor.place:
                continue
            steps = self._through(actor, path, host)
            if steps is not None:
                role = terrain.actors[place]
                admin = role.effective.administrator
                yield place, outcome(actor, path, steps, host.arn, admin=admin)

    def unread(self, actor: Actor, path: EscalationPath) -> Escalation | None:
        """Return the path through a host that nobody has read, if one could be worth it."""
        view = self._terrain.view
        if path.host in view.hosts_read and view.whole:
            return None
        needed = self._needed(path)
        if needed & ~self._makes(actor, needed)[0] or not self._worth_it(actor, path.services):
            return None
        steps = tuple(self._rest(actor, path))
        note = f"a resource ({path.host}) runs with a role that may do more: none was read"
        found = outcome(actor, path, steps, None, admin=False)
        return weakened(found, note)

    def into_unread(self, actor: Actor, path: EscalationPath) -> Escalation | None:
        """Return the path into a role that is missing from the view, if any is missing."""
        if self._terrain.view.whole or not path.on(On.PASSED_ROLE):
            return None
        passing = self._terrain.powers.some(actor.effective, PASS)
        steps = tuple(self._rest(actor, path))
        if passing is None or len(steps) < len(path.needs) - 1:
            return None
        steps = (step(PASS, None, passing), *steps)
        found = outcome(actor, path, steps, None, admin=False)
        return weakened(found, "a role that was not read may do more")

    def without_target(self, actor: Actor, path: EscalationPath) -> Escalation | None:
        """Return a path whose target is outside of IAM, and so not known."""
        steps = tuple(self._rest(actor, path))
        if len(steps) < len(path.needs):
            return None
        return outcome(actor, path, steps, None, admin=False)

    def _worth_it(self, actor: Actor, services: tuple[str, ...]) -> bool:
        """Return whether a role that these services may use has more than the actor."""
        terrain, account = self._terrain, actor.principal.account
        if not terrain.view.whole:
            return True
        key = (id(actor.effective.permissions), services, account)
        found = self._worth.get(key)
        if found is None:
            roles = terrain.trusts.services(services).maybe & terrain.roles.get(account, 0)
            found = self._worth[key] = any(
                terrain.gains.between(actor.effective, terrain.actors[place].effective)
                is not Gain.NONE
                for place in places(roles & ~actor.own)
            )
        return found

    def _rest(self, actor: Actor, path: EscalationPath) -> Iterator[Step]:
        """Yield the steps on what the actor makes, or on what nobody has read."""
        for action in path.actions:
            found = None if action == PASS else self._make(actor, action)
            if found is not None:
                yield found

    def _through(self, actor: Actor, path: EscalationPath, host: Host) -> tuple[Step, ...] | None:
        steps: list[Step] = []
        around = at_home(actor.principal)
        for need in path.needs:
            if need.on is On.HOST:
                may = self._terrain.powers.on(actor.effective, need.action, host.arn, around)
                found = None if may is None else step(need.action, host.arn, may)
            else:
                found = self._make(actor, need.action)
            if found is None:
                return None
            steps.append(found)
        return tuple(steps)


def outcome(
    actor: Actor, path: EscalationPath, steps: tuple[Step, ...], target: str | None, *, admin: bool
) -> Escalation:
    """Return the escalation that the steps make, as sure as the least sure of them."""
    conditions: tuple[str, ...] = ()
    if any(one.conditions for one in steps):
        conditions = unique(condition for one in steps for condition in one.conditions)
    if path.inferred:
        services = " or ".join(path.services)
        conditions = (*conditions, f"roles are passed to {services}, as no document says")
    found = Escalation(
        path=path.id,
        actions=path.actions,
        certainty=Certainty.CONDITIONAL if conditions else Certainty.PROVED,
        target=target,
        steps=steps,
        conditions=conditions,
        admin=admin,
    )
    if path.lacks is not None:
        found = weakened(found, _LACKS[path.lacks])
    if actor.effective.permissions.unread:
        found = weakened(found, "its policies that were not read deny nothing of it")
    return found


def weakened(found: Escalation, condition: str) -> Escalation:
    """Return the escalation as one that is but possible, for what was not read."""
    return Escalation(
        path=found.path,
        actions=found.actions,
        certainty=Certainty.POSSIBLE,
        target=found.target,
        steps=found.steps,
        conditions=unique((*found.conditions, condition)),
        admin=found.admin,
    )
