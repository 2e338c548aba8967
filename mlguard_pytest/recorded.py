"""What all tests of a run recorded, from this process and from workers, judged once at the end."""

from collections.abc import Mapping
from functools import cached_property
from typing import TYPE_CHECKING, Any, Final

import pytest

from mlguard_pytest.recording_options import recording_options_of

if TYPE_CHECKING:
    from mlguard_pytest.merging import Merged

RECORDED: Final = pytest.StashKey["Recorded"]()

ATTRIBUTE: Final = "mlguard_recording"
"""Where the report of a test carries what it recorded: xdist sends reports with all they have."""


class Recorded:
    """Gathers the recordings of a run; registered as a plugin where results come together."""

    def __init__(self, config: pytest.Config) -> None:
        self._config = config
        self._options = recording_options_of(config)
        self._received: list[Mapping[str, Any]] = []

    def pytest_runtest_logreport(self, report: pytest.TestReport) -> None:
        """Take what the report of a test carries, if anything, in whatever process it ran."""
        data = getattr(report, ATTRIBUTE, None)
        if data is not None:
            self._received.append(data)

    @property
    def any(self) -> bool:
        """Whether any test recorded for a role."""
        return bool(self._received)

    @cached_property
    def merged(self) -> "Merged":
        """What the run says of each role; policies are written here, if they were asked for."""
        from mlguard_pytest.merging import merged
        from mlguard_pytest.run import run_of

        return merged(
            self._received, self._options, source=lambda: run_of(self._config).audit.snapshot
        )

    @staticmethod
    def fail(session: pytest.Session) -> None:
        """Let the run fail, unless it ended worse already."""
        if session.exitstatus == pytest.ExitCode.OK:
            session.exitstatus = pytest.ExitCode.TESTS_FAILED
