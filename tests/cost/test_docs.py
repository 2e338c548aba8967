"""The page on cost says what ships: its numbers are those of the tables."""

import re
import shlex
import tomllib
from pathlib import Path
from textwrap import dedent
from typing import Any

import msgspec
import pytest
from click.testing import CliRunner

from mlguard.cli import group
from mlguard.cost.price_terms import Discount, PriceOverride
from mlguard.data.files import read
from mlguard.data.price_dates import earliest
from mlguard.data.prices import PriceStatus, PriceTable, shipped
from mlguard.sources.aws import measures

ROOT = Path(__file__).parents[2]
PAGE = (ROOT / "docs" / "cost.md").read_text(encoding="utf-8")


@pytest.mark.parametrize("table", PriceTable)
def test_the_page_counts_the_shipped_prices(table: PriceTable) -> None:
    prices = shipped(table)
    by_status = {
        status: sum(price.status is status for price in prices.values()) for status in PriceStatus
    }
    dates = sorted(
        {one.source_date for one in prices.values()}, key=lambda day: (earliest(day), day)
    )
    cells = (
        table,
        len(prices),
        len({key[0] for key in prices}),
        by_status[PriceStatus.OBSERVED],
        by_status[PriceStatus.SECONDARY],
        by_status[PriceStatus.DERIVED],
        dates[0],
        dates[-1],
    )
    assert f"| {' | '.join(str(cell) for cell in cells)} |\n" in PAGE


def examples() -> dict[str, Any]:
    """Return the table that the page's examples of a configuration add up to."""
    blocks = re.findall(r"\n\n((?:    .*\n|\n)+)", PAGE)
    toml = "\n".join(dedent(block) for block in blocks if "tool.mlguard" in block)
    found: dict[str, Any] = tomllib.loads(toml)["tool"]["mlguard"]["cost"]
    return found


def test_the_examples_of_a_configuration_are_taken_as_they_stand() -> None:
    cost = examples()
    (ours,) = msgspec.convert(cost["prices"], tuple[PriceOverride, ...])
    plan, agreement = msgspec.convert(cost["discounts"], tuple[Discount, ...])
    assert ours.keys == (("us-east-1", "ml.m5.large", "Hosting"),)
    assert (plan.kind, agreement.kind) == ("savings-plan", "agreement")
    assert cost.keys() == {"prices", "discounts", "prices-file", "stale-after-months"}


def test_the_page_names_whatever_is_measured() -> None:
    metrics = (
        *measures.VARIANT_METRICS,
        *measures.FUNCTION_METRICS,
        *measures.PROVISIONED_METRICS,
        *measures.INSTANCE_METRICS,
    )
    for metric, statistic, _ in metrics:
        assert metric.removeprefix("ProvisionedConcurrency") in PAGE, metric
        assert f"({statistic})" in PAGE, statistic


def test_every_row_of_the_comparison_has_a_cell_for_each_tool() -> None:
    table = PAGE.partition("## Beside other tools")[2].partition("\n[")[0]
    rows = [line for line in table.splitlines() if line.startswith("|")]
    assert {row.count("|") for row in rows} == {7}


def test_every_link_has_an_address() -> None:
    named = set(re.findall(r"\]\[([a-z-]+)\]", PAGE)) | {"Infracost", "Compute Optimizer"}
    for name in named:
        assert f"\n[{name}]: https://" in PAGE, name


def test_the_day_of_the_tables_is_not_before_their_newest_price() -> None:
    for table in PriceTable:
        fetched = read(f"prices_{table}.json")["fetched"]
        assert max(earliest(one.source_date) for one in shipped(table).values()) <= earliest(
            fetched
        )


def test_what_the_page_says_of_the_write_up_is_what_mlguard_says(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.chdir(ROOT)
    block = PAGE.partition("<!-- as-written: begin -->")[2].partition("<!-- as-written: end -->")[0]
    command = block.partition("$ mlguard ")[2].partition("\n")[0]
    told = CliRunner().invoke(group, shlex.split(command)).stdout
    shown = re.sub(r"\n<details>.*?</details>\n", "", told, flags=re.DOTALL)
    assert block.partition("\n\n")[2].strip() == shown.strip()
