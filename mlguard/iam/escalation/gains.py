"""Whether one principal may do anything that another may not."""

from collections.abc import Iterable
from enum import IntEnum
from typing import NamedTuple

from mlguard.iam.permissions.clauses import Grant, implied
from mlguard.iam.permissions.effective import Effective, Permissions


class Gain(IntEnum):
    """Whether there is something to gain; MAYBE where policies were not read."""

    NONE = 0
    MAYBE = 1
    SURE = 2


class _Piece(NamedTuple):
    """A grant, what cuts it, and whether it is otherwise unlimited: on everything, untested."""

    mask: int
    cuts: frozenset[int]
    whole: bool
    grant: Grant


class _Held(NamedTuple):
    """The pieces of permissions, what allows most first: that is enough for most.

    And the actions of those that the same statements cut, of all and of the unlimited ones.
    """

    pieces: tuple[_Piece, ...]
    by_cuts: tuple[tuple[frozenset[int], int], ...]
    unlimited: tuple[tuple[frozenset[int], int], ...]


class Gains:
    """Compares permissions; each pair once."""

    def __init__(self) -> None:
        self._found: dict[tuple[int, int], bool] = {}
        # Keyed by identity; kept, so that no other takes the place of one.
        self._kept: dict[int, tuple[Permissions, _Held]] = {}

    def between(self, caller: Effective, target: Effective) -> Gain:
        """Return whether the target may do what the caller may not."""
        if caller.administrator:
            return Gain.NONE
        if target.administrator or self._more(caller.permissions, target.permissions):
            return Gain.SURE
        return Gain.MAYBE if target.permissions.unread else Gain.NONE

    def _more(self, mine: Permissions, theirs: Permissions) -> bool:
        if theirs is mine:
            return False
        if theirs.actions_anywhere & ~mine.actions_anywhere:
            return True
        if not theirs.actions_anywhere & ~mine.on_all_resources:
            return False
        key = (id(mine), id(theirs))
        found = self._found.get(key)
        if found is None:
            found = self._found[key] = self._reaches_further(mine, theirs)
        return found

    def _reaches_further(self, mine: Permissions, theirs: Permissions) -> bool:
        """Return whether some grant of theirs is not within what is surely mine."""
        missing = theirs.actions_anywhere & ~mine.on_all_resources
        held, own = self._held(theirs), self._held(mine)
        left = 0
        for cuts, mask in held.by_cuts:
            rest = mask & missing
            for own_cuts, own_mask in own.unlimited:
                if own_cuts <= cuts:
                    rest &= ~own_mask
            left |= rest
        if not left:
            return False
        return any(_left_of(piece, piece.mask & left, own.pieces) for piece in held.pieces)

    def _held(self, one: Permissions) -> _Held:
        kept = self._kept.get(id(one))
        if kept is None:
            pieces = sorted(map(_piece, one.grants), key=lambda piece: -piece.mask.bit_count())
            unlimited = _by_cuts(piece for piece in pieces if piece.whole)
            held = _Held(tuple(pieces), _by_cuts(pieces), unlimited)
            kept = self._kept[id(one)] = (one, held)
        return kept[1]


def _piece(grant: Grant) -> _Piece:
    unlimited = not (grant.tests or grant.limits)
    return _Piece(
        mask=grant.mask,
        cuts=frozenset(id(cut.statement) for cut in grant.cuts),
        whole=unlimited and all(reach.everywhere for reach in grant.reaches),
        grant=grant,
    )


def _by_cuts(pieces: Iterable[_Piece]) -> tuple[tuple[frozenset[int], int], ...]:
    found: dict[frozenset[int], int] = {}
    for piece in pieces:
        found[piece.cuts] = found.get(piece.cuts, 0) | piece.mask
    return tuple(found.items())


def _left_of(piece: _Piece, mask: int, mine: tuple[_Piece, ...]) -> int:
    """Return the actions of the grant that no grant of mine has on all of its resources."""
    for own in mine:
        if not own.mask & mask:
            continue
        # A deny that bears on both takes the same away from both.
        if own.cuts <= piece.cuts and (own.whole or _covers(own.grant, piece.grant)):
            mask &= ~own.mask
            if not mask:
                break
    return mask


def _covers(own: Grant, grant: Grant) -> bool:
    if own.limits or not implied(own.tests, grant.tests):
        return False
    return all(reach.covers(grant.reaches) for reach in own.reaches)
