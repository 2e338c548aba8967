from collections.abc import Callable
from pathlib import Path

import pytest

from mlguard.errors import FileError
from mlguard.sources import offer_file
from mlguard.sources.offer_file import offers
from mlguard.sources.readers.price_list import price_rows
from tests.builders.price_list import Entry, bulk_csv, bulk_json, function, linux, ml

Bulk = Callable[[str, list[Entry]], str]


def reserved(one: Entry) -> Entry:
    """Return the product with a reserved price beside that on demand."""
    (term,) = one["terms"]["OnDemand"].values()
    ((code, rate),) = term["priceDimensions"].items()
    cheap = {**rate, "pricePerUnit": {"USD": "0.01"}}
    terms = {**one["terms"], "Reserved": {"R": {**term, "priceDimensions": {code: cheap}}}}
    return {**one, "terms": terms}


ENTRIES = {
    "AmazonSageMaker": [ml(), ml("ml.m5.xlarge", "0.23", sku="SKU2")],
    "AmazonEC2": [reserved(linux()), reserved(linux("c5.large", "0.085"))],
    "AWSLambda": [
        function("AWS-Lambda-Duration", ("0", "0.0000166667"), ("6000000000", "0.000015")),
        function("AWS-Lambda-Requests", ("0", "0.0000002"), unit="Requests"),
    ],
}
KEYS = {
    "AmazonSageMaker": [("ml.m5.large", "Hosting"), ("ml.m5.xlarge", "Hosting")],
    "AmazonEC2": [("m5.large",), ("c5.large",)],
    "AWSLambda": [
        ("x86_64", "Duration", "0"),
        ("x86_64", "Duration", "6000000000"),
        ("x86_64", "Requests", "0"),
    ],
}


def written(folder: Path, text: str) -> Path:
    path = folder / "index"
    path.write_text(text, encoding="utf-8")
    return path


@pytest.mark.parametrize("service", ENTRIES)
@pytest.mark.parametrize("bulk", [bulk_csv, bulk_json])
@pytest.mark.parametrize("chunk", [7, 1 << 16])
def test_both_kinds_of_file_have_the_prices_on_demand(
    tmp_path: Path, bulk: Bulk, service: str, chunk: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(offer_file, "_CHUNK", chunk)
    path = written(tmp_path, bulk(service, ENTRIES[service]))
    rows, left_out = price_rows(offers(path), source="bulk")
    assert [key[1:] for _, key, _ in rows] == KEYS[service]
    assert left_out == ()
    assert {(key[0], price.source_date) for _, key, price in rows} == {("us-east-1", "2026-11-20")}
    csv_path = written(tmp_path, bulk_csv(service, ENTRIES[service]))
    assert price_rows(offers(csv_path), source="bulk") == (rows, left_out)


def test_a_csv_row_without_an_instance_type_is_known_by_its_usage_type(tmp_path: Path) -> None:
    bare = ml(instanceType="", instanceName="", component="")
    path = written(tmp_path, bulk_csv("AmazonSageMaker", [bare]))
    rows, _ = price_rows(offers(path), source="bulk")
    assert [key for _, key, _ in rows] == [("us-east-1", "ml.m5.large", "Hosting")]


def test_a_json_file_is_read_no_further_than_the_prices_on_demand(tmp_path: Path) -> None:
    text = bulk_json("AmazonEC2", ENTRIES["AmazonEC2"])
    cut = text[: text.index('"Reserved"')]
    rows, _ = price_rows(offers(written(tmp_path, cut)), source="bulk")
    assert len(rows) == 2


CSV = bulk_csv("AmazonSageMaker", ENTRIES["AmazonSageMaker"])
JSON = bulk_json("AmazonSageMaker", ENTRIES["AmazonSageMaker"])


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("", "names no service"),
        ("hello", "names no service"),
        (CSV.replace('"AmazonSageMaker"\n', '"AmazonRDS"\n'), "of 'AmazonRDS'"),
        (CSV.replace("2026-11-20T02:56:06Z", "lately"), "when it was published"),
        (CSV.replace('"PricePerUnit"', '"Price"'), "no column 'priceperunit' in row 6"),
        (CSV.replace('"Region Code"', '"Where"'), "no column 'regioncode'"),
        (CSV + '"one cell"\n', "line 9: 1 cells, not 28"),
        (CSV + '"never closed', "line 9|unexpected end"),
        ("{}", "no terms"),
        ("{", "it is cut"),
        ("[1]", "names no service"),
        (JSON.replace('"AmazonSageMaker"', '"AmazonRDS"'), "of 'AmazonRDS'"),
        (JSON[: JSON.index('"terms"') + 60], "cut"),
        (JSON.replace('"products": {', '"products": ['), "expected"),
        (JSON.replace('"priceDimensions"', '"dimensions"'), "product SKU1: its terms"),
    ],
)
def test_what_is_no_offer_file_is_refused_with_the_cure(
    tmp_path: Path, text: str, said: str
) -> None:
    with pytest.raises(FileError, match=said) as caught:
        list(offers(written(tmp_path, text)))
    assert str(caught.value).startswith(f"{tmp_path / 'index'}: is no offer file of AWS: ")
    assert "pricing.us-east-1.amazonaws.com" in str(caught.value)
    assert "\n" not in str(caught.value)


def test_bytes_that_are_no_text_and_a_file_that_is_not_there_are_refused(tmp_path: Path) -> None:
    path = tmp_path / "index"
    with pytest.raises(FileError, match="cannot be read: No such file"):
        list(offers(path))
    path.write_bytes(b"\xff\xfe\x00")
    with pytest.raises(FileError, match="is no offer file"):
        list(offers(path))
