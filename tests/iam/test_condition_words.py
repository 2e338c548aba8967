"""Conditions in words: what they say of a key, present or absent, is what the engine does."""

import pytest

from mlguard.iam.evaluation.condition import compile_test
from mlguard.iam.evaluation.condition_operators import OPERATORS
from mlguard.iam.language.condition_words import as_written, in_words
from mlguard.iam.language.document import ConditionTest, Qualifier
from mlguard.iam.language.request import Context, Rest
from mlguard.iam.language.truth import Truth

KEY = "aws:Key"
VALUES = {"Numeric": "7", "Date": "2025-01-01T00:00:00Z", "Bool": "true", "Ip": "10.0.0.0/8"}
QUALIFIERS: tuple[Qualifier | None, ...] = (None, "ForAllValues", "ForAnyValue")


def asks(operator: str, *values: str, **more: object) -> ConditionTest:
    return ConditionTest(operator=operator, key=KEY, values=values, **more)  # type: ignore[arg-type]


@pytest.mark.parametrize("if_exists", [False, True])
@pytest.mark.parametrize("qualifier", QUALIFIERS)
@pytest.mark.parametrize("operator", sorted(OPERATORS.keys() - {"Null"}))
def test_they_say_whether_an_absent_key_passes(
    operator: str, qualifier: Qualifier | None, *, if_exists: bool
) -> None:
    kind = next((kind for kind in VALUES if operator.removeprefix("Not").startswith(kind)), "")
    value = VALUES.get(kind, "arn:aws:s3:::x")
    test = asks(operator, value, qualifier=qualifier, if_exists=if_exists)
    absent = Context.of({}, rest=Rest.ABSENT)
    passes = compile_test(test, variables=True).holds(absent).truth is Truth.TRUE
    assert in_words(test).endswith(", or is absent") is passes
    assert value in in_words(test)
    assert operator not in in_words(test)


@pytest.mark.parametrize(
    ("test", "words"),
    [
        (asks("Bool", "true"), "aws:Key is true"),
        (asks("Bool", "true", if_exists=True), "aws:Key is true, or is absent"),
        (asks("NotIpAddress", "10.0.0.0/8"), "aws:Key is not in 10.0.0.0/8, or is absent"),
        (asks("StringNotLike", "a*", "b"), "aws:Key is not like a* nor b, or is absent"),
        (asks("DateLessThan", "2025-01-01"), "aws:Key is before 2025-01-01"),
        (asks("NumericLessThanEquals", "7"), "aws:Key is at most 7"),
        (asks("Null", "true"), "aws:Key is absent"),
        (asks("Null", "false"), "aws:Key is there"),
        (
            asks("StringEquals", "a", "b", qualifier="ForAnyValue"),
            "some value of aws:Key is a or b",
        ),
        (
            asks("StringEquals", "a", "b", qualifier="ForAllValues"),
            "every value of aws:Key is a or b, or is absent",
        ),
    ],
)
def test_as_sentences(test: ConditionTest, words: str) -> None:
    assert in_words(test) == words


def test_of_many_values_some_may_be_told() -> None:
    test = asks("StringEquals", "a", "b", "c", "d")
    assert in_words(test, most=2) == "aws:Key is a or b or 2 more"
    assert as_written(test) == "aws:Key StringEquals a or b or c or d"
