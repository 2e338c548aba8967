"""What was not looked at and what was accepted, in a terminal: it is as loud as the findings."""

from collections.abc import Iterable, Iterator
from typing import Final

from mlguard.report import Outcome, Report, Suppressed
from mlguard.reporters.terminal_findings import COMMAND, counted
from mlguard.reporters.terminal_layout import Page
from mlguard.snapshot import Gap

NAMED: Final = 3
"""How many checks the coverage line names; more are listed here."""


def write_unread(report: Report, page: Page) -> None:
    """Write every gap, what it left unjudged and what would cure it; then what did not apply."""
    skipped = report.coverage.not_applicable
    listed = len(skipped) > NAMED
    if not report.gaps and not listed:
        return
    page.rule("NOT LOOKED AT", counted(len(report.gaps), "gap"), "bold magenta")
    for gaps in _alike(report.gaps):
        page.blank()
        _write_gaps(gaps, _left(report, gaps), page)
    if listed:
        page.blank()
        page.prose(
            f"{len(skipped)} checks do not apply: the source does not read what they judge", hang=2
        )
        page.prose((", ".join(skipped), "dim"), indent=2)


def write_suppressed(report: Report, page: Page) -> None:
    """Write every accepted finding with its reason, and what the report notes."""
    if report.suppressed:
        page.rule("SUPPRESSED", counted(len(report.suppressed), "finding"), "bold")
    for entry in report.suppressed:
        _write_accepted(entry, page)
    if report.notes:
        page.blank()
    for note in report.notes:
        page.prose(("note: ", "bold yellow"), note, hang=6)


def _write_accepted(entry: Suppressed, page: Page) -> None:
    finding = entry.finding
    until = f"until {entry.expires}" if entry.expires else "for good"
    page.parts(
        (
            ((finding.check, "bold"), "  ", finding.subject.name),
            (finding.severity.name,),
            (until,),
            ((finding.subject.arn, "dim"),),
        ),
        hang=2,
    )
    page.prose(("accepted: ", "dim"), entry.reason, indent=2, hang=2)


def _alike(gaps: Iterable[Gap]) -> Iterable[list[Gap]]:
    """Group the gaps that one cure closes: a call denied in ten regions is one thing to mend."""
    grouped: dict[tuple[object, ...], list[Gap]] = {}
    for gap in gaps:
        # Without a permission to grant, the detail tells what to mend in the one resource.
        alone = gap.detail if gap.subject and gap.permission is None else None
        grouped.setdefault((gap.operation, gap.reason, gap.permission, alone), []).append(gap)
    return grouped.values()


def _left(report: Report, gaps: list[Gap]) -> list[str]:
    """Return the checks that could not judge some subject because of these gaps."""
    return sorted(
        {
            result.check
            for result in report.results
            if result.outcome is Outcome.NOT_EVALUATED and not set(gaps).isdisjoint(result.gaps)
        }
    )


def _write_gaps(gaps: list[Gap], left: list[str], page: Page) -> None:
    first = gaps[0]
    page.parts(
        (
            ((first.operation, "bold"),),
            ((first.reason.value, "bold magenta"),),
            *((place,) for place in _places(gaps)),
        ),
        hang=2,
    )
    others = len({gap.detail for gap in gaps}) - 1
    page.prose(first.detail, f" (and {others} like it)" if others else "", indent=2)
    if first.permission is not None:
        page.prose(("missing permission: ", "dim"), (first.permission, COMMAND), indent=2, hang=2)
    if left:
        page.prose(("not evaluated: ", "dim"), ", ".join(left), indent=2, hang=2)
    else:
        page.prose(("left no check unevaluated", "dim"), indent=2)


def _places(gaps: Iterable[Gap]) -> Iterator[str]:
    """Yield the ARN of each resource that was not read, then each account with its regions."""
    regions: dict[str, list[str]] = {}
    for gap in gaps:
        if gap.subject is not None:
            yield gap.subject
            continue
        regions.setdefault(gap.account, []).append(gap.region)
    for account, names in regions.items():
        yield f"{account} in {', '.join(dict.fromkeys(names))}"
