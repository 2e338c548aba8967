"""From a report to tests: what fails, what is skipped, what is told apart."""

from collections.abc import Iterator

import pytest

from mlguard.auditor import audit
from mlguard.check import Check, Context, Evidence, Severity, check
from mlguard.report import Report
from mlguard.resources.hosting import Endpoint
from mlguard.resources.notebooks import NotebookInstance
from mlguard_pytest.judging import unaudited, verdicts_of
from mlguard_pytest.verdict import Fate, Verdict, received
from tests.builders.account import gap
from tests.pytest_plugin.project import account, named, snapshot


def declared(severity: Severity, *severities: Severity, name: str = "made-up") -> Check:
    """A check that finds these severities in every notebook, and looks at endpoints first."""

    @check(
        name,
        "Made up",
        on=NotebookInstance,
        severity=severity,
        remediation="Do it.",
        references=(),
        bad="",
        good="",
        optional=(Endpoint,),
    )
    def made_up(notebook: NotebookInstance, context: Context) -> Iterator[Evidence]:
        context.all(Endpoint, account=notebook.account)
        for number, found in enumerate(severities):
            yield Evidence(message=f"fault {number}", at=f"Field{number}", severity=found)

    return made_up


def report(*checks: Check, gaps: tuple[str, ...] = ()) -> Report:
    return audit(snapshot(named("exposed"), gaps=tuple(map(gap, gaps))), checks)


def only(given: Report, *, fail_on: Severity = Severity.HIGH, strict: bool = False) -> Verdict:
    (verdict,) = verdicts_of(given, fail_on=fail_on, strict=strict, width=80)
    return verdict


@pytest.mark.parametrize("fail_on", list(Severity))
def test_a_finding_fails_from_the_bar_on(fail_on: Severity) -> None:
    found = only(report(declared(Severity.LOW, Severity.MEDIUM)), fail_on=fail_on)
    assert found.fate is (Fate.FAIL if fail_on <= Severity.MEDIUM else Fate.PASS)


def test_the_severity_is_that_of_the_worst_finding_else_of_the_check() -> None:
    worse = declared(Severity.LOW, Severity.MEDIUM, Severity.CRITICAL)
    assert only(report(worse)).severity == "critical"
    assert only(report(worse)).headline == "CRITICAL: fault 1"
    assert len(only(report(worse)).fingerprints) == 2
    assert only(report(declared(Severity.LOW))).severity == "low"


@pytest.mark.parametrize(("strict", "fate"), [(False, Fate.SKIP), (True, Fate.FAIL)])
def test_a_finding_below_the_bar_beside_a_gap_is_no_pass(strict: bool, fate: Fate) -> None:  # noqa: FBT001
    given = report(declared(Severity.LOW, Severity.LOW), gaps=("Endpoint",))
    found = only(given, strict=strict)
    assert found.fate is fate
    assert "service:Operation: denied" in found.headline


def test_a_finding_at_the_bar_beside_a_gap_fails() -> None:
    given = report(declared(Severity.LOW, Severity.HIGH), gaps=("Endpoint",))
    assert only(given).fate is Fate.FAIL


def test_a_verdict_survives_being_sent() -> None:
    given = audit(account())
    for verdict in verdicts_of(given, fail_on=Severity.HIGH, strict=False, width=80):
        assert received(verdict.message()) == verdict


def test_the_headline_of_an_error_is_its_first_sentence() -> None:
    found = unaudited("nothing here. Do this:\n  a\x1b\n  b")
    assert found.headline == "nothing was audited: nothing here"
    assert found.text == "nothing was audited: nothing here. Do this:\n  a\\x1b\n  b"
    assert unaudited("cut. Again").headline == "nothing was audited: cut. Again"
