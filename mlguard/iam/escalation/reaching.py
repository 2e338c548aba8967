"""Who reaches an administrator, over how many others, and by which first step."""

from collections.abc import Callable, Iterable, Iterator, Mapping
from typing import Final, TypeAlias

from mlguard.iam.escalation.chain import Certainty, Escalation
from mlguard.iam.escalation.roster import Some, places

Move: TypeAlias = tuple[str, Some]
# The escalation of one principal (by place) into another, on the path of that name.
Link: TypeAlias = Callable[[int, str, int], Escalation | None]

_LEVELS: Final = (Certainty.PROVED, Certainty.CONDITIONAL)


class Reaching:
    """The shortest ways to an administrator: proved ones first, then those under conditions.

    `direct` are the escalations of each that make it one without another's help.
    """

    def __init__(
        self,
        administrators: int,
        moves: Mapping[int, tuple[Move, ...]],
        direct: Mapping[int, tuple[Escalation, ...]],
        link: Link,
    ) -> None:
        self._administrators = administrators
        self._moves = moves
        self._link = link
        self._next: dict[int, tuple[Escalation, int | None]] = {}
        self._reached = administrators
        for level in _LEVELS:
            self._start(direct, level)
            self._spread(level)

    @property
    def places(self) -> Iterator[int]:
        """The administrators, and all who reach one."""
        return places(self._reached)

    def reaches(self, place: int) -> bool:
        """Return whether the one at that place is an administrator, or reaches one."""
        return bool(self._reached >> place & 1)

    def links(self, place: int) -> tuple[tuple[int, Escalation], ...]:
        """Return the way of the one at that place to an administrator; none if it has none.

        Each escalation stands beside the place of the one whose it is.
        """
        return tuple(self._links(place))

    def _links(self, place: int) -> Iterator[tuple[int, Escalation]]:
        following: int | None = place
        while following is not None and following in self._next:
            at = following
            found, following = self._next[at]
            yield at, found

    def _start(self, direct: Mapping[int, tuple[Escalation, ...]], level: Certainty) -> None:
        for place, escalations in direct.items():
            if self._reached >> place & 1:
                continue
            for found in escalations:
                if found.admin and found.certainty >= level:
                    self._next[place] = (found, None)
                    self._reached |= 1 << place
                    break

    def _spread(self, level: Certainty) -> None:
        """Add those that become one who reaches it, round by round: the nearest come first."""
        grown = True
        while grown:
            known, grown = self._reached, False
            for place, moves in self._moves.items():
                if known >> place & 1:
                    continue
                found = self._first(place, moves, known, level)
                if found is not None:
                    self._next[place] = found
                    self._reached |= 1 << place
                    grown = True

    def _first(
        self, place: int, moves: Iterable[Move], known: int, level: Certainty
    ) -> tuple[Escalation, int | None] | None:
        for path, targets in moves:
            mask = targets.sure if level is Certainty.PROVED else targets.maybe
            for target in places(mask & known):
                found = self._link(place, path, target)
                if found is not None and found.certainty >= level:
                    return found, None if found.admin else target
        return None
