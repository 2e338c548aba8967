"""The first screen and the last line: how bad, how dear, how much was looked at, what is next."""

from collections import Counter
from collections.abc import Iterator, Mapping

from mlguard.check import Severity
from mlguard.report import Coverage, Finding, Outcome, Report
from mlguard.reporters.money import ends
from mlguard.reporters.terminal_findings import COMMAND, MONEY, STYLES, counted, usd, write_fix
from mlguard.reporters.terminal_layout import Page, Span
from mlguard.reporters.terminal_unread import NAMED
from mlguard.snapshot import GapReason

_NAME = "mlguard  "
_LOUD = "bold white on red"


def write_summary(report: Report, page: Page) -> None:
    """Write who was audited, how bad it is, what it costs, what was covered and what to do."""
    page.parts(_header(report), hang=len(_NAME))
    page.blank()
    _write_money(report, page)
    _write_how_bad(report, page)
    page.prose(_coverage(report.coverage), hang=2)
    _write_warnings(report, page)
    page.blank()
    _write_next(report, page)


def write_passed(report: Report, page: Page) -> None:
    """Write what was judged: a report without findings says of what."""
    if report.nothing_judged:
        return
    results = [result for result in report.results if result.outcome is not Outcome.NOT_EVALUATED]
    subjects = {(result.subject.kind, result.subject.arn) for result in results}
    page.rule("CHECKED", counted(len(subjects), "resource"), "bold green")
    kinds = Counter(kind for kind, _ in subjects)
    page.parts(((f"{kinds[kind]} {kind}",) for kind in sorted(kinds)), hang=2)
    page.blank()
    _write_checks(report, Counter(result.check for result in results), page)


def write_verdict(report: Report, page: Page) -> None:
    """Write the last line: the verdict in words, and where to read on."""
    page.rule("VERDICT", "", "bold")
    page.prose((_verdict(report), "bold"))
    page.prose(("mlguard checks ID", COMMAND), (" explains one check", "dim"))


def _header(report: Report) -> Iterator[tuple[Span, ...]]:
    accounts = "account" if len(report.accounts) == 1 else "accounts"
    names = ", ".join(report.accounts) or "unknown"
    made_up = " (made up in memory)" if report.source == "demo" else ""
    yield ((_NAME, "bold"), f"{accounts} ", (names, "bold"), made_up)
    if report.identity is not None:
        yield (report.identity,)
    if report.regions:
        yield (", ".join(report.regions),)
    if report.operations:
        yield (f"read-only: {counted(len(report.operations), 'API operation')}",)
    yield (report.taken_at.strftime("%Y-%m-%d %H:%M UTC"),)


def _write_money(report: Report, page: Page) -> None:
    """Write what it costs and what mending saves; nothing where nothing is billed or saved."""
    bill = report.bill
    now, doubts = bill.monthly_usd, counted(len(bill.doubts), "thing")
    if bill.blank and bill.estimates:
        page.prose("what it costs a month is ", ("not known", "bold"))
    elif bill.estimates:
        more = f", and {doubts} not known on top" if bill.doubts else ""
        page.prose("costs ", (usd(now.expected), "bold"), f" a month{ends(now)}{more}", hang=2)
    if report.saving:
        left = f", which leaves {usd(report.after)}" if bill.estimates else ""
        saved = (usd(report.saving), MONEY)
        page.prose("mending what has a price saves at least ", saved, f" a month{left}", hang=2)


def _write_how_bad(report: Report, page: Page) -> None:
    if report.nothing_judged:
        page.prose((" NOTHING WAS JUDGED ", _LOUD), " no check came to an answer on any resource")
    elif report.findings:
        page.parts(_counts(report))
    elif report.incomplete:
        page.parts(((("no findings in what could be read", "bold yellow"),), *_accepted(report)))
    else:
        page.parts(((("no findings", "bold green"),), *_accepted(report)))


def _counts(report: Report) -> Iterator[tuple[Span, ...]]:
    for severity in sorted(Severity, reverse=True):
        if report.count(severity):
            yield ((f"{report.count(severity)} {severity.name}", STYLES[severity]),)
    yield from _accepted(report)


