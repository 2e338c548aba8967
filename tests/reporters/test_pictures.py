"""Bars and curves: what they show is what the numbers say."""

from dataclasses import replace
from decimal import Decimal

import pytest

from mlguard.cost.span import Span
from mlguard.reporters.bars import bar
from mlguard.reporters.curve_plot import plot
from tests.builders.bills import span
from tests.reporters.cost_sample import CURVE


@pytest.mark.parametrize(
    ("of", "drawn"),
    [
        (span(100), "██████████"),
        (span(50), "█████"),
        (span(20, 50, 100), "██▒▒▒────┤"),
        (span(0, 50, 50), "▒▒▒▒▒"),
        (span(50, 50, 80), "█████──┤"),
        (span(0, 0, 100), "─────────┤"),
        (span(0), ""),
        (span("0.01"), "█"),
        (span("0.01", "0.02", "0.03"), "▒┤"),
        (span(99, 100, 100), "██████████"),
        (span("99.9", "99.9", 100), "█████████┤"),
    ],
)
def test_a_bar_is_solid_then_shaded_then_a_whisker(of: Span, drawn: str) -> None:
    assert bar(of, most=Decimal(100), width=10) == drawn


@pytest.mark.parametrize("width", [1, 8, 40])
def test_a_bar_is_never_wider_than_it_may_be(width: int) -> None:
    for least in range(0, 101, 20):
        for expected in range(least, 101, 20):
            for most in range(expected, 101, 20):
                assert (
                    len(bar(span(least, expected, most), most=Decimal(100), width=width)) <= width
                )


def test_without_any_cost_there_is_no_bar() -> None:
    assert bar(span(0), most=Decimal(0), width=10) == ""


@pytest.mark.parametrize("width", [60, 80, 140])
def test_a_curve_is_no_wider_than_the_page_and_marks_where_it_is_now(width: int) -> None:
    lines = plot(CURVE, width=width)
    assert max(map(len, lines)) <= width
    grid = [line.partition("│")[2] for line in lines if "│" in line]
    assert sum(line.count("@") for line in grid) == 1
    assert sum(line.count("*") for line in grid) > 10
    assert "@ now: 12,000 requests a day" in lines
    assert "a serverless 2048 MB: cheaper below 34,112 a day" in lines


def test_the_rival_rises_and_what_there_is_steps_up_where_it_scales() -> None:
    grid = [line.partition("│")[2] for line in plot(CURVE, width=80) if "│" in line]
    columns = range(max(map(len, grid)))
    tops = [
        next(row for row, line in enumerate(grid) if line[column : column + 1] == "a")
        for column in columns
        if any(line[column : column + 1] == "a" for line in grid)
    ]
    assert tops == sorted(tops, reverse=True)
    assert len({row for row, line in enumerate(grid) if "*" in line}) >= 2


def test_at_the_crossing_both_stand_in_one_row() -> None:
    flat = replace(
        CURVE,
        lines=(
            replace(
                CURVE.lines[0], monthly=tuple(Decimal("40.88") for _ in CURVE.lines[0].monthly)
            ),
            CURVE.lines[1],
        ),
    )
    grid = [line.partition("│")[2].ljust(70) for line in plot(flat, width=80) if "│" in line]
    width = max(len(line.rstrip()) for line in grid)
    crossing = int(Decimal(34112) / Decimal(48000) * (width - 1))
    (row,) = [line for line in grid if "*" in line]
    below = [line[crossing - 4] for line in grid[grid.index(row) :]]
    above = [line[crossing + 6] for line in grid[: grid.index(row) + 1]]
    assert "a" in below
    assert "a" in above


def test_of_many_rivals_three_are_drawn() -> None:
    rival = CURVE.lines[1]
    many = replace(
        CURVE,
        lines=(CURVE.lines[0], *(replace(rival, what=f"rival {number}") for number in range(6))),
    )
    legend = [line for line in plot(many, width=80) if "rival" in line]
    assert [line.split(":")[0] for line in legend] == ["a rival 0", "b rival 3", "c rival 5"]


def test_nothing_is_drawn_of_what_costs_nothing() -> None:
    free = replace(CURVE.lines[0], monthly=tuple(Decimal(0) for _ in CURVE.lines[0].monthly))
    assert plot(replace(CURVE, lines=(free, CURVE.lines[1])), width=80) == ()
