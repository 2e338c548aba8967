"""Who can gain permissions that it lacks, and how: every known path, with its targets."""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace
from datetime import date
from functools import cache
from typing import Final, NamedTuple, TypeAlias

from mlguard.data.escalation_paths import EscalationPath, On, escalation_paths
from mlguard.iam.account import AccountView
from mlguard.iam.actions import actions
from mlguard.iam.chain import Certainty, Escalation, PrincipalPaths, Step, joined
from mlguard.iam.editing import Editing, edits_of
from mlguard.iam.gains import Gain
from mlguard.iam.growing import Growing
from mlguard.iam.lifting import Lifting, needed
from mlguard.iam.reaching import Move, Reaching
from mlguard.iam.roster import Some, places
from mlguard.iam.running import Running
from mlguard.iam.taking import Taking
from mlguard.iam.terrain import Actor, Terrain

_ASSUME: Final = "sts:AssumeRole"
_OWN: Final = frozenset({On.OWN_POLICY, On.OWN_USER, On.OWN_ROLE, On.OWN_GROUP, On.GROUP})
_UNREAD: Final = "the target has what it may do in policies that were not read"


def escalations(view: AccountView, *, today: date) -> tuple[PrincipalPaths, ...]:
    """Return every user and role with its ways to more, in the order of their ARNs.

    Administrators have none to gain, and nobody can use a service-linked role. Of the targets of
    a path the strongest is named; a way to an administrator over others is a chain of its own.
    """
    return _Search(Terrain(view, today)).found()


@cache
def quarantined() -> tuple[EscalationPath, ...]:
    """Return the paths that are not searched, since their actions are not in the action list."""
    return tuple(path for path in escalation_paths() if not all(map(actions().known, path.actions)))


_Candidates: TypeAlias = Callable[[Actor, EscalationPath], Some]


class _Way(NamedTuple):
    """A path as it is searched: what it needs, whom it may lead to, whether it changes policies."""

    path: EscalationPath
    needed: int
    candidates: _Candidates | None
    edits: bool


