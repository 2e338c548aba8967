"""The auditor: what becomes of evidence, gaps and suppressions."""

import dataclasses
from collections.abc import Iterator
from datetime import date, timedelta
from decimal import Decimal

import pytest

from mlguard.auditor import audit
from mlguard.check import Check, Confidence, Context, Evidence, Severity, check
from mlguard.checks.catalogue import CATALOGUE
from mlguard.config import BUDGET, Config, Suppression
from mlguard.cost.settings import CostSettings
from mlguard.report import Outcome, Report
from mlguard.resources.scaling import ScalableTarget, ScalingPolicy
from mlguard.snapshot import Snapshot
from tests.builders.account import NOW, arn, gap, snapshot
from tests.builders.notebooks import notebook


def target(name: str = "endpoint/dogs/variant/main", **changes: object) -> ScalableTarget:
    values: dict[str, object] = {
        "arn": arn("application-autoscaling", f"scalable-target/{name}"),
        "account": "123456789012",
        "region": "us-east-1",
        "name": name,
        "service_namespace": "sagemaker",
        "resource_id": name,
        "dimension": "sagemaker:variant:DesiredInstanceCount",
        "min_capacity": 1,
        "max_capacity": 4,
        "created_at": NOW,
    }
    return ScalableTarget(**(values | changes))  # type: ignore[arg-type]  # names are checked


def rule(*evidence: Evidence, look_up: bool = False, severity: Severity = Severity.HIGH) -> Check:
    @check(
        "target-test",
        "A check of the tests",
        on=ScalableTarget,
        reads=(ScalingPolicy,),
        severity=severity,
        remediation="mend {name} with {extra}",
        references=(),
        bad="",
        good="",
    )
    def judge(_: ScalableTarget, context: Context) -> Iterator[Evidence]:
        """Because."""
        if look_up:
            context.all(ScalingPolicy)
        yield from evidence

    return judge


def seen(**changes: object) -> Evidence:
    values: dict[str, object] = {"message": "it is so", "at": "Here", "values": {"extra": "x y"}}
    return Evidence(**(values | changes))  # type: ignore[arg-type]  # names are checked


def outcomes(report: Report) -> list[Outcome]:
    return [result.outcome for result in report.results]


def test_evidence_becomes_a_finding_with_a_quoted_remediation() -> None:
    report = audit(snapshot(target("a; rm -rf /")), [rule(seen())])
    (finding,) = report.findings
    assert outcomes(report) == [Outcome.FAILED]
    assert finding.remediation == "mend 'a; rm -rf /' with 'x y'"
    assert (finding.severity, finding.confidence) == (Severity.HIGH, Confidence.HIGH)


def test_evidence_overrides_severity_and_confidence() -> None:
    evidence = seen(severity=Severity.LOW, confidence=Confidence.MEDIUM)
    (finding,) = audit(snapshot(target()), [rule(evidence)]).findings
    assert (finding.severity, finding.confidence) == (Severity.LOW, Confidence.MEDIUM)


def test_no_evidence_passes() -> None:
    assert outcomes(audit(snapshot(target()), [rule()])) == [Outcome.PASSED]


def test_a_gap_among_the_subjects_is_not_a_pass() -> None:
    report = audit(snapshot(gaps=(gap("ScalableTarget"),)), [rule()])
    assert outcomes(report) == [Outcome.NOT_EVALUATED]
    assert report.coverage.not_evaluated == ("target-test",)
    assert report.incomplete


def test_a_gap_beside_a_resource_that_was_read_takes_back_its_pass_and_no_finding() -> None:
    beside = gap("ScalableTarget", subject=target().arn)
    given = snapshot(target(), target("endpoint/cats/variant/main"), gaps=(beside,))
    found = {one.subject.arn: one.outcome for one in audit(given, [rule()]).results}
    assert found[target().arn] is Outcome.NOT_EVALUATED
    assert sorted(one.value for one in found.values()) == ["NOT_EVALUATED", "PASSED"]
    assert outcomes(audit(given, [rule(seen())])) == [Outcome.FAILED, Outcome.FAILED]


