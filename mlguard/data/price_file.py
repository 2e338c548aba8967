"""A prices file: prices that were fetched after those that ship, in the same columns.

JSON: `schema` (1), `source`, `fetched` (a day) and `tables`, an object of "sagemaker", "ec2",
"lambda" and "charges", each with `columns`, `sources` and `rows` as the shipped tables have them.
"""

import json
import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal, InvalidOperation
from typing import Final

import msgspec
from msgspec import Struct

from mlguard.data.price_dates import earliest
from mlguard.data.prices import (
    KEYS,
    PRICE_COLUMNS,
    Key,
    Price,
    Prices,
    PriceStatus,
    PriceTable,
    best,
    unit_of,
)
from mlguard.errors import FileError

SCHEMA: Final = 1
CURE: Final = "remove it and write it anew with `mlguard cost --refresh-prices FILE`"

# "us-east-1", "us-gov-west-1", "cn-north-1": what a region looks like; Local Zones are longer.
REGION: Final = re.compile(r"[a-z]{2,4}(-[a-z0-9]+)+-\d+")

# Far below the cheapest unit that AWS lists, and far above the dearest.
_LEAST: Final = Decimal("1e-12")
_TOO_MUCH: Final = Decimal("1e9")

# So many units a month, from which on a tier's price holds.
TIER: Final = re.compile(r"[0-9]{1,15}")

_CHINA: Final = "cn-"
_STATUSES: Final = tuple(status for status in PriceStatus if status is not PriceStatus.GIVEN)


@dataclass(frozen=True, slots=True, eq=False)
class PriceFile:
    """The prices of a prices file by table and key, and where and when they were fetched."""

    source: str
    fetched: date
    tables: Mapping[PriceTable, Prices] = field(default_factory=dict)

    def get(self, table: PriceTable, key: Key) -> Price | None:
        """Return the price with this key, None if the file has none."""
        return self.tables.get(table, {}).get(key)


class _Rows(Struct, frozen=True, forbid_unknown_fields=True):
    columns: tuple[str, ...]
    sources: tuple[str, ...]
    rows: tuple[tuple[str | int, ...], ...]


class _File(Struct, frozen=True, forbid_unknown_fields=True):
    schema: int
    source: str
    fetched: date
    tables: dict[str, _Rows]


def currency_of(region: str) -> str:
    """Return the currency that AWS bills in there: yuan in China, dollars everywhere else."""
    return "CNY" if region.startswith(_CHINA) else "USD"


def decode(content: bytes, *, name: str) -> PriceFile:
    """Return the prices in a prices file; raises FileError with name, place and cure."""
    try:
        found = msgspec.json.decode(content, type=_File)
    except (msgspec.DecodeError, UnicodeDecodeError) as error:
        raise FileError(f"{name}: is no prices file: {error}; {CURE}") from error
    if found.schema != SCHEMA:
        raise FileError(f"{name}: $.schema: expected {SCHEMA}, found {found.schema}; {CURE}")
    known = ", ".join(PriceTable)
    for table in found.tables:
        if table not in set(PriceTable):
            raise FileError(f"{name}: $.tables: no table is called {table!r}: known: {known}")
    return PriceFile(
        source=found.source,
        fetched=found.fetched,
        tables={
            PriceTable(table): best(_prices(PriceTable(table), rows, name))
            for table, rows in found.tables.items()
        },
    )


def encode(
    tables: Mapping[PriceTable, Iterable[tuple[Key, Price]]], *, source: str, fetched: date
) -> str:
    """Return a prices file of these prices, one row a line, in order of their keys."""
    members = ",\n".join(
        f"  {json.dumps(table)}: {_table(table, tables[table])}" for table in tables
    )
    head = (
        f' "schema": {SCHEMA},\n "source": {json.dumps(source)},\n'
        f' "fetched": "{fetched.isoformat()}",\n "tables": '
    )
    return "{\n" + head + ("{\n" + members + "\n }" if members else "{}") + "\n}\n"


