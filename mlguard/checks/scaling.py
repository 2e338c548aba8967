"""Endpoint autoscaling: whether a variant can scale, has anything to scale by, and wakes up."""

import json
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from typing import Final

from mlguard.check import Confidence, Context, Evidence, Severity, check
from mlguard.checks.endpoints import IN_SERVICE, config_of, insist_on_types
from mlguard.checks.machines import Seat, seats, unread
from mlguard.checks.waking import COPIES, INSTANCES, of_target, signal_of, woken
from mlguard.data.instance_types import is_burstable
from mlguard.resources.capacity import Serverless
from mlguard.resources.hosting import Endpoint, EndpointConfig, Variant
from mlguard.resources.scaling import Alarm, ScalableTarget, ScalingPolicy, ScheduledAction


@check(
    "scaling-burstable",
    "Autoscaling on a burstable variant",
    on=ScalableTarget,
    reads=(Endpoint, EndpointConfig),
    severity=Severity.HIGH,
    remediation=(
        "Either give up autoscaling and keep the cheap type: `aws application-autoscaling "
        "deregister-scalable-target --service-namespace {namespace} --resource-id {resource_id} "
        "--scalable-dimension {dimension} --region {region}`. Or scale: deregister likewise, move "
        "the variant to a type that is not burstable (the small ones: ml.c5.large, ml.m5.large) "
        "or to serverless with provisioned concurrency, and register it again."
    ),
    references=(
        "https://docs.aws.amazon.com/sagemaker/latest/dg/endpoint-auto-scaling-add-console.html",
    ),
    bad="ProductionVariants[0].InstanceType: ml.t2.medium, with a scalable target",
    good="ProductionVariants[0].InstanceType: ml.m5.large, with a scalable target",
)
def scaling_burstable(target: ScalableTarget, context: Context) -> Iterator[Evidence]:
    """SageMaker does not scale burstable instances such as ml.t2, and refuses to register them.

    The cheapest endpoint type and autoscaling exclude each other. A plan that has both fails when
    it is applied; where such a target exists already, the variant does not scale under load.
    """
    place = _place(target, context) if target.dimension == INSTANCES else None
    if place is None:
        return
    for machine in place.seat.machines():
        if is_burstable(machine.instance_type):
            yield Evidence(
                message=f"the variant runs on {machine.instance_type}, which is burstable: "
                "SageMaker does not scale it",
                at="ResourceId",
                locator=machine.instance_type,
                values=_values(target),
            )
    insist_on_types(place.endpoint, (place.seat,))


@check(
    "scaling-no-target",
    "Variant that cannot scale",
    on=Endpoint,
    reads=(EndpointConfig, ScalableTarget),
    severity=Severity.MEDIUM,
    remediation=(
        "Register it with `aws application-autoscaling register-scalable-target "
        "--service-namespace sagemaker --resource-id {resource_id} --scalable-dimension "
        "sagemaker:variant:DesiredInstanceCount --min-capacity 1 --max-capacity 2 "
        "--region {region}`, then give it a scaling policy. A variant that hosts inference "
        "components scales by ManagedInstanceScaling instead; one that shall stay small and cheap "
        "moves to a burstable type, which cannot scale and is not asked to."
    ),
    references=(
        "https://docs.aws.amazon.com/sagemaker/latest/dg/endpoint-auto-scaling.html",
        "https://docs.aws.amazon.com/sagemaker/latest/dg/endpoint-auto-scaling-add-policy.html",
    ),
    bad="ProductionVariants[0]: ml.m5.large x 1, no scalable target",
    good="ScalableTarget endpoint/breeds/variant/AllTraffic: 1 to 4",
)
def scaling_no_target(endpoint: Endpoint, context: Context) -> Iterator[Evidence]:
    """Whatever the traffic, the number of instances stays what it is.

    Under load, calls slow down and fail; at night the same instances are paid for. Burstable types
    cannot scale and serverless variants do so by themselves: both are left out.
    """
    if endpoint.status != IN_SERVICE:
        return
    config = config_of(endpoint, context)
    places = _production(config)
    for variant, seat in places:
        resource_id = f"endpoint/{endpoint.name}/variant/{variant.name}"
        if _should_scale(variant, seat) and not _registered(resource_id, endpoint, context):
            yield Evidence(
                message=f"variant {variant.name} has neither a scalable target nor managed scaling",
                at=seat.at.removesuffix("."),
                locator=variant.name,
                absence=True,
                values={"resource_id": resource_id},
            )
    insist_on_types(endpoint, tuple(seat for _, seat in places))