def _accepted(report: Report) -> Iterator[tuple[Span, ...]]:
    if report.suppressed:
        yield ((f"{len(report.suppressed)} suppressed", "dim"),)


def _coverage(coverage: Coverage) -> str:
    outcomes = (
        (coverage.passed, "passed"),
        (coverage.failed, "failed"),
        (coverage.not_evaluated, "not evaluated"),
        (coverage.no_subject, "with nothing to judge"),
        (coverage.not_selected, "not selected"),
        (coverage.not_applicable, f"not applicable{_unapplied(coverage)}"),
    )
    checks = counted(sum(len(ids) for ids, _ in outcomes), "check")
    resources = counted(coverage.subjects, "resource")
    counts = ", ".join(f"{len(ids)} {outcome}" for ids, outcome in outcomes if ids)
    return f"{checks} on {resources}: {counts or 'none to run'}"


def _unapplied(coverage: Coverage) -> str:
    ids = coverage.not_applicable
    named = ", ".join(ids[:NAMED])
    more = f" and {len(ids) - NAMED} more" if len(ids) > NAMED else ""
    return f" (source does not read what they judge: {named}{more})"


def _write_warnings(report: Report, page: Page) -> None:
    if not report.incomplete:
        return
    left = counted(len(report.coverage.not_evaluated), "check")
    gaps = counted(len(report.gaps), "gap")
    page.parts(
        (
            (("NOT complete: ", "bold magenta"), f"{gaps} in what was read"),
            (f"{left} not evaluated",),
            ("see NOT LOOKED AT below",),
        ),
        hang=2,
    )


def _write_next(report: Report, page: Page) -> None:
    if report.findings:
        _write_first_fix(report.findings[0], page)
    elif any(gap.reason is GapReason.DENIED for gap in report.gaps):
        page.prose(("next  ", "bold"), "allow what was denied; this prints the policy to attach")
        page.whole(("mlguard permissions", COMMAND), indent=6)
    elif report.gaps:
        page.prose(("next  ", "bold"), "close the gaps listed below, then run this again", hang=6)
    elif report.nothing_judged:
        page.prose(
            ("next  ", "bold"), "is this the account, region or file that you meant?", hang=6
        )
    else:
        page.prose(("next  ", "bold"), "what each check looks for", hang=6)
        page.whole(("mlguard checks", COMMAND), indent=6)


def _write_first_fix(finding: Finding, page: Page) -> None:
    where = f" on {finding.subject.name}"
    page.prose(("next  ", "bold"), "mend ", (finding.check, "bold"), where, hang=6)
    if not write_fix(finding.remedy, page, indent=6):
        page.whole((f"mlguard checks {finding.check}", COMMAND), indent=6)


def _write_checks(report: Report, judged: Mapping[str, int], page: Page) -> None:
    """Write each check that passed, with how many resources it judged: none is no merit."""
    titles = {check.id: check.title for check in report.checks}
    page.prose(("resources judged by each check that passed:", "dim"))
    longest = max(map(len, report.coverage.passed), default=0)
    for check in report.coverage.passed:
        number = f"{judged.get(check, 0):>6}  "
        name = (f"{check:<{longest}}  ", "bold")
        page.prose(number, name, titles.get(check, ""), hang=longest + 10)


def _verdict(report: Report) -> str:
    coverage = report.coverage
    gaps = counted(len(report.gaps), "gap")
    if report.nothing_judged:
        return f"Nothing was judged, so nothing is known: {_because(report)}."
    if report.findings:
        severe = len(report.at_least(Severity.HIGH))
        found = f"{counted(len(report.findings), 'finding')}, {severe} of them HIGH or worse"
        return f"{found}; {gaps}: NOT complete." if report.incomplete else f"{found}."
    passed = f"{counted(len(coverage.passed), 'check')} passed"
    if report.incomplete:
        return f"No findings, but {gaps}: NOT complete, and not a pass. {passed}."
    return f"Clean: {passed} on {counted(coverage.subjects, 'resource')}."


def _because(report: Report) -> str:
    if report.gaps:
        return f"{counted(len(report.gaps), 'gap')} hid what there is"
    return "no check applied" if not report.checks else "there was no resource to judge"
