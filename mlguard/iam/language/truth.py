"""True, false or unknown; and what an answer rests on.

An auditor seldom knows the whole context of a request. What depends on a key that is not known is
UNKNOWN, never guessed. The three values combine as Kleene's logic has it.
"""

from collections.abc import Iterable
from enum import IntEnum
from typing import Final, NamedTuple


class Truth(IntEnum):
    """A truth value: `and` is the least of two, `or` the greatest."""

    FALSE = 0
    UNKNOWN = 1
    TRUE = 2


class Answer(NamedTuple):
    """A truth, the unknown context keys that it hangs on, and where AWS's own word is unclear."""

    truth: Truth
    missing: frozenset[str] = frozenset()
    doubts: tuple[str, ...] = ()


YES: Final = Answer(Truth.TRUE)
NO: Final = Answer(Truth.FALSE)


def unknown(*keys: str) -> Answer:
    """Return the answer that hangs on these context keys."""
    return Answer(Truth.UNKNOWN, frozenset(keys))


def doubtful(truth: Truth, doubt: str) -> Answer:
    """Return an answer with one doubt."""
    return Answer(truth, doubts=(doubt,))


def negate(answer: Answer) -> Answer:
    """Return the contrary: what is unknown stays unknown."""
    return answer._replace(truth=Truth(2 - answer.truth))


def every(answers: Iterable[Answer]) -> Answer:
    """Return whether all hold; one that is false beyond doubt settles it."""
    found = Answer(Truth.TRUE)
    for answer in answers:
        if answer is YES:
            continue
        if answer.truth is Truth.FALSE and not answer.doubts:
            return NO
        found = _joined(found, answer, min(found.truth, answer.truth))
    return found._replace(missing=frozenset()) if found.truth is Truth.FALSE else found


def some(answers: Iterable[Answer]) -> Answer:
    """Return whether one holds; one that is true beyond doubt settles it."""
    found = Answer(Truth.FALSE)
    for answer in answers:
        if answer is NO:
            continue
        if answer.truth is Truth.TRUE and not answer.doubts:
            return YES
        found = _joined(found, answer, max(found.truth, answer.truth))
    return found._replace(missing=frozenset()) if found.truth is Truth.TRUE else found


def _joined(one: Answer, other: Answer, truth: Truth) -> Answer:
    return Answer(truth, one.missing | other.missing, one.doubts + other.doubts)
