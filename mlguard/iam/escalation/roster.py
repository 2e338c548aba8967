"""The principals of an account by number: a set of them is one integer."""

from bisect import bisect_left
from collections.abc import Iterable, Iterator, Sequence
from typing import Final, NamedTuple

from mlguard.iam.language.wildcard import matches
from mlguard.iam.permissions.reach import Entry, Extent, Reach, ends_segments

_ANY: Final = "*"
# Sorts behind every letter that an ARN may hold.
_LAST: Final = "\U0010ffff"


class Some(NamedTuple):
    """Those that surely are in a set, and those that may be: the sure ones among them."""

    sure: int
    maybe: int

    def __and__(self, other: "Some") -> "Some":
        """Return those in both sets."""
        return Some(self.sure & other.sure, self.maybe & other.maybe)

    def __or__(self, other: "Some") -> "Some":
        """Return those in either set."""
        return Some(self.sure | other.sure, self.maybe | other.maybe)

    def within(self, mask: int) -> "Some":
        """Return those that the mask has."""
        return Some(self.sure & mask, self.maybe & mask)

    def unsure(self) -> "Some":
        """Return the same with nobody sure."""
        return Some(0, self.maybe)


NOBODY: Final = Some(0, 0)


class Roster:
    """ARNs, each numbered by its place."""

    def __init__(self, arns: Sequence[str]) -> None:
        self.arns = tuple(arns)
        self.places = {arn: place for place, arn in enumerate(self.arns)}
        self.everybody = (1 << len(self.arns)) - 1
        self._sorted = sorted(self.places)
        self._of_reach: dict[Reach, Some] = {}
        self._of_entry: dict[Entry, Some] = {}

    def bit(self, arn: str) -> int:
        """Return the mask of one ARN, 0 if it is not here."""
        place = self.places.get(arn)
        return 0 if place is None else 1 << place

    def mask(self, arns: Iterable[str]) -> int:
        """Return the mask of these ARNs; all are here."""
        content = bytearray(len(self.arns) // 8 + 1)
        for arn in arns:
            place = self.places[arn]
            content[place >> 3] |= 1 << (place & 7)
        return int.from_bytes(content, "little")

    def reached(self, reach: Reach) -> Some:
        """Return those whom a statement reaches."""
        found = self._of_reach.get(reach)
        if found is None:
            found = NOBODY
            for entry in reach.entries:
                found |= self._by_entry(entry)
            if reach.inverted:
                found = Some(self.everybody & ~found.maybe, self.everybody & ~found.sure)
            self._of_reach[reach] = found
        return found

    def _by_entry(self, entry: Entry) -> Some:
        found = self._of_entry.get(entry)
        if found is None:
            found = self._of_entry[entry] = self._matching(entry)
        return found

    def _matching(self, entry: Entry) -> Some:
        pattern = entry.pattern
        if pattern == _ANY:
            return Some(self.everybody if entry.sure else 0, self.everybody)
        begin = pattern.partition("*")[0].partition("?")[0]
        if begin == pattern:
            found = self.bit(pattern)
            return Some(found if entry.sure else 0, found)
        low = bisect_left(self._sorted, begin)
        high = bisect_left(self._sorted, begin + _LAST, low)
        # Few have the longest piece of the pattern; only they are worth a closer look.
        piece = max(pattern.replace("?", "*").split("*"), key=len)
        near = [arn for arn in self._sorted[low:high] if piece in arn]
        arns = near if pattern == begin + _ANY else [arn for arn in near if matches(pattern, arn)]
        maybe = self.mask(arns)
        if not entry.sure:
            return Some(0, maybe)
        if ends_segments(pattern):
            return Some(maybe, maybe)
        alone = Reach((entry,))
        return Some(self.mask(arn for arn in arns if alone.extent(arn) is Extent.ALL), maybe)


def places(mask: int) -> Iterator[int]:
    """Yield the numbers in a mask, lowest first."""
    while mask:
        low = mask & -mask
        yield low.bit_length() - 1
        mask ^= low
