"""Conditions one by one: operators, what is not known, and variables."""

import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mlguard.iam.evaluation.condition import CompiledTest, compile_test
from mlguard.iam.evaluation.condition_operators import OPERATORS, instant, number
from mlguard.iam.language.document import OPERATORS as WRITTEN
from mlguard.iam.language.document import ConditionTest, parse
from mlguard.iam.language.request import Context
from mlguard.iam.language.truth import (
    NO,
    YES,
    Answer,
    Truth,
    doubtful,
    every,
    negate,
    some,
    unknown,
)
from mlguard.iam.language.variables import Template

UNKNOWN = Context.of(unknown=["k", "v"])
ANSWERS = st.sampled_from([YES, NO, unknown("k"), unknown("v"), doubtful(Truth.FALSE, "d")])


def compiled(operator: str, *values: str, key: str = "k", version: str = "2012-10-17") -> Any:
    statement = {"Effect": "Allow", "Action": "*", "Condition": {operator: {key: list(values)}}}
    document = parse(json.dumps({"Version": version, "Statement": statement}))
    ((test,),) = (found.conditions for found in document.statements)
    return compile_test(test, variables=document.has_variables)


def truth(operator: str, *values: str, given: dict[str, Any] | None = None) -> Truth:
    answer = compiled(operator, *values).holds(Context.of(given or {}))
    assert isinstance(answer, Answer)
    return answer.truth


def test_every_operator_that_a_document_may_have_is_known() -> None:
    assert OPERATORS.keys() | {"Null"} == WRITTEN


@pytest.mark.parametrize("operator", sorted(WRITTEN))
@pytest.mark.parametrize("qualifier", ["", "ForAllValues:", "ForAnyValue:"])
def test_an_unknown_key_leaves_every_operator_open(operator: str, qualifier: str) -> None:
    answer = compiled(qualifier + operator, "true").holds(UNKNOWN)
    assert answer == Answer(Truth.UNKNOWN, frozenset({"k"}), answer.doubts)


def test_null_of_both_is_true_whatever_the_key_is() -> None:
    assert compiled("Null", "true", "false").holds(UNKNOWN) == YES


def test_an_unknown_variable_leaves_a_test_open() -> None:
    context = Context.of({"k": "a"}, unknown=["v"])
    for operator in ("StringEquals", "StringNotLike", "ForAllValues:StringLike"):
        answer = compiled(operator, "${V}").holds(context)
        assert answer == Answer(Truth.UNKNOWN, frozenset({"V"}))


def test_an_unknown_variable_does_not_matter_beside_a_value_that_matches() -> None:
    context = Context.of({"k": "a"}, unknown=["v"])
    assert compiled("StringEquals", "${v}", "a").holds(context) == YES
    assert compiled("StringNotEquals", "${v}", "a").holds(context) == NO


def test_an_unknown_value_in_a_set_leaves_only_what_it_can_change() -> None:
    context = Context.of({"k": ["a", "b"]}, unknown=["v"])
    every_one = compiled("ForAllValues:StringEquals", "${v}", "a")
    assert every_one.holds(context).truth is Truth.UNKNOWN
    assert compiled("ForAnyValue:StringEquals", "${v}", "a").holds(context) == YES


def test_the_key_is_reported_as_the_policy_writes_it() -> None:
    answer = compiled("Bool", "true", key="AWS:Secure").holds(Context.of(unknown=["aws:secure"]))
    assert answer.missing == {"AWS:Secure"}


def test_a_condition_is_compiled_once() -> None:
    test = ConditionTest(operator="StringEquals", key="k", values=("a",))
    same = ConditionTest(operator="StringEquals", key="k", values=("a",))
    assert compile_test(test, variables=True) is compile_test(same, variables=True)
    assert isinstance(compile_test(test, variables=False), CompiledTest)


@given(st.lists(ANSWERS, max_size=4))
def test_all_hold_as_kleene_says(answers: list[Answer]) -> None:
    found = every(answers)
    assert found.truth is min((one.truth for one in answers), default=Truth.TRUE)
    open_keys = {key for one in answers for key in one.missing}
    assert found.missing == (open_keys if found.truth is Truth.UNKNOWN else set())


