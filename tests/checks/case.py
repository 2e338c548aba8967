"""A case of a check as data: what is given, what becomes of it."""

from dataclasses import dataclass, field
from decimal import Decimal

from mlguard.check import Severity
from mlguard.policy import Policy
from mlguard.report import Outcome
from mlguard.snapshot import Snapshot


@dataclass(frozen=True, kw_only=True)
class Case:
    """`check` on `snapshot` comes out as `outcome`.

    For FAILED: `at`, `says` (parts of the message) and, if given, `severity` and `fix` (parts of
    the remediation) of the one finding.
    """

    name: str
    check: str
    snapshot: Snapshot
    outcome: Outcome
    at: str | None = None
    says: tuple[str, ...] = ()
    severity: Severity | None = None
    fix: tuple[str, ...] = ()
    policy: Policy = field(default_factory=Policy)
    budget_usd: Decimal | None = None
