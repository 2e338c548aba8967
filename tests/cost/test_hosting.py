"""What endpoints cost a month: instances under scaling, by status, shadows, storage, the unknown.

Prices of us-east-1: ml.t2.medium 0.056 an hour, ml.m5.large 0.115; 730 hours a month.
"""

from datetime import timedelta
from decimal import Decimal

import pytest
from msgspec.structs import replace

from mlguard.cost.assumptions import Traffic
from mlguard.cost.span import Span
from mlguard.resources.capacity import InstanceGroup, InstancePool, Unspecified
from mlguard.resources.hosting import ManagedScaling, RunningVariant
from mlguard.resources.metrics import MetricSeries
from tests.builders.account import NOW, days_ago, gap
from tests.builders.hosting import endpoint, endpoint_config, invocations, running, variant
from tests.builders.scaling import scalable_target, scaling_policy, scheduled_action
from tests.cost.estimating import estimate, monthly, said, terms, usd

RANGE = usd("40.88", "40.88", "163.52")
SIX_HOURS = Traffic(rps=Decimal(4), hours_per_day=Decimal(6))


def per_hour(*values: float, days: int = 14) -> MetricSeries:
    return replace(invocations(*values, days=days), period_s=3600)


def test_one_instance_all_month() -> None:  # vector E1
    assert monthly(endpoint(), endpoint_config()) == Span.exactly(Decimal("40.880"))


def test_as_many_as_run_and_not_as_were_configured() -> None:
    now = endpoint(variants=(running(count=3),))
    assert monthly(now, endpoint_config()) == Span.exactly(Decimal("122.640"))


def test_an_endpoint_on_its_way_to_another_number_lies_between_the_two() -> None:
    moving = RunningVariant(name="AllTraffic", current_count=1, desired_count=3)
    found = monthly(endpoint(variants=(moving,)), endpoint_config())
    assert found == usd("40.880", "122.640", "122.640")


def test_what_was_configured_where_nobody_says_what_runs() -> None:
    planned = endpoint(variants=())
    config = endpoint_config(variant(count=2))
    assert monthly(planned, config) == Span.exactly(Decimal("81.760"))


def test_variants_and_shadow_variants_add_up() -> None:
    config = endpoint_config(variant(), shadow_variants=(variant("ml.m5.large", 2, name="next"),))
    found = estimate(endpoint(), config)
    assert [line.what for line in found.lines] == [
        "variant AllTraffic: ml.t2.medium",
        "shadow variant next: ml.m5.large",
    ]
    assert found.monthly_usd == Span.exactly(Decimal("40.88") + Decimal("167.90"))


def test_a_storage_volume_is_billed_for_each_instance() -> None:
    config = endpoint_config(variant(volume_size_gb=50))
    found = monthly(endpoint(variants=(running(count=2),)), config)
    assert found == Span.exactly(2 * Decimal("40.88") + 2 * 50 * Decimal("0.14"))


def test_a_price_that_is_derived_says_so() -> None:
    config = endpoint_config(variant("ml.c6g.large"))
    assert "derived" in said(estimate(endpoint(), config))


# Scaling: vectors S2.


def test_without_traffic_a_scaled_variant_is_taken_to_stay_as_it_is() -> None:
    found = estimate(endpoint(), endpoint_config(), scalable_target(), scaling_policy())
    assert found.monthly_usd == RANGE
    assert "between 1 and 4 instances" in said(found)
    assert "nobody measured" in said(found)


def test_six_hours_a_day_at_four_instances_as_stated() -> None:
    # 4 a second are 240 a minute: 3.4 times the target of 70.
    scaled = (endpoint(), endpoint_config(), scalable_target(), scaling_policy())
    found = monthly(*scaled, under=terms(breeds=SIX_HOURS))
    assert found == usd("40.88", "71.54", "163.52")


def test_six_hours_a_day_at_four_instances_as_observed() -> None:
    day = [240.0 * 60] * 6
    seen = per_hour(*day * 14)
    found = estimate(endpoint(), endpoint_config(), scalable_target(), scaling_policy(), seen)
    assert found.monthly_usd == usd("40.88", "71.54", "163.52")
    assert "as observed in 14 d" in said(found)


