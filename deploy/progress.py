"""What is being done, on standard error: a spinner on a terminal, plain lines elsewhere."""

import sys
from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING, Protocol

import click

if TYPE_CHECKING:
    from rich.status import Status


class Progress(Protocol):
    """Who is told what happens."""

    def say(self, text: str) -> None:
        """Take note of something that was done."""

    def wait(self, text: str) -> None:
        """Take note of what is waited for; told again and again, while it lasts."""


class Lines:
    """A line for each thing, and for each change of what is waited for."""

    def __init__(self) -> None:
        self._waiting = ""

    def say(self, text: str) -> None:
        """Write the line."""
        click.echo(text, err=True)

    def wait(self, text: str) -> None:
        """Write the line, once."""
        if text != self._waiting:
            self._waiting = text
            click.echo(f"waiting: {text}", err=True)


class Spinner:
    """Lines for what was done, above a spinner that shows what is waited for."""

    def __init__(self, status: "Status") -> None:
        self._status = status

    def say(self, text: str) -> None:
        """Write the line above the spinner."""
        self._status.console.print(text, markup=False, highlight=False)
        self._status.update("")

    def wait(self, text: str) -> None:
        """Show it beside the spinner."""
        from rich.text import Text

        self._status.update(Text(text))


@contextmanager
def shown() -> Iterator[Progress]:
    """Yield what shows progress on standard error; rich is loaded for a terminal only."""
    if not sys.stderr.isatty():
        yield Lines()
        return
    from rich.console import Console

    with Console(stderr=True).status("") as status:
        yield Spinner(status)
