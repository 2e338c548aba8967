"""Endpoints: whether anybody calls them, and what they run on."""

from collections.abc import Iterator, Mapping
from dataclasses import replace
from datetime import timedelta
from decimal import Decimal
from typing import Final

from mlguard.check import Confidence, Context, Evidence, Severity, Unread, check
from mlguard.checks.machines import Machine, Seat, saving, seats, unread
from mlguard.checks.money import expected_usd
from mlguard.data.instance_types import Surface
from mlguard.resources.capacity import Serverless, Unspecified
from mlguard.resources.hosting import Endpoint, EndpointConfig, RunningVariant
from mlguard.resources.metrics import MetricSeries

_CENT: Final = Decimal("0.01")
IN_SERVICE: Final = "InService"
_RUNS_NOTHING: Final = frozenset({"Deleting", "Failed"})
_COMPONENT: Final = "InferenceComponentName"


@check(
    "endpoint-idle",
    "Endpoint that nobody calls",
    on=Endpoint,
    reads=(MetricSeries,),
    optional=(EndpointConfig,),
    severity=Severity.HIGH,
    remediation=(
        "Delete it with `aws sagemaker delete-endpoint --endpoint-name {name} --region {region}`, "
        "then its configuration, model and scalable targets, if nothing else uses them."
    ),
    references=(
        "https://docs.aws.amazon.com/sagemaker/latest/dg/monitoring-cloudwatch.html",
        "https://docs.aws.amazon.com/sagemaker/latest/dg/realtime-endpoints-delete-resources.html",
    ),
    bad="Invocations: Sum 0 in 14 days",
    good="Invocations: Sum 312 in 14 days",
)
def endpoint_idle(endpoint: Endpoint, context: Context) -> Iterator[Evidence]:
    """Without calls an endpoint costs as much as with them; only deleting it ends the charge.

    CloudWatch publishes Invocations only when there are some: no datapoint in a window that was
    read whole means no call. Instances scaled to zero and serverless variants without provisioned
    concurrency cost nothing while idle, and are left alone.
    """
    age = context.snapshot.taken_at - endpoint.created_at
    if endpoint.status != IN_SERVICE or age < _look_back(context):
        return
    series = context.metric(endpoint, "Invocations", "Sum")
    if any(one.total > 0 for one in series):
        return
    config = _config_if_read(endpoint, context)
    if not _anything_billed(endpoint, config):
        return
    _insist_on_every_variant(endpoint, series, config, context)
    days = min(one.end_at - one.start_at for one in series).days
    yield Evidence(
        message=f"no invocations in {days} days, and in service for {age.days}",
        at="EndpointStatus",
        confidence=_sure(config),
        monthly_usd=_cents(expected_usd(context.estimate(endpoint))),
    )


@check(
    "endpoint-instance-type",
    "Endpoint instance type outside the cost policy",
    on=Endpoint,
    reads=(EndpointConfig,),
    severity=Severity.MEDIUM,
    remediation=(
        "Make a configuration with {allowed}, then `aws sagemaker update-endpoint --endpoint-name "
        "{name} --endpoint-config-name NEW_CONFIG --region {region}`. A variant registered for "
        "autoscaling must be deregistered first, or the update fails; a burstable type such as "
        "ml.t2.medium cannot be registered again."
    ),
    references=(
        "https://docs.aws.amazon.com/sagemaker/latest/APIReference/API_ProductionVariant.html",
        "https://docs.aws.amazon.com/sagemaker/latest/APIReference/API_UpdateEndpoint.html",
        "https://docs.aws.amazon.com/sagemaker/latest/dg/endpoint-scaling-update.html",
    ),
    bad="ProductionVariants[0].InstanceType: ml.m5.4xlarge",
    good="ProductionVariants[0].InstanceType: ml.t2.medium",
)
def endpoint_instance_type(endpoint: Endpoint, context: Context) -> Iterator[Evidence]:
    """Every instance of every variant is paid for every hour of the month.

    Shadow variants serve nobody and cost the same. A configuration that no endpoint uses costs
    nothing and is not judged here; serverless variants have no type.
    """
    if endpoint.status in _RUNS_NOTHING:
        return
    allowed = context.policy.types(Surface.ENDPOINT)
    config = config_of(endpoint, context)
    for seat in seats(config):
        for machine in _running(seat, endpoint):
            if machine.instance_type not in allowed:
                yield Evidence(
                    message=_outside(machine, seat, allowed),
                    at=machine.at,
                    locator=machine.locator,
                    monthly_usd=_capped(
                        saving(machine, region=endpoint.region, context=context), endpoint, context
                    ),
                    values={"allowed": allowed[0]},
                )
    insist_on_types(endpoint, seats(config))


