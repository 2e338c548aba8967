"""Real-time hosting on a cheaper type: every legal one, and whether it would do."""

from collections.abc import Iterator
from decimal import Decimal
from typing import Final

from mlguard.cost.load import Unmeasured
from mlguard.cost.prices import HOURS_A_MONTH, PriceBook
from mlguard.cost.sizing.credits import burstable
from mlguard.cost.sizing.need import Need, is_accelerated, is_arm
from mlguard.cost.sizing.option import Fit, Kind, Option, Reason, judged
from mlguard.cost.span import Span
from mlguard.data.instance_types import Hardware, Surface, hardware, is_burstable, legal_types
from mlguard.data.prices import Price

HEADROOM: Final = Decimal("0.7")
"""The part of its vCPUs that the busiest period may take: above it requests begin to queue."""

_SECONDS_A_DAY: Final = 86_400


def cheaper_types(
    need: Need, count: Span, *, below: Decimal, currency: str, book: PriceBook
) -> Iterator[Option]:
    """Yield the types whose hour costs less than `below`, each for as many instances as now.

    Types with fewer GPUs, or other accelerators, are left out: how long a request takes there
    nobody knows.
    """
    for name in sorted(legal_types(Surface.ENDPOINT)):
        price, built = book.sagemaker(need.region, name, Surface.ENDPOINT), hardware(name)
        if price is None or built is None or price.currency != currency:
            continue
        if price.amount < below and _alike(name, built, need):
            yield _on(name, built, need, count, price=price, book=book)


def sustains(name: str, need: Need, count: Decimal) -> Reason | None:
    """Return whether the CPU credits of a burstable type last; None for a type without credits."""
    credited = burstable(name)
    if credited is None:
        return None
    each = credited.sustained_vcpu
    told = f"{name} sustains {each.normalize():f} CPU-seconds a second on its credits"
    busy = need.busy_vcpu
    if busy is None:
        return Reason(Fit.UNKNOWN, f"{told}: how much it is asked for is not known")
    asked = f"{told}, and is asked for {_rounded(busy / max(count, Decimal(1)))}"
    latency = None if isinstance(need.load, Unmeasured) else need.load.latency_s
    if latency:
        daily = int(each * _SECONDS_A_DAY / latency)
        asked += f": {daily} requests a day at {latency.normalize():f} s"
    enough = busy <= each * max(count, Decimal(1))
    return Reason(Fit.YES if enough else Fit.NO, asked)


def _alike(name: str, built: Hardware, need: Need) -> bool:
    return built.gpus >= need.gpus and is_accelerated(name) == need.accelerated


def _on(
    name: str, built: Hardware, need: Need, count: Span, *, price: Price, book: PriceBook
) -> Option:
    fit, why = judged(_reasons(name, built, need, count))
    note = book.note(price)
    return Option(
        kind=Kind.REAL_TIME,
        what=name,
        monthly=count * HOURS_A_MONTH * price.amount,
        currency=price.currency,
        fit=fit,
        why=why if note is None else (*why, note),
    )


def _reasons(name: str, built: Hardware, need: Need, count: Span) -> Iterator[Reason]:
    yield _memory(built, need)
    if is_arm(name) and not need.arm:
        yield Reason(Fit.UNKNOWN, "needs an image built for arm64")
    if need.arm and not is_arm(name):
        yield Reason(Fit.UNKNOWN, "needs an image built for x86_64")
    if built.gpus and need.gpus:
        yield Reason(Fit.UNKNOWN, "has another GPU: whether the model fits is not known")
    if is_burstable(name) and need.scaled:
        yield Reason(Fit.NO, "SageMaker does not scale burstable types")
    credits_last = sustains(name, need, count.expected)
    if credits_last is not None:
        yield credits_last
    yield from _throughput(built, need, count)


def _memory(built: Hardware, need: Need) -> Reason:
    has = f"{_gib(built.memory_mib)} GiB"
    if need.memory_mib is None:
        return Reason(Fit.UNKNOWN, f"has {has}: what it has now is not known")
    if built.memory_mib >= need.memory_mib:
        return Reason(Fit.YES, f"has {has}, as much as now or more")
    now = f"{_gib(need.memory_mib)} GiB"
    return Reason(Fit.UNKNOWN, f"has {has}, now it has {now}: how much it uses nobody measured")


def _throughput(built: Hardware, need: Need, count: Span) -> Iterator[Reason]:
    """Yield whether fewer vCPUs than now would do: a request is taken to keep one of them busy."""
    if need.gpus or (need.vcpu is not None and built.vcpu >= need.vcpu):
        return
    peak = need.peak_vcpu
    if peak is None:
        yield Reason(Fit.UNKNOWN, f"has {built.vcpu} vCPU: how many are needed is not known")
        return
    room = HEADROOM * built.vcpu * max(count.max, Decimal(1))
    enough = Fit.YES if peak <= room else Fit.NO
    yield Reason(enough, f"has {built.vcpu} vCPU, {_rounded(peak)} are busy in the busiest period")


def _gib(mib: int) -> str:
    return f"{(Decimal(mib) / 1024).normalize():f}"


def _rounded(amount: Decimal) -> str:
    return f"{amount.quantize(Decimal('0.001')).normalize():f}"