def test_a_gap_in_what_was_looked_up_takes_back_a_pass() -> None:
    report = audit(snapshot(target(), gaps=(gap("ScalingPolicy"),)), [rule(look_up=True)])
    assert outcomes(report) == [Outcome.NOT_EVALUATED]


def test_a_gap_in_what_was_not_looked_up_changes_nothing() -> None:
    report = audit(snapshot(target(), gaps=(gap("ScalingPolicy"),)), [rule()])
    assert outcomes(report) == [Outcome.PASSED]


@pytest.mark.parametrize(
    ("absence", "outcome"), [(True, Outcome.NOT_EVALUATED), (False, Outcome.FAILED)]
)
def test_a_gap_takes_back_what_rests_on_absence_alone(absence: bool, outcome: Outcome) -> None:  # noqa: FBT001
    given = snapshot(target(), gaps=(gap("ScalingPolicy"),))
    assert outcomes(audit(given, [rule(seen(absence=absence), look_up=True)])) == [outcome]


def test_a_check_on_kinds_that_the_source_does_not_read_is_not_applicable() -> None:
    report = audit(snapshot(target(), covers=("ScalableTarget",)), [rule(seen())])
    assert report.results == ()
    assert report.coverage.not_applicable == ("target-test",)


def test_an_audit_that_judged_nothing_is_not_complete() -> None:
    for given in (snapshot(), snapshot(target(), covers=())):
        (gap_of_its_own,) = audit(given, [rule(seen())]).gaps
        assert gap_of_its_own.operation == "audit"


def test_a_check_that_does_not_apply_leaves_the_others_complete() -> None:
    other = dataclasses.replace(rule(), reads=(), id="target-other")
    report = audit(snapshot(target(), covers=("ScalableTarget",)), [rule(seen()), other])
    assert not report.incomplete


def test_a_hostile_name_does_not_break_the_commands_of_a_remedy() -> None:
    name = "a`; rm -rf $HOME; `b"
    worded = dataclasses.replace(rule(seen()), remediation="Do `mend {name}`, then rest.")
    (finding,) = audit(snapshot(target(name)), [worded]).findings
    assert finding.remedy == ("Do ", f"mend '{name}'", ", then rest.")


def test_a_check_that_was_not_selected_is_named_so() -> None:
    report = audit(snapshot(target()), [rule(seen())], Config(select=("role-*",)))
    assert report.coverage.not_selected == ("target-test",)
    assert report.findings == ()


def test_gaps_of_unselected_kinds_do_not_count() -> None:
    given = snapshot(target(), gaps=(gap("Role"), gap("ScalingPolicy")))
    other = rule(seen())
    report = audit(given, [rule(), replaced(other, "role-test")], Config(select=("target-*",)))
    assert [found.kinds for found in report.gaps] == [("ScalingPolicy",)]


def replaced(made: Check, check_id: str) -> Check:
    return dataclasses.replace(made, id=check_id)


