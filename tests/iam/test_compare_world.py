"""Comparisons beside every request of a small world."""

from collections.abc import Iterator
from itertools import product
from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st

from mlguard.iam.comparison.compare import Comparison, compare
from mlguard.iam.language.document import Document
from tests.iam.comparing import Json, allowed, checked, document, policies

# Against every request of a small world.

LETTERS = "abx"
ACTIONS = [f"s3:{''.join(name)}" for size in (1, 2) for name in product(LETTERS, repeat=size)]
RESOURCES = [
    "*",
    *(f"arn:aws:s3:::{''.join(name)}" for size in (1, 2) for name in product("ab:", repeat=size)),
]
CONTEXTS: list[dict[str, tuple[str, ...]]] = [
    {},
    {"k": ("a",)},
    {"k": ("b",)},
    {"k": ("ab",)},
    {"k": ("x",)},
    {"k": ("A",)},
    {"k": ("",)},
    {"n": ("1",)},
    {"n": ("2",)},
    {"n": ("3",)},
    {"k": ("a",), "n": ("2",)},
    {"t": ("a",)},
    {"t": ("a", "b")},
    {"t": ("b", "x")},
    {"t": ("",)},
    {"t": ("", "b")},
    {"b": ("true",)},
    {"b": ("false",), "k": ("",)},
]

PATTERN = st.text("ab*?", min_size=1, max_size=3)
TESTS: list[Json] = [
    {"StringEquals": {"k": "a"}},
    {"StringEquals": {"K": ["a", "b"]}},
    {"StringNotEquals": {"k": "a"}},
    {"StringLike": {"k": "a*"}},
    {"StringNotLike": {"k": ["a*", "?"]}},
    {"StringEqualsIgnoreCase": {"k": "a"}},
    {"StringEqualsIfExists": {"k": "b"}},
    {"Null": {"k": "true"}},
    {"Null": {"k": "false"}},
    {"StringEquals": {"k": ""}},
    {"StringNotEquals": {"k": ["", "a"]}},
    {"StringLike": {"k": ["?", ""]}},
    {"StringNotEqualsIfExists": {"k": ""}},
    {"ForAnyValue:StringEquals": {"t": ["", "a"]}},
    {"ForAnyValue:StringNotEquals": {"t": ["", "a"]}},
    {"ForAllValues:StringEquals": {"t": ["", "b"]}},
    {"Null": {"t": "true"}},
    {"Bool": {"b": "true"}},
    {"Bool": {"b": "false"}},
    {"BoolIfExists": {"b": "false"}},
    {"Null": {"b": "true"}},
    {"NumericLessThan": {"n": "2"}},
    {"NumericGreaterThanEquals": {"n": "2"}},
    {"NumericNotEquals": {"n": "2"}},
    {"ForAnyValue:StringEquals": {"t": ["a"]}},
    {"ForAllValues:StringEquals": {"t": ["a", "b"]}},
    {"ForAllValues:StringNotEquals": {"t": ["x"]}},
    {"StringEquals": {"k": "a"}, "NumericLessThan": {"n": "3"}},
]


@st.composite
def statements(draw: st.DrawFn) -> Json:
    names = draw(st.lists(PATTERN.map("s3:".__add__), min_size=1, max_size=2))
    shape = st.one_of(
        PATTERN.map("arn:aws:s3:::".__add__), st.sampled_from(["*", "arn:*", "arn:aws:s3:::*:*"])
    )
    resources = draw(st.lists(shape, min_size=1, max_size=2))
    statement: Json = {
        "Effect": draw(st.sampled_from(["Allow", "Allow", "Deny"])),
        draw(st.sampled_from(["Action", "Action", "NotAction"])): names,
        draw(st.sampled_from(["Resource", "Resource", "NotResource"])): resources,
    }
    condition = draw(st.one_of(st.none(), st.sampled_from(TESTS)))
    return statement if condition is None else statement | {"Condition": condition}


DOCUMENTS = st.lists(statements(), min_size=1, max_size=3).map(lambda found: document(*found))


def differences(old: Document, new: Document) -> Iterator[tuple[str, str, Any]]:
    before, after = policies(old), policies(new)
    for action, resource, context in product(ACTIONS, RESOURCES, CONTEXTS):
        request = action, resource, context
        if allowed(after, *request) and not allowed(before, *request):
            yield request


@settings(max_examples=60, deadline=None)
@given(DOCUMENTS, DOCUMENTS)
def test_witnesses_are_real_and_no_request_contradicts_a_none(old: Document, new: Document) -> None:
    found = checked([old], [new])
    assert not found.undecided
    if not found.new_access:
        assert next(differences(old, new), None) is None


@settings(max_examples=60, deadline=None)
@given(DOCUMENTS, statements())
def test_adding_an_allow_never_takes_away_and_adding_a_deny_never_gives(
    old: Document, more: Json
) -> None:
    written = [statement.plain() for statement in old.statements]
    more_allowed = document(*written, more | {"Effect": "Allow"})
    more_denied = document(*written, more | {"Effect": "Deny"})
    assert compare([more_allowed], [old]) == Comparison()
    assert compare([old], [more_denied]) == Comparison()
    assert compare([old], [old]) == Comparison()


HOMES = st.lists(
    st.sampled_from(["a", "b", "*", "?", "${aws:username}", "${aws:username, 'a'}"]),
    min_size=1,
    max_size=3,
).map("".join)
USERS: list[dict[str, tuple[str, ...]]] = [{}] + [
    {"aws:username": (name,)} for name in ("", "a", "b", "ab", "x")
]


@st.composite
def statements_with_variables(draw: st.DrawFn) -> Json:
    element = draw(st.sampled_from(["Resource", "Resource", "NotResource"]))
    homes = draw(st.lists(HOMES.map("arn:aws:s3:::".__add__), min_size=1, max_size=2))
    effect = draw(st.sampled_from(["Allow", "Allow", "Deny"]))
    return {"Effect": effect, "Action": "s3:*", element: homes}


@settings(max_examples=60, deadline=None)
@given(
    st.lists(statements_with_variables(), min_size=1, max_size=2),
    st.lists(statements_with_variables(), min_size=1, max_size=2),
)
def test_a_none_holds_whatever_the_variables_are(old: list[Json], new: list[Json]) -> None:
    found = checked([document(*old)], [document(*new)])
    if found != Comparison():
        return
    before, after = policies(document(*old)), policies(document(*new))
    for resource, context in product(RESOURCES, USERS):
        request = "s3:a", resource, context
        assert not allowed(after, *request) or allowed(before, *request), request
