"""Patterns with `*` and `?`: what they match, what they cover, where they meet.

`*` stands for any text, also none, also across `/` and `:`; `?` for exactly one character (IAM
User Guide, "IAM JSON policy elements: Resource"). No answer takes exponential time: a pattern is
a row of positions, and one integer holds the set of those that are alive.

All but `action_matches` tell upper from lower case, as AWS does for resources. For actions give
both sides through `fold` first.
"""

from dataclasses import dataclass
from functools import lru_cache
from string import ascii_lowercase, ascii_uppercase
from typing import Self

# What `?` and `?` have in common is any character: this one shows in a witness.
_ANY = "x"
_FOLDED = str.maketrans(ascii_uppercase, ascii_lowercase)
# Private-use characters, which no name in AWS may hold.
_QUOTED = {ord("*"): "\ue02a", ord("?"): "\ue03f"}
_UNQUOTED = {0xE02A: "*", 0xE03F: "?"}


def matches(pattern: str, text: str) -> bool:
    """Tell whether `pattern` matches the whole of `text`; case-sensitive."""
    if "?" in pattern:
        return _positions(pattern).accept(text)
    if "*" not in pattern:
        return pattern == text
    head, *middle, tail = pattern.split("*")
    if len(text) < len(head) + len(tail) or not text.startswith(head):
        return False
    if not text.endswith(tail):
        return False
    at, end = len(head), len(text) - len(tail)
    for piece in middle:
        found = text.find(piece, at, end)
        if found < 0:
            return False
        at = found + len(piece)
    return True


def fold(action: str) -> str:
    """Return the action or action pattern in the one case in which actions are compared."""
    # Outside ASCII, lower() makes other letters (the Kelvin sign becomes a k) and other lengths.
    return action.lower() if action.isascii() else action.translate(_FOLDED)


def action_matches(pattern: str, action: str) -> bool:
    """Tell whether an action pattern matches an action; prefix and name ignore case.

    IAM User Guide, "IAM JSON policy elements: Action".
    """
    return matches(fold(pattern), fold(action))


def quote(text: str) -> str:
    """Return `text` for a pattern, its `*` and `?` meaning themselves; quote what it meets too.

    IAM User Guide, "Policy variables": `${*}` and `${?}` stand for the characters themselves.
    """
    return text.translate(_QUOTED)


def unquote(text: str) -> str:
    """Return the text that was quoted."""
    return text.translate(_UNQUOTED)


def covers(a: str, b: str) -> bool:
    """Tell whether `a` matches every text that `b` matches; exact, case-sensitive."""
    if a in ("*", b):
        return True
    if "*" not in b and "?" not in b:
        return matches(a, b)
    if "*" not in a and "?" not in a:
        return False
    if "?" not in a and a.find("*") == len(a) - 1:
        return b.startswith(a[:-1])
    return _positions(a).accept_all(b)


def meets(a: str, b: str) -> bool:
    """Tell whether some text is matched by both; exact, case-sensitive."""
    if a == "*" or b == "*":
        return True
    if "*" not in a and "?" not in a:
        return matches(b, a)
    if "*" not in b and "?" not in b:
        return matches(a, b)
    if "*" not in a:
        return _positions(b).accept_any(a)
    if "*" not in b:
        return _positions(a).accept_any(b)
    return meeting(a, b) is not None


def meeting(a: str, b: str) -> str | None:
    """Return a text that both match, as short as its fixed parts allow, or None."""
    if "*" not in a:
        return _meeting_of_fixed(a, b)
    if "*" not in b:
        return _meeting_of_fixed(b, a)
    head_a, *middle_a, tail_a = a.split("*")
    head_b, *middle_b, tail_b = b.split("*")
    head, tail = _overlay(head_a, head_b), _overlay(tail_a[::-1], tail_b[::-1])
    if head is None or tail is None:
        return None
    # While one side's middle is written out, a star of the other swallows it: only the ends of
    # two patterns that both have a star can be at odds.
    middle = "".join(middle_a + middle_b).replace("?", _ANY)
    return head + middle + tail[::-1]


def _overlay(one: str, other: str) -> str | None:
    """Return the longer text with both written over each other, or None where they differ."""
    short, long = sorted((one, other), key=len)
    shared = _one_text(short, long[: len(short)])
    return None if shared is None else shared + long[len(short) :].replace("?", _ANY)


def _one_text(one: str, other: str) -> str | None:
    """Return a text that fits two star-free patterns of the same length, or None."""
    if "?" not in one and "?" not in other:
        return one if one == other else None
    if len(one) != len(other):
        return None
    written: list[str] = []
    for mine, yours in zip(one, other, strict=True):
        if mine not in ("?", yours) and yours != "?":
            return None
        letter = yours if mine == "?" else mine
        written.append(_ANY if letter == "?" else letter)
    return "".join(written)


