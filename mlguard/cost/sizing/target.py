"""The scaling target: how many calls a minute an instance is given before another one starts."""

from decimal import Decimal
from typing import Final

SAFETY_FACTOR: Final = Decimal("0.5")
"""SageMaker Developer Guide, "Load testing your auto scaling configuration": start with 0.5."""

_SECONDS_A_MINUTE: Final = 60


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
