"""What it costs: a budget as a test of the audit, and an assertion in tests of one's own."""

from decimal import Decimal
from pathlib import Path

import pytest

from mlguard.resources.kinds import AnyResource
from mlguard.snapshot import Gap, Snapshot
from mlguard_pytest import Mlguard, NotEvaluatedError, assert_monthly_cost_below
from mlguard_pytest.account import Held
from tests.builders import account
from tests.builders.account import arn, gap
from tests.builders.hosting import endpoint, endpoint_config
from tests.builders.iam import role
from tests.builders.notebooks import notebook
from tests.pytest_plugin.project import make, named, outcomes, run, save, snapshot

pytest_plugins = ("pytester",)

# ml.t2.medium 0.0464 an hour, 730 hours, and 5 GB at 0.14: 34.572 a month.
LAB = named("lab")
UNPRICED = named("new", instance_type="ml.z99.huge")
ITEM = "mlguard.toml::monthly-cost"


def held(*resources: AnyResource, gaps: tuple[Gap, ...] = ()) -> Mlguard:
    given = account.snapshot(*resources, gaps=gaps)
    return Mlguard(lambda: Held(given))


def ran(pytester: pytest.Pytester, given: Snapshot, *options: str) -> tuple[dict[str, str], str]:
    save(pytester, given)
    result = run(pytester, "--mlguard=snap.json", "-rA", "--mlguard-fail-on=critical", *options)
    return outcomes(result), result.stdout.str()


@pytest.fixture
def project(pytester: pytest.Pytester) -> pytest.Pytester:
    make(pytester)
    return pytester


@pytest.mark.parametrize(("usd", "outcome"), [("34.58", "PASSED"), ("34.57", "FAILED")])
def test_a_budget_is_one_test_of_the_audit(
    project: pytest.Pytester, usd: str, outcome: str
) -> None:
    found, text = ran(project, snapshot(LAB), f"--mlguard-max-monthly-usd={usd}")
    assert found[ITEM] == outcome
    if outcome == "FAILED":
        assert "34.57 USD a month are expected, over the budget of 34.57" in text
        assert "the dearest: lab (NotebookInstance) 34.57" in text


@pytest.mark.parametrize("given", [snapshot(LAB, UNPRICED), snapshot(LAB, gaps=(gap("Endpoint"),))])
def test_what_is_not_known_is_skipped_and_fails_where_it_is_strict(
    project: pytest.Pytester, given: Snapshot
) -> None:
    found, text = ran(project, given, "--mlguard-max-monthly-usd=100")
    assert ITEM not in found
    assert "not evaluated: " in text
    found, _ = ran(project, given, "--mlguard-max-monthly-usd=100", "--mlguard-strict")
    assert found[ITEM] == "FAILED"
    found, _ = ran(project, given, "--mlguard-max-monthly-usd=10")
    assert found[ITEM] == "FAILED"


def test_without_a_budget_there_is_no_such_test(project: pytest.Pytester) -> None:
    found, _ = ran(project, snapshot(LAB))
    assert ITEM not in found


def test_the_ini_file_may_set_it_and_the_option_holds_before_it(
    pytester: pytest.Pytester,
) -> None:
    make(pytester, ini="mlguard_max_monthly_usd = 10\n")
    assert ran(pytester, snapshot(LAB))[0][ITEM] == "FAILED"
    assert ran(pytester, snapshot(LAB), "--mlguard-max-monthly-usd=50")[0][ITEM] == "PASSED"


def test_what_the_configuration_assumes_holds(pytester: pytest.Pytester) -> None:
    make(pytester, config='[cost.hours]\n"*" = 73\n')
    assert ran(pytester, snapshot(LAB), "--mlguard-max-monthly-usd=5")[0][ITEM] == "PASSED"


def test_a_budget_that_is_no_number_fails_by_name(project: pytest.Pytester) -> None:
    found, text = ran(project, snapshot(LAB), "--mlguard-max-monthly-usd=much")
    assert found["mlguard.toml::audit"] == "FAILED"
    assert "--mlguard-max-monthly-usd: 'much' is not a number" in text


def test_a_budget_of_a_run_that_audits_nothing_is_refused(project: pytest.Pytester) -> None:
    result = run(project, "--mlguard-max-monthly-usd=5")
    assert result.ret == pytest.ExitCode.USAGE_ERROR
    assert "nothing is audited: give --mlguard too" in result.stderr.str()


def test_the_test_can_be_named(project: pytest.Pytester) -> None:
    save(project, snapshot(LAB))
    result = run(project, "--mlguard=snap.json", "-rA", "--mlguard-max-monthly-usd=50", ITEM)
    assert outcomes(result) == {ITEM: "PASSED"}


def test_an_account_costs_less_than_that() -> None:
    assert_monthly_cost_below(held(notebook()), 34.58)
    assert_monthly_cost_below(held(), "0.01")


@pytest.mark.parametrize("usd", [Decimal("34.572"), 34, "10"])
def test_what_costs_just_as_much_is_not_below(usd: "Decimal | int | str") -> None:
    with pytest.raises(AssertionError) as caught:
        assert_monthly_cost_below(held(notebook()), usd)
    assert not isinstance(caught.value, NotEvaluatedError)
    assert "34.57 USD a month are expected, not below" in str(caught.value)
    assert "breeds (NotebookInstance) 34.57" in str(caught.value)


@pytest.mark.parametrize(
    "given",
    [
        held(notebook(), notebook(name="new", arn="x", instance_type="ml.z99.huge")),
        held(notebook(), gaps=(gap("Endpoint"),)),
    ],
)
def test_what_is_not_known_is_no_pass_unless_it_is_over_already(given: Mlguard) -> None:
    with pytest.raises(NotEvaluatedError, match="cannot be told"):
        assert_monthly_cost_below(given, 1000)
    with pytest.raises(AssertionError, match="not below"):
        assert_monthly_cost_below(given, 10)


def test_one_endpoint_is_held_by_itself() -> None:
    other = notebook(arn=arn("sagemaker", "notebook-instance/x"), instance_type="ml.z99.huge")
    found = held(endpoint(), endpoint_config(), other).endpoint("breeds")
    assert_monthly_cost_below(found, 41)
    with pytest.raises(AssertionError, match=r"breeds: 40\.88 USD a month"):
        assert_monthly_cost_below(found, 40)


@pytest.mark.parametrize("usd", ["much", "nan", float("inf")])
def test_an_amount_that_is_none_is_a_value_error(usd: "float | str") -> None:
    with pytest.raises(ValueError, match="is no amount of USD"):
        assert_monthly_cost_below(held(), usd)


def test_what_costs_nothing_is_a_type_error_and_no_pass() -> None:
    with pytest.raises(TypeError, match="costs nothing: give mlguard, an endpoint or a function"):
        assert_monthly_cost_below(held(role("reader")).role("reader"), 1)  # type: ignore[arg-type]


def test_the_names_of_resources_act_on_no_terminal() -> None:
    with pytest.raises(AssertionError) as caught:
        assert_monthly_cost_below(held(notebook(name="a\x1b[31m")), 1)
    assert "\x1b" not in str(caught.value)


def test_it_is_among_what_the_readme_says(request: pytest.FixtureRequest) -> None:
    readme = Path(request.config.rootpath, "README.md").read_text(encoding="utf-8")
    assert "assert_monthly_cost_below" in readme
    assert "--mlguard-max-monthly-usd" in readme
