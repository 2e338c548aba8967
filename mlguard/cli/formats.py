"""In which form a report is shown, and where it is written: what audit and cost have in common."""

import os
import shutil
import sys
from collections.abc import Callable, Iterable, Mapping
from datetime import date
from pathlib import Path
from typing import Final, TypeAlias, TypeVar

import click

from mlguard import config as configuration
from mlguard.checks.catalogue import CATALOGUE
from mlguard.cli.output import write
from mlguard.config import Config
from mlguard.errors import ConfigError

R = TypeVar("R")

Render: TypeAlias = Callable[[R], Iterable[str]]
"""Draws a report, piece by piece."""

STDOUT: Final = ("-", "/dev/stdout")


def target(
    output: str, *, renders: Mapping[str, Render[R]], of_suffix: Mapping[str, str]
) -> tuple[Render[R], Path | None]:
    """Return how `[FORMAT=]PATH` is drawn, and where it is written: None is stdout.

    Without a format, the suffix of the path tells it; raises click's UsageError with the formats.
    """
    name, equals, rest = output.partition("=")
    if not equals:
        name, rest = of_suffix.get(Path(output).suffix, ""), output
    if name not in renders or not rest:
        raise click.UsageError(
            f"-o {output}: write FORMAT=PATH; the formats are {', '.join(renders)}"
        )
    return renders[name], None if rest in STDOUT else Path(rest)


def show(report: R, render: Render[R], path: Path | None) -> None:
    """Draw a report to stdout, or into a file; raises OutputError."""
    pieces = render(report)
    if path is not None:
        write(path, (piece.encode() for piece in pieces))
        return
    for piece in pieces:
        click.echo(piece, nl=False)


def configured(named: str | None) -> Config:
    """Return the configuration of a file, else of the nearest one; raises ConfigError."""
    path = Path(named) if named else configuration.find(Path.cwd())
    if path is None:
        return Config()
    return configuration.load(path, check_ids=tuple(check.id for check in CATALOGUE))


def day(text: str | None) -> date | None:
    """Return the day that --today gives; raises ConfigError."""
    try:
        return None if text is None else date.fromisoformat(text)
    except ValueError as error:
        raise ConfigError(f"--today: {text!r} is not a date: write YYYY-MM-DD") from error


def colour() -> bool:
    """Return whether stdout shall be coloured."""
    if os.environ.get("NO_COLOR"):
        return False
    return sys.stdout.isatty() or bool(os.environ.get("FORCE_COLOR"))


def width() -> int:
    """Return how many columns the terminal has."""
    return shutil.get_terminal_size(fallback=(100, 24)).columns
