import json
from dataclasses import replace
from datetime import date
from decimal import Decimal
from typing import Any

import msgspec
import pytest

from mlguard.cost.estimate import line
from mlguard.cost.price_terms import Discount, PriceOverride
from mlguard.cost.prices import PriceBook
from mlguard.cost.span import Span
from mlguard.data.instance_types import Surface
from mlguard.data.price_file import PriceFile, decode, encode
from mlguard.data.prices import Component, Key, Price, PriceStatus, PriceTable

TODAY = date(2026, 11, 24)
HOME = "us-east-1"
M5 = (HOME, "ml.m5.large", "Hosting")


def price(amount: str = "0.1", **changed: Any) -> Price:  # any field of Price
    observed = Price(
        amount=Decimal(amount),
        currency="USD",
        unit="Hrs",
        status=PriceStatus.OBSERVED,
        source="AWS Price List",
        source_date="2026-11-20",
    )
    return replace(observed, **changed)


def refreshed(*rows: tuple[Key, Price], table: PriceTable = PriceTable.SAGEMAKER) -> PriceFile:
    text = encode({table: rows}, source="AWS Price List", fetched=TODAY)
    return decode(text.encode(), name="prices.json")


def hosting(book: PriceBook, region: str = HOME, name: str = "ml.m5.large") -> Price:
    found = book.sagemaker(region, name, Surface.ENDPOINT)
    assert found is not None
    return found


def override(**said: Any) -> PriceOverride:  # as a TOML table has it
    return msgspec.convert({"region": HOME, "amount": "0.08", **said}, PriceOverride)


def discount(**said: Any) -> Discount:  # as a TOML table has it
    return msgspec.convert({"name": "ours", **said}, Discount)


# --- age and status --------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("status", "said"),
    [
        (PriceStatus.OBSERVED, None),
        (PriceStatus.DERIVED, "the price is derived from another"),
        (PriceStatus.SECONDARY, "the price is told by others than AWS"),
    ],
)
def test_a_price_that_nobody_saw_in_aws_s_list_says_so(
    status: PriceStatus, said: str | None
) -> None:
    assert PriceBook(today=TODAY).note(price(status=status)) == said


@pytest.mark.parametrize(
    ("source_date", "said"),
    [
        ("2025-11-25", None),
        ("2025-11-24", "the price is of 2025-11-24, up to 12 months old"),
        ("2099-01-01", "the price is of 2099-01-01, a day that is yet to come"),
        ("~2022-10", "the price is of ~2022-10, up to 49 months old"),
        ("2024-07..2026", None),
        ("~2021-22", "the price is of ~2021-22, up to 58 months old"),
    ],
)
def test_an_old_price_says_how_old_it_may_be(source_date: str, said: str | None) -> None:
    assert PriceBook(today=TODAY).note(price(source_date=source_date)) == said


def test_when_a_price_is_old_is_for_the_user_to_say() -> None:
    old = price(source_date="2026-08-24")
    assert PriceBook(today=TODAY, stale_after_months=4).note(old) is None
    assert "3 months" in str(PriceBook(today=TODAY, stale_after_months=3).note(old))
    assert PriceBook(today=None, stale_after_months=3).note(old) is None


def test_a_line_says_each_thing_that_is_amiss_with_its_price() -> None:
    old = price(source_date="~2022-10", status=PriceStatus.DERIVED)
    told = line(
        "an hour",
        old,
        Span.exactly(1),
        book=PriceBook(today=TODAY),
        lacking="",
        assumptions=("an hour",),
    )
    assert told.assumptions == (
        "an hour",
        "the price is derived from another",
        "the price is of ~2022-10, up to 49 months old",
    )


# --- refreshed -------------------------------------------------------------------------------


def test_a_refreshed_price_stands_before_an_older_one() -> None:
    new = price("0.12")
    assert hosting(PriceBook(refreshed=refreshed((M5, new)))) == new
    seen = hosting(PriceBook(), name="ml.t2.medium")
    old = price("0.12", source_date="2019-01-01")
    book = PriceBook(refreshed=refreshed(((HOME, "ml.t2.medium", "Hosting"), old)))
    assert (seen.status, hosting(book, name="ml.t2.medium")) == (PriceStatus.OBSERVED, seen)


def test_an_older_price_that_was_seen_stands_before_one_that_was_derived() -> None:
    old = price("0.12", source_date="2019-01-01")
    assert hosting(PriceBook()).status is PriceStatus.DERIVED
    assert hosting(PriceBook(refreshed=refreshed((M5, old)))) == old


def test_a_refreshed_price_makes_known_what_was_not() -> None:
    key = ("us-west-2", "ml.m5.large", "Training")
    book = PriceBook(refreshed=refreshed((key, price("0.115"))))
    assert PriceBook().component(key[0], key[1], Component.TRAINING) is None
    assert book.component(key[0], key[1], Component.TRAINING) == price("0.115")
    assert book.component("us-west-1", key[1], Component.TRAINING) is None


