"""What a function costs: requests, duration, what is kept warm, what is free, what nobody knows."""

from decimal import Decimal

import pytest
from msgspec.structs import replace as changed

from mlguard.cost.assumptions import Traffic
from mlguard.cost.bill import bill
from mlguard.cost.span import Span
from mlguard.resources.metrics import MetricSeries
from tests.builders.account import NOW, gap, snapshot
from tests.builders.cost import MILLION, TERMS, calls, estimated, lines, month, terms, usd
from tests.builders.functions import (
    FUNCTION_ARN,
    alias,
    function,
    measured,
    provisioned,
    version,
)
from tests.builders.scaling import scalable_target, scheduled_action


def warmed(*values: float, qualifier: str = "live") -> MetricSeries:
    series = measured("ProvisionedConcurrencyInvocations", *values)
    return changed(series, arn=f"{FUNCTION_ARN}:{qualifier}")


def test_l2_a_million_calls_on_demand() -> None:
    assert usd(estimated(terms(predict=MILLION), function())) == Decimal("2.25209")


def test_l2arm_a_million_calls_on_arm() -> None:
    arm = function(architecture="arm64")
    assert usd(estimated(terms(predict=MILLION), arm)) == Decimal("1.84167")


def test_l2ft_a_million_calls_are_free_if_all_of_the_free_tier_is_theirs() -> None:
    free = estimated(terms(free_tier=True, predict=MILLION), function())
    assert usd(free) == 0
    assert any("free tier" in said for line in free.lines for said in line.assumptions)


def test_l1_one_environment_kept_warm_all_month() -> None:
    kept = lines(estimated(terms(predict=calls(0)), function(), provisioned()))
    idle = month(kept["provisioned concurrency of live, idle"])
    assert round(idle.expected, 5) == Decimal("1.36876")
    assert month(kept["provisioned concurrency of live, in use"]) == Span.exactly(0)


def test_l3_a_million_calls_on_one_environment() -> None:
    whole = estimated(terms(predict=MILLION), function(), provisioned())
    assert usd(whole) == Decimal("2.76581")
    parts = lines(whole)
    used = parts["provisioned concurrency of live, in use"].units
    idle = parts["provisioned concurrency of live, idle"].units
    assert used is not None
    assert idle is not None
    # L5: it is in use for 0.37481 of the month.
    assert round(used.expected / (used.expected + idle.expected), 5) == Decimal("0.37481")


def test_the_free_tier_is_not_for_what_is_kept_warm() -> None:
    free = terms(free_tier=True, predict=MILLION)
    assert usd(estimated(free, function(), provisioned())) == Decimal("2.76581")


def test_what_does_not_fit_on_one_environment_runs_on_demand() -> None:
    # 4,000,000 times 0.985 s are 3,940,000 s, of which a month of one holds 2,628,000.
    parts = lines(estimated(terms(predict=calls(4_000_000)), function(), provisioned()))
    assert month(parts["duration on live"]) == Span.exactly(
        Decimal(2_628_000) / 8 * Decimal("9.7222e-6")
    )
    spilled = parts["duration"].units
    assert spilled is not None
    assert round(spilled.expected, 6) == Decimal(1_312_000) / 8
    assert month(parts["provisioned concurrency of live, idle"]) == Span.exactly(0)


def test_calls_in_a_part_of_the_day_leave_the_environment_idle_for_the_rest() -> None:
    busy = Traffic(rps=Decimal(2), latency_s=Decimal(1), hours_per_day=Decimal(6))
    parts = lines(estimated(terms(predict=busy), function(), provisioned()))
    used = parts["provisioned concurrency of live, in use"].units
    assert used == Span.exactly(Decimal(2_628_000) / 4 / 8)
    assert parts["duration"].units == used


def test_nobody_knows_how_often_it_is_called() -> None:
    whole = estimated(TERMS, function())
    assert whole.monthly_usd is None
    assert set(whole.unknown) == {"nobody measured or said how often it is called"}


def test_what_is_kept_warm_is_known_though_the_calls_are_not() -> None:
    whole = estimated(TERMS, function(), provisioned())
    assert whole.monthly_usd is None
    assert round(whole.known().expected, 5) == Decimal("1.36876")


def test_calls_of_unknown_duration_have_a_known_price_of_requests() -> None:
    said = Traffic(rps=Decimal(1))
    whole = estimated(terms(predict=said), function())
    assert lines(whole)["requests"].monthly == Span.exactly(Decimal("0.5256"))
    assert whole.unknown == ("nobody measured or said how long a call runs",)


