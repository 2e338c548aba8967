"""What jobs cost: a run of one, and the runs of a month."""

from datetime import timedelta
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from msgspec.structs import replace as changed

from mlguard.cost.estimate import Estimate
from mlguard.cost.history import family
from mlguard.cost.span import Span
from mlguard.resources.capacity import (
    InstanceGroup,
    InstanceGroups,
    InstancePool,
    Instances,
    Unspecified,
)
from mlguard.resources.jobs import TrainingJob, TuningJob
from tests.builders.account import NOW, arn, days_ago
from tests.builders.jobs import (
    processing_job,
    training_job,
    training_spec,
    transform_job,
    tuning_job,
)
from tests.cost.bills import billed, estimate, known, said

# us-east-1: ml.m5.large 0.115 an hour for training.
M5 = Decimal("0.115")


def on(instance_type: str = "ml.m5.large", count: int = 1, **spec: Any) -> Any:
    return training_spec(capacity=Instances(instance_type=instance_type, count=count), **spec)


def ran(name: str = "breeds-1", *, hours: int = 1, days: float = 1, **changes: Any) -> TrainingJob:
    spec = changes.pop("spec", on(spot=False))
    return training_job(
        arn=arn("sagemaker", f"training-job/{name}"),
        name=name,
        created_at=days_ago(days),
        started_at=days_ago(days),
        ended_at=days_ago(days) + timedelta(hours=hours),
        training_time_s=hours * 3600,
        billable_time_s=hours * 3600,
        spec=spec,
        **changes,
    )


def planned(**changes: Any) -> TrainingJob:
    fields = {"status": "InProgress", "created_at": NOW, "spec": on(), **changes}
    return training_job(**fields)


def by_name(*jobs: Any, **stated: Any) -> dict[str, Estimate]:
    return {one.name: one for one in billed(*jobs, **stated).estimates}


def test_a_run_costs_its_billable_time_on_each_instance() -> None:
    found = estimate(ran(hours=2, spec=on(count=3, spot=False)))
    assert found.per_run == 6 * M5
    assert known(found) == Span.exactly(6 * M5)


def test_managed_spot_is_billed_less_and_says_how_much_less() -> None:
    # API reference, "DescribeTrainingJob": 100 of 500 seconds is a saving of 80 %.
    job = training_job(spec=on(), training_time_s=500, billable_time_s=100)
    found = estimate(job)
    assert found.per_run is not None
    assert found.per_run.quantize(Decimal("1e-9")) == Decimal("0.003194444")
    assert "managed spot training saved 80%" in said(found)


def test_groups_of_a_cluster_are_billed_together() -> None:
    groups = InstanceGroups(
        groups=(
            InstanceGroup(instance_type="ml.m5.large", count=2),
            InstanceGroup(instance_type="ml.m5.xlarge", count=1),
        )
    )
    found = estimate(ran(spec=training_spec(capacity=groups, spot=False)))
    assert found.per_run == 2 * M5 + Decimal("0.23")
    assert len(found.lines) == 2


def test_what_aws_chooses_cannot_be_priced() -> None:
    found = estimate(ran(spec=training_spec(capacity=Unspecified(), spot=False)))
    assert found.monthly_usd is None
    assert "AWS chooses" in found.unknown[0]


def test_a_cluster_without_groups_is_not_one_that_costs_nothing() -> None:
    found = estimate(ran(spec=training_spec(capacity=InstanceGroups(groups=()), spot=False)))
    assert found.monthly_usd is None


def test_a_tuning_job_without_definitions_has_no_limit_of_nothing() -> None:
    found = estimate(changed(tuning(status="InProgress"), definitions=()))
    assert found.monthly_usd is None
    assert found.per_run_max is None


@pytest.mark.parametrize("types", [1, 2])
def test_a_pool_is_known_where_it_has_one_type(types: int) -> None:
    choices = (
        InstanceGroup(instance_type="ml.m5.large"),
        InstanceGroup(instance_type="ml.m5.xlarge"),
    )
    pool = InstancePool(types=choices[:types], count=1)
    found = estimate(ran(spec=training_spec(capacity=pool, spot=False)))
    assert (found.per_run == M5) == (types == 1)


def test_a_month_has_the_runs_of_the_last_30_days_each_as_it_was() -> None:
    runs = (ran("breeds-1", hours=1), ran("breeds-2", hours=3), ran("breeds-3", days=31))
    whole = billed(*runs)
    assert whole.monthly_usd == Span.exactly(4 * M5)
    found = {one.name: one for one in whole.estimates}
    assert "2 runs by their name" in said(found["breeds-1"])
    assert "not run in the last 30 days" in said(found["breeds-3"])
    assert found["breeds-3"].per_run == M5