@given(st.lists(ANSWERS, max_size=4))
def test_some_hold_as_kleene_says(answers: list[Answer]) -> None:
    found = some(answers)
    assert found.truth is max((one.truth for one in answers), default=Truth.FALSE)
    assert negate(negate(found)) == found
    assert negate(found).truth is every(map(negate, answers)).truth


@given(
    st.sampled_from(["StringLike", "NumericEquals", "ArnLike", "StringEqualsIgnoreCase"]),
    st.lists(st.sampled_from(["a", "A", "1", "1.0", "*", "arn:aws:s3:::x"]), min_size=1),
    st.sampled_from(["a", "1", "arn:aws:s3:::x"]),
)
def test_a_negated_operator_says_the_contrary_of_a_present_key(
    operator: str, values: list[str], value: str
) -> None:
    contrary = {"StringEqualsIgnoreCase": "StringNotEqualsIgnoreCase"}
    negated = contrary.get(operator, operator.replace("Equals", "NotEquals"))
    negated = negated.replace("Like", "NotLike")
    holds = truth(operator, *values, given={"k": value})
    assert truth(negated, *values, given={"k": value}) == 2 - holds


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("10", 10),
        ("-1.50", -1.5),
        ("+2", 2),
        ("1e2", 100),
        ("", None),
        ("1_000", None),
        (" 1", None),
        ("Infinity", None),
        ("NaN", None),
        ("0x10", None),
        ("\u0661", None),
        ("1-2", None),
        ("1e99999999999999999999", None),
    ],
)
def test_numbers_are_decimals_and_nothing_else(text: str, value: float | None) -> None:
    assert number(text) == value


@pytest.mark.parametrize(
    ("text", "seconds"),
    [
        ("1970", 0),
        ("1970-01", 0),
        ("1970-01-02", 86400),
        ("1970-01-01T01:00Z", 3600),
        ("1970-01-01T01:00:01Z", 3601),
        ("1970-01-01T01:00:00+01:00", 0),
        ("1970-01-01T00:00:01", 1),
        ("1577836800", 1577836800),
        ("12345", 12345),
        ("1969-12-31T23:59:59Z", -1),
        ("", None),
        ("19700101T000000Z", None),
        ("1970-W01-1", None),
        ("1970-13-01", None),
        ("1970-01-01 00:00:00Z", None),
        ("1970-01-01T25:00Z", None),
        ("70-1", None),
        ("1970-", None),
        ("1970-1", None),
        ("now", None),
    ],
)
def test_instants_are_w3c_dates_or_epoch_seconds(text: str, seconds: int | None) -> None:
    assert instant(text) == seconds


@given(st.text(alphabet="0123456789-:T.Z+e ", max_size=24))
def test_no_text_in_the_place_of_a_number_or_date_raises(text: str) -> None:
    for found in (number(text), instant(text)):
        assert found is None or found.is_finite()


@given(st.sampled_from(sorted(OPERATORS)), st.text(max_size=8), st.text(max_size=8))
def test_no_pair_of_texts_raises(operator: str, value: str, given: str) -> None:
    assert OPERATORS[operator].compare(value, given) in (True, False)


@pytest.mark.parametrize("operator", sorted(WRITTEN - {"Null"}))
def test_numbers_of_an_absurd_size_are_compared_at_once(operator: str) -> None:
    assert truth(operator, "1e999999999", given={"k": "9" * 4000}) in (Truth.TRUE, Truth.FALSE)


@given(st.text(alphabet="${}*?,' ab:", max_size=16))
def test_every_text_is_a_template_whose_widest_reading_takes_it_in(text: str) -> None:
    template = Template.parse(text)
    expansion = template.as_text(Context.of({"a": "x", "b": "y"}))
    assert expansion.missing == frozenset()
    if "${" not in text:
        assert expansion.text == template.widest == text


def test_what_a_variable_fills_in_is_not_read_again() -> None:
    template = Template.parse("${a}-${$}{a}")
    assert template.as_text(Context.of({"a": "${b}", "b": "no"})).text == "${b}-${a}"
