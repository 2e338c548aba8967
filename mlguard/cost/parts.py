"""Resources that are paid for with another: a configuration with the endpoint that runs it."""

from collections.abc import Iterator, Mapping

from mlguard.resources.functions import FunctionVersion, ProvisionedConcurrency
from mlguard.resources.hosting import Endpoint, EndpointConfig
from mlguard.resources.jobs import TrainingJob
from mlguard.resources.scaling import ScalableTarget, ScalingPolicy
from mlguard.snapshot import Inventory


def paid_with(inventory: Inventory) -> Mapping[str, str]:
    """Return the ARN of the resource whose estimate a part's money is in, by the part's ARN.

    A configuration that several endpoints run is left out: whose money it is, it does not say.
    """
    return dict(
        (
            *_configurations(inventory),
            *_of_functions(inventory),
            *_scaled(inventory),
            *_tuned(inventory),
        )
    )


def _configurations(inventory: Inventory) -> Iterator[tuple[str, str]]:
    users: dict[tuple[str, str, str | None], list[str]] = {}
    for endpoint in inventory.of(Endpoint):
        place = (endpoint.account, endpoint.region, endpoint.config_name)
        users.setdefault(place, []).append(endpoint.arn)
    for config in inventory.of(EndpointConfig):
        found = users.get((config.account, config.region, config.name), [])
        if len(found) == 1:
            yield config.arn, found[0]


def _of_functions(inventory: Inventory) -> Iterator[tuple[str, str]]:
    parts: tuple[ProvisionedConcurrency | FunctionVersion, ...] = (
        *inventory.of(ProvisionedConcurrency),
        *inventory.of(FunctionVersion),
    )
    for part in parts:
        yield part.arn, part.function_arn


def _scaled(inventory: Inventory) -> Iterator[tuple[str, str]]:
    endpoints = {(one.account, one.region, one.name): one.arn for one in inventory.of(Endpoint)}
    parts: tuple[ScalableTarget | ScalingPolicy, ...] = (
        *inventory.of(ScalableTarget),
        *inventory.of(ScalingPolicy),
    )
    for part in parts:
        arn = endpoints.get((part.account, part.region, _endpoint_name(part)))
        if arn is not None:
            yield part.arn, arn


def _endpoint_name(part: ScalableTarget | ScalingPolicy) -> str:
    """Return E of `endpoint/E/variant/V`, as Application Auto Scaling writes it; else nothing."""
    kind, _, rest = part.resource_id.partition("/")
    return rest.partition("/")[0] if kind == "endpoint" else ""


def _tuned(inventory: Inventory) -> Iterator[tuple[str, str]]:
    for job in inventory.of(TrainingJob):
        if job.tuning_job_arn is not None:
            yield job.arn, job.tuning_job_arn
