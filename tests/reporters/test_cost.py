"""The cost in a terminal, as JSON, as Markdown: by golden files; and what it must never do."""

import json
import re
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest

from mlguard.cost.costing import Costing
from mlguard.cost.grouping import Basis, Group
from mlguard.reporters import cost_json, cost_markdown, cost_terminal
from mlguard.reporters.cost_terminal import Detail
from tests.builders.bills import bill
from tests.reporters import cost_sample as sample

GOLDEN = Path(__file__).parent / "golden"
SAMPLES: dict[str, Callable[[], Costing]] = {
    "full": sample.full,
    "small": sample.small,
    "changed": sample.changed,
    "wished": sample.wished,
    "silent": sample.silent,
    "empty": sample.empty,
}
DRAWN: dict[str, Callable[[Costing], str]] = {
    "80.txt": lambda costing: cost_terminal.render(costing, width=80),
    "140.txt": lambda costing: cost_terminal.render(costing, width=140, detail=Detail.EXPLAINED),
    "md": cost_markdown.render,
    "json": cost_json.render,
}
STYLE = re.compile(r"\x1b\[[0-9;]*m")
LITERAL = r"a\x1b[31mb\nc[red]d[/red]</script>\u202ee"


@pytest.mark.parametrize("form", DRAWN)
@pytest.mark.parametrize("name", SAMPLES)
def test_the_cost_is_what_the_golden_file_holds(name: str, form: str) -> None:
    stem, _, suffix = form.rpartition(".")
    path = GOLDEN / f"cost_{name}{f'_{stem}' if stem else ''}.{suffix}"
    assert DRAWN[form](SAMPLES[name]()) == path.read_text(encoding="utf-8")


@pytest.mark.parametrize("name", SAMPLES)
def test_colour_changes_no_letter(name: str) -> None:
    costing = SAMPLES[name]()
    coloured = cost_terminal.render(costing, width=80, colour=True, detail=Detail.EXPLAINED)
    assert STYLE.sub("", coloured) == cost_terminal.render(
        costing, width=80, detail=Detail.EXPLAINED
    )


@pytest.mark.parametrize("width", [40, 60, 80, 100, 140, 200])
@pytest.mark.parametrize("detail", list(Detail))
def test_only_a_name_or_an_arn_is_wider_than_the_page(width: int, detail: Detail) -> None:
    text = cost_terminal.render(sample.full(), width=width, detail=detail)
    for line in text.splitlines():
        named = any(word in line for word in (sample.LONG, LITERAL, "arn:aws:"))
        assert len(line) <= width or named or width < 60, line


@pytest.mark.parametrize("name", SAMPLES)
def test_no_line_ends_in_a_space_and_no_character_acts(name: str) -> None:
    text = cost_terminal.render(SAMPLES[name](), width=80, detail=Detail.EXPLAINED)
    assert [line for line in text.splitlines() if line != line.rstrip()] == []
    assert all(char.isprintable() for char in text.replace("\n", ""))


def test_the_first_screen_says_now_then_saving_budget_and_that_it_is_not_whole() -> None:
    screen = "\n".join(cost_terminal.render(sample.full(), width=80).splitlines()[:9])
    assert "now              124.11 USD a month (90.45 to 221.84)" in screen
    assert "after all fixes  103.61 USD a month" in screen
    assert "saving           20.50 USD a month" in screen
    assert "and 9,000.00 CNY a month" in screen
    assert "NOT complete: 4 things not known" in screen
    assert "100.00 USD a month: OVER by 24.11 (expected: 124.11)" in screen


def test_of_each_form_of_hosting_the_first_way_is_shown_and_all_where_it_is_explained() -> None:
    usual = cost_terminal.render(sample.full(), width=100)
    explained = cost_terminal.render(sample.full(), width=100, detail=Detail.EXPLAINED)
    assert "serverless 2048 MB: 14.38 USD, may do" in usual
    assert "batch transform every night on ml.m5.large: not known" in usual
    assert "and 1 other way" in usual
    assert "serverless 4096 MB: 28.76 USD" not in usual
    assert "serverless 4096 MB: 28.76 USD" in explained


