"""What was not read has not passed: an assertion about it fails, and says what was not read."""

from collections.abc import Sequence
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from mlguard.snapshot import Gap


class NotEvaluatedError(AssertionError):
    """Neither yes nor no: something was not read, or could not be decided.

    An AssertionError, so that a test fails by it whichever answer it hoped for.
    """

    # Where users find it, and what pytest shows of it.
    __module__ = "mlguard_pytest"


def gap_in_words(gap: "Gap") -> str:
    """Return a gap as one line: which call, why, and the permission that was missing."""
    from mlguard.reporters.escaping import printable

    missing = f"; missing permission: {gap.permission}" if gap.permission else ""
    return printable(f"{gap.operation}: {gap.reason.value}: {gap.detail}{missing}")


def refuse_gaps(gaps: "Sequence[Gap]", about: str) -> None:
    """Raise NotEvaluatedError if there is a gap; `about` is what cannot be told for it."""
    __tracebackhide__ = True
    if gaps:
        more = f" (and {len(gaps) - 1} more)" if len(gaps) > 1 else ""
        raise NotEvaluatedError(f"{about} cannot be told: {gap_in_words(gaps[0])}{more}")
