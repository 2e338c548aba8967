"""The command line: a file a command, each loaded only when it runs; exit codes live here alone.

0 clean · 1 findings at or above --fail-on · 2 usage, configuration or output · 3 nothing failed
but something could not be read · 4 no source could be read.
"""

import contextlib
import gc
import io
import sys
from importlib import import_module
from typing import Final

import click

from mlguard import __version__
from mlguard.errors import MlguardError, SourceError
from mlguard.reporters.escaping import printable

COMMANDS: Final = {
    "audit": "Judge an account, a snapshot or a pipeline file; exit 1 if something is wrong.",
    "collect": "Read an account once, to audit it often and offline.",
    "checks": "List the checks, or explain one.",
    "can": "Ask whether a role or user may do something, and which statement says so.",
    "paths": "Find who can reach administrator, or gain anything else, and how.",
    "compare": "Tell what new policies allow and old ones do not, with a request that shows it.",
    "suggest": "Print the least policy for what runs under a role.",
    "cost": "Estimate what it costs a month, what mending saves, and hold it against a budget.",
    "simulate": "Evaluate requests as IAM does, offline: a case a line.",
    "permissions": "Print the exact read-only policy that mlguard needs.",
}


class LazyGroup(click.Group):
    """Knows the commands by name and caption, and imports one when it is called."""

    def list_commands(self, ctx: click.Context) -> list[str]:  # noqa: ARG002
        """Return the names in the order that a user meets them."""
        return list(COMMANDS)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:  # noqa: ARG002
        """Return a command, None if there is none of that name."""
        if cmd_name not in COMMANDS:
            return None
        command: click.Command = import_module(f"mlguard.cli.{cmd_name}").command
        return command

    def format_commands(
        self,
        ctx: click.Context,  # noqa: ARG002
        formatter: click.HelpFormatter,
    ) -> None:
        """Write names and captions without importing a command."""
        with formatter.section("Commands"):
            formatter.write_dl(list(COMMANDS.items()))


@click.group(cls=LazyGroup, context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(__version__, "-V", "--version", prog_name="mlguard")
def group() -> None:
    """Audit an ML pipeline on AWS: who can do what, will it scale, what does it cost.

    Start with `mlguard audit --demo`: an account made up in memory, with its faults.
    """


def main() -> None:
    """Run the command line; errors of ours become one line on stderr and an exit code."""
    # What is made here lives to the end, in cycles too seldom to be worth looking for: a collector
    # that looks as often as by default takes as long as the work on a large account.
    gc.set_threshold(200_000, 50, 100)
    for stream in (sys.stdout, sys.stderr):
        # A terminal that cannot show a character gets a question mark, not a traceback.
        if isinstance(stream, io.TextIOWrapper):
            stream.reconfigure(errors="replace")
    try:
        group(prog_name="mlguard")
    except SourceError as error:
        click.echo(f"mlguard: {printable(str(error))}", err=True)
        sys.exit(4)
    except MlguardError as error:
        click.echo(f"mlguard: {printable(str(error))}", err=True)
        sys.exit(2)
    except OSError as error:
        # Click has dealt with a pipe that nobody reads any more; this is a full disk, say.
        with contextlib.suppress(OSError):
            click.echo(f"mlguard: cannot write the output: {error.strerror}", err=True)
        sys.exit(2)
