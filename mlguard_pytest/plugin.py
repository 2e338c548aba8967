"""The hooks, and nothing else: what they do stands in the modules that they call.

Those are loaded when there is something to do: every run of pytest pays for what is loaded here.
"""

import sys
from collections.abc import Generator
from typing import TYPE_CHECKING, Final

import pytest

from mlguard_pytest.fixtures import (
    MARKER,
    RECORDER,
    mlguard,
    mlguard_moto,
    mlguard_recorder,
    mlguard_session,
)
from mlguard_pytest.options import add_options, asked, keep_paths, refuse_unasked
from mlguard_pytest.recorded import RECORDED, Recorded
from mlguard_pytest.recording_options import add_recording_options

if TYPE_CHECKING:
    from mlguard_pytest.run import Worker

__all__ = [
    "mlguard",
    "mlguard_moto",
    "mlguard_recorder",
    "mlguard_session",
]  # pytest finds fixtures among a plugin's names

_PERMISSIONS: Final = "mlguard_pytest.permissions"


def pytest_addoption(parser: pytest.Parser) -> None:
    """Declare the options."""
    add_options(parser)
    add_recording_options(parser)


def pytest_load_initial_conftests(
    early_config: pytest.Config, parser: pytest.Parser, args: list[str]
) -> None:
    """Keep the word after `--mlguard` a path."""
    keep_paths(early_config, parser, args)


def pytest_configure(config: pytest.Config) -> None:
    """Declare the markers, for --strict-markers, and take the arguments that are ours."""
    if asked(config):
        from mlguard_pytest.run import run_of

        run_of(config).claim(config.args)
    else:
        refuse_unasked(config)
    config.addinivalue_line(
        "markers",
        "mlguard(check, severity, resource, arn): a test of the audit; "
        "-m \"mlguard(severity='high')\" selects by what is in it",
    )
    config.addinivalue_line(
        "markers",
        "mlguard_record(role): record the AWS calls of this test, and hold the role against them",
    )
    config.stash[RECORDED] = Recorded(config)
    config.pluginmanager.register(config.stash[RECORDED], "mlguard-recorded")


@pytest.hookimpl(trylast=True)
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Give each test with the marker its recorder."""
    if any(item.get_closest_marker(MARKER) for item in items):
        from mlguard_pytest.recorder import give_recorders

        give_recorders(items)


@pytest.hookimpl(wrapper=True)
def pytest_runtest_call(item: pytest.Item) -> Generator[None, object, object]:
    """Record while the test runs, and hold its role against what it called."""
    if RECORDER not in item.stash:
        return (yield)
    from mlguard_pytest.phases import record_call

    return (yield from record_call(item, item.stash[RECORDER]))


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(
    item: pytest.Item, call: pytest.CallInfo[None]
) -> Generator[None, pytest.TestReport, pytest.TestReport]:
    """Let the report of the call phase carry what was recorded."""
    report = yield
    if call.when == "call" and RECORDER in item.stash:
        from mlguard_pytest.phases import note_outcome

        note_outcome(item, report)
    return report


@pytest.hookimpl(tryfirst=True)
def pytest_sessionfinish(session: pytest.Session) -> None:
    """Judge each role once, and fail the run if it is over its budget."""
    recorded = session.config.stash[RECORDED]
    gathered_here = not hasattr(session.config, "workerinput")
    if gathered_here and recorded.any and recorded.merged.failures:
        recorded.fail(session)


@pytest.hookimpl(optionalhook=True)
def pytest_configure_node(node: "Worker") -> None:
    """Audit before the first worker of xdist starts, and hand each what came of it."""
    if asked(node.config):
        from mlguard_pytest.run import run_of

        run_of(node.config).send(node.workerinput)


@pytest.hookimpl(wrapper=True)
def pytest_make_collect_report(
    collector: pytest.Collector,
) -> Generator[None, pytest.CollectReport, pytest.CollectReport]:
    """Add the audit to what the session collects, whatever paths were given."""
    report = yield
    if isinstance(collector, pytest.Session) and report.passed and asked(collector.config):
        from mlguard_pytest.items import audit_for

        report.result.append(audit_for(collector))
    return report


def pytest_terminal_summary(
    terminalreporter: pytest.TerminalReporter, config: pytest.Config
) -> None:
    """Show how bad it is and what was covered, and what was recorded of each role."""
    recorded = config.stash[RECORDED]
    if recorded.any:
        writer = config.get_terminal_writer()
        terminalreporter.section("mlguard recorder")
        text = recorded.merged.text(width=writer.fullwidth, colour=writer.hasmarkup)
        terminalreporter.write_line(text)
    if not asked(config):
        return
    from mlguard_pytest.run import run_of

    if not run_of(config).made:
        return
    from mlguard_pytest.summary import summary_of

    terminal = config.get_terminal_writer()
    text = summary_of(run_of(config), width=terminal.fullwidth, colour=terminal.hasmarkup)
    terminalreporter.section("mlguard")
    terminalreporter.write_line(text)


def pytest_assertrepr_compare(
    config: pytest.Config, op: str, left: object, right: object
) -> list[str] | None:
    """Show what a role may do beyond what a test allows."""
    if _PERMISSIONS not in sys.modules:
        return None
    from mlguard_pytest.explaining import explain

    return explain(
        op, left, right, verbosity=config.get_verbosity(pytest.Config.VERBOSITY_ASSERTIONS)
    )
