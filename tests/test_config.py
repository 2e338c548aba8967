"""Configuration: what is read, and what is refused with the cure."""

from datetime import date
from decimal import Decimal
from pathlib import Path

import pytest

from mlguard import config
from mlguard.check import Severity
from mlguard.config import Config
from mlguard.errors import ConfigError


def load(folder: Path, text: str, *, check_ids: tuple[str, ...] = ()) -> Config:
    path = folder / "mlguard.toml"
    path.write_text(text, encoding="utf-8")
    return config.load(path, check_ids=check_ids)


def test_everything_that_can_be_said_is_read(tmp_path: Path) -> None:
    found = load(
        tmp_path,
        """
        select = ["role-*"]
        ignore = ["role-unused"]
        fail-on = "medium"
        allow-gaps = true
        [policy]
        endpoint = ["ml.t2.medium", "ml.m5.large"]
        reserved-concurrency = 10
        [[suppressions]]
        check = "role-full-access"
        resource = "arn:aws:iam::*:role/sandbox-*"
        reason = "thrown away each night"
        expires = 2027-01-31
        """,
    )
    assert found.fail_on is Severity.MEDIUM
    assert found.allow_gaps
    assert found.policy.endpoint == ("ml.t2.medium", "ml.m5.large")
    assert found.policy.reserved_concurrency == 10
    assert found.suppressions[0].expires == date(2027, 1, 31)
    assert found.selects("role-full-access")
    assert not found.selects("role-unused")
    assert not found.selects("endpoint-idle")


def test_what_is_assumed_of_cost_becomes_terms(tmp_path: Path) -> None:
    found = load(
        tmp_path,
        """
        today = 2026-11-02
        [cost]
        free-tier = true
        monthly-budget-usd = 100.5
        stale-after-months = 6
        [cost.traffic]
        "breeds*" = "rps=2, latency=985ms, hours=6/day"
        [cost.hours]
        "notebook*" = "8/day"
        lab = 168
        [cost.runs]
        "train-*" = 30
        """,
    )
    terms = found.terms(date(2026, 10, 1))
    assert found.cost.monthly_budget_usd == Decimal("100.5")
    assert terms.today == terms.book.today == date(2026, 11, 2)
    assert terms.book.stale_after_months == 6
    assert terms.assumptions.free_tier
    traffic = terms.assumptions.traffic_of("breeds-1")
    assert traffic is not None
    assert (traffic.rps, traffic.latency_s) == (Decimal(2), Decimal("0.985"))
    assert terms.assumptions.hours_of("lab") == 168
    assert terms.assumptions.hours_of("notebook-1") == Decimal(8) * 730 / 24
    assert terms.assumptions.runs_of("train-breeds") == 30


def test_the_day_of_terms_is_that_of_the_snapshot_where_none_is_set() -> None:
    assert Config().terms(date(2026, 10, 1)).today == date(2026, 10, 1)


