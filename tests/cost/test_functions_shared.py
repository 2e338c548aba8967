"""What the functions of an account share: tiers, the free tier, what may run at once."""

from dataclasses import replace
from decimal import Decimal

import pytest
from msgspec.structs import replace as changed

from mlguard.cost.assumptions import Traffic
from mlguard.cost.span import Span
from tests.builders.account import arn
from tests.builders.cost import MILLION, TERMS, billed, calls, estimated, lines, month, terms
from tests.builders.functions import (
    FUNCTION_ARN,
    function,
    lambda_account,
    measured,
    provisioned,
)


@pytest.mark.parametrize(
    ("reserved", "account", "limit"),
    [(5, (), 5), (None, (lambda_account(unreserved=7),), 7), (5, (lambda_account(),), 5)],
)
def test_what_is_throttled_is_not_billed(
    reserved: int | None, account: tuple[object, ...], limit: int
) -> None:
    flood = Traffic(rps=Decimal(100), latency_s=Decimal(1))
    parts = lines(
        estimated(
            terms(predict=flood),
            function(reserved_concurrency=reserved),
            *account,  # type: ignore[arg-type]  # resources
        )
    )
    assert parts["requests"].units == Span.exactly(limit * 2_628_000)
    assert parts["duration"].units == Span.exactly(limit * Decimal(2_628_000) / 8)
    assert any(f"no more than {limit} run" in said for said in parts["duration"].assumptions)


def test_the_tiers_of_duration_are_filled_one_after_the_other() -> None:
    # 10 GB for 1.6e9 s: 16e9 GB-s, of which 6e9, 9e9 and 1e9 are in the three tiers.
    huge = function(memory_mb=10240, reserved_concurrency=None)
    parts = lines(estimated(terms(predict=calls(1_600_000_000, "1")), huge))
    units = [
        one.units and round(one.units.expected) for what, one in parts.items() if what != "requests"
    ]
    assert units == [6 * 10**9, 9 * 10**9, 10**9]
    whole = sum(month(one).expected for what, one in parts.items() if what != "requests")
    dear, less, least = Decimal("100000.2"), Decimal(135000), Decimal("13333.4")
    assert round(whole, 4) == dear + less + least


def test_functions_of_one_architecture_share_the_tiers_and_others_do_not() -> None:
    big = function(memory_mb=10240, reserved_concurrency=None)
    much = calls(600_000_000, "1")
    found = billed(
        terms(predict=much, resize=much, other=much),
        big,
        changed(big, name="resize", arn=arn("lambda", "function:resize")),
        changed(big, name="other", arn=arn("lambda", "function:other"), architecture="arm64"),
    )
    shared = found.of(FUNCTION_ARN)
    alone = found.of(arn("lambda", "function:other"))
    assert shared is not None
    assert alone is not None
    assert [round(one.units.expected) for one in shared.lines if one.units][1:] == [
        3 * 10**9,
        3 * 10**9,
    ]
    assert len(alone.lines) == 2


def test_the_free_tier_is_shared_by_the_functions_of_an_account() -> None:
    traffic = terms(free_tier=True, predict=calls(3_000_000), resize=calls(1_000_000))
    found = billed(traffic, function(), function("resize"))
    paid = [
        line.units.expected
        for one in found.estimates
        for line in one.lines
        if line.what == "requests" and line.units
    ]
    assert sorted(round(amount, 6) for amount in paid) == [750_000, 2_250_000]


def test_another_region_is_not_billed_at_the_price_of_this_one() -> None:
    far = function(region="ap-east-1")
    whole = estimated(terms(predict=MILLION), far)
    assert whole.unknown == ("the price of a request in ap-east-1 on x86_64 is not known",)
    duration = lines(whole)["duration"]
    assert duration.price is not None
    assert duration.price.amount == Decimal("0.0000232000")


def test_no_price_at_all_is_unknown() -> None:
    whole = estimated(terms(predict=MILLION), function(architecture="riscv"))
    assert len(whole.unknown) == 2
    assert whole.known() == Span.exactly(0)


def test_managed_instances_are_billed_as_instances() -> None:
    capacity = arn("lambda", "capacity-provider:c")
    whole = estimated(terms(predict=MILLION), function(capacity_provider=capacity), provisioned())
    assert whole.unknown == (
        "it runs on managed instances: their price, and the fee for them, are not known",
    )


def test_what_was_said_comes_before_what_was_measured() -> None:
    under = terms(predict=replace(MILLION, latency_s=None))
    units = lines(
        estimated(
            under,
            function(),
            measured("Invocations", 5.0),
            measured("Duration", 985.0, statistic="Average"),
        )
    )
    assert units["requests"].units == Span.exactly(Decimal(1_000_000))


def test_storage_beyond_what_is_free_is_billed_while_calls_run() -> None:
    roomy = function(ephemeral_storage_mb=2560)
    storage = lines(estimated(terms(predict=MILLION), roomy))
    # 2 GB for 985,000 s.
    whole = month(storage["ephemeral storage beyond 512 MB"])
    assert round(whole.expected, 9) == 1_970_000 * Decimal("0.0000000309")
    assert "ephemeral storage beyond 512 MB" not in lines(estimated(TERMS, function()))


def test_storage_of_calls_that_nobody_timed_is_unknown() -> None:
    storage = lines(estimated(TERMS, function(ephemeral_storage_mb=1024)))
    assert storage["ephemeral storage beyond 512 MB"].unknown is not None
