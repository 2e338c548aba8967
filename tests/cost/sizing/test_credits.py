"""CPU credits: the worked numbers, and what must hold for any load."""

from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mlguard.cost.prices import PriceBook
from mlguard.cost.sizing.credits import Burstable, burstable

REGION = "us-east-1"
BOOK = PriceBook()
TYPES = ("t2.nano", "t2.micro", "t2.medium", "t3.medium", "t3.xlarge", "t4g.micro", "ml.t2.medium")


def of(instance_type: str) -> Burstable:
    found = burstable(instance_type)
    assert found is not None
    return found


def rounded(amount: Decimal, places: str) -> Decimal:
    return amount.quantize(Decimal(places))


def price(instance_type: str) -> Decimal:
    found = BOOK.ec2(REGION, instance_type)
    assert found is not None
    return found.amount


def test_c1_t2_medium_runs_six_hours_flat_out_from_a_full_balance() -> None:
    medium = of("t2.medium")
    assert medium.full_speed_hours(medium.rates.max_credits) == 6


def test_c2_t2_medium_runs_37_and_a_half_minutes_on_its_launch_credits() -> None:
    medium = of("t2.medium")
    assert medium.launch_credits == 60
    assert medium.full_speed_hours(medium.launch_credits) * 60 == Decimal("37.5")


def test_c3_t2_medium_sustains_two_fifths_of_a_vcpu() -> None:
    assert of("t2.medium").sustained_vcpu == Decimal("0.4")


def test_c4_that_is_35086_requests_a_day_of_985_ms() -> None:
    sustained = of("ml.t2.medium").sustained_vcpu
    assert int(sustained * 86400 / Decimal("0.985")) == 35086


def test_c5_t2_micro_runs_two_hours_forty_flat_out() -> None:
    assert rounded(of("t2.micro").full_speed_hours(Decimal(144)), "0.0001") == Decimal("2.6667")


def test_c6_ten_cpu_hours_take_a_standard_t2_micro_76_hours_for_88_cents() -> None:
    hours = of("t2.micro").wall_hours(Decimal(10), balance=Decimal(144))
    assert rounded(hours, "0.0001") == Decimal("76.0000")
    assert rounded(hours * price("t2.micro"), "0.0001") == Decimal("0.8816")


def test_c7_unlimited_they_take_ten_hours_for_45_cents() -> None:
    micro = of("t2.micro")
    hours = micro.unlimited_hours(Decimal(10))
    surplus = micro.surplus_vcpu_hours(Decimal(10), balance=Decimal(144))
    vcpu_hour = BOOK.charge(REGION, "CPU credits t2")
    assert hours == 10
    assert surplus == Decimal("6.6")
    assert vcpu_hour is not None
    assert hours * price("t2.micro") + surplus * vcpu_hour.amount == Decimal("0.446")


@pytest.mark.parametrize("instance_type", ["m5.large", "t1.micro", "t9.huge", "ml.g4dn.xlarge"])
def test_what_has_no_credits_is_not_burstable(instance_type: str) -> None:
    assert burstable(instance_type) is None


def test_t2_is_standard_by_default_and_the_others_are_unlimited() -> None:
    # EC2 API reference, "CreditSpecificationRequest".
    assert not of("t2.micro").unlimited_by_default
    assert all(of(name).unlimited_by_default for name in ("t3.micro", "t3a.micro", "t4g.micro"))
    assert of("t3.micro").launch_credits == 0


def test_a_load_of_more_vcpus_than_there_are_is_refused() -> None:
    with pytest.raises(ValueError, match=r"t2\.micro has 1 vCPU, not 2"):
        of("t2.micro").balance_after(Decimal(0), busy_vcpu=Decimal(2), hours=Decimal(1))


ERROR = Decimal("1e-20")
amounts = st.decimals(0, 1000, places=3)
types = st.sampled_from(TYPES).map(of)


@given(machine=types, balance=amounts, hours=amounts, part=st.decimals(0, 1, places=3))
def test_a_balance_stays_between_nothing_and_the_cap(
    machine: Burstable, balance: Decimal, hours: Decimal, part: Decimal
) -> None:
    after = machine.balance_after(balance, busy_vcpu=part * machine.vcpu, hours=hours)
    assert 0 <= after <= machine.rates.max_credits


@given(machine=types, hours=amounts)
def test_at_the_baseline_a_balance_does_not_change(machine: Burstable, hours: Decimal) -> None:
    half = machine.rates.max_credits / 2
    after = machine.balance_after(half, busy_vcpu=machine.sustained_vcpu, hours=hours)
    assert rounded(after, "0.000001") == rounded(half, "0.000001")


@given(machine=types, work=amounts, balance=amounts)
def test_unlimited_is_never_slower_and_is_charged_only_where_standard_slows_down(
    machine: Burstable, work: Decimal, balance: Decimal
) -> None:
    standard = machine.wall_hours(work, balance=balance)
    unlimited = machine.unlimited_hours(work)
    charged = machine.surplus_vcpu_hours(work, balance=balance)
    beyond = work - machine.full_speed_hours(balance) * machine.vcpu
    assert unlimited <= standard + ERROR
    if abs(beyond) > ERROR:
        assert (charged > 0) == (standard > unlimited) == (beyond > 0)


@given(machine=types, work=amounts, more=amounts, balance=amounts)
def test_more_work_takes_no_less_time_and_more_credits_no_more(
    machine: Burstable, work: Decimal, more: Decimal, balance: Decimal
) -> None:
    takes = machine.wall_hours(work, balance=balance)
    assert takes <= machine.wall_hours(work + more, balance=balance) + ERROR
    assert machine.wall_hours(work, balance=balance + more) <= takes + ERROR


@pytest.mark.parametrize("instance_type", TYPES)
def test_the_baseline_is_what_is_earned(instance_type: str) -> None:
    # EC2 User Guide: credits earned an hour are the baseline of every vCPU for 60 minutes.
    machine = of(instance_type)
    assert machine.rates.credits_per_hour == machine.rates.baseline * 60 * machine.vcpu
    assert machine.rates.max_credits == machine.rates.credits_per_hour * 24
