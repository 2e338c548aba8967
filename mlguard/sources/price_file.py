"""Prices files on disk: read for a bill, and made anew from what AWS lists."""

from collections.abc import Iterable
from datetime import date
from pathlib import Path

from mlguard.data.price_file import PriceFile, decode, encode
from mlguard.data.prices import Key, Price, PriceTable, better
from mlguard.sources.files import read
from mlguard.sources.readers.price_list import Row


def load(path: str | Path) -> PriceFile:
    """Return the prices in a prices file; raises FileError with name, place and cure."""
    return decode(read(path), name=str(path))


def refreshed(rows: Iterable[Row], *, before: PriceFile | None, source: str, fetched: date) -> str:
    """Return a prices file of these rows, and of what the file held before and still may be so."""
    tables: dict[PriceTable, dict[Key, Price]] = {}
    if before is not None:
        tables = {table: dict(prices) for table, prices in before.tables.items()}
    for table, key, price in rows:
        held = tables.setdefault(table, {})
        held[key] = better(held.get(key), price)
    in_order = {table: tables[table].items() for table in PriceTable if table in tables}
    return encode(in_order, source=source, fetched=fetched)
