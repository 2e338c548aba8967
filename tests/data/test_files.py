from importlib.resources import files
from pathlib import Path
from typing import Any

import pytest

from mlguard.data.files import read
from mlguard.errors import FileError

TABLES = (
    "hardware.json",
    "instance_types.json",
    "prices_charges.json",
    "prices_ec2.json",
    "prices_lambda.json",
    "prices_sagemaker.json",
)


@pytest.fixture
def shipped(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    def folder(_: str) -> Path:
        return tmp_path

    monkeypatch.setattr("mlguard.data.files.files", folder)
    return tmp_path / "table.json"


@pytest.mark.parametrize("name", TABLES)
def test_a_table_says_where_it_comes_from_and_since_when(name: str) -> None:
    table = read(name)

    assert table["source"]
    assert table["fetched"].count("-") == 2


def test_the_tables_stay_small_enough_to_ship() -> None:
    folder = files("mlguard.data")

    assert sum(len(folder.joinpath(name).read_bytes()) for name in TABLES) < 600_000


@pytest.mark.parametrize(
    ("content", "fault"),
    [
        ('{"schema": 2}', r"\$\.schema: expected 1, found 2"),
        ("{}", r"\$\.schema: expected 1, found None"),
        ('{"schema": 1', "not JSON"),
        ("[]", r"\$: expected an object"),
        ("\ufeff", "not JSON"),
    ],
)
def test_a_damaged_table_is_refused_with_its_name_and_the_cure(
    shipped: Path, content: str, fault: str
) -> None:
    shipped.write_text(content, encoding="utf-8")

    with pytest.raises(FileError, match=f"table.json: .*{fault}.*reinstall mlguard-aws"):
        read("table.json")


def test_a_missing_table_is_refused_with_its_name_and_the_cure() -> None:
    with pytest.raises(FileError, match=r"no\.json: not among the shipped data; reinstall"):
        read("no.json")


def test_a_table_of_another_schema_is_read_by_who_asks_for_it(shipped: Path) -> None:
    shipped.write_text('{"schema": 2, "rows": []}', encoding="utf-8")

    content: dict[str, Any] = read("table.json", schema=2)

    assert content["rows"] == []
