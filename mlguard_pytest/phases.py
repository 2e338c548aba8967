"""A test's call phase, recorded; then its role is held against it, and the report told."""

import warnings
from collections.abc import Generator
from typing import TYPE_CHECKING, Any, Final

import pytest

from mlguard_pytest.recorded import ATTRIBUTE
from mlguard_pytest.recorder import Recorder
from mlguard_pytest.recording_options import recording_options_of
from mlguard_pytest.run import run_of

if TYPE_CHECKING:
    from mlguard_pytest.holding import Outcome

_MESSAGE: Final = pytest.StashKey[dict[str, Any]]()


class MlguardWarning(pytest.PytestWarning):
    """A test that does not do what it seems to."""


def record_call(item: pytest.Item, recorder: Recorder) -> Generator[None, object, object]:
    """Run the call phase with the recorder on; fails by what is missing."""
    if _MESSAGE in item.stash:  # of an attempt before
        del item.stash[_MESSAGE]
    try:
        with recorder.on():
            result = yield
    except (Exception, pytest.fail.Exception, pytest.skip.Exception):
        outcome = _held(item, recorder, whole=False)
        if outcome is not None and outcome.failure:
            item.add_report_section("call", "mlguard", outcome.failure)
        raise
    outcome = _held(item, recorder, whole=True)
    failure = None if outcome is None else outcome.failure
    try:
        _warn(recorder)
    except MlguardWarning:
        if failure:
            item.add_report_section("call", "mlguard", failure)
        raise
    if failure:
        pytest.fail(failure, pytrace=False)
    return result


def note_outcome(item: pytest.Item, report: pytest.TestReport) -> None:
    """Let the report carry what the test recorded."""
    data = item.stash.get(_MESSAGE, None)
    if data is not None:
        setattr(report, ATTRIBUTE, data)


def _held(item: pytest.Item, recorder: Recorder, *, whole: bool) -> "Outcome | None":
    if recorder.role is None:
        return None
    from mlguard_pytest.holding import hold, sent

    config = item.config
    run = run_of(config)
    outcome = hold(
        recorder,
        role=recorder.role,
        test=item.nodeid,
        whole=whole,
        source=(lambda: run.audit.snapshot) if recording_options_of(config).sourced else None,
        strict=run.options.strict,
    )
    item.stash[_MESSAGE] = sent(outcome.message)
    return outcome


def _warn(recorder: Recorder) -> None:
    """Warn of calls that a mock should have answered; where warnings are errors, fail."""
    from mlguard.reporters.escaping import printable

    for service, operation, host in recorder.escaped:
        said = (
            f"{service}.{operation} left the process for {host} although moto is active: its "
            "client was made before moto was imported, or has an endpoint that moto does not "
            "know; make the client inside the function, or hand it to moto.core.patch_client"
        )
        warnings.warn(MlguardWarning(printable(said)), stacklevel=1)
