"""Audits ML pipelines on AWS: who can do what, will it scale and answer, what does it cost.

    import mlguard
    report = mlguard.audit(mlguard.collect())
    for finding in report.findings:
        print(finding.severity.name, finding.subject.arn, finding.message)

Importing this opens no file and imports no AWS library; names are fetched when they are used.
"""

from collections.abc import Iterable, Sequence
from importlib import import_module
from pathlib import Path
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    import boto3

    from mlguard.check import Check, Severity
    from mlguard.config import Config
    from mlguard.errors import MlguardError
    from mlguard.report import Finding, Outcome, Report
    from mlguard.snapshot import Gap, Snapshot

__all__ = [
    "Check",
    "Config",
    "Finding",
    "Gap",
    "MlguardError",
    "Outcome",
    "Report",
    "Severity",
    "Snapshot",
    "audit",
    "collect",
    "load",
]
__version__ = "0.1.0"

_HOMES: Final = {
    "Check": "mlguard.check",
    "Config": "mlguard.config",
    "Finding": "mlguard.report",
    "Gap": "mlguard.snapshot",
    "MlguardError": "mlguard.errors",
    "Outcome": "mlguard.report",
    "Report": "mlguard.report",
    "Severity": "mlguard.check",
    "Snapshot": "mlguard.snapshot",
}


def __getattr__(name: str) -> object:
    """Return a public name from the module that defines it (PEP 562)."""
    if name not in _HOMES:
        raise AttributeError(f"module 'mlguard' has no attribute {name!r}")
    return getattr(import_module(_HOMES[name]), name)


def collect(session: "boto3.Session | None" = None, regions: Sequence[str] = ()) -> "Snapshot":
    """Return the account of a boto3 session as it is now: read-only.

    Without a session, the ordinary AWS credential chain; without regions, the session's own;
    `["all"]` means every region that the account has enabled. Raises SourceError if nothing could
    be read; what could not be read in part stands in the snapshot's gaps.
    """
    from mlguard.sources.aws.source import AwsSource, session_of

    return AwsSource(session or session_of(), regions=regions).collect()


def load(path: str | Path) -> "Snapshot":
    """Return the snapshot that `mlguard collect -o PATH` wrote; raises FileError."""
    from mlguard.sources.files import read
    from mlguard.sources.snapshot_file import SnapshotFile

    return SnapshotFile(read(path), name=str(path)).collect()


def audit(
    snapshot: "Snapshot",
    checks: "Iterable[Check] | None" = None,
    config: "Config | None" = None,
) -> "Report":
    """Return what the checks (by default all of them) find in a snapshot.

    Pure: the same snapshot and configuration always give the same report.
    """
    from mlguard.auditor import audit as judge
    from mlguard.checks.catalogue import CATALOGUE

    return judge(snapshot, CATALOGUE if checks is None else checks, config)
