"""The report as JSON, for programs: the shape is a contract, changed only with its version."""

import json
from collections.abc import Mapping
from decimal import Decimal
from typing import Final, TypeAlias

from mlguard.check import Severity
from mlguard.report import Coverage, Finding, Report, Result, Suppressed
from mlguard.snapshot import Gap

SCHEMA_VERSION: Final = 1

Json: TypeAlias = "str | int | bool | list[Json] | Mapping[str, Json] | None"


def render(report: Report) -> str:
    """Return the report as JSON: ASCII, the same bytes for the same report."""
    answer: Json = {
        "schema_version": SCHEMA_VERSION,
        "source": report.source,
        "accounts": list(report.accounts),
        "regions": list(report.regions),
        "taken_at": report.taken_at.isoformat(),
        "summary": _summary(report),
        "findings": [_finding(finding) for finding in report.findings],
        "gaps": [_gap(gap) for gap in report.gaps],
        "results": [_result(result) for result in report.results],
        "suppressed": [_suppressed(entry) for entry in report.suppressed],
        "coverage": _coverage(report.coverage),
    }
    return json.dumps(answer, indent=2) + "\n"


def _summary(report: Report) -> Json:
    return {
        "identity": report.identity,
        "today": report.today.isoformat(),
        "operations": len(report.operations),
        "findings": len(report.findings),
        "by_severity": {
            severity.name: report.count(severity) for severity in sorted(Severity, reverse=True)
        },
        "worst": None if report.worst is None else report.worst.name,
        "suppressed": len(report.suppressed),
        "gaps": len(report.gaps),
        "incomplete": report.incomplete,
        "saving_monthly_usd": _usd(report.saving),
        "notes": list(report.notes),
    }


def _finding(finding: Finding) -> dict[str, Json]:
    return {
        "check": finding.check,
        "severity": finding.severity.name,
        "confidence": finding.confidence.name,
        "account": finding.subject.account,
        "region": finding.subject.region,
        "resource": finding.subject.arn,
        "message": finding.message,
        "at": finding.at,
        "remediation": finding.remediation,
        "fingerprint": finding.fingerprint,
        "monthly_usd": None if finding.monthly_usd is None else _usd(finding.monthly_usd),
    }


def _gap(gap: Gap) -> Json:
    return {
        "operation": gap.operation,
        "reason": gap.reason.value,
        "detail": gap.detail,
        "permission": gap.permission,
        "kinds": list(gap.kinds),
        "account": gap.account,
        "region": gap.region,
        "resource": gap.subject,
    }


def _result(result: Result) -> Json:
    return {
        "check": result.check,
        "resource": result.subject.arn,
        "outcome": result.outcome.value,
        "findings": len(result.findings),
        "suppressed": len(result.suppressed),
        "gaps": [f"{gap.operation}: {gap.reason.value}" for gap in result.gaps],
    }


def _suppressed(entry: Suppressed) -> Json:
    expires = None if entry.expires is None else entry.expires.isoformat()
    return _finding(entry.finding) | {"reason": entry.reason, "expires": expires}


def _coverage(coverage: Coverage) -> Json:
    return {
        "passed": list(coverage.passed),
        "failed": list(coverage.failed),
        "not_evaluated": list(coverage.not_evaluated),
        "no_subject": list(coverage.no_subject),
        "not_applicable": list(coverage.not_applicable),
        "not_selected": list(coverage.not_selected),
        "resources": coverage.subjects,
        "resources_not_evaluated": coverage.subjects_not_evaluated,
    }


def _usd(amount: Decimal) -> str:
    """Money as a plain decimal number in a string: no float, no exponent."""
    return f"{amount:f}"
