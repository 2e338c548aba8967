"""Versions of a policy that are not in force: whoever chooses the version chooses what it has.

IAM User Guide, "Versioning IAM policies": a policy has up to five versions, each a whole text;
IAM API Reference, "SetDefaultPolicyVersion": the change bears on all to whom it is attached.
"""

from typing import Any

import pytest

from mlguard.iam.escalation.account import AccountView, Member
from mlguard.iam.escalation.chain import Certainty, Escalation
from mlguard.iam.evaluation.policies import Carrier
from tests.iam.escalation_account import (
    CALLER,
    LIMIT,
    OWN_POLICY,
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
    ways,
)

PATH = "x-iam-setdefaultpolicyversion"
CHOOSES = allow("iam:SetDefaultPolicyVersion", on=OWN_POLICY)
EVERYTHING = allow("*")
NOW = allow("sqs:*")


def version(*statements: Statement, name: str = OWN_POLICY) -> Carrier:
    return policy(*statements, name=name)


def caller(*statements: Statement, now: tuple[Statement, ...] = (NOW,), **changes: Any) -> Member:
    given = {"attached": (OWN_POLICY,), "policies": (version(*now),)} | changes
    return user(CALLER, *statements, **given)


def account(*versions: Carrier, who: Member | None = None) -> AccountView:
    return view(who or caller(CHOOSES), versions={OWN_POLICY: versions})


def found(account: AccountView) -> list[Escalation]:
    return list(ways(account, PATH))


def test_a_version_that_allows_more_is_a_way() -> None:
    (way,) = found(account(version(NOW), version(NOW, allow("s3:*"))))
    assert (way.certainty, way.admin, way.target) == (Certainty.PROVED, False, OWN_POLICY)
    (way,) = found(account(version(NOW), version(EVERYTHING), version(NOW)))
    assert (way.certainty, way.admin) == (Certainty.PROVED, True)
    assert [step.action for step in way.steps] == ["iam:SetDefaultPolicyVersion"]


@pytest.mark.parametrize(
    "versions",
    [
        (),
        (version(NOW),),
        (version(allow("sqs:SendMessage")),),
        (version(deny("*")), version(EVERYTHING, deny("*"))),
        (version(allow("s3:*", Condition={"DateLessThan": {"aws:CurrentTime": "2020-01-01"}})),),
    ],
    ids=["none", "the same", "less", "all denied", "run out"],
)
def test_versions_that_allow_no_more_are_no_way(versions: tuple[Carrier, ...]) -> None:
    assert not judged(account(*versions)).escalations


def test_versions_that_were_not_read_may_allow_more() -> None:
    (way,) = found(view(caller(CHOOSES)))
    assert way.certainty is Certainty.POSSIBLE
    assert "another version of the policy allows more" in way.conditions
    assert not judged(view(caller(CHOOSES))).reaches_admin


def test_a_version_of_a_policy_that_the_caller_has_not_gives_it_nothing() -> None:
    elsewhere = caller(CHOOSES, attached=())
    assert not judged(account(version(EVERYTHING), who=elsewhere)).escalations


def test_a_version_of_the_boundary_counts_up_to_what_is_allowed_besides() -> None:
    limit = version(CHOOSES, NOW)
    bound = caller(CHOOSES, NOW, allow("s3:*"), attached=(), policies=(), limit=limit)
    (way,) = found(account(version(EVERYTHING), who=bound))
    assert (way.certainty, way.admin) == (Certainty.PROVED, False)
    assert not found(account(version(CHOOSES, NOW, allow("sns:*")), who=bound))


def test_a_policy_that_is_attached_and_the_boundary_too_changes_as_both() -> None:
    text = version(CHOOSES, allow("iam:CreatePolicyVersion", on=OWN_POLICY), NOW)
    both = caller(attached=(OWN_POLICY,), policies=(text,), limit=text)
    (way,) = found(account(version(EVERYTHING), who=both))
    assert (way.certainty, way.admin) == (Certainty.PROVED, True)
    (way,) = ways(account(who=both), "iam-001")
    assert (way.certainty, way.admin) == (Certainty.PROVED, True)


def test_a_version_may_open_the_way_to_another_role() -> None:
    passes = (allow("iam:PassRole", on=TARGET_ROLE), allow("lambda:*"))
    strong = role("target", EVERYTHING, trust=trust(Service="lambda.amazonaws.com"))
    here = view(caller(CHOOSES), strong, versions={OWN_POLICY: (version(*passes),)})
    one = judged(here)
    assert one.reaches_admin
    (way,) = (way for way in one.escalations if way.admin)
    assert way.certainty is Certainty.PROVED
    assert way.steps[0].action == "iam:SetDefaultPolicyVersion"


def test_two_versions_of_one_policy_are_never_in_force_together() -> None:
    strong = role("target", EVERYTHING, trust=trust(Service="lambda.amazonaws.com"))
    halves = version(allow("iam:PassRole", on=TARGET_ROLE)), version(allow("lambda:*"))
    here = view(caller(CHOOSES), strong, versions={OWN_POLICY: halves})
    assert not judged(here).reaches_admin


def test_what_the_version_in_force_allows_is_gone_with_it() -> None:
    strong = role("target", EVERYTHING, trust=trust(Service="lambda.amazonaws.com"))
    passes = allow("iam:PassRole", on=TARGET_ROLE)
    lost = view(
        caller(CHOOSES, now=(passes,)), strong, versions={OWN_POLICY: (version(allow("lambda:*")),)}
    )
    assert not judged(lost).reaches_admin
    kept = view(
        caller(CHOOSES, passes), strong, versions={OWN_POLICY: (version(allow("lambda:*")),)}
    )
    assert judged(kept).reaches_admin


def test_a_policy_that_nobody_read_takes_nothing_from_the_way_beside_it() -> None:
    useful = arn("policy/deploys")
    passes = (allow("iam:PassRole", on=TARGET_ROLE), allow("lambda:*"))
    attaches = allow("iam:AttachUserPolicy", Condition={"ArnEquals": {"iam:PolicyARN": useful}})
    strong = role("target", EVERYTHING, trust=trust(Service="lambda.amazonaws.com"))
    here = view(caller(CHOOSES, attaches), strong, managed={useful: policy(*passes, name=useful)})
    ends = [way for way in judged(here).escalations if way.admin]
    assert [way.certainty for way in ends] == [Certainty.PROVED]


def test_the_versions_of_a_boundary_named_alone_are_those_of_the_boundary() -> None:
    limit = policy(CHOOSES, name=LIMIT)
    bound = caller(CHOOSES, limit=limit)
    assert not found(account(version(EVERYTHING), who=bound))
