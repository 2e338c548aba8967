"""Languages of patterns: a text that some patterns match and others do not, or proof of none.

A set of patterns is one row of positions, and one integer the set of those that are alive; all
texts are tried at once, letter by letter, where letters that no pattern tells apart count as one.
"""

from collections import deque
from collections.abc import Iterator
from dataclasses import dataclass, field
from enum import Enum
from functools import lru_cache
from typing import Final, Self

# Letters that stand for the unknown value of a policy variable: none of them is in a real name.
_FIRST_VARIABLE: Final = 0xF0000
_LAST_VARIABLE: Final = 0xFFFFD
_ARN_COLONS: Final = 5
# Places of a machine whose states cost one.
_ORDINARY: Final = 2_000
_SPARE: Final = "xyzqjkvwabcdefghilmnoprstu0123456789-_./ABCDEFGHIJKLMNOPQRSTUVWXYZ~"


class Kind(Enum):
    """How a pattern treats a colon, and the case of letters.

    PLAIN      wildcards stand for any letter
    FOLDED     the same, and case does not count
    RESOURCE   as in Resource: only a star that ends a segment runs on across colons
    ARN        as in ArnLike: no wildcard stands for one of the five colons that part an ARN
    """

    PLAIN = "plain"
    FOLDED = "folded"
    RESOURCE = "resource"
    ARN = "arn"


class NoText(Enum):
    """Why there is no text: there is none at all, or nobody looked far enough."""

    NONE = "none"
    UNKNOWN = "unknown"


@dataclass(slots=True)
class Work:
    """What may still be spent: a state of a machine of ordinary size costs one."""

    left: int


@dataclass(frozen=True, slots=True)
class Glob:
    """One pattern; `written` is how its document has it, and does not count."""

    text: str
    kind: Kind = Kind.PLAIN
    written: str = field(default="", compare=False)

    @property
    def symbolic(self) -> bool:
        """Whether a policy variable stands in it."""
        return any(is_variable(letter) for letter in self.text)

    def matches(self, text: str) -> bool:
        """Tell whether the pattern matches the whole text."""
        if self.kind is not Kind.FOLDED:
            plain = self.text.partition("*")[0].partition("?")[0]
            if len(plain) == len(self.text):
                return plain == text
            if not text.startswith(plain):
                return False
        return _machine(((self,),), ()).accepts(text)


@dataclass(frozen=True, slots=True)
class Texts:
    """The texts that match one pattern of each `inside` group, and none of `outside`."""

    inside: tuple[tuple[Glob, ...], ...] = ()
    outside: frozenset[Glob] = frozenset()

    def within(self, *group: Glob) -> Self:
        """Return those of the texts that one of the group matches too."""
        if group in self.inside:
            return self
        return type(self)((*self.inside, group), self.outside)

    def without(self, *globs: Glob) -> Self:
        """Return those of the texts that none of these matches."""
        return type(self)(self.inside, self.outside.union(globs))

    def contain(self, text: str) -> bool:
        """Tell whether the text is one of them."""
        inside = all(any(glob.matches(text) for glob in group) for group in self.inside)
        return inside and not any(glob.matches(text) for glob in self.outside)

    def any(
        self, work: Work, *, alphabet: frozenset[str] | None = None, limit: int
    ) -> str | NoText:
        """Return the shortest of the texts, or why there is none; `limit` bounds the states.

        The alphabet None is that of all characters.
        """
        outside = tuple(sorted(self.outside, key=lambda glob: (glob.text, glob.kind.value)))
        return _machine(self.inside, outside).shortest(alphabet, limit, work)


def variable_letter(number: int, *, colons: bool) -> str:
    """Return the letter for the value of one variable; `colons` says if it may hold one."""
    return chr(_FIRST_VARIABLE + (number * 2 + colons) % (_LAST_VARIABLE - _FIRST_VARIABLE))


def is_variable(letter: str) -> bool:
    """Tell whether the letter stands for the value of a policy variable."""
    return _FIRST_VARIABLE <= ord(letter) <= _LAST_VARIABLE


def _may_have_colons(letter: str) -> bool:
    return letter == ":" or (is_variable(letter) and ord(letter) % 2 == 1)


