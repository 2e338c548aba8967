"""Roles that are assumed: by sessions that a trust policy names, and in accounts not in view."""

import pytest

from mlguard.iam.escalation.chain import Certainty
from tests.iam.escalation_account import (
    ACCOUNT,
    CALLER,
    TARGET_ROLE,
    Statement,
    allow,
    arn,
    deny,
    judged,
    role,
    trust,
    user,
    view,
    ways,
)

B = arn("role/b")
SESSION = f"arn:aws:sts::{ACCOUNT}:assumed-role/b/ci"
FAR = "arn:aws:iam::999988887777:role/Deploy"
ASSUME = "sts:AssumeRole"


def test_whoever_assumes_a_role_picks_the_name_of_the_session_that_is_trusted() -> None:
    target = role("target", allow("*"), trust=trust(AWS=SESSION))
    b = role("b", allow(ASSUME, on=TARGET_ROLE), trust=trust(AWS=arn("root")))
    one = judged(view(user(CALLER, allow(ASSUME, on=B)), b, target))
    (way,) = (way for way in one.escalations if way.admin)
    assert [step.resource for step in way.steps] == [B, TARGET_ROLE]
    assert way.certainty is Certainty.PROVED


@pytest.mark.parametrize("name", ["bb", "other"])
def test_a_session_of_another_role_is_not_let_in(name: str) -> None:
    target = role("target", allow("*"), trust=trust(AWS=SESSION))
    b = role(name, allow(ASSUME, on=TARGET_ROLE), trust=trust(AWS=arn("root")))
    caller = user(CALLER, allow(ASSUME, on=arn(f"role/{name}")))
    assert not judged(view(caller, b, target)).reaches_admin


def test_a_role_of_an_account_that_was_not_read_is_a_possible_way() -> None:
    (way,) = ways(view(user(CALLER, allow(ASSUME, on=FAR))), "sts-001")
    assert (way.certainty, way.target, way.admin) == (Certainty.POSSIBLE, FAR, False)
    assert any("not read" in condition for condition in way.conditions)


@pytest.mark.parametrize(
    "pattern",
    [
        "*",
        "arn:aws:iam::*:role/OrganizationAccountAccessRole",
        "arn:aws:iam::999988887777:role/*",
    ],
)
def test_where_no_role_is_named_the_target_is_not_known(pattern: str) -> None:
    (way,) = ways(view(user(CALLER, allow(ASSUME, on=pattern))), "sts-001")
    assert (way.certainty, way.target) == (Certainty.POSSIBLE, None)
    assert way.steps[0].resource == pattern


@pytest.mark.parametrize(
    "statements",
    [
        (allow(ASSUME, on=arn("role/gone")),),
        (allow(ASSUME, on=FAR), deny(ASSUME, on="arn:aws:iam::9999*:role/*")),
        (allow(ASSUME, on="arn:aws:iam::999988887777:user/*"),),
        (allow("sts:GetCallerIdentity"),),
    ],
    ids=["a role that is not there", "denied", "no roles", "another action"],
)
def test_what_cannot_be_assumed_anywhere_is_no_way(statements: tuple[Statement, ...]) -> None:
    assert not ways(view(user(CALLER, *statements)), "sts-001")


def test_a_role_that_is_named_elsewhere_stands_beside_one_that_is_here() -> None:
    target = role("target", allow("*"), trust=trust(AWS=arn("root")))
    found = ways(view(user(CALLER, allow(ASSUME, on=[FAR, TARGET_ROLE])), target), "sts-001")
    assert [(way.target, way.certainty) for way in found] == [
        (TARGET_ROLE, Certainty.PROVED),
        (FAR, Certainty.POSSIBLE),
    ]
