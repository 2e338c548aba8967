"""Steps performed through boto3: in order, with earlier answers, or refused with the step named."""

from collections.abc import Iterator
from typing import Any

import boto3
import pytest
from moto import mock_aws

from mlguard.errors import SourceError
from mlguard.sources.demo.replay import replay
from mlguard.sources.pipeline.steps import Step


@pytest.fixture
def session() -> Iterator[boto3.Session]:
    with mock_aws():
        yield boto3.Session(region_name="us-east-1")


def step(step_id: str, call: str, **parameters: Any) -> Step:
    service, _, operation = call.partition(":")
    return Step(id=step_id, service=service, operation=operation, parameters=parameters)


def test_a_step_gets_what_an_earlier_one_was_answered(session: boto3.Session) -> None:
    answers = replay(
        (
            step("topic", "sns:CreateTopic", Name="alarms"),
            step(
                "alarm",
                "cloudwatch:PutMetricAlarm",
                AlarmName="slow",
                Namespace="AWS/Lambda",
                MetricName="Duration",
                Statistic="Maximum",
                Period=60,
                EvaluationPeriods=1,
                Threshold=1.0,
                ComparisonOperator="GreaterThanThreshold",
                AlarmActions=[{"$step": "topic", "$result": "TopicArn"}],
            ),
        ),
        session,
    )
    (alarm,) = session.client("cloudwatch").describe_alarms()["MetricAlarms"]
    assert alarm["AlarmActions"] == [answers["topic"]["TopicArn"]]


def test_documents_and_bytes_become_what_boto3_takes(session: boto3.Session) -> None:
    replay(
        (
            step("bucket", "s3:CreateBucket", Bucket="dogs"),
            step("object", "s3:PutObject", Bucket="dogs", Key="x", Body={"$base64": "AP8="}),
            step(
                "role",
                "iam:CreateRole",
                RoleName="r",
                AssumeRolePolicyDocument={"$json": {"Version": "2012-10-17", "Statement": []}},
            ),
        ),
        session,
    )
    body = session.client("s3").get_object(Bucket="dogs", Key="x")["Body"].read()
    assert body == b"\x00\xff"
    role = session.client("iam").get_role(RoleName="r")["Role"]
    assert role["AssumeRolePolicyDocument"] == {"Version": "2012-10-17", "Statement": []}


@pytest.mark.parametrize(
    ("wrong", "says"),
    [
        (step("x", "dogs:Bark"), "no service 'dogs'"),
        (step("x", "iam:CreateDog"), "no operation iam:CreateDog"),
        (step("x", "iam:CreateRole", RoleName="r"), "AssumeRolePolicyDocument"),
        (step("x", "iam:CreateUser", UserName="u", Colour="red"), "Colour"),
        (step("x", "iam:GetRole", RoleName="nobody"), "NoSuchEntity"),
        (
            step("x", "iam:GetRole", RoleName={"$step": "user", "$result": "Role.RoleName"}),
            "parameters.RoleName: the answer of step 'user' has nothing at 'Role.RoleName'",
        ),
        (step("x", "sagemaker:CreateApp", DomainId="d", AppType="TensorBoard", AppName="a"), "x"),
    ],
    ids=lambda value: value if isinstance(value, str) else value.call,
)
def test_what_cannot_be_done_names_the_step(wrong: Step, says: str, session: boto3.Session) -> None:
    with pytest.raises(SourceError) as raised:
        replay((step("user", "iam:CreateUser", UserName="ada"), wrong), session)
    assert "step 'x'" in str(raised.value)
    assert says in str(raised.value)


def test_what_was_made_before_a_refusal_stays_made(session: boto3.Session) -> None:
    with pytest.raises(SourceError):
        replay(
            (
                step("user", "iam:CreateUser", UserName="ada"),
                step("again", "iam:CreateUser", UserName="ada"),
            ),
            session,
        )
    assert session.client("iam").list_users()["Users"][0]["UserName"] == "ada"
