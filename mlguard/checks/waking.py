"""What wakes a scalable target at zero: a step policy on an alarm for whoever waits."""

import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Final

from mlguard.check import Context
from mlguard.resources.scaling import Alarm, ScalableTarget, ScalingPolicy, ScheduledAction

INSTANCES: Final = "sagemaker:variant:DesiredInstanceCount"
COPIES: Final = "sagemaker:inference-component:DesiredCopyCount"


@dataclass(frozen=True, slots=True, kw_only=True)
class Signal:
    """The metric that says that somebody waits for a target at zero."""

    metric: str
    dimension: str
    owner: str
    adjustment: str

    def seen_by(self, alarm: Alarm) -> bool:
        """Return whether the alarm watches this metric of this resource, and acts."""
        return alarm.actions_enabled and any(
            one.metric == self.metric and one.dimensions.get(self.dimension) == self.owner
            for one in alarm.metrics
        )

    def values(self) -> Mapping[str, str]:
        """Return what the remediation's commands need."""
        return {
            "metric": self.metric,
            "dimensions": f"Name={self.dimension},Value={self.owner}",
            "alarm": f"wake-{self.owner}",
            "configuration": self.adjustment,
        }


# SageMaker Developer Guide, "Optional: Define a scaling policy that scales up from zero for new
# requests", and "Scale an endpoint to zero instances".
_SIGNALS: Final = {
    INSTANCES: ("HasBacklogWithoutCapacity", "EndpointName"),
    COPIES: ("NoCapacityInvocationFailures", "InferenceComponentName"),
}
_ONE_MORE: Final = json.dumps(
    {
        "AdjustmentType": "ChangeInCapacity",
        "MetricAggregationType": "Maximum",
        "Cooldown": 300,
        "StepAdjustments": [{"MetricIntervalLowerBound": 0, "ScalingAdjustment": 1}],
    }
)


def of_target(target: ScalableTarget) -> Callable[[ScalingPolicy | ScheduledAction], bool]:
    """Return the question whether a policy or a scheduled action belongs to the target."""
    key = (target.service_namespace, target.resource_id, target.dimension)
    return lambda one: (one.service_namespace, one.resource_id, one.dimension) == key


def signal_of(target: ScalableTarget) -> Signal | None:
    """Return what to watch for the target; None where calls wake it by themselves."""
    known = _SIGNALS.get(target.dimension)
    owner = target.resource_id.split("/")[1:2]
    if known is None or not owner:
        return None
    return Signal(metric=known[0], dimension=known[1], owner=owner[0], adjustment=_ONE_MORE)


def woken(target: ScalableTarget, signal: Signal, context: Context) -> bool:
    """Return whether a step policy of the target acts on an alarm that watches the signal."""
    ours = of_target(target)

    def wakes(policy: ScalingPolicy) -> bool:
        if policy.policy_type != "StepScaling" or not ours(policy):
            return False
        alarm = context.first(
            Alarm,
            lambda one: signal.seen_by(one) and _tied(policy, one),
            account=target.account,
            region=target.region,
        )
        return alarm is not None

    policy = context.first(ScalingPolicy, wakes, account=target.account, region=target.region)
    return policy is not None


def _tied(policy: ScalingPolicy, alarm: Alarm) -> bool:
    """Return whether the alarm calls the policy: either of them may say so."""
    listed = alarm.arn in policy.alarms or alarm.name in policy.alarms
    return listed or policy.arn in alarm.alarm_actions