def test_burstable_instances_that_run_are_not_scaled_away() -> None:
    # SageMaker does not scale them: the policy would want one, four run and are paid.
    quiet = per_hour(*[1.0] * 24)
    scaled = (scalable_target(), scaling_policy(), quiet)
    four = endpoint(variants=(running(count=4),))
    assert monthly(four, endpoint_config(), *scaled) == usd("40.88", "163.52", "163.52")
    steady = monthly(four, endpoint_config(variant("ml.m5.large")), *scaled)
    assert steady.expected == steady.min


def test_datapoints_of_a_day_are_evened_out_and_say_so() -> None:
    # 86,400 calls a day are 60 a minute, all day long: one instance of 70.
    seen = invocations(*[86400.0] * 14)
    found = estimate(endpoint(), endpoint_config(), scalable_target(), scaling_policy(), seen)
    assert found.monthly_usd == RANGE
    assert "evened out within each 1 d" in said(found)


def test_the_time_before_the_endpoint_was_made_is_no_time_without_calls() -> None:
    young = endpoint(created_at=days_ago(1))
    seen = per_hour(*[240.0 * 60] * 24)
    found = monthly(young, endpoint_config(), scalable_target(), scaling_policy(), seen)
    assert found.expected == Decimal("163.52")


def test_what_is_left_of_the_last_day_is_no_time_without_calls() -> None:
    # 75 a minute are more than 70, and it is nine in the morning: of the last day 9 hours are over.
    day = 75.0 * 60 * 24
    today = replace(invocations(day, day, day * 9 / 24), end_at=NOW + timedelta(hours=15))
    seen = replace(today, start_at=today.end_at - timedelta(days=3))
    found = estimate(endpoint(), endpoint_config(), scalable_target(), scaling_policy(), seen)
    assert found.known().expected == Decimal("81.76")
    assert "as observed in 57 h" in said(found)


def test_a_new_endpoint_is_not_called_as_seldom_as_one_of_that_day() -> None:
    # 75 a minute in its only hour.
    seen = replace(invocations(75.0 * 60), end_at=NOW + timedelta(hours=15))
    young = endpoint(created_at=NOW - timedelta(hours=1))
    found = monthly(young, endpoint_config(), scalable_target(), scaling_policy(), seen)
    assert found.expected == Decimal("81.76")


def test_stated_traffic_is_believed_before_what_was_observed() -> None:
    seen = per_hour(*[1.0] * 24)
    scaled = (endpoint(), endpoint_config(), scalable_target(), scaling_policy(), seen)
    assert monthly(*scaled, under=terms(breeds=SIX_HOURS)).expected == Decimal("71.54")


def test_calls_of_another_variant_do_not_count() -> None:
    other = replace(per_hour(*[14400.0] * 24), dimensions={"VariantName": "Challenger"})
    scaled = (endpoint(), endpoint_config(), scalable_target(), scaling_policy(), other)
    assert monthly(*scaled) == RANGE


def test_stated_traffic_is_shared_by_weight() -> None:
    # A quarter of 16 a second is 4: four instances of 70 calls a minute.
    config = endpoint_config(variant(weight=1.0), variant(name="Big", weight=3.0))
    now = endpoint(variants=(running(), running("Big")))
    stated = terms(breeds=replace_traffic(rps=Decimal(16)))
    found = estimate(now, config, scalable_target(), scaling_policy(), under=stated)
    assert found.lines[0].monthly == usd("40.88", "71.54", "163.52")


def replace_traffic(rps: Decimal) -> Traffic:
    return Traffic(rps=rps, hours_per_day=Decimal(6))


def test_where_scale_in_is_disabled_the_peak_stays() -> None:
    grows = scaling_policy(scale_in_disabled=True)
    scaled = (endpoint(), endpoint_config(), scalable_target(), grows)
    found = estimate(*scaled, under=terms(breeds=SIX_HOURS))
    assert found.monthly_usd == usd("40.88", "163.52", "163.52")
    assert "stays" in said(found)


def test_where_scaling_out_is_suspended_nothing_moves() -> None:
    asleep = scalable_target(suspended=("DynamicScalingOutSuspended",))
    found = monthly(
        endpoint(), endpoint_config(), asleep, scaling_policy(), under=terms(breeds=SIX_HOURS)
    )
    assert found == RANGE


@pytest.mark.parametrize(
    "policy",
    [
        (),
        (scaling_policy(predefined_metric=None, custom_metric="CPUUtilization"),),
        (scaling_policy(policy_type="StepScaling", target_value=None, predefined_metric=None),),
    ],
    ids=["none", "of a metric of its own", "by steps"],
)
def test_a_policy_that_does_not_track_calls_says_nothing_of_traffic(policy: tuple) -> None:  # type: ignore[type-arg]  # of one kind or none
    scaled = (endpoint(), endpoint_config(), scalable_target(), *policy)
    found = estimate(*scaled, under=terms(breeds=SIX_HOURS))
    assert found.monthly_usd == RANGE
    assert "as many as now" in said(found)


