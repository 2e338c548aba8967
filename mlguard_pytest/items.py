"""The collector and its tests, one for each (check, resource)."""

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from mlguard_pytest.run import Run, run_of
from mlguard_pytest.verdict import Fate, Verdict

if TYPE_CHECKING:
    from _pytest._code.code import TerminalRepr, TracebackStyle


class MlguardAudit(pytest.Collector):
    """Stands where the configuration does, and holds a test for each (check, resource)."""

    def collect(self) -> Iterator["MlguardItem"]:
        """Yield the tests, of which arguments may have named some."""
        run = run_of(self.config)
        for verdict in _tests(run):
            if run.names and not any(verdict.answers(name) for name in run.names):
                continue
            # As a text, for pytest to parse: it compares what it parsed (--lf does).
            node_id = f"{self.nodeid}::{verdict.name}"
            yield MlguardItem.from_parent(self, name=verdict.name, nodeid=node_id, verdict=verdict)


class MlguardItem(pytest.Item):
    """One check on one resource."""

    def __init__(
        self, name: str, parent: pytest.Collector, *, nodeid: str, verdict: Verdict
    ) -> None:
        super().__init__(name, parent, nodeid=nodeid)
        self.verdict = verdict
        self.user_properties.extend(verdict.properties())
        self.add_marker(
            pytest.mark.mlguard(
                check=verdict.check,
                severity=verdict.severity,
                resource=verdict.resource,
                arn=verdict.arn,
            )
        )
        if verdict.fate is Fate.SKIP:
            self.add_marker(pytest.mark.skip(reason=verdict.headline))

    def runtest(self) -> None:
        """Fail if the audit did."""
        if self.verdict.fate is Fate.FAIL:
            pytest.fail(self.verdict.text, pytrace=False)

    def repr_failure(
        self,
        excinfo: pytest.ExceptionInfo[BaseException],
        style: "TracebackStyle | None" = None,
    ) -> "str | TerminalRepr":
        """Return the finding as text: a traceback would show nothing but this file."""
        shown = super().repr_failure(excinfo, style)
        crash = getattr(shown, "reprcrash", None)
        if crash is not None and isinstance(excinfo.value, pytest.fail.Exception):
            # The line of the short summary, of JUnit's message and of --tb=line.
            crash.path, crash.lineno, crash.message = str(self.path), 1, self.verdict.headline
        return shown

    def reportinfo(self) -> tuple[Path, int, str]:
        """Return where the test stands, and its title."""
        return self.path, 0, self.name


def audit_for(session: pytest.Session) -> MlguardAudit:
    """Return the collector to add to those of the user; raises UsageError for an unknown name."""
    run = run_of(session.config)
    unknown = [name for name in run.names if not any(each.answers(name) for each in _tests(run))]
    if unknown:
        raise pytest.UsageError(*(f"not found: {run.node_id}::{name}" for name in unknown))
    collector: MlguardAudit = MlguardAudit.from_parent(
        session, name=run.node_id, path=run.anchor, nodeid=run.node_id
    )
    return collector


def _tests(run: Run) -> tuple[Verdict, ...]:
    """Return every test there is; without an audit, one that tells why under each name given."""
    judged = run.judged
    if judged.error is None:
        return judged.verdicts
    names = tuple(filter(None, run.names)) or (judged.verdicts[0].name,)
    return tuple(replace(judged.verdicts[0], name=name) for name in names)
