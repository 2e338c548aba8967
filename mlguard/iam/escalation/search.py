"""Who can gain permissions that it lacks, and how: every known path, with its targets."""

from collections.abc import Sequence
from datetime import date
from functools import cache

from mlguard.data.escalation_paths import EscalationPath, escalation_paths
from mlguard.iam.escalation.account import AccountView
from mlguard.iam.escalation.chain import Certainty, Escalation, PrincipalPaths, Step, joined
from mlguard.iam.escalation.editing import Editing
from mlguard.iam.escalation.growing import Growing
from mlguard.iam.escalation.joint import Ground, Joint, Together
from mlguard.iam.escalation.lifting import Lifting, needed
from mlguard.iam.escalation.reaching import Move, Reaching
from mlguard.iam.escalation.roster import Some
from mlguard.iam.escalation.terrain import Actor, Terrain
from mlguard.iam.escalation.ways import Ways
from mlguard.iam.language.actions import actions


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


class _Search:
    def __init__(self, terrain: Terrain) -> None:
        self._terrain = terrain
        editing = Editing(terrain)
        growing = Growing(terrain, editing)
        paths = (path for path in escalation_paths() if path not in quarantined())
        self._ways = Ways(terrain, paths, editing, growing)
        self._lifting = Lifting(terrain, growing, self._ways.own)
        self._joint = Joint(terrain, self._ways, growing, self._lifting)
        # Behind the actors as they are stand some as edits would make them.
        self._nodes = list(terrain.actors)
        self._moves: dict[int, tuple[Move, ...]] = {}
        self._direct: dict[int, tuple[Escalation, ...]] = {}
        # How one gets to somebody as edits made it, and which escalations are edits.
        self._edits: dict[tuple[int, int], Escalation] = {}
        self._edited: dict[int, Escalation] = {}
        self._cut = 0

    def found(self) -> tuple[PrincipalPaths, ...]:
        actors = self._terrain.actors
        searched = [
            actor
            for actor in actors
            if not actor.effective.administrator and not actor.principal.service_linked
        ]
        for actor in searched:
            moves, self._direct[actor.place] = self._ways.of(actor)
            if moves:
                self._moves[actor.place] = moves
        for actor in searched:
            self._edit_itself(actor)
        reaching = self._reached()
        ground = Ground(
            moves=dict(self._moves),
            reaching=reaching,
            link=self._hop,
            arns=[node.arn for node in self._nodes],
        )
        edits = tuple(self._joint.edits(searched, ground))
        for together in edits:
            self._add(together)
        reaching = self._reached() if edits else reaching
        self._cut = self._cut_short(self._cut | self._joint.cut)
        found = (self._paths_of(actor, reaching) for actor in actors)
        return tuple(sorted(found, key=lambda one: one.arn))

    def _reached(self) -> Reaching:
        return Reaching(self._terrain.administrators, self._moves, self._direct, self._hop)

    def _cut_short(self, cut: int) -> int:
        """Return the mask of those, and of all who can become one of them."""
        if not cut:
            return 0
        becoming = Reaching(cut, self._moves, {}, self._hop)
        return sum(1 << place for place in becoming.places)

    def _edit_itself(self, actor: Actor) -> None:
        """Add the actor as it can make itself."""
        if not self._ways.own(actor):
            return
        direct = self._direct[actor.place]
        if any(found.admin and found.certainty is Certainty.PROVED for found in direct):
            return
        for lift in self._lifting.lifts(actor, actor):
            if not lift.whole:
                self._cut |= 1 << actor.place
            self._add(Together(lift.actor, {actor.place: lift.escalation}))

    def _add(self, together: Together) -> None:
        """Add somebody as edits make it, for those who have it in hand."""
        node = len(self._nodes)
        for place, escalation in together.ways.items():
            self._edited[id(escalation)] = escalation
            if escalation.admin:
                # One edit alone is known from the path of its own.
                if escalation not in self._direct[place]:
                    self._direct[place] = (*self._direct[place], escalation)
                continue
            sure = 1 << node if escalation.certainty is Certainty.PROVED else 0
            maybe = 1 << node if escalation.certainty > Certainty.POSSIBLE else 0
            self._edits[place, node] = escalation
            self._moves[place] = (*self._moves.get(place, ()), (escalation.path, Some(sure, maybe)))
        if not together.actor.effective.administrator:
            self._nodes.append(together.actor)
            self._moves[node], self._direct[node] = self._ways.onward(together.actor)

    def _hop(self, place: int, name: str, target: int) -> Escalation | None:
        """Return how one becomes another, though it gain nothing by this step alone."""
        found = self._edits.get((place, target))
        return found or self._ways.hop(self._nodes[place], name, target)

    def _paths_of(self, actor: Actor, reaching: Reaching) -> PrincipalPaths:
        direct = self._direct.get(actor.place, ())
        chain = self._chain(reaching.links(actor.place))
        admin = actor.effective.administrator
        new = chain is not None and chain not in direct
        reaches = admin or chain is not None
        return PrincipalPaths(
            arn=actor.arn,
            admin=admin,
            reaches_admin=reaches,
            escalations=(*direct, chain) if new and chain else direct,
            unfinished=not reaches and bool(self._cut >> actor.place & 1),
        )

    def _chain(self, links: Sequence[tuple[int, Escalation]]) -> Escalation | None:
        """Return the links as one escalation, None if there are none."""
        found: list[tuple[str, Escalation]] = []
        following: tuple[Step, ...] = ()
        for node, link in reversed(links):
            edited = id(link) in self._edited and not link.admin
            kept = needed(link, following) if edited else link
            found.append((self._nodes[node].arn, kept))
            following += kept.steps
        return joined(found[::-1]) if found else None
