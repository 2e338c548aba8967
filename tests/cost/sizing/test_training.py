"""What spot has saved, and what training the same N times wastes."""

from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mlguard.cost.sizing.training import spot_saving_of, wasted
from tests.builders.jobs import training_job, training_spec


def test_the_saving_is_of_all_jobs_together() -> None:
    long = training_job(training_time_s=900, billable_time_s=300)
    short = training_job(training_time_s=100, billable_time_s=100)
    assert spot_saving_of([long, short]) == Decimal("0.6")


def test_jobs_on_demand_tell_nothing_of_spot() -> None:
    plain = training_job(spec=training_spec(spot=False), training_time_s=900, billable_time_s=900)
    assert spot_saving_of([plain]) is None
    assert spot_saving_of([]) is None
    assert spot_saving_of([training_job(training_time_s=900)]) is None


def test_four_instances_that_train_the_same_waste_three_quarters() -> None:
    assert wasted(Decimal(100), copies=4) == 75
    assert wasted(Decimal(100), copies=1) == 0


def test_no_instance_trains_nothing() -> None:
    with pytest.raises(ValueError, match="0 instances"):
        wasted(Decimal(1), copies=0)


@given(usd=st.decimals(0, 10_000, places=2), copies=st.integers(1, 100))
def test_more_copies_waste_more_and_never_all(usd: Decimal, copies: int) -> None:
    assert wasted(usd, copies=copies) <= wasted(usd, copies=copies + 1) <= usd
