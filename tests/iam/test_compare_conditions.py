"""Conditions: which of two asks for less."""

import pytest

from tests.iam.comparing import (
    Json,
    allow,
    deny,
    nothing_new,
    witness,
)

SECURE: Json = {"Bool": {"aws:SecureTransport": "true"}}


def test_an_unconditional_allow_covers_any_conditional_one() -> None:
    assert nothing_new([allow("s3:*")], [allow("s3:*", condition=SECURE)])


def test_a_condition_taken_away_is_new_access() -> None:
    found = witness([allow("s3:*", condition=SECURE)], [allow("s3:*")])
    assert found.context.get("aws:SecureTransport") != ("true",)


def test_the_same_condition_is_nothing_new_however_its_key_is_written() -> None:
    old = allow("s3:*", condition={"StringLike": {"aws:PrincipalTag/Team": ["a*", "b"]}})
    new = allow("s3:*", condition={"StringLike": {"AWS:principaltag/team": ["b", "a*"]}})
    assert nothing_new([old], [new])


@pytest.mark.parametrize(
    ("wide", "narrow"),
    [
        ({"StringEquals": {"k": ["a", "b"]}}, {"StringEquals": {"k": "a"}}),
        ({"StringLike": {"k": "a*"}}, {"StringEquals": {"k": ["ab", "ac"]}}),
        ({"StringNotEquals": {"k": "a"}}, {"StringEquals": {"k": "b"}}),
        ({"StringNotEquals": {"k": "a"}}, {"StringNotEquals": {"k": ["a", "b"]}}),
        ({"StringEqualsIgnoreCase": {"k": "AB"}}, {"StringEquals": {"k": ["ab", "aB"]}}),
        ({"StringEqualsIfExists": {"k": "a"}}, {"StringEquals": {"k": "a"}}),
        # An empty text is there for IfExists, and is nothing for Null.
        ({"StringEqualsIfExists": {"k": ["a", ""]}}, {"Null": {"k": "true"}}),
        ({"NumericEqualsIfExists": {"k": "1"}}, {"Null": {"k": "true"}}),
        ({"NumericLessThan": {"k": "10"}}, {"NumericLessThanEquals": {"k": "9.5"}}),
        ({"NumericNotEquals": {"k": "10"}}, {"NumericGreaterThan": {"k": "10"}}),
        (
            {"DateLessThan": {"aws:CurrentTime": "2030-01-01T00:00:00Z"}},
            {"DateLessThan": {"aws:CurrentTime": "2029-12-31"}},
        ),
        (
            {"IpAddress": {"k": ["10.0.0.0/9", "10.128.0.0/9"]}},
            {"IpAddress": {"k": "10.64.0.0/10"}},
        ),
        ({"NotIpAddress": {"k": "10.0.0.0/8"}}, {"IpAddress": {"k": "192.168.0.0/16"}}),
        (
            {"ArnLike": {"k": "arn:aws:iam::*:role/*"}},
            {"ArnEquals": {"k": "arn:aws:iam::1:role/r"}},
        ),
        ({"StringLike": {"k": "arn:aws:iam::*"}}, {"ArnLike": {"k": "arn:aws:iam::1:role/*"}}),
        ({"ForAnyValue:StringLike": {"k": "a*"}}, {"ForAnyValue:StringEquals": {"k": ["ab"]}}),
        ({"ForAllValues:StringLike": {"k": "a*"}}, {"ForAllValues:StringEquals": {"k": ["ab"]}}),
        ({"Bool": {"k": "true"}}, {"Bool": {"k": "true"}, "StringEquals": {"j": "x"}}),
        ({"BinaryEquals": {"k": ["YQ==", "Yg=="]}}, {"BinaryEquals": {"k": "YQ=="}}),
    ],
)
def test_a_condition_covers_a_narrower_one_and_not_the_other_way_round(
    wide: Json, narrow: Json
) -> None:
    assert nothing_new([allow("s3:*", condition=wide)], [allow("s3:*", condition=narrow)])
    assert not nothing_new([allow("s3:*", condition=narrow)], [allow("s3:*", condition=wide)])


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ({"Null": {"k": "false"}}, {"StringLike": {"k": "?*"}}),
        ({"IpAddress": {"k": ["10.0.0.0/9", "10.128.0.0/9"]}}, {"IpAddress": {"k": "10.0.0.0/8"}}),
        ({"ArnEquals": {"k": "arn:aws:s3:::*"}}, {"ArnLike": {"k": ["arn:aws:s3:::*"]}}),
        ({"StringNotEqualsIfExists": {"k": "a"}}, {"StringNotEquals": {"k": "a"}}),
        ({"NumericGreaterThan": {"k": "1"}}, {"NumericGreaterThan": {"k": "1.0"}}),
    ],
)
def test_two_ways_of_saying_the_same_are_the_same(one: Json, other: Json) -> None:
    assert nothing_new([allow("s3:*", condition=one)], [allow("s3:*", condition=other)])
    assert nothing_new([allow("s3:*", condition=other)], [allow("s3:*", condition=one)])


