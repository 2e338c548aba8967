"""Suppressions: findings that a team accepts, with a reason, perhaps until a day."""

from collections.abc import Iterable
from datetime import date

from mlguard.config import Suppression
from mlguard.iam.language.wildcard import matches
from mlguard.report import Finding, Suppressed


class Suppressor:
    """Divides findings by the suppressions of a configuration, and tells which did nothing."""

    def __init__(self, suppressions: tuple[Suppression, ...], *, today: date) -> None:
        self._expired = tuple(entry for entry in suppressions if _expired(entry, today))
        self._live = tuple(entry for entry in suppressions if not _expired(entry, today))
        self._used: set[Suppression] = set()

    def divide(
        self, findings: Iterable[Finding]
    ) -> tuple[tuple[Finding, ...], tuple[Suppressed, ...]]:
        """Return the findings that stand, and those that somebody accepted."""
        if not self._live:
            return tuple(findings), ()
        kept: list[Finding] = []
        suppressed: list[Suppressed] = []
        for finding in findings:
            entry = self._accepted(finding)
            if entry is None:
                kept.append(finding)
                continue
            self._used.add(entry)
            suppressed.append(
                Suppressed(finding=finding, reason=entry.reason, expires=entry.expires)
            )
        return tuple(kept), tuple(suppressed)

    def notes(self) -> tuple[str, ...]:
        """Return a line for each suppression that has expired or that matched nothing."""
        expired = (
            f"suppression of {entry.check} on {entry.resource} expired on {entry.expires}: "
            "renew or remove it"
            for entry in self._expired
        )
        unused = (
            f"suppression of {entry.check} on {entry.resource} matched nothing: remove it"
            for entry in self._live
            if entry not in self._used
        )
        return (*expired, *unused)

    def _accepted(self, finding: Finding) -> Suppression | None:
        for entry in self._live:
            if matches(entry.check, finding.check) and matches(entry.resource, finding.subject.arn):
                return entry
        return None


def _expired(entry: Suppression, today: date) -> bool:
    """Return whether the last day, on which it still holds, is over."""
    return entry.expires is not None and today > entry.expires
