"""The findings in a terminal: by severity, then by check, then by what was judged."""

from collections.abc import Iterable, Iterator
from decimal import Decimal
from typing import Final

from mlguard.check import Confidence, Severity
from mlguard.iam.language.excerpt import Excerpt
from mlguard.report import Finding, Report, Subject
from mlguard.reporters.terminal_layout import Page, Span

STYLES: Final = {
    Severity.CRITICAL: "bold white on red",
    Severity.HIGH: "bold red",
    Severity.MEDIUM: "bold yellow",
    Severity.LOW: "bold cyan",
    Severity.INFORMATIONAL: "bold blue",
}
MONEY: Final = "bold green"
COMMAND: Final = "cyan"
# Lines of a statement that are shown on either side of a marked one.
_AROUND: Final = 2
_SHORT: Final = 12


def write_findings(report: Report, page: Page) -> None:
    """Write every finding that stands, worst first."""
    for severity in sorted(Severity, reverse=True):
        found = [finding for finding in report.findings if finding.severity is severity]
        if not found:
            continue
        page.rule(severity.name, counted(len(found), "finding"), STYLES[severity])
        for of_check in _by_check(found):
            _write_check(of_check, page)


def counted(number: int, noun: str) -> str:
    """Return a number and its noun, in the plural unless there is one."""
    return f"{number} {noun}" if number == 1 else f"{number} {noun}s"


def usd(amount: Decimal) -> str:
    """Return an amount of money, to the cent."""
    return f"{amount:,.2f} USD"


def write_fix(remedy: tuple[str, ...], page: Page, *, indent: int, label: str = "") -> bool:
    """Write a remedy, its commands each on one line; return whether it was one command."""
    hang = indent + len(label)
    prefix: Span = (label, "dim")
    for text, command in _steps(remedy):
        if command:
            page.whole(prefix, (text, COMMAND), indent=indent)
        else:
            page.prose(prefix, text, indent=indent, hang=hang - indent)
        indent, prefix = hang, ""
    return _is_command(remedy)


def _steps(remedy: tuple[str, ...]) -> Iterator[tuple[str, bool]]:
    """Yield what to do, and whether it is a command."""
    if _is_command(remedy):
        yield remedy[0], True
        return
    for at, part in enumerate(remedy):
        if at % 2:
            yield part, True
        elif said := part.strip(" ,;").removeprefix(".").strip():
            yield said, False


def _is_command(remedy: tuple[str, ...]) -> bool:
    return len(remedy) == 1 and not remedy[0][:1].isupper()


def _by_check(findings: Iterable[Finding]) -> Iterable[list[Finding]]:
    grouped: dict[str, list[Finding]] = {}
    for finding in findings:
        grouped.setdefault(finding.check, []).append(finding)
    return grouped.values()


def _by_subject(findings: Iterable[Finding]) -> Iterable[list[Finding]]:
    grouped: dict[tuple[str, str], list[Finding]] = {}
    for finding in findings:
        grouped.setdefault((finding.subject.kind, finding.subject.arn), []).append(finding)
    return grouped.values()


def _write_check(findings: list[Finding], page: Page) -> None:
    page.blank()
    page.prose((findings[0].check, "bold"), "  ", findings[0].title, hang=2)
    for of_subject in _by_subject(findings):
        page.blank()
        _write_subject(of_subject, page)


def _fix_last(findings: list[Finding]) -> Iterator[tuple[Finding, tuple[str, ...] | None]]:
    """Yield each finding with its fix, None where the next one has the same."""
    for number, finding in enumerate(findings):
        shared = findings[number + 1 :][:1]
        same = bool(shared) and shared[0].remedy == finding.remedy
        yield finding, None if same else finding.remedy


def _write_subject(findings: list[Finding], page: Page) -> None:
    _write_name(findings[0].subject, page)
    for number, (finding, fix) in enumerate(_fix_last(findings)):
        if number:
            page.blank()
        _write_finding(finding, page)
        if fix is not None:
            write_fix(fix, page, indent=4, label="fix: ")


def _write_name(subject: Subject, page: Page) -> None:
    name: tuple[Span, ...] = ((subject.name, "bold"), (f" ({subject.kind})", ""))
    arn: tuple[Span, ...] = ((subject.arn, "dim"),)
    page.parts((name,) if subject.name == subject.arn else (name, arn), indent=2)


def _write_finding(finding: Finding, page: Page) -> None:
    page.prose(finding.message, indent=4)
    page.parts(_particulars(finding), indent=4)
    if finding.excerpt is not None:
        _write_excerpt(finding.excerpt, page)


def _particulars(finding: Finding) -> Iterator[tuple[Span, ...]]:
    yield (("at ", "dim"), (finding.at, "dim"))
    if finding.monthly_usd:
        yield ((f"saves {usd(finding.monthly_usd)}/month", MONEY),)
    if finding.confidence is not Confidence.HIGH:
        yield ((f"confidence {finding.confidence.name}", "yellow"),)


def _write_excerpt(excerpt: Excerpt, page: Page) -> None:
    shown = _shown(excerpt)
    for number, line in enumerate(excerpt.lines):
        if number in excerpt.marked:
            page.code(("> │ ", STYLES[Severity.HIGH]), line, "bold", indent=4)
        elif number in shown:
            page.code(("  │ ", "dim"), line, "dim", indent=4)
        elif number - 1 in shown or number == 0:
            page.whole(("  …", "dim"), indent=4)


def _shown(excerpt: Excerpt) -> set[int]:
    """Return the numbers of the lines to show: all of a short excerpt, else around the marks."""
    every = set(range(len(excerpt.lines)))
    if len(every) <= _SHORT or not excerpt.marked:
        return every
    return {line for line in every if any(abs(line - mark) <= _AROUND for mark in excerpt.marked)}
