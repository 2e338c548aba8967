"""Edits of somebody whom the caller has in hand already, or becomes."""

from dataclasses import replace
from typing import Any

import pytest

from mlguard.iam.escalation.account import AccountView, Member, Team
from mlguard.iam.escalation.chain import Certainty
from tests.iam.escalation_account import (
    CALLER,
    GROUP,
    LIMIT,
    OWN_POLICY,
    TARGET_POLICY,
    Statement,
    allow,
    arn,
    deny,
    judged,
    policy,
    role,
    trust,
    user,
    view,
)

ME = arn(f"user/{CALLER}")
B = arn("role/b")
BOB = arn("user/bob")
WEAK = allow("sqs:ListQueues")
MINE = trust(AWS=arn("root"))
FOR_LAMBDA = trust(Service="lambda.amazonaws.com")
CREW = Team(arn=GROUP, policies=(policy(WEAK, name="of the crew"),))
ADMINS = Team(arn=GROUP, policies=(policy(allow("*"), name="everything"),))


def actions_of(account: AccountView) -> list[str]:
    one = judged(account)
    assert one.reaches_admin
    (way,) = (way for way in one.escalations if way.admin)
    assert way.certainty is Certainty.PROVED
    return [step.action for step in way.steps]


def me(*statements: Statement, **changes: Any) -> Member:
    return user(CALLER, WEAK, *statements, **changes)


def assumed(*statements: Statement) -> Member:
    return role("b", *statements, trust=MINE)


ASSUME_B = allow("sts:AssumeRole", on=B)


@pytest.mark.parametrize(
    ("edit", "changes", "teams"),
    [
        (allow("iam:PutUserPolicy", on=ME), {}, ()),
        (allow("iam:AttachUserPolicy", on=ME), {}, ()),
        (allow("iam:AddUserToGroup", on=GROUP), {}, (ADMINS,)),
        (allow("iam:PutGroupPolicy", on=GROUP), {"groups": (GROUP,)}, (CREW,)),
        (
            allow("iam:CreatePolicyVersion", on=OWN_POLICY),
            {"attached": (OWN_POLICY,), "policies": (policy(WEAK, name=OWN_POLICY),)},
            (),
        ),
    ],
    ids=["write", "attach", "join", "write to the group", "rewrite"],
)
def test_a_role_that_one_can_assume_edits_whoever_assumes_it(
    edit: Statement, changes: dict[str, Any], teams: tuple[Team, ...]
) -> None:
    found = actions_of(view(me(ASSUME_B, **changes), assumed(edit), teams=teams))
    assert found == ["sts:AssumeRole", edit["Action"][0]]


def test_a_role_that_edits_somebody_else_is_no_way() -> None:
    bob = user("bob", WEAK)
    edits_bob = assumed(allow("iam:PutUserPolicy", on=BOB))
    assert not judged(view(me(ASSUME_B), bob, edits_bob)).reaches_admin


def test_a_role_that_nobody_can_assume_edits_in_vain() -> None:
    edits_me = role("b", allow("iam:PutUserPolicy", on=ME), trust=FOR_LAMBDA)
    assert not judged(view(me(ASSUME_B), edits_me)).reaches_admin


PASS_B = (allow("iam:PassRole", on=B), allow("lambda:*"))


def test_a_role_that_is_passed_may_be_written_to_first() -> None:
    weak = role("b", WEAK, trust=FOR_LAMBDA)
    found = actions_of(view(me(allow("iam:PutRolePolicy", on=B), *PASS_B), weak))
    assert found[:2] == ["iam:PutRolePolicy", "iam:PassRole"]
    assert found[-1] == "sts:AssumeRole"


def bounded_admin(**changes: Any) -> Member:
    limit = policy(allow("sqs:*"), name=LIMIT)
    return role("b", allow("*"), trust=MINE, limit=limit, **changes)


@pytest.mark.parametrize(
    "edit",
    [
        allow("iam:PutRolePermissionsBoundary", on=B),
        allow("iam:CreatePolicyVersion", on=LIMIT),
    ],
    ids=["another boundary", "the boundary rewritten"],
)
def test_the_boundary_of_a_role_that_one_can_assume_may_be_changed(edit: Statement) -> None:
    account = view(me(edit, ASSUME_B), bounded_admin())
    assert actions_of(account) == [edit["Action"][0], "sts:AssumeRole"]


@pytest.mark.parametrize(
    ("edit", "becoming"),
    [
        (allow("iam:PutUserPolicy", on=BOB), "iam:CreateLoginProfile"),
        (allow("iam:CreatePolicyVersion", on=TARGET_POLICY), "iam:CreateAccessKey"),
        (allow("iam:AttachGroupPolicy", on=GROUP), "iam:CreateAccessKey"),
    ],
)
def test_a_user_whose_credentials_one_can_make_may_be_edited(
    edit: Statement, becoming: str
) -> None:
    bob = user(
        "bob",
        WEAK,
        attached=(TARGET_POLICY,),
        policies=(policy(WEAK, name=TARGET_POLICY),),
        groups=(GROUP,),
    )
    account = view(me(edit, allow(becoming, on=BOB)), bob, teams=(CREW,))
    assert actions_of(account) == [edit["Action"][0], becoming]


def test_the_boundary_of_a_user_whose_key_one_can_make_may_go() -> None:
    bob = user("bob", allow("*"), limit=policy(allow("sqs:*"), name=LIMIT))
    mine = me(
        allow("iam:DeleteUserPermissionsBoundary", on=BOB), allow("iam:CreateAccessKey", on=BOB)
    )
    assert actions_of(view(mine, bob)) == [
        "iam:DeleteUserPermissionsBoundary",
        "iam:CreateAccessKey",
    ]


def test_an_edit_that_is_denied_is_none() -> None:
    denied = deny("iam:PutUserPolicy", on=ME)
    account = view(me(ASSUME_B), assumed(allow("iam:*Policy", on=ME), denied))
    assert not [
        step.action
        for way in judged(account).escalations
        for step in way.steps
        if step.action == "iam:PutUserPolicy"
    ]


def test_what_another_makes_of_one_is_no_way_where_one_cannot_be_it() -> None:
    """The role may write to bob, and bob is nobody the caller can become."""
    bob = replace(user("bob", WEAK))
    account = view(me(ASSUME_B, allow("iam:ListUsers")), bob, assumed(allow("iam:Put*", on=BOB)))
    assert not judged(account).reaches_admin
