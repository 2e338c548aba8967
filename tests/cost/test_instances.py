"""What EC2 instances and volumes cost a month."""

from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from msgspec.structs import replace

from mlguard.cost.bill import bill
from mlguard.cost.span import Span
from mlguard.resources.instances import Volume
from tests.builders.account import arn, snapshot
from tests.builders.ec2 import cpu, instance, volume
from tests.cost.bills import billed, estimate, known, said
from tests.cost.estimating import terms

MICRO = Decimal("8.468")
ADDRESS = Decimal("3.65")


def disk(**changes: Any) -> Volume:
    return volume(**{"size_gb": 50, **changes})


def loose(**changes: Any) -> Volume:
    return disk(state="available", attached_to=(), **changes)


def test_e3_the_compute_of_a_t2_micro() -> None:
    compute = estimate(instance(), disk()).lines[0]
    assert compute.monthly == Span.exactly(MICRO)


def test_e3b_a_t2_micro_with_its_volume_and_a_public_address() -> None:
    found = estimate(instance(public_ip="192.0.2.7"), disk())
    assert known(found) == Span.exactly(Decimal("16.118"))


def test_platform_and_credit_mode_are_assumed_and_said() -> None:
    text = said(estimate(instance(), disk()))
    assert "Linux, on demand" in text
    assert "standard mode, the default of t2" in text
    # 144 credits, 60 spent an hour and 6 earned: 2.67 hours.
    assert "lasts 2.7 hours, and from then on 10% of each vCPU is left" in text


@pytest.mark.parametrize("state", ["stopped", "stopping"])
def test_a_stopped_instance_costs_its_volume(state: str) -> None:
    assert known(estimate(instance(state=state), disk())) == Span.exactly(4)


def test_an_address_that_a_stopped_instance_keeps_is_paid() -> None:
    found = estimate(instance(state="stopped", public_ip="192.0.2.7"), disk())
    assert known(found) == Span.exactly(4 + ADDRESS)


def test_an_instance_of_some_hours_may_keep_its_address_all_month() -> None:
    found = estimate(instance(public_ip="192.0.2.7"), disk(), hours={"i-0abc": Decimal(100)})
    hours = Decimal(100)
    least = hours * Decimal("0.0116") + hours * Decimal("0.005") + 4
    most = hours * Decimal("0.0116") + ADDRESS + 4
    assert known(found) == Span(least, least, most)
    assert "unless that is an Elastic IP" in said(found)


@pytest.mark.parametrize(("subnet", "expected"), [(None, ADDRESS), ("subnet-0abc", Decimal(0))])
def test_whether_a_planned_instance_gets_an_address_is_the_subnets_to_say(
    subnet: str | None, expected: Decimal
) -> None:
    planned = replace(snapshot(instance(subnet_id=subnet), disk()), source="pipeline")
    (found,) = bill(planned, terms()).estimates
    rest = MICRO + 4
    assert found.known() == Span(rest, rest + expected, rest + ADDRESS)
    assert "subnet" in said(found)


def test_what_is_terminated_costs_nothing_and_leaves_its_volume() -> None:
    whole = billed(instance(state="terminated"), disk())
    assert [(one.kind, known(one)) for one in whole.estimates] == [("Volume", Span.exactly(4))]


def test_a_volume_is_billed_once_with_the_instance_it_hangs_on() -> None:
    whole = billed(instance(public_ip=None), disk())
    assert [one.kind for one in whole.estimates] == ["Instance"]
    assert whole.monthly_usd == Span.exactly(MICRO + 4)


def test_a_volume_on_two_instances_is_billed_once() -> None:
    both = disk(attached_to=("i-0abc", "i-0def"), volume_type="gp3")
    other = instance(arn=arn("ec2", "instance/i-0def"), name="i-0def")
    assert billed(instance(), other, both).monthly_usd == Span.exactly(2 * MICRO + 4)


def test_a_volume_on_nothing_has_an_estimate_of_its_own() -> None:
    other = loose(arn=arn("ec2", "volume/vol-loose"), name="vol-loose")
    assert billed(instance(), disk(), other).monthly_usd == Span.exactly(MICRO + 8)


def test_a_volume_of_another_region_is_not_taken_for_this_instances() -> None:
    far = disk(region="eu-west-1")
    found = {one.kind: one for one in billed(instance(), far).estimates}
    assert "was not read" in found["Instance"].unknown[0]
    assert found["Volume"].unknown == ("the price of EBS gp3 in eu-west-1 is not known",)


def test_a_volume_that_was_not_read_is_unknown() -> None:
    found = estimate(instance())
    assert found.monthly_usd is None
    assert found.known() == Span.exactly(MICRO)
    assert found.unknown == ("the volume was not read: its size is not known",)


