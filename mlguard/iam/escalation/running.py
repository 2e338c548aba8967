"""Paths that run code under another role: a role is passed to a service, or is there already."""

from collections.abc import Iterable, Iterator
from typing import NamedTuple

from mlguard.data.escalation_paths import EscalationPath, On
from mlguard.iam.escalation.chain import Certainty, Escalation, Step
from mlguard.iam.escalation.gains import Gain
from mlguard.iam.escalation.hosting import Hosting
from mlguard.iam.escalation.kin import Kin, kin_of
from mlguard.iam.escalation.means import PASS, Means, Used
from mlguard.iam.escalation.passing import Passing
from mlguard.iam.escalation.roster import NOBODY, Some, places
from mlguard.iam.escalation.terrain import Actor, Terrain


class _Runs(NamedTuple):
    """What is known so far of those who can pass, and make or use, the same.

    By the ids of paths: under which roles they can run code; how, by the place of the role; and
    how under the strongest, if that is an administrator.
    """

    passing: Passing
    means: Means
    roles: dict[str, Some]
    under: dict[tuple[str, int], Escalation | None]
    first: dict[str, Escalation | None]


class Running:
    """Who can run code under which role."""

    def __init__(self, terrain: Terrain, paths: Iterable[EscalationPath]) -> None:
        self._terrain = terrain
        self._hosting = Hosting(terrain)
        self._masks: dict[tuple[str, ...], int] = {}
        self._worth: dict[tuple[int, tuple[str, ...], str], bool] = {}
        self._kin = kin_of(paths, terrain.foresight)
        self._means: dict[int | tuple[int, str], Means] = {}
        self._passing: dict[int, Passing] = {}
        self._runs: dict[tuple[int, int | tuple[int, str]], _Runs] = {}
        # Of the actor of the moment, by kin.
        self._actor: Actor | None = None
        self._at_hand: dict[Kin, _Runs] = {}

    def candidates(self, actor: Actor, path: EscalationPath) -> Some:
        """Return the roles that the actor may pass and the path's services may use."""
        runs = self._runs_of(actor, path)
        found = runs.roles.get(path.id)
        if found is None:
            found = runs.roles[path.id] = self._candidates(runs, path)
        return found.within(~actor.own) if found.maybe & actor.own else found

    def _candidates(self, runs: _Runs, path: EscalationPath) -> Some:
        found, means = runs.passing.roles(path), runs.means
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

    def administrator(self, actor: Actor, path: EscalationPath) -> Escalation | None:
        """Return how the actor, who is none, surely runs code under an administrator, if it can.

        None does not say that it cannot.
        """
        runs = self._runs_of(actor, path)
        if path.id not in runs.first:
            runs.first[path.id] = self._administrator(actor, runs, path)
        return runs.first[path.id]

    def _administrator(self, actor: Actor, runs: _Runs, path: EscalationPath) -> Escalation | None:
        first = next(places(runs.roles[path.id].sure & self._terrain.administrators), None)
        found = None if first is None else self.passed(actor, path, first)
        return found if found is not None and found.certainty is Certainty.PROVED else None

    def passed(self, actor: Actor, path: EscalationPath, place: int) -> Escalation | None:
        """Return how the actor runs code under the role at that place, None if it cannot."""
        runs = self._runs_of(actor, path)
        key = (path.id, place)
        if key not in runs.under:
            runs.under[key] = self._passed(runs, path, place)
        return runs.under[key]

    def _passed(self, runs: _Runs, path: EscalationPath, place: int) -> Escalation | None:
        means = runs.means
        hosted = path.host is not None
        used = self._changed(means, path) if hosted else Used(means.rest(path), path)
        if used is None:
            return None
        role, passing = self._terrain.actors[place], runs.passing
        made = passing.made(used.path)
        for service in path.services:
            found = passing.steps(service, made, place)
            if found is not None:
                steps = (found[0], *used.steps, found[1])
                reached = self._reached(means.actor, used.path, steps, role.arn, by=role)
                return self._doubted(reached, used.doubt)
        return None

    def doubts(self, actor: Actor, path: EscalationPath) -> bool:
        """Return whether the path is but possible for the actor, whatever role it passes."""
        if path.host is None or not path.on(On.PASSED_ROLE):
            return path.lacks is not None
        changed = self._changed(self._means_of(actor, path), path)
        return changed is not None and changed.doubt is not None

    def hosted(self, actor: Actor, path: EscalationPath) -> Iterator[tuple[int, Escalation]]:
        """Yield the known hosts that the actor can use, each with the place of its role."""
        terrain, means = self._terrain, self._means_of(actor, path)
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
        means = self._means_of(actor, path)
        if path.id not in means.unread:
            means.unread[path.id] = self._unread(means, path)
        used = means.unread[path.id]
        if used is None or not self._worth_it(actor, path.services):
            return None
        found = self._reached(actor, used.path, used.steps, None)
        note = f"a resource ({path.host}) that was not read runs with a role that may do more"
        return self._doubted(found, note)

    def into_unread(self, actor: Actor, path: EscalationPath) -> Escalation | None:
        """Return the path into a role that is missing from the view, if any is missing."""
        if self._terrain.view.whole or not path.on(On.PASSED_ROLE):
            return None
        passing = self._terrain.powers.some(actor.effective, PASS)
        rest = self._means_of(actor, path).rest(path)
        if passing is None or len(rest) < len(path.needs) - 1:
            return None
        first = self._terrain.outcomes.step(PASS, None, passing)
        found = self._reached(actor, path, (first, *rest), None)
        return self._terrain.outcomes.weakened(found, "a role that was not read may do more")

    def without_target(self, actor: Actor, path: EscalationPath) -> Escalation | None:
        """Return a path whose target is outside of IAM, and so not known."""
        means = self._means_of(actor, path)
        steps = means.rest(path)
        if len(steps) < len(path.needs) or not means.on_one(path):
            return None
        return self._reached(actor, path, steps, None)

    def _means_of(self, actor: Actor, path: EscalationPath) -> Means:
        return self._runs_of(actor, path).means

    def _runs_of(self, actor: Actor, path: EscalationPath) -> _Runs:
        # Actors are looked at one after another: what was found serves while the turn of one lasts.
        if self._actor is not actor:
            self._actor, self._at_hand = actor, {}
        kin = self._kin[path.id]
        found = self._at_hand.get(kin)
        if found is None:
            found = self._at_hand[kin] = self._runs_about(actor, kin)
        return found

    def _runs_about(self, actor: Actor, kin: Kin) -> _Runs:
        terrain = self._terrain
        passing = terrain.profile(actor, terrain.foresight.bit(PASS))
        means: int | tuple[int, str] = terrain.profile(actor, kin.about)
        if kin.documents:
            # Statements about documents bear on it, which are about no action of a path.
            means = (id(actor.effective.permissions), actor.principal.account)
        key = (passing, means)
        found = self._runs.get(key)
        if found is None:
            if passing not in self._passing:
                self._passing[passing] = Passing(actor, terrain)
            if means not in self._means:
                self._means[means] = Means(actor, kin.about, terrain)
            both = (self._passing[passing], self._means[means])
            found = self._runs[key] = _Runs(*both, roles={}, under={}, first={})
        return found

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
