import json
from datetime import date
from decimal import Decimal
from typing import Any

import pytest

from mlguard.data.files import read
from mlguard.data.price_file import decode, encode
from mlguard.data.prices import KEYS, PRICE_COLUMNS, Price, PriceStatus, PriceTable, shipped
from mlguard.errors import FileError

COLUMNS = [*KEYS[PriceTable.EC2], *PRICE_COLUMNS]
ROW = ["eu-west-1", "m5.large", "0.107", "USD", "Hrs", "observed", 0, "2026-11-20"]


def file(*rows: list[Any], **changed: Any) -> bytes:  # JSON may be anything
    table = {"columns": COLUMNS, "sources": ["AWS Price List"], "rows": list(rows)}
    head = {"schema": 1, "source": "AWS Price List", "fetched": "2026-11-24"}
    return json.dumps({**head, "tables": {"ec2": table}, **changed}).encode()


def test_a_price_is_found_by_its_key() -> None:
    found = decode(file(ROW), name="prices.json")

    assert found.fetched == date(2026, 11, 24)
    assert found.get(PriceTable.EC2, ("eu-west-1", "m5.large")) == Price(
        amount=Decimal("0.107"),
        currency="USD",
        unit="Hrs",
        status=PriceStatus.OBSERVED,
        source="AWS Price List",
        source_date="2026-11-20",
    )
    assert found.get(PriceTable.EC2, ("eu-west-2", "m5.large")) is None
    assert found.get(PriceTable.SAGEMAKER, ("eu-west-1", "ml.m5.large", "Hosting")) is None


@pytest.mark.parametrize("table", PriceTable)
def test_what_is_written_is_read_again(table: PriceTable) -> None:
    rows = shipped(table)
    text = encode({table: rows.items()}, source="a list", fetched=date(2026, 11, 24))

    assert decode(text.encode(), name="prices.json").tables == {table: rows}
    (held,) = json.loads(text)["tables"].values()
    assert held["columns"] == read(f"prices_{table}.json")["columns"]


def test_a_file_of_nothing_is_read_again() -> None:
    text = encode({}, source="a list", fetched=date(2026, 11, 24))

    assert decode(text.encode(), name="prices.json").tables == {}


def changed(index: int, cell: object) -> list[Any]:
    return [cell if place == index else held for place, held in enumerate(ROW)]


@pytest.mark.parametrize(
    ("row", "said"),
    [
        (changed(0, "Ireland"), "no region"),
        (changed(2, "0"), "more than 0"),
        (changed(2, "-1"), "more than 0"),
        (changed(2, "NaN"), "more than 0"),
        (changed(2, "cheap"), "no amount"),
        (changed(2, "1e999999"), "costs so much"),
        (changed(2, "1e-999999"), "or so little"),
        (changed(2, 1), "a text"),
        (changed(3, "CNY"), "in USD, and not in 'CNY'"),
        (changed(4, ""), "not empty"),
        (changed(4, "Second"), "billed by 'Hrs'"),
        (changed(5, "given"), "none of observed"),
        (changed(6, 1), "no index of the 1 sources"),
        (changed(6, "0"), "no index"),
        (changed(7, "lately"), "no date"),
        (ROW[:-1], "7 cells, where there are 8"),
    ],
)
def test_a_row_that_is_none_is_named_with_its_fault_and_the_cure(row: list[Any], said: str) -> None:
    with pytest.raises(FileError) as caught:
        decode(file(ROW, row), name="prices.json")
    assert str(caught.value).startswith("prices.json: $.tables.ec2.rows[1]: ")
    assert said in str(caught.value)
    assert "mlguard cost --refresh-prices" in str(caught.value)
    assert "\n" not in str(caught.value)


@pytest.mark.parametrize("tier", ["first", "NaN", "-5", "Infinity", "1e999999"])
def test_a_tier_begins_at_a_number_of_units(tier: str) -> None:
    columns = [*KEYS[PriceTable.LAMBDA], *PRICE_COLUMNS]
    row = ["us-east-1", "x86_64", "Duration", tier, "0.1", "USD", "GB-second", "observed", 0]
    table = {"columns": columns, "sources": ["a list"], "rows": [[*row, "2026-11-20"]]}
    with pytest.raises(FileError, match="no number of units"):
        decode(file(tables={"lambda": table}), name="prices.json")


def test_china_is_billed_in_yuan_alone() -> None:
    there = changed(0, "cn-north-1")
    with pytest.raises(FileError, match="in CNY, and not in 'USD'"):
        decode(file(there), name="prices.json")
    there[3] = "CNY"
    assert decode(file(there), name="prices.json").tables


@pytest.mark.parametrize(
    ("content", "said"),
    [
        (b"", "is no prices file"),
        (b"\xff\xfe", "is no prices file"),
        (b"[]", "is no prices file"),
        (file(schema=2), "expected 1, found 2"),
        (file(fetched="yesterday"), "fetched"),
        (file(tables={"s3": {"columns": [], "sources": [], "rows": []}}), "called 's3'"),
        (file(tables={"ec2": {"columns": ["a"], "sources": [], "rows": []}}), "expected region"),
        (file(more=1), "more"),
    ],
)
def test_a_file_that_is_none_is_refused_in_a_line(content: bytes, said: str) -> None:
    with pytest.raises(FileError, match=said) as caught:
        decode(content, name="prices.json")
    assert str(caught.value).startswith("prices.json: ")
    assert "\n" not in str(caught.value)
