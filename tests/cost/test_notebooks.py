"""What notebook instances cost a month."""

from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mlguard.cost.span import Span
from tests.builders.notebooks import lifecycle, notebook
from tests.cost.bills import billed, estimate, known, said

FULL = Decimal("34.572")
VOLUME = Decimal("0.70")


def test_e2_a_notebook_that_runs_all_month() -> None:
    assert known(estimate(notebook())) == Span.exactly(FULL)


def test_e2b_a_notebook_of_eight_hours_on_21_days() -> None:
    found = estimate(notebook(), hours={"breeds": Decimal(168)})
    assert known(found) == Span.exactly(Decimal("8.4952"))
    assert "168 hours a month, as stated" in said(found)


@pytest.mark.parametrize("status", ["Stopped", "Stopping", "Updating"])
def test_a_notebook_that_is_not_running_costs_its_volume(status: str) -> None:
    assert known(estimate(notebook(status=status))) == Span.exactly(VOLUME)


def test_a_stopped_notebook_that_is_said_to_be_used_costs_its_hours_too() -> None:
    found = estimate(notebook(status="Stopped"), hours={"bre*": Decimal(168)})
    assert known(found) == Span.exactly(Decimal("8.4952"))


def test_a_notebook_that_is_being_made_is_counted_as_running() -> None:
    assert known(estimate(notebook(status="Pending"))) == Span.exactly(FULL)


def test_what_a_failed_notebook_costs_is_unknown_but_for_its_volume() -> None:
    found = estimate(notebook(status="Failed"))
    assert found.monthly_usd is None
    assert found.known() == Span.exactly(VOLUME)
    assert "failed" in found.unknown[0]


def test_a_notebook_that_is_being_deleted_costs_nothing() -> None:
    assert billed(notebook(status="Deleting")).estimates == ()


def test_an_auto_stop_makes_less_possible_and_promises_nothing() -> None:
    found = estimate(notebook(lifecycle_config="idle"), lifecycle())
    assert known(found) == Span(VOLUME, FULL, FULL)
    assert "idle stops it when nobody uses it" in said(found)


def test_another_lifecycle_script_stops_nothing() -> None:
    plain = lifecycle(on_start=("pip install torch",))
    assert known(estimate(notebook(lifecycle_config="idle"), plain)) == Span.exactly(FULL)
    assert known(estimate(notebook(), lifecycle())) == Span.exactly(FULL)


def test_an_unknown_type_is_unknown_and_its_volume_is_not() -> None:
    found = estimate(notebook(instance_type="ml.z99.huge"))
    assert found.unknown == ("the price of ml.z99.huge for notebooks in us-east-1 is not known",)
    assert found.known() == Span.exactly(VOLUME)


def test_a_region_without_prices_borrows_none() -> None:
    found = estimate(notebook(region="xx-nowhere-1"))
    assert len(found.unknown) == 2
    assert found.known() == Span.exactly(0)


def test_the_prices_told_by_others_are_said_to_be() -> None:
    # The notebook price of ml.t2.medium has secondary sources only.
    assert "told by others than AWS" in said(estimate(notebook()))


@given(
    hours=st.decimals(0, 744, places=2),
    more=st.decimals(0, 744, places=2),
    size=st.integers(5, 16384),
    larger=st.integers(0, 1000),
)
def test_more_hours_and_a_larger_volume_never_cost_less(
    hours: Decimal, more: Decimal, size: int, larger: int
) -> None:
    base = known(estimate(notebook(volume_size_gb=size), hours={"breeds": hours}))
    longer = known(estimate(notebook(volume_size_gb=size), hours={"breeds": hours + more}))
    wider = known(estimate(notebook(volume_size_gb=size + larger), hours={"breeds": hours}))
    assert base.expected <= longer.expected
    assert base.expected <= wider.expected


@given(states=st.lists(st.sampled_from(["InService", "Stopped", "Failed"]), max_size=5))
def test_a_bill_is_the_sum_of_its_lines(states: list[str]) -> None:
    made = (
        notebook(arn=f"{notebook().arn}-{number}", name=f"n-{number}", status=status)
        for number, status in enumerate(states)
    )
    whole = billed(*made)
    lines = [line.monthly for one in whole.estimates for line in one.lines if line.monthly]
    assert whole.monthly_usd == Span.total(lines)
    assert whole.monthly_usd.min <= whole.monthly_usd.expected <= whole.monthly_usd.max