def test_more_run_now_than_the_target_allows() -> None:
    now = endpoint(variants=(running(count=6),))
    found = monthly(now, endpoint_config(), scalable_target(), scaling_policy())
    assert found == usd("40.88", "245.28", "245.28")


def test_a_scheduled_action_widens_the_bounds_until_it_is_over() -> None:
    scaled = (endpoint(), endpoint_config(), scalable_target(), scaling_policy())
    coming = estimate(*scaled, scheduled_action(max_capacity=8))
    over = estimate(*scaled, scheduled_action(max_capacity=8, end_at=days_ago(1)))
    assert coming.monthly_usd == usd("40.88", "40.88", "327.04")
    assert "scheduled action day sets 1 to 8 at cron(0 7 * * ? *)" in said(coming)
    assert over.monthly_usd == RANGE


def test_a_real_time_variant_does_not_go_below_one_instance() -> None:
    found = estimate(
        endpoint(), endpoint_config(), scalable_target(min_capacity=0), scaling_policy()
    )
    assert found.monthly_usd == RANGE
    assert "keeps one instance" in said(found)


def test_an_asynchronous_variant_is_billed_while_requests_come() -> None:  # vector AS
    queue = endpoint_config(variant("ml.m5.large"), asynchronous=True)
    policy = scaling_policy(predefined_metric=None, custom_metric="ApproximateBacklogSize")
    two_hours = Traffic(rps=Decimal("0.5"), hours_per_day=Decimal(2), latency_s=Decimal(1))
    found = monthly(
        endpoint(),
        queue,
        scalable_target(min_capacity=0, max_capacity=2),
        policy,
        under=terms(breeds=two_hours),
    )
    assert found.min == 0
    assert round(found.expected, 4) == Decimal("6.9958")
    assert found.max == Decimal("167.90")


def test_managed_scaling_bounds_the_instances() -> None:
    managed = ManagedScaling(status="ENABLED", min_instances=0, max_instances=3)
    found = monthly(endpoint(), endpoint_config(variant(managed_scaling=managed)))
    assert found == usd("0", "40.88", "122.64")


def test_managed_scaling_that_is_disabled_bounds_nothing() -> None:
    managed = ManagedScaling(status="DISABLED", min_instances=0, max_instances=3)
    found = monthly(endpoint(), endpoint_config(variant(managed_scaling=managed)))
    assert found == Span.exactly(Decimal("40.88"))


# Statuses.


@pytest.mark.parametrize("status", ["Failed", "Deleting"])
def test_an_endpoint_that_runs_nothing_costs_nothing_and_says_that_it_is_assumed(
    status: str,
) -> None:
    found = estimate(endpoint(status=status, variants=()), endpoint_config())
    assert found.monthly_usd == Span.exactly(0)
    assert "does not document" in said(found)


def test_an_endpoint_that_failed_may_still_run_what_it_names() -> None:
    assert monthly(endpoint(status="Failed"), endpoint_config()) == usd("0", "0", "40.88")


def test_an_endpoint_that_is_being_created_is_priced_as_it_will_be() -> None:
    coming = endpoint(status="Creating", variants=(running(count=0),))
    found = estimate(coming, endpoint_config(variant(count=2)))
    assert found.monthly_usd == Span.exactly(Decimal("81.76"))
    assert "being created" in said(found)


def test_an_endpoint_out_of_service_is_billed_for_what_runs() -> None:
    found = estimate(endpoint(status="OutOfService"), endpoint_config())
    assert found.monthly_usd == Span.exactly(Decimal("40.88"))
    assert "OutOfService" in said(found)


# The unknown.


def test_an_endpoint_whose_configuration_was_deleted_is_unknown() -> None:
    found = estimate(endpoint())
    assert found.monthly_usd is None
    assert found.unknown == ("the configuration breeds-1 was not found",)


def test_an_endpoint_whose_configuration_could_not_be_read_says_why() -> None:
    found = estimate(endpoint(), gaps=(gap("EndpointConfig"),))
    assert "could not be read: not authorized" in found.unknown[0]


