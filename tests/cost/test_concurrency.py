"""How much concurrency is enough and when it pays, from the prices and by Little's law."""

from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mlguard.cost.prices import PriceBook
from mlguard.cost.sizing.concurrency import (
    WarmPrices,
    against_instances,
    against_serverless,
    arm_saving,
    break_even,
    break_even_requests,
    load,
    memory_break_even,
    needed,
    steady_rps,
    utilisation,
    wasted,
)

BOOK = PriceBook()
HOME = "us-east-1"


def prices(architecture: str = "x86_64") -> WarmPrices:
    found = WarmPrices.of(BOOK, HOME, architecture)
    assert found is not None
    return found


@pytest.mark.parametrize(
    ("vector", "architecture", "expected"),
    [("L4", "x86_64", "0.60000"), ("L4arm", "arm64", "0.60001")],
)
def test_the_break_even_follows_from_the_prices(
    vector: str, architecture: str, expected: str
) -> None:
    found = break_even(prices(architecture))
    assert found is not None, vector
    assert round(found.amount, 5) == Decimal(expected)
    assert "utilisation of 0.60" in found.because


def test_l5_a_million_calls_use_three_eighths_of_one_environment() -> None:
    rps = Decimal("0.380517503805175")
    assert round(utilisation(rps, Decimal("0.985"), 1), 5) == Decimal("0.37481")


def test_l6_the_calls_from_which_one_environment_pays() -> None:
    found = break_even_requests(prices(), count=1, seconds=Decimal("0.985"))
    assert found is not None
    assert round(found.amount) == 1_600_812
    assert "1,600,812 calls of 0.985 s" in found.because


def test_q1_five_reserved_take_five_calls_a_second() -> None:
    found = steady_rps(5, Decimal("0.985"))
    assert round(found.amount, 4) == Decimal("5.0761")
    assert "5.08 calls a second" in found.because


@pytest.mark.parametrize(
    ("vector", "rps", "at_once", "enough"), [("Q2", 5, "4.925", 5), ("Q3", 10, "9.85", 10)]
)
def test_littles_law(vector: str, rps: int, at_once: str, enough: int) -> None:
    assert load(Decimal(rps), Decimal("0.985")) == Decimal(at_once), vector
    found = needed(Decimal(rps), Decimal("0.985"))
    assert found.amount == enough
    assert at_once in found.because


@pytest.mark.parametrize(("used", "usd"), [("0", "1.36876"), ("0.37481", "0.51367")])
def test_what_one_idle_environment_wastes(used: str, usd: str) -> None:
    found = wasted(prices(), gigabytes=Decimal("0.125"), count=1, used=Decimal(used))
    # 2.76581 on one environment (L3) less 2.25209 on demand (L2) is 0.51372, before rounding u.
    assert abs(found.amount - Decimal(usd)) < Decimal("0.0001")


def test_at_the_break_even_nothing_is_wasted() -> None:
    even = break_even(prices())
    assert even is not None
    found = wasted(prices(), gigabytes=Decimal(10), count=7, used=even.amount)
    assert abs(found.amount) < Decimal("1e-9")


def test_where_running_warm_is_no_cheaper_it_never_pays() -> None:
    dear = WarmPrices(on_demand=Decimal(1), kept=Decimal(1), running=Decimal(1))
    assert break_even(dear) is None
    assert break_even_requests(dear, count=1, seconds=Decimal(1)) is None


def test_prices_that_are_not_known_are_not_borrowed() -> None:
    assert WarmPrices.of(BOOK, "ap-east-1", "x86_64") is None
    assert arm_saving(BOOK, "ap-east-1", gb_s=Decimal(1)) is None


def test_arm_saves_a_fifth_if_it_takes_as_long() -> None:
    found = arm_saving(BOOK, HOME, gb_s=Decimal(123_125))
    # L2 less L2arm, 2.25209 - 1.84167, each of which is rounded.
    assert found is not None
    assert abs(found.amount - Decimal("0.41042")) <= Decimal("0.00001")
    assert "1.25 times as long" in found.because


def test_an_endpoint_without_instances_refuses_what_is_beyond_its_concurrency() -> None:
    assert against_serverless(5, 5).amount == 0
    found = against_serverless(8, 5)
    assert found.amount == 3
    assert "takes 5 at once: 3 of them are refused" in found.because


def test_an_endpoint_on_instances_is_sent_more_than_it_scales_for() -> None:
    # 20 at once of 0.5 s are 40 a second; 2 instances of 600 a minute are 20.
    found = against_instances(20, Decimal("0.5"), instances=2, target_per_minute=Decimal(600))
    assert found.amount == 2
    assert "40.00 calls a second" in found.because
    assert "scales for 20.00" in found.because


def test_twice_the_memory_costs_no_more_in_half_the_time() -> None:
    assert memory_break_even(128, 256).amount == Decimal("0.5")


RATES = st.decimals(min_value="0.001", max_value=10_000, places=3)
SECONDS = st.decimals(min_value="0.001", max_value=900, places=3)


@given(RATES, SECONDS)
def test_what_is_enough_takes_the_peak_and_one_less_does_not(
    rps: Decimal, seconds: Decimal
) -> None:
    count = int(needed(rps, seconds).amount)
    assert steady_rps(count, seconds).amount >= rps - Decimal("1e-9")
    if count > 1:
        assert steady_rps(count - 1, seconds).amount < rps


@given(st.decimals(min_value=0, max_value=1, places=4), st.integers(1, 1000))
def test_waste_falls_as_utilisation_rises_and_changes_sign_at_the_break_even(
    used: Decimal, count: int
) -> None:
    even = break_even(prices())
    assert even is not None
    found = wasted(prices(), gigabytes=Decimal(1), count=count, used=used).amount
    assert (found > 0) == (used < even.amount)