@pytest.mark.parametrize(
    ("text", "parts"),
    [
        ('fail_onn = "high"', ("fail_onn", "did you mean", "fail-on")),
        ("[policy]\nendpoints = []", ("policy.endpoints", "did you mean", "endpoint")),
        ('[[suppressions]]\ncheck = "x"\nreson = "y"', ("suppressions[0].reson", "reason")),
        ('[[suppressions]]\ncheck = "x"', ("suppressions[0]", "reason")),
        ('[[suppressions]]\ncheck = "x"\nreason = "  "', ("reason",)),
        (
            '[[suppressions]]\ncheck = "x"\nreason = "y"\nexpires = "2027-02-30"',
            ("suppressions[0].expires",),
        ),
        ('fail_on = "terrible"', ("terrible", "informational, low, medium, high, critical")),
        ('select = "role-*"', ("select", "array")),
        ("[policy]\nreserved_concurrency = -1", ("policy.reserved-concurrency", "negative")),
        ("[policy]\nnotebook = []", ("policy.notebook", "at least one")),
        ("not toml", ("is not TOML",)),
        ("[cost]\nfree-teir = true", ("cost.free-teir", "did you mean", "free-tier")),
        ("[cost]\nmonthly-budget-usd = -1", ("cost.monthly-budget-usd", "0 or more")),
        ('[cost]\nmonthly-budget-usd = "much"', ("cost.monthly-budget-usd", "decimal")),
        ("[cost]\nstale-after-months = 0", ("cost.stale-after-months", "1 or more")),
        ('[cost.traffic]\n"a-*" = "rsp=2"', ("cost.traffic.a-*", "did you mean 'rps'")),
        ('[cost.hours]\nnotebook = "25/day"', ("cost.hours.notebook", "24 hours in a day")),
        ("[cost.hours]\nnotebook = true", ("cost.hours", "bool")),
        ('[cost.runs]\nx = "often"', ("cost.runs.x", "not a number")),
        ("cost = 3", ("cost",)),
        ("fail-on = 3", ("informational, low, medium, high, critical",)),
        ('fail-on = "low"\nfail_on = "high"', ("twice",)),
    ],
)
def test_what_cannot_be_used_is_refused_by_name(
    tmp_path: Path, text: str, parts: tuple[str, ...]
) -> None:
    with pytest.raises(ConfigError) as caught:
        load(tmp_path, text)
    message = str(caught.value)
    assert "mlguard.toml" in message
    assert "\n" not in message
    for part in parts:
        assert part in message


@pytest.mark.parametrize(
    ("surface", "illegal", "legal"),
    [
        ("training", "ml.t2.medium", "ml.t3.medium"),
        ("endpoint", "ml.t3.medium", "ml.t2.medium"),
        ("notebook", "t2.micro", "ml.t2.medium"),
        ("transform", "ml.t2.medium", "ml.m5.large"),
        ("instance", "ml.t2.medium", "t2.micro"),
    ],
)
def test_a_type_that_aws_refuses_is_an_error_that_lists_the_legal_ones(
    tmp_path: Path, surface: str, illegal: str, legal: str
) -> None:
    with pytest.raises(ConfigError, match=f"policy.{surface}") as caught:
        load(tmp_path, f'[policy]\n{surface} = ["{illegal}"]')
    assert illegal in str(caught.value)
    assert legal in str(caught.value)


def test_a_check_that_nobody_knows_is_refused(tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match="did you mean 'role-unused'"):
        load(tmp_path, 'ignore = ["role-unusd"]', check_ids=("role-unused",))


def test_the_nearest_file_is_found_and_a_foreign_pyproject_is_passed_over(tmp_path: Path) -> None:
    inner = tmp_path / "a" / "b"
    inner.mkdir(parents=True)
    (tmp_path / "mlguard.toml").write_text("", encoding="utf-8")
    (inner / "pyproject.toml").write_text("[tool.other]\nx = 1\n", encoding="utf-8")
    assert config.find(inner) == tmp_path / "mlguard.toml"
    (inner / "pyproject.toml").write_text('[tool.mlguard]\nselect = ["a"]\n', encoding="utf-8")
    found = config.find(inner)
    assert found == inner / "pyproject.toml"
    assert config.load(found).select == ("a",)


@pytest.mark.parametrize("text", ["tool = 3", "[tool]\nmlguard = 3"])
def test_a_pyproject_of_another_shape_is_refused_or_passed_over(tmp_path: Path, text: str) -> None:
    path = tmp_path / "pyproject.toml"
    path.write_text(text, encoding="utf-8")
    found = config.find(tmp_path)
    if found == path:
        with pytest.raises(ConfigError, match=r"\[tool\.mlguard\]"):
            config.load(path)


def test_the_defaults_are_the_users_own() -> None:
    policy = Config().policy
    assert policy.notebook == ("ml.t2.medium", "ml.t3.medium")
    assert policy.endpoint == ("ml.t2.medium",)
    assert policy.instance == ("t2.micro",)
    assert (policy.reserved_concurrency, policy.provisioned_concurrency) == (5, 1)
