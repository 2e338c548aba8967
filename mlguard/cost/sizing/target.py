"""The scaling target: how many calls a minute an instance is given before another one starts."""

from collections.abc import Iterator
from dataclasses import dataclass
from decimal import Decimal
from typing import Final

from mlguard.cost.hosted import INSTANCES, Hosted
from mlguard.cost.hosting import Seat, instance_type, seats
from mlguard.cost.load import Load
from mlguard.cost.scaled import GONE
from mlguard.data.instance_types import hardware
from mlguard.resources.hosting import Endpoint
from mlguard.resources.scaling import ScalingPolicy

SAFETY_FACTOR: Final = Decimal("0.5")
"""SageMaker Developer Guide, "Load testing your auto scaling configuration": start with 0.5."""

_SECONDS_A_MINUTE: Final = 60
# Application Auto Scaling API reference, PredefinedMetricSpecification: calls a minute.
_PER_INSTANCE: Final = "SageMakerVariantInvocationsPerInstance"


@dataclass(frozen=True, slots=True, kw_only=True)
class TargetSizing:
    """A sentence on the target value of a variant's scaling policy."""

    endpoint: Endpoint
    variant: str
    verdict: str


def scaling_target(max_rps: Decimal, *, safety: Decimal = SAFETY_FACTOR) -> Decimal:
    """Return the target of SageMakerVariantInvocationsPerInstance for a measured rate.

    `max_rps` is what one instance answers before it fails or is too slow: only a load test tells.
    Raises ValueError where the rate is not positive, or the factor not between 0 and 1.
    """
    if max_rps <= 0:
        raise ValueError(f"a rate of {max_rps} requests a second has no target")
    if not 0 < safety <= 1:
        raise ValueError(f"a safety factor lies between 0 and 1: {safety} does not")
    return max_rps * safety * _SECONDS_A_MINUTE


def target_sizings(endpoint: Endpoint, hosted: Hosted) -> Iterator[TargetSizing]:
    """Yield what the latency says of each target value; nothing where nobody knows the latency."""
    config = hosted.config(endpoint)
    if config is None or endpoint.status in GONE:
        return
    for seat in seats(endpoint, config, hosted):
        scaler = hosted.scaler(endpoint, seat.variant, INSTANCES)
        for policy in scaler.policies if scaler else ():
            verdict = _verdict(policy, seat)
            if verdict is not None:
                yield TargetSizing(endpoint=endpoint, variant=seat.variant.name, verdict=verdict)


def _verdict(policy: ScalingPolicy, seat: Seat) -> str | None:
    name = instance_type(seat.variant.capacity)
    built = None if name is None else hardware(name)
    latency = seat.load.latency_s if isinstance(seat.load, Load) else None
    # Of a GPU nobody knows how many requests it works on at once.
    if not latency or built is None or built.gpus:
        return None
    if policy.predefined_metric != _PER_INSTANCE or policy.target_value is None:
        return None
    target, most_rps = Decimal(str(policy.target_value)), built.vcpu / latency
    most = most_rps * _SECONDS_A_MINUTE
    told = (
        f"another instance starts beyond {target.normalize():f} calls a minute; by its "
        f"{built.vcpu} vCPU {name} answers at most {most:.0f} of {latency.normalize():f} s, "
        "if each keeps one busy"
    )
    if target > most:
        advised = f"{scaling_target(most_rps):.0f} at most"
        return f"{told}: it is overrun before it scales; a load test tells its rate, {advised}"
    return f"{told}, of which the target is {target / most:.0%}"
