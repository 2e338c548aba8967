"""Application Auto Scaling of SageMaker and Lambda, and CloudWatch's metric alarms."""

from collections.abc import Callable, Mapping
from typing import Any, Final

from mlguard.resources.base import Resource
from mlguard.resources.scaling import Alarm, ScalableTarget, ScalingPolicy, ScheduledAction
from mlguard.sources.aws.reading import Reading
from mlguard.sources.base import Home
from mlguard.sources.readers.scaling import (
    alarm,
    scalable_target,
    scaling_policy,
    scheduled_action,
)

Read = Callable[[Mapping[str, Any], Home], Resource]

NAMESPACES: Final = ("sagemaker", "lambda")
"""The service namespaces that are read: where models and functions scale."""

LISTED: Final[tuple[tuple[type[Resource], str, str, Read], ...]] = (
    (ScalableTarget, "DescribeScalableTargets", "ScalableTargets", scalable_target),
    (ScalingPolicy, "DescribeScalingPolicies", "ScalingPolicies", scaling_policy),
    (ScheduledAction, "DescribeScheduledActions", "ScheduledActions", scheduled_action),
)
KINDS: Final[tuple[type[Resource], ...]] = (
    ScalableTarget,
    ScalingPolicy,
    ScheduledAction,
    Alarm,
)
OPERATIONS: Final[tuple[str, ...]] = (
    "application-autoscaling:DescribeScalableTargets",
    "application-autoscaling:DescribeScalingPolicies",
    "application-autoscaling:DescribeScheduledActions",
    "cloudwatch:DescribeAlarms",
)


def collect(reading: Reading) -> None:
    """Read what scales, how, when, and every metric alarm."""
    for namespace in NAMESPACES:
        for kind, operation, key, read in LISTED:
            raws = reading.list(
                (kind,), "application-autoscaling", operation, key, ServiceNamespace=namespace
            )
            _keep(reading, kind, raws, read)
    # "If you omit this parameter, only metric alarms are returned": API reference, AlarmTypes.
    alarms = reading.list((Alarm,), "cloudwatch", "DescribeAlarms", "MetricAlarms")
    _keep(reading, Alarm, alarms, alarm)


def _keep(
    reading: Reading, kind: type[Resource], raws: list[Mapping[str, Any]], read: Read
) -> None:
    reading.keep(kind, raws, lambda raw: read(raw, reading.home))
