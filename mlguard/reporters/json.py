"""The report as JSON, for programs: the shape is a contract, changed only with its version."""

import json
from collections.abc import Iterable, Iterator, Mapping
from decimal import Decimal
from itertools import islice
from typing import Final, TypeAlias

from mlguard.check import Severity
from mlguard.report import Coverage, Finding, Report, Result, Suppressed
from mlguard.reporters.cost_json import estimate_of
from mlguard.reporters.money import exact
from mlguard.snapshot import Gap

SCHEMA_VERSION: Final = 1

_ROWS: Final = 1000
_FLAT: Final = json.JSONEncoder(separators=(",\n      ", ": "))

Json: TypeAlias = "str | int | bool | list[Json] | Mapping[str, Json] | None"


def render(report: Report) -> str:
    """Return the report as JSON: ASCII, the same bytes for the same report."""
    return "".join(pieces(report))


def pieces(report: Report) -> Iterator[str]:
    """Yield what `render` returns, piece by piece: that of a large account is large."""
    head: Json = {
        "schema_version": SCHEMA_VERSION,
        "source": report.source,
        "accounts": list(report.accounts),
        "regions": list(report.regions),
        "taken_at": report.taken_at.isoformat(),
        "summary": _summary(report),
    }
    yield json.dumps(head, indent=2).removesuffix("\n}")
    yield from _array("findings", map(_finding, report.findings))
    yield from _array("gaps", map(_gap, report.gaps))
    yield from _array("results", map(_result, report.results))
    yield from _array("suppressed", map(_suppressed, report.suppressed))
    tail: Json = {"coverage": _coverage(report.coverage)}
    yield "," + json.dumps(tail, indent=2).removeprefix("{") + "\n"


def _array(name: str, rows: Iterable[Mapping[str, Json]]) -> Iterator[str]:
    """Yield a member of the report, from the comma before it on."""
    yield f',\n  "{name}": ['
    end, comma = "]", ""
    left = iter(rows)
    while some := list(islice(left, _ROWS)):
        yield f"{comma}\n    {_rows(some)}"
        end, comma = "\n  ]", ","
    yield end


def _rows(rows: list[Mapping[str, Json]]) -> str:
    """Return rows as they stand in an array of the report, without its brackets.

    Only flat JSON is indented in C, by its separators; what indents any JSON takes ten times as
    long. No text in it holds a line break: they are escaped.
    """
    text = _FLAT.encode(rows)
    if '": ["' in text:
        return json.dumps(rows, indent=2).replace("\n", "\n  ")[len("[\n    ") : -len("\n  ]")]
    inside = text[len("[{") : -len("}]")].replace("},\n      {", "\n    },\n    {\n      ")
    return f"{{\n      {inside}\n    }}"


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
        "after_fixes_monthly_usd": None if report.bill.blank else exact(report.after),
        "estimate": estimate_of(report.bill),
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


def _gap(gap: Gap) -> dict[str, Json]:
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


def _result(result: Result) -> dict[str, Json]:
    return {
        "check": result.check,
        "resource": result.subject.arn,
        "outcome": result.outcome.value,
        "findings": len(result.findings),
        "suppressed": len(result.suppressed),
        "gaps": [f"{gap.operation}: {gap.reason.value}" for gap in result.gaps],
    }


def _suppressed(entry: Suppressed) -> dict[str, Json]:
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
