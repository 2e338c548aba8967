from concurrent.futures import ThreadPoolExecutor
from typing import Any

import boto3
from moto import mock_aws

from mlguard.resources.scaling import Alarm, ScalableTarget, ScalingPolicy, ScheduledAction
from mlguard.snapshot import GapReason
from mlguard.sources.aws import scaling
from mlguard.sources.aws.connection import Connection
from mlguard.sources.aws.reading import Reading
from tests.builders.account import NOW, REGION, arn
from tests.sources.aws.answers import HOME, Answers

SERVICE = "application-autoscaling"
METHODS = ("describe_scalable_targets", "describe_scaling_policies", "describe_scheduled_actions")
TARGET: dict[str, Any] = {
    "ServiceNamespace": "lambda",
    "ResourceId": "function:dogs:live",
    "ScalableDimension": "lambda:function:ProvisionedConcurrency",
    "MinCapacity": 1,
    "MaxCapacity": 4,
    "RoleARN": "arn",
    "CreationTime": NOW,
}


def nothing(answers: Answers, *, namespaces: tuple[str, ...] = scaling.NAMESPACES) -> None:
    for namespace in namespaces:
        for method in METHODS:
            answers.give(SERVICE, method, {}, ServiceNamespace=namespace)


def test_targets_of_both_services_are_read_on_every_page() -> None:
    answers = Answers()
    nothing(answers, namespaces=("sagemaker",))
    first, second = TARGET | {"ScalableTargetARN": "arn:one"}, TARGET | {"ResourceId": "other"}
    answers.give(
        SERVICE,
        METHODS[0],
        {"ScalableTargets": [first], "NextToken": "more"},
        ServiceNamespace="lambda",
    )
    answers.give(
        SERVICE,
        METHODS[0],
        {"ScalableTargets": [second]},
        ServiceNamespace="lambda",
        NextToken="more",
    )
    for method in METHODS[1:]:
        answers.give(SERVICE, method, {}, ServiceNamespace="lambda")
    answers.give("cloudwatch", "describe_alarms", {})
    scaling.collect(answers.reading)
    answers.all_asked()
    assert answers.reading.gaps == []
    assert [each.arn for each in answers.reading.resources] == [
        "arn:one",
        arn(SERVICE, "scalable-target/lambda/other/lambda:function:ProvisionedConcurrency"),
    ]
    assert set(answers.connection.operations) == set(scaling.OPERATIONS)


def test_a_denied_call_is_a_gap_in_its_kind_and_the_others_are_read() -> None:
    answers = Answers()
    for namespace in scaling.NAMESPACES:
        answers.give(SERVICE, METHODS[0], {"ScalableTargets": [TARGET]}, ServiceNamespace=namespace)
        answers.refuse(SERVICE, METHODS[1], "AccessDeniedException", ServiceNamespace=namespace)
        answers.give(SERVICE, METHODS[2], {}, ServiceNamespace=namespace)
    answers.refuse("cloudwatch", "describe_alarms", "AccessDenied")
    scaling.collect(answers.reading)
    answers.all_asked()
    assert len(answers.reading.resources) == 2
    assert [(gap.kinds, gap.permission) for gap in answers.reading.gaps] == [
        (("ScalingPolicy",), "application-autoscaling:DescribeScalingPolicies"),
        (("ScalingPolicy",), "application-autoscaling:DescribeScalingPolicies"),
        (("Alarm",), "cloudwatch:DescribeAlarms"),
    ]


def test_an_operation_that_does_not_exist_there_is_a_gap() -> None:
    answers = Answers()
    answers.lack(SERVICE, "DescribeScheduledActions")
    for namespace in scaling.NAMESPACES:
        for method in METHODS[:2]:
            answers.give(SERVICE, method, {}, ServiceNamespace=namespace)
    answers.give("cloudwatch", "describe_alarms", {})
    scaling.collect(answers.reading)
    assert {(gap.kinds, gap.reason) for gap in answers.reading.gaps} == {
        (("ScheduledAction",), GapReason.UNSUPPORTED)
    }


def test_a_half_read_alarm_is_a_gap() -> None:
    answers = Answers()
    nothing(answers)
    whole = {"AlarmName": "a", "AlarmArn": "arn:a", "ActionsEnabled": True}
    half = {"AlarmName": "b", "AlarmArn": "arn:b"}
    answers.give("cloudwatch", "describe_alarms", {"MetricAlarms": [half, whole]})
    scaling.collect(answers.reading)
    assert [each.name for each in answers.reading.resources] == ["a"]
    (gap,) = answers.reading.gaps
    assert (gap.kinds, gap.reason) == (("Alarm",), GapReason.INCOMPLETE)
    assert "ActionsEnabled" in gap.detail


def test_moto_s_scaling_is_read() -> None:
    with mock_aws(), ThreadPoolExecutor(2) as pool:
        session = boto3.Session(
            aws_access_key_id="id", aws_secret_access_key="key", region_name=REGION
        )
        client = session.client(SERVICE)
        target = {
            "ServiceNamespace": "sagemaker",
            "ResourceId": "endpoint/dogs/variant/all",
            "ScalableDimension": "sagemaker:variant:DesiredInstanceCount",
        }
        # moto makes a target for an endpoint that it has never seen.
        client.register_scalable_target(**target, MinCapacity=1, MaxCapacity=3)
        metric = {"PredefinedMetricType": "SageMakerVariantInvocationsPerInstance"}
        client.put_scaling_policy(
            **target,
            PolicyName="follow",
            PolicyType="TargetTrackingScaling",
            TargetTrackingScalingPolicyConfiguration={
                "TargetValue": 70.0,
                "PredefinedMetricSpecification": metric,
            },
        )
        client.put_scheduled_action(
            **target,
            ScheduledActionName="night",
            Schedule="cron(0 20 * * ? *)",
            ScalableTargetAction={"MinCapacity": 0},
        )
        session.client("cloudwatch").put_metric_alarm(
            AlarmName="errors",
            Namespace="AWS/SageMaker",
            MetricName="Invocation5XXErrors",
            Dimensions=[{"Name": "EndpointName", "Value": "dogs"}],
            Statistic="Sum",
            Period=60,
            EvaluationPeriods=1,
            Threshold=1,
            ComparisonOperator="GreaterThanThreshold",
        )
        reading = Reading(Connection(session), HOME, pool)
        scaling.collect(reading)
    assert reading.gaps == []
    found, policy, action, alarm = reading.resources
    assert isinstance(found, ScalableTarget)
    assert (found.min_capacity, found.max_capacity) == (1, 3)
    assert isinstance(policy, ScalingPolicy)
    assert (policy.target_value, policy.predefined_metric) == (70.0, metric["PredefinedMetricType"])
    assert isinstance(action, ScheduledAction)
    assert (action.min_capacity, action.max_capacity) == (0, None)
    assert isinstance(alarm, Alarm)
    assert alarm.metrics[0].dimensions == {"EndpointName": "dogs"}
