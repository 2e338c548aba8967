"""Paths that run code under another role: a role is passed to a service, or is there already."""

from collections.abc import Iterator

from mlguard.data.escalation_paths import EscalationPath, On
from mlguard.iam.escalation.account import Host
from mlguard.iam.escalation.chain import Escalation, Step
from mlguard.iam.escalation.gains import Gain
from mlguard.iam.escalation.means import PASS, Means
from mlguard.iam.escalation.passing import Passing
from mlguard.iam.escalation.powers import at_home
from mlguard.iam.escalation.roster import NOBODY, Some, places
from mlguard.iam.escalation.terrain import Actor, Terrain


class Running:
    """Who can run code under which role."""

    def __init__(self, terrain: Terrain) -> None:
        self._terrain = terrain
        self._passing = Passing(terrain)
        self._masks: dict[str, int] = {}
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
            steps = self._through(actor, path, host)
            if steps is not None:
                yield place, self._reached(actor, path, steps, host.arn, by=terrain.actors[place])

    def unread(self, actor: Actor, path: EscalationPath) -> Escalation | None:
        """Return the path through a host that nobody has read, if one could be worth it."""
        view = self._terrain.view
        if path.host in view.hosts_read and view.whole:
            return None
        means, needed = self._means_of(actor), self._needed(path)
        if needed & ~means.makes(needed)[0] or not means.on_one(path):
            return None
        if not self._worth_it(actor, path.services):
            return None
        found = self._reached(actor, path, means.rest(path), None)
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
        found = self._masks.get(path.id)
        if found is None:
            names = (action for action in path.actions if action != PASS)
            found = self._masks[path.id] = self._terrain.foresight.mask(names)
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

    def _through(self, actor: Actor, path: EscalationPath, host: Host) -> tuple[Step, ...] | None:
        steps: list[Step] = []
        terrain, means = self._terrain, self._means_of(actor)
        around = at_home(actor.principal)
        for need in path.needs:
            if need.on is On.HOST:
                may = terrain.powers.on(actor.effective, need.action, host.arn, around)
                found = None if may is None else terrain.outcomes.step(need.action, host.arn, may)
            else:
                found = means.step(need.action)
            if found is None:
                return None
            steps.append(found)
        return tuple(steps)
