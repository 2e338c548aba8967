from typing import Any

import pytest

from mlguard.resources.scaling import AlarmMetric
from mlguard.sources.base import Home
from mlguard.sources.readers.scaling import (
    alarm,
    scalable_target,
    scaling_policy,
    scheduled_action,
)
from tests.builders.account import ACCOUNT, NOW, REGION

HOME = Home(account=ACCOUNT, region=REGION)
TARGET: dict[str, Any] = {
    "ServiceNamespace": "sagemaker",
    "ResourceId": "endpoint/dogs/variant/all",
    "ScalableDimension": "sagemaker:variant:DesiredInstanceCount",
}
POLICY: dict[str, Any] = TARGET | {"PolicyARN": "arn:p", "PolicyName": "follow"}
CPU = {
    "Namespace": "/aws/sagemaker/Endpoints",
    "MetricName": "CPUUtilization",
    "Dimensions": [{"Name": "EndpointName", "Value": "dogs"}],
}


def test_a_target_without_an_arn_gets_the_same_one_every_time() -> None:
    raw = TARGET | {"MinCapacity": 1, "MaxCapacity": 2, "CreationTime": NOW}
    first, second = scalable_target(raw, HOME), scalable_target(dict(raw), HOME)
    assert first == second
    assert first.arn.startswith(f"arn:aws:application-autoscaling:{REGION}:{ACCOUNT}:")
    assert first.name == TARGET["ResourceId"]
    other = scalable_target(raw | {"ResourceId": "endpoint/cats/variant/all"}, HOME)
    assert other.arn != first.arn


def test_a_target_names_what_is_suspended() -> None:
    raw = TARGET | {
        "ScalableTargetARN": "arn:t",
        "MinCapacity": 0,
        "MaxCapacity": 2,
        "CreationTime": NOW,
        "SuspendedState": {"DynamicScalingInSuspended": True, "ScheduledScalingSuspended": False},
    }
    found = scalable_target(raw, HOME)
    assert (found.arn, found.suspended) == ("arn:t", ("DynamicScalingInSuspended",))


def test_a_tracking_policy_has_its_target_and_alarms() -> None:
    raw = POLICY | {
        "PolicyType": "TargetTrackingScaling",
        "TargetTrackingScalingPolicyConfiguration": {
            "TargetValue": 70.0,
            "PredefinedMetricSpecification": {"PredefinedMetricType": "Invocations"},
            "ScaleInCooldown": 600,
            "DisableScaleIn": True,
        },
        "Alarms": [{"AlarmName": "high", "AlarmARN": "arn:high"}],
    }
    found = scaling_policy(raw, HOME)
    assert (found.target_value, found.predefined_metric) == (70.0, "Invocations")
    assert (found.scale_in_cooldown_s, found.scale_out_cooldown_s) == (600, None)
    assert (found.scale_in_disabled, found.alarms) == (True, ("arn:high",))


@pytest.mark.parametrize(
    ("specification", "expected"),
    [
        ({"MetricName": "CPUUtilization", "Namespace": "n"}, "CPUUtilization"),
        (
            {
                "Metrics": [
                    {"Id": "a", "MetricStat": {"Metric": CPU, "Stat": "Sum"}, "ReturnData": False},
                    {"Id": "b", "Expression": "a / 2"},
                ]
            },
            "a / 2",
        ),
        ({"Metrics": [{"Id": "a", "MetricStat": {"Metric": CPU}}]}, "CPUUtilization"),
        ({}, None),
    ],
)
def test_a_custom_metric_has_a_name_or_an_expression(
    specification: dict[str, Any], expected: str | None
) -> None:
    raw = POLICY | {
        "PolicyType": "TargetTrackingScaling",
        "TargetTrackingScalingPolicyConfiguration": {
            "TargetValue": 1.0,
            "CustomizedMetricSpecification": specification,
        },
    }
    assert scaling_policy(raw, HOME).custom_metric == expected


def test_a_step_policy_has_one_cooldown_and_no_target() -> None:
    raw = POLICY | {
        "PolicyType": "StepScaling",
        "StepScalingPolicyConfiguration": {"Cooldown": 300},
    }
    found = scaling_policy(raw, HOME)
    assert (found.scale_in_cooldown_s, found.scale_out_cooldown_s) == (300, 300)
    assert (found.target_value, found.predefined_metric) == (None, None)


def test_a_scheduled_action_may_move_one_bound() -> None:
    raw = TARGET | {
        "ScheduledActionARN": "arn:s",
        "ScheduledActionName": "night",
        "Schedule": "cron(0 20 * * ? *)",
        "ScalableTargetAction": {"MinCapacity": 0},
        "StartTime": NOW,
    }
    found = scheduled_action(raw, HOME)
    assert (found.min_capacity, found.max_capacity) == (0, None)
    assert (found.start_at, found.end_at) == (NOW, None)


def test_an_alarm_watches_one_metric_or_several_in_an_expression() -> None:
    base = {"AlarmArn": "arn:a", "AlarmName": "a", "ActionsEnabled": True}
    watched = AlarmMetric(
        namespace="/aws/sagemaker/Endpoints",
        metric="CPUUtilization",
        dimensions={"EndpointName": "dogs"},
    )
    assert alarm(base | CPU, HOME).metrics == (watched,)
    math = {
        "Metrics": [
            {"Id": "a", "MetricStat": {"Metric": CPU, "Period": 60, "Stat": "Sum"}},
            {"Id": "b", "Expression": "a * 2"},
        ]
    }
    assert alarm(base | math, HOME).metrics == (watched,)
    assert alarm(base, HOME).metrics == ()