def test_an_instance_of_which_no_volume_is_told_has_one_all_the_same() -> None:
    assert "tells of no volume" in estimate(instance(volumes=())).unknown[0]


def test_gp3_is_billed_for_what_goes_beyond_what_it_includes() -> None:
    # 1000 IOPS at 0.005 and 100 MiB/s at 0.04.
    found = estimate(loose(iops=4000, throughput=225))
    assert known(found) == Span.exactly(4 + 5 + 4)


def test_gp3_as_it_comes_is_billed_for_its_size_alone() -> None:
    assert known(estimate(loose(iops=3000, throughput=125))) == Span.exactly(4)


def test_the_iops_of_gp2_come_with_its_size() -> None:
    assert known(estimate(loose(volume_type="gp2", iops=3000))) == Span.exactly(5)


@pytest.mark.parametrize("kind", ["io1", "io2", "sc1", "standard"])
def test_a_volume_type_without_a_price_is_unknown(kind: str) -> None:
    assert estimate(loose(volume_type=kind)).monthly_usd is None


def test_a_spot_price_is_unknown_and_its_bound_is_told() -> None:
    found = estimate(instance(spot=True), disk())
    assert found.monthly_usd is None
    assert "spot prices change" in found.unknown[0]
    assert "0.0116 USD an hour" in found.unknown[0]


def test_unlimited_mode_may_charge_for_all_that_goes_beyond_the_baseline() -> None:
    # t3.medium: 2 vCPU, a fifth of each is earned; 0.05 a vCPU-hour. 0.0416 an hour.
    found = estimate(instance(instance_type="t3.medium"), disk())
    compute = Decimal("30.368") + 4
    surplus = Decimal("0.8") * 2 * 730 * Decimal("0.05")
    assert known(found) == Span(compute, compute, compute + surplus)
    assert "CPU was not measured" in said(found)


def test_where_cpu_was_measured_the_surplus_is_expected() -> None:
    found = estimate(instance(instance_type="t3.medium"), disk(), cpu(60.0, 40.0))
    line = next(one for one in found.lines if one.what.startswith("CPU credits"))
    assert line.units is not None
    assert line.units.expected == Decimal("0.3") * 2 * 730
    assert "50% of its CPU was in use on average" in said(found)


def test_a_load_under_the_baseline_charges_nothing() -> None:
    found = estimate(instance(instance_type="t3.medium"), disk(), cpu(5.0))
    assert known(found).expected == Decimal("34.368")


def test_credits_without_a_price_are_unknown() -> None:
    assert "CPU credits of t3a" in estimate(instance(instance_type="t3a.micro"), disk()).unknown[0]


def test_a_region_without_prices_borrows_none() -> None:
    here = {"region": "xx-nowhere-1"}
    found = estimate(instance(**here, public_ip="192.0.2.7"), disk(**here))
    assert found.monthly_usd is None
    assert found.known() == Span.exactly(0)


@given(
    hours=st.decimals(0, 730, places=1),
    more=st.decimals(0, 100, places=1),
    size=st.integers(1, 16384),
    larger=st.integers(0, 1000),
    kind=st.sampled_from(["t2.micro", "t3.medium", "m5.large"]),
    public=st.booleans(),
    busy=st.lists(st.floats(0, 100), max_size=3),
)
def test_an_instance_is_in_order_and_costs_no_less_for_more(
    *,
    hours: Decimal,
    more: Decimal,
    size: int,
    larger: int,
    kind: str,
    public: bool,
    busy: list[float],
) -> None:
    one = instance(instance_type=kind, public_ip="192.0.2.7" if public else None)

    def of(hours: Decimal, size: int) -> Span:
        return known(estimate(one, disk(size_gb=size), cpu(*busy), hours={"i-0abc": hours}))

    base, longer, wider = of(hours, size), of(hours + more, size), of(hours, size + larger)
    assert base.min <= base.expected <= base.max
    for grown in (longer, wider):
        assert base.min <= grown.min
        assert base.expected <= grown.expected
        assert base.max <= grown.max


@given(sizes=st.lists(st.integers(1, 500), max_size=5))
def test_a_bill_of_volumes_is_the_sum_of_its_lines(sizes: list[int]) -> None:
    made = [
        loose(arn=arn("ec2", f"volume/vol-{number}"), name=f"vol-{number}", size_gb=size)
        for number, size in enumerate(sizes)
    ]
    whole = billed(*made)
    assert whole.monthly_usd == Span.exactly(sum(sizes) * Decimal("0.08"))
    assert whole.complete
