"""Paths that run code under another role: a role is passed to a service, or is there already."""

from collections.abc import Iterator

from mlguard.data.escalation_paths import EscalationPath, On
from mlguard.iam.escalation.chain import Escalation, Step
from mlguard.iam.escalation.gains import Gain
from mlguard.iam.escalation.hosting import Hosting
from mlguard.iam.escalation.means import PASS, Means, Used
from mlguard.iam.escalation.passing import Passing
from mlguard.iam.escalation.roster import NOBODY, Some, places
from mlguard.iam.escalation.terrain import Actor, Terrain


class Running:
    """Who can run code under which role."""

    def __init__(self, terrain: Terrain) -> None:
        self._terrain = terrain
        self._passing = Passing(terrain)
        self._hosting = Hosting(terrain)
        self._masks: dict[tuple[str, ...], int] = {}
        self._worth: dict[tuple[int, tuple[str, ...], str], bool] = {}
        self._means: Means | None = None

    def candidates(self, actor: Actor, path: EscalationPath) -> Some:
        """Return the roles that the actor may pass and the path's services may use."""
        means = self._means_of(actor)
        found = self._passing.roles(means, path)
        if not found.maybe:
            return NOBODY
        if path.host is not None:
            return found.unsure() if self._changed(means, path) else NOBODY
        needed = self._needed(path)
        can, surely = means.makes(needed)
        if needed & ~can or not means.on_one(path):
            return NOBODY
        sure = not (path.inferred or path.lacks or needed & ~surely)
        return found if sure else found.unsure()

    def passed(self, actor: Actor, path: EscalationPath, place: int) -> Escalation | None:
        """Return how the actor runs code under the role at that place, None if it cannot."""
        if path.host is not None:
            changed = self._changed(self._means_of(actor), path)
            if changed is None:
                return None
            found = self._passed(actor, changed.path, changed.steps, place)
            return found and self._doubted(found, changed.doubt)
        return self._passed(actor, path, None, place)

    def _passed(
        self, actor: Actor, path: EscalationPath, rest: tuple[Step, ...] | None, place: int
    ) -> Escalation | None:
        """Return how the actor passes the role; `rest` are the steps beside, if they are known."""
        role, made = self._terrain.actors[place], self._passing.made(actor, path)
        for service in path.services:
            found = self._passing.steps(actor, service, made, place)
            if found is not None:
                rest = self._means_of(actor).rest(path) if rest is None else rest
                return self._reached(actor, path, (found[0], *rest, found[1]), role.arn, by=role)
        return None

    def doubts(self, actor: Actor, path: EscalationPath) -> bool:
        """Return whether the path is but possible for the actor, whatever role it passes."""
        if path.host is None or not path.on(On.PASSED_ROLE):
            return path.lacks is not None
        changed = self._changed(self._means_of(actor), path)
        return changed is not None and changed.doubt is not None

    def hosted(self, actor: Actor, path: EscalationPath) -> Iterator[tuple[int, Escalation]]:
        """Yield the known hosts that the actor can use, each with the place of its role."""
        terrain, means = self._terrain, self._means_of(actor)
        for host in self._hosting.known(actor, path):
            place = terrain.roster.places.get(host.role)
            if place is None or place == actor.place:
                continue
            used = self._hosting.used(means, path, host)
            if used is not None:
                role = terrain.actors[place]
                reached = self._reached(actor, used.path, used.steps, host.arn, by=role)
                yield place, self._doubted(reached, used.doubt)

    def unread(self, actor: Actor, path: EscalationPath) -> Escalation | None:
        """Return the path through a host that nobody has read, if one could be worth it."""
        if self._hosting.all_read(path) and self._terrain.view.whole:
            return None
        used = self._unread(self._means_of(actor), path)
        if used is None or not self._worth_it(actor, path.services):
            return None
        found = self._reached(actor, used.path, used.steps, None)
        note = f"a resource ({path.host}) that was not read runs with a role that may do more"
        return self._doubted(found, note)

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

    def _changed(self, means: Means, path: EscalationPath) -> Used | None:
        """Return how the actor gives a host of the path another role, one not read if need be."""
        if path.id not in means.hosts:
            means.hosts[path.id] = self._change(means, path)
        return means.hosts[path.id]

    def _change(self, means: Means, path: EscalationPath) -> Used | None:
        known = self._hosting.changed(means, path)
        if known is not None or self._hosting.all_read(path):
            return known
        unread = self._unread(means, path)
        doubt = f"a resource ({path.host}), which was not read, is there to be changed"
        return None if unread is None else unread._replace(doubt=doubt)

    def _unread(self, means: Means, path: EscalationPath) -> Used | None:
        """Return the actor's requests on a host that nobody has read, None if there is no way."""
        for way in (path, path.on_stopped):
            needed = self._needed(way)
            if not needed & ~means.makes(needed)[0] and means.on_one(way):
                return self._hosting.unread(means, way)
        return None

    def _doubted(self, found: Escalation, doubt: str | None) -> Escalation:
        return found if doubt is None else self._terrain.outcomes.weakened(found, doubt)
