"""Autoscaling to start from: a variant between 1 and 4 instances, tracking its calls."""

from typing import Any

from msgspec.structs import replace

from mlguard.resources.scaling import (
    Alarm,
    AlarmMetric,
    ScalableTarget,
    ScalingPolicy,
    ScheduledAction,
)
from tests.builders.account import ACCOUNT, REGION, arn, days_ago

VARIANT = "endpoint/breeds/variant/AllTraffic"
INSTANCES = "sagemaker:variant:DesiredInstanceCount"
COMPONENT = "inference-component/breeds"
COPIES = "sagemaker:inference-component:DesiredCopyCount"

TARGET = ScalableTarget(
    arn=arn("application-autoscaling", "scalable-target/0a1"),
    account=ACCOUNT,
    region=REGION,
    name=VARIANT,
    service_namespace="sagemaker",
    resource_id=VARIANT,
    dimension=INSTANCES,
    min_capacity=1,
    max_capacity=4,
    created_at=days_ago(30),
)
POLICY = ScalingPolicy(
    arn=arn("autoscaling", "scalingPolicy:1:resource/sagemaker/breeds:policyName/track"),
    account=ACCOUNT,
    region=REGION,
    name="track",
    service_namespace="sagemaker",
    resource_id=VARIANT,
    dimension=INSTANCES,
    policy_type="TargetTrackingScaling",
    target_value=70.0,
    predefined_metric="SageMakerVariantInvocationsPerInstance",
)
ACTION = ScheduledAction(
    arn=arn("autoscaling", "scheduledAction:1:resource/sagemaker/breeds:scheduledActionName/day"),
    account=ACCOUNT,
    region=REGION,
    name="day",
    service_namespace="sagemaker",
    resource_id=VARIANT,
    dimension=INSTANCES,
    schedule="cron(0 7 * * ? *)",
    min_capacity=1,
    max_capacity=4,
)
ALARM = Alarm(
    arn=arn("cloudwatch", "alarm:wake-breeds"),
    account=ACCOUNT,
    region=REGION,
    name="wake-breeds",
    metrics=(
        AlarmMetric(
            namespace="AWS/SageMaker",
            metric="HasBacklogWithoutCapacity",
            dimensions={"EndpointName": "breeds"},
        ),
    ),
    actions_enabled=True,
)


def scalable_target(**changes: Any) -> ScalableTarget:
    return replace(TARGET, **changes)


def scaling_policy(**changes: Any) -> ScalingPolicy:
    return replace(POLICY, **changes)


def step_policy(**changes: Any) -> ScalingPolicy:
    step = {
        "arn": POLICY.arn.replace("track", "wake"),
        "name": "wake",
        "policy_type": "StepScaling",
        "target_value": None,
        "predefined_metric": None,
    }
    return replace(POLICY, **{**step, **changes})


def scheduled_action(**changes: Any) -> ScheduledAction:
    return replace(ACTION, **changes)


def alarm(
    metric: str = "HasBacklogWithoutCapacity",
    *,
    dimensions: dict[str, str] | None = None,
    **changes: Any,
) -> Alarm:
    watched = AlarmMetric(
        namespace="AWS/SageMaker",
        metric=metric,
        dimensions={"EndpointName": "breeds"} if dimensions is None else dimensions,
    )
    return replace(ALARM, metrics=(watched,), **changes)
