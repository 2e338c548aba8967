"""How often a function is called in a month, and how long it runs: stated, or measured."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from typing import Final

from mlguard.cost.assumptions import Traffic
from mlguard.cost.prices import HOURS_A_MONTH
from mlguard.cost.provisioned import product
from mlguard.cost.span import Span
from mlguard.resources.functions import Function
from mlguard.resources.metrics import MetricSeries

SECONDS_A_MONTH: Final = HOURS_A_MONTH * 3600
_LEAST_S: Final = Decimal("0.001")
"""AWS Lambda pricing: duration is rounded up to the nearest millisecond."""
_ZERO: Final = Span.exactly(0)
_BEYOND_P99: Final = Decimal("0.01")


@dataclass(frozen=True, slots=True, kw_only=True)
class Invocations:
    """What a month brings: `requests`, and the `busy_s` that they run together; None: not known.

    `active_s` are the seconds of the month in which there are calls at all. `stated` says that
    the user said so, and nobody measured. `assumptions` go with requests, `timed` with busy_s.
    """

    requests: Span | None
    busy_s: Span | None
    active_s: Decimal = SECONDS_A_MONTH
    stated: bool = False
    assumptions: tuple[str, ...] = ()
    timed: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Timing:
    """How many `seconds` one call runs, billed to the millisecond.

    `is_mean`: between its lowest and highest day. Else no mean was measured, and the ends are
    bounds of it, of which the upper one follows from the p99 and the timeout.
    """

    seconds: Span
    is_mean: bool
    said: str


def invocations(
    function: Function,
    *,
    traffic: Traffic | None,
    measured: Sequence[MetricSeries],
    taken_at: datetime,
    limit: int | None,
) -> Invocations:
    """Return what a month brings; what the user said comes before what was measured.

    `limit` is how many may run at once, None where nobody knows: what is throttled beyond it is
    no invocation, and is not billed. CloudWatch counts throttled calls apart: Lambda Developer
    Guide, "Types of metrics for Lambda functions".
    """
    if limit == 0:
        off = ("no concurrency is left to it: every call is throttled",)
        return Invocations(requests=_ZERO, busy_s=_ZERO, assumptions=off)
    series = found(measured, "Invocations", "Sum")
    requests, said = _stated(traffic) if traffic else _observed(series, taken_at)
    seconds, timed = _seconds(function, traffic, measured)
    active = SECONDS_A_MONTH * (traffic.hours_per_day / 24 if traffic else 1)
    if requests is not None and requests.max == 0:
        return Invocations(requests=_ZERO, busy_s=_ZERO, assumptions=said)
    if requests is None or seconds is None:
        return Invocations(
            requests=requests,
            busy_s=None,
            active_s=active,
            stated=traffic is not None,
            assumptions=said,
        )
    busy = product(requests, seconds)
    if limit is not None and busy.max > limit * active:
        # The shortest calls are those of which most get through.
        requests = capped(requests, limit * active / seconds.min)
        busy = capped(busy, limit * active)
        timed = (*timed, f"no more than {limit} run at once: what is throttled is not billed")
    return Invocations(
        requests=requests,
        busy_s=busy,
        active_s=active,
        stated=traffic is not None,
        assumptions=said,
        timed=timed,
    )


def found(measured: Sequence[MetricSeries], metric: str, statistic: str) -> MetricSeries | None:
    """Return the series of a metric among those of one resource, None if nobody measured it."""
    return next(
        (one for one in measured if one.metric == metric and one.statistic == statistic), None
    )


def capped(span: Span, most: Decimal) -> Span:
    """Return the span with each end at most so much."""
    return Span(min(span.min, most), min(span.expected, most), min(span.max, most))


def count_of(measured: Sequence[MetricSeries], metric: str) -> Decimal | None:
    """Return the sum of a counter over its window, None where nobody measured it."""
    series = found(measured, metric, "Sum")
    return None if series is None else _exact(series.total)


def _stated(traffic: Traffic) -> tuple[Span, tuple[str, ...]]:
    said = f"{traffic.rps} calls a second during {traffic.hours_per_day} hours a day, as stated"
    return Span.exactly(traffic.requests_per_month), (said,)


def _observed(
    series: MetricSeries | None, taken_at: datetime
) -> tuple[Span | None, tuple[str, ...]]:
    """Return the calls of a month as the window had them, its quietest and busiest day.

    A day without a datapoint had no call.
    """
    if series is None:
        return None, ()
    elapsed = elapsed_s(series, taken_at)
    if not elapsed:
        return None, ()
    expected = _exact(series.total) * SECONDS_A_MONTH / elapsed
    whole = max(int(elapsed // series.period_s), 1)
    quietest = min(series.values) if len(series.values) >= whole else 0
    low, high = (
        _exact(day) * SECONDS_A_MONTH / series.period_s for day in (quietest, series.peak or 0)
    )
    span = Span(min(low, expected), expected, max(high, expected))
    said = (
        f"{series.total:.0f} calls in {elapsed / 86_400:.0f} days, scaled to a month: "
        "every day as the quietest, the mean, the busiest of them"
    )
    return span, (said,)


def _seconds(
    function: Function, traffic: Traffic | None, measured: Sequence[MetricSeries]
) -> tuple[Span | None, tuple[str, ...]]:
    """Return how long one call runs, and what that rests on."""
    if traffic is not None and traffic.latency_s is not None:
        seconds = max(traffic.latency_s, _LEAST_S)
        return Span.exactly(seconds), (f"{traffic.latency_s} s each, as stated",)
    timed = timing(function, measured)
    return (None, ()) if timed is None else (timed.seconds, (timed.said,))


def timing(function: Function, measured: Sequence[MetricSeries]) -> Timing | None:
    """Return how long one call runs, as measured; None where nobody did."""
    mean = found(measured, "Duration", "Average")
    if mean is not None and mean.values:
        expected = _weighted(mean, found(measured, "Invocations", "Sum"))
        lowest, highest = _exact(min(mean.values)) / 1000, _exact(mean.peak or 0) / 1000
        return Timing(
            seconds=_at_least(Span(min(lowest, expected), expected, max(highest, expected))),
            is_mean=True,
            said=f"{expected * 1000:.0f} ms each on the mean, as measured",
        )
    p99 = found(measured, "Duration", "p99")
    if p99 is None or not p99.values:
        return None
    usual, slowest = _exact(sum(p99.values)) / len(p99.values) / 1000, _exact(p99.peak or 0) / 1000
    # One call in a hundred may run into the timeout.
    most = slowest * (1 - _BEYOND_P99) + function.timeout_s * _BEYOND_P99
    return Timing(
        seconds=_at_least(Span(min(_LEAST_S, usual), usual, max(most, usual))),
        is_mean=False,
        said=(
            f"the mean duration was not measured: the p99 of {usual * 1000:.0f} ms stands for it, "
            "which is too much"
        ),
    )


def elapsed_s(series: MetricSeries, taken_at: datetime) -> Decimal:
    """Return how many seconds of a window were over when it was read: not below zero."""
    return max(_exact((min(series.end_at, taken_at) - series.start_at).total_seconds()), Decimal(0))


def _weighted(mean: MetricSeries, counted: MetricSeries | None) -> Decimal:
    """Return the mean in seconds over all calls: no day without one has a datapoint."""
    values = [_exact(value) for value in mean.values]
    if counted is not None and len(counted.values) == len(values) and counted.total > 0:
        calls = [_exact(value) for value in counted.values]
        whole = sum((call * value for call, value in zip(calls, values, strict=True)), Decimal(0))
        return whole / sum(calls) / 1000
    return sum(values, Decimal(0)) / len(values) / 1000


def _at_least(span: Span) -> Span:
    least = (max(one, _LEAST_S) for one in (span.min, span.expected, span.max))
    return Span(*least)


def _exact(value: float) -> Decimal:
    return Decimal(str(value))
