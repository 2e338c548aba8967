"""`can`, `compare` and `suggest` on saved accounts: answers, grounds, exit codes."""

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from mlguard.resources.kinds import AnyResource
from tests.builders.account import ACCOUNT, gap, snapshot
from tests.builders.functions import environment, function
from tests.builders.hosting import endpoint
from tests.builders.iam import allow, document, inline, role, trust, user
from tests.cli.run import Ran, run

Ask = Callable[..., Ran]

MFA = {"Condition": {"Bool": {"aws:MultiFactorAuthPresent": "true"}}}


def reader(**statement: Any) -> AnyResource:
    """A role that may read one bucket."""
    return role("reader", inline_policies=(inline(allow("s3:Get*", **statement)),))


@pytest.fixture
def ask(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> Ask:
    def asked(command: str, *arguments: str, of: tuple[AnyResource, ...] = (), **more: Any) -> Ran:
        path = tmp_path / "account.json"
        path.write_bytes(snapshot(*of, **more).to_json())
        return run(capsys, command, *arguments, "--snapshot", str(path))

    return asked


def test_yes_names_the_statement(ask: Ask) -> None:
    ran = ask("can", "reader", "s3:GetObject", of=(reader(),))
    assert ran.code == 0
    assert ran.out.startswith("yes: s3:GetObject on *")
    assert "identity policy own" in ran.out
    assert '"Effect": "Allow"' in ran.out


def test_no_says_that_nothing_allows_it(ask: Ask) -> None:
    ran = ask("can", "reader", "s3:PutObject", of=(reader(),))
    assert ran.code == 1
    assert "no statement of the identity layer allows it" in ran.out


def test_a_deny_is_shown(ask: Ask) -> None:
    deny = {"Effect": "Deny", "Action": "s3:GetObject", "Resource": "*", "Sid": "Never"}
    denied = role("reader", inline_policies=(inline(allow("s3:*"), deny),))
    ran = ask("can", "reader", "s3:GetObject", of=(denied,))
    assert ran.code == 1
    assert "statement Never" in ran.out


def test_a_condition_makes_it_depend(ask: Ask) -> None:
    ran = ask("can", "reader", "s3:GetObject", "--format", "json", of=(reader(**MFA),))
    assert ran.code == 3
    answer = json.loads(ran.out)
    assert answer["access"] == "conditional"
    assert answer["conditions"] == ["aws:MultiFactorAuthPresent Bool true"]


def test_a_pattern_asks_for_all_that_it_matches(ask: Ask) -> None:
    of = (reader(resource="arn:aws:s3:::data/*"),)
    assert ask("can", "reader", "s3:GetObject", "arn:aws:s3:::data/x*", of=of).code == 0
    assert ask("can", "reader", "s3:GetObject", "arn:aws:s3:::*", of=of).code == 3
    assert ask("can", "reader", "s3:GetObject", "arn:aws:s3:::other/*", of=of).code == 1


def test_a_policy_that_cannot_be_read_makes_the_answer_incomplete(ask: Ask) -> None:
    broken = inline(allow("s3:*"), name="good"), inline({"Effect": "allow"}, name="bad")
    ran = ask("can", "reader", "s3:GetObject", of=(role("reader", inline_policies=broken),))
    assert ran.code == 3
    assert "not read" in ran.out


def test_assuming_a_role_takes_its_trust_policy_too(ask: Ask) -> None:
    everything = user("ana", inline_policies=(inline(allow("sts:*")),))
    closed = role("target", trust_policy=trust(Service="lambda.amazonaws.com"))
    opened = role("target", trust_policy=trust(AWS=f"arn:aws:iam::{ACCOUNT}:user/ana"))
    assert ask("can", "ana", "sts:AssumeRole", closed.arn, of=(everything, closed)).code == 1
    assert ask("can", "ana", "sts:AssumeRole", opened.arn, of=(everything, opened)).code == 0


@pytest.mark.parametrize(
    ("who", "action", "says"),
    [("readr", "s3:GetObject", "did you mean reader"), ("reader", "s3:Get*", "not one action")],
)
def test_a_question_that_makes_no_sense_is_refused(
    ask: Ask, who: str, action: str, says: str
) -> None:
    ran = ask("can", who, action, of=(reader(),))
    assert ran.code == 2
    assert says in ran.err


def test_a_role_can_do_what_a_session_of_it_can(ask: Ask) -> None:
    session = f"arn:aws:sts::{ACCOUNT}:assumed-role/reader/night"
    other = f"arn:aws:sts::{ACCOUNT}:assumed-role/reader-2/night"
    opened = role("opened", trust_policy=trust(AWS=session))
    closed = role("closed", trust_policy=trust(AWS=other))
    for resource in (opened.arn, "*"):
        assert ask("can", "reader", "sts:AssumeRole", resource, of=(reader(), opened)).code == 3
        assert ask("can", "reader", "sts:AssumeRole", resource, of=(reader(), closed)).code == 1
    assert session in ask("can", "reader", "sts:AssumeRole", opened.arn, of=(reader(), opened)).out


def test_what_is_said_of_a_session_is_said_of_its_role(ask: Ask) -> None:
    session = f"arn:aws:sts::{ACCOUNT}:assumed-role/reader/i-0123"
    ran = ask("can", session, "s3:GetObject", of=(reader(),))
    assert ran.code == 0
    assert "a policy passed with the session may allow less" in ran.out
    assert "session" not in ask("can", "reader", "s3:GetObject", of=(reader(),)).out


def test_no_policy_is_suggested_for_a_user(ask: Ask) -> None:
    ran = ask("suggest", "ana", of=(reader(), user("ana")))
    assert ran.code == 2
    assert "'ana' is a user: functions and jobs run under roles" in ran.err


def compared(
    capsys: pytest.CaptureFixture[str], folder: Path, old: bytes | str, new: bytes | str
) -> tuple[int, dict[str, Any]]:
    for name, text in (("old", old), ("new", new)):
        (folder / name).write_bytes(text if isinstance(text, bytes) else text.encode())
    ran = run(capsys, "compare", str(folder / "old"), str(folder / "new"), "--format", "json")
    return ran.code, json.loads(ran.out) if ran.out else {"error": ran.err}


def test_documents_are_compared_with_a_witness(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    narrow, wide = document(allow("s3:GetObject")), document(allow("s3:Get*"))
    code, answer = compared(capsys, tmp_path, narrow, wide)
    assert code == 1
    assert answer["newAccess"][0]["action"].startswith("s3:Get")
    assert compared(capsys, tmp_path, wide, narrow) == (0, {"newAccess": [], "undecided": []})


def test_people_see_the_request_as_it_would_be(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    places = [str(tmp_path / name) for name in ("old", "new")]
    tested: dict[str, Any] = {"Condition": {"StringEquals": {"aws:PrincipalTag/team": "ml"}}}
    for place, given in zip(places, (allow("s3:Get*"), allow("iam:*", **tested)), strict=True):
        Path(place).write_text(document(given), encoding="utf-8")
    ran = run(capsys, "compare", *places)
    assert ran.code == 1
    assert ran.out.rstrip().endswith(" with aws:PrincipalTag/team = ml")


def test_accounts_are_compared_principal_by_principal(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    before, after = (
        snapshot(reader()),
        snapshot(reader(), user("new", inline_policies=(inline(allow("iam:*")),))),
    )
    code, answer = compared(capsys, tmp_path, before.to_json(), after.to_json())
    assert code == 1
    assert {one["principal"] for one in answer["newAccess"]} == {f"arn:aws:iam::{ACCOUNT}:user/new"}
    assert compared(capsys, tmp_path, after.to_json(), before.to_json())[0] == 0


@pytest.mark.parametrize(
    ("principal", "shown"),
    [
        ({"AWS": "*"}, "arn:aws:iam::999999999999:user/example"),
        ({"AWS": "arn:aws:iam::222222222222:root"}, "arn:aws:iam::222222222222:user/example"),
        ({"Service": "lambda.amazonaws.com"}, "lambda.amazonaws.com"),
    ],
)
def test_a_role_that_trusts_somebody_else_is_new_access(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], principal: dict[str, Any], shown: str
) -> None:
    closed = role("reader", trust_policy=trust(Service="ec2.amazonaws.com"))
    opened = role("reader", trust_policy=trust(**principal))
    before, after = snapshot(closed).to_json(), snapshot(opened).to_json()
    code, answer = compared(capsys, tmp_path, before, after)
    assert code == 1
    (found,) = answer["newAccess"]
    assert (found["principal"], found["action"]) == (shown, "sts:AssumeRole")
    assert found["resource"] == opened.arn
    assert compared(capsys, tmp_path, after, after)[0] == 0
    # A role that was not there before trusts whom it trusts anew.
    code, answer = compared(capsys, tmp_path, snapshot().to_json(), after)
    assert shown in {one["principal"] for one in answer["newAccess"]}
    assert code == 1


def test_a_trust_policy_that_cannot_be_read_is_undecided(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    broken = role("reader", trust_policy="{}")
    before, after = snapshot(role("reader")).to_json(), snapshot(broken).to_json()
    code, answer = compared(capsys, tmp_path, before, after)
    assert code == 3
    assert answer["undecided"][0]["resource"] == broken.arn


def test_roles_that_were_not_read_are_undecided(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    whole, cut = snapshot(reader()).to_json(), snapshot(gaps=(gap("Role"),)).to_json()
    assert compared(capsys, tmp_path, whole, cut)[0] == 3
    # It may have been there, unread.
    code, answer = compared(capsys, tmp_path, cut, whole)
    assert code == 3
    assert answer["newAccess"] == []


def test_a_policy_that_cannot_be_read_is_undecided_and_not_nothing_new(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    broken = snapshot(role("reader", inline_policies=(inline({"Effect": "allow"}),)))
    code, answer = compared(capsys, tmp_path, snapshot(reader()).to_json(), broken.to_json())
    assert code == 3
    assert answer["undecided"][0]["principal"].endswith("role/reader")


def test_a_document_and_an_account_cannot_be_compared(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    code, answer = compared(capsys, tmp_path, document(allow("s3:*")), snapshot(reader()).to_json())
    assert code == 2
    assert "of one kind" in answer["error"]


@pytest.mark.parametrize(
    ("text", "says"),
    [
        (b'{"Statement":' * 50_000, "$: nested too deeply: is it a policy document?"),
        (b'{"RoleDetailList":' * 50_000, "$: nested too deeply"),
        (b'{"schema_version":' * 50_000, "$: nested too deeply"),
        (b'{"Statement": [{"Effect": "allow", "Action": "s3:*"}]}', "Statement[0].Effect: must be"),
        (b'{"Statement": [', "$: not JSON"),
        (b"", "the file is empty"),
        (b" \n", "the file is empty"),
        (b"\xff\xfe", "not text in UTF-8: save it as UTF-8"),
        (b"[1]", "$: must be an object"),
        (b"no", "$: not JSON"),
        (b'{"Version": "2012-10-17"}', "neither a policy document"),
        (b'{"schema_version": 999}', "newer than this mlguard reads"),
        (b'{"RoleDetailList": 1}', "RoleDetailList: Expected `array`"),
    ],
)
@pytest.mark.parametrize("place", ["old", "new"])
def test_what_cannot_be_read_is_named_with_its_place_and_cure(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], text: bytes, says: str, place: str
) -> None:
    sound = document(allow("s3:*"))
    old, new = (text, sound) if place == "old" else (sound, text)
    code, answer = compared(capsys, tmp_path, old, new)
    assert code == 2
    assert f"{tmp_path / place}: " in answer["error"]
    assert says in answer["error"]


def test_one_standard_input_cannot_be_two_files(capsys: pytest.CaptureFixture[str]) -> None:
    ran = run(capsys, "compare", "-", "-")
    assert ran.code == 2
    assert "only one of OLD and NEW can be `-`" in ran.err


def test_the_least_policy_names_what_the_function_calls(ask: Ask) -> None:
    ours, calls = function(), environment(ENDPOINT_NAME=endpoint().name)
    of = (ours, calls, endpoint(), role("predict-role", inline_policies=(inline(allow("*")),)))
    ran = ask("suggest", "predict-role", "--format", "json", of=of)
    assert ran.code == 0, ran.err
    answer = json.loads(ran.out)
    allowed = [one for policy in answer["policies"] for one in policy["Statement"]]
    assert {"sagemaker:InvokeEndpoint"} <= {str(one["Action"]) for one in allowed}
    assert endpoint().arn in {str(one["Resource"]) for one in allowed}
    assert all("*" not in str(one["Action"]) for one in allowed)
    assert answer["wider"]
    assert answer["missing"] == []


def test_what_was_not_read_may_use_the_role_too(ask: Ask) -> None:
    of = (function(), environment(), role("predict-role"))
    ran = ask("suggest", "predict-role", of=of, gaps=(gap("NotebookInstance"),))
    assert ran.code == 3
    assert "not read" in ran.err


def test_a_role_that_nothing_uses_gets_no_advice(ask: Ask) -> None:
    ran = ask("suggest", "predict-role", of=(role("predict-role"),))
    assert ran.code == 2
    assert "nothing that was read runs as" in ran.err
