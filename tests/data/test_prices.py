from collections.abc import Mapping
from datetime import date
from decimal import Decimal
from typing import Any

import pytest

from mlguard.cost.prices import PriceBook
from mlguard.data import prices
from mlguard.data.files import read
from mlguard.data.instance_types import Surface, ec2_types, legal_types
from mlguard.data.price_dates import earliest
from mlguard.data.prices import (
    KEYS,
    PRICE_COLUMNS,
    Component,
    Price,
    PriceStatus,
    PriceTable,
)

TABLES = (
    "prices_charges.json",
    "prices_ec2.json",
    "prices_lambda.json",
    "prices_sagemaker.json",
)
HOME = "us-east-1"
BOOK = PriceBook()


def amount(price: Price | None) -> Decimal:
    assert price is not None
    return price.amount


@pytest.mark.parametrize(
    ("instance_type", "component", "expected", "status"),
    [
        ("ml.t2.medium", Component.HOSTING, "0.056", PriceStatus.OBSERVED),
        ("ml.t2.medium", Component.NOTEBOOK, "0.0464", PriceStatus.SECONDARY),
        ("ml.t3.medium", Component.NOTEBOOK, "0.05", PriceStatus.OBSERVED),
        ("ml.t3.medium", Component.PROCESSING, "0.05", PriceStatus.OBSERVED),
        ("ml.m5.large", Component.TRAINING, "0.115", PriceStatus.OBSERVED),
        ("ml.g4dn.xlarge", Component.TRAINING, "0.736", PriceStatus.OBSERVED),
        ("ml-storage-gp2", Component.STORAGE, "0.14", PriceStatus.OBSERVED),
        ("serverless-1024MB", Component.SERVERLESS, "0.00002", PriceStatus.OBSERVED),
        ("serverless", Component.DATA, "0.016", PriceStatus.OBSERVED),
    ],
)
def test_a_known_price_of_sagemaker_comes_with_how_far_it_is_known(
    instance_type: str, component: Component, expected: str, status: PriceStatus
) -> None:
    price = BOOK.component(HOME, instance_type, component)

    assert price is not None
    assert (price.amount, price.currency, price.status) == (Decimal(expected), "USD", status)


@pytest.mark.parametrize(
    ("architecture", "charge", "expected"),
    [
        ("x86_64", "Requests", "2e-7"),
        ("x86_64", "Duration", "1.66667e-5"),
        ("x86_64", "ProvisionedConcurrency", "4.1667e-6"),
        ("x86_64", "ProvisionedDuration", "9.7222e-6"),
        ("arm64", "Duration", "1.33334e-5"),
        ("arm64", "EphemeralStorage >512MB", "3.09e-8"),
    ],
)
def test_a_charge_of_lambda_has_the_price_of_its_first_tier(
    architecture: str, charge: str, expected: str
) -> None:
    assert amount(BOOK.function(HOME, architecture, charge)) == Decimal(expected)


def test_t2_micro_costs_what_it_costs() -> None:
    assert amount(BOOK.ec2(HOME, "t2.micro")) == Decimal("0.0116")


def test_storage_and_addresses_have_prices_too() -> None:
    assert amount(BOOK.charge(HOME, "EBS gp3")) == Decimal("0.08")
    assert amount(BOOK.charge(HOME, "Public IPv4")) == Decimal("0.005")


@pytest.mark.parametrize("region", ["mars-east-1", "", "unknown(us-east-1-like)"])
def test_a_region_without_a_row_has_no_price(region: str) -> None:
    assert BOOK.component(region, "ml.m5.large", Component.TRAINING) is None
    assert BOOK.ec2(region, "t2.micro") is None
    assert BOOK.function(region, "x86_64", "Requests") is None
    assert BOOK.charge(region, "EBS gp3") is None


def test_a_region_with_other_rows_does_not_borrow_a_price() -> None:
    assert BOOK.component("us-west-2", "ml.t2.medium", Component.HOSTING) is not None
    assert BOOK.component("us-west-2", "ml.m5.large", Component.TRAINING) is None


def test_a_price_in_china_is_in_yuan() -> None:
    price = BOOK.ec2("cn-north-1", "t2.micro")

    assert price is not None
    assert price.currency == "CNY"


def test_a_price_cut_is_not_undone_by_the_row_from_before_it() -> None:
    assert amount(BOOK.component(HOME, "ml.p4d.24xlarge", Component.HOSTING)) == Decimal("25.251")
    assert amount(BOOK.component(HOME, "ml.p5.48xlarge", Component.HOSTING)) == Decimal("63.296")


def shipped(monkeypatch: pytest.MonkeyPatch, *rows: tuple[str, str, str]) -> None:
    table: Mapping[str, Any] = {
        "sources": ["price list"],
        "rows": [
            [HOME, "m5.large", amount, "USD", "Hrs", status, 0, source_date]
            for amount, status, source_date in rows
        ],
    }

    def fake(_: str) -> Mapping[str, Any]:
        return table

    monkeypatch.setattr(prices, "read", fake)
    monkeypatch.setattr(prices, "shipped", prices.shipped.__wrapped__)


