"""Fixtures: the audit in a user's own tests, of the run's source or of what a test has made."""

import pytest

from tests.pytest_plugin.project import make, run, run_apart

pytest_plugins = ("pytester",)

MOTO = """
import boto3
import pytest
from moto import mock_aws


@pytest.fixture(autouse=True)
def aws(monkeypatch):
    for name in ("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY", "AWS_SESSION_TOKEN"):
        monkeypatch.setenv(name, "testing")
    monkeypatch.setenv("AWS_DEFAULT_REGION", "us-east-1")
    monkeypatch.delenv("AWS_PROFILE", raising=False)
    with mock_aws():
        yield


def make(name):
    boto3.client("iam").create_role(RoleName=name, AssumeRolePolicyDocument=(
        '{"Version": "2012-10-17", "Statement": [{"Effect": "Allow", "Action": "sts:AssumeRole",'
        ' "Principal": {"Service": "lambda.amazonaws.com"}}]}'
    ))


def names(snapshot):
    return [each.name for each in snapshot.resources if type(each).__name__ == "Role"]
"""


@pytest.fixture
def project(pytester: pytest.Pytester) -> pytest.Pytester:
    make(pytester)
    return pytester


def write(project: pytest.Pytester, text: str) -> None:
    (project.path / "tests" / "test_own.py").write_text(text)


def test_the_fixture_holds_what_the_run_audits(project: pytest.Pytester) -> None:
    write(
        project,
        "def test_one(mlguard):\n"
        "    assert mlguard.snapshot.accounts == ('123456789012',)\n"
        "    assert [each.check for each in mlguard.report.findings] == [\n"
        "        'notebook-direct-internet', 'notebook-instance-type'\n"
        "    ]\n"
        "    assert mlguard.report is mlguard.report\n",
    )
    run(project, "--mlguard=snap.json", "tests", "-k", "test_one").assert_outcomes(
        passed=1, deselected=13
    )


def test_the_fixture_reads_nothing_before_it_is_used(project: pytest.Pytester) -> None:
    write(project, "def test_one(mlguard):\n    pass\n")
    run(project, "--mlguard=absent.json", "tests").assert_outcomes(passed=1, failed=1)
    run(project, "tests").assert_outcomes(passed=1)


def test_the_fixture_says_why_there_is_no_audit(project: pytest.Pytester) -> None:
    write(project, "def test_one(mlguard):\n    mlguard.report\n")
    result = run(project, "--mlguard=absent.json", "tests")
    result.assert_outcomes(failed=2)
    result.stdout.fnmatch_lines(["nothing was audited: *absent.json: cannot be read*"])
    assert "Traceback" not in result.stdout.str()
    assert "def test_one" not in result.stdout.str()


def test_unasked_the_fixture_reads_what_the_test_has_just_created(
    project: pytest.Pytester,
) -> None:
    pytest.importorskip("moto")
    write(
        project,
        MOTO
        + "\n\ndef test_one(mlguard):\n    make('first')\n"
        + "    assert names(mlguard.snapshot) == ['first']\n"
        + "\n\ndef test_two(mlguard):\n    make('second')\n"
        + "    assert names(mlguard.snapshot) == ['second']\n"
        + "    assert mlguard.report.accounts == ('123456789012',)\n",
    )
    run_apart(project).assert_outcomes(passed=2)


def test_a_session_of_the_users_wins_over_what_the_run_audits(project: pytest.Pytester) -> None:
    pytest.importorskip("moto")
    write(
        project,
        MOTO
        + "\n\n@pytest.fixture\ndef mlguard_session(aws):\n"
        + "    return boto3.Session(region_name='eu-west-1')\n"
        + "\n\ndef test_one(mlguard):\n    make('mine')\n"
        + "    assert names(mlguard.snapshot) == ['mine']\n"
        + "    assert mlguard.snapshot.regions == ('eu-west-1',)\n",
    )
    result = run_apart(project, "--mlguard=snap.json", "tests", "-k", "test_one")
    result.assert_outcomes(passed=1, deselected=13)
