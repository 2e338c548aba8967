"""`mlguard simulate`: a case a line in, an answer a line out, in the same order."""

import json
from pathlib import Path
from typing import Any

import pytest

from tests.cli.run import run

ANA = "arn:aws:iam::111122223333:user/ana"


def case(name: str, effect: str = "Allow", **more: Any) -> dict[str, Any]:
    request = {
        "principal": ANA,
        "action": "s3:GetObject",
        "resource": "arn:aws:s3:::data/a",
        "resourceAccount": "111122223333",
    }
    statement = {"Sid": "One", "Effect": effect, "Action": "s3:Get*", "Resource": "*"}
    document = {"Version": "2012-10-17", "Statement": [statement]}
    return {"name": name, "request": request, "identityPolicies": [document]} | more


def saved(path: Path, *lines: str) -> str:
    path.write_text("\n".join(lines), encoding="utf-8")
    return str(path)


def test_each_case_is_answered_in_its_line(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    place = saved(tmp_path / "c", json.dumps(case("a")), json.dumps(case("b", "Deny")))
    ran = run(capsys, "simulate", place, "--format", "jsonl")
    assert ran.code == 0
    first, second = (json.loads(line) for line in ran.out.splitlines())
    assert first == {
        "name": "a",
        "decision": "allowed",
        "decidedBy": "identity",
        "matchedStatements": [{"policy": "identityPolicies[0]", "sid": "One", "index": 0}],
        "missingContext": [],
    }
    assert (second["name"], second["decision"]) == ("b", "explicitDeny")


def test_a_line_that_is_no_case_stops_no_other(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    place = saved(
        tmp_path / "c", "{", json.dumps(case("bad", "allow")), "", json.dumps(case("good"))
    )
    ran = run(capsys, "simulate", place, "--format", "jsonl")
    assert ran.code == 3
    broken, bad, good = (json.loads(line) for line in ran.out.splitlines())
    assert (broken["name"], broken["line"]) == (None, 1)
    assert bad["name"] == "bad"
    assert "Effect" in bad["error"]
    assert good["decision"] == "allowed"


def test_what_was_doubted_or_assumed_stands_beside_the_answer(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    unclear = {"ArnLike": {"aws:PrincipalArn": "*"}}
    doubted = case("doubted")
    doubted["identityPolicies"][0]["Statement"][0]["Condition"] = unclear
    assumed = case("assumed")
    assumed["request"]["resourceAccount"] = None
    place = saved(tmp_path / "c", json.dumps(doubted), json.dumps(assumed))
    ran = run(capsys, "simulate", place, "--format", "jsonl")
    one, other = (json.loads(line) for line in ran.out.splitlines())
    assert one["decision"] == "implicitDeny"
    assert "not an ARN of six parts" in one["doubts"][0]
    assert "assumptions" not in one
    assert other["assumptions"] == ["the resource is taken to be of the caller's account"]
    assert "doubts" not in other
    shown = run(capsys, "simulate", place).out
    assert "doubt: ArnLike with '*'" in shown
    assert "assumed: the resource is taken" in shown


def test_people_see_the_statement_that_decided(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    place = saved(tmp_path / "c", json.dumps(case("read \x1b[31m")))
    ran = run(capsys, "simulate", place)
    assert "allowed" in ran.out
    assert "identityPolicies[0][One]" in ran.out
    assert "\x1b" not in ran.out


def test_a_file_that_is_not_there_is_exit_4(capsys: pytest.CaptureFixture[str]) -> None:
    ran = run(capsys, "simulate", "/nowhere/cases")
    assert ran.code == 4
    assert "cannot be read" in ran.err


@pytest.mark.parametrize("line", ["[]", '{"request": {}}'])
def test_a_case_without_a_name_is_told_by_its_line(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], line: str
) -> None:
    ran = run(capsys, "simulate", saved(tmp_path / "c", json.dumps(case("good")), line))
    assert ran.code == 3
    assert "line 2: " in ran.out


@pytest.mark.parametrize("text", ["", " \n\n  "])
def test_a_file_without_a_case_is_no_pass(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], text: str
) -> None:
    ran = run(capsys, "simulate", saved(tmp_path / "c", text))
    assert (ran.code, ran.out) == (4, "")
    assert "holds no case" in ran.err
