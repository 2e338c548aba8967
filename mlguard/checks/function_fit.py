"""Functions against what they work with: the endpoint that they call, the memory that they have."""

from collections.abc import Iterator
from decimal import Decimal
from typing import Final

from mlguard.check import Confidence, Context, Evidence, Severity, Unread, check
from mlguard.checks.endpoint_calls import named_endpoint
from mlguard.checks.endpoints import config_of
from mlguard.checks.utilisation import measured_timing
from mlguard.cost.sizing.concurrency import (
    Answer,
    against_instances,
    against_serverless,
    memory_break_even,
)
from mlguard.resources.capacity import Serverless
from mlguard.resources.functions import Function, FunctionEnvironment
from mlguard.resources.hosting import Endpoint, EndpointConfig
from mlguard.resources.metrics import MetricSeries
from mlguard.resources.scaling import ScalableTarget, ScalingPolicy

_RESERVED: Final = "Concurrency.ReservedConcurrentExecutions"
_PER_INSTANCE: Final = "SageMakerVariantInvocationsPerInstance"
_INSTANCES: Final = "sagemaker:variant:DesiredInstanceCount"
_FAR: Final = 2
"""How many times what an endpoint scales for is far above it."""
# What Lambda gives a function whose maker says nothing.
_DEFAULT_MB: Final = 128
_LONG_MS: Final = 1000
"""What counts as long for a function that got a fourteenth of a processor: our own measure."""


@check(
    "concurrency-vs-endpoint",
    "Function may call its endpoint more than the endpoint takes",
    on=Function,
    reads=(FunctionEnvironment, Endpoint, EndpointConfig),
    optional=(ScalableTarget, ScalingPolicy, MetricSeries),
    severity=Severity.MEDIUM,
    remediation=(
        "Reserve what the endpoint takes with "
        "`aws lambda put-function-concurrency --function-name {name} "
        "--reserved-concurrent-executions {reserved} --region {region}`, or let the endpoint "
        "take more."
    ),
    references=(
        "https://docs.aws.amazon.com/sagemaker/latest/dg/serverless-endpoints.html",
        "https://docs.aws.amazon.com/sagemaker/latest/dg/endpoint-scaling-loadtest.html",
        "https://docs.aws.amazon.com/lambda/latest/dg/lambda-concurrency.html",
    ),
    bad="ReservedConcurrentExecutions: 20, ServerlessConfig.MaxConcurrency: 5",
    good="ReservedConcurrentExecutions: 5, ServerlessConfig.MaxConcurrency: 5",
)
def concurrency_vs_endpoint(function: Function, context: Context) -> Iterator[Evidence]:
    """Money is spent on calls that the endpoint then throws out.

    An endpoint without instances refuses what is beyond its concurrency. One on instances is held
    against its largest size times what its scaling policy wants each instance to get, if the
    duration of the function was measured: it has to be sent twice as much at the least. Endpoints
    with several variants, or without a policy by invocations, say no number and are not judged.
    """
    endpoint, reserved = named_endpoint(function, context), function.reserved_concurrency
    if endpoint is None or not reserved:
        return
    variants = config_of(endpoint, context).variants
    if variants and all(isinstance(variant.capacity, Serverless) for variant in variants):
        most = sum(
            variant.capacity.max_concurrency
            for variant in variants
            if isinstance(variant.capacity, Serverless)
        )
        answer = against_serverless(reserved, most)
        if answer.amount:
            yield _more_than(endpoint, answer, reserved=most)
    elif len(variants) == 1:
        yield from _more_than_scaled(function, endpoint, variants[0].name, reserved, context)


