"""`mlguard paths`: the shape of the JSON, the chain drawn for people, the exit codes."""

import json
from pathlib import Path
from typing import Any

import pytest

from mlguard.cli.paths import command
from tests.cli.run import Ran

ACCOUNT = "111122223333"
WHEN = "2025-03-01T08:00:00+00:00"
LAMBDA = {"Effect": "Allow", "Principal": {"Service": "lambda.amazonaws.com"}}


def arn(resource: str) -> str:
    return f"arn:aws:iam::{ACCOUNT}:{resource}"


def allow(*actions: str, resource: str = "*", **more: Any) -> dict[str, Any]:
    return {"Effect": "Allow", "Action": list(actions), "Resource": resource, **more}


def document(*statements: dict[str, Any]) -> dict[str, Any]:
    return {"Version": "2012-10-17", "Statement": list(statements)}


def user(name: str, *statements: dict[str, Any]) -> dict[str, Any]:
    return {
        "Path": "/",
        "UserName": name,
        "UserId": f"AIDA{name.upper():0<17}",
        "Arn": arn(f"user/{name}"),
        "CreateDate": WHEN,
        "GroupList": [],
        "UserPolicyList": [{"PolicyName": "own", "PolicyDocument": document(*statements)}],
        "AttachedManagedPolicies": [],
    }


def role(name: str, *statements: dict[str, Any], trust: Any = LAMBDA) -> dict[str, Any]:
    trusting = trust | {"Action": "sts:AssumeRole"}
    return {
        "Path": "/",
        "RoleName": name,
        "RoleId": f"AROA{name.upper():0<17}",
        "Arn": arn(f"role/{name}"),
        "CreateDate": WHEN,
        "AssumeRolePolicyDocument": document(trusting),
        "InstanceProfileList": [],
        "RolePolicyList": [{"PolicyName": "own", "PolicyDocument": document(*statements)}],
        "AttachedManagedPolicies": [],
    }


def details(users: list[Any], roles: list[Any]) -> dict[str, Any]:
    return {
        "UserDetailList": users,
        "RoleDetailList": roles,
        "GroupDetailList": [],
        "Policies": [],
        "IsTruncated": False,
    }


def paths(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], account: dict[str, Any], *more: str
) -> Ran:
    place = tmp_path / "details.json"
    place.write_text(json.dumps(account), encoding="utf-8")
    with pytest.raises(SystemExit) as end:
        command(["--authorization-details", str(place), *more], standalone_mode=False)
    printed = capsys.readouterr()
    return Ran(int(end.value.code or 0), printed.out, printed.err)


def passer(*more: dict[str, Any], **elements: Any) -> dict[str, Any]:
    passing = allow("iam:PassRole", "lambda:CreateFunction", "lambda:InvokeFunction", **elements)
    return user("ada", passing, *more)


