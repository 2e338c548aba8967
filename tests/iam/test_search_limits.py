"""Where the search for ways stops, it says so: not looked at is not "no way"."""

import json
from datetime import UTC, date, datetime
from typing import Any

import pytest

from mlguard.auditor import audit
from mlguard.checks.escalation import principal_escalation
from mlguard.escalations import find
from mlguard.iam.escalation import joint, lifting
from mlguard.iam.escalation.account import AccountView, Member
from mlguard.iam.evaluation.policies import Carrier
from mlguard.snapshot import GapReason, Snapshot
from mlguard.sources.authorization_details import AuthorizationDetails
from tests.iam.escalation_account import (
    CALLER,
    Statement,
    allow,
    arn,
    judged,
    policy,
    trust,
    user,
    view,
)
from tests.iam.escalation_account import role as member

TODAY = date(2026, 3, 1)
WEAK = allow("sqs:ListQueues")
TOOLS = arn("policy/tools")
ASSUMES = allow("sts:AssumeRole", on=arn("role/app-*"))
ATTACHES = allow(
    "iam:AttachRolePolicy",
    on=arn("role/app-*"),
    Condition={"ArnEquals": {"iam:PolicyARN": TOOLS}},
)


def apps(count: int) -> list[Member]:
    """Return roles that the account may assume, each with a queue of its own."""
    mine = trust(AWS=arn("root"))
    queues = [f"arn:aws:sqs:us-east-1:1:queue-{n}" for n in range(count)]
    return [
        member(f"app-{n}", allow("sqs:SendMessage", on=queue), trust=mine)
        for n, queue in enumerate(queues)
    ]


def account(count: int, *more: Member, tools: Statement = WEAK) -> AccountView:
    managed: dict[str, Carrier] = {TOOLS: policy(tools, name=TOOLS)}
    me = user(CALLER, WEAK, ASSUMES, ATTACHES)
    return view(me, *apps(count), *more, managed=managed)


@pytest.mark.parametrize(("count", "unfinished"), [(3, False), (4, True)])
def test_subjects_beyond_those_tried_are_told(
    monkeypatch: pytest.MonkeyPatch, count: int, *, unfinished: bool
) -> None:
    monkeypatch.setattr(joint, "_TRIED", 3)
    assert judged(account(count)).unfinished is unfinished


@pytest.mark.parametrize(("tools", "unfinished"), [(ASSUMES, True), (WEAK, False)])
def test_those_not_followed_are_told_if_anything_lies_behind_them(
    monkeypatch: pytest.MonkeyPatch, tools: Statement, *, unfinished: bool
) -> None:
    monkeypatch.setattr(joint, "_FOLLOWED", 1)
    lets_in = member("app-other", trust=trust(AWS=arn("root")))
    assert judged(account(3, lets_in, tools=tools)).unfinished is unfinished


def test_one_of_many_alike_may_edit_itself(monkeypatch: pytest.MonkeyPatch) -> None:
    """What the policy allows on one role makes something of that role alone."""
    monkeypatch.setattr(joint, "_FOLLOWED", 1)
    found = judged(account(3, tools=allow("iam:PutRolePolicy", on=arn("role/app-2"))))
    assert found.reaches_admin


def test_whoever_reaches_an_administrator_is_told_that(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(joint, "_TRIED", 1)
    found = judged(account(4, tools=allow("*")))
    assert found.reaches_admin
    assert not found.unfinished


def test_so_are_those_who_become_one_of_whom_not_all_was_looked_at(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(joint, "_TRIED", 3)
    editor = member("editor", ASSUMES, ATTACHES, trust=trust(AWS=arn("root")))
    me = user(CALLER, WEAK, allow("sts:AssumeRole", on=arn("role/editor")))
    managed = {TOOLS: policy(WEAK, name=TOOLS)}
    known = view(me, editor, user("bob", WEAK), *apps(4), managed=managed)
    assert judged(known).unfinished
    assert judged(known, "editor").unfinished
    assert not judged(known, "bob").unfinished


@pytest.mark.parametrize(("rounds", "unfinished"), [(1, True), (2, False)])
def test_edits_of_oneself_beyond_the_last_round_are_told(
    monkeypatch: pytest.MonkeyPatch, rounds: int, *, unfinished: bool
) -> None:
    monkeypatch.setattr(lifting, "_ROUNDS", rounds)
    itself = arn(f"user/{CALLER}")
    attaches = allow(
        "iam:AttachUserPolicy",
        on=itself,
        Condition={"ArnEquals": {"iam:PolicyARN": TOOLS}},
    )
    managed = {TOOLS: policy(allow("sqs:*"), name=TOOLS)}
    found = judged(view(user(CALLER, WEAK, attaches), managed=managed))
    assert found.unfinished is unfinished


def _details(count: int) -> dict[str, Any]:
    def document(*statements: Statement) -> dict[str, Any]:
        return {"Version": "2012-10-17", "Statement": list(statements)}

    def role(name: str, *statements: Statement) -> dict[str, Any]:
        trusting = {
            "Effect": "Allow",
            "Principal": {"AWS": arn("root")},
            "Action": "sts:AssumeRole",
        }
        return {
            "Path": "/",
            "RoleName": name,
            "RoleId": f"AROA{name.upper():0<17}",
            "Arn": arn(f"role/{name}"),
            "CreateDate": "2025-03-01T08:00:00+00:00",
            "AssumeRolePolicyDocument": document(trusting),
            "InstanceProfileList": [],
            "RolePolicyList": [{"PolicyName": "own", "PolicyDocument": document(*statements)}],
            "AttachedManagedPolicies": [],
        }

    queue = "arn:aws:sqs:us-east-1:1:queue"
    roles = [role(f"app-{n}", allow("sqs:Send*", on=f"{queue}-{n}")) for n in range(count)]
    tools = {
        "PolicyName": "tools",
        "PolicyId": "ANPATOOLS",
        "Arn": TOOLS,
        "Path": "/",
        "DefaultVersionId": "v1",
        "AttachmentCount": 0,
        "PermissionsBoundaryUsageCount": 0,
        "IsAttachable": True,
        "CreateDate": "2025-03-01T08:00:00+00:00",
        "UpdateDate": "2025-03-01T08:00:00+00:00",
        "PolicyVersionList": [
            {
                "VersionId": "v1",
                "IsDefaultVersion": True,
                "CreateDate": "2025-03-01T08:00:00+00:00",
                "Document": document(WEAK),
            }
        ],
    }
    return {
        "UserDetailList": [],
        "GroupDetailList": [],
        "RoleDetailList": [*roles, role("editor", ASSUMES, ATTACHES)],
        "Policies": [tools],
        "IsTruncated": False,
    }


def _read(details: dict[str, Any]) -> Snapshot:
    when = datetime(2026, 3, 1, tzinfo=UTC)
    text = json.dumps(details).encode()
    return AuthorizationDetails(text, name="details.json", taken_at=when).collect()


def test_the_limit_is_a_gap_of_the_one_it_concerns(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(joint, "_TRIED", 3)
    found = find(_read(_details(4)), today=TODAY)
    (gap,) = found.gaps
    assert gap.reason is GapReason.INCOMPLETE
    assert gap.subject == arn("role/editor")
    for one in found.principals:
        assert found.hiding(one) == ((gap,) if one.arn == gap.subject else ())


def test_the_check_meets_the_gap(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(joint, "_TRIED", 3)
    report = audit(_read(_details(4)), checks=(principal_escalation,))
    met = [gap for result in report.results for gap in result.gaps]
    assert [gap.subject for gap in met] == [arn("role/editor")]
