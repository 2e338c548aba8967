"""Every case of every check; and every check has the cases that it must have."""

import importlib
from pathlib import Path

import pytest

from mlguard.auditor import audit
from mlguard.checks.catalogue import CATALOGUE
from mlguard.config import Config
from mlguard.cost.settings import CostSettings
from mlguard.report import Outcome
from tests.checks.case import Case

TOPICS = sorted(
    path.stem for path in Path(__file__).parent.glob("*_cases.py") if path.stem != "test_cases"
)
CASES: tuple[Case, ...] = tuple(
    case for topic in TOPICS for case in importlib.import_module(f"tests.checks.{topic}").CASES
)
BY_ID = {check.id: check for check in CATALOGUE}


@pytest.mark.parametrize("case", CASES, ids=lambda case: f"{case.check}: {case.name}")
def test_case(case: Case) -> None:
    cost = CostSettings(monthly_budget_usd=case.budget_usd)
    report = audit(case.snapshot, [BY_ID[case.check]], Config(policy=case.policy, cost=cost))
    outcomes = {result.outcome for result in report.results}
    assert case.outcome in outcomes, report.results
    if case.outcome is Outcome.PASSED:
        assert outcomes == {Outcome.PASSED}, report.findings
    if case.outcome is Outcome.NOT_EVALUATED:
        assert not report.findings
        assert report.gaps
    if case.outcome is not Outcome.FAILED:
        return
    (finding,) = [found for found in report.findings if case.at in (None, found.at)]
    for part in case.says:
        assert part in finding.message
    for part in case.fix:
        assert part in finding.remediation
    if case.severity is not None:
        assert finding.severity is case.severity


@pytest.mark.parametrize("check_id", sorted(BY_ID))
@pytest.mark.parametrize("outcome", list(Outcome), ids=lambda outcome: outcome.value.lower())
def test_every_check_has_a_case_that_fires_one_that_is_silent_and_one_with_a_gap(
    check_id: str, outcome: Outcome
) -> None:
    assert any(case.check == check_id and case.outcome is outcome for case in CASES)


def test_no_two_cases_of_a_check_have_one_name() -> None:
    names = [(case.check, case.name) for case in CASES]
    assert len(names) == len(set(names))
