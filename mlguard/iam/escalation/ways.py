"""The ways open to one principal: what it can do by itself, and whom it can become."""

from collections.abc import Callable, Iterable
from typing import Final, NamedTuple, TypeAlias

from mlguard.data.escalation_paths import EscalationPath, On
from mlguard.iam.escalation.chain import Certainty, Escalation
from mlguard.iam.escalation.editing import Editing, edits_of
from mlguard.iam.escalation.gains import Gain
from mlguard.iam.escalation.growing import Growing
from mlguard.iam.escalation.making import NEW, Making
from mlguard.iam.escalation.reaching import Move
from mlguard.iam.escalation.roster import Some, places
from mlguard.iam.escalation.running import Running
from mlguard.iam.escalation.taking import Taking
from mlguard.iam.escalation.terrain import Actor, Terrain
from mlguard.iam.permissions.effective import Effective

_ASSUME: Final = "sts:AssumeRole"
_OWN: Final = frozenset({On.OWN_POLICY, On.OWN_USER, On.OWN_ROLE, On.OWN_GROUP, On.GROUP})
_UNREAD: Final = "the target has what it may do in policies that were not read"

_Candidates: TypeAlias = Callable[[Actor, EscalationPath], Some]


class Found(NamedTuple):
    """Whom the principal may become, and what it gains by itself: the best of each path."""

    moves: tuple[Move, ...]
    direct: tuple[Escalation, ...]


class _Way(NamedTuple):
    """A path as it is searched: what it needs, whom it may lead to, whether it changes policies."""

    path: EscalationPath
    needed: int
    candidates: _Candidates | None
    edits: bool


class _InVain:
    """Those from whom the actor of the moment gains nothing, as they are or as it edits them."""

    def __init__(self) -> None:
        self._actor: Actor | None = None
        self._as_they_are = self._edited = 0

    def without(self, actor: Actor, way: _Way, targets: Some) -> Some:
        """Return the targets without those that are known to be in vain."""
        if actor is not self._actor:
            self._actor = actor
            self._as_they_are = self._edited = 0
        left = ~(self._edited if way.edits else self._as_they_are)
        return Some(targets.sure & left, targets.maybe & left)

    def note(self, way: _Way, place: int) -> None:
        """Remember one of the last actor's targets."""
        self._as_they_are |= 1 << place
        if way.edits:
            self._edited |= 1 << place


