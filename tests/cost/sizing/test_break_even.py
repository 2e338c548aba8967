"""Break-even points and scaling targets: the worked numbers, and what holds of all."""

from decimal import ROUND_HALF_UP, Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mlguard.cost.prices import PriceBook
from mlguard.cost.serverless import second_of
from mlguard.cost.sizing.break_even import BreakEven, break_even
from mlguard.cost.sizing.by_use import batch_hours
from mlguard.cost.sizing.target import scaling_target

T2_MEDIUM = Decimal("0.056") * 730
BOOK = PriceBook()

# B-2048-s, B-2048-100ms/day, B-2048-985ms/day; the same of 4096 and 6144 MB.
VECTORS = [
    (2048, 1_022_000, 336_000, 34_112),
    (4096, 511_000, 168_000, 17_056),
    (6144, 340_667, 112_000, 11_371),
]


def against_t2_medium(memory_mb: int, latency_s: str | None = None) -> BreakEven:
    price = second_of("us-east-1", memory_mb, BOOK)
    assert price is not None
    return break_even(
        T2_MEDIUM, price.amount, latency_s=None if latency_s is None else Decimal(latency_s)
    )


def whole(amount: Decimal | None) -> int:
    assert amount is not None
    return int(amount.quantize(Decimal(1), ROUND_HALF_UP))


@pytest.mark.parametrize(("memory_mb", "seconds", "of_100_ms", "of_985_ms"), VECTORS)
def test_serverless_against_ml_t2_medium(
    memory_mb: int, seconds: int, of_100_ms: int, of_985_ms: int
) -> None:
    assert whole(against_t2_medium(memory_mb).seconds_per_month) == seconds
    assert whole(against_t2_medium(memory_mb, "0.1").requests_per_day) == of_100_ms
    assert whole(against_t2_medium(memory_mb, "0.985").requests_per_day) == of_985_ms


def test_data_that_only_one_of_them_bills_moves_it() -> None:  # vector B-data
    found = break_even(
        T2_MEDIUM,
        Decimal("0.00004"),
        latency_s=Decimal("0.985"),
        per_gb=Decimal("0.016"),
        payload_mb=Decimal("0.1"),
    )
    assert whole(found.requests_per_month) == 997_986


def test_without_a_latency_it_is_known_in_seconds_alone() -> None:
    found = against_t2_medium(2048)
    assert found.requests_per_day is None
    assert found.per_request is None


def test_a_second_that_costs_nothing_has_no_break_even() -> None:
    with pytest.raises(ValueError, match="has to cost something"):
        break_even(T2_MEDIUM, Decimal(0))


def test_a_nightly_job_of_ten_thousand_records() -> None:  # vector BT
    seconds = Decimal(10_000) * Decimal("0.985") * 730 / 24
    assert round(batch_hours(seconds) * Decimal("0.115"), 4) == Decimal("9.8622")


def test_a_target_is_half_of_what_an_instance_can_answer_in_a_minute() -> None:  # vector S1
    assert scaling_target(Decimal(20)) == 600


@pytest.mark.parametrize("rate", [0, -1])
def test_a_rate_that_was_not_measured_has_no_target(rate: int) -> None:
    with pytest.raises(ValueError, match="has no target"):
        scaling_target(Decimal(rate))


@pytest.mark.parametrize("safety", ["0", "1.1"])
def test_a_factor_that_leaves_nothing_or_adds_something_is_refused(safety: str) -> None:
    with pytest.raises(ValueError, match="safety factor"):
        scaling_target(Decimal(20), safety=Decimal(safety))


@given(
    st.decimals("0.01", "10000", places=2),
    st.decimals("0.00001", "0.001", places=5),
    st.decimals("0.001", "60", places=3),
)
def test_at_the_break_even_both_cost_the_same(
    fixed: Decimal, per_second: Decimal, latency: Decimal
) -> None:
    found = break_even(fixed, per_second, latency_s=latency)
    assert found.requests_per_month is not None
    assert found.per_request is not None
    assert abs(found.requests_per_month * found.per_request - fixed) < Decimal("1e-12")
    assert abs(found.seconds_per_month * per_second - fixed) < Decimal("1e-12")