def test_a_price_that_is_not_known_is_neither_zero_nor_another_regions() -> None:
    assert estimate(endpoint(region="xx-nowhere-1"), endpoint_config()).monthly_usd is None
    far = (endpoint(region="sa-east-1"), endpoint_config(region="sa-east-1"))
    assert "sa-east-1" in estimate(*far).unknown[0]
    odd = endpoint_config(variant("ml.z99.huge"))
    assert estimate(endpoint(), odd).unknown == (
        "no price of ml.z99.huge as a host is known in us-east-1",
    )


def test_less_than_no_instance_takes_nothing_off_the_bill() -> None:
    found = estimate(endpoint(variants=(running(count=-3),)), endpoint_config())
    assert found.known() == Span.exactly(0)
    assert "less than nothing" in found.unknown[0]


def test_what_is_unknown_does_not_hide_what_is_known() -> None:
    config = endpoint_config(variant(), shadow_variants=(variant("ml.z99.huge", name="next"),))
    found = estimate(endpoint(), config)
    assert found.monthly_usd is None
    assert found.known() == Span.exactly(Decimal("40.88"))


def test_nobody_knows_which_type_of_a_pool_runs() -> None:
    pool = InstancePool(
        types=(
            InstanceGroup(instance_type="ml.t2.medium"),
            InstanceGroup(instance_type="ml.m5.large"),
        ),
        count=1,
    )
    found = estimate(endpoint(), endpoint_config(variant(capacity=pool)))
    assert found.unknown == ("nobody says which of ml.t2.medium, ml.m5.large runs",)


def test_a_pool_of_one_type_is_that_type() -> None:
    pool = InstancePool(types=(InstanceGroup(instance_type="ml.t2.medium"),))
    config = endpoint_config(variant(capacity=pool))
    assert monthly(endpoint(), config) == Span.exactly(Decimal("40.88"))
    nobody = estimate(endpoint(variants=()), config)
    assert nobody.unknown == ("nobody says how many instances run",)


def test_no_type_at_all_is_unknown() -> None:
    found = estimate(endpoint(), endpoint_config(variant(capacity=Unspecified())))
    assert found.unknown == ("the configuration names no instance type",)


@pytest.mark.parametrize(
    ("kind", "others"),
    [("ScalableTarget", ()), ("ScalingPolicy", (scalable_target(),))],
    ids=["targets", "policies"],
)
def test_scaling_that_could_not_be_read_leaves_the_most_unknown(
    kind: str,
    others: tuple,  # type: ignore[type-arg]  # of one kind or none
) -> None:
    found = estimate(endpoint(), endpoint_config(), *others, gaps=(gap(kind),))
    assert found.monthly_usd is None
    assert found.known().min == Decimal("40.88")
    assert "what scales it could not be read" in found.unknown[0]


def test_what_stands_at_zero_may_scale_where_nobody_could_read_how_far() -> None:
    none = endpoint(variants=(running(count=0),))
    found = estimate(none, endpoint_config(asynchronous=True), gaps=(gap("ScalableTarget"),))
    assert found.monthly_usd is None
    assert "could not be read" in found.unknown[0]


def test_a_scheduled_action_that_could_not_be_read_may_raise_the_bounds() -> None:
    scaled = (endpoint(), endpoint_config(), scalable_target(), scaling_policy())
    assert estimate(*scaled, gaps=(gap("ScheduledAction"),)).monthly_usd is None
    assert estimate(endpoint(), endpoint_config(), gaps=(gap("ScheduledAction"),)).monthly_usd


def test_managed_scaling_without_a_most_has_no_known_bound() -> None:
    managed = ManagedScaling(status="ENABLED", min_instances=1)
    found = estimate(endpoint(), endpoint_config(variant(managed_scaling=managed)))
    assert found.known().expected == Decimal("40.88")
    assert "MaxInstanceCount" in found.unknown[0]


def test_metrics_that_could_not_be_read_are_not_taken_for_silence() -> None:
    scaled = (endpoint(), endpoint_config(), scalable_target(), scaling_policy())
    found = estimate(*scaled, gaps=(gap("MetricSeries", subject=endpoint().arn),))
    assert found.monthly_usd == RANGE
    assert "could not be read" in said(found)


def test_a_series_from_before_the_endpoint_says_nothing() -> None:
    early = replace(per_hour(), end_at=NOW - timedelta(days=40), start_at=days_ago(54))
    scaled = (endpoint(), endpoint_config(), scalable_target(), scaling_policy(), early)
    assert "younger than" in said(estimate(*scaled))