def _table(table: PriceTable, rows: Iterable[tuple[Key, Price]]) -> str:
    held = sorted(rows, key=lambda row: row[0])
    sources = sorted({price.source for _, price in held})
    number = {source: index for index, source in enumerate(sources)}
    cells = [
        [
            *key,
            f"{price.amount:f}",
            price.currency,
            price.unit,
            price.status.value,
            number[price.source],
            price.source_date,
        ]
        for key, price in held
    ]
    lines = ",\n".join(f"    {json.dumps(row, separators=(',', ':'))}" for row in cells)
    return (
        f'{{\n   "columns": {json.dumps([*KEYS[table], *PRICE_COLUMNS])},\n'
        f'   "sources": {json.dumps(sources)},\n   "rows": [\n{lines}\n   ]\n  }}'
    )


def _prices(table: PriceTable, rows: _Rows, name: str) -> list[tuple[Key, Price]]:
    expected = (*KEYS[table], *PRICE_COLUMNS)
    if rows.columns != expected:
        raise FileError(f"{name}: $.tables.{table}.columns: expected {', '.join(expected)}; {CURE}")
    found = []
    for index, row in enumerate(rows.rows):
        try:
            found.append(_row(table, row, rows.sources))
        except ValueError as error:
            raise FileError(f"{name}: $.tables.{table}.rows[{index}]: {error}; {CURE}") from error
    return found


def _row(table: PriceTable, row: Sequence[str | int], sources: Sequence[str]) -> tuple[Key, Price]:
    """Return the key and the price of a row; raises ValueError for what is not as it has to be."""
    width = len(KEYS[table])
    if len(row) != width + len(PRICE_COLUMNS):
        raise ValueError(
            f"has {len(row)} cells, where there are {width + len(PRICE_COLUMNS)} columns"
        )
    *texts, number, source_date = row
    if not all(isinstance(cell, str) and cell for cell in (*texts, source_date)):
        raise ValueError("every cell but that of the source is a text that is not empty")
    region, amount, currency, unit, status = (str(cell) for cell in (texts[0], *texts[width:]))
    if not REGION.fullmatch(region):
        raise ValueError(f"{region!r} is no region such as us-east-1")
    if currency != currency_of(region):
        raise ValueError(f"AWS bills {region} in {currency_of(region)}, and not in {currency!r}")
    if status not in _STATUSES:
        raise ValueError(f"status {status!r} is none of {', '.join(_STATUSES)}")
    if not isinstance(number, int) or not 0 <= number < len(sources):
        raise ValueError(f"{number!r} is no index of the {len(sources)} sources")
    earliest(str(source_date))
    billed = unit_of(table, tuple(str(cell) for cell in texts[:width]))
    if unit != (billed or unit):
        raise ValueError(f"unit {unit!r}: it is billed by {billed!r}")
    if table is PriceTable.LAMBDA:
        _refuse_tier(str(texts[width - 1]))
    price = Price(
        amount=positive(amount),
        currency=currency,
        unit=unit,
        status=PriceStatus(status),
        source=sources[number],
        source_date=str(source_date),
    )
    return tuple(str(cell) for cell in texts[:width]), price


def _refuse_tier(text: str) -> None:
    """Raise ValueError for what is no whole number of units that a tier begins at."""
    if not TIER.fullmatch(text):
        raise ValueError(f"tier {text!r} is no number of units that it begins at, such as 0")


def positive(text: str) -> Decimal:
    """Return an amount that is more than zero; raises ValueError. A price of 0 is no price."""
    try:
        amount = Decimal(text)
    except InvalidOperation as error:
        raise ValueError(f"{text!r} is no amount") from error
    if not amount.is_finite() or amount <= 0:
        raise ValueError(f"{text!r} is no price: it has to be more than 0")
    if not _LEAST <= amount < _TOO_MUCH:
        raise ValueError(f"{text!r} is no price: nothing of AWS costs so much, or so little")
    return amount
