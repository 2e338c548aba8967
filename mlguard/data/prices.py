"""Prices that ship with mlguard: what one unit costs, in which region, and who says so.

A price that is not known is None: never another region's, never a superseded one. Where several
rows name a price, an observed one beats a secondary one, and that a derived one; then the newest.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from enum import StrEnum
from functools import cache
from typing import Any, Final

from mlguard.data.files import read
from mlguard.data.price_dates import earliest


class PriceStatus(StrEnum):
    """How far a price can be trusted."""

    OBSERVED = "observed"  # seen in AWS's own price list or bill, or in code that copies it
    SECONDARY = "secondary"  # only others say so
    DERIVED = "derived"  # computed from another price
    SUPERSEDED = "superseded"  # was true once
    GIVEN = "given"  # the user says what is paid


class Component(StrEnum):
    """What SageMaker bills an instance hour as: `component` in AWS's price list."""

    NOTEBOOK = "Notebook"
    STUDIO = "Studio"
    TRAINING = "Training"
    PROCESSING = "Processing"
    TRANSFORM = "BatchTransform"
    HOSTING = "Hosting"
    SERVERLESS = "ServerlessInference"  # instance type "serverless-2048MB", per second
    DATA = "DataProcessed"  # instance type "serverless", per GB in and out
    STORAGE = "Notebook/Training/Endpoint EBS"  # instance type "ml-storage-gp2", per GB-month
    CLUSTER = "Cluster(HyperPod)"


@dataclass(frozen=True, slots=True, kw_only=True)
class Price:
    """The price of one `unit`; `currency` is CNY in China and must not be added to USD.

    `list_amount` is what it was before the discounts that `discounts` name; None: none was taken.
    """

    amount: Decimal
    currency: str
    unit: str
    status: PriceStatus
    source: str
    source_date: str
    list_amount: Decimal | None = None
    discounts: tuple[str, ...] = ()


class PriceTable(StrEnum):
    """The tables of prices: what a row of each is found by is in KEYS."""

    SAGEMAKER = "sagemaker"
    EC2 = "ec2"
    LAMBDA = "lambda"
    CHARGES = "charges"


KEYS: Final[Mapping[PriceTable, tuple[str, ...]]] = {
    PriceTable.SAGEMAKER: ("region", "instance_type", "component"),
    PriceTable.EC2: ("region", "instance_type"),
    PriceTable.LAMBDA: ("region", "architecture", "charge", "tier"),
    PriceTable.CHARGES: ("region", "charge"),
}
PRICE_COLUMNS: Final = ("amount", "currency", "unit", "status", "source", "source_date")

Key = tuple[str, ...]
Prices = Mapping[Key, Price]


def lambda_keys(region: str, architecture: str, charge: str) -> tuple[Key, Key]:
    """Return the keys of a Lambda charge: its own, and that of one that is for any architecture."""
    own = (region, architecture, charge, FIRST_TIER)
    return own, (region, ANY_ARCHITECTURE, charge, FIRST_TIER)


@dataclass(frozen=True, slots=True, kw_only=True)
class Tier:
    """What a unit costs from so many units a month on, until the next tier begins."""

    begins: Decimal
    price: Price


def is_tier(key: Key, region: str, architecture: str, charge: str) -> bool:
    """Return whether the key is that of a tier of the Lambda charge."""
    place, kind, name, _ = key
    return (place, name) == (region, charge) and kind in (architecture, ANY_ARCHITECTURE)


FIRST_TIER: Final = "0"
ANY_ARCHITECTURE: Final = "any"

# Best last. A superseded price is in the files for the record, and is never handed out.
_TRUST: Final = (
    PriceStatus.DERIVED,
    PriceStatus.SECONDARY,
    PriceStatus.OBSERVED,
    PriceStatus.GIVEN,
)


@cache
def shipped(table: PriceTable) -> Prices:
    """Return the shipped prices of a table by key."""
    content = read(f"prices_{table}.json")
    width = len(KEYS[table])
    sources = content["sources"]
    return best((tuple(row[:width]), _price(row[width:], sources)) for row in content["rows"])


def unit_of(table: PriceTable, key: Key) -> str | None:
    """Return the unit that prices of this kind are for, None if none of the kind is shipped."""
    return _units(table).get(_kind(table, key))


@cache
def _units(table: PriceTable) -> Mapping[str, str]:
    return {_kind(table, key): price.unit for key, price in shipped(table).items()}


def _kind(table: PriceTable, key: Key) -> str:
    """Return what is billed of a type: a component or a charge; of EC2 it is all the same."""
    place = {PriceTable.EC2: None, PriceTable.CHARGES: 1}.get(table, 2)
    return "" if place is None else key[place]


def _price(cells: Sequence[Any], sources: Sequence[str]) -> Price:
    amount, currency, unit, status, source, source_date = cells
    return Price(
        amount=Decimal(amount),
        currency=currency,
        unit=unit,
        status=PriceStatus(status),
        source=sources[source],
        source_date=source_date,
    )


def best(rows: Iterable[tuple[Key, Price]]) -> Prices:
    """Return the most trustworthy price of each key; superseded ones are left out."""
    found: dict[Key, Price] = {}
    for key, price in rows:
        if price.status is not PriceStatus.SUPERSEDED:
            found[key] = better(found.get(key), price)
    return found


def better(one: Price | None, other: Price) -> Price:
    """Return the price that is more to be trusted, and of equals the newer; of twins the other."""
    return other if one is None else max(other, one, key=_trust)


def _trust(price: Price) -> tuple[int, date]:
    return _TRUST.index(price.status), earliest(price.source_date)