def test_no_call_in_a_window_that_was_read_whole_costs_nothing() -> None:
    whole = estimated(TERMS, function(), measured("Invocations"))
    assert whole.monthly_usd == Span.exactly(0)


def test_a_function_that_is_switched_off_costs_nothing() -> None:
    whole = estimated(terms(predict=MILLION), function(reserved_concurrency=0))
    assert whole.monthly_usd == Span.exactly(0)


def test_measured_calls_are_scaled_to_a_month_between_its_quietest_and_its_busiest_day() -> None:
    # 100 a day, but 400 on one: 3300 in 30 days. The window ends now.
    series = measured("Invocations", *[100.0] * 29, 400.0)
    mean = measured("Duration", *[200.0] * 29, 400.0, statistic="Average")
    units = lines(estimated(TERMS, function(), series, mean))["requests"].units
    a_day = Decimal(2_628_000) / 86_400
    assert units is not None
    assert (units.min, units.expected, units.max) == pytest.approx(
        (100 * a_day, 110 * a_day, 400 * a_day)
    )


def test_of_hours_nobody_knows_which_make_a_day_so_the_busiest_ones_do() -> None:
    # Two calls in each hour of 30 days, but ten in five of them.
    hourly = [2.0] * 715 + [10.0] * 5
    series = changed(measured("Invocations", *hourly), period_s=3600)
    mean = changed(measured("Duration", *[500.0] * 720, statistic="Average"), period_s=3600)
    parts = lines(estimated(TERMS, function(), series, mean))
    requests, duration = parts["requests"].units, parts["duration"].units
    days = Decimal(2_628_000) / 86_400
    assert requests is not None
    assert duration is not None
    assert (requests.min, requests.max) == pytest.approx((48 * days, (5 * 10 + 19 * 2) * days))
    assert requests.expected == pytest.approx(1480 * Decimal(2_628_000) / 2_592_000)
    assert duration.max == pytest.approx(requests.max / 16)


def test_hours_without_a_call_make_the_quietest_day() -> None:
    series = changed(measured("Invocations", *[7.0] * 700), period_s=3600)
    requests = lines(estimated(TERMS, function(), series))["requests"].units
    # 20 of 720 hours had none: the quietest day may have had all of those, and 4 others.
    assert requests is not None
    assert requests.min == pytest.approx(4 * 7 * Decimal(2_628_000) / 86_400)


def test_the_mean_duration_is_weighted_by_the_calls_of_each_day() -> None:
    series = measured("Invocations", 900.0, 100.0)
    mean = measured("Duration", 100.0, 1100.0, statistic="Average")
    units = lines(estimated(TERMS, function(), series, mean))["duration"].units
    # 900 at 0.1 s and 100 at 1.1 s are 200 s in 30 days.
    assert units is not None
    assert round(units.expected, 9) == round(Decimal(200) / 8 * Decimal(2_628_000) / 2_592_000, 9)


def test_days_without_a_call_have_no_datapoint_and_count() -> None:
    units = lines(
        estimated(TERMS, function(), measured("Invocations", 300.0), measured("Duration", 10.0))
    )["requests"].units
    assert units is not None
    assert units.min == 0
    assert units.expected == 300 * Decimal(2_628_000) / 2_592_000


def test_a_p99_is_an_upper_bound_and_says_so() -> None:
    series = measured("Invocations", *[1000.0] * 30)
    p99 = measured("Duration", *[985.0] * 30, statistic="p99")
    duration = lines(estimated(TERMS, function(timeout_s=65), series, p99))["duration"]
    requests = Decimal(30_000) * Decimal(2_628_000) / 2_592_000
    assert duration.units is not None
    assert round(duration.units.expected, 6) == round(requests * Decimal("0.985") / 8, 6)
    # 99 calls of 0.985 s at most, and one that runs into the timeout.
    most = requests * (Decimal("0.985") * 99 + 65) / 100 / 8
    assert round(duration.units.max, 6) == round(most, 6)
    assert any("too much" in said for said in duration.assumptions)


def test_what_ran_warm_was_measured() -> None:
    series = measured("Invocations", *[1000.0] * 30)
    mean = measured("Duration", *[100.0] * 30, statistic="Average")
    parts = lines(estimated(TERMS, function(), provisioned(), series, mean, warmed(*[750.0] * 30)))
    warm, cold = parts["duration on live"].units, parts["duration"].units
    assert warm is not None
    assert cold is not None
    assert round(warm.expected, 9) == round(3 * cold.expected, 9)


