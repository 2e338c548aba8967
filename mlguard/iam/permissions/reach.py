"""What a statement reaches: its Resource or NotResource, asked about whole sets of resources.

An entry is a pattern with a flag. Where the flag is off (a variable whose value nobody knows, a
spelling of which AWS promises nothing) the pattern is the most that the entry may match, and
nothing is sure to match it.
"""

from collections.abc import Iterator
from enum import IntEnum
from functools import lru_cache
from typing import Final, NamedTuple

from mlguard.iam.language.document import Statement
from mlguard.iam.language.request import Context
from mlguard.iam.language.resource_pattern import ResourcePattern, within_segments
from mlguard.iam.language.wildcard import covers, meets

_ANY: Final = "*"
# The segment that takes no wildcard.
_SERVICE: Final = 2


class Extent(IntEnum):
    """How much of a set of resources is surely reached; SOME also means perhaps."""

    NONE = 0
    SOME = 1
    ALL = 2


class Entry(NamedTuple):
    """A pattern of resources, and whether it is sure to match them."""

    pattern: str
    sure: bool = True


class Reach(NamedTuple):
    """A set of resources: what some entry matches, or if `inverted`, what no entry does."""

    entries: tuple[Entry, ...]
    inverted: bool = False

    @property
    def everywhere(self) -> bool:
        """Whether every resource is surely reached, and `*` itself."""
        if self.inverted:
            return not self.entries
        return (_ANY, True) in self.entries

    @property
    def empty(self) -> bool:
        """Whether no resource is ever reached."""
        return (_ANY, True) in self.entries if self.inverted else not self.entries

    @property
    def star(self) -> Extent:
        """How surely `*` is reached, the resource of actions that take none."""
        if not self.inverted:
            return Extent.ALL if self.everywhere else Extent.NONE
        stars = [entry.sure for entry in self.entries if entry.pattern == _ANY]
        if not stars:
            return Extent.ALL
        return Extent.NONE if any(stars) else Extent.SOME

    def extent(self, pattern: str) -> Extent:
        """Return how much is reached of what the pattern matches."""
        if self.names(pattern):
            return Extent.NONE if self.inverted else Extent.ALL
        for entry in self.entries:
            if _may_meet(entry.pattern, pattern):
                return Extent.SOME
        return Extent.ALL if self.inverted else Extent.NONE

    def names(self, pattern: str) -> bool:
        """Return whether one entry surely matches all that the pattern does."""
        return any(sure and _surely_covers(text, pattern) for text, sure in self.entries)

    def covers(self, others: "tuple[Reach, ...]") -> bool:
        """Return whether what all the others reach together is surely reached."""
        if self.everywhere:
            return True
        if self.inverted:
            return all(any(other.leaves(entry) for other in others) for entry in self.entries)
        for other in others:
            if not other.inverted and all(self.names(entry.pattern) for entry in other.entries):
                return True
        return False

    def leaves(self, entry: Entry) -> bool:
        """Return whether nothing that the entry may match is ever reached."""
        return self.extent(entry.pattern) is Extent.NONE

    def meets(self, other: "Reach") -> bool:
        """Return whether some resource may be reached by both."""
        if self.inverted:
            return other.inverted or other.meets(self)
        if other.inverted:
            return not all(other.leaves(entry) for entry in self.entries)
        for one, _ in self.entries:
            for another, _ in other.entries:
                if _may_meet(one, another):
                    return True
        return False


EVERYWHERE: Final = Reach((Entry(_ANY),))
# The complement of something that nobody knows.
_UNKNOWN: Final = Reach((Entry(_ANY, sure=False),), inverted=True)


def reach_of(statement: Statement, context: Context, *, variables: bool) -> Reach:
    """Return what the statement reaches; `variables` tells whether its document has them."""
    if statement.resources == (_ANY,):
        return EVERYWHERE
    inverted = statement.not_resources is not None
    written = statement.not_resources or statement.resources
    if not inverted and all(map(_plain, written)):
        return Reach(tuple(map(Entry, written)))
    patterns = [ResourcePattern.of(text, variables=variables) for text in written]
    if inverted and not all(pattern.has_value(context) for pattern in patterns):
        return _UNKNOWN
    entries = tuple(entry for pattern in patterns for entry in _entries(pattern, context))
    if (_ANY, True) in entries:
        return Reach(EVERYWHERE.entries, inverted)
    return Reach(entries, inverted)


def _plain(text: str) -> bool:
    """Return whether the text is a pattern of which nothing is in doubt."""
    return "${" not in text and _head(text).count(":") > _SERVICE


def _entries(pattern: ResourcePattern, context: Context) -> Iterator[Entry]:
    """Yield the entry that the pattern is; none where a variable has no value."""
    if not pattern.text.strip(_ANY):
        yield Entry(_ANY)
    elif pattern.template is None:
        yield Entry(pattern.text, pattern.fault is None)
    elif pattern.fault:
        yield Entry(pattern.widest, sure=False)
    else:
        expansion = pattern.template.as_pattern(context)
        if expansion.text is not None:
            yield Entry(expansion.text)
        elif expansion.missing:
            yield Entry(pattern.widest, sure=False)


def _may_meet(a: str, b: str) -> bool:
    if _ANY in (a, b):
        return True
    one, other = _head(a), _head(b)
    return (one.startswith(other) or other.startswith(one)) and _do_meet(a, b)


# The policies of an account are asked about the same few patterns, and name many in common.
_do_meet = lru_cache(maxsize=16384)(meets)


@lru_cache(maxsize=16384)
def _head(pattern: str) -> str:
    """Return what stands before the first wildcard."""
    return pattern.partition("*")[0].partition("?")[0]


def _surely_covers(a: str, b: str) -> bool:
    """Return whether `a` matches all that `b` does, no star of it reaching across a segment's end.

    IAM User Guide, "IAM JSON policy elements: Resource": only a `*` that ends a segment may.
    """
    if a in (_ANY, b):
        return True
    return b.startswith(_head(a)) and _covers_in_segments(a, b)


@lru_cache(maxsize=16384)
def _covers_in_segments(a: str, b: str) -> bool:
    if not covers(a, b):
        return False
    if a.count(":") == b.count(":") or ends_segments(a):
        return True
    return "*" not in b and "?" not in b and within_segments(a, b)


def ends_segments(pattern: str) -> bool:
    """Return whether each wildcard is a star at the end of a segment: such match what they say."""
    return "?" not in pattern and "*" not in pattern.replace("*:", ":").rstrip(_ANY)
