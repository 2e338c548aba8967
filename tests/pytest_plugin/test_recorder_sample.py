"""The sample project: a role with full access fails, its written policy passes, one less fails."""

import json
import re
import shutil
from pathlib import Path
from typing import Any

import pytest

pytest.importorskip("moto")

from tests.pytest_plugin.project import outcomes, run_apart  # moto is an extra
from tests.pytest_plugin.recording import section

pytest_plugins = ("pytester",)

SAMPLE = Path(__file__).parent / "sample"
KEPT = "test_handler.py::test_a_note_is_kept"
LISTED = "test_handler.py::test_the_notes_of_a_day_are_listed"
ROLE = "arn:aws:iam::210987654321:role/notes-function"
BUDGET = "--mlguard-max-excess=0"
WRITE = "--mlguard-write-policy=policies"


@pytest.fixture(params=[(), ("-n", "2")], ids=["one process", "two workers"])
def workers(request: pytest.FixtureRequest) -> tuple[str, ...]:
    found: tuple[str, ...] = request.param
    return found


@pytest.fixture
def project(pytester: pytest.Pytester) -> pytest.Pytester:
    for path in SAMPLE.iterdir():
        if path.is_file():
            shutil.copy(path, pytester.path)
    return pytester


def policy(project: pytest.Pytester) -> dict[str, Any]:
    text = (project.path / "policies" / "notes-function.json").read_text()
    found: dict[str, Any] = json.loads(text)
    return found


def give(project: pytest.Pytester, document: dict[str, Any]) -> None:
    """Write the policy into the pipeline file, as whoever owns the role would."""
    path = project.path / "pipeline.json"
    pipeline = json.loads(path.read_text())
    (step,) = [one for one in pipeline["steps"] if one["operation"] == "PutRolePolicy"]
    step["parameters"]["PolicyDocument"] = {"$json": document}
    path.write_text(json.dumps(pipeline))


def test_full_access_fails_and_says_what_to_use_instead(
    project: pytest.Pytester, workers: tuple[str, ...]
) -> None:
    result = run_apart(project, BUDGET, "-rA", *workers)
    assert result.ret == pytest.ExitCode.TESTS_FAILED
    assert outcomes(result) == {KEPT: "PASSED", LISTED: "PASSED"}
    said = section(result)
    assert said.count("the run fails: ") == 1
    paragraph = said.partition("the run fails: ")[2]
    assert paragraph.startswith(f"{ROLE} is granted ")
    assert re.search(r" may have 0: \d+ of s3, \d+ of logs, \d+ of sns\. ", paragraph)
    instead = paragraph.partition("Use instead: ")[2]
    for need in (
        "s3:ListBucket on arn:aws:s3:::notes-example;",
        "s3:PutObject on arn:aws:s3:::notes-example/2026-11-02/a.json and ",
        "sns:Publish on arn:aws:sns:us-east-1:210987654321:notes.",
        "log-group:/aws/lambda/notes:*;",
    ):
        assert need in instead
    assert "the mock's account 123456789012 in ARNs and URLs is read as 210987654321" in said


def test_the_written_policy_passes(project: pytest.Pytester, workers: tuple[str, ...]) -> None:
    run_apart(project, WRITE, *workers)
    give(project, policy(project))
    result = run_apart(project, BUDGET, "-rA", *workers)
    assert result.ret == pytest.ExitCode.OK
    assert outcomes(result) == {KEPT: "PASSED", LISTED: "PASSED"}
    said = section(result)
    assert "6 of 6 granted actions used by 4 calls in 2 tests" in said
    assert not any(word in said for word in ("missing", "excess", "wider", "undecided"))


def test_one_permission_less_fails_the_test_that_calls_it(
    project: pytest.Pytester, workers: tuple[str, ...]
) -> None:
    run_apart(project, WRITE, *workers)
    document = policy(project)
    kept = [one for one in document["Statement"] if one["Action"] != "sns:Publish"]
    assert len(kept) == len(document["Statement"]) - 1
    give(project, {**document, "Statement": kept})
    result = run_apart(project, BUDGET, "-rA", *workers)
    assert result.ret == pytest.ExitCode.TESTS_FAILED
    assert outcomes(result) == {KEPT: "FAILED", LISTED: "PASSED"}
    (line,) = [line for line in result.outlines if line.startswith("missing ")]
    assert line.startswith(f"missing sns:Publish: {ROLE} may not do what {KEPT} calls, ")
    assert "sns.Publish needs sns:Publish on arn:aws:sns:us-east-1:210987654321:notes" in line
