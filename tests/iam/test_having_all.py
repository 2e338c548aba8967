"""Principals that have everything but what is denied them: only what takes the deny gives more."""

import pytest

from mlguard.iam.escalation.account import Team
from mlguard.iam.escalation.chain import Certainty
from tests.iam.escalation_account import (
    CALLER,
    GROUP,
    OWN_POLICY,
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
WITHOUT_MFA = {"BoolIfExists": {"aws:MultiFactorAuthPresent": "false"}}
UNDER_MFA = deny("*", Condition=WITHOUT_MFA)
NO_LIST = deny("iam:ListUsers")
CREW = Team(arn=GROUP, policies=(policy(allow("*"), name="everything"),))


@pytest.mark.parametrize("denied", [UNDER_MFA, NO_LIST], ids=["under MFA", "no list"])
def test_what_is_added_gives_nothing(denied: dict[str, object]) -> None:
    me = user(CALLER, allow("*"), denied)
    added = {"iam:PutUserPolicy", "iam:AttachUserPolicy", "iam:AddUserToGroup"}
    found = judged(view(me, teams=(CREW,))).escalations
    assert found
    # What takes the deny away may be among the steps of others.
    assert not [way for way in found if {step.action for step in way.steps} <= added]


def test_a_policy_rewritten_takes_its_deny_along() -> None:
    limiting = policy(allow("*"), NO_LIST, name=OWN_POLICY)
    me = user(CALLER, attached=(OWN_POLICY,), policies=(limiting,))
    (way,) = ways(view(me), "iam-001")
    assert way.certainty is Certainty.PROVED
    assert [step.action for step in way.steps] == ["iam:CreatePolicyVersion"]


def test_whoever_lacks_something_is_given_it() -> None:
    me = user(CALLER, allow("iam:Put*"), NO_LIST)
    found = ways(view(me), "iam-007")
    assert [(step.action, step.resource) for step in found[0].steps] == [("iam:PutUserPolicy", ME)]
