"""Paths that run code under another role: a role is passed to a service, or is there already."""

from collections.abc import Iterator
from typing import Final

from mlguard.data.escalation_paths import EscalationPath, Need, On
from mlguard.iam.escalation.account import Host
from mlguard.iam.escalation.chain import Escalation, Step
from mlguard.iam.escalation.commanding import Commanding, Sent
from mlguard.iam.escalation.gains import Gain
from mlguard.iam.escalation.means import PASS, Means
from mlguard.iam.escalation.passing import Passing
from mlguard.iam.escalation.powers import at_home
from mlguard.iam.escalation.roster import NOBODY, Some, places
from mlguard.iam.escalation.terrain import Actor, Terrain

# An ARN: arn, partition, service, region, account, resource.
_REGION: Final = 3
_ANYWHERE: Final = "*"


class Running:
    """Who can run code under which role."""

    def __init__(self, terrain: Terrain) -> None:
        self._terrain = terrain
        self._passing = Passing(terrain)
        self._commanding = Commanding(terrain)
        self._masks: dict[tuple[str, ...], int] = {}
        self._worth: dict[tuple[int, tuple[str, ...], str], bool] = {}
        self._means: Means | None = None

    def candidates(self, actor: Actor, path: EscalationPath) -> Some:
        """Return the roles that the actor may pass and the path's services may use."""
        means = self._means_of(actor)
        found = self._passing.roles(means, path)
        if not found.maybe:
            return NOBODY
        needed = self._needed(path)
        can, surely = means.makes(needed)
        if needed & ~can or not means.on_one(path):
            return NOBODY
        sure = not (path.inferred or path.lacks or needed & ~surely)
        return found if sure else found.unsure()

    def passed(self, actor: Actor, path: EscalationPath, place: int) -> Escalation | None:
        """Return how the actor runs code under the role at that place, None if it cannot."""
        role, made = self._terrain.actors[place], self._passing.made(actor, path)
        for service in path.services:
            found = self._passing.steps(actor, service, made, place)
            if found is not None:
                steps = (found[0], *self._means_of(actor).rest(path), found[1])
                return self._reached(actor, path, steps, role.arn, by=role)
        return None

    def hosted(self, actor: Actor, path: EscalationPath) -> Iterator[tuple[int, Escalation]]:
        """Yield the known hosts that the actor can use, each with the place of its role."""
        terrain = self._terrain
        for host in terrain.view.hosts:
            place = terrain.roster.places.get(host.role)
            if host.kind != path.host or place is None or place == actor.place:
                continue
            found = self._through(actor, path.on_stopped if host.stopped else path, host)
            if found is not None:
                yield place, found

    def unread(self, actor: Actor, path: EscalationPath) -> Escalation | None:
        """Return the path through a host that nobody has read, if one could be worth it."""
        view = self._terrain.view
        if path.host in view.hosts_read and view.whole:
            return None
        means = self._means_of(actor)
        way = next((one for one in (path, path.on_stopped) if self._may(means, one)), None)
        if way is None or not self._worth_it(actor, path.services):
            return None
        steps = means.rest(way)
        if way.document is not None:
            sent = self._commanding.sent(actor, way.document, _ANYWHERE)
            if sent is None:
                return None
            steps = (*steps, sent.step)
        found = self._reached(actor, way, steps, None)
        note = f"a resource ({path.host}) that was not read runs with a role that may do more"
        return self._terrain.outcomes.weakened(found, note)

    def into_unread(self, actor: Actor, path: EscalationPath) -> Escalation | None:
        """Return the path into a role that is missing from the view, if any is missing."""
        if self._terrain.view.whole or not path.on(On.PASSED_ROLE):
            return None
        means = self._means_of(actor)
        passing, rest = means.step(PASS), means.rest(path)
        if passing is None or len(rest) < len(path.needs) - 1:
            return None
        found = self._reached(actor, path, (passing, *rest), None)
        return self._terrain.outcomes.weakened(found, "a role that was not read may do more")

    def without_target(self, actor: Actor, path: EscalationPath) -> Escalation | None:
        """Return a path whose target is outside of IAM, and so not known."""
        means = self._means_of(actor)
        steps = means.rest(path)
        if len(steps) < len(path.needs) or not means.on_one(path):
            return None
        return self._reached(actor, path, steps, None)

    def _means_of(self, actor: Actor) -> Means:
        # Actors are looked at one after another: what is known of one serves while its turn lasts.
        if self._means is None or self._means.actor is not actor:
            self._means = Means(actor, self._terrain)
        return self._means

    def _needed(self, path: EscalationPath) -> int:
        """Return the actions of the path on what is made, or was not read."""
        found = self._masks.get(path.actions)
        if found is None:
            names = (action for action in path.actions if action != PASS)
            found = self._masks[path.actions] = self._terrain.foresight.mask(names)
        return found

    def _reached(
        self,
        actor: Actor,
        path: EscalationPath,
        steps: tuple[Step, ...],
        target: str | None,
        *,
        by: Actor | None = None,
    ) -> Escalation:
        """Return the escalation into the target, which is or runs with the role `by`."""
        admin = by is not None and by.effective.administrator
        return self._terrain.outcomes.reached(path, steps, target, admin=admin, unread=actor.unread)

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

    def _may(self, means: Means, path: EscalationPath) -> bool:
        """Return whether the actor may use all actions of the path on something."""
        needed = self._needed(path)
        return not needed & ~means.makes(needed)[0] and means.on_one(path)

    def _through(self, actor: Actor, path: EscalationPath, host: Host) -> Escalation | None:
        """Return how the actor uses the host, None if it cannot."""
        steps: list[Step] = []
        for need in path.needs:
            found = self._use(actor, need, host)
            if found is None:
                return None
            steps.append(found)
        sent: Sent | None = None
        if path.document is not None:
            sent = self._commanding.sent(actor, path.document, host.arn.split(":")[_REGION])
            if sent is None:
                return None
            steps.append(sent.step)
        role = self._terrain.actors[self._terrain.roster.places[host.role]]
        reached = self._reached(actor, path, tuple(steps), host.arn, by=role)
        if sent is None or sent.doubt is None:
            return reached
        return self._terrain.outcomes.weakened(reached, sent.doubt)

    def _use(self, actor: Actor, need: Need, host: Host) -> Step | None:
        """Return the request of one need, on the host or on what belongs to it."""
        if need.on not in (On.HOST, On.SCRIPT):
            return self._means_of(actor).step(need.action)
        resource = host.arn if need.on is On.HOST else host.script
        if resource is None:
            return None
        terrain, around = self._terrain, at_home(actor.principal)
        may = terrain.powers.on(actor.effective, need.action, resource, around)
        return None if may is None else terrain.outcomes.step(need.action, resource, may)
