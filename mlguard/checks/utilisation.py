"""What share of the time provisioned concurrency was in use, as far as anybody measured."""

from dataclasses import dataclass
from decimal import Decimal
from typing import Final

from mlguard.check import Context, Unread
from mlguard.checks.machines import unread
from mlguard.checks.warm import warm
from mlguard.cost.invocations import Timing, elapsed_s, timing
from mlguard.cost.sizing.concurrency import Answer, WarmPrices, break_even, wasted
from mlguard.resources.base import Resource
from mlguard.resources.functions import Function, ProvisionedConcurrency
from mlguard.resources.metrics import MetricSeries

_METRICS: Final = "cloudwatch:GetMetricData"


@dataclass(frozen=True, slots=True, kw_only=True)
class InUse:
    """The mean utilisation of an entry; `at_most`: it may be less, nobody measured it better.

    `wasted` is what it costs a month more than the same calls on demand would; below zero, it
    pays.
    """

    utilisation: Decimal
    at_most: bool
    break_even: Decimal
    wasted: Answer


def in_use(function: Function, entry: ProvisionedConcurrency, context: Context) -> InUse | None:
    """Return how far an entry was in use; None where that is no question of utilisation.

    So where the function was changed within the window, or all of its calls passed the entry by,
    which is another check's finding. Raises Unread where what was measured does not tell on which
    side of the break-even it was, or where a price is not known.
    """
    ran = _counter(entry, "ProvisionedConcurrencyInvocations", context)
    called = _counter(function, "Invocations", context)
    room = entry.requested * elapsed_s(ran, context.snapshot.taken_at)
    young = function.last_modified_at > ran.start_at
    if young or not room or (called.total and not ran.total):
        return None
    kept = warm(function, entry, context)
    prices = WarmPrices.of(context.prices, function.region, kept.architecture)
    even = None if prices is None else break_even(prices)
    if prices is None or even is None:
        detail = f"prices of provisioned concurrency in {function.region} are not known"
        raise unread(entry, operation="prices", detail=detail)
    share = Decimal(0)
    timed = _timed(function, context) if ran.total else None
    if timed is not None:
        busy = Decimal(str(ran.total)) / room
        share = busy * (timed.seconds.expected if timed.is_mean else timed.seconds.max)
        if not timed.is_mean and busy * timed.seconds.min < even.amount <= share:
            detail = "the mean of Duration was not read, and the p99 does not settle it"
            raise unread(function, operation=_METRICS, detail=detail)
    return InUse(
        utilisation=share,
        at_most=timed is not None and not timed.is_mean,
        break_even=even.amount,
        wasted=wasted(
            prices,
            gigabytes=kept.memory_mb.expected / 1024,
            count=entry.requested,
            used=share,
        ),
    )


def measured_timing(function: Function, context: Context) -> Timing | None:
    """Return how long one call runs; None where nothing of it was measured.

    Raises Unread where it could not be read.
    """
    series: list[MetricSeries] = []
    for metric, statistic in (("Duration", "Average"), ("Duration", "p99"), ("Invocations", "Sum")):
        try:
            series.extend(context.metric(function, metric, statistic))
        except Unread as stop:
            if stop.gap in context.snapshot.gaps:
                raise
    return timing(function, series)


def _timed(function: Function, context: Context) -> Timing:
    found = measured_timing(function, context)
    if found is None:
        raise unread(function, operation=_METRICS, detail="the snapshot holds no Duration")
    return found


def _counter(measured: Resource, metric: str, context: Context) -> MetricSeries:
    return context.metric(measured, metric, "Sum")[0]
