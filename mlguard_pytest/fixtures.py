"""What a user's test may ask for: the audit, and the session that it reads through."""

from collections.abc import Callable
from functools import cached_property
from typing import TYPE_CHECKING

import pytest

from mlguard_pytest.audit import Audit
from mlguard_pytest.options import asked
from mlguard_pytest.run import run_of

if TYPE_CHECKING:
    import boto3

    from mlguard.report import Report
    from mlguard.snapshot import Snapshot


class Mlguard:
    """The account under test; nothing is read before it is asked for, and then once."""

    def __init__(self, audit: Callable[[], Audit]) -> None:
        self._make = audit

    @cached_property
    def _audit(self) -> Audit:
        return self._make()

    @property
    def snapshot(self) -> "Snapshot":
        """What was read."""
        return self._audit.snapshot

    @property
    def report(self) -> "Report":
        """What was found in it, by the configuration of the run."""
        return self._audit.report


@pytest.fixture
def mlguard_session() -> "boto3.Session | None":
    """Return the boto3 session to read through; override it to audit what a test has created.

    None: what the run audits, or live AWS by the ordinary chain if the run does not audit.
    """
    return None


@pytest.fixture
def mlguard(pytestconfig: pytest.Config, mlguard_session: "boto3.Session | None") -> Mlguard:
    """Return the audit, not made before its `snapshot` or `report` is used."""

    def audit() -> Audit:
        run = run_of(pytestconfig)
        if mlguard_session is None and asked(pytestconfig):
            return run.audit
        return Audit(run.options, today=run.today, read=lambda: _live(mlguard_session))

    return Mlguard(audit)


def _live(session: "boto3.Session | None") -> "Snapshot":
    from mlguard import collect

    return collect(session)