def test_a_refreshed_price_of_lambda_is_that_of_its_first_tier() -> None:
    tiers = (
        (("eu-west-1", "x86_64", "Duration", "0"), price("0.00002", unit="GB-second")),
        (("eu-west-1", "x86_64", "Duration", "6000000000"), price("0.00001", unit="GB-second")),
    )
    book = PriceBook(refreshed=refreshed(*tiers, table=PriceTable.LAMBDA))
    found = book.function("eu-west-1", "x86_64", "Duration")
    assert found is not None
    assert found.amount == Decimal("0.00002")


# --- overrides -------------------------------------------------------------------------------


def test_an_override_is_what_is_paid_and_says_so() -> None:
    ours = override(service="sagemaker", type="ml.m5.large", component="Hosting")
    book = PriceBook(overrides=(ours,), discounts=(discount(percent=10),), today=TODAY)
    found = hosting(book)
    assert (found.amount, found.unit, found.currency) == (Decimal("0.08"), "Hrs", "USD")
    assert (found.status, found.list_amount) == (PriceStatus.GIVEN, None)
    assert book.note(found) == "the price is the configuration's"
    assert hosting(book, name="ml.m5.xlarge").status is not PriceStatus.GIVEN
    assert book.sagemaker("us-west-2", "ml.m5.large", Surface.ENDPOINT) == PriceBook(
        discounts=(discount(percent=10),)
    ).sagemaker("us-west-2", "ml.m5.large", Surface.ENDPOINT)


def test_an_override_makes_known_what_was_not_in_the_region_s_currency() -> None:
    ours = override(service="charges", region="cn-north-1", charge="EBS gp3")
    found = PriceBook(overrides=(ours,)).charge("cn-north-1", "EBS gp3")
    assert found is not None
    assert (found.amount, found.unit, found.currency) == (Decimal("0.08"), "GB-Mo", "CNY")
    assert PriceBook(overrides=(ours,)).monthly_ec2("cn-north-1", "t2.micro") is None


@pytest.mark.parametrize("architecture", ["x86_64", "arm64"])
def test_an_override_of_lambda_is_for_both_architectures_unless_it_names_one(
    architecture: str,
) -> None:
    ours = override(service="lambda", charge="Duration", amount="0.00001")
    found = PriceBook(overrides=(ours,)).function(HOME, architecture, "Duration")
    assert found is not None
    assert found.amount == Decimal("0.00001")
    arm = override(service="lambda", charge="Duration", amount="0.00001", architecture="arm64")
    found = PriceBook(overrides=(arm,)).function(HOME, architecture, "Duration")
    assert found is not None
    assert (found.status is PriceStatus.GIVEN) == (architecture == "arm64")


def test_an_amount_that_toml_reads_as_a_float_is_the_number_that_was_written() -> None:
    assert override(service="ec2", type="m5.large", amount=0.1).amount == Decimal("0.1")


@pytest.mark.parametrize(
    ("said", "fault"),
    [
        ({"service": "s3", "charge": "GET"}, "s3"),
        ({"service": "ec2", "type": "m5.large", "amount": "0"}, "more than 0"),
        ({"service": "ec2", "type": "m5.large", "amount": "-1"}, "more than 0"),
        ({"service": "ec2", "type": "m5.large", "amount": "NaN"}, "more than 0"),
        ({"service": "ec2", "type": "m5.large", "region": "*"}, "no region"),
        ({"service": "ec2", "type": "m5.large", "region": "us-east"}, "no region"),
        ({"service": "ec2", "type": "ml.m5.large"}, "no type of ec2 such as m5.large"),
        ({"service": "sagemaker", "type": "m5.large", "component": "Hosting"}, "no type"),
        ({"service": "sagemaker", "type": "ml.m5.large"}, "component and type"),
        ({"service": "sagemaker", "type": "ml.m5.large", "component": "Host"}, "known: Batch"),
        ({"service": "ec2"}, "of type"),
        ({"service": "ec2", "type": "m5.large", "charge": "EBS gp3"}, "of type"),
        ({"service": "ec2", "type": "m5.large", "architecture": "arm64"}, "of type"),
        ({"service": "lambda", "charge": "Durations"}, "known: Duration"),
        ({"service": "charges", "charge": "EBS gp4"}, "known: CPU credits t2"),
        ({"service": "ec2", "type": "m5.large", "ammount": 1}, "ammount"),
    ],
)
def test_an_override_of_nothing_is_refused(said: dict[str, Any], fault: str) -> None:
    with pytest.raises(msgspec.ValidationError, match=fault.replace("*", r"\*")):
        override(**said)


# --- discounts -------------------------------------------------------------------------------

PLAN = {"name": "the plan", "kind": "savings-plan", "service": "sagemaker"}


def test_a_discounted_price_keeps_its_list_price_and_says_so() -> None:
    book = PriceBook(discounts=(discount(name="EDP", percent=10),), today=TODAY)
    found = hosting(book)
    assert found.list_amount == hosting(PriceBook()).amount == Decimal("0.115")
    assert found.amount == Decimal("0.1035")
    assert book.notes(found) == (
        "the price is derived from another",
        "EDP (10 %) is off the list price of 0.115 USD",
    )