def test_every_user_and_role_is_listed_with_its_ways(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    account = details([passer(), user("idle", allow("s3:List*"))], [role("root", allow("*"))])
    ran = paths(tmp_path, capsys, account, "--format", "json")
    answer = json.loads(ran.out)
    assert (ran.code, answer["gaps"]) == (1, [])
    told = {one["arn"]: (one["admin"], one["reaches_admin"]) for one in answer["principals"]}
    assert told == {
        arn("role/root"): (True, True),
        arn("user/ada"): (False, True),
        arn("user/idle"): (False, False),
    }
    (way,) = next(one for one in answer["principals"] if "ada" in one["arn"])["escalations"]
    assert way["path"] == "lambda-001"
    assert way["actions"] == ["iam:PassRole", "lambda:CreateFunction", "lambda:InvokeFunction"]
    assert (way["certainty"], way["target"]) == ("proved", arn("role/root"))
    assert way["conditions"] == []
    assert way["steps"][0] == {
        "principal": arn("user/ada"),
        "action": "iam:PassRole",
        "resource": arn("role/root"),
        "policy": None,
        "statements": [{"policy": "own", "sid": None, "index": 0}],
        "conditions": [],
    }
    assert way["steps"][-1]["principal"] == "lambda.amazonaws.com"


def test_the_chain_is_drawn_for_people(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    asked = {"Bool": {"aws:MultiFactorAuthPresent": "true"}}
    account = details([passer(Condition=asked)], [role("root", allow("*"))])
    ran = paths(tmp_path, capsys, account)
    assert ran.code == 1
    assert "user/ada  reaches administrator" in ran.out
    assert "conditional  lambda-001: administrator" in ran.out
    assert "    user/ada -> lambda.amazonaws.com -> role/root" in ran.out.splitlines()
    assert "1. iam:PassRole on" in ran.out
    assert "own[0]" in ran.out
    assert "if aws:MultiFactorAuthPresent is true" in ran.out


def test_people_see_the_ways_to_administrator_first(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    # As the catalogue lists them, lambda-003 (a function not read) stands before lambda-006.
    more = allow("lambda:UpdateFunctionCode", "lambda:AddPermission")
    account = details([passer(more)], [role("root", allow("*"))])
    ran = paths(tmp_path, capsys, account)
    ends = [line for line in ran.out.splitlines() if ": administrator" in line or ": more" in line]
    assert len(ends) > 1
    assert [": more" in line for line in ends] == sorted(": more" in line for line in ends)


def test_nothing_to_gain_is_exit_0(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    account = details([user("idle", allow("s3:List*"))], [role("root", allow("*"))])
    assert paths(tmp_path, capsys, account).code == 0


def test_what_is_only_possible_is_exit_3(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    account = details([user("ada", allow("lambda:UpdateFunctionCode"))], [role("root", allow("*"))])
    ran = paths(tmp_path, capsys, account, "--format", "json")
    assert ran.code == 3
    ada = json.loads(ran.out)["principals"][-1]
    assert [way["certainty"] for way in ada["escalations"]] == ["possible"]
    assert ada["escalations"][0]["target"] is None
    assert not ada["reaches_admin"]


def test_a_policy_that_cannot_be_read_is_a_gap_and_exit_3(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    broken = user("ada", {"Effect": "allow", "Action": "*", "Resource": "*"})
    ran = paths(tmp_path, capsys, details([broken], []), "--format", "json")
    assert ran.code == 3
    assert json.loads(ran.out)["gaps"][0]["resource"] == arn("user/ada")


def test_a_trust_policy_that_cannot_be_read_is_a_gap(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    strange = role("root", allow("*"), trust={"Effect": "permit", "Principal": "*"})
    ran = paths(tmp_path, capsys, details([passer()], [strange]), "--format", "json")
    assert ran.code == 3
    assert "trust policy" in json.loads(ran.out)["gaps"][0]["detail"]


def test_names_from_outside_cannot_act_on_the_terminal(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    target = role("root\x1b[31m\u202e", allow("*"))
    ran = paths(tmp_path, capsys, details([passer()], [target]))
    assert ran.code == 1
    assert "\x1b" not in ran.out
    assert "\u202e" not in ran.out


def test_as_json_names_from_outside_are_ascii_and_come_back_whole(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    # A policy's name, with a C1 control and an override.
    strange = 'c\x9b\u202e"'
    caller = passer()
    caller["UserPolicyList"][0]["PolicyName"] = strange
    ran = paths(tmp_path, capsys, details([caller], [role("root", allow("*"))]), "--format", "json")
    assert ran.code == 1
    assert ran.out.isascii()
    (ada,) = (one for one in json.loads(ran.out)["principals"] if one["arn"] == arn("user/ada"))
    (way,) = ada["escalations"]
    assert {one["policy"] for one in way["steps"][0]["statements"]} == {strange}


def test_ways_that_principals_share_name_each_as_its_own(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    passing = allow("iam:PassRole", "lambda:CreateFunction", "lambda:InvokeFunction")
    people = [user("ada", passing), user("bob", passing)]
    account = details(people, [role("root", allow("*"))])
    ran = paths(tmp_path, capsys, account, "--format", "json")
    for one in json.loads(ran.out)["principals"]:
        for way in one["escalations"]:
            who = {step["principal"] for step in way["steps"]}
            assert who == {one["arn"], "lambda.amazonaws.com"}


def test_ways_that_differ_in_their_actions_alone_are_told_once(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    actions = ["iam:PassRole", "lambda:CreateFunction", "lambda:InvokeFunction"]
    by_event = [*actions, "lambda:CreateEventSourceMapping", "dynamodb:PutItem"]
    account = details([user("ada", allow(*by_event))], [role("root", allow("*"))])
    ran = paths(tmp_path, capsys, account)
    lines = ran.out.splitlines()
    assert sum(line.startswith("  proved") for line in lines) == 1
    others = [line for line in lines if line.startswith("    likewise ")]
    assert others
    assert not any("iam:PassRole" in line for line in others)