def test_stated_runs_are_counted_once_by_the_newest() -> None:
    runs = (ran("breeds-1", days=3), ran("breeds-2", days=1), ran("cats-1"))
    found = by_name(*runs, runs={"breeds-*": Decimal(20)})
    assert known(found["breeds-2"]) == Span.exactly(20 * M5)
    assert known(found["breeds-1"]) == Span.exactly(0)
    assert known(found["cats-1"]) == Span.exactly(M5)
    assert "20 runs a month, as stated" in said(found["breeds-2"])


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        ("breeds", "breeds"),
        ("breeds-7", "breeds"),
        ("breeds-2026-10-18-09-00-00-123", "breeds"),
        ("breeds_20261018", "breeds"),
        ("search-261018-0900-004-1a2b3c4d", "search"),
        ("breeds-v2", "breeds-v2"),
        ("breeds-facade", "breeds-facade"),
        ("resnet50", "resnet50"),
        ("2026-10-18", "2026"),
    ],
)
def test_dates_counters_and_hashes_tell_runs_apart(name: str, expected: str) -> None:
    assert family(name) == expected


def test_a_name_made_to_be_read_for_ever_is_read() -> None:
    name = "breeds" + "-123456" * 5000 + "-x"
    assert family(name) == name


def test_a_planned_job_is_unknown_and_tells_its_bound() -> None:
    found = estimate(planned(spec=on(max_runtime_s=7200)))
    assert found.monthly_usd is None
    assert found.per_run is None
    assert found.per_run_max == 2 * M5
    assert "at most 2.00 instance-hours, 0.23 USD a run" in found.unknown[0]


def test_a_planned_job_that_is_said_to_be_run_costs_no_more_than_its_limit() -> None:
    found = estimate(planned(spec=on(max_runtime_s=7200)), runs={"breeds-1": Decimal(10)})
    assert known(found) == Span(Decimal(0), 20 * M5, 20 * M5)
    assert "each run is counted up to its limit" in said(found)


def test_a_job_that_runs_takes_as_long_as_earlier_runs() -> None:
    earlier = (ran("breeds-1", hours=1, days=3), ran("breeds-2", hours=2, days=2))
    now = planned(
        name="breeds-3",
        arn=arn("sagemaker", "training-job/breeds-3"),
        started_at=NOW - timedelta(hours=1),
        spec=on(spot=False, max_runtime_s=7200),
    )
    found = by_name(*earlier, now)["breeds-3"]
    assert known(found) == Span(M5, Decimal("1.5") * M5, 2 * M5)


def test_a_job_that_still_runs_is_of_this_month_whenever_it_was_made() -> None:
    long = on(spot=False, max_runtime_s=90 * 86400)
    earlier = ran("breeds-1", hours=960, days=80, spec=long)
    now = planned(
        name="breeds-2",
        arn=arn("sagemaker", "training-job/breeds-2"),
        created_at=days_ago(31),
        started_at=days_ago(31),
        spec=long,
    )
    assert known(by_name(earlier, now)["breeds-2"]).expected == 960 * M5


def test_earlier_runs_on_other_machines_tell_nothing() -> None:
    earlier = ran("breeds-1", spec=on("ml.m5.xlarge"))
    now = planned(name="breeds-2", arn=arn("sagemaker", "training-job/breeds-2"))
    assert by_name(earlier, now)["breeds-2"].monthly_usd is None


def test_a_job_that_failed_before_it_started_cost_nothing() -> None:
    assert known(estimate(training_job(status="Failed", spec=on()))) == Span.exactly(0)


def test_a_job_that_ended_without_a_word_on_its_time_is_unknown() -> None:
    found = estimate(training_job(spec=on(spot=False)))
    assert found.monthly_usd is None
    assert "how long it was billed is not told" in found.unknown[0]


def test_spot_without_billable_time_is_not_priced_by_its_training_time() -> None:
    job = training_job(spec=on(), started_at=days_ago(1), ended_at=NOW, training_time_s=60)
    assert estimate(job).monthly_usd is None


def half_an_hour(instance_type: str) -> dict[str, Any]:
    start = days_ago(1)
    capacity = Instances(instance_type=instance_type, count=2)
    return {
        "capacity": capacity,
        "started_at": start,
        "ended_at": start + timedelta(minutes=30),
    }


