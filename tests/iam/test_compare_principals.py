"""Policies that name whom they let in, and policies of somebody."""

import pytest

from mlguard.iam.comparison.compare import Comparison, compare, compare_trust
from tests.iam.comparing import (
    BUCKET,
    Json,
    allow,
    deny,
    document,
    trust,
)

USER = "arn:aws:iam::123456789012:user/ana"
ROLE = "arn:aws:iam::123456789012:role/ana"


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


@pytest.mark.parametrize("action", ["sts:TagSession", "sts:SetSourceIdentity", "sts:SetContext"])
def test_what_a_trust_policy_lets_a_session_carry_is_new_access(action: str) -> None:
    bare, more = trust({"AWS": "111122223333"}), {"Action": ["sts:AssumeRole", action]}
    old, new = document(bare), document(bare | more)
    (found,) = compare_trust(old, new, role=ROLE).new_access
    assert found.action == action
    assert compare_trust(new, old, role=ROLE) == Comparison()


@pytest.mark.parametrize("action", ["sts:AssumeRoleWithSAML", "sts:AssumeRoleWithWebIdentity"])
def test_who_calls_with_a_token_is_no_principal_of_an_account(action: str) -> None:
    bare, more = trust({"AWS": "111122223333"}), {"Action": ["sts:AssumeRole", action]}
    assert compare_trust(document(bare), document(bare | more), role=ROLE) == Comparison()
    provider = trust({"Federated": "arn:aws:iam::123456789012:saml-provider/idp"})
    (found,) = compare_trust(document(bare), document(bare, provider | more), role=ROLE).new_access
    assert found.action == action


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


OWN = allow("s3:GetObject", f"{BUCKET}/${{aws:username}}/*")
BY_ARN = allow("s3:*", "*", {"ArnEquals": {"aws:PrincipalArn": USER}})
BY_NAME = allow("s3:*", "*", {"StringNotEquals": {"aws:username": "bob"}})
BY_DEFAULT = allow("s3:GetObject", f"{BUCKET}/${{aws:username, 'none'}}/*")


# IAM User Guide, "IAM policy elements: Variables and tags", Principal key values: a user has
# aws:username, a role has not.
@pytest.mark.parametrize(
    ("who", "old", "new"),
    [
        (USER, OWN, allow("s3:GetObject", f"{BUCKET}/ana/*")),
        (USER, allow("s3:GetObject", f"{BUCKET}/ana/*"), OWN),
        (USER, BY_ARN, allow("s3:*")),
        (USER, BY_NAME, allow("s3:*")),
        (USER, OWN, BY_DEFAULT),
        (ROLE, deny("s3:*"), OWN),
        (ROLE, deny("s3:*"), BY_ARN),
        (ROLE, allow("s3:GetObject", f"{BUCKET}/none/*"), BY_DEFAULT),
    ],
)
def test_what_follows_from_the_principal_is_the_same_on_both_sides(
    who: str, old: Json, new: Json
) -> None:
    assert compare([document(old)], [document(new)], principal=who) == Comparison()
    assert compare([document(old)], [document(new)]).new_access


@pytest.mark.parametrize(
    ("who", "old", "new", "resource"),
    [
        (USER, allow("s3:GetObject", f"{BUCKET}/bob/*"), OWN, f"{BUCKET}/ana/example"),
        (USER, deny("s3:*"), BY_DEFAULT, f"{BUCKET}/ana/example"),
        (ROLE, deny("s3:*"), BY_DEFAULT, f"{BUCKET}/none/example"),
    ],
)
def test_a_variable_of_a_principal_has_its_value(
    who: str, old: Json, new: Json, resource: str
) -> None:
    (found,) = compare([document(old)], [document(new)], principal=who).new_access
    assert (found.resource, found.principal, dict(found.context)) == (resource, who, {})


def test_a_tag_of_a_principal_may_have_any_value() -> None:
    tagged = allow("s3:GetObject", f"{BUCKET}/${{aws:username}}/${{aws:PrincipalTag/team}}/*")
    whole = allow("s3:GetObject", f"{BUCKET}/ana/*")
    assert compare([document(whole)], [document(tagged)], principal=USER) == Comparison()
    (found,) = compare([document(deny("s3:*"))], [document(tagged)], principal=USER).new_access
    assert found.resource.startswith(f"{BUCKET}/ana/")
    assert [key.lower() for key in found.context] == ["aws:principaltag/team"]
    assert compare([document(deny("s3:*"))], [document(tagged)], principal=ROLE) == Comparison()
