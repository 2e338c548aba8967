"""Scalable targets, their policies and scheduled actions, and the alarms that drive them."""

from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any

from mlguard.resources.scaling import (
    Alarm,
    AlarmMetric,
    ScalableTarget,
    ScalingPolicy,
    ScheduledAction,
)
from mlguard.sources.base import Home

Raw = Mapping[str, Any]


def scalable_target(raw: Raw, home: Home) -> ScalableTarget:
    """Return an entry of DescribeScalableTargets, with an ARN of our making where it has none."""
    where = f"{raw['ServiceNamespace']}/{raw['ResourceId']}/{raw['ScalableDimension']}"
    made = home.arn("application-autoscaling", f"scalable-target/{where}")
    suspended: Raw = raw.get("SuspendedState") or {}
    return ScalableTarget(
        arn=raw.get("ScalableTargetARN") or made,
        account=home.account,
        region=home.region,
        name=raw["ResourceId"],
        service_namespace=raw["ServiceNamespace"],
        resource_id=raw["ResourceId"],
        dimension=raw["ScalableDimension"],
        min_capacity=raw["MinCapacity"],
        max_capacity=raw["MaxCapacity"],
        created_at=datetime.astimezone(raw["CreationTime"], UTC),
        suspended=tuple(sorted(member for member, value in suspended.items() if value)),
    )


def scaling_policy(raw: Raw, home: Home) -> ScalingPolicy:
    """Return an entry of DescribeScalingPolicies; a step policy's one cooldown is both ways'."""
    tracking: Raw = raw.get("TargetTrackingScalingPolicyConfiguration") or {}
    steps: Raw = raw.get("StepScalingPolicyConfiguration") or {}
    return ScalingPolicy(
        arn=raw["PolicyARN"],
        account=home.account,
        region=home.region,
        name=raw["ResourceId"],
        service_namespace=raw["ServiceNamespace"],
        resource_id=raw["ResourceId"],
        dimension=raw["ScalableDimension"],
        policy_type=raw["PolicyType"],
        target_value=tracking.get("TargetValue"),
        predefined_metric=_predefined_metric(tracking),
        custom_metric=_custom_metric(tracking),
        scale_in_disabled=tracking.get("DisableScaleIn", False),
        scale_in_cooldown_s=tracking.get("ScaleInCooldown", steps.get("Cooldown")),
        scale_out_cooldown_s=tracking.get("ScaleOutCooldown", steps.get("Cooldown")),
        alarms=tuple(alarm["AlarmARN"] for alarm in raw.get("Alarms") or ()),
    )


def scheduled_action(raw: Raw, home: Home) -> ScheduledAction:
    """Return an entry of DescribeScheduledActions."""
    bounds: Raw = raw.get("ScalableTargetAction") or {}
    return ScheduledAction(
        arn=raw["ScheduledActionARN"],
        account=home.account,
        region=home.region,
        name=raw["ResourceId"],
        service_namespace=raw["ServiceNamespace"],
        resource_id=raw["ResourceId"],
        dimension=raw["ScalableDimension"],
        schedule=raw["Schedule"],
        min_capacity=bounds.get("MinCapacity"),
        max_capacity=bounds.get("MaxCapacity"),
        start_at=_instant(raw.get("StartTime")),
        end_at=_instant(raw.get("EndTime")),
    )


def alarm(raw: Raw, home: Home) -> Alarm:
    """Return an entry of DescribeAlarms' MetricAlarms."""
    return Alarm(
        arn=raw["AlarmArn"],
        account=home.account,
        region=home.region,
        name=raw["AlarmName"],
        metrics=_alarm_metrics(raw),
        actions_enabled=raw["ActionsEnabled"],
        alarm_actions=tuple(raw.get("AlarmActions") or ()),
    )


def _alarm_metrics(raw: Raw) -> tuple[AlarmMetric, ...]:
    if raw.get("MetricName"):
        return (_alarm_metric(raw),)
    # Metric math: each query is a metric or an expression over the others.
    return tuple(
        _alarm_metric(query["MetricStat"]["Metric"])
        for query in raw.get("Metrics") or ()
        if query.get("MetricStat")
    )


def _alarm_metric(raw: Raw) -> AlarmMetric:
    return AlarmMetric(
        namespace=raw["Namespace"],
        metric=raw["MetricName"],
        dimensions={pair["Name"]: pair["Value"] for pair in raw.get("Dimensions") or ()},
    )


def _predefined_metric(tracking: Raw) -> str | None:
    specification = tracking.get("PredefinedMetricSpecification")
    return specification["PredefinedMetricType"] if specification else None


def _custom_metric(tracking: Raw) -> str | None:
    """Return the name of a custom metric or, for metric math, what the target is held against."""
    specification: Raw = tracking.get("CustomizedMetricSpecification") or {}
    if specification.get("MetricName"):
        return str(specification["MetricName"])
    # ReturnData is true unless it is said: API reference, "TargetTrackingMetricDataQuery".
    for query in specification.get("Metrics") or ():
        if query.get("ReturnData", True):
            return str(query.get("Expression") or query["MetricStat"]["Metric"]["MetricName"])
    return None


def _instant(value: datetime | None) -> datetime | None:
    return None if value is None else datetime.astimezone(value, UTC)
