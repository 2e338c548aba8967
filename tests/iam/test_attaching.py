"""Policies that may be attached, of AWS too: those that nobody has read are possible ways."""

import pytest

from mlguard.iam.escalation.chain import Certainty
from mlguard.iam.evaluation.policies import Carrier
from tests.iam.escalation_account import (
    CALLER,
    LIMIT,
    Statement,
    allow,
    arn,
    deny,
    judged,
    policy,
    user,
    view,
    ways,
)

ME = arn(f"user/{CALLER}")
ADMINISTRATOR = "arn:aws:iam::aws:policy/AdministratorAccess"
IAM_FULL = "arn:aws:iam::aws:policy/IAMFullAccess"
RARE = "arn:aws:iam::aws:policy/AmazonRareFullAccess"
ATTACH = "iam:AttachUserPolicy"
OWN = arn("policy/own")


def attaches(operator: str, *arns: str) -> Statement:
    return allow(ATTACH, on=ME, Condition={operator: {"iam:PolicyARN": list(arns)}})


def managed(*statements: Statement) -> dict[str, Carrier]:
    return {OWN: policy(*statements, name=OWN)}


@pytest.mark.parametrize(
    "statements",
    [
        (attaches("ArnEquals", IAM_FULL),),
        (attaches("StringNotEquals", ADMINISTRATOR),),
    ],
    ids=["named", "all but one"],
)
def test_another_policy_of_aws_makes_an_administrator_as_well(
    statements: tuple[Statement, ...],
) -> None:
    (way,) = (way for way in judged(view(user(CALLER, *statements))).escalations if way.admin)
    assert [(step.action, step.policy) for step in way.steps] == [(ATTACH, IAM_FULL)]
    assert way.certainty is Certainty.PROVED


def test_a_deny_of_one_policy_is_removed_by_means_of_another() -> None:
    guard = deny(ATTACH, Condition={"ArnEquals": {"iam:PolicyARN": ADMINISTRATOR}})
    one = judged(view(user(CALLER, allow(ATTACH, on=ME), guard)))
    (way,) = (way for way in one.escalations if way.admin)
    assert [(step.action, step.policy) for step in way.steps] == [
        (ATTACH, IAM_FULL),
        ("iam:DeleteUserPolicy", None),
    ]


def test_a_policy_of_aws_that_nobody_has_read_may_allow_more() -> None:
    (way,) = ways(view(user(CALLER, attaches("ArnEquals", RARE))), "iam-008")
    assert (way.certainty, way.steps[0].policy) == (Certainty.POSSIBLE, RARE)


def test_the_strongest_of_the_account_s_own_policies_counts() -> None:
    policies = {
        arn("policy/aaa"): policy(allow("sqs:*"), name=arn("policy/aaa")),
        arn("policy/zzz"): policy(allow("*"), name=arn("policy/zzz")),
    }
    account = view(user(CALLER, attaches("ArnLike", arn("policy/*"))), managed=policies)
    assert [way.admin for way in ways(account, "iam-008")] == [True]


@pytest.mark.parametrize(
    "statements",
    [
        (attaches("ArnEquals", OWN), allow("sqs:*")),
        (attaches("ArnEquals", RARE), deny(ATTACH, Condition={"ArnLike": {"iam:PolicyARN": RARE}})),
    ],
    ids=["it has what the policy allows", "denied"],
)
def test_what_adds_nothing_is_no_way(statements: tuple[Statement, ...]) -> None:
    account = view(user(CALLER, *statements), managed=managed(allow("sqs:SendMessage")))
    assert not ways(account, "iam-008")


def test_a_boundary_leaves_nothing_of_what_is_attached() -> None:
    limit = policy(allow("iam:AttachUserPolicy"), name=LIMIT)
    account = view(user(CALLER, attaches("ArnEquals", IAM_FULL), limit=limit))
    assert not judged(account).reaches_admin
