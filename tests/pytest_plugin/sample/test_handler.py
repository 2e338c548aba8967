"""The function's tests: in moto, under the role that the pipeline file gives it."""

from collections.abc import Iterator

import boto3
import handler
import pytest
from moto import mock_aws


@pytest.fixture(autouse=True)
def aws(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    for name in ("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY", "AWS_SESSION_TOKEN"):
        monkeypatch.setenv(name, "testing")
    monkeypatch.setenv("AWS_DEFAULT_REGION", "us-east-1")
    with mock_aws():
        boto3.client("s3").create_bucket(Bucket="notes-example")
        topic = boto3.client("sns").create_topic(Name="notes")["TopicArn"]
        monkeypatch.setenv("BUCKET", "notes-example")
        monkeypatch.setenv("TOPIC", topic)
        yield


@pytest.mark.mlguard_record("notes-function")
def test_a_note_is_kept() -> None:
    made = handler.lambda_handler({"day": "2026-11-02", "name": "first"}, None)
    assert made == {"key": "2026-11-02/first.json"}


@pytest.mark.mlguard_record("notes-function")
def test_the_notes_of_a_day_are_listed() -> None:
    boto3.client("s3").put_object(Bucket="notes-example", Key="2026-11-02/a.json", Body=b"{}")
    assert handler.latest("2026-11-02") == ["2026-11-02/a.json"]
