"""An audit as pytest asks for it: each part is made when it is first needed, and once."""

from collections.abc import Callable
from datetime import date
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING

from mlguard_pytest.options import Options

if TYPE_CHECKING:
    from mlguard.config import Config
    from mlguard.report import Report
    from mlguard.snapshot import Snapshot


class Audit:
    """Finds its configuration, reads, judges; raises MlguardError where that cannot be done."""

    def __init__(self, options: Options, *, today: date, read: "Callable[[], Snapshot]") -> None:
        self._options = options
        self._today = today
        self._read = read

    @cached_property
    def config_file(self) -> Path | None:
        """The configuration of mlguard, None if there is none."""
        from mlguard import config as configuration

        return self._options.config_file or configuration.find(self._options.start)

    @cached_property
    def config(self) -> "Config":
        """How to audit: the file, and over it what pytest was told."""
        from msgspec.structs import replace

        from mlguard import config as configuration
        from mlguard.checks.catalogue import CATALOGUE
        from mlguard.config import Config

        known = tuple(check.id for check in CATALOGUE)
        file, given = self.config_file, self._options
        config = Config() if file is None else configuration.load(file, check_ids=known)
        fail_on = given.fail_on
        config = replace(
            config,
            select=given.select or config.select,
            ignore=(*config.ignore, *given.ignore),
            fail_on=configuration.parse_severity(fail_on) if fail_on else config.fail_on,
            today=config.today or self._today,
        )
        configuration.refuse_unknown_checks(config, known)
        return config

    @cached_property
    def snapshot(self) -> "Snapshot":
        """What was read; a configuration that cannot be used is refused before anything is."""
        _ = self.config
        return self._read()

    @cached_property
    def report(self) -> "Report":
        """What was found."""
        from mlguard.auditor import audit

        return audit(self.snapshot, config=self.config)
