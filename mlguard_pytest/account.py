"""One account under test: what was read of it, and what is made of that, each when first asked."""

from collections.abc import Callable
from functools import cached_property
from typing import TYPE_CHECKING, Protocol

if TYPE_CHECKING:
    from mlguard.config import Config
    from mlguard.engine import Engine
    from mlguard.report import Report
    from mlguard.snapshot import Snapshot


class Audited(Protocol):
    """An account that can be read and judged; an Audit is one."""

    @property
    def config(self) -> "Config":
        """How it is audited."""

    @property
    def snapshot(self) -> "Snapshot":
        """What was read."""

    @property
    def report(self) -> "Report":
        """What was found."""


class Held:
    """A snapshot that is there already, audited as by default."""

    def __init__(self, snapshot: "Snapshot") -> None:
        self.snapshot = snapshot

    @cached_property
    def config(self) -> "Config":
        """The defaults."""
        from mlguard.config import Config

        return Config()

    @cached_property
    def report(self) -> "Report":
        """What was found."""
        from mlguard.auditor import audit

        return audit(self.snapshot, config=self.config)


class Account:
    """An audit, and the IAM engine beside it; raises MlguardError where nothing can be read."""

    def __init__(self, make: Callable[[], Audited]) -> None:
        self._make = make

    @cached_property
    def _audit(self) -> Audited:
        return self._make()

    @property
    def config(self) -> "Config":
        """How it is audited."""
        return self._audit.config

    @property
    def snapshot(self) -> "Snapshot":
        """What was read."""
        return self._audit.snapshot

    @property
    def report(self) -> "Report":
        """What was found."""
        return self._audit.report

    @cached_property
    def engine(self) -> "Engine":
        """What its principals may do, and can make of it."""
        from mlguard.engine import Engine

        taken = self.snapshot.taken_at.date()
        return Engine(self.snapshot, today=self.config.day(taken), terms=self.config.terms(taken))
