"""Paths that run code under another role: a role is passed to a service, or is there already."""

from collections.abc import Iterable, Iterator
from typing import NamedTuple

from mlguard.data.escalation_paths import EscalationPath, On
from mlguard.iam.escalation.account import Host
from mlguard.iam.escalation.chain import Certainty, Escalation, Step
from mlguard.iam.escalation.foresight import Foresight
from mlguard.iam.escalation.gains import Gain
from mlguard.iam.escalation.means import PASS, Means
from mlguard.iam.escalation.passing import Passing
from mlguard.iam.escalation.powers import at_home
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
        self._masks: dict[str, int] = {}
        self._worth: dict[tuple[int, tuple[str, ...], str], bool] = {}
        self._kin = _kin(paths, terrain.foresight)
        self._means: dict[int, Means] = {}
        self._passing: dict[int, Passing] = {}
        self._runs: dict[tuple[int, int], _Runs] = {}
        # Of the actor of the moment, by kin.
        self._actor: Actor | None = None
        self._at_hand: dict[int, _Runs] = {}

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
        role, passing = self._terrain.actors[place], runs.passing
        made = passing.made(path)
        for service in path.services:
            found = passing.steps(service, made, place)
            if found is not None:
                steps = (found[0], *runs.means.rest(path), found[1])
                return self._reached(runs.means.actor, path, steps, role.arn, by=role)
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
        means = self._means_of(actor, path)
        if path.id not in means.unread:
            means.unread[path.id] = self._unread(means, path)
        found = means.unread[path.id]
        return found if found is not None and self._worth_it(actor, path.services) else None

    def _unread(self, means: Means, path: EscalationPath) -> Escalation | None:
        needed = self._needed(path)
        if needed & ~means.makes(needed)[0] or not means.on_one(path):
            return None
        found = self._reached(means.actor, path, means.rest(path), None)
        note = f"a resource ({path.host}) that was not read runs with a role that may do more"
        return self._terrain.outcomes.weakened(found, note)

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
        about = self._kin[path.id]
        found = self._at_hand.get(about)
        if found is None:
            found = self._at_hand[about] = self._runs_about(actor, about)
        return found

    def _runs_about(self, actor: Actor, about: int) -> _Runs:
        terrain = self._terrain
        passing = terrain.profile(actor, terrain.foresight.bit(PASS))
        means = terrain.profile(actor, about)
        key = (passing, means)
        found = self._runs.get(key)
        if found is None:
            if passing not in self._passing:
                self._passing[passing] = Passing(actor, terrain)
            if means not in self._means:
                self._means[means] = Means(actor, about, terrain)
            both = (self._passing[passing], self._means[means])
            found = self._runs[key] = _Runs(*both, roles={}, under={}, first={})
        return found

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
        terrain, means = self._terrain, self._means_of(actor, path)
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


def _kin(paths: Iterable[EscalationPath], foresight: Foresight) -> dict[str, int]:
    """Return by the id of each path the actions of all paths through the same services.

    Beside the passing of roles. So whoever has the same to say of one service shares what is
    known of it, whatever else it may.
    """
    kin: dict[frozenset[str], list[str]] = {}
    of: dict[str, frozenset[str]] = {}
    for path in paths:
        actions = [action for action in path.actions if action != PASS]
        of[path.id] = frozenset(action.partition(":")[0] for action in actions)
        kin.setdefault(of[path.id], []).extend(actions)
    masks = {services: foresight.mask(actions) for services, actions in kin.items()}
    return {name: masks[services] for name, services in of.items()}