@pytest.mark.parametrize("order", [1, -1])
@pytest.mark.parametrize(
    ("better", "worse"),
    [
        (("1", "observed", "2020"), ("2", "secondary", "2026")),
        (("1", "secondary", "2020"), ("2", "derived", "2026")),
        (("1", "derived", "2020"), ("2", "superseded", "2026")),
        (("1", "observed", "2026-07"), ("2", "observed", "2026-06-30")),
        (("1", "observed", "2022..2026"), ("2", "observed", "2024-08")),
        (("1", "observed", "2023"), ("2", "observed", "~2022-10")),
    ],
)
def test_the_better_row_wins_wherever_it_stands(
    monkeypatch: pytest.MonkeyPatch,
    better: tuple[str, str, str],
    worse: tuple[str, str, str],
    order: int,
) -> None:
    shipped(monkeypatch, *(better, worse)[::order])

    assert amount(prices.shipped(PriceTable.EC2).get((HOME, "m5.large"))) == 1


def test_a_price_that_was_only_ever_superseded_is_unknown(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    shipped(monkeypatch, ("1", "superseded", "2026"))

    assert (HOME, "m5.large") not in prices.shipped(PriceTable.EC2)


@pytest.mark.parametrize("name", TABLES)
def test_every_row_has_an_amount_a_unit_a_status_a_source_and_a_date(name: str) -> None:
    table = read(name)
    width = len(table["columns"])

    for row in table["rows"]:
        region, *_, amount, currency, unit, status, source, source_date = row
        assert len(row) == width
        assert Decimal(amount) > 0
        assert currency == ("CNY" if region.startswith("cn-") else "USD")
        assert unit
        assert PriceStatus(status)
        assert table["sources"][source]
        assert any(char.isdigit() for char in source_date)


@pytest.mark.parametrize("name", TABLES)
def test_every_date_says_when(name: str) -> None:
    table = read(name)
    fetched = date.fromisoformat(table["fetched"])

    for row in table["rows"]:
        assert date(2019, 1, 1) < earliest(row[-1]) <= fetched


@pytest.mark.parametrize("table", PriceTable)
def test_every_table_has_the_columns_that_its_rows_are_found_by(table: PriceTable) -> None:
    columns = read(f"prices_{table}.json")["columns"]

    assert tuple(columns) == (*KEYS[table], *PRICE_COLUMNS)


@pytest.mark.parametrize("name", TABLES)
def test_every_source_is_named_by_a_row(name: str) -> None:
    table = read(name)

    assert {row[-2] for row in table["rows"]} == set(range(len(table["sources"])))


def test_every_component_with_a_price_is_named() -> None:
    rows = read("prices_sagemaker.json")["rows"]

    assert {row[2] for row in rows} == set(Component)


COMPONENTS = {
    Surface.NOTEBOOK: Component.NOTEBOOK,
    Surface.TRAINING: Component.TRAINING,
    Surface.PROCESSING: Component.PROCESSING,
    Surface.TRANSFORM: Component.TRANSFORM,
    Surface.ENDPOINT: Component.HOSTING,
}


@pytest.mark.parametrize("surface", Surface)
def test_what_has_a_price_as_a_component_is_legal_on_its_surface(surface: Surface) -> None:
    rows = read("prices_sagemaker.json")["rows"]
    priced = {row[1] for row in rows if row[2] == COMPONENTS[surface]}

    assert priced <= legal_types(surface)


def test_every_type_with_a_price_on_ec2_is_a_type_of_ec2() -> None:
    priced = {row[1] for row in read("prices_ec2.json")["rows"]}

    # Still in AWS's price list of one region, no longer in its API.
    assert priced - ec2_types() == {"i3p.16xlarge"}


def cheapest(surface: Surface, *statuses: PriceStatus) -> tuple[str, Decimal]:
    found = (
        (name, BOOK.component(HOME, name, COMPONENTS[surface])) for name in legal_types(surface)
    )
    known = ((name, price.amount) for name, price in found if price and price.status in statuses)
    return min(known, key=lambda offer: (offer[1], offer[0]))


EVERY_STATUS = tuple(PriceStatus)
SEEN = (PriceStatus.OBSERVED, PriceStatus.SECONDARY)


@pytest.mark.parametrize(
    ("surface", "statuses", "name", "usd"),
    [
        (Surface.NOTEBOOK, EVERY_STATUS, "ml.t2.medium", "0.0464"),
        (Surface.TRAINING, EVERY_STATUS, "ml.t3.large", "0.1"),
        (Surface.TRAINING, SEEN, "ml.m5.large", "0.115"),
        (Surface.PROCESSING, EVERY_STATUS, "ml.t3.medium", "0.05"),
        # A derived price says that two ARM types are cheaper than what anyone has seen billed.
        (Surface.ENDPOINT, EVERY_STATUS, "ml.c8g.medium", "0.048"),
        (Surface.ENDPOINT, SEEN, "ml.t2.medium", "0.056"),
    ],
)
def test_the_cheapest_legal_type_of_a_surface(
    surface: Surface, statuses: tuple[PriceStatus, ...], name: str, usd: str
) -> None:
    assert cheapest(surface, *statuses) == (name, Decimal(usd))


def test_the_cheapest_transform_type_follows_from_the_price_on_ec2() -> None:
    """No transform price of this region is known; SageMaker bills m, c and r at EC2 times 1.2."""
    assert not any(
        BOOK.component(HOME, name, Component.TRANSFORM) for name in legal_types(Surface.TRANSFORM)
    )
    on_ec2 = {
        name: BOOK.ec2(HOME, name.removeprefix("ml."))
        for name in legal_types(Surface.TRANSFORM)
        if name.startswith(("ml.m", "ml.c", "ml.r"))
    }
    billed = {name: price.amount * Decimal("1.2") for name, price in on_ec2.items() if price}

    name = min(billed, key=lambda name: billed[name])
    assert (name, billed[name]) == ("ml.c6i.large", Decimal("0.102"))
