from datetime import date
from decimal import Decimal
from typing import Any

import pytest

from mlguard.data.prices import Price, PriceStatus, PriceTable
from mlguard.sources.readers.price_list import Row, price_rows, product_offers
from tests.builders.price_list import Entry, entry, function, linux, ml

HOME = "us-east-1"


def rows(*entries: Entry) -> tuple[list[Row], tuple[str, ...]]:
    offers = (
        offer
        for one in entries
        for offer in product_offers(
            one["product"],
            one["terms"]["OnDemand"],
            service=one["serviceCode"],
            published=date(2026, 11, 20),
        )
    )
    return price_rows(offers, source="the list")


def keys(*entries: Entry) -> list[tuple[str, ...]]:
    found, left_out = rows(*entries)
    assert left_out == ()
    return [key for _, key, _ in found]


def test_a_price_is_seen_dated_by_its_publication_and_in_the_shipped_tables_terms() -> None:
    ((table, key, price),), _ = rows(ml())
    assert (table, key) == (PriceTable.SAGEMAKER, (HOME, "ml.m5.large", "Hosting"))
    assert price == Price(
        amount=Decimal("0.115"),
        currency="USD",
        unit="Hrs",
        status=PriceStatus.OBSERVED,
        source="the list",
        source_date="2026-11-20",
    )


@pytest.mark.parametrize(
    ("said", "usage", "component"),
    [
        ("Hosting", "USE1-Host:", "Hosting"),
        ("Notebook", "USE1-Notebk:", "Notebook"),
        ("Training", "USE1-Train:", "Training"),
        ("Processing", "USE1-Processing:", "Processing"),
        ("BatchTransform", "USE1-Tsform:", "BatchTransform"),
        ("Batch Transform", "USE1-Tsform:", "BatchTransform"),
        ("Studio-Notebook", "USE1-Studio:KernelGateway-", "Studio"),
        ("Studio Notebook", "USE1-Studio_Notebk:", "Studio"),
        ("", "USE1-Host:", "Hosting"),
        ("", "Notebk:", "Notebook"),
        ("", "EUW1-Tsform:", "BatchTransform"),
    ],
)
def test_what_an_instance_is_billed_as_is_its_component_or_in_its_usage_type(
    said: str, usage: str, component: str
) -> None:
    assert keys(ml(component=said, usage=usage)) == [(HOME, "ml.m5.large", component)]


def test_an_older_list_names_the_component_otherwise() -> None:
    older = ml(component="", usage="USE1-X:", platoinstancetype="Training")
    assert keys(older) == [(HOME, "ml.m5.large", "Training")]


def test_where_a_row_does_not_name_the_instance_its_usage_type_does() -> None:
    bare = ml(instanceName="", instanceType="")
    assert keys(bare) == [(HOME, "ml.m5.large", "Hosting")]


@pytest.mark.parametrize(
    "other",
    [
        ml(component="Cluster", usage="USE1-Cluster:"),
        ml(component="SpotTraining", usage="USE1-SpotTrain:"),
        ml(component="AsyncInf", usage="USE1-AsyncInf:"),
        ml(component="Free Hosting", usage="USE1-Host:"),
        ml(component="", usage="USE1-TrainingPlanUpfrontFee:"),
        ml(component="Training", unit="Quantity"),
        ml(component="", usage="", instanceName="ml.p4d.24xlarge"),
        ml(amount="0.0000000000"),
        ml(amount="not listed"),
        ml(regionCode="", location="Any"),
        ml(locationType="AWS Local Zone"),
        ml(usagetype="USE1-Host:ml.m5.xlarge"),
    ],
)
def test_what_is_no_hour_of_an_instance_is_passed_over(other: Entry) -> None:
    assert keys(other) == []


def test_a_linux_instance_is_the_shared_one_without_software() -> None:
    assert keys(linux()) == [(HOME, "m5.large")]
    assert keys(linux(usagetype="EUW1-BoxUsage:m5.large")) == [(HOME, "m5.large")]


@pytest.mark.parametrize(
    "changed",
    [
        {"operatingSystem": "Windows"},
        {"tenancy": "Dedicated"},
        {"preInstalledSw": "SQL Web"},
        {"capacitystatus": "UnusedCapacityReservation"},
        {"usagetype": "DedicatedUsage:m5.large"},
        {"usagetype": "UnusedBox:m5.large"},
        {"instanceType": ""},
    ],
)
def test_another_instance_is_not_taken_for_it(changed: dict[str, Any]) -> None:
    assert keys(linux(**changed)) == []


