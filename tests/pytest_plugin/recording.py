"""A project whose tests call AWS, in moto, under a role that a saved account holds."""

import json
from typing import Any

import pytest

from mlguard.resources.iam import Role
from mlguard.resources.kinds import AnyResource
from mlguard.snapshot import Gap
from tests.builders import account as builders
from tests.builders.iam import allow, inline, role
from tests.pytest_plugin.project import save

BUCKET = "arn:aws:s3:::notes"
READS = allow("s3:GetObject", resource=f"{BUCKET}/*")

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
        boto3.client("s3").create_bucket(Bucket="notes")
        boto3.client("s3").put_object(Bucket="notes", Key="a", Body=b"a")
        yield
        boto3.client("s3").delete_object(Bucket="notes", Key="a")


def record(test):
    return pytest.mark.mlguard_record("notes-role")(test)
"""
READ = """
@record
def test_read():
    boto3.client("s3").get_object(Bucket="notes", Key="a")
"""
WRITE = """
@record
def test_write():
    boto3.client("s3").put_object(Bucket="notes", Key="b", Body=b"b")
"""


def with_policy(*statements: dict[str, Any], **changes: Any) -> Role:
    return role("notes-role", inline_policies=(inline(*statements),), **changes)


def make(
    pytester: pytest.Pytester,
    tests: str,
    *resources: AnyResource,
    gaps: tuple[Gap, ...] = (),
    ini: str = "mlguard_source = snap.json\n",
) -> None:
    save(pytester, builders.snapshot(*resources, gaps=gaps))
    (pytester.path / "pytest.ini").write_text(f"[pytest]\n{ini}")
    (pytester.path / "test_own.py").write_text(MOTO + tests)


def section(result: pytest.RunResult) -> str:
    """Return what the recorder says at the end, in one line."""
    text = result.stdout.str().partition("= mlguard recorder =")[2]
    return " ".join(text.split())


def written(pytester: pytest.Pytester) -> list[dict[str, Any]]:
    """Return the statements of the policy that a run wrote."""
    text = (pytester.path / "out" / "notes-role.json").read_text()
    found: list[dict[str, Any]] = json.loads(text)["Statement"]
    return found
