"""Break-even: from how much use on what is paid by the hour is cheaper than by the second."""

from dataclasses import dataclass
from decimal import Decimal

from mlguard.cost.load import DAYS_A_MONTH

_MB_PER_GB = 1024


@dataclass(frozen=True, slots=True, kw_only=True)
class BreakEven:
    """Where two ways of hosting cost the same: below it the one that is paid by the second wins.

    `per_request` is what a request costs there. It and `requests_per_month` are None where nobody
    knows how long a request takes.
    """

    seconds_per_month: Decimal
    requests_per_month: Decimal | None = None
    per_request: Decimal | None = None

    @property
    def requests_per_day(self) -> Decimal | None:
        """Requests in a day, of which a month of 730 hours has 30.4."""
        month = self.requests_per_month
        return None if month is None else month / DAYS_A_MONTH


def break_even(
    fixed: Decimal,
    per_second: Decimal,
    *,
    latency_s: Decimal | None = None,
    per_gb: Decimal = Decimal(0),
    payload_mb: Decimal = Decimal(0),
) -> BreakEven:
    """Return where seconds of inference cost as much as what is `fixed` a month.

    `per_gb` is for data that the one way bills and the other does not. Raises ValueError for a
    price that is not positive.
    """
    if per_second <= 0:
        raise ValueError(f"a second has to cost something, not {per_second}")
    seconds = fixed / per_second
    if not latency_s:
        return BreakEven(seconds_per_month=seconds)
    each = latency_s * per_second + payload_mb / _MB_PER_GB * per_gb
    return BreakEven(seconds_per_month=seconds, requests_per_month=fixed / each, per_request=each)
