"""Principals that the caller makes itself, gives what it lacks, and becomes."""

import pytest

from mlguard.iam.escalation.chain import Certainty
from tests.iam.escalation_account import (
    CALLER,
    LIMIT,
    Statement,
    allow,
    arn,
    deny,
    judged,
    policy,
    role,
    user,
    view,
    ways,
)

NEW_USERS = (
    allow("iam:CreateUser", on=arn("user/new-*")),
    allow("iam:PutUserPolicy", on=arn("user/*")),
    allow("iam:CreateAccessKey", on=arn("user/new-*")),
)
BY_KEY = "x-iam-createuser-putuserpolicy-key"
NEW_ROLES = (allow("iam:CreateRole", "iam:PutRolePolicy", on=arn("role/new-*")),)
BY_ROLE = "x-iam-createrole-putrolepolicy"


def test_a_user_that_may_be_made_and_written_to_becomes_an_administrator() -> None:
    (way,) = ways(view(user(CALLER, *NEW_USERS)), BY_KEY)
    assert [step.action for step in way.steps] == [
        *("iam:CreateUser", "iam:PutUserPolicy", "iam:CreateAccessKey"),
    ]
    assert len({step.resource for step in way.steps}) == 1
    assert (way.certainty, way.admin) == (Certainty.PROVED, True)


def test_an_administrator_in_all_but_one_action_makes_a_better_one() -> None:
    one = judged(view(user(CALLER, allow("*"), deny("iam:DeleteUser"))))
    assert not one.admin
    assert one.reaches_admin


@pytest.mark.parametrize(
    "statements",
    [
        (*NEW_USERS[:2], allow("iam:CreateAccessKey", on=arn("user/other-*"))),
        (*NEW_USERS, deny("iam:CreateUser", on=arn("user/new*"))),
        (
            allow("iam:CreateUser", on=arn("user/there")),
            *NEW_USERS[1:2],
            allow("iam:CreateAccessKey"),
        ),
    ],
    ids=["keys of others only", "denied", "the one that may be made is there"],
)
def test_a_user_that_cannot_be_made_and_become_is_no_way(statements: tuple[Statement, ...]) -> None:
    there = user("there", allow("sqs:*"))
    assert not ways(view(user(CALLER, *statements), there), BY_KEY)


def test_a_boundary_that_must_be_set_limits_what_is_made() -> None:
    asked = {"StringEquals": {"iam:PermissionsBoundary": LIMIT}}
    statements = (allow("iam:CreateUser", on=arn("user/new-*"), Condition=asked), *NEW_USERS[1:])
    limit = policy(allow("s3:*"), name=LIMIT)
    (way,) = ways(view(user(CALLER, *statements), managed={LIMIT: limit}), BY_KEY)
    assert (way.admin, way.steps[0].policy) == (False, LIMIT)
    own = user(CALLER, *statements, allow("s3:*"))
    assert not ways(view(own, managed={LIMIT: limit}), BY_KEY)


def test_a_role_is_assumed_by_whoever_writes_its_trust_policy() -> None:
    (way,) = ways(view(role(CALLER, *NEW_ROLES)), BY_ROLE)
    assert [step.action for step in way.steps] == [
        *("iam:CreateRole", "iam:PutRolePolicy", "sts:AssumeRole"),
    ]
    assert way.admin
    assert not ways(view(role(CALLER, *NEW_ROLES, deny("sts:AssumeRole"))), BY_ROLE)


def test_a_role_joins_no_group() -> None:
    statements = (allow("iam:CreateGroup", "iam:PutGroupPolicy", "iam:AddUserToGroup"),)
    path = "x-iam-creategroup-putgrouppolicy"
    assert ways(view(user(CALLER, *statements)), path)[0].admin
    assert not ways(view(role(CALLER, *statements)), path)