def _meeting_of_fixed(fixed: str, pattern: str) -> str | None:
    """Return a text of the star-free pattern `fixed` that `pattern` matches too, or None.

    Each position of `fixed` serves one piece of `pattern` only, so that the leftmost place is the
    best place for a piece, as it is with plain text.
    """
    if "*" not in pattern:
        return _one_text(fixed, pattern)
    if "?" not in fixed and "?" not in pattern:
        return fixed if matches(pattern, fixed) else None
    head, *middle, tail = pattern.split("*")
    at, end = len(head), len(fixed) - len(tail)
    if end < at:
        return None
    first, last = _one_text(fixed[:at], head), _one_text(fixed[end:], tail)
    if first is None or last is None:
        return None
    written = [first]
    for piece in middle:
        place = _place(piece, fixed, at, end)
        if place is None:
            return None
        start, text = place
        written += [fixed[at:start].replace("?", _ANY), text]
        at = start + len(piece)
    return "".join([*written, fixed[at:end].replace("?", _ANY), last])


def _place(piece: str, fixed: str, at: int, end: int) -> tuple[int, str] | None:
    """Return the leftmost place for `piece` in `fixed[at:end]`, and the text there."""
    for start in range(at, end - len(piece) + 1):
        text = _one_text(piece, fixed[start : start + len(piece)])
        if text is not None:
            return start, text
    return None


@dataclass(frozen=True, slots=True, kw_only=True)
class _Positions:
    """A pattern as bit sets: bit i of a set says that the first i characters are done with."""

    letters: dict[str, int]
    marks: int
    stars: int
    end: int
    # Positions from which nothing but `?` stands before the next star.
    free: int

    @classmethod
    def of(cls, pattern: str) -> Self:
        while "**" in pattern:
            pattern = pattern.replace("**", "*")
        letters: dict[str, int] = {}
        for at, letter in enumerate(pattern):
            letters[letter] = letters.get(letter, 0) | 1 << at
        marks, stars = letters.pop("?", 0), letters.pop("*", 0)
        free = 0
        for at in range(len(pattern) - 2, -1, -1):
            if marks >> at & 1 and (stars | free) >> (at + 1) & 1:
                free |= 1 << at
        return cls(letters=letters, marks=marks, stars=stars, end=1 << len(pattern), free=free)

    def accept(self, text: str) -> bool:
        """Tell whether the pattern matches the whole of `text`."""
        alive = self._past_stars(1)
        for letter in text:
            alive = self._step(alive, self.letters.get(letter, 0))
            if not alive:
                return False
        return bool(alive & self.end)

    def accept_any(self, fixed: str) -> bool:
        """Tell whether the pattern matches some text of the star-free pattern `fixed`."""
        alive = self._past_stars(1)
        for letter in fixed:
            alive = self._step(alive, -1 if letter == "?" else self.letters.get(letter, 0))
            if not alive:
                return False
        return bool(alive & self.end)

    def accept_all(self, other: str) -> bool:
        """Tell whether the pattern matches every text of the pattern `other`.

        The hardest text of `other` has, for each `?` and star, a letter that the pattern does not
        name: whatever passes with that one passes with any letter. How many of them a star
        stands for in the hardest text, none or endlessly many, `_after_star` says.
        """
        alive = self._past_stars(1)
        for letter in other:
            if letter == "*":
                alive = self._after_star(alive)
            else:
                alive = self._step(alive, 0 if letter == "?" else self.letters.get(letter, 0))
            if not alive:
                return False
        return bool(alive & self.end)

    def _step(self, alive: int, named: int) -> int:
        return self._past_stars((alive & (self.marks | named)) << 1 | alive & self.stars)

    def _past_stars(self, alive: int) -> int:
        return alive | (alive & self.stars) << 1

    def _after_star(self, alive: int) -> int:
        """Return the least hopeful set after a star of the other pattern.

        Only what lies behind the last star reached counts, since that star can swallow whatever
        the ones before it could. If a run of unnamed letters would carry us to the next star, the
        shortest run is the hardest: the piece that still has to be filled ends no sooner by any
        other letters, as its own last letters are all `?`. If it would not, a run wipes out every
        half-matched piece but the `?` that begin it; and of those there are no more than letters
        were read, which are fewest in the shortest run.
        """
        reached = (alive & self.stars).bit_length()
        if alive >> reached & self.free >> reached:
            return alive
        if not reached:
            return 0
        marks = self.marks >> reached
        opening = marks ^ (marks + 1)
        return alive & (opening << reached | 1 << (reached - 1))


@lru_cache(maxsize=4096)
def _positions(pattern: str) -> _Positions:
    """Return the positions of a pattern: the same few are asked about again and again."""
    return _Positions.of(pattern)