def test_two_conditions_cover_what_neither_does() -> None:
    old = [
        allow("s3:*", condition={"StringEquals": {"k": "a"}}),
        allow("s3:*", condition={"StringNotEquals": {"k": "a"}}),
    ]
    assert nothing_new(old, [allow("s3:*")])


def test_for_all_values_lets_an_absent_key_pass() -> None:
    tags = {"ForAllValues:StringEquals": {"aws:TagKeys": ["a"]}}
    present = {"ForAnyValue:StringEquals": {"aws:TagKeys": ["a"]}}
    found = witness([allow("s3:*", condition=present)], [allow("s3:*", condition=tags)])
    assert dict(found.context) == {}


@pytest.mark.parametrize(
    ("old", "new", "value"),
    [
        ({"StringEquals": {"k": ["home/"]}}, {"StringEquals": {"k": ["", "home/"]}}, ("",)),
        ({"StringLike": {"k": "?*"}, "Null": {"k": "false"}}, {"StringLike": {"k": "*"}}, ("",)),
        (
            {"StringNotLike": {"k": "?*"}, "Null": {"k": "true"}, "StringNotEquals": {"k": ""}},
            {"StringNotLike": {"k": "?*"}},
            ("",),
        ),
        (
            {"ForAnyValue:StringEquals": {"k": "a"}},
            {"ForAnyValue:StringEquals": {"k": ["", "a"]}},
            ("", "example"),
        ),
        (
            {"ForAnyValue:StringEquals": {"k": ""}},
            {"ForAnyValue:StringEquals": {"k": ["", "a"]}},
            ("a",),
        ),
        (
            {"ForAllValues:StringEquals": {"k": "a"}},
            {"ForAllValues:StringEquals": {"k": ["", "a"]}},
            ("", "a"),
        ),
    ],
)
def test_a_key_may_hold_an_empty_text(old: Json, new: Json, value: tuple[str, ...]) -> None:
    assert witness([allow("s3:*", condition=old)], [allow("s3:*", condition=new)]).context == {
        "k": value
    }


def test_a_deny_of_an_empty_text_taken_away_is_new_access() -> None:
    old = [allow("s3:*"), deny("s3:*", condition={"StringEquals": {"s3:prefix": ""}})]
    assert witness(old, [allow("s3:*")]).context == {"s3:prefix": ("",)}


def test_a_boolean_key_has_two_values_or_none() -> None:
    parts: list[Json] = [{"Bool": {"k": "true"}}, {"Bool": {"k": "false"}}, {"Null": {"k": "true"}}]
    covered = [allow("*", condition=part) for part in parts]
    assert nothing_new(covered, [allow("*")])
    found = witness(covered[:2], [allow("*", condition={"Null": {"k": "true"}})])
    assert dict(found.context) == {}
    there = {"Null": {"k": "false"}}
    assert witness(covered[:1], [allow("*", condition=there)]).context == {"k": ("false",)}


def test_conditions_that_cannot_hold_together_grant_nothing() -> None:
    never = {"StringEquals": {"k": "a"}, "Null": {"k": "true"}}
    assert nothing_new([deny("s3:*")], [allow("iam:*", condition=never)])


# Policy variables.
