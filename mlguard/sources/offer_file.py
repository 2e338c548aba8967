"""Bulk offer files of AWS's price list: index.csv or index.json of one service.

They are up to gigabytes long: a CSV file is read by the row, a JSON file by the product, and of
either only what a table of prices can hold is kept.
"""

import csv
import json
from collections.abc import Iterator, Mapping
from datetime import date
from pathlib import Path
from typing import Any, Final, TextIO

from mlguard.errors import FileError
from mlguard.sources.readers.price_list import SERVICES, Offer, plain, product_offers

CURE: Final = "download https://pricing.us-east-1.amazonaws.com/offers/v1.0/aws/SERVICE/current/REGION/index.csv"

_CHUNK: Final = 1 << 16
_HEAD_ROWS: Final = 5
_PRICE_COLUMNS: Final = ("termtype", "unit", "startingrange", "priceperunit", "currency")


class _Malformed(Exception):  # noqa: N818  # becomes a FileError
    """What an offer file does not have, or has otherwise."""


def offers(path: Path) -> Iterator[Offer]:
    """Yield the on-demand offers of a bulk offer file; raises FileError with name and cure."""
    try:
        with path.open(encoding="utf-8-sig", newline="") as file:
            first = file.read(1)
            file.seek(0)
            yield from (_json_offers(file) if first == "{" else _csv_offers(file))
    except OSError as error:
        raise FileError(f"{path}: cannot be read: {error.strerror}") from error
    except (UnicodeDecodeError, csv.Error, _Malformed) as error:
        raise FileError(f"{path}: is no offer file of AWS: {error}; {CURE}") from error


def _csv_offers(file: TextIO) -> Iterator[Offer]:
    """Yield the offers of the rows: five of metadata, one of names, then a price in each."""
    rows = csv.reader(file, strict=True)
    metadata = [row for _, row in zip(range(_HEAD_ROWS), rows, strict=False)]
    head = {plain(row[0]): row[1] for row in metadata if len(row) > 1}
    service = _service(head.get("offercode"))
    published = _day(head.get("publicationdate"))
    columns = [plain(name) for name in next(rows, ())]
    missing = [name for name in (*_PRICE_COLUMNS, "regioncode", "usagetype") if name not in columns]
    if missing:
        raise _Malformed(f"no column {missing[0]!r} in row {_HEAD_ROWS + 1}")
    term = columns.index("termtype")
    for row in rows:
        if len(row) != len(columns):
            raise _Malformed(f"line {rows.line_num}: {len(row)} cells, not {len(columns)}")
        if row[term] != "OnDemand":
            continue
        cells = dict(zip(columns, row, strict=True))
        yield Offer(
            service=service,
            attributes=cells,
            unit=cells["unit"],
            begin=cells["startingrange"] or "0",
            amounts={cells["currency"]: cells["priceperunit"]},
            published=published,
        )


def _json_offers(file: TextIO) -> Iterator[Offer]:
    """Yield the offers of the products, which stand before the terms."""
    reader = _Members(file)
    head: dict[str, str] = {}
    products: dict[str, Mapping[str, Any]] = {}
    for name in reader.names():
        if name == "products":
            products = {sku: reader.value() for sku in reader.names()}
        elif name == "terms":
            service, published = _service(head.get("offerCode")), _day(head.get("publicationDate"))
            yield from _json_terms(reader, products, service=service, published=published)
            return
        else:
            head[name] = str(reader.value())
    raise _Malformed("it has no terms")


def _json_terms(
    reader: "_Members", products: Mapping[str, Mapping[str, Any]], *, service: str, published: date
) -> Iterator[Offer]:
    for kind in reader.names():
        for sku in reader.names():
            terms = reader.value()
            if kind != "OnDemand" or sku not in products:
                continue
            try:
                yield from product_offers(
                    products[sku], terms, service=service, published=published
                )
            except (AttributeError, KeyError, TypeError) as error:
                raise _Malformed(f"product {sku}: its terms are not as AWS has them") from error
        if kind == "OnDemand":
            return


class _Members:
    """Goes through JSON objects name by name: of each value, as far in as is asked for."""

    def __init__(self, file: TextIO) -> None:
        self._file = file
        self._text = ""
        self._at = 0
        self._decoder = json.JSONDecoder()

    def names(self) -> Iterator[str]:
        """Yield the names in the object that comes next; the value of each is then to be read."""
        self._expect("{")
        if self._next() == "}":
            self._expect("}")
            return
        while True:
            name = self.value()
            if not isinstance(name, str):
                raise _Malformed("a name is no text")
            self._expect(":")
            yield name
            if self._next() == "}":
                self._expect("}")
                return
            self._expect(",")

    def value(self) -> Any:
        """Return the value that comes next, whole."""
        self._next()
        while True:
            try:
                found, self._at = self._decoder.raw_decode(self._text, self._at)
            except json.JSONDecodeError as error:
                if not self._more():
                    raise _Malformed(f"it is cut, or no JSON: {error.msg}") from error
            else:
                return found

    def _expect(self, sign: str) -> None:
        found = self._next()
        if found != sign:
            raise _Malformed(f"{sign!r} expected, and not {found!r}")
        self._at += 1

    def _next(self) -> str:
        """Return the next sign that is no space."""
        while True:
            while self._at < len(self._text):
                if not self._text[self._at].isspace():
                    return self._text[self._at]
                self._at += 1
            if not self._more():
                raise _Malformed("it is cut")

    def _more(self) -> bool:
        chunk = self._file.read(_CHUNK)
        self._text = self._text[self._at :] + chunk
        self._at = 0
        return bool(chunk)


def _service(name: str | None) -> str:
    if name not in SERVICES:
        said = "it names no service" if name is None else f"it is of {name!r}"
        raise _Malformed(f"{said}, and is to be of {', '.join(SERVICES)}")
    return name


def _day(moment: str | None) -> date:
    try:
        return date.fromisoformat((moment or "")[:10])
    except ValueError as error:
        raise _Malformed(f"it does not say when it was published: {moment!r}") from error