@check(
    "scaling-target-no-policy",
    "Scalable target that nothing drives",
    on=ScalableTarget,
    reads=(ScalingPolicy, ScheduledAction),
    severity=Severity.HIGH,
    remediation=(
        "aws application-autoscaling put-scaling-policy --policy-name track-load "
        "--policy-type TargetTrackingScaling --service-namespace {namespace} "
        "--resource-id {resource_id} --scalable-dimension {dimension} "
        "--target-tracking-scaling-policy-configuration {configuration} --region {region}"
    ),
    references=(
        "https://docs.aws.amazon.com/sagemaker/latest/dg/endpoint-auto-scaling-policy.html",
        "https://docs.aws.amazon.com/autoscaling/application/userguide/application-auto-scaling-target-tracking.html",
    ),
    bad="ScalableTarget 1 to 4, no ScalingPolicy, no ScheduledAction",
    good="ScalableTarget 1 to 4, ScalingPolicy TargetTrackingScaling",
)
def scaling_target_no_policy(target: ScalableTarget, context: Context) -> Iterator[Evidence]:
    """By itself a scalable target only sets bounds: without a policy or a schedule nothing moves.

    It looks like autoscaling in every list, and the first peak shows that it is none.
    """
    policy = context.first(
        ScalingPolicy, of_target(target), account=target.account, region=target.region
    )
    if policy is None and _scheduled(target, context, lambda _: True) is None:
        yield Evidence(
            message=f"registered for {target.min_capacity} to {target.max_capacity}, "
            "with no scaling policy and no scheduled action",
            at="ResourceId",
            absence=True,
            values={**_values(target), "configuration": _tracking(target.dimension)},
        )


@check(
    "scaling-min-equals-max",
    "Scalable target without room to scale",
    on=ScalableTarget,
    optional=(ScheduledAction,),
    severity=Severity.MEDIUM,
    remediation=(
        "aws application-autoscaling register-scalable-target --service-namespace {namespace} "
        "--resource-id {resource_id} --scalable-dimension {dimension} --max-capacity {higher} "
        "--region {region}  # or deregister the target, if a fixed size is meant"
    ),
    references=(
        "https://docs.aws.amazon.com/autoscaling/application/APIReference/API_RegisterScalableTarget.html",
    ),
    bad="MinCapacity: 2, MaxCapacity: 2",
    good="MinCapacity: 1, MaxCapacity: 4",
)
def scaling_min_equals_max(target: ScalableTarget, context: Context) -> Iterator[Evidence]:
    """With equal bounds no policy can add an instance under load, or take one away at night.

    A target whose bounds a scheduled action sets to other values is left alone.
    """
    fixed = target.min_capacity == target.max_capacity
    if fixed and not (context.covers(ScheduledAction) and _moved(target, context)):
        yield Evidence(
            message=f"MinCapacity and MaxCapacity are both {target.min_capacity}",
            at="MaxCapacity",
            values={**_values(target), "higher": str(target.max_capacity + 1)},
        )