def test_a_processing_job_is_counted_from_start_to_end() -> None:
    found = estimate(processing_job(**half_an_hour("ml.m5.large")))
    assert known(found) == Span.exactly(M5)
    assert "from start to end" in said(found)
    assert "storage volumes are not counted" in said(found)


def test_a_transform_job_has_prices_of_its_own() -> None:
    here = transform_job(**half_an_hour("ml.m5.xlarge"))
    ireland = transform_job(**half_an_hour("ml.m5.xlarge"), region="eu-west-1")
    assert estimate(here).unknown == (
        "the price of ml.m5.xlarge for transform in us-east-1 is not known",
    )
    assert known(estimate(ireland)) == Span.exactly(Decimal("0.257"))


def test_an_unknown_price_is_unknown_however_short_the_run() -> None:
    found = estimate(ran(spec=on("ml.z99.huge", spot=False)))
    assert found.per_run is None
    assert found.unknown == ("the price of ml.z99.huge for training in us-east-1 is not known",)


def tuning(**changes: Any) -> TuningJob:
    return tuning_job(on(max_runtime_s=3600), **{"max_runtime_s": None, **changes})


def child(number: int, parent: TuningJob, **changes: Any) -> TrainingJob:
    name = f"search-261018-0900-00{number}-1a2b3c4d"
    return ran(name, tuning_job_arn=parent.arn, **changes)


def test_a_tuning_job_costs_what_its_training_jobs_do_and_they_are_not_billed_twice() -> None:
    parent = tuning()
    whole = billed(parent, child(1, parent, hours=1), child(2, parent, hours=2))
    assert [one.name for one in whole.estimates] == ["breeds-search"]
    assert whole.monthly_usd == Span.exactly(3 * M5)
    assert "the sum of 2 training jobs" in said(whole.estimates[0])


def test_training_jobs_of_a_tuning_job_that_was_not_read_stand_for_themselves() -> None:
    orphan = child(1, tuning())
    assert billed(orphan).monthly_usd == Span.exactly(M5)


def test_a_planned_tuning_job_costs_at_most_all_of_its_jobs() -> None:
    # 4 jobs of up to an hour.
    found = estimate(tuning(status="InProgress"))
    assert found.monthly_usd is None
    assert found.per_run_max == 4 * M5


def test_the_limit_of_the_whole_tuning_job_holds_too() -> None:
    # Two at once for half an hour.
    found = estimate(tuning(status="InProgress", max_runtime_s=1800))
    assert found.per_run_max == M5


def test_a_tuning_job_that_goes_on_takes_as_long_for_each() -> None:
    parent = tuning(status="InProgress")
    half = child(1, parent, hours=1, spec=on(spot=False, max_runtime_s=3600))
    found = estimate(parent, half)
    assert known(found) == Span(M5, 4 * M5, 4 * M5)


def test_a_tuning_job_that_ended_and_whose_jobs_were_not_read_is_unknown() -> None:
    found = estimate(tuning())
    assert found.monthly_usd is None
    assert "not in the snapshot" in found.unknown[0]


counts = st.integers(1, 20)
durations = st.integers(1, 100)


@given(count=counts, more=st.integers(0, 20), hours=durations, longer=st.integers(0, 100))
def test_more_machines_and_longer_runs_never_cost_less(
    count: int, more: int, hours: int, longer: int
) -> None:
    base = known(estimate(ran(hours=hours, spec=on(count=count, spot=False))))
    wider = known(estimate(ran(hours=hours, spec=on(count=count + more, spot=False))))
    slower = known(estimate(ran(hours=hours + longer, spec=on(count=count, spot=False))))
    assert base.expected <= wider.expected
    assert base.expected <= slower.expected


@given(
    ages=st.lists(st.integers(0, 60), max_size=6),
    often=st.one_of(st.none(), st.decimals(0, 100, places=1)),
    limit=st.integers(1, 100_000),
)
def test_a_bill_of_jobs_is_in_order_and_the_sum_of_its_lines(
    ages: list[int], often: Decimal | None, limit: int
) -> None:
    runs = [ran(f"breeds-{number}", days=age) for number, age in enumerate(ages)]
    now = planned(name="breeds-999", spec=on(spot=False, max_runtime_s=limit))
    whole = billed(*runs, now, runs={} if often is None else {"breeds-*": often})
    lines = [line.monthly for one in whole.estimates for line in one.lines if line.monthly]
    assert whole.monthly_usd == Span.total(lines)
    assert whole.monthly_usd.min <= whole.monthly_usd.expected <= whole.monthly_usd.max
