"""Condition tests, told to people."""

from collections.abc import Mapping
from typing import Final

from mlguard.iam.language.document import ConditionTest

_NULL: Final = "Null"
_EVERY: Final = "ForAllValues"
# What the key is held to. IAM User Guide, "IAM JSON policy elements: Condition operators".
_PHRASES: Final[Mapping[str, str]] = {
    "StringEquals": "is",
    "StringNotEquals": "is not",
    "StringEqualsIgnoreCase": "is, in any letter case,",
    "StringNotEqualsIgnoreCase": "is not, in any letter case,",
    "StringLike": "is like",
    "StringNotLike": "is not like",
    "ArnEquals": "is like",
    "ArnLike": "is like",
    "ArnNotEquals": "is not like",
    "ArnNotLike": "is not like",
    "NumericEquals": "is",
    "NumericNotEquals": "is not",
    "NumericLessThan": "is less than",
    "NumericLessThanEquals": "is at most",
    "NumericGreaterThan": "is more than",
    "NumericGreaterThanEquals": "is at least",
    "DateEquals": "is",
    "DateNotEquals": "is not",
    "DateLessThan": "is before",
    "DateLessThanEquals": "is not after",
    "DateGreaterThan": "is after",
    "DateGreaterThanEquals": "is not before",
    "Bool": "is",
    "BinaryEquals": "is",
    "IpAddress": "is in",
    "NotIpAddress": "is not in",
}


def as_written(test: ConditionTest) -> str:
    """Return a test as its policy has it: key, operator, and all its values."""
    return f"{test.key} {test.written} {' or '.join(test.values)}"


def in_words(test: ConditionTest, *, most: int | None = None) -> str:
    """Return a test as a sentence, with as many of its values at `most`; all if that is None.

    Whether an absent key passes is said, too: it does what a negated operator asks, and what
    `IfExists` or `ForAllValues` does. IAM User Guide, "Condition operators" and "Multivalued
    context keys".
    """
    if test.operator == _NULL:
        return f"{test.key} {_presence(test.values)}"
    phrase = _PHRASES.get(test.operator)
    if phrase is None:
        return as_written(test)
    negated = "Not" in test.operator
    subject = test.key
    if test.qualifier is not None:
        each = "every" if test.qualifier == _EVERY else "some"
        subject = f"{each} value of {test.key}"
    passes = test.if_exists or (negated if test.qualifier is None else each == "every")
    absent = ", or is absent" if passes else ""
    return f"{subject} {phrase} {_listed(test.values, negated, most)}{absent}"


def _listed(values: tuple[str, ...], negated: bool, most: int | None) -> str:  # noqa: FBT001
    shown = values if most is None else values[:most]
    left = len(values) - len(shown)
    word = " nor " if negated else " or "
    return word.join((*shown, f"{left} more") if left else shown)


def _presence(values: tuple[str, ...]) -> str:
    """Return what Null asks for: of several values, any will do."""
    asked = {value.lower() for value in values}
    if asked == {"true"}:
        return "is absent"
    return "is there" if asked == {"false"} else f"is absent: {' or '.join(values)}"
