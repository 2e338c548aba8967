"""Each path of the data: a principal that has it, and near misses that stay silent."""

from typing import Any

import pytest

from mlguard.data.escalation_paths import EscalationPath, On, escalation_paths
from mlguard.iam.escalation.account import Host
from mlguard.iam.escalation.chain import Certainty
from mlguard.iam.escalation.editing import REMOVES
from tests.iam.escalation_account import (
    LIMIT,
    TARGET_ROLE,
    Statement,
    account_of_path,
    allow,
    deny,
    judged,
    policy,
    statements_of,
    ways,
)

PATHS = escalation_paths()
each_path = pytest.mark.parametrize("path", PATHS, ids=lambda path: path.id)
each_need = pytest.mark.parametrize(
    ("path", "at"),
    [
        (path, at)
        for path in PATHS
        for at, need in enumerate(path.needs)
        # What only a host that runs needs, one that nobody read may do without.
        if need.action in path.on_stopped.actions
    ],
    ids=lambda value: value.id if isinstance(value, EscalationPath) else str(value),
)


def changed(path: EscalationPath, at: int, **elements: Any) -> list[Statement]:
    """The statements of the path, one of them with other elements."""
    statements = [dict(one) for one in statements_of(path)]
    statements[at] |= elements
    return statements


def certainty_of(path: EscalationPath) -> Certainty:
    if path.lacks or path.host:
        return Certainty.POSSIBLE
    return Certainty.CONDITIONAL if path.inferred else Certainty.PROVED


def ends_below(path: EscalationPath) -> bool:
    """Whether the caller of the account, once free of its boundary, is no administrator."""
    own = path.on(On.OWN_USER, On.OWN_ROLE)
    unbound = bool(own) and any("Boundary" in action for action in own)
    return unbound or path.actions[0] in REMOVES


@each_path
def test_whoever_has_all_that_a_path_needs_has_the_path(path: EscalationPath) -> None:
    found = ways(account_of_path(path), path.id)
    assert found
    assert max(way.certainty for way in found) is certainty_of(path)
    assert {way.actions for way in found} == {path.actions}
    assert all(set(path.actions) <= {step.action for step in way.steps} for way in found)
    mine = [step for step in found[0].steps if step.principal is None]
    assert mine
    assert all(step.statements for step in mine)


@each_path
def test_the_way_to_administrator_is_told(path: EscalationPath) -> None:
    one = judged(account_of_path(path))
    assert not one.admin
    sure = certainty_of(path) is not Certainty.POSSIBLE
    assert one.reaches_admin is (sure and not ends_below(path))


@each_need
def test_without_one_of_the_actions_the_path_is_silent(path: EscalationPath, at: int) -> None:
    statements = statements_of(path)
    account = account_of_path(path, (*statements[:at], *statements[at + 1 :]))
    assert not ways(account, path.id)


@each_need
def test_an_explicit_deny_of_one_action_closes_the_path(path: EscalationPath, at: int) -> None:
    account = account_of_path(path, (*statements_of(path), deny(path.needs[at].action)))
    assert not ways(account, path.id)


@each_need
def test_a_statement_that_has_run_out_grants_nothing(path: EscalationPath, at: int) -> None:
    over = {"DateLessThan": {"aws:CurrentTime": "2020-01-01T00:00:00Z"}}
    assert not ways(account_of_path(path, changed(path, at, Condition=over)), path.id)


@each_need
def test_a_resource_that_cannot_be_the_target_closes_the_path(
    path: EscalationPath, at: int
) -> None:
    account = account_of_path(path, changed(path, at, Resource="arn:aws:sns:eu-west-1:1:topic"))
    assert not ways(account, path.id)


@each_need
def test_a_condition_makes_the_path_conditional(path: EscalationPath, at: int) -> None:
    asked = {"Bool": {"aws:MultiFactorAuthPresent": "true"}}
    found = ways(account_of_path(path, changed(path, at, Condition=asked)), path.id)
    assert max(way.certainty for way in found) <= Certainty.CONDITIONAL
    assert all(
        any("aws:MultiFactorAuthPresent" in condition for condition in way.conditions)
        for way in found
    )


@each_path
def test_a_boundary_without_the_actions_closes_the_path(path: EscalationPath) -> None:
    limit = policy(allow("s3:*"), name=LIMIT)
    assert not ways(account_of_path(path, limit=limit), path.id)


@pytest.mark.parametrize(
    "path", [path for path in PATHS if path.on(On.PASSED_ROLE)], ids=lambda path: path.id
)
def test_a_role_that_may_be_passed_to_another_service_only_is_no_target(
    path: EscalationPath,
) -> None:
    at = path.actions.index("iam:PassRole")
    elsewhere = {"StringEquals": {"iam:PassedToService": "translate.amazonaws.com"}}
    assert not ways(account_of_path(path, changed(path, at, Condition=elsewhere)), path.id)


@pytest.mark.parametrize(
    "path",
    [
        path
        for path in PATHS
        if path.on(On.PASSED_ROLE) and not (path.inferred or path.lacks or path.host)
    ],
    ids=lambda path: path.id,
)
def test_a_role_that_may_be_passed_to_the_very_service_is_a_target(path: EscalationPath) -> None:
    at = path.actions.index("iam:PassRole")
    here = {"StringEquals": {"iam:PassedToService": list(path.services)}}
    (way,) = ways(account_of_path(path, changed(path, at, Condition=here)), path.id)
    assert way.certainty is Certainty.PROVED
    assert way.target == TARGET_ROLE


@pytest.mark.parametrize(
    "path",
    [
        path
        for path in PATHS
        if path.services
        or path.on(On.GROUP)
        or (path.on(On.USER, On.ROLE) and "Policy" not in "".join(path.actions))
    ],
    ids=lambda path: path.id,
)
def test_a_target_no_stronger_than_the_caller_is_none(path: EscalationPath) -> None:
    assert not ways(account_of_path(path, strong=False), path.id)


@pytest.mark.parametrize("path", [path for path in PATHS if path.host], ids=lambda path: path.id)
def test_a_known_host_with_a_stronger_role_proves_the_path(path: EscalationPath) -> None:
    name = f"arn:aws:x:eu-west-1:111122223333:{path.host}/one"
    host = Host(kind=path.host or "", arn=name, role=TARGET_ROLE, script=f"{name}/script")
    (way,) = ways(account_of_path(path, hosts=(host,)), path.id)
    target = TARGET_ROLE if path.on(On.PASSED_ROLE) else name
    assert (way.certainty, way.target, way.admin) == (Certainty.PROVED, target, True)


@pytest.mark.parametrize("path", [path for path in PATHS if path.host], ids=lambda path: path.id)
def test_a_host_of_another_account_is_none(path: EscalationPath) -> None:
    name = f"arn:aws:x:eu-west-1:444455556666:{path.host}/one"
    host = Host(kind=path.host or "", arn=name, role=TARGET_ROLE, script=f"{name}/script")
    assert all(
        way.certainty is Certainty.POSSIBLE
        for way in ways(account_of_path(path, hosts=(host,)), path.id)
    )