def test_a_check_that_raises_flies_on_with_a_note() -> None:
    @check(
        "target-broken",
        "",
        on=ScalableTarget,
        severity=Severity.LOW,
        remediation="",
        references=(),
        bad="",
        good="",
    )
    def broken(_: ScalableTarget, __: Context) -> Iterator[Evidence]:
        yield seen(message=str(1 // 0))

    with pytest.raises(ZeroDivisionError) as caught:
        audit(snapshot(target()), [broken])
    assert "target-broken" in caught.value.__notes__[0]


def test_a_lookup_that_is_not_declared_is_a_bug() -> None:
    @check(
        "target-nosy",
        "",
        on=ScalableTarget,
        severity=Severity.LOW,
        remediation="",
        references=(),
        bad="",
        good="",
    )
    def nosy(_: ScalableTarget, context: Context) -> Iterator[Evidence]:
        context.all(ScalingPolicy)
        yield from ()

    with pytest.raises(LookupError, match="ScalingPolicy"):
        audit(snapshot(target()), [nosy])


def suppressed_until(day: date | None, today: date) -> Report:
    entry = Suppression(check="target-test", reason="known", resource="*dogs*", expires=day)
    return audit(snapshot(target()), [rule(seen())], Config(suppressions=(entry,), today=today))


def test_a_suppression_holds_through_its_last_day() -> None:
    report = suppressed_until(NOW.date(), NOW.date())
    assert report.findings == ()
    assert [entry.reason for entry in report.suppressed] == ["known"]
    assert report.notes == ()


def test_a_suppression_may_name_checks_by_a_glob() -> None:
    entry = Suppression(check="target-*", reason="known")
    report = audit(snapshot(target()), [rule(seen())], Config(suppressions=(entry,)))
    assert report.findings == ()


def test_an_expired_suppression_is_reported_and_does_nothing() -> None:
    report = suppressed_until(NOW.date(), NOW.date() + timedelta(days=1))
    assert len(report.findings) == 1
    assert "expired" in report.notes[0]


def test_a_suppression_that_matches_nothing_is_reported() -> None:
    entry = Suppression(check="target-test", reason="known", resource="*cats*")
    report = audit(snapshot(target()), [rule(seen())], Config(suppressions=(entry,)))
    assert len(report.findings) == 1
    assert "matched nothing" in report.notes[0]


def test_the_fingerprint_depends_on_the_locator_and_not_on_the_message() -> None:
    def print_of(evidence: Evidence, given: Snapshot) -> str:
        return audit(given, [rule(evidence)]).findings[0].fingerprint

    here = snapshot(target())
    assert print_of(seen(), here) == print_of(seen(message="other words"), here)
    assert print_of(seen(), here) != print_of(seen(locator="Sid"), here)
    assert print_of(seen(), here) != print_of(seen(), snapshot(target("other")))


def test_findings_come_worst_first_and_then_dearest() -> None:
    checks = [
        replaced(rule(seen(), severity=Severity.LOW), "target-low"),
        replaced(rule(seen(monthly_usd=Decimal(1))), "target-cheap"),
        replaced(rule(seen(monthly_usd=Decimal(9))), "target-dear"),
    ]
    report = audit(snapshot(target()), checks)
    assert [found.check for found in report.findings] == [
        "target-dear",
        "target-cheap",
        "target-low",
    ]
    assert report.saving == Decimal(9)
    assert report.worst is Severity.HIGH


def test_the_same_snapshot_gives_the_same_report() -> None:
    given = snapshot(target("b"), target("a"))
    assert audit(given, [rule(seen())]).findings == audit(given, [rule(seen())]).findings


def budgeted(usd: Decimal | None, *select: str) -> Report:
    cost = CostSettings(monthly_budget_usd=usd)
    return audit(snapshot(notebook()), config=Config(cost=cost, select=select or ("*",)))


def test_a_check_that_needs_a_key_is_run_where_it_is_set_and_else_not_counted() -> None:
    without, within = budgeted(None), budgeted(Decimal(100))
    assert {one.check for one in within.results} - {one.check for one in without.results} == {
        "cost-over-budget"
    }
    counted = (without.coverage.not_selected, without.coverage.no_subject, without.notes)
    assert "cost-over-budget" not in repr(counted)


def test_a_check_that_was_asked_for_by_name_and_lacks_its_key_is_noted() -> None:
    assert budgeted(None, "cost-*").notes == (
        "cost-over-budget was not run: the configuration does not set cost.monthly-budget-usd",
    )
    assert budgeted(Decimal(100), "cost-*").notes == ()


def test_the_keys_that_checks_need_are_keys_of_the_configuration() -> None:
    assert {one.needs_key for one in CATALOGUE} == {None, BUDGET}
