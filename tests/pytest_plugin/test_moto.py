"""`mlguard_moto`: an account in memory, nothing of the user's in it, and nothing left behind."""

import pytest

from tests.pytest_plugin.project import make, run, run_apart

pytest_plugins = ("pytester",)


@pytest.fixture
def project(pytester: pytest.Pytester) -> pytest.Pytester:
    make(pytester)
    return pytester


def write(project: pytest.Pytester, text: str) -> None:
    (project.path / "tests" / "test_own.py").write_text(text)


def test_real_credentials_are_out_of_sight_and_come_back(
    project: pytest.Pytester, monkeypatch: pytest.MonkeyPatch
) -> None:
    pytest.importorskip("moto")
    monkeypatch.setenv("AWS_ACCESS_KEY_ID", "AKIAREALREALREALREAL")
    monkeypatch.setenv("AWS_PROFILE", "production")
    monkeypatch.setenv("AWS_ENDPOINT_URL", "https://example.com")
    monkeypatch.setenv("AWS_DEFAULT_REGION", "eu-north-1")
    write(
        project,
        """
import os
import boto3

def test_inside(mlguard_moto, monkeypatch):
    monkeypatch.setenv("AWS_DEFAULT_REGION", "ap-south-1")
    assert "AWS_PROFILE" not in os.environ
    assert "AWS_ENDPOINT_URL" not in os.environ
    assert os.environ["AWS_ACCESS_KEY_ID"] != "AKIAREALREALREALREAL"
    assert boto3.DEFAULT_SESSION is mlguard_moto
    assert boto3.client("sts").get_caller_identity()["Account"] == "123456789012"
    assert mlguard_moto.client("iam").list_roles()["Roles"] == []

def test_outside():
    assert os.environ["AWS_ACCESS_KEY_ID"] == "AKIAREALREALREALREAL"
    assert os.environ["AWS_PROFILE"] == "production"
    assert os.environ["AWS_DEFAULT_REGION"] == "eu-north-1"
    assert boto3.DEFAULT_SESSION is None
""",
    )
    run_apart(project).assert_outcomes(passed=2)


def test_policies_of_aws_can_be_attached_and_are_read(project: pytest.Pytester) -> None:
    pytest.importorskip("moto")
    write(
        project,
        """
import boto3
from mlguard_pytest.builders import role

FULL = "arn:aws:iam::aws:policy/AmazonSageMakerFullAccess"

def test_one(mlguard, mlguard_moto):
    role("wide", attached=FULL).create(boto3.client("iam"))
    assert "role-full-access" in {one.check for one in mlguard.role("wide").findings}
    assert len(mlguard.snapshot.resources) < 10
    assert len(boto3.client("iam").list_policies(MaxItems=1000)["Policies"]) == 1000

def test_two(mlguard, mlguard_moto):
    policy = boto3.client("iam").get_policy(PolicyArn=FULL)["Policy"]
    assert policy["AttachmentCount"] == 0
""",
    )
    run(project).assert_outcomes(passed=2)


def test_what_moto_lacks_is_filled_in(project: pytest.Pytester) -> None:
    pytest.importorskip("moto")
    write(
        project,
        """
import boto3
from mlguard.sources.demo.gaps import operations

def test_one(mlguard_moto):
    lacking = {(service, operation) for service, operation in operations()}
    assert ("lambda", "GetAccountSettings") in lacking
    settings = boto3.client("lambda").get_account_settings()
    assert settings["AccountLimit"]["ConcurrentExecutions"] == 1000
""",
    )
    run(project).assert_outcomes(passed=1)


def test_without_moto_one_line_says_what_to_install(project: pytest.Pytester) -> None:
    (project.path / "conftest.py").write_text("import sys\nsys.modules['moto'] = None\n")
    write(project, "def test_one(mlguard_moto):\n    pass\n\ndef test_two():\n    pass\n")
    result = run_apart(project)
    result.assert_outcomes(passed=1, errors=1)
    result.stdout.fnmatch_lines(["mlguard_moto needs moto: pip install 'mlguard-aws[[]demo]'"])
    assert "Traceback" not in result.stdout.str()
