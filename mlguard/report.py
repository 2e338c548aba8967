"""What an audit found: a Result for each (check, subject), and what was not looked at."""

import hashlib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from enum import Enum
from functools import cached_property

from mlguard.check import Check, Confidence, Severity
from mlguard.cost.bill import Bill
from mlguard.iam.language.excerpt import Excerpt
from mlguard.resources.base import Resource
from mlguard.snapshot import Gap


class Outcome(Enum):
    """What became of a check on a subject. Not read is not passed."""

    PASSED = "PASSED"
    FAILED = "FAILED"
    NOT_EVALUATED = "NOT_EVALUATED"


@dataclass(frozen=True, slots=True, kw_only=True)
class Subject:
    """What was judged: a resource; if `arn` ends in `*`, all of a kind that could not be listed."""

    kind: str
    arn: str
    account: str
    region: str
    name: str

    @classmethod
    def of(cls, resource: Resource) -> "Subject":
        """Return the subject that a resource is."""
        return cls(
            kind=type(resource).__name__,
            arn=resource.arn,
            account=resource.account,
            region=resource.region,
            name=resource.name,
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class Finding:
    """A fault: what was seen, where, how bad, what it costs a month, how to mend it.

    `remedy` is what to do, with names filled in and quoted for a POSIX shell: words and commands
    in turn, beginning with words; a single part that begins with a small letter is a command.
    """

    check: str
    title: str
    subject: Subject
    severity: Severity
    confidence: Confidence
    message: str
    at: str
    remedy: tuple[str, ...]
    fingerprint: str
    monthly_usd: Decimal | None = None
    excerpt: Excerpt | None = None

    @property
    def remediation(self) -> str:
        """The remedy in one text, its commands in backquotes."""
        return "`".join(self.remedy)


@dataclass(frozen=True, slots=True, kw_only=True)
class Suppressed:
    """A finding that somebody accepted, with the reason and the last day that it holds."""

    finding: Finding
    reason: str
    expires: date | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Result:
    """What became of one check on one subject."""

    check: str
    subject: Subject
    outcome: Outcome
    findings: tuple[Finding, ...] = ()
    gaps: tuple[Gap, ...] = ()
    suppressed: tuple[Suppressed, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Coverage:
    """What was looked at: ids of the checks by what became of them, and how many subjects.

    `no_subject` are checks that apply and met nothing to judge: no merit, so not `passed`.
    """

    passed: tuple[str, ...]
    failed: tuple[str, ...]
    not_evaluated: tuple[str, ...]
    no_subject: tuple[str, ...]
    not_applicable: tuple[str, ...]
    not_selected: tuple[str, ...]
    subjects: int
    subjects_not_evaluated: int


@dataclass(frozen=True, kw_only=True)
class Report:
    """The whole answer of an audit: reporters draw it, the command line exits by it."""

    source: str
    identity: str | None
    accounts: tuple[str, ...]
    regions: tuple[str, ...]
    taken_at: datetime
    today: date
    operations: tuple[str, ...]
    checks: tuple[Check, ...]
    results: tuple[Result, ...]
    gaps: tuple[Gap, ...]
    coverage: Coverage
    bill: Bill
    notes: tuple[str, ...] = ()

    @cached_property
    def findings(self) -> tuple[Finding, ...]:
        """Every finding that nobody suppressed, worst first, then dearest, then by name."""
        found = (finding for result in self.results for finding in result.findings)
        return tuple(sorted(found, key=_worst_first))

    @cached_property
    def suppressed(self) -> tuple[Suppressed, ...]:
        """Every finding that somebody accepted."""
        return tuple(entry for result in self.results for entry in result.suppressed)

    @property
    def worst(self) -> Severity | None:
        """The highest severity found, None if nothing was."""
        return max((finding.severity for finding in self.findings), default=None)

    def at_least(self, severity: Severity) -> tuple[Finding, ...]:
        """Return the findings of this severity or worse."""
        return tuple(finding for finding in self.findings if finding.severity >= severity)

    def count(self, severity: Severity) -> int:
        """Return how many findings have exactly this severity."""
        return sum(finding.severity is severity for finding in self.findings)

    @property
    def saving(self) -> Decimal:
        """What mending every finding that has a price would save, in USD a month.

        Several checks may price one resource, such as an idle endpoint on a dear instance: the
        money can be saved once, so the check that saves most counts for it, and no more than what
        the resource is known to cost.
        """
        return sum(self._savings.values(), Decimal(0))

    @property
    def after(self) -> Decimal:
        """What is known to be left of the bill, as expected, in USD a month, once that is saved."""
        billed = (saved for arn, saved in self._savings.items() if self.bill.of(arn) is not None)
        return self.bill.monthly_usd.expected - sum(billed, Decimal(0))

    @cached_property
    def _savings(self) -> Mapping[str, Decimal]:
        """What is saved, by the ARN of the resource that it is paid for."""
        by_check: dict[tuple[str, str], Decimal] = {}
        for finding in self.findings:
            payer = self.bill.payer(finding.subject.arn)
            key = (finding.subject.arn if payer is None else payer.arn, finding.check)
            by_check[key] = by_check.get(key, Decimal(0)) + (finding.monthly_usd or 0)
        saved: dict[str, Decimal] = {}
        for (arn, _), amount in by_check.items():
            saved[arn] = max(saved.get(arn, Decimal(0)), amount)
        return {arn: self._capped(arn, amount) for arn, amount in saved.items()}

    def _capped(self, arn: str, amount: Decimal) -> Decimal:
        estimate = self.bill.of(arn)
        return amount if estimate is None else min(amount, estimate.known().expected)

    @property
    def nothing_judged(self) -> bool:
        """True if no check came to an answer on anything: such a report says nothing at all."""
        return all(result.outcome is Outcome.NOT_EVALUATED for result in self.results)

    @property
    def incomplete(self) -> bool:
        """True if anything that the audit wanted to judge could not be."""
        return bool(self.gaps)


def fingerprint(check: str, subject: Subject, locator: str) -> str:
    """Return what identifies a finding from run to run: 64 hexadecimal digits."""
    parts = (check, subject.account, subject.region, subject.arn, locator)
    return hashlib.sha256("\0".join(parts).encode()).hexdigest()


def outcome_of(results: Iterable[Result]) -> Outcome:
    """Return what became of a check over all of its subjects."""
    outcomes = {result.outcome for result in results}
    for outcome in (Outcome.FAILED, Outcome.NOT_EVALUATED):
        if outcome in outcomes:
            return outcome
    return Outcome.PASSED


def _worst_first(finding: Finding) -> tuple[int, Decimal, str, str, str]:
    money = finding.monthly_usd or Decimal(0)
    return (-finding.severity, -money, finding.check, finding.subject.arn, finding.fingerprint)