class _Search:
    def __init__(self, terrain: Terrain) -> None:
        self._terrain = terrain
        editing = Editing(terrain)
        self._running = Running(terrain)
        self._growing = Growing(terrain, editing)
        self._taking = Taking(terrain, editing)
        self._paths = {path.id: path for path in escalation_paths() if path not in quarantined()}
        self._ways = [self._way(path) for path in self._paths.values()]
        self._editing_others = {way.path.id for way in self._ways if way.candidates and way.edits}
        self._open: dict[int, tuple[_Way, ...]] = {}
        self._lifting = Lifting(terrain, self._growing, self._own_paths)
        # Behind the actors as they are come some as edits would make them, each with its edits.
        self._nodes = list(terrain.actors)
        self._lifts: dict[int, Escalation] = {}
        self._moves: dict[int, tuple[Move, ...]] = {}
        self._direct: dict[int, tuple[Escalation, ...]] = {}

    def found(self) -> tuple[PrincipalPaths, ...]:
        actors = self._terrain.actors
        for actor in actors:
            if not actor.effective.administrator and not actor.principal.service_linked:
                self._enter(actor.place, actor)
                self._edit(actor)
        for node in range(len(actors), len(self._nodes)):
            self._enter(node, self._nodes[node])
        reaching = Reaching(self._terrain.administrators, self._moves, self._direct, self._hop)
        found = (self._paths_of(actor, reaching) for actor in actors)
        return tuple(sorted(found, key=lambda one: one.arn))

    def _paths_of(self, actor: Actor, reaching: Reaching) -> PrincipalPaths:
        direct = self._direct.get(actor.place, ())
        chain = self._chain(reaching.links(actor.place))
        admin = actor.effective.administrator
        new = chain is not None and chain not in direct
        return PrincipalPaths(
            arn=actor.arn,
            admin=admin,
            reaches_admin=admin or chain is not None,
            escalations=(*direct, chain) if new and chain else direct,
        )

    def _chain(self, links: Sequence[tuple[int, Escalation]]) -> Escalation | None:
        """Return the links as one escalation, None if there are none."""
        lifts = {id(lift) for lift in self._lifts.values()}
        found: list[tuple[str, Escalation]] = []
        following: tuple[Step, ...] = ()
        for node, link in reversed(links):
            kept = needed(link, following) if id(link) in lifts else link
            found.append((self._nodes[node].arn, kept))
            following += kept.steps
        return joined(found[::-1]) if found else None

    def _enter(self, node: int, actor: Actor) -> None:
        """Work out what the actor can do by itself, and whom it can become."""
        moves: list[Move] = []
        direct: list[Escalation] = []
        for way in self._open_to(actor):
            path = way.path
            targets = way.candidates(actor, path) if way.candidates else None
            if targets is None:
                found, hosts = self._without_others(actor, path)
                if hosts:
                    moves.append((path.id, Some(hosts, hosts)))
            elif targets.maybe:
                moves.append((path.id, targets))
                # Of what an edit made, only the way to an administrator is told.
                found = None if node in self._lifts else self._best(actor, way, targets)
            else:
                found = self._running.into_unread(actor, path)
            if found is not None:
                direct.append(found)
        if moves:
            self._moves[node] = tuple(moves)
        if direct:
            self._direct[node] = tuple(direct)

    def _edit(self, actor: Actor) -> None:
        """Add those that the actor can make more of, itself among them, short of administrator."""
        direct = self._direct.get(actor.place, ())
        if any(found.admin and found.certainty is Certainty.PROVED for found in direct):
            return
        for lift in self._lifting.lifts(actor) if any(self._own_paths(actor)) else ():
            if lift.escalation.admin:
                self._direct[actor.place] = (*direct, lift.escalation)
                break
            self._add(actor, *lift)
        for found in direct:
            if found.path in self._editing_others and found.target and not found.admin:
                place = self._terrain.roster.places[found.target]
                taken = self._taking.taken(actor, self._paths[found.path], place)
                if taken is not None and taken.member is not self._nodes[place].member:
                    after = replace(self._nodes[place], member=taken.member, effective=taken.after)
                    self._add(actor, after, found)

    def _add(self, actor: Actor, after: Actor, lift: Escalation) -> None:
        """Add somebody as the actor can make it."""
        mask = 1 << len(self._nodes)
        self._lifts[len(self._nodes)] = lift
        self._nodes.append(after)
        sure = mask if lift.certainty is Certainty.PROVED else 0
        maybe = mask if lift.certainty > Certainty.POSSIBLE else 0
        moves = self._moves.get(actor.place, ())
        self._moves[actor.place] = (*moves, (lift.path, Some(sure, maybe)))

    def _own_paths(self, actor: Actor) -> Iterator[EscalationPath]:
        """Yield the paths open to the actor by which it edits itself."""
        paths = (way.path for way in self._open_to(actor))
        return (path for path in paths if path.needs[0].on in _OWN and not path.lacks)

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
        needed = self._terrain.foresight.mask(one for one in path.actions if one != _ASSUME)
        edits = any(True for _ in edits_of(path.actions)) or bool(path.on(On.POLICY_OF_ROLE))
        return _Way(path, needed, candidates, edits)

    def _without_others(self, actor: Actor, path: EscalationPath) -> tuple[Escalation | None, int]:
        """Return the path of the actor alone, and the roles of the hosts that it leads to."""
        if path.needs[0].on in _OWN:
            return self._growing.best(actor, path), 0
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
        best: Escalation | None = None
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
            if best.certainty is not Certainty.POSSIBLE or way.path.lacks:
                break
        return best

    def _link(self, actor: Actor, way: _Way, place: int) -> Escalation | None:
        """Return the escalation into the one at that place, if it gains anything."""
        path, target = way.path, self._terrain.actors[place].effective
        gain = self._terrain.gains.between(actor.effective, target)
        if gain is Gain.NONE and not way.edits:
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

    def _if_gained(self, actor: Actor, found: Escalation, place: int) -> Escalation | None:
        target = self._terrain.actors[place].effective
        gain = self._terrain.gains.between(actor.effective, target)
        if gain is Gain.NONE:
            return None
        return found if gain is Gain.SURE else self._terrain.outcomes.weakened(found, _UNREAD)

    def _hop(self, place: int, name: str, target: int) -> Escalation | None:
        """Return how one becomes another, though it gain nothing by this step alone."""
        if target in self._lifts:
            return self._lifts[target]
        actor, path = self._nodes[place], self._paths[name]
        if path.host is not None:
            hosted = self._running.hosted(actor, path)
            return next((found for role, found in hosted if role == target), None)
        if path.on(On.PASSED_ROLE):
            return self._running.passed(actor, path, target)
        taken = self._taking.taken(actor, path, target)
        return None if taken is None else taken.escalation


def _rank(found: Escalation) -> tuple[int, bool]:
    return found.certainty, found.admin