def test_in_brief_there_is_neither_advice_nor_groups_but_all_that_is_not_known() -> None:
    brief = cost_terminal.render(sample.full(), width=80, detail=Detail.BRIEF)
    usual = cost_terminal.render(sample.full(), width=80)
    assert [word for word in ("BY PIPELINE", "CHEAPER", "BREAK-EVEN") if word in brief] == []
    assert set(brief.splitlines()) < set(usual.splitlines())
    assert "NOT KNOWN" in brief


def test_what_is_not_known_is_never_nothing() -> None:
    lines = cost_terminal.render(sample.full(), width=80).splitlines()
    (row,) = [line for line in lines if line.startswith("  tuning tuning")]
    assert row.split() == ["tuning", "tuning", "?", "?", "?"]
    (row,) = [line for line in lines if line.startswith("  instance stopped")]
    assert row.split() == ["instance", "stopped", "0.00", "0.00", "0.00"]
    (row,) = [line for line in lines if line.startswith("  function score")]
    assert row.split()[2:5] == ["<0.01", "<0.01", "2.75"]


def test_where_nothing_is_known_the_sum_is_not_nothing_either() -> None:
    blind = bill(sample.BLIND)
    groups = (Group(name="cats", basis=Basis.TAG, estimates=blind.estimates),) * 2
    costing = replace(sample.full(), bill=blind, compared=None, budget=None, advice=())
    costing = replace(costing, pipelines=groups, owners=())
    shown = cost_terminal.render(costing, width=80)
    assert "now              not known" in shown
    assert "NOT complete: 1 thing not known; see NOT KNOWN below" in shown
    assert [line.split() for line in shown.splitlines() if line.startswith("  all")] == [
        ["all", "?", "?", "?"]
    ]
    assert "0.00" not in shown
    markdown = cost_markdown.render(costing)
    assert "### Cost: not known" in markdown
    assert "0.00" not in markdown
    told = json.loads(cost_json.render(costing))
    assert told["estimate"]["monthly_usd"] is None
    assert told["after_fixes_monthly_usd"] is None
    assert [group["monthly_usd"] for group in told["pipelines"]] == [None, None]


def test_silence_is_no_byte_at_all_but_json_says_that_nothing_changed() -> None:
    assert cost_terminal.render(sample.silent()) == ""
    assert cost_markdown.render(sample.silent()) == ""
    assert json.loads(cost_json.render(sample.silent()))["compared"]["changes"] == []


def test_amounts_in_json_are_texts_and_add_up() -> None:
    found = json.loads(cost_json.render(sample.full()))
    total = found["estimate"]["monthly_usd"]
    assert total == {"min": "90.4504", "expected": "124.1104", "max": "221.84"}
    assert found["estimate"]["other_currencies"]["CNY"]["expected"] == "9000"
    assert found["estimate"]["unknown"] == len(found["estimate"]["doubts"]) == 4
    assert found["budget"] == {
        "monthly_usd": "100",
        "held_against": "expected",
        "known_monthly_usd": "124.1104",
        "standing": "over",
    }
    by_name = {one["name"]: one for one in found["resources"]}
    assert by_name["tuning"]["monthly_usd"] is None
    assert by_name["tuning"]["lines"][0]["unknown"] == "it has not run"
    assert by_name["train"]["per_run_usd"] == "1.5"


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("dog-breed", "dog-breed"),
        ("a*b_c`d", r"a\*b\_c\`d"),
        ("[x](y)", r"\[x\](y)"),
        ("a|b", r"a\|b"),
        ("<img src=x>", r"\<img src=x\>"),
        ("- list", r"\- list"),
        ("@team and #1", "`@team and #1`"),
        ("https://evil|x", r"`https://evil\x7cx`"),
        ("www.evil.com", "`www.evil.com`"),
        ("1. first", "`1. first`"),
        ("`@a`", "`` `@a` ``"),
        ("a\nb", r"a\\nb"),
    ],
)
def test_markdown_shows_a_text_as_it_is(text: str, shown: str) -> None:
    assert cost_markdown.escaped(text) == shown


def test_a_row_of_a_table_has_as_many_cells_as_its_heading_whatever_the_name() -> None:
    for line in cost_markdown.render(sample.full()).splitlines():
        if line.startswith("|"):
            assert len(re.findall(r"(?<!\\)\|", line)) == 6, line
