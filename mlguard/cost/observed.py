"""Traffic as CloudWatch measured it: the load of each variant of an endpoint.

SageMaker publishes Invocations only when there are some, so a period without a datapoint in a
window that was read whole is one without requests; a window that was not read is unknown.
"""

from collections.abc import Iterable, Sequence
from datetime import datetime, timedelta
from decimal import ROUND_CEILING, Decimal
from itertools import pairwise
from typing import Final

from mlguard.cost.load import Load, Rate, Unmeasured
from mlguard.resources.hosting import Endpoint
from mlguard.resources.metrics import MetricSeries
from mlguard.snapshot import Inventory

_MICROSECONDS: Final = Decimal(1_000_000)  # the unit of ModelLatency
_HOUR_S: Final = 3600
_AVERAGE, _UPPER = "Average", "p99"


def observed_load(
    endpoint: Endpoint, variant: str, inventory: Inventory, *, payload_mb: Decimal | None = None
) -> Load | Unmeasured:
    """Return the load of a variant in the window that was measured, or why it is not known."""
    series = _of_variant(inventory.measured(endpoint.arn), variant)
    calls = _finest(one for one in series if (one.metric, one.statistic) == ("Invocations", "Sum"))
    if calls is None:
        return Unmeasured(_unread(endpoint, inventory))
    periods = _periods(calls, endpoint.created_at, inventory.snapshot.taken_at)
    if not periods:
        return Unmeasured("the endpoint is younger than what was measured of it")
    latency, said = _latency(series, calls)
    return Load(
        rates=tuple(_rates(calls, periods)),
        latency_s=latency,
        payload_mb=payload_mb,
        said=(_window(calls, periods), *said),
    )


def _of_variant(measured: Iterable[MetricSeries], variant: str) -> tuple[MetricSeries, ...]:
    return tuple(
        one
        for one in measured
        if one.dimensions.get("VariantName") == variant
        and "InferenceComponentName" not in one.dimensions
    )


def _finest(series: Iterable[MetricSeries]) -> MetricSeries | None:
    return min(series, key=lambda one: one.period_s, default=None)


def _unread(endpoint: Endpoint, inventory: Inventory) -> str:
    for gap in inventory.gaps(MetricSeries, account=endpoint.account, region=endpoint.region):
        if gap.subject in (None, endpoint.arn):
            return f"its traffic could not be read: {gap.detail}"
    return "nobody measured its traffic, and none is stated"


def _periods(calls: MetricSeries, created_at: datetime, taken_at: datetime) -> tuple[Decimal, ...]:
    """Return the periods of the window since the endpoint exists and until it was read.

    Each is told as the part of a period that was over: the first and the last may be short.
    """
    least = len(calls.values)
    since = max(_seconds(created_at - calls.start_at), Decimal(0))
    until = _seconds(min(calls.end_at, taken_at) - calls.start_at)
    first = int(since // calls.period_s)
    last = int((until / calls.period_s).to_integral_value(ROUND_CEILING))
    if last - first < least or until <= since:
        # Datapoints from before the endpoint was made: one of its name was there already.
        return (Decimal(1),) * least
    borders = (Decimal(each * calls.period_s) for each in range(first + 1, last))
    ends = (since, *borders, until)
    return tuple((end - begin) / calls.period_s for begin, end in pairwise(ends))


def _seconds(time: timedelta) -> Decimal:
    return _decimal(time.total_seconds())


def _rates(calls: MetricSeries, periods: Sequence[Decimal]) -> Iterable[Rate]:
    """Yield the rate of each period: what nobody counted in the rest of them is silence.

    Where there are fewer datapoints than periods nobody knows which of them a short one is of.
    """
    values = [_decimal(value) * 60 / calls.period_s for value in calls.values]
    if len(values) == len(periods):
        for value, weight in zip(values, periods, strict=True):
            yield Rate(weight, value / weight)
        return
    elapsed = sum(periods, Decimal(0))
    weight = min(elapsed / max(len(values), 1), Decimal(1))
    for value in values:
        yield Rate(weight, value / weight)
    silent = elapsed - weight * len(values)
    if silent > 0:
        yield Rate(silent, Decimal(0))


def _window(calls: MetricSeries, periods: Sequence[Decimal]) -> str:
    hours = round(calls.period_s * sum(periods, Decimal(0)) / _HOUR_S, 1)
    told = f"traffic as observed in {_days(hours)}"
    if calls.period_s <= _HOUR_S:
        return told
    return f"{told}; evened out within each {_days(Decimal(calls.period_s) / _HOUR_S)}"


def _days(hours: Decimal) -> str:
    days = hours / 24
    whole = days == days.to_integral_value() and days >= 1
    return f"{int(days)} d" if whole else f"{hours.normalize():f} h"


def _latency(
    series: Sequence[MetricSeries], calls: MetricSeries
) -> tuple[Decimal | None, tuple[str, ...]]:
    """Return how long the model takes in seconds, and what is to be said of that number."""
    timed = [one for one in series if one.metric == "ModelLatency" and one.values]
    average = _finest(one for one in timed if one.statistic == _AVERAGE)
    if average is not None:
        return _mean(average, calls) / _MICROSECONDS, ()
    upper = _finest(one for one in timed if one.statistic == _UPPER)
    if upper is None or upper.peak is None:
        return None, ()
    said = "a request taken to last as long as the highest p99 of ModelLatency: it is at most that"
    return _decimal(upper.peak) / _MICROSECONDS, (said,)


def _mean(latency: MetricSeries, calls: MetricSeries) -> Decimal:
    """Return the mean latency, each period weighed by its requests where they are the same."""
    values = [_decimal(value) for value in latency.values]
    weights = [_decimal(value) for value in calls.values]
    if len(weights) != len(values) or latency.period_s != calls.period_s or not sum(weights):
        weights = [Decimal(1)] * len(values)
    weighted = sum((v * w for v, w in zip(values, weights, strict=True)), Decimal(0))
    return weighted / sum(weights, Decimal(0))


def _decimal(value: float) -> Decimal:
    return Decimal(str(value))