def config_of(endpoint: Endpoint, context: Context) -> EndpointConfig:
    """Return the endpoint's configuration; raises Unread where it is not to be seen."""
    config = context.named(EndpointConfig, endpoint.config_name, near=endpoint)
    if config is not None:
        return config
    if context.met:
        raise Unread(context.met[-1])
    # AWS lets the configuration of a live endpoint be deleted: its types are then hidden.
    raise unread(
        endpoint,
        operation="sagemaker:DescribeEndpointConfig",
        detail=f"the endpoint's configuration {endpoint.config_name} was not found",
    )


def insist_on_types(endpoint: Endpoint, places: tuple[Seat, ...]) -> None:
    """Raise Unread if a variant names no instance type: it may hide any."""
    for seat in places:
        if isinstance(seat.capacity, Unspecified):
            detail = f"variant {seat.owner} names no instance type"
            raise unread(endpoint, operation=f"{seat.at}InstanceType", detail=detail)


def _outside(machine: Machine, seat: Seat, allowed: tuple[str, ...]) -> str:
    count = "" if machine.count is None else f"{machine.count} x "
    shadow = "shadow variant" if seat.at.startswith("Shadow") else "variant"
    return (
        f"{shadow} {seat.owner} runs on {count}{machine.instance_type}, "
        f"outside policy.endpoint: {', '.join(allowed)}"
    )


def _running(seat: Seat, endpoint: Endpoint) -> tuple[Machine, ...]:
    """Return the machines with the number that runs now, where the endpoint says it."""
    now = {variant.name: variant.current_count for variant in endpoint.variants}.get(seat.owner)
    if now is None:
        return seat.machines()
    return tuple(
        machine if machine.count is None else replace(machine, count=now)
        for machine in seat.machines()
    )


def _look_back(context: Context) -> timedelta:
    return timedelta(days=context.policy.endpoint_idle_days)


def _config_if_read(endpoint: Endpoint, context: Context) -> EndpointConfig | None:
    if not context.covers(EndpointConfig):
        return None
    try:
        return config_of(endpoint, context)
    except Unread:
        return None


def _anything_billed(endpoint: Endpoint, config: EndpointConfig | None) -> bool:
    configured = _capacities(config)
    return not endpoint.variants or any(
        _billed(variant, configured.get(variant.name)) for variant in endpoint.variants
    )


def _billed(variant: RunningVariant, seat: Seat | None) -> bool:
    if seat is not None and isinstance(seat.capacity, Serverless):
        return bool(seat.capacity.provisioned_concurrency)
    return variant.current_count != 0


def _capacities(config: EndpointConfig | None) -> Mapping[str, Seat]:
    return {} if config is None else {seat.owner: seat for seat in seats(config)}


def _insist_on_every_variant(
    endpoint: Endpoint,
    series: tuple[MetricSeries, ...],
    config: EndpointConfig | None,
    context: Context,
) -> None:
    """Raise Unread unless the calls of each variant were measured for as long as the policy asks.

    Calls of inference components are counted under their own names: an endpoint that hosts some
    is idle only if those were read as well.
    """
    by_component = [one for one in series if _COMPONENT in one.dimensions]
    by_variant = {
        one.dimensions.get("VariantName"): one for one in series if one not in by_component
    }
    missing = [one.name for one in endpoint.variants if one.name not in by_variant]
    detail = None
    if missing or not endpoint.variants:
        detail = f"no Invocations were read for variant {', '.join(missing) or '(none named)'}"
    elif any(one.end_at - one.start_at < _look_back(context) for one in series):
        detail = f"Invocations were read for less than {_look_back(context).days} days"
    elif _hosts_components(config) and not by_component:
        detail = "the endpoint hosts inference components, whose Invocations were not read"
    if detail is not None:
        raise unread(endpoint, operation="cloudwatch:GetMetricData", detail=detail)


def _sure(config: EndpointConfig | None) -> Confidence | None:
    """Return MEDIUM where calls may be counted elsewhere: asynchronous, or not known."""
    return Confidence.MEDIUM if config is None or config.asynchronous else None


def _hosts_components(config: EndpointConfig | None) -> bool:
    return config is not None and any(variant.model_name is None for variant in config.variants)


def _cents(usd: Decimal | None) -> Decimal | None:
    return None if usd is None else usd.quantize(_CENT)


def _capped(usd: Decimal | None, endpoint: Endpoint, context: Context) -> Decimal | None:
    """Return a saving, never more than what the endpoint is expected to cost."""
    whole = _cents(expected_usd(context.estimate(endpoint)))
    return usd if usd is None or whole is None else min(usd, whole)


CHECKS = (endpoint_idle, endpoint_instance_type)