def test_nobody_measured_what_ran_warm() -> None:
    series = measured("Invocations", 1000.0)
    mean = measured("Duration", 100.0, statistic="Average")
    whole = estimated(TERMS, function(), provisioned(), series, mean)
    assert lines(whole)["requests"].monthly is not None
    assert set(whole.unknown) == {
        "what share of the calls ran on provisioned concurrency was not measured"
    }


def test_provisioned_concurrency_that_could_not_be_read_is_unknown() -> None:
    hidden = snapshot(function(), gaps=(gap("ProvisionedConcurrency", subject=FUNCTION_ARN),))
    found = bill(hidden, terms(predict=MILLION)).of(FUNCTION_ARN)
    assert found is not None
    assert found.monthly_usd is None
    assert all("service:Operation" in reason for reason in found.unknown)
    assert lines(found)["requests"].monthly == Span.exactly(Decimal("0.2"))


@pytest.mark.parametrize("kind", ["FunctionVersion", "FunctionAlias", "ScalableTarget"])
def test_what_could_make_it_more_and_was_not_read_is_unknown(kind: str) -> None:
    warm = (function(), alias(), version(), provisioned())
    found = bill(snapshot(*warm, gaps=(gap(kind),)), terms(predict=calls(1_000_000)))
    (whole,) = found.estimates
    assert whole.monthly_usd is None
    assert "could not be read (service:Operation)" in whole.unknown[0]
    elsewhere = (gap(kind, region="eu-west-1"),)
    found = bill(snapshot(*warm, gaps=elsewhere), terms(predict=calls(1_000_000)))
    assert found.estimates[0].monthly_usd is not None


@pytest.mark.parametrize("unread", ["ScalableTarget", "ScheduledAction"])
def test_scaling_is_no_matter_where_nothing_of_it_can_be_there(unread: str) -> None:
    kept = () if unread == "ScalableTarget" else (alias(), version(), provisioned())
    found = bill(snapshot(function(), *kept, gaps=(gap(unread),)), terms(predict=calls(1_000_000)))
    assert found.estimates[0].monthly_usd is not None


def test_a_scheduled_action_may_keep_more_warm_than_the_target_does() -> None:
    name = {"resource_id": "function:predict:live", "service_namespace": "lambda"}
    target = scalable_target(**name, min_capacity=1, max_capacity=3)
    warm = (function(), alias(), version(), provisioned(), target)
    day = scheduled_action(**name, min_capacity=50, max_capacity=50)
    found = estimated(terms(predict=calls(0)), *warm, day)
    assert found.monthly_usd is not None
    # 50 of 128 MB, all month: vector L1 fifty times.
    assert round(found.monthly_usd.max, 2) == Decimal("68.44")
    assert found.monthly_usd.expected < 2
    gone = changed(day, end_at=NOW)
    past = estimated(terms(predict=calls(0)), *warm, gone).monthly_usd
    assert past is not None
    assert round(past.max, 2) == Decimal("4.11")


def test_a_version_kept_warm_has_its_own_memory_and_architecture() -> None:
    large = version(memory_mb=1024, architecture="arm64")
    kept = lines(estimated(terms(predict=calls(0)), function(), provisioned(), alias(), large))[
        "provisioned concurrency of live, idle"
    ]
    assert kept.monthly == Span.exactly(Decimal(2_628_000) * Decimal("3.3334e-6"))


def test_a_version_that_is_not_known_is_taken_to_be_as_latest() -> None:
    kept = lines(estimated(terms(predict=calls(0)), function(), provisioned(), alias()))
    assert any(
        "taken to be as $LATEST" in said
        for said in kept["provisioned concurrency of live, idle"].assumptions
    )


def test_callers_may_reach_versions_of_another_size() -> None:
    units = lines(estimated(terms(predict=MILLION), function(), alias(), version(memory_mb=256)))[
        "duration"
    ].units
    assert units is not None
    assert units.max == 2 * units.min == 2 * units.expected


def test_a_scalable_target_says_how_few_and_how_many() -> None:
    target = scalable_target(
        service_namespace="lambda", resource_id="function:predict:live", max_capacity=4
    )
    kept = lines(estimated(TERMS, function(), provisioned("live", 2), target))[
        "provisioned concurrency of live"
    ]
    one = Decimal(2_628_000) / 8 * Decimal("4.1667e-6")
    assert kept.monthly == Span(one, 2 * one, 4 * one)


def test_an_allocation_that_failed_is_billed_as_far_as_it_went() -> None:
    failed = provisioned("live", 8, status="FAILED", allocated=None)
    kept = lines(estimated(TERMS, function(), failed))["provisioned concurrency of live"]
    assert kept.monthly == Span.exactly(0)
