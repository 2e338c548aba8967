from base64 import b64encode
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime
from typing import Any

import boto3
import pytest
from moto import mock_aws

from mlguard.resources.notebooks import NotebookInstance, NotebookLifecycle
from mlguard.snapshot import GapReason
from mlguard.sources.aws import notebooks
from mlguard.sources.aws.connection import Connection
from mlguard.sources.aws.reading import Reading
from tests.builders.account import ACCOUNT, REGION, arn
from tests.sources.aws.answers import HOME, ROLE, Answers

AT = datetime(2026, 11, 1, tzinfo=UTC)


def summary(name: str) -> dict[str, Any]:
    return {
        "NotebookInstanceName": name,
        "NotebookInstanceArn": arn("sagemaker", f"notebook-instance/{name.lower()}"),
    }


def described(name: str, **changed: Any) -> dict[str, Any]:
    return {
        **summary(name),
        "NotebookInstanceStatus": "InService",
        "InstanceType": "ml.t3.medium",
        "RoleArn": ROLE,
        "CreationTime": AT,
        "LastModifiedTime": AT,
        "DirectInternetAccess": "Disabled",
        "RootAccess": "Disabled",
        "VolumeSizeInGB": 5,
    } | changed


def lifecycle_summary(name: str) -> dict[str, Any]:
    return {
        "NotebookInstanceLifecycleConfigName": name,
        "NotebookInstanceLifecycleConfigArn": arn(
            "sagemaker", f"notebook-instance-lifecycle-config/{name}"
        ),
    }


def describe(answers: Answers, name: str, raw: dict[str, Any] | None = None) -> None:
    answers.give(
        "sagemaker",
        "describe_notebook_instance",
        described(name) if raw is None else raw,
        NotebookInstanceName=name,
    )


def no_lifecycles(answers: Answers) -> None:
    answers.give("sagemaker", "list_notebook_instance_lifecycle_configs", {})


def test_notebooks_of_every_page_are_described_by_their_name() -> None:
    answers = Answers()
    answers.give(
        "sagemaker",
        "list_notebook_instances",
        {"NotebookInstances": [summary("One")], "NextToken": "more"},
    )
    answers.give(
        "sagemaker",
        "list_notebook_instances",
        {"NotebookInstances": [summary("two")]},
        NextToken="more",
    )
    describe(answers, "One")
    describe(answers, "two")
    no_lifecycles(answers)
    notebooks.collect(answers.reading)
    answers.all_asked()
    assert [each.name for each in answers.reading.resources] == ["One", "two"]
    assert answers.reading.gaps == []


def test_lifecycle_scripts_are_decoded() -> None:
    answers = Answers()
    answers.give("sagemaker", "list_notebook_instances", {})
    answers.give(
        "sagemaker",
        "list_notebook_instance_lifecycle_configs",
        {"NotebookInstanceLifecycleConfigs": [lifecycle_summary("idle")]},
    )
    script = b64encode(b"#!/bin/bash\nsudo -u ec2-user autostop").decode()
    answers.give(
        "sagemaker",
        "describe_notebook_instance_lifecycle_config",
        lifecycle_summary("idle") | {"OnStart": [{"Content": script}]},
        NotebookInstanceLifecycleConfigName="idle",
    )
    notebooks.collect(answers.reading)
    (found,) = answers.reading.resources
    assert isinstance(found, NotebookLifecycle)
    assert found.on_start == ("#!/bin/bash\nsudo -u ec2-user autostop",)
    assert set(answers.connection.operations) < set(notebooks.OPERATIONS)


def test_a_page_that_is_denied_leaves_what_came_before_it_and_a_gap() -> None:
    answers = Answers()
    answers.give(
        "sagemaker",
        "list_notebook_instances",
        {"NotebookInstances": [summary("one")], "NextToken": "more"},
    )
    answers.refuse(
        "sagemaker", "list_notebook_instances", "AccessDeniedException", NextToken="more"
    )
    describe(answers, "one")
    no_lifecycles(answers)
    notebooks.collect(answers.reading)
    assert [each.name for each in answers.reading.resources] == ["one"]
    (gap,) = answers.reading.gaps
    assert gap.kinds == ("NotebookInstance",)
    assert gap.permission == "sagemaker:ListNotebookInstances"
    assert gap.subject is None