@dataclass(frozen=True, slots=True, kw_only=True)
class _Machine:
    """Patterns side by side; bit i of a set says that what stands before place i is done with."""

    letters: dict[str, int]
    stars: int
    marks: int
    # The stars and marks that may stand for a colon.
    colon_stars: int
    colon_marks: int
    start: int
    groups: tuple[tuple[int, int], ...]
    inside: int
    rejected: int
    # Once here, a pattern that must not match does, whatever follows.
    hopeless: int
    has_segments: bool
    # What one state costs: wide sets take their time.
    cost: int

    def accepts(self, text: str) -> bool:
        """Tell whether the text matches a pattern of each group, and none outside."""
        alive = self.start
        for letter in text:
            alive = self._step(alive, letter)
        return self._accepted(alive)

    def shortest(self, alphabet: frozenset[str] | None, limit: int, work: Work) -> str | NoText:
        """Return the first accepted text in order of length."""
        if self._dead(self.start):
            return NoText.NONE
        came: dict[int, tuple[int, str]] = {self.start: (-1, "")}
        waiting = deque((self.start,))
        while waiting:
            alive = waiting.popleft()
            if self._accepted(alive):
                return _spelled(alive, came)
            for letter in self._choices(alive, alphabet):
                after = self._step(alive, letter)
                if after in came or self._dead(after):
                    continue
                came[after] = (alive, letter)
                waiting.append(after)
            work.left -= self.cost
            if len(came) > limit or work.left <= 0:
                return NoText.UNKNOWN
        return NoText.NONE

    def _choices(self, alive: int, alphabet: frozenset[str] | None) -> Iterator[str]:
        """Return letters, one for each way in which a letter can act here."""
        for letter, places in self.letters.items():
            # A wildcard need not stand for a variable: its value can be written out.
            counted = places & self.inside if is_variable(letter) else places
            if alive & counted and (alphabet is None or letter in alphabet):
                yield letter
        if self.has_segments:
            yield ":"
        spare = _SPARE if alphabet is None else sorted(alphabet - {":"}, key=_SPARE.find)
        other = next((one for one in spare if not self.letters.get(one, 0) & alive), None)
        if other is not None:
            yield other
        elif alphabet is None:
            yield next(_unused(self.letters))

    def _step(self, alive: int, letter: str) -> int:
        named = self.letters.get(letter, 0)
        staying = self.colon_stars if _may_have_colons(letter) else self.stars
        passing = self.colon_marks if letter == ":" else self.marks
        if is_variable(letter):
            passing = 0
        after = (alive & (named | passing)) << 1 | alive & staying
        return after | (after & self.stars) << 1

    def _accepted(self, alive: int) -> bool:
        return not alive & self.rejected and all(alive & ends for _, ends in self.groups)

    def _dead(self, alive: int) -> bool:
        return bool(alive & self.hopeless) or not all(alive & span for span, _ in self.groups)


class _Builder:
    """Puts patterns side by side."""

    def __init__(self) -> None:
        self.letters: dict[str, int] = {}
        self.stars = self.marks = self.colon_stars = self.colon_marks = 0
        self.start = self.size = 0

    def add(self, glob: Glob) -> tuple[int, int, int]:
        """Add one, and return its places, its end, and the place of a star that ends it."""
        text = glob.text
        while "**" in text:
            text = text.replace("**", "*")
        first, colons = self.size, 0
        for at, letter in enumerate(text):
            place = 1 << (first + at)
            if letter in "*?":
                ends_segment = letter == "*" and text[at + 1 : at + 2] in ("", ":")
                self._wildcard(letter, place, crossing=_crosses(glob.kind, ends_segment, colons))
                continue
            colons += letter == ":"
            for case in {letter.lower(), letter.upper()} if glob.kind is Kind.FOLDED else letter:
                self.letters[case] = self.letters.get(case, 0) | place
        end = 1 << (first + len(text))
        self.size += len(text) + 1
        self.start |= 1 << first | (1 << (first + 1) if text.startswith("*") else 0)
        last = end >> 1 if text.endswith("*") and self.colon_stars & end >> 1 else 0
        return (end << 1) - (1 << first), end, last

    def _wildcard(self, letter: str, place: int, *, crossing: bool) -> None:
        if letter == "*":
            self.stars |= place
            self.colon_stars |= place if crossing else 0
        else:
            self.marks |= place
            self.colon_marks |= place if crossing else 0


@lru_cache(maxsize=4096)
def _machine(inside: tuple[tuple[Glob, ...], ...], outside: tuple[Glob, ...]) -> _Machine:
    builder = _Builder()
    groups = []
    for group in inside:
        added = [builder.add(glob) for glob in group]
        groups.append((sum(span for span, _, _ in added), sum(end for _, end, _ in added)))
    barred = [builder.add(glob) for glob in outside]
    kinds = {glob.kind for group in (*inside, outside) for glob in group}
    return _Machine(
        letters=builder.letters,
        stars=builder.stars,
        marks=builder.marks,
        colon_stars=builder.colon_stars,
        colon_marks=builder.colon_marks,
        start=builder.start,
        groups=tuple(groups),
        inside=sum(span for span, _ in groups),
        rejected=sum(end for _, end, _ in barred),
        hopeless=sum(last for _, _, last in barred),
        has_segments=not kinds.isdisjoint({Kind.RESOURCE, Kind.ARN}),
        cost=1 + builder.size // _ORDINARY,
    )


def _crosses(kind: Kind, ends_segment: bool, colons: int) -> bool:  # noqa: FBT001  # a fact
    """Tell whether a wildcard may stand for a colon, by its place in its pattern."""
    if kind is Kind.RESOURCE:
        return ends_segment
    return kind is not Kind.ARN or colons >= _ARN_COLONS


def _spelled(alive: int, came: dict[int, tuple[int, str]]) -> str:
    letters: list[str] = []
    while alive >= 0:
        alive, letter = came[alive]
        letters.append(letter)
    return "".join(reversed(letters))


def _unused(letters: dict[str, int]) -> Iterator[str]:
    """Return letters of no pattern, however many letters the patterns have."""
    return (chr(code) for code in range(0xA1, 0xE000) if chr(code) not in letters)
