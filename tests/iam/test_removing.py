"""Policies that deny something, and whoever may take them away."""

from dataclasses import replace
from typing import Any

import pytest

from mlguard.iam.escalation.account import Member, Team
from mlguard.iam.escalation.chain import Certainty
from tests.iam.escalation_account import (
    CALLER,
    GROUP,
    Statement,
    allow,
    arn,
    deny,
    judged,
    policy,
    user,
    view,
)

GUARD = arn("policy/guard")


def denying(*but: str, name: str) -> Any:
    guard = {"Effect": "Deny", "NotAction": list(but), "Resource": "*"}
    return policy(guard, name=name)


def guarded(*but: str, name: str = GUARD, **changes: Any) -> Member:
    member = user(CALLER, allow("*"), attached=(GUARD,) if name == GUARD else (), **changes)
    own = replace(member.policies, identity=(*member.policies.identity, denying(*but, name=name)))
    return replace(member, policies=own)


@pytest.mark.parametrize(
    ("action", "name"),
    [("iam:DetachUserPolicy", GUARD), ("iam:DeleteUserPolicy", "guard")],
)
def test_whoever_may_take_off_what_denies_it_everything_else_has_everything(
    action: str, name: str
) -> None:
    one = judged(view(guarded(action, name=name)))
    assert not one.admin
    (way,) = (way for way in one.escalations if way.admin)
    assert [step.action for step in way.steps] == [action]
    assert way.certainty is Certainty.PROVED


def test_whoever_may_leave_the_group_that_denies_it_has_everything() -> None:
    guard = denying("iam:RemoveUserFromGroup", name="guard")
    crew = Team(arn=GROUP, policies=(guard,))
    one = judged(
        view(guarded("iam:RemoveUserFromGroup", name="guard", groups=(GROUP,)), teams=(crew,))
    )
    (way,) = (way for way in one.escalations if way.admin)
    assert [(step.action, step.resource) for step in way.steps] == [
        ("iam:RemoveUserFromGroup", GROUP)
    ]


@pytest.mark.parametrize(
    ("action", "name", "more"),
    [
        ("iam:DetachUserPolicy", "guard", ()),
        ("iam:DeleteUserPolicy", GUARD, ()),
        ("iam:DetachRolePolicy", GUARD, ()),
        ("iam:DetachUserPolicy", GUARD, (deny("iam:DetachUserPolicy", on=arn("user/c*")),)),
    ],
    ids=["it is inline", "it is managed", "for roles", "denied"],
)
def test_what_does_not_take_it_off_is_no_way(
    action: str, name: str, more: tuple[Statement, ...]
) -> None:
    member = guarded(action, name=name)
    if more:
        own = (*member.policies.identity, policy(*more, name=arn("policy/scp-like")))
        member = replace(member, policies=replace(member.policies, identity=own))
    assert not judged(view(member)).reaches_admin
