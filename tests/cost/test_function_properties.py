"""More of anything never costs less; the parts of a bill are the bill."""

from collections.abc import Callable
from dataclasses import dataclass, replace
from decimal import Decimal

from hypothesis import given
from hypothesis import strategies as st

from mlguard.cost.assumptions import Traffic
from mlguard.cost.bill import Bill
from mlguard.cost.prices import PriceBook
from mlguard.cost.span import Span
from mlguard.data.prices import Price, Tier
from mlguard.resources.kinds import AnyResource
from tests.builders.account import arn
from tests.builders.cost import billed, terms
from tests.builders.functions import function, measured, provisioned

RPS = st.decimals(min_value=0, max_value=1000, places=3)
SECONDS = st.decimals(min_value="0.001", max_value=900, places=3)
MEMORY = st.integers(min_value=128, max_value=10240)
KEPT = st.integers(min_value=0, max_value=5)
ARCHITECTURES = st.sampled_from(("x86_64", "arm64"))
TINY = Decimal("1e-9")


@dataclass(frozen=True, slots=True)
class Dearer(PriceBook):
    """The same book, each price of Lambda's so many times as high."""

    factor: Decimal = Decimal(1)

    def function(self, region: str, architecture: str, charge: str) -> Price | None:
        price = PriceBook.function(self, region, architecture, charge)
        return price and replace(price, amount=price.amount * self.factor)

    def function_tiers(self, region: str, architecture: str, charge: str) -> tuple[Tier, ...]:
        return tuple(
            replace(tier, price=replace(tier.price, amount=tier.price.amount * self.factor))
            for tier in PriceBook.function_tiers(self, region, architecture, charge)
        )


@dataclass(frozen=True, slots=True)
class Case:
    """A function, and what it does."""

    rps: Decimal
    seconds: Decimal
    memory_mb: int
    kept: int
    architecture: str
    free_tier: bool
    factor: Decimal = Decimal(1)

    def whole(self) -> Span:
        resources: tuple[AnyResource, ...] = (
            function(
                memory_mb=self.memory_mb,
                architecture=self.architecture,
                reserved_concurrency=None,
            ),
            *((provisioned("live", self.kept),) if self.kept else ()),
        )
        under = terms(
            free_tier=self.free_tier, predict=Traffic(rps=self.rps, latency_s=self.seconds)
        )
        return billed(replace(under, book=Dearer(factor=self.factor)), *resources).monthly_usd


CASES = st.builds(Case, RPS, SECONDS, MEMORY, KEPT, ARCHITECTURES, st.booleans())


def no_cheaper(case: Case, more: Callable[[Case], Case]) -> None:
    one, other = case.whole(), more(case).whole()
    assert one.min <= other.min + TINY
    assert one.expected <= other.expected + TINY
    assert one.max <= other.max + TINY


@given(CASES, RPS)
def test_more_calls_never_cost_less(case: Case, more: Decimal) -> None:
    no_cheaper(case, lambda one: replace(one, rps=one.rps + more))


@given(CASES, SECONDS)
def test_longer_calls_never_cost_less(case: Case, more: Decimal) -> None:
    no_cheaper(case, lambda one: replace(one, seconds=one.seconds + more))


@given(CASES, MEMORY)
def test_more_memory_never_costs_less(case: Case, more: int) -> None:
    no_cheaper(case, lambda one: replace(one, memory_mb=one.memory_mb + more))


@given(CASES, st.decimals(min_value=1, max_value=10, places=2))
def test_higher_prices_never_cost_less(case: Case, factor: Decimal) -> None:
    no_cheaper(case, lambda one: replace(one, factor=factor))


@given(CASES)
def test_the_free_tier_takes_something_off_and_never_more_than_there_is(case: Case) -> None:
    free = replace(case, free_tier=True).whole()
    full = replace(case, free_tier=False).whole()
    assert free.min >= 0
    assert free.expected <= full.expected + TINY
    # 1,000,000 requests and 400,000 GB-seconds at the prices of the first tier.
    assert full.expected - free.expected <= Decimal("0.2") + Decimal("6.66668") + TINY


COUNTS = st.lists(st.integers(min_value=0, max_value=10**7).map(float), max_size=30)
LATENCIES = st.lists(
    st.floats(min_value=0, max_value=900_000, allow_nan=False), min_size=1, max_size=30
)


def measured_bill(counts: list[list[float]], latencies: list[float], statistic: str) -> Bill:
    resources: list[AnyResource] = []
    for index, values in enumerate(counts):
        name = f"f{index}"
        resources += [
            function(name, timeout_s=900, memory_mb=1024, reserved_concurrency=None),
            measured("Invocations", *values, of=name),
            measured("Duration", *latencies, statistic=statistic, of=name),
        ]
    return billed(terms(free_tier=True), *resources)


@given(st.lists(COUNTS, min_size=1, max_size=4), LATENCIES, st.sampled_from(("Average", "p99")))
def test_what_was_measured_is_in_order_and_the_parts_are_the_whole(
    counts: list[list[float]], latencies: list[float], statistic: str
) -> None:
    bill = measured_bill(counts, latencies, statistic)
    assert bill.complete
    assert len(bill.estimates) == len(counts)
    each = [one.monthly_usd for one in bill.estimates]
    for whole in each:
        assert whole is not None
        assert 0 <= whole.min <= whole.expected <= whole.max
    total = Span.total(span for span in each if span is not None)
    assert abs(total.expected - bill.monthly_usd.expected) < TINY
    paid = sum(
        line.units.expected
        for one in bill.estimates
        for line in one.lines
        if line.what == "requests" and line.units
    )
    called = sum(sum(values) for values in counts) * 2_628_000 / 2_592_000
    assert abs(float(paid) - max(called - 1_000_000, 0)) < 1e-3
    assert bill.of(arn("lambda", "function:f0")) is not None
