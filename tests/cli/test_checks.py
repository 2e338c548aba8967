"""`mlguard checks` and `mlguard --help`."""

import json

import pytest

from mlguard.checks.catalogue import CATALOGUE
from tests.cli.run import run


def test_every_check_is_listed(capsys: pytest.CaptureFixture[str]) -> None:
    ran = run(capsys, "checks")
    assert ran.code == 0
    for check in CATALOGUE:
        assert check.id in ran.out


@pytest.mark.parametrize("check", CATALOGUE, ids=lambda check: check.id)
def test_a_check_is_explained(check, capsys: pytest.CaptureFixture[str]) -> None:  # type: ignore[no-untyped-def]  # noqa: ANN001
    ran = run(capsys, "checks", check.id)
    assert ran.code == 0
    for part in (check.title, check.bad.splitlines()[0], check.references[0], "fix"):
        assert part in ran.out


def test_the_catalogue_is_data_too(capsys: pytest.CaptureFixture[str]) -> None:
    listed = json.loads(run(capsys, "checks", "--format", "json").out)
    assert [entry["id"] for entry in listed] == [check.id for check in CATALOGUE]


def test_a_misspelt_check_is_met_with_a_suggestion(capsys: pytest.CaptureFixture[str]) -> None:
    ran = run(capsys, "checks", "role-unusd")
    assert ran.code == 2
    assert "did you mean role-unused" in ran.err


def test_the_help_names_every_command(capsys: pytest.CaptureFixture[str]) -> None:
    ran = run(capsys, "--help")
    assert ran.code == 0
    for name in ("audit", "collect", "checks", "permissions"):
        assert name in ran.out