def test_an_agreement_is_taken_off_what_a_savings_plan_leaves() -> None:
    both = (discount(name="EDP", percent=10), discount(**PLAN, percent=20))
    found = hosting(PriceBook(discounts=both))
    assert found.amount == Decimal("0.115") * Decimal("0.8") * Decimal("0.9")
    assert found.discounts == ("the plan (20 %)", "EDP (10 %)")


def test_of_savings_plans_the_first_that_covers_it_counts_alone() -> None:
    plans = (
        discount(**PLAN, type="ml.c5.*", percent=50),
        discount(**PLAN, type="ml.m5.*", percent=30),
        discount(**PLAN, percent=20),
    )
    book = PriceBook(discounts=plans)
    assert hosting(book).discounts == ("the plan (30 %)",)
    assert hosting(book, name="ml.t2.medium").discounts == ("the plan (20 %)",)


def test_the_rate_of_a_savings_plan_is_paid_instead() -> None:
    rate = discount(**PLAN, rate="0.07", region=HOME, type="ml.m5.large", component="Hosting")
    book = PriceBook(discounts=(rate,))
    assert hosting(book).amount == Decimal("0.07")
    assert hosting(book).list_amount == Decimal("0.115")
    assert book.component(HOME, "ml.m5.large", Component.TRAINING) == PriceBook().component(
        HOME, "ml.m5.large", Component.TRAINING
    )


def test_a_savings_plan_is_of_compute_alone() -> None:
    plans = (
        discount(**PLAN, percent=20),
        discount(**{**PLAN, "service": "lambda"}, percent=17),
        discount(**{**PLAN, "service": "ec2"}, percent=30),
    )
    book, bare = PriceBook(discounts=plans), PriceBook()
    for held in (book.component(HOME, "ml-storage-gp2", Component.STORAGE),):
        assert held == bare.component(HOME, "ml-storage-gp2", Component.STORAGE)
    assert book.function(HOME, "x86_64", "Requests") == bare.function(HOME, "x86_64", "Requests")
    assert book.charge(HOME, "Public IPv4") == bare.charge(HOME, "Public IPv4")
    duration = book.function(HOME, "x86_64", "Duration")
    assert duration is not None
    assert duration.amount == Decimal("0.0000166667") * Decimal("0.83")
    instance = book.ec2(HOME, "t2.micro")
    assert instance is not None
    assert instance.amount == Decimal("0.0116") * Decimal("0.7")


def test_an_agreement_may_be_of_one_region_one_component_or_one_charge() -> None:
    book = PriceBook(
        discounts=(
            discount(name="a", percent=10, region="eu-*"),
            discount(name="b", percent=10, service="sagemaker", component="Training"),
            discount(name="c", percent=10, service="charges", component="EBS *"),
        )
    )
    training = book.component(HOME, "ml.m5.large", Component.TRAINING)
    volume = book.charge(HOME, "EBS gp3")
    assert training is not None
    assert volume is not None
    assert hosting(book).discounts == ()
    assert training.discounts == ("b (10 %)",)
    assert volume.discounts == ("c (10 %)",)
    address = book.charge(HOME, "Public IPv4")
    assert address is not None
    assert address.discounts == ()


def test_a_discount_makes_no_price_known() -> None:
    book = PriceBook(discounts=(discount(percent=10),))
    assert book.ec2("mars-east-1", "m5.large") is None


@pytest.mark.parametrize(
    ("said", "fault"),
    [
        ({}, "either percent or rate"),
        ({"percent": 10, "rate": 1}, "either percent or rate"),
        ({"percent": 0}, "not between"),
        ({"percent": 100}, "not between"),
        ({"percent": "NaN"}, "percent"),
        ({"percent": 10, "name": " "}, "needs a name"),
        ({"percent": 10, "kind": "savings-plan"}, "of a service"),
        ({"percent": 10, "kind": "savings-plan", "service": "charges"}, "of a service"),
        ({"percent": 10, "kind": "coupon"}, "coupon"),
        ({"rate": "0.1", "service": "ec2", "region": HOME, "type": "m5.large"}, "savings-plan"),
        ({**PLAN, "rate": "0.1", "type": "ml.m5.large", "component": "Hosting"}, "no region"),
        ({**PLAN, "rate": "0.1", "region": HOME, "component": "Hosting"}, "one type"),
        ({**PLAN, "rate": "0.1", "region": HOME, "type": "ml.*"}, "no type"),
        ({**PLAN, "rate": "0.1", "region": HOME, "type": "ml.m5.large"}, "one component"),
        ({**PLAN, "rate": "0", "region": HOME, "type": "ml.m5.large"}, "more than 0"),
        ({"percent": 10, "family": "m5"}, "family"),
    ],
)
def test_a_discount_that_is_none_is_refused(said: dict[str, Any], fault: str) -> None:
    with pytest.raises(msgspec.ValidationError, match=fault):
        discount(**said)


def test_what_toml_says_is_taken_as_it_stands() -> None:
    text = {"name": "EDP", "percent": 7.5, "service": "ec2"}
    assert msgspec.convert(json.loads(json.dumps(text)), Discount).percent == Decimal("7.5")
