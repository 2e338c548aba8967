"""Hosting that is paid by use: serverless, asynchronous with scale to zero, nightly batch."""

from collections.abc import Iterator
from decimal import ROUND_CEILING, Decimal
from typing import Final

from mlguard.cost.load import DAYS_A_MONTH, Load, Unmeasured
from mlguard.cost.prices import HOURS_A_MONTH, PriceBook
from mlguard.cost.serverless import MEMORY_SIZES_MB, second_of
from mlguard.cost.sizing.break_even import BreakEven, break_even
from mlguard.cost.sizing.need import Need
from mlguard.cost.sizing.option import Fit, Kind, Option, Reason, judged
from mlguard.cost.span import Span
from mlguard.data.instance_types import Surface
from mlguard.data.prices import Price

MAX_CONCURRENCY: Final = 200
"""SageMaker API reference, "ProductionVariantServerlessConfig"."""

MAX_SECONDS: Final = 60
MAX_MB: Final = 4
"""SageMaker Developer Guide, "Invoke a serverless endpoint": in, and out."""

ASYNCHRONOUS_SECONDS: Final = 3600
"""SageMaker Developer Guide, "Asynchronous inference": an hour, and 1 GB."""

BATCH_STARTUP_S: Final = Decimal(300)
"""Assumed: until a transform job has an instance and has loaded the model."""

_SLOWER = "its memory decides its CPU: a request is taken to last as long as now"
_COLD = "a request after a pause waits for a cold start"


def serverless_options(
    need: Need, *, fixed: Decimal | None, currency: str, book: PriceBook
) -> Iterator[Option]:
    """Yield serverless inference at each memory size; `fixed` is what there is now costs."""
    for memory_mb in MEMORY_SIZES_MB:
        price = second_of(need.region, memory_mb, book)
        seconds = _seconds(need)
        known = price is not None and seconds is not None
        fit, why = judged(_serverless(memory_mb, need))
        yield Option(
            kind=Kind.SERVERLESS,
            what=f"serverless {memory_mb} MB",
            monthly=Span.exactly(price.amount * seconds) if price and seconds is not None else None,
            currency=currency if price is None else price.currency,
            fit=fit,
            why=(*why, _COLD, _SLOWER),
            lacking=None if known else _lacking(need, price, f"serverless at {memory_mb} MB"),
            break_even=_break_even(need, price, fixed, currency),
        )


def asynchronous_option(need: Need, name: str, *, book: PriceBook) -> Option:
    """Return a queue before instances that scale to zero while nobody asks.

    At least the seconds of inference are paid, at most a month without a pause. In between, the
    periods in which any request came.
    """
    price = book.sagemaker(need.region, name, Surface.ENDPOINT)
    fit, why = judged(_queued(need))
    hours = None if isinstance(need.load, Unmeasured) else _busy_hours(need.load)
    return Option(
        kind=Kind.ASYNCHRONOUS,
        what=f"asynchronous {name}, scaled to zero",
        monthly=None if price is None or hours is None else hours * price.amount,
        currency="USD" if price is None else price.currency,
        fit=fit,
        why=why,
        lacking=None if price and hours else _lacking(need, price, f"{name} as a host"),
    )


def batch_option(need: Need, name: str, *, book: PriceBook) -> Option:
    """Return a transform job every night, for all the requests of a day at once."""
    price = book.sagemaker(need.region, name, Surface.TRANSFORM)
    seconds = _seconds(need)
    fit, why = judged(_nightly(seconds))
    known = price is not None and seconds is not None
    return Option(
        kind=Kind.BATCH,
        what=f"batch transform every night on {name}",
        monthly=Span.exactly(batch_hours(seconds) * price.amount)
        if price is not None and seconds is not None
        else None,
        currency="USD" if price is None else price.currency,
        fit=fit,
        why=why,
        lacking=None if known else _lacking(need, price, f"batch transform on {name}"),
    )


def batch_hours(seconds_per_month: Decimal, *, startup_s: Decimal = BATCH_STARTUP_S) -> Decimal:
    """Return the instance-hours in a month of a job every night, each with its start."""
    return (seconds_per_month + startup_s * DAYS_A_MONTH) / 3600