class Ways:
    """Searches the paths, for one principal after another."""

    def __init__(
        self, terrain: Terrain, paths: Iterable[EscalationPath], editing: Editing, growing: Growing
    ) -> None:
        self._terrain = terrain
        self._paths = {path.id: path for path in paths}
        self._running = Running(terrain, self._paths.values())
        self._growing = growing
        self._taking = Taking(terrain, editing)
        self._making = Making(terrain, editing, self._taking)
        self._ways = [self._way(path) for path in self._paths.values()]
        self._most: dict[int, Effective] = {}
        self._in_vain = _InVain()
        self._open: dict[int, tuple[_Way, ...]] = {}
        self._own: dict[int, tuple[EscalationPath, ...]] = {}

    def of(self, actor: Actor) -> Found:
        """Return the ways open to the actor."""
        return self._found(actor, self._best, self._growing.best)

    def onward(self, actor: Actor) -> Found:
        """Return the ways open to somebody as edits have made it: only where they lead counts."""
        return self._found(actor, lambda *_: None, self._growing.administrator)

    def own(self, actor: Actor) -> tuple[EscalationPath, ...]:
        """Return the paths open to the actor by which it edits itself, or others."""
        may = self._terrain.powers.open_to(actor.effective)
        found = self._own.get(may)
        if found is None:
            paths = (way.path for way in self._open_to(actor))
            found = tuple(path for path in paths if path.needs[0].on in _OWN and not path.lacks)
            self._own[may] = found
        return found

    def hop(self, actor: Actor, name: str, target: int) -> Escalation | None:
        """Return how the actor becomes another, though it gain nothing by this step alone."""
        path = self._paths[name]
        if path.on(On.PASSED_ROLE):
            return self._running.passed(actor, path, target)
        if path.host is not None:
            hosted = self._running.hosted(actor, path)
            return next((found for role, found in hosted if role == target), None)
        taken = self._taking.taken(actor, path, target)
        return None if taken is None else taken.escalation

    def _found(
        self,
        actor: Actor,
        best: Callable[[Actor, _Way, Some], Escalation | None],
        grown: Callable[[Actor, EscalationPath], Escalation | None],
    ) -> Found:
        moves: list[Move] = []
        direct: list[Escalation] = []
        for way in self._open_to(actor):
            path = way.path
            targets = way.candidates(actor, path) if way.candidates else None
            if path.needs[0].on in _OWN:
                found = grown(actor, path)
            elif path.needs[0].on in NEW:
                found = self._making.best(actor, path)
            elif targets is None:
                found, hosts = self._without_others(actor, path)
                if hosts:
                    moves.append((path.id, Some(hosts, hosts)))
            elif targets.maybe:
                moves.append((path.id, targets))
                found = best(actor, way, targets)
            else:
                found = self._running.into_unread(actor, path)
            if found is not None:
                direct.append(found)
            if path.actions == (_ASSUME,):
                abroad = self._taking.abroad(actor, path)
                # A role that is named is worth a word of its own.
                if abroad is not None and (abroad.target or found is None):
                    direct.append(abroad)
        return Found(tuple(moves), tuple(direct))

    def _open_to(self, actor: Actor) -> tuple[_Way, ...]:
        """Return the paths of which the actor has all actions, whatever the resources."""
        may = self._terrain.powers.open_to(actor.effective)
        found = self._open.get(may)
        if found is None:
            found = tuple(way for way in self._ways if not way.needed & ~may)
            self._open[may] = found
        return found

    def _way(self, path: EscalationPath) -> _Way:
        candidates: _Candidates | None = None
        if path.on(On.PASSED_ROLE):
            candidates = self._running.candidates
        elif path.on(On.USER, On.ROLE):
            candidates = self._taking.candidates
        # A trust policy may let the actor in without any sts:AssumeRole of its own.
        needed = self._terrain.foresight.mask(
            one for one in path.actions if one != _ASSUME and one in path.on_stopped.actions
        )
        edits = any(True for _ in edits_of(path.actions)) or bool(path.on(On.POLICY_OF_ROLE))
        return _Way(path, needed, candidates, edits)

    def _without_others(self, actor: Actor, path: EscalationPath) -> tuple[Escalation | None, int]:
        """Return the path of the actor alone, and the roles of the hosts that it leads to."""
        if path.host is None:
            return self._running.without_target(actor, path), 0
        best: Escalation | None = None
        roles = 0
        for place, found in self._running.hosted(actor, path):
            roles |= 1 << place
            gained = self._if_gained(actor, found, place)
            if gained is not None and (best is None or _rank(gained) > _rank(best)):
                best = gained
        return best or self._running.unread(actor, path), roles

    def _best(self, actor: Actor, way: _Way, targets: Some) -> Escalation | None:
        """Return the escalation into the strongest target, those that are sure before others."""
        if way.path.on(On.PASSED_ROLE):
            found = self._running.administrator(actor, way.path)
            if found is not None:
                return found
        best: Escalation | None = None
        targets = self._in_vain.without(actor, way, targets)
        for place in places(targets.sure):
            found = self._link(actor, way, place)
            if found is not None and found.certainty is Certainty.PROVED:
                return found
            best = best or found
        if best is not None and best.certainty is not Certainty.POSSIBLE:
            return best
        for place in places(targets.maybe & ~targets.sure):
            found = self._link(actor, way, place)
            if found is None:
                continue
            if best is None or _rank(found) > _rank(best):
                best = found
            if best.certainty is not Certainty.POSSIBLE or self._running.doubts(actor, way.path):
                break
        return best

    def _link(self, actor: Actor, way: _Way, place: int) -> Escalation | None:
        """Return the escalation into the one at that place, if it gains anything."""
        path, target = way.path, self._terrain.actors[place].effective
        gain = self._terrain.gains.between(actor.effective, target)
        if gain is Gain.NONE and not (way.edits and self._worth_editing(actor, place)):
            self._in_vain.note(way, place)
            return None
        if path.on(On.PASSED_ROLE):
            found = self._running.passed(actor, path, place)
        else:
            taken = self._taking.taken(actor, path, place)
            if taken is None:
                return None
            found = taken.escalation
            gain = self._terrain.gains.between(actor.effective, taken.after)
        if found is None or gain is Gain.NONE:
            return None
        return found if gain is Gain.SURE else self._terrain.outcomes.weakened(found, _UNREAD)

    def _worth_editing(self, actor: Actor, place: int) -> bool:
        """Return whether edits can make more of the one at that place than the actor has."""
        most = self._most.get(place)
        if most is None:
            member = self._terrain.actors[place].member
            most = self._most[place] = self._terrain.uplift.most(member)
        return self._terrain.gains.between(actor.effective, most) is not Gain.NONE

    def _if_gained(self, actor: Actor, found: Escalation, place: int) -> Escalation | None:
        target = self._terrain.actors[place].effective
        gain = self._terrain.gains.between(actor.effective, target)
        if gain is Gain.NONE:
            return None
        return found if gain is Gain.SURE else self._terrain.outcomes.weakened(found, _UNREAD)


def _rank(found: Escalation) -> tuple[int, bool]:
    return found.certainty, found.admin
