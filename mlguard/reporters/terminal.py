"""The report in a terminal: how bad it is on the first screen, then why, and what to do."""

from mlguard.report import Report
from mlguard.reporters.terminal_findings import write_findings
from mlguard.reporters.terminal_layout import Page
from mlguard.reporters.terminal_summary import write_passed, write_summary, write_verdict
from mlguard.reporters.terminal_unread import write_suppressed, write_unread


def render(report: Report, *, width: int = 100, colour: bool = False) -> str:
    """Return the report for a reader at a terminal of so many columns.

    Commands and ARNs are never broken, so that they can be copied: they may be longer than the
    width.
    """
    page = Page(width)
    write_summary(report, page)
    write_findings(report, page)
    if not report.findings:
        write_passed(report, page)
    write_unread(report, page)
    write_suppressed(report, page)
    write_verdict(report, page)
    return page.render(colour=colour)
