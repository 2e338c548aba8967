"""The section at the end of a run: how bad, what was covered, what was not, what did not fail."""

from collections import Counter

from mlguard.check import Severity
from mlguard.reporters.terminal_layout import Page
from mlguard.reporters.terminal_summary import write_summary
from mlguard.reporters.terminal_unread import write_suppressed, write_unread
from mlguard_pytest.judging import below_the_bar
from mlguard_pytest.run import Run
from mlguard_pytest.verdict import Fate


def summary_of(run: Run, *, width: int, colour: bool) -> str:
    """Return the text of the section; the failures themselves stand above it."""
    judged = run.judged
    if judged.error is not None:
        return judged.error
    report, fail_on = run.audit.report, run.audit.config.fail_on
    page = Page(width)
    write_summary(report, page)
    page.blank()
    fates = Counter(verdict.fate for verdict in judged.verdicts)
    page.prose(_counts(fates, fail_on, strict=run.options.strict), hang=2)
    passed = tuple(below_the_bar(report, fail_on))
    if passed:
        page.blank()
        page.prose(f"found below {fail_on.name}, so nothing fails by it:")
    for severity, said in passed:
        page.prose((f"{severity}  ", "bold"), said, indent=2, hang=2)
    write_unread(report, page)
    write_suppressed(report, page)
    return page.render(colour=colour).rstrip("\n")


def _counts(fates: Counter[Fate], fail_on: Severity, *, strict: bool) -> str:
    bar = f"{fail_on.name} or worse" + (", or not evaluated" if strict else "")
    parts = [f"{fates[Fate.FAIL]} fail ({bar})", f"{fates[Fate.PASS]} pass"]
    if not strict:
        parts.append(f"{fates[Fate.SKIP]} skipped as not evaluated")
    return f"{fates.total()} tests of the audit: {', '.join(parts)}"
