"""CPU credits: what burstable instance types earn, may save up, and may use for ever."""

from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal
from functools import cache

from mlguard.data.files import read


@dataclass(frozen=True, slots=True, kw_only=True)
class CreditRates:
    """What a type earns an hour, and saves up at most, in credits: minutes of a vCPU each.

    `baseline` is the part of each vCPU that may be used for ever: 0.2 of t2.medium.
    """

    credits_per_hour: Decimal
    max_credits: Decimal
    baseline: Decimal


def credit_rates(instance_type: str) -> CreditRates | None:
    """Return the type's rates; None where it has no credits, or they are not known.

    `ml.t2.medium` has those of `t2.medium`: AWS documents none for SageMaker.
    """
    return _rates().get(instance_type.removeprefix("ml."))


@cache
def _rates() -> Mapping[str, CreditRates]:
    return {
        name: CreditRates(
            credits_per_hour=Decimal(earned),
            max_credits=Decimal(saved),
            baseline=Decimal(percent) / 100,
        )
        for name, earned, saved, percent in read("cpu_credits.json")["rows"]
    }
