"""Builders: the same role as text, in moto, and as an account without either."""

import json

import pytest

from mlguard_pytest import Mlguard
from mlguard_pytest.builders import account, allow, deny, policy, role, snapshot, trust

DATA = "arn:aws:s3:::data/*"


def test_a_policy_is_what_aws_takes() -> None:
    text = policy(
        allow("s3:GetObject", on=DATA, sid="Read", when={"Bool": {"aws:SecureTransport": "true"}}),
        deny("s3:*", on=[DATA, "arn:aws:s3:::b"]),
    )
    assert json.loads(text) == {
        "Version": "2012-10-17",
        "Statement": [
            {
                "Sid": "Read",
                "Effect": "Allow",
                "Action": ["s3:GetObject"],
                "Resource": [DATA],
                "Condition": {"Bool": {"aws:SecureTransport": "true"}},
            },
            {"Effect": "Deny", "Action": ["s3:*"], "Resource": [DATA, "arn:aws:s3:::b"]},
        ],
    }


def test_a_trust_policy_names_services_and_principals() -> None:
    text = trust(service="sagemaker.amazonaws.com", aws=["123456789012"])
    (statement,) = json.loads(text)["Statement"]
    assert statement["Principal"] == {
        "Service": ["sagemaker.amazonaws.com"],
        "AWS": ["123456789012"],
    }


def test_what_would_be_no_policy_is_refused() -> None:
    with pytest.raises(ValueError, match=r"allow\(\) needs an action"):
        allow()
    with pytest.raises(ValueError, match="has to trust somebody"):
        trust()


def test_a_role_is_the_same_in_moto_and_without(
    mlguard: Mlguard,
    mlguard_moto: object,
) -> None:
    boto3 = pytest.importorskip("boto3")
    made = role("reader", allow("s3:GetObject", on=DATA))
    arn = made.create(boto3.client("iam"))
    beside = account(made).role("reader")
    assert arn == beside.arn
    assert mlguard.role("reader").permissions == beside.permissions
    assert mlguard_moto is boto3.DEFAULT_SESSION


def test_an_account_of_builders_has_just_these() -> None:
    held = snapshot(role("b", allow("s3:*")), role("a"))
    assert [one.name for one in held.resources] == ["a", "b"]
    assert account(role("a")).report.gaps == ()
    assert account(role("a")).role("a").results != ()


def test_a_managed_policy_is_a_gap_without_aws() -> None:
    held = account(role("a", attached="arn:aws:iam::aws:policy/ReadOnlyAccess"))
    assert held.role("a").subject.gaps != ()
