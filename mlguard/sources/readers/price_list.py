"""AWS's price list -> rows of the price tables: which of its offers is the price of what.

The Price List Query API and the bulk offer files have the same products under names that differ
in spaces and case. Most of a list is of no use here, and some of it misleads: fees for training
plans stand under the names of instances, free tiers under those of requests at a price of 0.
"""

import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Any, Final

from mlguard.data.price_file import REGION, TIER, currency_of, positive
from mlguard.data.prices import Component, Key, Price, PriceStatus, PriceTable

SAGEMAKER: Final = "AmazonSageMaker"
EC2: Final = "AmazonEC2"
LAMBDA: Final = "AWSLambda"
SERVICES: Final = (SAGEMAKER, EC2, LAMBDA)

_HOUR: Final = "Hrs"
_NO_LETTER: Final = re.compile(r"[^a-z0-9]")

# `component`, or `platoinstancetype` in older lists. Others are of no resource that is read here:
# HyperPod, RStudio, JupyterLab spaces, asynchronous inference at the price of hosting.
_COMPONENTS: Final = {
    "hosting": Component.HOSTING,
    "notebook": Component.NOTEBOOK,
    "training": Component.TRAINING,
    "processing": Component.PROCESSING,
    "batchtransform": Component.TRANSFORM,
    "studionotebook": Component.STUDIO,
}
# A usage type is "USE1-Host:ml.m5.large": where, as what, which; of us-east-1 some say no "where".
_USAGE: Final = re.compile(
    r"(?:[A-Z0-9]+-)?(?P<word>[A-Za-z]+):(?P<type>ml\.[a-z0-9-]+\.[a-z0-9-]+)"
)
_USAGE_WORDS: Final = {
    "Host": Component.HOSTING,
    "Notebk": Component.NOTEBOOK,
    "Train": Component.TRAINING,
    "Processing": Component.PROCESSING,
    "Tsform": Component.TRANSFORM,
}

_LINUX: Final = {
    "operatingsystem": "Linux",
    "tenancy": "Shared",
    "preinstalledsw": "NA",
    "capacitystatus": "Used",
}
_EC2_TYPE: Final = re.compile(r"[a-z0-9-]+\.[a-z0-9-]+")