def volume(usage: str, api_name: str, *, unit: str = "GB-Mo") -> Entry:
    attributes = {"volumeApiName": api_name, "usagetype": usage}
    return entry("AmazonEC2", "Storage", attributes, ("0", "0.0800000000"), unit=unit)


def test_a_volume_is_a_charge() -> None:
    assert keys(volume("EBS:VolumeUsage.gp3", "gp3")) == [(HOME, "EBS gp3")]
    assert keys(volume("EUW1-EBS:VolumeUsage.gp3", "gp3")) == [(HOME, "EBS gp3")]
    assert keys(volume("EBS:SnapshotUsage", "")) == []
    assert keys(volume("EBS:VolumeUsage.gp3", "gp3", unit="IOPS-Mo")) == []


def test_a_charge_of_lambda_has_a_row_for_each_tier() -> None:
    found, _ = rows(
        function(
            "AWS-Lambda-Duration",
            ("6000000000", "0.0000150000"),
            ("0", "0.0000166667"),
            ("15000000000", "0.0000133334"),
        )
    )
    assert {key[3]: price.amount for _, key, price in found} == {
        "0": Decimal("0.0000166667"),
        "6000000000": Decimal("0.0000150000"),
        "15000000000": Decimal("0.0000133334"),
    }
    assert {(key[:3], price.unit) for _, key, price in found} == {
        ((HOME, "x86_64", "Duration"), "GB-second")
    }


@pytest.mark.parametrize(
    ("group", "unit", "key"),
    [
        ("AWS-Lambda-Requests", "Requests", ("x86_64", "Requests")),
        ("AWS-Lambda-Requests-ARM", "Request", ("arm64", "Requests")),
        ("AWS-Lambda-Duration-ARM", "Lambda-GB-Second", ("arm64", "Duration")),
        ("AWS-Lambda-Duration-Provisioned", "Lambda-GB-Second", ("x86_64", "ProvisionedDuration")),
        (
            "AWS-Lambda-Provisioned-Concurrency-ARM",
            "Lambda-GB-Second",
            ("arm64", "ProvisionedConcurrency"),
        ),
        ("AWS-Lambda-Storage-Duration", "GB-Seconds", ("x86_64", "EphemeralStorage >512MB")),
    ],
)
def test_a_group_of_lambda_is_a_charge_of_an_architecture(
    group: str, unit: str, key: tuple[str, str]
) -> None:
    assert keys(function(group, ("0", "0.0000001"), unit=unit)) == [(HOME, *key, "0")]


def test_the_free_tier_and_other_groups_of_lambda_are_passed_over() -> None:
    free = function("AWS-Lambda-Requests", ("0", "0.0000000000"), unit="Requests")
    edge = function("AWS-Lambda-Edge-Requests", ("0", "0.0000006"), unit="Requests")
    odd = function("AWS-Lambda-Duration", ("0", "0.2"), unit="Requests")
    assert keys(free, edge, odd) == []


@pytest.mark.parametrize("tier", [("Inf", "0.1"), ("first", "0.1"), ("0", "1e999999")])
def test_what_no_prices_file_could_hold_is_no_row(tier: tuple[str, str]) -> None:
    assert keys(function("AWS-Lambda-Duration", tier)) == []


def test_two_entries_of_one_price_are_one() -> None:
    assert keys(ml(sku="A"), ml(sku="B")) == [(HOME, "ml.m5.large", "Hosting")]


def test_of_what_has_two_prices_none_is_taken_and_that_is_told() -> None:
    found, left_out = rows(ml(sku="A"), ml(sku="B", amount="0.2"), ml(name="ml.m5.xlarge"))
    assert [key for _, key, _ in found] == [(HOME, "ml.m5.xlarge", "Hosting")]
    assert left_out == ("sagemaker: us-east-1 ml.m5.large Hosting",)


def test_china_has_yuan_and_no_other_currency_is_taken() -> None:
    there = linux(regionCode="cn-north-1", usagetype="CNN1-BoxUsage:m5.large")
    assert keys(there) == []
    (rate,) = there["terms"]["OnDemand"]["EC2m5.large.JRTCKXETXF"]["priceDimensions"].values()
    rate["pricePerUnit"] = {"CNY": "0.9"}
    ((_, key, price),), _ = rows(there)
    assert (key, price.currency) == (("cn-north-1", "m5.large"), "CNY")