@pytest.mark.parametrize(
    ("code", "reason"),
    [
        ("AccessDeniedException", GapReason.DENIED),
        ("ThrottlingException", GapReason.THROTTLED),
        ("ExpiredTokenException", GapReason.EXPIRED),
        ("404", GapReason.UNSUPPORTED),
        ("InternalFailure", GapReason.INCOMPLETE),
    ],
)
def test_a_notebook_that_is_not_described_is_a_gap_of_its_own(code: str, reason: GapReason) -> None:
    answers = Answers()
    answers.give(
        "sagemaker", "list_notebook_instances", {"NotebookInstances": [summary("a"), summary("b")]}
    )
    answers.refuse("sagemaker", "describe_notebook_instance", code)
    describe(answers, "b")
    no_lifecycles(answers)
    notebooks.collect(answers.reading)
    assert [each.name for each in answers.reading.resources] == ["b"]
    (gap,) = answers.reading.gaps
    assert gap.reason is reason
    assert gap.subject == summary("a")["NotebookInstanceArn"]
    assert gap.operation == "sagemaker:DescribeNotebookInstance"


def test_what_is_deleted_between_list_and_describe_is_no_gap() -> None:
    answers = Answers()
    answers.give("sagemaker", "list_notebook_instances", {"NotebookInstances": [summary("a")]})
    answers.refuse(
        "sagemaker", "describe_notebook_instance", "ValidationException", "RecordNotFound"
    )
    answers.give(
        "sagemaker",
        "list_notebook_instance_lifecycle_configs",
        {"NotebookInstanceLifecycleConfigs": [lifecycle_summary("idle")]},
    )
    answers.refuse(
        "sagemaker",
        "describe_notebook_instance_lifecycle_config",
        "ValidationException",
        "Unable to describe Notebook Instance Lifecycle Config 'arn'. "
        "(Details: Notebook Instance Lifecycle Config does not exist.)",
    )
    notebooks.collect(answers.reading)
    answers.all_asked()
    assert answers.reading.resources == []
    assert answers.reading.gaps == []


def test_another_validation_error_is_a_gap() -> None:
    answers = Answers()
    answers.give("sagemaker", "list_notebook_instances", {"NotebookInstances": [summary("a")]})
    answers.refuse("sagemaker", "describe_notebook_instance", "ValidationException", "bad name")
    no_lifecycles(answers)
    notebooks.collect(answers.reading)
    assert [gap.reason for gap in answers.reading.gaps] == [GapReason.INCOMPLETE]


@pytest.mark.parametrize("member", ["RootAccess", "DirectInternetAccess", "CreationTime"])
def test_a_notebook_without_a_member_that_it_must_have_is_a_gap(member: str) -> None:
    answers = Answers()
    answers.give("sagemaker", "list_notebook_instances", {"NotebookInstances": [summary("a")]})
    raw = described("a")
    del raw[member]
    describe(answers, "a", raw)
    no_lifecycles(answers)
    notebooks.collect(answers.reading)
    assert answers.reading.resources == []
    (gap,) = answers.reading.gaps
    assert gap.subject == summary("a")["NotebookInstanceArn"]
    assert member in gap.detail


def test_an_operation_that_does_not_exist_there_is_a_gap() -> None:
    answers = Answers()
    answers.give("sagemaker", "list_notebook_instances", {})
    answers.lack("sagemaker", "ListNotebookInstanceLifecycleConfigs")
    notebooks.collect(answers.reading)
    (gap,) = answers.reading.gaps
    assert gap.kinds == ("NotebookLifecycle",)
    assert gap.reason is GapReason.UNSUPPORTED


def test_moto_s_notebook_is_read() -> None:
    with mock_aws(), ThreadPoolExecutor(2) as pool:
        session = boto3.Session(
            aws_access_key_id="id", aws_secret_access_key="key", region_name=REGION
        )
        session.client("sagemaker").create_notebook_instance(
            NotebookInstanceName="lab",
            InstanceType="ml.t2.medium",
            RoleArn=ROLE,
            RootAccess="Enabled",
            DirectInternetAccess="Enabled",
        )
        reading = Reading(Connection(session), HOME, pool)
        notebooks.collect(reading)
    (found,) = reading.resources
    assert isinstance(found, NotebookInstance)
    assert (found.name, found.account, found.instance_type) == ("lab", ACCOUNT, "ml.t2.medium")
    assert found.root_access
    assert found.created_at.tzinfo is UTC