_GROUPS: Final = {
    "AWS-Lambda-Requests": "Requests",
    "AWS-Lambda-Duration": "Duration",
    "AWS-Lambda-Duration-Provisioned": "ProvisionedDuration",
    "AWS-Lambda-Provisioned-Concurrency": "ProvisionedConcurrency",
    "AWS-Lambda-Storage-Duration": "EphemeralStorage >512MB",
}
_LAMBDA_UNITS: Final = {
    "request": "Request",
    "requests": "Request",
    "lambdagbsecond": "GB-second",
    "gbsecond": "GB-second",
    "gbseconds": "GB-second",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Offer:
    """One on-demand price of one product; `attributes` are under `plain` names."""

    service: str
    attributes: Mapping[str, str]
    unit: str
    begin: str
    amounts: Mapping[str, str]
    published: date


Row = tuple[PriceTable, Key, Price]


def plain(name: str) -> str:
    """Return the name of an attribute without case, spaces and signs: both kinds of list agree."""
    return _NO_LETTER.sub("", name.lower())


def product_offers(
    product: Mapping[str, Any], terms: Mapping[str, Any], *, service: str, published: date
) -> Iterator[Offer]:
    """Yield the offers of a product from its `OnDemand` terms, as JSON has them."""
    attributes = {plain(name): str(value) for name, value in product["attributes"].items()}
    attributes["productfamily"] = str(product.get("productFamily", ""))
    for term in terms.values():
        for dimension in term["priceDimensions"].values():
            yield Offer(
                service=service,
                attributes=attributes,
                unit=dimension["unit"],
                begin=dimension.get("beginRange", "0"),
                amounts=dimension["pricePerUnit"],
                published=published,
            )


def price_rows(offers: Iterable[Offer], *, source: str) -> tuple[list[Row], tuple[str, ...]]:
    """Return the rows of the tables that these offers make, and the keys that were left out.

    Left out is what has two prices: nobody can tell which of them is billed.
    """
    found: dict[tuple[PriceTable, Key], Price] = {}
    twice: set[tuple[PriceTable, Key]] = set()
    for offer in offers:
        row = price_row(offer, source=source)
        if row is None:
            continue
        table, key, price = row
        if found.setdefault((table, key), price).amount != price.amount:
            twice.add((table, key))
    rows = [
        (table, key, price) for (table, key), price in found.items() if (table, key) not in twice
    ]
    return rows, tuple(sorted(f"{table}: {' '.join(key)}" for table, key in twice))


def price_row(offer: Offer, *, source: str) -> Row | None:
    """Return the row that an offer is, None for what no table has, and for what costs nothing."""
    attributes = offer.attributes
    region = attributes.get("regioncode", "")
    if not REGION.fullmatch(region) or attributes.get("locationtype", _REGIONAL) != _REGIONAL:
        return None
    placed = _PLACES[offer.service](offer) if offer.service in _PLACES else None
    currency = currency_of(region)
    amount = _amount(offer.amounts.get(currency))
    if placed is None or amount is None:
        return None
    table, key, unit = placed
    price = Price(
        amount=amount,
        currency=currency,
        unit=unit,
        status=PriceStatus.OBSERVED,
        source=source,
        source_date=offer.published.isoformat(),
    )
    return table, (region, *key), price


_REGIONAL: Final = "AWS Region"

Place = tuple[PriceTable, Key, str]


def _sagemaker(offer: Offer) -> Place | None:
    """Return type and component; neither a fee, nor anything of which only one is known."""
    attributes = offer.attributes
    used = _USAGE.fullmatch(attributes.get("usagetype", ""))
    said = plain(attributes.get("component") or attributes.get("platoinstancetype") or "")
    component = _COMPONENTS.get(said)
    if not said and used is not None:
        component = _USAGE_WORDS.get(used["word"])
    name = attributes.get("instancename") or (used["type"] if used is not None else "")
    if offer.unit != _HOUR or component is None or not name.startswith("ml."):
        return None
    if used is not None and used["type"] != name:
        return None
    return PriceTable.SAGEMAKER, (name, component.value), _HOUR


def _ec2(offer: Offer) -> Place | None:
    attributes = offer.attributes
    if attributes.get("productfamily") == "Storage" and offer.unit == "GB-Mo":
        volume = attributes.get("volumeapiname", "")
        used = attributes.get("usagetype", "").endswith(f"EBS:VolumeUsage.{volume}")
        return (PriceTable.CHARGES, (f"EBS {volume}",), "GB-Mo") if volume and used else None
    name = attributes.get("instancetype", "")
    if offer.unit != _HOUR or not _EC2_TYPE.fullmatch(name):
        return None
    if any(attributes.get(field) != value for field, value in _LINUX.items()):
        return None
    # Dedicated hosts, reserved capacity and blocks for ML stand under other usage types.
    if not re.search(r"(?:^|-)BoxUsage(?::|$)", attributes.get("usagetype", "")):
        return None
    return PriceTable.EC2, (name,), _HOUR


def _lambda(offer: Offer) -> Place | None:
    group = offer.attributes.get("group", "")
    charge = _GROUPS.get(group.removesuffix("-ARM"))
    unit = _LAMBDA_UNITS.get(plain(offer.unit))
    if charge is None or unit is None or (charge == "Requests") != (unit == "Request"):
        return None
    if not TIER.fullmatch(offer.begin):
        return None
    architecture = "arm64" if group.endswith("-ARM") else "x86_64"
    return PriceTable.LAMBDA, (architecture, charge, offer.begin), unit


_PLACES: Final = {SAGEMAKER: _sagemaker, EC2: _ec2, LAMBDA: _lambda}


def _amount(text: str | None) -> Decimal | None:
    try:
        return positive(text or "0").normalize()
    except ValueError:
        return None
