"""What is asked of CloudWatch about each resource: which metric, which statistic, how fine.

By the hour where the bill needs the hours (how many instances a scaling policy ran, how long a
machine was up, how much of provisioned concurrency was used), by the day for what only checks
read: a counter adds up to the same either way, and a snapshot stays small.
"""

from collections.abc import Iterator, Mapping
from typing import Final

from mlguard.resources.base import Resource
from mlguard.resources.functions import Function, ProvisionedConcurrency
from mlguard.resources.hosting import Endpoint
from mlguard.resources.instances import Instance
from mlguard.sources.readers.metrics import DAY_S, HOUR_S, Measure

VARIANT_METRICS: Final = (
    ("Invocations", "Sum", HOUR_S),
    ("ModelLatency", "Average", HOUR_S),
    ("ModelLatency", "p99", DAY_S),
)
"""SageMaker Developer Guide, "Metrics for monitoring SageMaker": latencies are microseconds."""

FUNCTION_METRICS: Final = (
    ("Invocations", "Sum", HOUR_S),
    ("Duration", "Average", HOUR_S),
    ("Duration", "p99", DAY_S),
    ("ConcurrentExecutions", "Maximum", DAY_S),
    ("Throttles", "Sum", DAY_S),
)
"""Lambda Developer Guide, "Types of metrics for Lambda functions": durations are milliseconds."""

PROVISIONED_METRICS: Final = (
    ("ProvisionedConcurrencyInvocations", "Sum", DAY_S),
    ("ProvisionedConcurrencySpilloverInvocations", "Sum", DAY_S),
    ("ProvisionedConcurrencyUtilization", "Average", HOUR_S),
    ("ProvisionedConcurrencyUtilization", "Maximum", DAY_S),
)
"""The same page, by version or alias: a utilisation is 0..1, and published with invocations."""

INSTANCE_METRICS: Final = (
    ("CPUUtilization", "Average", HOUR_S),
    ("CPUUtilization", "Maximum", DAY_S),
)
"""EC2 user guide, "Instance metrics": percent of all its vCPUs, published while it runs."""


def of_endpoint(endpoint: Endpoint) -> Iterator[Measure]:
    """Yield what is asked about each variant of an endpoint."""
    for variant in endpoint.variants:
        dimensions = {"EndpointName": endpoint.name, "VariantName": variant.name}
        yield from _measures(endpoint, "AWS/SageMaker", dimensions, VARIANT_METRICS)


def of_function(function: Function) -> Iterator[Measure]:
    """Yield what is asked about a function, all its versions together."""
    dimensions = {"FunctionName": function.name}
    yield from _measures(function, "AWS/Lambda", dimensions, FUNCTION_METRICS)


def of_provisioned(provisioned: ProvisionedConcurrency) -> Iterator[Measure]:
    """Yield what is asked about the provisioned concurrency of a qualifier."""
    function_name = provisioned.function_arn.rpartition(":")[2]
    dimensions = {
        "FunctionName": function_name,
        "Resource": f"{function_name}:{provisioned.qualifier}",
    }
    yield from _measures(provisioned, "AWS/Lambda", dimensions, PROVISIONED_METRICS)


def of_instance(instance: Instance) -> Iterator[Measure]:
    """Yield what is asked about an EC2 instance."""
    dimensions = {"InstanceId": instance.arn.rpartition("/")[2]}
    yield from _measures(instance, "AWS/EC2", dimensions, INSTANCE_METRICS)


def _measures(
    resource: Resource,
    namespace: str,
    dimensions: Mapping[str, str],
    metrics: tuple[tuple[str, str, int], ...],
) -> Iterator[Measure]:
    for metric, statistic, period_s in metrics:
        yield Measure(
            arn=resource.arn,
            name=resource.name,
            namespace=namespace,
            metric=metric,
            statistic=statistic,
            period_s=period_s,
            dimensions=dict(dimensions),
        )
