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
_DAY_S: Final = 86_400
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
    busy = _busy(measured, taken_at) if traffic is None else None
    busy = busy or product(requests, seconds)
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
    if series is None or not elapsed_s(series, taken_at):
        return None, ()
    days = elapsed_s(series, taken_at) / _DAY_S
    said = (
        f"{series.total:.0f} calls in {days:.0f} days, scaled to a month: "
        "every day as the quietest, the mean, the busiest of them"
    )
    return _a_month([_exact(value) for value in series.values], series, taken_at), (said,)


def _a_month(values: Sequence[Decimal], series: MetricSeries, taken_at: datetime) -> Span:
    """Return a month of what a window had of a counter, with its quietest and busiest day.

    A period without a datapoint had none of it. Of periods shorter than a day nobody knows which
    of them make one: no day has more than the highest of them, nor less than the lowest.
    """
    elapsed = elapsed_s(series, taken_at)
    expected = sum(values, Decimal(0)) * SECONDS_A_MONTH / elapsed
    in_a_day = max(_DAY_S // series.period_s, 1)
    missing = max(int(elapsed // series.period_s) - len(values), 0)
    rising = sorted(values)
    quietest = sum(rising[: max(in_a_day - missing, 0)], Decimal(0))
    busiest = sum(rising[-in_a_day:], Decimal(0))
    scale = SECONDS_A_MONTH / max(_DAY_S, series.period_s)
    return Span(min(quietest * scale, expected), expected, max(busiest * scale, expected))


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


def _busy(measured: Sequence[MetricSeries], taken_at: datetime) -> Span | None:
    """Return the seconds that calls ran in a month, where each period has its own mean duration."""
    counted, mean = found(measured, "Invocations", "Sum"), found(measured, "Duration", "Average")
    if counted is None or mean is None or not _alike(counted, mean):
        return None
    pairs = zip(counted.values, mean.values, strict=True)
    ran = [_exact(calls) * max(_exact(each) / 1000, _LEAST_S) for calls, each in pairs]
    return _a_month(ran, counted, taken_at)


def _alike(one: MetricSeries, other: MetricSeries) -> bool:
    """Return whether the datapoints of two series are of the same periods."""
    return (one.period_s, len(one.values)) == (other.period_s, len(other.values))


def _weighted(mean: MetricSeries, counted: MetricSeries | None) -> Decimal:
    """Return the mean in seconds over all calls, as far as they can be weighed."""
    alike = counted is not None and _alike(counted, mean)
    weighed = mean.mean_by(counted) if counted is not None and alike else mean.mean
    return _exact(weighed or 0) / 1000


def _at_least(span: Span) -> Span:
    least = (max(one, _LEAST_S) for one in (span.min, span.expected, span.max))
    return Span(*least)


def _exact(value: float) -> Decimal:
    return Decimal(str(value))
