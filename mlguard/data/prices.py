"""Prices that ship with mlguard: what one unit costs, in which region, and who says so.

A price that is not known is None: never another region's, never a superseded one. Where several
rows name a price, an observed one beats a secondary one, and that a derived one; then the newest.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal
from enum import StrEnum
from functools import cache

from mlguard.data.files import read


class PriceStatus(StrEnum):
    """How far a price can be trusted."""

    OBSERVED = "observed"  # seen in AWS's own price list or bill, or in code that copies it
    SECONDARY = "secondary"  # only others say so
    DERIVED = "derived"  # computed from another price
    SUPERSEDED = "superseded"  # was true once


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
    """The price of one `unit`; `currency` is CNY in China and must not be added to USD."""

    amount: Decimal
    currency: str
    unit: str
    status: PriceStatus
    source: str
    source_date: str


def sagemaker_price(region: str, instance_type: str, component: str) -> Price | None:
    """Return what SageMaker bills there for the type as that component (see Component)."""
    return _prices("prices_sagemaker.json").get((region, instance_type, component))


def ec2_price(region: str, instance_type: str) -> Price | None:
    """Return the on-demand price of an hour of the type there: Linux, shared tenancy."""
    return _prices("prices_ec2.json").get((region, instance_type))


def lambda_price(region: str, architecture: str, charge: str) -> Price | None:
    """Return the price of a Lambda charge there, in its first tier.

    `architecture` is "x86_64" or "arm64"; `charge` is "Requests", "Duration",
    "ProvisionedConcurrency", "ProvisionedDuration" or "EphemeralStorage >512MB".
    """
    prices = _prices("prices_lambda.json")
    own = prices.get((region, architecture, charge, _FIRST_TIER))
    return own or prices.get((region, _ANY_ARCHITECTURE, charge, _FIRST_TIER))


@dataclass(frozen=True, slots=True, kw_only=True)
class Tier:
    """What a unit costs from so many units a month on, until the next tier begins."""

    begins: Decimal
    price: Price


def lambda_tiers(region: str, architecture: str, charge: str) -> tuple[Tier, ...]:
    """Return the tiers of a Lambda charge there, the first of them first; none if unknown.

    They count what an account uses in a month in the region on the architecture, all functions
    together: AWS Lambda pricing, "Tiered pricing".
    """
    found = (
        Tier(begins=Decimal(begins), price=price)
        for (place, kind, name, begins), price in _prices("prices_lambda.json").items()
        if (place, name) == (region, charge) and kind in (architecture, _ANY_ARCHITECTURE)
    )
    return tuple(sorted(found, key=lambda tier: tier.begins))


def charge_price(region: str, charge: str) -> Price | None:
    """Return the price there of what belongs to no instance type.

    Storage, requests and addresses: "EBS gp2", "EBS gp3", "S3 GET", "Public IPv4", ...
    """
    return _prices("prices_charges.json").get((region, charge))


_FIRST_TIER = "0"
_ANY_ARCHITECTURE = "any"

# Best last. A superseded price is in the files for the record, and is never handed out.
_TRUST = (PriceStatus.DERIVED, PriceStatus.SECONDARY, PriceStatus.OBSERVED)


@cache
def _prices(name: str) -> Mapping[tuple[str, ...], Price]:
    table = read(name)
    best: dict[tuple[str, ...], Price] = {}
    for *key_parts, amount, currency, unit, status, source, source_date in table["rows"]:
        if status == PriceStatus.SUPERSEDED:
            continue
        price = Price(
            amount=Decimal(amount),
            currency=currency,
            unit=unit,
            status=PriceStatus(status),
            source=table["sources"][source],
            source_date=source_date,
        )
        key = tuple(key_parts)
        best[key] = max(best.get(key, price), price, key=_trust)
    return best


def _trust(price: Price) -> tuple[int, str]:
    return _TRUST.index(price.status), _newest(price.source_date)


def _newest(source_date: str) -> str:
    """Return the end of a date that may be rough or a span: 2022 of "~2021..2022"."""
    return source_date.rpartition("..")[2].removeprefix("~")
