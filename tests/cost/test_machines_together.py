"""Machines of every sort in one bill: it adds up, and follows the prices."""

from dataclasses import dataclass, replace
from datetime import timedelta
from decimal import Decimal

from hypothesis import given
from hypothesis import strategies as st

from mlguard.cost.bill import Bill, bill
from mlguard.cost.prices import PriceBook
from mlguard.cost.span import Span
from mlguard.cost.terms import Terms
from mlguard.data.prices import Component, Price
from mlguard.resources.capacity import Instances
from tests.builders.account import NOW, arn, snapshot
from tests.builders.ec2 import cpu, instance, volume
from tests.builders.jobs import training_job, training_spec
from tests.builders.notebooks import lifecycle, notebook


@dataclass(frozen=True)
class Dearer(PriceBook):
    """The shipped prices, so many times over."""

    times: Decimal = Decimal(1)

    def component(self, region: str, instance_type: str, component: Component) -> Price | None:
        return self.raised(PriceBook.component(self, region, instance_type, component))

    def charge(self, region: str, charge: str) -> Price | None:
        return self.raised(PriceBook.charge(self, region, charge))

    def ec2(self, region: str, instance_type: str) -> Price | None:
        return self.raised(PriceBook.ec2(self, region, instance_type))

    def raised(self, price: Price | None) -> Price | None:
        return None if price is None else replace(price, amount=price.amount * self.times)


EVERYTHING = snapshot(
    notebook(lifecycle_config="idle"),
    lifecycle(),
    notebook(arn=arn("sagemaker", "notebook-instance/off"), name="off", status="Stopped"),
    training_job(
        spec=training_spec(capacity=Instances(instance_type="ml.m5.large", count=2)),
        started_at=NOW - timedelta(hours=2),
        training_time_s=7200,
        billable_time_s=3600,
    ),
    instance(instance_type="t3.medium", public_ip="192.0.2.7"),
    volume(size_gb=50, iops=4000, throughput=200),
    cpu(70.0),
    volume(arn=arn("ec2", "volume/vol-loose"), name="vol-loose", attached_to=()),
)


def billed(times: Decimal = Decimal(1)) -> Bill:
    today = NOW.date()
    return bill(EVERYTHING, Terms(book=Dearer(times=times), today=today))


def test_everything_is_priced() -> None:
    assert billed().unknown == ()
    assert {one.kind for one in billed().estimates} == {
        "Instance",
        "NotebookInstance",
        "TrainingJob",
        "Volume",
    }


def test_the_total_is_the_sum_of_the_estimates_and_they_of_their_lines() -> None:
    whole = billed()
    lines = [line.monthly for one in whole.estimates for line in one.lines if line.monthly]
    assert whole.monthly_usd == Span.total(lines)
    assert whole.monthly_usd == Span.total(one.known() for one in whole.estimates)
    assert whole.monthly_usd.min < whole.monthly_usd.expected < whole.monthly_usd.max


def test_each_line_says_what_it_is_the_price_of() -> None:
    for one in billed().estimates:
        for line in one.lines:
            assert line.what
            assert line.price is not None
            assert line.units is not None
            assert line.monthly == line.units * line.price.amount


def test_what_stopping_saves_is_a_part_of_what_it_costs() -> None:
    for one in billed().estimates:
        assert one.running_usd is not None
        assert 0 <= one.running_usd <= one.known().expected


@given(times=st.decimals(1, 100, places=2))
def test_dearer_prices_never_make_a_bill_less(times: Decimal) -> None:
    base, dearer = billed().monthly_usd, billed(times).monthly_usd
    assert base.min <= dearer.min
    assert base.expected <= dearer.expected
    assert base.max <= dearer.max
    assert dearer.expected == base.expected * times
