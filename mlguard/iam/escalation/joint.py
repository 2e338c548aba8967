"""Edits of somebody whom one has in hand, by oneself or by another whom one can become.

A role that may be passed and edited; a user whose keys may be made and who may be edited; a role
that may be assumed and edits whoever assumes it.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import islice
from typing import Final, NamedTuple, TypeAlias

from mlguard.iam.escalation.chain import Certainty, Escalation, joined
from mlguard.iam.escalation.editing import edits_of
from mlguard.iam.escalation.growing import Growing
from mlguard.iam.escalation.lifting import Lift, Lifting
from mlguard.iam.escalation.reaching import Link, Move, Reaching
from mlguard.iam.escalation.roster import places
from mlguard.iam.escalation.terrain import Actor, Terrain
from mlguard.iam.escalation.ways import Ways

Moves: TypeAlias = Mapping[int, tuple[Move, ...]]

# Subjects that one editor is tried on, and those of them that become more without becoming
# administrators, from which the search goes on: those that have most come first. Whoever may have
# more ways beyond is told by `cut`.
_TRIED: Final = 256
_FOLLOWED: Final = 8


class Together(NamedTuple):
    """Somebody as edits make it, and how each (by place) who has it in hand comes to that."""

    actor: Actor
    ways: Mapping[int, Escalation]


@dataclass(frozen=True, slots=True, kw_only=True)
class Ground:
    """What is known so far: who can become whom, who reaches an administrator, whose ARN it is."""

    moves: Moves
    reaching: Reaching
    link: Link
    arns: Sequence[str]


class Joint:
    """Finds whom edits make more of, for those who reach no administrator without."""

    def __init__(self, terrain: Terrain, ways: Ways, growing: Growing, lifting: Lifting) -> None:
        self._terrain = terrain
        self._ways = ways
        self._growing = growing
        self._lifting = lifting
        self.cut = 0
        """The mask of those whose edits of others were not all looked at."""

    def edits(self, actors: Sequence[Actor], ground: Ground) -> Iterator[Together]:
        """Yield what the actors can make of others."""
        in_hand = {place: _in_hand(moves) for place, moves in ground.moves.items()}
        for editor in actors:
            paths = self._ways.own(editor)
            if paths and not ground.reaching.reaches(editor.place):
                subjects = self._growing.subjects(editor, paths)
                subjects &= ~self._terrain.administrators & ~editor.own
                yield from self._by(editor, subjects, in_hand, ground) if subjects else ()

    def _by(
        self, editor: Actor, subjects: int, reach: Mapping[int, int], ground: Ground
    ) -> Iterator[Together]:
        """Yield what the editor makes of subjects that those who can become it have in hand."""
        others_become_it = any(mask & editor.own for mask in reach.values())
        becoming = Reaching(editor.own, ground.moves if others_become_it else {}, {}, ground.link)
        in_hand = {
            place: reach.get(place, 0) | 1 << place
            for place in becoming.places
            if not ground.reaching.reaches(place)
        }
        followed = 0
        for level in (Certainty.PROVED, Certainty.CONDITIONAL):
            wanted = 0
            for mask in in_hand.values():
                wanted |= mask
            tried = iter(places(subjects & wanted))
            for subject in islice(tried, _TRIED):
                masters = [place for place, mask in in_hand.items() if mask >> subject & 1]
                target = self._terrain.actors[subject]
                lift = self._lifting.lift(editor, target, level) if masters else None
                if lift is None or not self._leads_on(lift):
                    continue
                if not lift.escalation.admin and followed == _FOLLOWED:
                    self.cut |= _mask(masters)
                    continue
                followed += not lift.escalation.admin
                edited = _Edited(editor, subject, lift.escalation, becoming)
                ways = {place: edited.way(place, ground) for place in masters}
                found = {place: way for place, way in ways.items() if way is not None}
                yield Together(lift.actor, found)
                # Whoever becomes an administrator needs no more.
                for place, way in found.items():
                    if way.admin and way.certainty >= level:
                        del in_hand[place]
            if any(True for _ in tried):
                self.cut |= _mask(in_hand)

    def _leads_on(self, lift: Lift) -> bool:
        """Return whether it is an administrator, or has ways of its own to go on by."""
        return lift.escalation.admin or any(self._ways.onward(lift.actor))


class _Edited(NamedTuple):
    """A subject (by place), what the editor does to it, and how others become the editor."""

    editor: Actor
    subject: int
    edits: Escalation
    becoming: Reaching

    def way(self, place: int, ground: Ground) -> Escalation | None:
        """Return how the one at that place has the subject edited, and becomes it."""
        links = [(ground.arns[at], link) for at, link in self.becoming.links(place)]
        links.append((self.editor.arn, self.edits))
        if place != self.subject:
            last = _into(place, self.subject, ground)
            if last is None:
                return None
            links.append((ground.arns[place], last))
        # The subject is known as it was before the edits; a way of one's own is named for how
        # one becomes it, as edits of oneself have other names.
        named = links[0][1] if place != self.editor.place else links[-1][1]
        return replace(
            joined(links),
            path=named.path,
            admin=self.edits.admin,
            target=ground.arns[self.subject],
        )


def _in_hand(moves: Sequence[Move]) -> int:
    mask = 0
    for _, targets in moves:
        mask |= targets.maybe
    return mask


def _mask(found: Iterable[int]) -> int:
    mask = 0
    for place in found:
        mask |= 1 << place
    return mask


def _into(place: int, subject: int, ground: Ground) -> Escalation | None:
    """Return the surest way in which the one becomes the other, best one that edits nothing."""
    names = (name for name, targets in ground.moves[place] if targets.maybe >> subject & 1)
    ways = (ground.link(place, name, subject) for name in names)
    return max((way for way in ways if way is not None), key=_rank, default=None)


def _rank(way: Escalation) -> tuple[Certainty, bool]:
    return way.certainty, not any(True for _ in edits_of(way.actions))