@check(
    "function-memory-fit",
    "Function works long with the least memory there is",
    on=Function,
    reads=(MetricSeries,),
    optional=(FunctionEnvironment, Endpoint),
    severity=Severity.LOW,
    remediation=(
        "Try more, and measure: `aws lambda update-function-configuration --function-name {name} "
        "--memory-size {memory} --region {region}`."
    ),
    references=(
        "https://docs.aws.amazon.com/lambda/latest/dg/configuration-memory.html",
        "https://docs.aws.amazon.com/lambda/latest/dg/best-practices.html",
    ),
    bad="MemorySize: 128, p99 of Duration: 4000 ms",
    good="MemorySize: 512, p99 of Duration: 700 ms",
    confidence=Confidence.LOW,
)
def function_memory_fit(function: Function, context: Context) -> Iterator[Evidence]:
    """Memory buys processor, too: with 128 MB a function has a fourteenth of one.

    Twice the memory costs no more if it halves the time. Whether it would, nobody sees from
    outside: a function that waits for others gets no faster. What the endpoint that it names took
    to answer is left out, and where that was not measured, the function is not judged; what
    remains has to be above a second.
    """
    if function.memory_mb > _DEFAULT_MB or function.capacity_provider is not None:
        return
    p99 = _peak(context.metric(function, "Duration", "p99"))
    waited = _waited_ms(function, context)
    if p99 is None or waited is None or p99 - waited <= _LONG_MS:
        return
    told = f", of which the endpoint took {waited:.0f}" if waited else ""
    wanted = 2 * function.memory_mb
    yield Evidence(
        message=(
            f"p99 is {p99:.0f} ms with {function.memory_mb} MB{told}: "
            f"{memory_break_even(function.memory_mb, wanted).because}"
        ),
        at="MemorySize",
        # It may name an endpoint that could not be read, and wait for it.
        absence=not waited,
        values={"memory": str(wanted)},
    )


def _more_than(endpoint: Endpoint, answer: Answer, *, reserved: int) -> Evidence:
    return Evidence(
        message=f"endpoint {endpoint.name}: {answer.because}",
        at=_RESERVED,
        locator=endpoint.arn,
        values={"reserved": str(reserved)},
    )


def _more_than_scaled(
    function: Function, endpoint: Endpoint, variant: str, reserved: int, context: Context
) -> Iterator[Evidence]:
    for kind in (ScalableTarget, ScalingPolicy, MetricSeries):
        if not context.covers(kind):
            return
    resource_id = f"endpoint/{endpoint.name}/variant/{variant}"
    target = context.first(
        ScalableTarget,
        lambda one: (one.resource_id, one.dimension) == (resource_id, _INSTANCES),
        account=endpoint.account,
        region=endpoint.region,
    )
    policy = context.first(
        ScalingPolicy,
        lambda one: one.resource_id == resource_id and one.predefined_metric == _PER_INSTANCE,
        account=endpoint.account,
        region=endpoint.region,
    )
    if target is None or policy is None or not (policy.target_value and target.max_capacity):
        return
    timed = measured_timing(function, context)
    if timed is None:
        return
    answer = against_instances(
        reserved,
        timed.seconds.max,
        instances=target.max_capacity,
        target_per_minute=Decimal(str(policy.target_value)),
    )
    if answer.amount >= _FAR:
        yield _more_than(endpoint, answer, reserved=max(int(reserved / answer.amount), 1))


def _waited_ms(function: Function, context: Context) -> float | None:
    """Return the highest p99 of the endpoint that the function names, 0 if it names none.

    None where nobody measured how long the endpoint takes.
    """
    if not (context.covers(FunctionEnvironment) and context.covers(Endpoint)):
        return 0
    endpoint = named_endpoint(function, context)
    if endpoint is None:
        return 0
    try:
        latency_us = _peak(context.metric(endpoint, "ModelLatency", "p99"))
    except Unread as stop:
        if stop.gap in context.snapshot.gaps:
            raise
        return None
    return None if latency_us is None else latency_us / 1000


def _peak(measured: tuple[MetricSeries, ...]) -> float | None:
    return max((series.peak for series in measured if series.peak is not None), default=None)


CHECKS = (concurrency_vs_endpoint, function_memory_fit)