@check(
    "scaling-stranded-at-zero",
    "Scales to zero, and nothing wakes it",
    on=ScalableTarget,
    reads=(ScalingPolicy, Alarm),
    optional=(ScheduledAction,),
    severity=Severity.HIGH,
    remediation=(
        "Wake it with `aws application-autoscaling put-scaling-policy --policy-name wake-from-zero "
        "--policy-type StepScaling --service-namespace {namespace} --resource-id {resource_id} "
        "--scalable-dimension {dimension} --step-scaling-policy-configuration {configuration} "
        "--region {region}`; then, with the PolicyARN that it prints, "
        "`aws cloudwatch put-metric-alarm --alarm-name {alarm} --namespace AWS/SageMaker "
        "--metric-name {metric} --dimensions {dimensions} --statistic Maximum --period 60 "
        "--evaluation-periods 1 --threshold 1 --comparison-operator "
        "GreaterThanOrEqualToThreshold --alarm-actions POLICY_ARN --region {region}`."
    ),
    references=(
        "https://docs.aws.amazon.com/sagemaker/latest/dg/async-inference-autoscale.html",
        "https://docs.aws.amazon.com/sagemaker/latest/dg/endpoint-auto-scaling-zero-instances.html",
    ),
    bad="MinCapacity: 0, ScalingPolicy TargetTrackingScaling only",
    good="MinCapacity: 0, ScalingPolicy StepScaling on an alarm for HasBacklogWithoutCapacity",
)
def scaling_stranded_at_zero(target: ScalableTarget, context: Context) -> Iterator[Evidence]:
    """From zero instances there is no load per instance, so target tracking cannot scale out.

    An asynchronous endpoint then wakes only when its backlog exceeds the target, which a few
    requests never do; an inference component answers every call with an error. A step policy on
    an alarm for what waits (HasBacklogWithoutCapacity, NoCapacityInvocationFailures) wakes them.
    A target that a scheduled action raises above zero is left alone.
    """
    signal = signal_of(target)
    if target.min_capacity > 0 or signal is None or woken(target, signal, context):
        return
    if not (context.covers(ScheduledAction) and _raised(target, context)):
        yield Evidence(
            message=f"MinCapacity is 0, and no step scaling policy acts on an alarm for "
            f"{signal.metric}",
            at="MinCapacity",
            absence=True,
            values={**_values(target), **signal.values()},
        )


