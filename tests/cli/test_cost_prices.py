import json
from pathlib import Path
from typing import Any

import click
import pytest
from click.testing import CliRunner

from mlguard.cli.cost_prices import Refresh, refresh_options, refresh_prices
from mlguard.cost.prices import PriceBook
from mlguard.data.instance_types import Surface
from mlguard.errors import FileError, SourceError
from mlguard.sources.price_file import load
from tests.builders.price_list import bulk_csv, bulk_json, linux, ml


def offer(folder: Path, text: str, name: str = "index.csv") -> Path:
    path = folder / name
    path.write_text(text, encoding="utf-8")
    return path


def test_offer_files_become_a_prices_file_that_a_bill_is_made_with(tmp_path: Path) -> None:
    path = tmp_path / "prices.json"
    csv_file = offer(tmp_path, bulk_csv("AmazonSageMaker", [ml(amount="0.117")]))
    json_file = offer(tmp_path, bulk_json("AmazonEC2", [linux(amount="0.099")]), "index.json")
    told = refresh_prices(Refresh(path=path, offers=(csv_file, json_file)))
    assert told == (f"2 prices of us-east-1 written to {path}",)
    book = PriceBook(refreshed=load(path))
    hosted, machine = (
        book.sagemaker("us-east-1", "ml.m5.large", Surface.ENDPOINT),
        book.ec2("us-east-1", "m5.large"),
    )
    assert (str(hosted and hosted.amount), str(machine and machine.amount)) == ("0.117", "0.099")
    assert hosted is not None
    assert (hosted.source, hosted.source_date) == ("AWS bulk offer file", "2026-11-20")


def test_what_the_file_held_of_others_is_kept(tmp_path: Path) -> None:
    path = tmp_path / "prices.json"
    for text in (
        bulk_csv("AmazonEC2", [linux(), linux("c5.large", "0.085")]),
        bulk_csv("AmazonEC2", [linux(amount="0.1")], published="2026-11-23T00:00:00Z"),
        bulk_csv("AmazonEC2", [linux(amount="0.2")], published="2026-11-01T00:00:00Z"),
    ):
        refresh_prices(Refresh(path=path, offers=(offer(tmp_path, text),)))
    held = {row[1]: row[2] for row in json.loads(path.read_text())["tables"]["ec2"]["rows"]}
    assert held == {"m5.large": "0.1", "c5.large": "0.085"}


def test_regions_that_were_not_asked_about_are_left_out(tmp_path: Path) -> None:
    path = tmp_path / "prices.json"
    elsewhere = linux(regionCode="eu-west-1", usagetype="EUW1-BoxUsage:m5.large")
    file = offer(tmp_path, bulk_json("AmazonEC2", [elsewhere]))
    with pytest.raises(SourceError, match="no price that mlguard uses"):
        refresh_prices(Refresh(path=path, offers=(file,), regions=("us-east-1",)))
    assert not path.exists()
    told = refresh_prices(Refresh(path=path, offers=(file,), regions=("eu-west-1",)))
    assert "eu-west-1" in told[0]


def test_a_file_that_is_not_a_prices_file_stays_as_it_is(tmp_path: Path) -> None:
    path = offer(tmp_path, "my notes", "notes.txt")
    file = offer(tmp_path, bulk_csv("AmazonEC2", [linux()]))
    with pytest.raises(FileError, match="is no prices file"):
        refresh_prices(Refresh(path=path, offers=(file,)))
    assert path.read_text() == "my notes"


def test_what_has_two_prices_is_told(tmp_path: Path) -> None:
    twice = [ml(sku="A"), ml(sku="B", amount="0.2"), ml("ml.m5.xlarge", sku="C")]
    file = offer(tmp_path, bulk_csv("AmazonSageMaker", twice))
    told = refresh_prices(Refresh(path=tmp_path / "p.json", offers=(file,)))
    assert told[1:] == (
        "left out, for it has two prices: sagemaker: us-east-1 ml.m5.large Hosting",
    )


def test_the_api_is_asked_about_named_regions_alone(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("AWS_DEFAULT_REGION", raising=False)
    monkeypatch.setenv("AWS_CONFIG_FILE", str(tmp_path / "none"))
    with pytest.raises(click.UsageError, match="name each with --region"):
        refresh_prices(Refresh(path=tmp_path / "p.json"))
    with pytest.raises(click.UsageError, match="name each with --region"):
        refresh_prices(Refresh(path=tmp_path / "p.json", regions=("all",)))


def test_a_profile_is_not_for_files(tmp_path: Path) -> None:
    file = offer(tmp_path, bulk_csv("AmazonEC2", [linux()]))
    with pytest.raises(click.UsageError, match="--profile"):
        refresh_prices(Refresh(path=tmp_path / "p.json", offers=(file,), profile="ours"))


def test_the_options_are_those_that_the_command_hands_over() -> None:
    got: dict[str, Any] = {}

    @click.command()
    @refresh_options
    def command(**options: Any) -> None:
        got.update(options)

    arguments = ["--refresh-prices", "p.json", "--from-offer", "a", "--from-offer", "b"]
    assert CliRunner().invoke(command, arguments).exit_code == 0
    assert got == {"refresh_prices": "p.json", "from_offer": ("a", "b")}
