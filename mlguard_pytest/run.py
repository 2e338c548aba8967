"""The one audit of a run, and how a worker of xdist comes to know of it."""

import os
import shutil
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final, Protocol

import pytest

from mlguard_pytest.audit import Audit
from mlguard_pytest.options import options_of
from mlguard_pytest.verdict import Fate, Verdict, received

if TYPE_CHECKING:
    from mlguard.report import Report
    from mlguard.snapshot import Snapshot

_KEY: Final = pytest.StashKey["Run"]()
_WORKER_INPUT: Final = "mlguard"


class Worker(Protocol):
    """What xdist's controller shows of a worker before it starts."""

    config: pytest.Config
    workerinput: dict[str, Any]


@dataclass(frozen=True, slots=True, kw_only=True)
class Judged:
    """The tests of a run; `error` says why there was no audit, and the one test says it too."""

    verdicts: tuple[Verdict, ...]
    error: str | None = None


class Run:
    """What this process knows of the audit: in a worker, what the controller sent."""

    def __init__(self, config: pytest.Config) -> None:
        self._sent: Mapping[str, Any] | None
        self._sent = getattr(config, "workerinput", {}).get(_WORKER_INPUT)
        self._here = config.invocation_params.dir
        self._rootpath = config.rootpath
        self.options = options_of(config)
        self.today = _today(self._sent)
        self.names: tuple[str, ...] = ()
        self.audit = Audit(self.options, today=self.today, read=self._read)

    @cached_property
    def anchor(self) -> Path:
        """The file that the tests stand under: the configuration, else the ini file."""
        from mlguard.errors import MlguardError

        if self._sent:
            return Path(self._sent["anchor"])
        try:
            return _plain(self.audit.config_file or self.options.fallback)
        except MlguardError:
            return self.options.fallback

    def claim(self, args: list[str]) -> None:
        """Take the arguments that name the anchor out of those that pytest resolves.

        The anchor need not exist, and pytest 8 drops tests where a folder and a file in it are
        both named.
        """
        parted = {arg: _parted(arg) for arg in args}
        ours = {
            arg: name
            for arg, (path, name) in parted.items()
            if _plain(self._here / path) == self.anchor
        }
        args[:] = [arg for arg in args if arg not in ours]
        self.names = tuple(dict.fromkeys(ours.values()))

    @property
    def node_id(self) -> str:
        """The anchor as the first part of node ids."""
        return Path(os.path.relpath(self.anchor, self._rootpath)).as_posix()

    @cached_property
    def judged(self) -> Judged:
        """The tests: the audit takes place here, unless the controller of xdist made it."""
        from mlguard.errors import MlguardError
        from mlguard_pytest.judging import unaudited, verdicts_of

        if self._sent:
            return Judged(verdicts=tuple(received(each) for each in self._sent["verdicts"]))
        strict = self.options.strict
        try:
            report = self.audit.report
            budget = self._budget(report, unread=Fate.FAIL if strict else Fate.SKIP)
        except MlguardError as error:
            verdict = unaudited(str(error))
            return Judged(verdicts=(verdict,), error=verdict.headline)
        width = shutil.get_terminal_size().columns
        fail_on = self.audit.config.fail_on
        verdicts = verdicts_of(report, fail_on=fail_on, strict=strict, width=width)
        return Judged(verdicts=(*verdicts, *budget))

    @property
    def made(self) -> bool:
        """True once somebody asked for the tests: without that, nothing is worth reporting."""
        return "judged" in self.__dict__

    def send(self, workerinput: dict[str, Any]) -> None:
        """Give a worker all that it needs, so that it reads nothing itself."""
        judged = self.judged
        workerinput[_WORKER_INPUT] = {
            "anchor": str(self.anchor),
            "today": self.today.isoformat(),
            "verdicts": [verdict.message() for verdict in judged.verdicts],
            "snapshot": None if judged.error else self.audit.snapshot.to_json(),
            "error": judged.error,
        }

    def _budget(self, report: "Report", *, unread: Fate) -> tuple[Verdict, ...]:
        """Return the test of the budget, none without one."""
        if self.options.max_monthly_usd is None:
            return ()
        from mlguard_pytest.costs import verdict_of

        return (verdict_of(report.bill, self.options.max_monthly_usd, unread=unread),)

    def _read(self) -> "Snapshot":
        from mlguard.errors import SourceError
        from mlguard.sources.snapshot_file import SnapshotFile
        from mlguard_pytest.source import snapshot_of

        if not self._sent:
            return snapshot_of(self.options.source)
        if self._sent["snapshot"] is None:
            raise SourceError(self._sent["error"])
        return SnapshotFile(self._sent["snapshot"], name="the controller's snapshot").collect()


def run_of(config: pytest.Config) -> Run:
    """Return the run that this configuration belongs to."""
    if _KEY not in config.stash:
        config.stash[_KEY] = Run(config)
    return config.stash[_KEY]


def _plain(path: Path) -> Path:
    """Return the path without `..`; a link stays what it is."""
    return Path(os.path.normpath(path))


def _parted(arg: str) -> tuple[str, str]:
    """Return the path of an argument and the name behind it, which may hold `::` in brackets."""
    base, bracket, rest = arg.partition("[")
    path, _, name = base.partition("::")
    return path, f"{name}{bracket}{rest}"


def _today(sent: Mapping[str, Any] | None) -> date:
    return date.fromisoformat(sent["today"]) if sent else datetime.now(UTC).date()