@check(
    "scaling-scale-in-disabled",
    "Scaling policy that only ever adds",
    on=ScalingPolicy,
    severity=Severity.MEDIUM,
    remediation=(
        "Look up its configuration with `aws application-autoscaling describe-scaling-policies "
        "--service-namespace {namespace} --resource-id {resource_id} --region {region}`, and put "
        "it again with DisableScaleIn false: `aws application-autoscaling put-scaling-policy "
        "--policy-name {policy} --policy-type TargetTrackingScaling --service-namespace "
        "{namespace} --resource-id {resource_id} --scalable-dimension {dimension} "
        "--target-tracking-scaling-policy-configuration file://configuration.json "
        "--region {region}`."
    ),
    references=(
        "https://docs.aws.amazon.com/autoscaling/application/userguide/application-auto-scaling-target-tracking.html",
        "https://docs.aws.amazon.com/autoscaling/application/APIReference/API_TargetTrackingScalingPolicyConfiguration.html",
    ),
    bad="TargetTrackingScalingPolicyConfiguration.DisableScaleIn: true",
    good="TargetTrackingScalingPolicyConfiguration.DisableScaleIn: false",
)
def scaling_scale_in_disabled(policy: ScalingPolicy, context: Context) -> Iterator[Evidence]:
    """After the highest peak all that it added is paid for: nothing takes it away again.

    A policy is left alone where another one of its target tracks a metric and scales in. A step
    policy beside it may scale in or only out, which is not told: the finding is then less sure.
    """
    if policy.scale_in_disabled and _beside(policy, context, _shrinks) is None:
        steps = _beside(policy, context, lambda other: other.policy_type == _STEPS)
        yield Evidence(
            message="scale-in is disabled: capacity only ever grows",
            at="TargetTrackingScalingPolicyConfiguration.DisableScaleIn",
            confidence=None if steps is None else Confidence.LOW,
            values={
                "namespace": policy.service_namespace,
                "resource_id": policy.resource_id,
                "dimension": policy.dimension,
                "policy": policy.name,
            },
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class _Place:
    """Where a scalable target points to."""

    endpoint: Endpoint
    seat: Seat


_STEPS: Final = "StepScaling"

# Application Auto Scaling API reference, PredefinedMetricSpecification. Targets to start from:
# calls a minute, or the share of provisioned concurrency in use.
_METRICS: Final = {
    INSTANCES: ("SageMakerVariantInvocationsPerInstance", 70.0),
    COPIES: ("SageMakerInferenceComponentInvocationsPerCopy", 70.0),
    "sagemaker:variant:DesiredProvisionedConcurrency": (
        "SageMakerVariantProvisionedConcurrencyUtilization",
        0.7,
    ),
    "lambda:function:ProvisionedConcurrency": ("LambdaProvisionedConcurrencyUtilization", 0.7),
}


def _values(target: ScalableTarget) -> Mapping[str, str]:
    return {
        "namespace": target.service_namespace,
        "resource_id": target.resource_id,
        "dimension": target.dimension,
    }


def _tracking(dimension: str) -> str:
    metric, value = _METRICS.get(dimension, ("METRIC", 70.0))
    specification = {"PredefinedMetricType": metric}
    return json.dumps({"TargetValue": value, "PredefinedMetricSpecification": specification})


def _place(target: ScalableTarget, context: Context) -> _Place | None:
    """Return where the target points to, None where no such endpoint exists."""
    parts = target.resource_id.split("/")
    if len(parts) != 4:  # noqa: PLR2004  # endpoint/E/variant/V
        raise unread(target, operation="ResourceId", detail="it is not endpoint/E/variant/V")
    endpoint = context.first(
        Endpoint,
        lambda one: one.name == parts[1],
        account=target.account,
        region=target.region,
    )
    if endpoint is None:
        return None
    for variant, seat in _production(config_of(endpoint, context)):
        if variant.name == parts[3]:
            return _Place(endpoint=endpoint, seat=seat)
    raise unread(target, operation="ResourceId", detail="the endpoint has no such variant now")


def _production(config: EndpointConfig) -> tuple[tuple[Variant, Seat], ...]:
    """Return the production variants, each with what it runs on: those come first in `seats`."""
    return tuple(zip(config.variants, seats(config), strict=False))


def _should_scale(variant: Variant, seat: Seat) -> bool:
    managed = variant.managed_scaling is not None and variant.managed_scaling.status == "ENABLED"
    if managed or isinstance(seat.capacity, Serverless):
        return False
    types = [machine.instance_type for machine in seat.machines()]
    return bool(types) and not any(is_burstable(one) for one in types)


def _registered(resource_id: str, endpoint: Endpoint, context: Context) -> bool:
    found = context.first(
        ScalableTarget,
        lambda target: target.resource_id == resource_id and target.dimension == INSTANCES,
        account=endpoint.account,
        region=endpoint.region,
    )
    return found is not None


def _scheduled(
    target: ScalableTarget, context: Context, where: Callable[[ScheduledAction], bool]
) -> ScheduledAction | None:
    """Return a scheduled action of the target that is not over and answers."""
    ours, now = of_target(target), context.snapshot.taken_at
    return context.first(
        ScheduledAction,
        lambda one: ours(one) and (one.end_at is None or one.end_at > now) and where(one),
        account=target.account,
        region=target.region,
    )


def _moved(target: ScalableTarget, context: Context) -> bool:
    here = (target.min_capacity, target.max_capacity)
    return _scheduled(target, context, lambda one: _bounds(one, here) != here) is not None


def _bounds(action: ScheduledAction, here: tuple[int, int]) -> tuple[int, int]:
    least = here[0] if action.min_capacity is None else action.min_capacity
    most = here[1] if action.max_capacity is None else action.max_capacity
    return least, most


def _raised(target: ScalableTarget, context: Context) -> bool:
    return _scheduled(target, context, lambda one: bool(one.min_capacity)) is not None


def _beside(
    policy: ScalingPolicy, context: Context, where: Callable[[ScalingPolicy], bool]
) -> ScalingPolicy | None:
    """Return another policy of the same target that answers."""
    key = (policy.service_namespace, policy.resource_id, policy.dimension)
    return context.first(
        ScalingPolicy,
        lambda one: (
            one.arn != policy.arn
            and (one.service_namespace, one.resource_id, one.dimension) == key
            and where(one)
        ),
        account=policy.account,
        region=policy.region,
    )


def _shrinks(policy: ScalingPolicy) -> bool:
    return policy.policy_type != _STEPS and not policy.scale_in_disabled


CHECKS = (
    scaling_burstable,
    scaling_no_target,
    scaling_target_no_policy,
    scaling_min_equals_max,
    scaling_stranded_at_zero,
    scaling_scale_in_disabled,
)
