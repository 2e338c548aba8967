"""What each function could do with: its concurrency, what is kept warm, its architecture."""

from collections.abc import Iterator
from dataclasses import dataclass
from decimal import Decimal
from typing import Final

from mlguard.cost.function_usage import Usage, usages
from mlguard.cost.invocations import SECONDS_A_MONTH
from mlguard.cost.provisioned import Provisioned
from mlguard.cost.sizing.concurrency import (
    WarmPrices,
    arm_saving,
    break_even,
    needed,
    steady_rps,
    wasted,
)
from mlguard.cost.terms import Terms
from mlguard.resources.functions import Function
from mlguard.snapshot import Inventory

_WORTH_TELLING_USD: Final = Decimal("0.01")


@dataclass(frozen=True, slots=True, kw_only=True)
class FunctionSizing:
    """A sentence on one part of a function."""

    function: Function
    part: str
    verdict: str


def function_sizings(inventory: Inventory, terms: Terms) -> Iterator[FunctionSizing]:
    """Yield what the prices and the traffic say of each function; of what is not known, nothing."""
    for usage in usages(inventory, terms):
        for part, verdict in _verdicts(usage, terms):
            yield FunctionSizing(function=usage.function, part=part, verdict=verdict)


def _verdicts(usage: Usage, terms: Terms) -> Iterator[tuple[str, str]]:
    yield from _concurrency(usage, terms)
    for entry in usage.provisioned:
        verdict = _warm(usage, entry, terms)
        if verdict is not None:
            yield f"provisioned concurrency of {entry.qualifier}", verdict
    verdict = _architecture(usage, terms)
    if verdict is not None:
        yield "architecture", verdict


def _concurrency(usage: Usage, terms: Terms) -> Iterator[tuple[str, str]]:
    """Yield what stated traffic needs of reserved concurrency: what was measured got through."""
    traffic = terms.assumptions.traffic_of(usage.function.name)
    reserved = usage.function.reserved_concurrency
    if traffic is None or not traffic.latency_s or not reserved:
        return
    enough = needed(traffic.rps, traffic.latency_s)
    if enough.amount > reserved:
        most = steady_rps(reserved, traffic.latency_s)
        yield (
            "reserved concurrency",
            (
                f"{enough.because}, and {reserved} are reserved: {most.because}, "
                "and what is beyond is throttled"
            ),
        )
    else:
        yield "reserved concurrency", f"{enough.because}, and {reserved} are reserved"


def _warm(usage: Usage, entry: Provisioned, terms: Terms) -> str | None:
    prices = WarmPrices.of(terms.book, usage.function.region, entry.architecture)
    even = None if prices is None else break_even(prices)
    count, gigabytes = entry.count.expected, entry.memory_mb.expected / 1024
    if prices is None or even is None or not count:
        return None
    warm = usage.warm_gb_s.get(entry.arn)
    if warm is None:
        return even.because
    used = warm.expected / (count * gigabytes * SECONDS_A_MONTH)
    more = wasted(prices, gigabytes=gigabytes, count=count, used=used)
    told = "less" if more.amount < 0 else "more"
    return (
        f"{more.because}: {abs(more.amount):.2f} USD {told} than without; it pays from "
        f"{even.amount:.0%} on"
    )


def _architecture(usage: Usage, terms: Terms) -> str | None:
    """Return what arm64 would save; what it does to speed, nobody knows before it was tried."""
    if usage.function.architecture != "x86_64" or usage.on_demand_gb_s is None:
        return None
    saving = arm_saving(terms.book, usage.function.region, gb_s=usage.on_demand_gb_s.expected)
    if saving is None or saving.amount < _WORTH_TELLING_USD:
        return None
    return saving.because