def _seconds(need: Need) -> Decimal | None:
    return None if isinstance(need.load, Unmeasured) else need.load.seconds_per_month


def _busy_hours(load: Load) -> Span:
    """Return the instance-hours of a month, by how many requests are answered at once."""
    counts = [
        (rate.weight, _at_once(rate.per_minute, load.latency_s) if rate.per_minute else Decimal(0))
        for rate in load.rates
    ]
    mean = sum((weight * count for weight, count in counts), Decimal(0)) / load.weight
    expected, most = mean * HOURS_A_MONTH, max(count for _, count in counts) * HOURS_A_MONTH
    least = (load.seconds_per_month or Decimal(0)) / 3600
    return Span(min(least, expected), expected, max(most, expected))


def _at_once(per_minute: Decimal, latency_s: Decimal | None) -> Decimal:
    busy = per_minute / 60 * (latency_s or Decimal(0))
    return max(busy.to_integral_value(ROUND_CEILING), Decimal(1))


def _serverless(memory_mb: int, need: Need) -> Iterator[Reason]:
    for obstacle in need.obstacles:
        yield Reason(Fit.NO, obstacle)
    if need.unseen is not None:
        yield Reason(Fit.UNKNOWN, need.unseen)
    if need.gpus or need.accelerated:
        yield Reason(Fit.NO, "serverless has no GPU or other accelerator")
    if need.memory_mib is None:
        yield Reason(Fit.UNKNOWN, "how much memory it has now is not known")
    elif memory_mb < need.memory_mib:
        yield Reason(Fit.UNKNOWN, "less memory than now: how much it uses nobody measured")
    if isinstance(need.load, Load):
        yield from _limits(need.load)


def _limits(load: Load) -> Iterator[Reason]:
    latency, payload = load.latency_s, load.payload_mb
    if latency is not None and latency > MAX_SECONDS:
        yield Reason(Fit.NO, f"a request takes {latency} s, serverless ends it after {MAX_SECONDS}")
    if payload is not None and payload > 2 * MAX_MB:
        yield Reason(Fit.NO, f"{payload} MB in and out, serverless takes {MAX_MB} each way")
    elif payload is not None and payload > MAX_MB:
        yield Reason(Fit.UNKNOWN, f"{payload} MB in and out: {MAX_MB} are the most each way")
    if latency is not None and load.peak_rps * latency > MAX_CONCURRENCY:
        yield Reason(
            Fit.NO, f"more than {MAX_CONCURRENCY} requests at once: serverless has no more"
        )


def _queued(need: Need) -> Iterator[Reason]:
    yield Reason(Fit.UNKNOWN, "only if callers can wait: answers are put into S3")
    yield Reason(Fit.YES, "cooldown and start, minutes each time, come on top")
    latency = None if isinstance(need.load, Unmeasured) else need.load.latency_s
    if latency is not None and latency > ASYNCHRONOUS_SECONDS:
        yield Reason(Fit.NO, f"a request takes {latency} s, an hour is the most")


def _nightly(seconds: Decimal | None) -> Iterator[Reason]:
    yield Reason(Fit.UNKNOWN, "only if answers may wait for the night")
    yield Reason(Fit.YES, f"{BATCH_STARTUP_S} s for the start of each job are assumed")
    if seconds is not None and batch_hours(seconds) > HOURS_A_MONTH:
        yield Reason(Fit.NO, "one instance does not finish a day's requests in a day")


def _break_even(
    need: Need, price: Price | None, fixed: Decimal | None, currency: str
) -> BreakEven | None:
    if price is None or not fixed or price.currency != currency:
        return None
    latency = None if isinstance(need.load, Unmeasured) else need.load.latency_s
    return break_even(fixed, price.amount, latency_s=latency)


def _lacking(need: Need, price: Price | None, what: str) -> str:
    if price is None:
        return f"no price of {what} is known in {need.region}"
    if isinstance(need.load, Unmeasured):
        return need.load.reason
    return "how long a request takes was neither measured nor stated"
