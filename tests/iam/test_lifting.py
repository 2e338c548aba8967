"""Principals that make more of themselves, or of others, and are administrators only later."""

from typing import Any

import pytest

from mlguard.iam.escalation.account import AccountView, Member, Team
from mlguard.iam.escalation.chain import Certainty, Escalation
from mlguard.iam.evaluation.policies import Carrier
from tests.iam.escalation_account import (
    CALLER,
    GROUP,
    LIMIT,
    TARGET_ROLE,
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
USEFUL = arn("policy/deploys")
DECOYS = (arn("policy/a-reader"), arn("policy/z-reader"))
DEPLOYS = (allow("iam:PassRole", on=TARGET_ROLE), allow("lambda:*"))
ADMIN = role("target", allow("*"), trust=trust(Service="lambda.amazonaws.com"))


def managed(*useful: Statement) -> dict[str, Carrier]:
    found = {name: policy(allow("sqs:ListQueues"), name=name) for name in DECOYS}
    return found | {USEFUL: policy(*useful, name=USEFUL)}


def attaches(*arns: str, on: str = ME, action: str = "iam:AttachUserPolicy") -> Statement:
    return allow(action, on=on, Condition={"ArnEquals": {"iam:PolicyARN": list(arns)}})


def chain(account: AccountView) -> Escalation:
    one = judged(account)
    assert one.reaches_admin
    (found,) = (way for way in one.escalations if way.admin)
    return found


def requests(way: Escalation) -> list[tuple[str, str | None]]:
    return [(step.action, step.policy) for step in way.steps]


def test_a_policy_that_may_be_attached_opens_the_way_to_another_role() -> None:
    me = user(CALLER, attaches(USEFUL, *DECOYS))
    found = chain(view(me, ADMIN, managed=managed(*DEPLOYS)))
    assert found.certainty is Certainty.PROVED
    # Only the attachment that the way rests on is told.
    assert requests(found) == [
        ("iam:AttachUserPolicy", USEFUL),
        ("iam:PassRole", None),
        ("lambda:CreateFunction", None),
        ("lambda:InvokeFunction", None),
        ("sts:AssumeRole", None),
    ]


@pytest.mark.parametrize(
    "useful",
    [
        (allow("lambda:*"),),
        (allow("iam:PassRole", on=arn("role/other")), allow("lambda:*")),
        (*DEPLOYS, deny("lambda:CreateFunction"), deny("lambda:UpdateFunction*")),
    ],
    ids=["no role to pass", "another role", "it denies what it allows"],
)
def test_a_policy_that_does_not_open_it_is_no_way(useful: tuple[Statement, ...]) -> None:
    me = user(CALLER, attaches(USEFUL))
    assert not judged(view(me, ADMIN, managed=managed(*useful))).reaches_admin


def test_a_boundary_stands_in_the_way_of_what_is_attached() -> None:
    limit = policy(allow("iam:AttachUserPolicy", "lambda:*"), name=LIMIT)
    me = user(CALLER, attaches(USEFUL), limit=limit)
    assert not judged(view(me, ADMIN, managed=managed(*DEPLOYS))).reaches_admin


def test_what_may_be_written_within_a_boundary_opens_the_way() -> None:
    limit = policy(allow("iam:PutUserPolicy", "iam:PassRole", "lambda:*"), name=LIMIT)
    me = user(CALLER, allow("iam:PutUserPolicy", on=ME), limit=limit)
    found = chain(view(me, ADMIN))
    assert requests(found)[:2] == [("iam:PutUserPolicy", None), ("iam:PassRole", None)]


def test_a_boundary_taken_off_and_a_policy_written_make_an_administrator() -> None:
    own = ("iam:PutUserPolicy", "iam:DeleteUserPermissionsBoundary")
    me = user(CALLER, allow(*own, on=ME), limit=policy(allow(*own), name=LIMIT))
    found = chain(view(me))
    assert {step.action for step in found.steps} == set(own)
    assert found.certainty is Certainty.PROVED


def test_an_edit_that_the_way_can_do_without_is_not_told() -> None:
    own = ("iam:PutUserPolicy", "iam:DeleteUserPermissionsBoundary")
    join = allow("iam:AddUserToGroup", on=GROUP)
    limit = policy(allow(*own, "iam:AddUserToGroup"), name=LIMIT)
    me = user(CALLER, allow(*own, on=ME), join, limit=limit)
    crew = Team(arn=GROUP, policies=(policy(allow("sqs:*")),))
    assert {step.action for step in chain(view(me, teams=(crew,))).steps} == set(own)


def test_a_group_that_may_be_joined_opens_the_way() -> None:
    me = user(CALLER, allow("iam:AddUserToGroup", on=GROUP))
    crew = Team(arn=GROUP, policies=(policy(*DEPLOYS, name="of the crew"),))
    found = chain(view(me, ADMIN, teams=(crew,)))
    assert requests(found)[:2] == [("iam:AddUserToGroup", None), ("iam:PassRole", None)]


def test_what_is_gained_may_gain_again() -> None:
    second = arn("policy/second")
    policies = managed(attaches(second)) | {second: policy(*DEPLOYS, name=second)}
    me = user(CALLER, attaches(USEFUL))
    found = chain(view(me, ADMIN, managed=policies))
    assert requests(found)[:3] == [
        ("iam:AttachUserPolicy", USEFUL),
        ("iam:AttachUserPolicy", second),
        ("iam:PassRole", None),
    ]


def strange(**changes: Any) -> Member:
    return role("b", allow("sqs:ListQueues"), trust=trust(AWS=arn("root")), **changes)


def test_a_role_that_is_made_stronger_and_then_assumed_leads_on() -> None:
    other = arn("role/b")
    me = user(
        CALLER,
        attaches(USEFUL, on=other, action="iam:AttachRolePolicy"),
        allow("sts:AssumeRole", on=other),
    )
    found = chain(view(me, strange(), ADMIN, managed=managed(*DEPLOYS)))
    assert [step.principal for step in found.steps] == [
        *(ME, ME),
        *(other, other, other),
        "lambda.amazonaws.com",
    ]
    assert found.target == TARGET_ROLE


def test_a_condition_on_the_edit_is_one_on_the_whole_way() -> None:
    mfa = {"Bool": {"aws:MultiFactorAuthPresent": "true"}}
    me = user(CALLER, allow("iam:AddUserToGroup", on=GROUP, Condition=mfa))
    crew = Team(arn=GROUP, policies=(policy(*DEPLOYS),))
    found = chain(view(me, ADMIN, teams=(crew,)))
    assert found.certainty is Certainty.CONDITIONAL
    assert any("MultiFactorAuthPresent" in condition for condition in found.conditions)
