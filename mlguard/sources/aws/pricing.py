"""The Price List Query API: what AWS lists today, for the regions that somebody asks about.

No part of an audit: only a refresh of prices calls it.
"""

import json
from collections.abc import Iterable, Iterator, Mapping
from datetime import date
from typing import Any, Final

from mlguard.errors import SourceError
from mlguard.snapshot import GapReason
from mlguard.sources.aws.connection import Connection
from mlguard.sources.aws.refusal import Refusal
from mlguard.sources.readers.price_list import (
    EC2,
    LAMBDA,
    SAGEMAKER,
    Offer,
    Row,
    price_rows,
    product_offers,
)

ENDPOINTS: Final = ("us-east-1", "eu-central-1", "ap-south-1")
"""Where the API is, whichever region is asked about: AWS General Reference, "Price List"."""

REFRESH_ACTIONS: Final = ("pricing:GetProducts",)
"""What a refresh of prices needs, and no audit does."""

SOURCE: Final = "AWS Price List Query API"

_LINUX: Final = {
    "operatingSystem": "Linux",
    "tenancy": "Shared",
    "preInstalledSw": "NA",
    "capacitystatus": "Used",
}
# Without an instance and a component each: all that a region has, told apart when it is read.
_QUERIES: Final[tuple[tuple[str, Mapping[str, str]], ...]] = (
    (SAGEMAKER, {"productFamily": "ML Instance"}),
    (EC2, _LINUX),
    (EC2, {"productFamily": "Storage"}),
    (LAMBDA, {}),
)


def collect(
    connection: Connection, regions: Iterable[str], *, endpoint: str = ENDPOINTS[0]
) -> tuple[list[Row], tuple[str, ...]]:
    """Return the rows that AWS lists for some regions, and the keys left out as ambiguous.

    Raises SourceError, with the cure, for a region that is not in the list and for a refusal.
    """
    rows: list[Row] = []
    left_out: list[str] = []
    for region in dict.fromkeys(regions):
        if region.startswith("cn-"):
            raise SourceError(
                f"{region}: the prices of China are in a list of their own: "
                "give its offer files with --from-offer"
            )
        found, twice = price_rows(_offers(connection, region, endpoint), source=SOURCE)
        if not found:
            raise SourceError(f"{region}: AWS lists no price there: is it a region?")
        rows.extend(found)
        left_out.extend(twice)
    return rows, tuple(left_out)


def _offers(connection: Connection, region: str, endpoint: str) -> Iterator[Offer]:
    for service, fields in _QUERIES:
        filters = [
            {"Type": "TERM_MATCH", "Field": field, "Value": value}
            for field, value in {"regionCode": region, **fields}.items()
        ]
        try:
            for page in connection.pages(
                "pricing",
                "GetProducts",
                region=endpoint,
                ServiceCode=service,
                Filters=filters,
                FormatVersion="aws_v1",
            ):
                for text in page.get("PriceList", ()):
                    yield from _product(text, service)
        except Refusal as stopped:
            raise SourceError(_refused(stopped, region)) from stopped


def _product(text: str, service: str) -> Iterator[Offer]:
    """Yield the offers of one entry, which is JSON in a text."""
    try:
        entry: Mapping[str, Any] = json.loads(text)
        yield from product_offers(
            entry["product"],
            entry["terms"].get("OnDemand", {}),
            service=service,
            published=date.fromisoformat(entry["publicationDate"][:10]),
        )
    except (AttributeError, KeyError, TypeError, ValueError) as error:
        raise SourceError(
            f"{service}: the price list has an entry that is not as AWS documents it: {error!r}"
        ) from error


def _refused(stopped: Refusal, region: str) -> str:
    cure = ""
    if stopped.reason is GapReason.DENIED:
        cure = f": allow {REFRESH_ACTIONS[0]}, or give offer files with --from-offer"
    return f"the prices of {region} could not be read: {stopped.code}: {stopped.detail}{cure}"
