"""The hooks, and nothing else: what they do stands in the modules that they call.

Those are loaded when there is something to do: every run of pytest pays for what is loaded here.
"""

import sys
from collections.abc import Generator
from typing import TYPE_CHECKING, Final

import pytest

from mlguard_pytest.fixtures import mlguard, mlguard_moto, mlguard_session
from mlguard_pytest.options import add_options, asked, keep_paths

if TYPE_CHECKING:
    from mlguard_pytest.run import Worker

__all__ = [
    "mlguard",
    "mlguard_moto",
    "mlguard_session",
]  # pytest finds fixtures among a plugin's names

_PERMISSIONS: Final = "mlguard_pytest.permissions"


def pytest_addoption(parser: pytest.Parser) -> None:
    """Declare the options."""
    add_options(parser)


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
    config.addinivalue_line(
        "markers",
        "mlguard(check, severity, resource, arn): a test of the audit; "
        "-m \"mlguard(severity='high')\" selects by what is in it",
    )
    config.addinivalue_line(
        "markers",
        "mlguard_record(role): record the AWS calls of this test, and hold the role against them",
    )


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
    """Show how bad it is and what was covered."""
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
