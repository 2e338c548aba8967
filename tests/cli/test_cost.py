"""`mlguard cost`: what is asked, what is shown, and how it exits."""

import json
from pathlib import Path
from typing import Any

import pytest

from mlguard.resources.kinds import AnyResource
from mlguard.snapshot import Gap
from tests.builders.account import arn, gap, snapshot
from tests.builders.hosting import endpoint, endpoint_config
from tests.builders.notebooks import notebook
from tests.cli.run import Ran, run

TODAY = ("--today", "2026-11-02")
UNPRICED = notebook(
    name="new", arn=arn("sagemaker", "notebook-instance/new"), instance_type="ml.z99.huge"
)


@pytest.fixture(autouse=True)
def _here(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("COLUMNS", "80")


def saved(*resources: AnyResource, gaps: tuple[Gap, ...] = (), name: str = "s.json") -> str:
    Path(name).write_bytes(snapshot(*resources, gaps=gaps).to_json())
    return name


def cost(capsys: pytest.CaptureFixture[str], path: str, *more: str) -> Ran:
    return run(capsys, "cost", "--snapshot", path, *TODAY, *more)


def told(capsys: pytest.CaptureFixture[str], path: str, *more: str) -> dict[str, Any]:
    found: dict[str, Any] = json.loads(cost(capsys, path, "--format", "json", *more).out)
    return found


def expected(found: dict[str, Any]) -> str:
    return str(found["estimate"]["monthly_usd"]["expected"])


def test_without_a_budget_whatever_it_costs_is_no_failure(
    capsys: pytest.CaptureFixture[str],
) -> None:
    ran = cost(capsys, saved(notebook()))
    assert ran.code == 0
    assert "now              34.57 USD a month" in ran.out
    assert "notebook breeds" in ran.out


@pytest.mark.parametrize(
    ("resources", "gaps", "options", "code"),
    [
        ((notebook(),), (), ("--max-monthly-usd", "34.58"), 0),
        ((notebook(),), (), ("--max-monthly-usd", "34.57"), 1),
        ((notebook(), UNPRICED), (), ("--max-monthly-usd", "100"), 3),
        ((notebook(), UNPRICED), (), ("--max-monthly-usd", "100", "--allow-gaps"), 0),
        ((notebook(), UNPRICED), (), ("--max-monthly-usd", "10"), 1),
        ((notebook(), UNPRICED), (), ("--max-monthly-usd", "10", "--allow-gaps"), 1),
        ((notebook(),), (gap("Endpoint"),), ("--max-monthly-usd", "100"), 3),
        ((notebook(),), (gap("Role"),), ("--max-monthly-usd", "100"), 0),
        ((notebook(), UNPRICED), (), (), 0),
    ],
)
def test_the_budget_decides_the_exit_and_what_is_not_known_is_not_kept(
    capsys: pytest.CaptureFixture[str],
    resources: tuple[AnyResource, ...],
    gaps: tuple[Gap, ...],
    options: tuple[str, ...],
    code: int,
) -> None:
    assert cost(capsys, saved(*resources, gaps=gaps), *options).code == code


def test_the_gate_may_stand_on_what_it_costs_at_most(capsys: pytest.CaptureFixture[str]) -> None:
    path = saved(notebook(status="Stopped"))
    found = told(capsys, path)["estimate"]["monthly_usd"]
    budget = ("--max-monthly-usd", found["expected"])
    assert cost(capsys, path, *budget).code == 0
    over = float(found["max"]) > float(found["expected"])
    assert cost(capsys, path, *budget, "--gate", "max").code == int(over)


def test_the_configuration_sets_budget_and_what_is_assumed(
    capsys: pytest.CaptureFixture[str],
) -> None:
    Path("mlguard.toml").write_text('[cost]\nmonthly-budget-usd = 10\n[cost.hours]\n"*" = 73\n')
    path = saved(notebook())
    found = told(capsys, path)
    assert found["budget"]["standing"] == "within"
    assert expected(found) == "4.0872"
    assert cost(capsys, path).code == 0
    # The option holds before the configuration.
    assert cost(capsys, path, "--max-monthly-usd", "1").code == 1
    assert expected(told(capsys, path, "--hours", "146")) == "7.4744"


def test_what_is_stated_of_one_name_holds_for_it_alone(capsys: pytest.CaptureFixture[str]) -> None:
    other = notebook(name="lab", arn=arn("sagemaker", "notebook-instance/lab"))
    found = told(capsys, saved(notebook(), other), "--hours", "lab=0", "--hours", "*=730")
    amounts = {one["name"]: one["monthly_usd"]["expected"] for one in found["resources"]}
    assert amounts == {"breeds": "34.572", "lab": "0.7"}


def test_what_if_shows_the_whole_and_what_changed(capsys: pytest.CaptureFixture[str]) -> None:
    path = saved(endpoint(), endpoint_config(), notebook())
    ran = cost(capsys, path, "--what-if", "endpoint=ml.m5.large")
    assert "what if  endpoint=ml.m5.large" in ran.out
    assert "+43.07  breeds (Endpoint)  40.88 → 83.95" in ran.out
    assert "BY RESOURCE, 2 resources" in ran.out
    found = told(capsys, path, "--what-if", "endpoint=2xml.m5.large")
    (change,) = found["compared"]["changes"]
    assert change["delta_monthly_usd"] == "127.02"


def test_against_another_file_only_what_changed_is_shown(
    capsys: pytest.CaptureFixture[str],
) -> None:
    old = saved(notebook(), name="old.json")
    new = saved(notebook(), endpoint(), endpoint_config(), name="new.json")
    ran = cost(capsys, new, "--compare-to", old)
    assert "+40.88  breeds (Endpoint)  none → 40.88" in ran.out
    assert "BY RESOURCE" not in ran.out
    assert cost(capsys, new, "--compare-to", old, "--max-monthly-usd", "50").code == 1
    markdown = cost(capsys, new, "--compare-to", old, "--format", "markdown").out
    assert markdown.startswith("### Cost: +40.88 USD a month (34.57 → 75.45)\n")


@pytest.mark.parametrize("form", ["table", "markdown"])
def test_where_nothing_changed_nothing_is_said(
    capsys: pytest.CaptureFixture[str], form: str
) -> None:
    path = saved(notebook())
    ran = cost(capsys, path, "--compare-to", path, "--format", form)
    assert (ran.code, ran.out, ran.err) == (0, "", "")


def test_a_pipeline_file_is_priced_and_known_by_what_is_in_it(
    capsys: pytest.CaptureFixture[str],
) -> None:
    step = {
        "id": "lab",
        "service": "sagemaker",
        "operation": "CreateNotebookInstance",
        "parameters": {
            "NotebookInstanceName": "lab",
            "InstanceType": "ml.t2.medium",
            "RoleArn": "arn:aws:iam::123456789012:role/lab",
        },
    }
    file = {
        "schema_version": 1,
        "account": "123456789012",
        "region": "us-east-1",
        "steps": [step],
    }
    Path("p.json").write_text(json.dumps(file))
    ran = run(capsys, "cost", "--pipeline", "p.json", *TODAY, "--format", "json")
    assert expected(json.loads(ran.out)) == "34.572"
    assert cost(capsys, saved(), "--compare-to", "p.json").out.count("-34.57") == 2


def test_each_format_can_be_written_beside_what_is_shown(
    capsys: pytest.CaptureFixture[str],
) -> None:
    path = saved(notebook())
    ran = cost(capsys, path, "-o", "a.json", "-o", "b.md", "-o", "table=c", "--format", "markdown")
    assert expected(json.loads(Path("a.json").read_text())) == "34.572"
    assert Path("b.md").read_text() == ran.out
    assert Path("c").read_text().startswith("mlguard cost  account 123456789012")


def test_what_is_assumed_is_shown_where_it_is_asked_for(
    capsys: pytest.CaptureFixture[str],
) -> None:
    path = saved(notebook())
    assert "EXPLAINED" not in cost(capsys, path).out
    explained = cost(capsys, path, "--explain").out
    assert "730 Hrs at 0.0464 USD" in explained
    assert "5 GB volume: 0.70 USD" in explained


@pytest.mark.parametrize(
    ("options", "parts"),
    [
        (("--traffic", "rsp=2"), ("--traffic: unknown key 'rsp'", "did you mean 'rps'")),
        (("--hours", "800"), ("--hours: 800", "730 hours in a month")),
        (("--hours", "nobody=3"), ("--hours nobody: nothing is called 'nobody': there is ",)),
        (("--runs", "nobody*=3"), ("--runs nobody*: nothing is called",)),
        (("--traffic", "nobody: rps=3"), ("--traffic nobody: nothing is called",)),
        (("--runs", "often"), ("--runs: 'often' is not a number",)),
        (("--max-monthly-usd", "much"), ("--max-monthly-usd: 'much' is not a number",)),
        (("--max-monthly-usd", "-1"), ("--max-monthly-usd: -1", "0 or more")),
        (("--max-monthly-usd", "1e400"), ("--max-monthly-usd: 1e400", "below 1,000,000,000,000")),
        (("--what-if", "notebook=ml.t9.medium"), ("for a notebook", "did you mean")),
        (("--what-if", "endpoint=ml.m5.large"), ("the source has no Endpoint",)),
        (("--today", "soon"), ("--today: 'soon' is not a date",)),
        (("-o", "x.xml"), ("the formats are table, json, markdown",)),
        (("--gate", "min"), ("'min' is not one of",)),
        (("--gate", "max"), ("--gate max holds a budget: give --max-monthly-usd",)),
        (("--brief", "--explain"), ("give one of them",)),
        (("--from-offer", "x.csv"), ("--refresh-prices FILE",)),
        (("--refresh-prices", "p.json"), ("leave --snapshot out",)),
    ],
)
def test_what_cannot_be_asked_is_a_usage_error_in_one_line(
    capsys: pytest.CaptureFixture[str], options: tuple[str, ...], parts: tuple[str, ...]
) -> None:
    ran = cost(capsys, saved(notebook()), *options)
    assert ran.code == 2
    assert ran.out == ""
    for part in parts:
        assert part in ran.err


def test_a_source_that_cannot_be_read_is_4_on_either_side(
    capsys: pytest.CaptureFixture[str],
) -> None:
    assert cost(capsys, "missing.json").code == 4
    assert cost(capsys, saved(notebook()), "--compare-to", "missing.json").code == 4
    assert cost(capsys, "-", "--compare-to", "-").code == 2


def test_authorization_details_tell_of_nothing_that_costs(
    capsys: pytest.CaptureFixture[str],
) -> None:
    empty: dict[str, list[object]] = {
        key: [] for key in ("UserDetailList", "RoleDetailList", "GroupDetailList", "Policies")
    }
    Path("iam.json").write_text(json.dumps(empty))
    ran = run(capsys, "cost", "--authorization-details", "iam.json", "--max-monthly-usd", "5")
    assert ran.code == 3
    assert "the source tells of nothing that costs money" in ran.out


def test_a_hostile_name_reaches_no_terminal(capsys: pytest.CaptureFixture[str]) -> None:
    ran = cost(capsys, saved(notebook(name="a\x1b[31mb\u202e")), "--explain")
    assert "\x1b" not in ran.out
    assert r"a\x1b[31mb\u202e" in ran.out


def test_an_error_that_quotes_hostile_names_is_one_line(capsys: pytest.CaptureFixture[str]) -> None:
    ran = cost(capsys, saved(notebook(name="a\nb\u202e")), "--what-if", "c\x9b=ml.m5.large")
    assert ran.code == 2
    assert ran.err.count("\n") == 1
    assert r"nothing is called 'c\x9b': there is a\nb\u202e" in ran.err


def test_offer_files_become_prices_that_the_configuration_names(
    capsys: pytest.CaptureFixture[str],
) -> None:
    ran = run(capsys, "cost", "--refresh-prices", "p.json", "--from-offer", "missing.csv")
    assert ran.code == 4
    Path("mlguard.toml").write_text('[cost]\nprices-file = "none.json"\n')
    ran = cost(capsys, saved(notebook()))
    assert ran.code == 2
    assert "cost.prices-file: " in ran.err
    assert "none.json: cannot be read" in ran.err


def test_a_price_of_ones_own_holds(capsys: pytest.CaptureFixture[str]) -> None:
    Path("mlguard.toml").write_text(
        '[[cost.prices]]\nservice = "sagemaker"\nregion = "us-east-1"\ntype = "ml.t2.medium"\n'
        'component = "Notebook"\namount = "0.01"\n'
    )
    assert expected(told(capsys, saved(notebook()))) == "8"
