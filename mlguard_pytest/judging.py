"""From a report to tests: which fail, which are skipped, what they say. Loaded once one is asked.

Whatever came from outside goes through `printable`: what is returned acts on no terminal.
"""

from collections.abc import Iterator
from dataclasses import dataclass, replace
from typing import Final

from mlguard.check import Severity
from mlguard.report import Report, Result
from mlguard.reporters.escaping import printable
from mlguard.reporters.terminal_findings import write_findings
from mlguard.reporters.terminal_layout import Page
from mlguard.snapshot import Gap
from mlguard_pytest.doubt import gap_in_words
from mlguard_pytest.verdict import Fate, Verdict, told_apart

WHOLE: Final = "audit"
"""The name of the test that stands for the audit as a whole, where that has something to say."""


def verdicts_of(
    report: Report, *, fail_on: Severity, strict: bool, width: int
) -> tuple[Verdict, ...]:
    """Return a verdict for each (check, resource), and one for what no check could tell."""
    unread = Fate.FAIL if strict else Fate.SKIP
    judge = _Judge(report=report, fail_on=fail_on, unread=unread, width=width)
    severities = {check.id: check.severity for check in report.checks}
    judged = tuple(judge.verdict(each, severities[each.check]) for each in report.results)
    return told_apart((*judged, *judge.left_over()))


def unaudited(error: str) -> Verdict:
    """Return the one verdict of a run that could not audit anything."""
    said = "\n".join(printable(line) for line in error.split("\n"))
    text = f"nothing was audited: {said}"
    first, _, more = text.partition("\n")
    headline = first.partition(". ")[0] if more else first
    return Verdict(name=WHOLE, fate=Fate.FAIL, headline=headline, text=text)


def below_the_bar(report: Report, fail_on: Severity) -> Iterator[tuple[str, str]]:
    """Yield the severity of each finding that fails nothing, and what it says in one line."""
    for finding in report.findings:
        if finding.severity < fail_on:
            said = f"{finding.check}[{finding.subject.name}]  {finding.message}"
            yield finding.severity.name, printable(said)


@dataclass(frozen=True, slots=True, kw_only=True)
class _Judge:
    report: Report
    fail_on: Severity
    unread: Fate
    width: int

    def verdict(self, result: Result, severity: Severity) -> Verdict:
        """Return what becomes of one result; without findings, the severity is the check's."""
        worst = max((finding.severity for finding in result.findings), default=severity)
        name = printable(result.subject.name)
        verdict = Verdict(
            name=f"{result.check}[{name}]",
            fate=Fate.PASS,
            check=result.check,
            severity=worst.name.lower(),
            resource=name,
            arn=printable(result.subject.arn),
            fingerprints=tuple(finding.fingerprint for finding in result.findings),
        )
        if result.findings and worst >= self.fail_on:
            return self._failed(verdict, result)
        # A finding below the bar is no pass either, where something worse may be hidden.
        return self._not_evaluated(verdict, result.gaps) if result.gaps else verdict

    def left_over(self) -> Iterator[Verdict]:
        """Yield a verdict if there are gaps that no test tells of.

        What was not read has not passed; an audit that judged nothing has a gap that says so.
        """
        told = {gap for result in self.report.results for gap in result.gaps}
        gaps = tuple(gap for gap in self.report.gaps if gap not in told)
        whole = Verdict(name=WHOLE, fate=self.unread)
        if gaps:
            yield self._not_evaluated(whole, gaps)

    def _failed(self, verdict: Verdict, result: Result) -> Verdict:
        first = max(result.findings, key=lambda finding: finding.severity)
        page = Page(self.width)
        write_findings(replace(self.report, results=(result,)), page)
        return replace(
            verdict,
            fate=Fate.FAIL,
            headline=f"{first.severity.name}: {printable(first.message)}",
            text=page.render(colour=False).strip("\n"),
        )

    def _not_evaluated(self, verdict: Verdict, gaps: tuple[Gap, ...]) -> Verdict:
        lines = [f"not evaluated: {gap_in_words(gap)}" for gap in gaps]
        more = f" (and {len(gaps) - 1} more)" if len(gaps) > 1 else ""
        return replace(verdict, fate=self.unread, headline=lines[0] + more, text="\n".join(lines))
