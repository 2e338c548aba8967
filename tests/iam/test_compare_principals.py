"""Policies that name whom they let in."""

from mlguard.iam.comparison.compare import Comparison, compare
from tests.iam.comparing import (
    deny,
    document,
    trust,
)


def test_a_principal_added_to_a_trust_policy_is_named() -> None:
    old = document(trust({"Service": "sagemaker.amazonaws.com"}))
    new = document(trust({"Service": ["sagemaker.amazonaws.com", "lambda.amazonaws.com"]}))
    (found,) = compare([old], [new]).new_access
    assert found.principal == "lambda.amazonaws.com"
    assert compare([new], [old]) == Comparison()


def test_anyone_covers_a_role_and_not_the_other_way_round() -> None:
    role = document(trust({"AWS": "arn:aws:iam::123456789012:role/r"}))
    anyone = document(trust({"AWS": "*"}))
    assert compare([anyone], [role]) == Comparison()
    (found,) = compare([role], [anyone]).new_access
    assert found.principal == "arn:aws:iam::999999999999:user/example"


def test_an_account_id_is_its_root_arn() -> None:
    digits = document(trust({"AWS": "123456789012"}))
    root = document(trust({"AWS": "arn:aws:iam::123456789012:root"}))
    assert compare([digits], [root]) == compare([root], [digits]) == Comparison()


def test_a_role_named_is_more_than_its_account_named() -> None:
    account = document(trust({"AWS": "123456789012"}))
    role = document(trust({"AWS": "arn:aws:iam::123456789012:role/r"}))
    (found,) = compare([account], [role]).new_access
    assert found.principal == "arn:aws:iam::123456789012:role/r"


def test_a_trust_without_its_condition_is_new_access() -> None:
    federated = {"Federated": "arn:aws:iam::123456789012:oidc-provider/idp.example.com"}
    subject = {"StringLike": {"idp.example.com:sub": "repo:org/*"}}
    token = {"Action": "sts:AssumeRoleWithWebIdentity"}
    old, new = document(trust(federated, subject) | token), document(trust(federated) | token)
    assert compare([old], [new]).new_access
    assert compare([new], [old]) == Comparison()


def test_a_deleted_principal_is_nobody() -> None:
    nobody = document(trust({"AWS": "AROAEXAMPLEEXAMPLE123"}))
    somebody = document(trust({"Service": "sagemaker.amazonaws.com"}))
    assert compare([somebody], [nobody]) == Comparison()


def test_not_principal_is_undecided_unless_nothing_changed() -> None:
    statement = deny("s3:*") | {"NotPrincipal": {"AWS": "123456789012"}}
    old, new = document(statement), document(statement, trust("*"))
    assert compare([old], [new]).undecided
    assert compare([new], [new]) == Comparison()


# The budget.
