"""Application Auto Scaling and CloudWatch calls: targets, policies, schedules, alarms."""

from collections.abc import Mapping
from typing import Final

from mlguard.sources.pipeline.planned import (
    Make,
    NotMade,
    Parameters,
    Planned,
    Raw,
    instant,
    named,
    required,
)


def _key(parameters: Parameters) -> str:
    members = ("ServiceNamespace", "ResourceId", "ScalableDimension")
    return "/".join(named(parameters, member) for member in members)


def _register(account: Planned, parameters: Parameters) -> Raw:
    key = _key(parameters)
    before = account.find("ScalableTarget", key)
    if before is None:
        required(parameters, "MinCapacity")
        required(parameters, "MaxCapacity")
    arn = account.arn("application-autoscaling", f"scalable-target/{key}")
    # Registered again, it keeps what the call does not name.
    raw: Raw = {
        "CreationTime": account.taken_at,
        **(before or {}),
        **parameters,
        "ScalableTargetARN": arn,
    }
    account.put("ScalableTarget", key, raw)
    return {"ScalableTargetARN": arn}


def _target(account: Planned, parameters: Parameters) -> str:
    """Return the key of the target, which the file must register first."""
    key = _key(parameters)
    if account.find("ScalableTarget", key) is None:
        arn = account.arn("application-autoscaling", f"scalable-target/{key}")
        raise NotMade("ScalableTarget", parameters["ResourceId"], arn=arn)
    return key


def _put_policy(account: Planned, parameters: Parameters) -> Raw:
    name = f"{_target(account, parameters)}:policyName/{named(parameters, 'PolicyName')}"
    arn = account.arn("autoscaling", f"scalingPolicy:{account.identity('', name)}:{name}")
    # API reference, "PutScalingPolicy": the type must be named with each configuration.
    raw: Raw = {
        "PolicyType": "StepScaling",
        **parameters,
        "PolicyARN": arn,
        "CreationTime": account.taken_at,
    }
    account.put("ScalingPolicy", name, raw)
    return {"PolicyARN": arn, "Alarms": []}


def _put_scheduled_action(account: Planned, parameters: Parameters) -> Raw:
    name = f"{_target(account, parameters)}:{named(parameters, 'ScheduledActionName')}"
    raw: Raw = {
        **parameters,
        "ScheduledActionARN": account.arn("autoscaling", f"scheduledAction:{name}"),
        "CreationTime": account.taken_at,
        "StartTime": instant(parameters, "StartTime"),
        "EndTime": instant(parameters, "EndTime"),
    }
    account.put("ScheduledAction", name, raw)
    return {}


def _put_alarm(account: Planned, parameters: Parameters) -> Raw:
    name = named(parameters, "AlarmName")
    raw: Raw = {
        "ActionsEnabled": True,
        **parameters,
        "AlarmArn": account.arn("cloudwatch", f"alarm:{name}"),
    }
    account.put("Alarm", name, raw)
    return {}


OPERATIONS: Final[Mapping[str, Make]] = {
    "application-autoscaling:RegisterScalableTarget": _register,
    "application-autoscaling:PutScalingPolicy": _put_policy,
    "application-autoscaling:PutScheduledAction": _put_scheduled_action,
    "cloudwatch:PutMetricAlarm": _put_alarm,
}
