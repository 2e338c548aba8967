"""What a user may state of traffic, hours and runs, and how it is refused."""

from decimal import Decimal

import pytest

from mlguard.cost import stated
from mlguard.errors import ConfigError


def test_traffic_is_read_whole() -> None:
    name, found = stated.named_traffic("rps=2, latency=0.985, hours=6/day, payload=0.5", "x")
    assert name == "*"
    assert found.rps == 2
    assert found.latency_s == Decimal("0.985")
    assert found.hours_per_day == 6
    assert found.payload_mb == Decimal("0.5")


def test_traffic_of_one_thing_in_other_units() -> None:
    name, found = stated.named_traffic("breeds-*: latency=985ms,rps=0.5,hours=6,payload=2MB", "x")
    assert name == "breeds-*"
    assert found.rps == Decimal("0.5")
    assert found.latency_s == Decimal("0.985")
    assert found.hours_per_day == 6
    assert found.payload_mb == 2


def test_of_many_names_the_nearest_are_told() -> None:
    names = [f"breeds-{number}" for number in range(2000)]
    said = stated.nothing_called("breeds-1x", names, else_="nothing")
    assert said.startswith("nothing is called 'breeds-1x': there is breeds-1, ")
    assert said.endswith(" and 1995 more")
    assert (
        stated.nothing_called("x", (), else_="nothing") == "nothing is called 'x': there is nothing"
    )


def test_traffic_without_the_rest_is_all_day_and_of_unknown_latency() -> None:
    found = stated.traffic("rps=1", "x")
    assert found.latency_s is None
    assert found.payload_mb is None
    assert found.requests_per_month == 2_628_000


@pytest.mark.parametrize(
    ("text", "parts"),
    [
        ("rps", ("'rps' states nothing", "rps=2")),
        ("latency=1", ("rps is missing",)),
        ("rsp=2", ("unknown key 'rsp'", "did you mean 'rps'")),
        ("rps=2, rps=3", ("twice",)),
        ("rps=two", ("rps: 'two' is not a number",)),
        ("rps=-1", ("0 or more",)),
        ("rps=nan", ("0 or more",)),
        ("rps=inf", ("0 or more",)),
        ("rps=1e999999", ("below 1,000,000,000,000",)),
        ("rps=1, hours=25/day", ("24 hours in a day",)),
        ("rps=1, hours=6/week", ("6/day",)),
        ("rps=1, latency=", ("states nothing",)),
        (": rps=1", ("names nothing",)),
        ("", ("states nothing",)),
    ],
)
def test_traffic_that_cannot_be_meant_is_refused(text: str, parts: tuple[str, ...]) -> None:
    with pytest.raises(ConfigError) as caught:
        stated.named_traffic(text, "--traffic")
    assert str(caught.value).startswith("--traffic: ")
    assert "\n" not in str(caught.value)
    for part in parts:
        assert part in str(caught.value)


@pytest.mark.parametrize(
    ("text", "name", "expected"),
    [
        ("168", "*", 168),
        ("note*=168/month", "note*", 168),
        ("8/day", "*", Decimal(8) * 730 / 24),
        ("a=24/day", "a", 730),
    ],
)
def test_hours_are_of_a_month(text: str, name: str, expected: Decimal) -> None:
    found = stated.named_hours(text, "--hours")
    assert found[0] == name
    assert round(found[1], 9) == round(Decimal(expected), 9)


@pytest.mark.parametrize("text", ["731", "25/day", "8/week", "x", "=8", "-1", "a="])
def test_hours_that_cannot_be_are_refused(text: str) -> None:
    with pytest.raises(ConfigError, match="--hours: "):
        stated.named_hours(text, "--hours")


def test_runs_may_be_more_than_there_are_hours() -> None:
    assert stated.named_runs("train-*=1000", "x") == ("train-*", Decimal(1000))
    assert round(stated.named_runs("2/day", "x")[1], 6) == Decimal("60.833333")


@pytest.mark.parametrize("text", ["often", "3/week", "=3", "-2"])
def test_runs_that_cannot_be_are_refused(text: str) -> None:
    with pytest.raises(ConfigError, match="--runs: "):
        stated.named_runs(text, "--runs")
