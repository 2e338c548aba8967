"""`can`: what its answer hangs on."""

import json

import pytest

from tests.builders.iam import (
    allow,
    attached,
    managed_policy,
)
from tests.cli.asking import (
    BUCKET,
    OBJECT,
    Ask,
    Statement,
    boundary,
    deny,
    when,
)


def test_a_deny_under_a_condition_is_an_unless(can: Ask) -> None:
    plain = deny("s3:*", Sid="Plain", **when("Bool", "aws:SecureTransport", "false"))
    ran = can("s3:GetObject", OBJECT, allow("s3:*"), plain)
    assert ran.code == 3
    assert "unless aws:SecureTransport is false (identity policy own, statement Plain)" in ran.out
    assert "\n    if " not in ran.out


def test_a_deny_of_a_part_is_an_unless(can: Ask) -> None:
    ran = can("s3:GetObject", f"{BUCKET}/*", allow("s3:*"), deny("s3:*", resource=f"{BUCKET}/x/*"))
    assert ran.code == 3
    assert f"unless the resource is {BUCKET}/x/*" in ran.out


def test_each_layer_has_its_if(can: Ask) -> None:
    limits, beside = boundary(allow("s3:*", **when("Bool", "aws:SecureTransport", "true")))
    own = (
        allow("s3:Get*", **when("StringEquals", "s3:prefix", "a", "b")),
        allow("s3:Get*", resource=f"{BUCKET}/x*"),
    )
    ran = can("s3:GetObject", f"{BUCKET}/*", *own, beside=beside, **limits)
    assert ran.code == 3
    lines = [line.strip().partition(" (")[0] for line in ran.out.splitlines()]
    assert "if s3:prefix is a or b" in lines
    assert f"or if the resource is {BUCKET}/x*" in lines
    assert "and if aws:SecureTransport is true" in lines


def test_the_provisos_are_data_too(can: Ask) -> None:
    own = allow("s3:*"), deny("s3:*", **when("StringLike", "s3:prefix", "a*"))
    answer = json.loads(can("s3:ListBucket", BUCKET, *own, shown="json").out)
    assert answer["conditions"] == []
    assert answer["provisos"] == [
        {
            "kind": "unless",
            "text": "s3:prefix is like a*",
            "layer": "identity",
            "policy": "own",
            "sid": None,
            "index": 1,
        }
    ]
    assert answer["doubts"] == []


@pytest.mark.parametrize(
    ("own", "limit", "code"),
    [
        # A Deny takes all that the Allow's condition leaves.
        (
            (
                allow("s3:*", **when("StringEquals", "s3:prefix", "a")),
                deny("s3:*", **when("StringLike", "s3:prefix", "a*")),
            ),
            None,
            1,
        ),
        # It leaves b.
        (
            (
                allow("s3:*", **when("StringEquals", "s3:prefix", "a", "b")),
                deny("s3:*", **when("StringLike", "s3:prefix", "a*")),
            ),
            None,
            3,
        ),
        # It never bears on what is allowed.
        (
            (
                allow("s3:*", **when("StringEquals", "s3:prefix", "a")),
                allow("s3:*", **when("StringNotEquals", "s3:prefix", "a")),
                deny(
                    "s3:*",
                    Condition={
                        "StringEquals": {"s3:prefix": "a"},
                        "StringLike": {"S3:Prefix": "b*"},
                    },
                ),
            ),
            None,
            0,
        ),
        # The two conditions exclude each other.
        (
            (allow("s3:*", **when("StringEquals", "s3:prefix", "a")),),
            allow("s3:*", **when("StringEquals", "s3:prefix", "b")),
            1,
        ),
        # One of the two always holds.
        (
            (
                allow("s3:*", **when("Null", "s3:prefix", "true")),
                allow("s3:*", **when("Null", "s3:prefix", "false")),
            ),
            None,
            0,
        ),
        # ... but the second perhaps not on this bucket.
        (
            (
                allow("s3:*", **when("Null", "s3:prefix", "true")),
                allow(
                    "s3:*",
                    resource="arn:aws:s3:::${aws:PrincipalTag/bucket}",
                    **when("Null", "s3:prefix", "false"),
                ),
            ),
            None,
            3,
        ),
        (
            (
                allow("s3:*", **when("Null", "s3:prefix", "true")),
                allow("s3:*", **when("Null", "s3:prefix", "false")),
                deny("s3:*", **when("Bool", "aws:SecureTransport", "false")),
            ),
            None,
            3,
        ),
    ],
)
def test_conditions_that_come_to_a_yes_or_a_no(
    can: Ask, own: tuple[Statement, ...], limit: Statement | None, code: int
) -> None:
    limits, beside = boundary(limit) if limit else ({}, ())
    assert can("s3:ListBucket", BUCKET, *own, beside=beside, **limits).code == code


def test_conditions_of_a_policy_that_is_not_whole_come_to_nothing(can: Ask) -> None:
    own = (
        allow("s3:*", **when("Null", "s3:prefix", "true")),
        allow("s3:*", **when("Null", "s3:prefix", "false")),
    )
    lost = attached(managed_policy("lost"))
    ran = can("s3:ListBucket", BUCKET, *own, attached_policies=(lost,))
    assert ran.out.startswith("it depends")


@pytest.mark.parametrize(
    ("key", "code"), [("aws:TagKeys", 3), ("aws:PrincipalTag/team", 1), ("aws:CalledVia", 3)]
)
def test_a_key_of_several_values_may_have_both(can: Ask, key: str, code: int) -> None:
    more, beside = boundary(allow("s3:*", **when("StringEquals", key, "a")))
    own = allow("s3:*", **when("StringEquals", key, "b"))
    assert can("s3:GetObject", OBJECT, own, beside=beside, **more).code == code
