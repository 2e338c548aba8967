"""`mlguard audit`: read, judge, show, exit."""

import sys
from datetime import UTC, datetime
from typing import Final

import click
from msgspec.structs import replace

from mlguard import config as configuration
from mlguard.auditor import audit
from mlguard.check import Severity
from mlguard.checks.catalogue import CATALOGUE
from mlguard.cli.collection import no_collection
from mlguard.cli.formats import Render, colour, configured, day, show, target, width
from mlguard.cli.source import Place, source_options, take
from mlguard.config import Config
from mlguard.report import Report
from mlguard.reporters import json as json_reporter
from mlguard.reporters import terminal

RENDER: Final[dict[str, Render[Report]]] = {
    "terminal": lambda report: (terminal.render(report, width=width(), colour=colour()),),
    "json": json_reporter.pieces,
}

# Into a file: no colour, a width of its own.
WRITE: Final[dict[str, Render[Report]]] = {
    **RENDER,
    "terminal": lambda report: (terminal.render(report),),
}

FORMAT_OF: Final = {".json": "json", ".txt": "terminal"}

CLEAN, FAILED, INCOMPLETE = 0, 1, 3


@click.command("audit")
@source_options
@click.option("--config", "config_file", metavar="FILE", help="Instead of the nearest one.")
@click.option("--select", multiple=True, metavar="GLOB", help="Only these checks; repeatable.")
@click.option("--ignore", multiple=True, metavar="GLOB", help="Not these checks; repeatable.")
@click.option(
    "--fail-on",
    type=click.Choice([severity.name.lower() for severity in Severity], case_sensitive=False),
    help="Exit 1 from this severity on (default: high).",
)
@click.option("--allow-gaps", is_flag=True, help="Exit 0 even if something could not be read.")
@click.option("--no-suppressions", is_flag=True, help="Show what the configuration accepts, too.")
@click.option("--today", metavar="DATE", help="Count ages to this day (YYYY-MM-DD), not today.")
@click.option(
    "--format", "shown", type=click.Choice(list(RENDER)), default="terminal", show_default=True
)
@click.option(
    "-o", "--output", "outputs", multiple=True, metavar="[FORMAT=]PATH", help="Write; repeatable."
)
def command(
    *,
    config_file: str | None,
    select: tuple[str, ...],
    ignore: tuple[str, ...],
    fail_on: str | None,
    allow_gaps: bool,
    no_suppressions: bool,
    today: str | None,
    shown: str,
    outputs: tuple[str, ...],
    demo: bool,
    snapshot: str | None,
    authorization_details: str | None,
    pipeline: str | None,
    profile: str | None,
    regions: tuple[str, ...],
) -> None:
    """Audit a live account (the default), the demo, a snapshot, or a pipeline file.

    Exit: 0 clean, 1 findings at or above --fail-on, 2 usage or configuration, 3 nothing failed
    but something could not be read, 4 no source could be read.
    """
    place = Place(
        demo=demo,
        snapshot=snapshot,
        authorization_details=authorization_details,
        pipeline=pipeline,
        profile=profile,
        regions=regions,
    )
    config = configured(config_file)
    config = replace(
        config,
        select=select or config.select,
        ignore=(*config.ignore, *ignore),
        fail_on=configuration.parse_severity(fail_on) if fail_on else config.fail_on,
        allow_gaps=allow_gaps or config.allow_gaps,
        suppressions=() if no_suppressions else config.suppressions,
        today=day(today) or config.today or datetime.now(UTC).date(),
    )
    configuration.refuse_unknown_checks(config, tuple(check.id for check in CATALOGUE))
    targets = [target(output, renders=WRITE, of_suffix=FORMAT_OF) for output in outputs]
    found = take(place)
    with no_collection():
        report = audit(found, CATALOGUE, config)
        for render, path in (*targets, (RENDER[shown], None)):
            show(report, render, path)
    sys.exit(exit_code(report, config))


def exit_code(report: Report, config: Config) -> int:
    """Return the exit code of an audit: findings win over gaps."""
    if report.at_least(config.fail_on):
        return FAILED
    if report.incomplete and not config.allow_gaps:
        return INCOMPLETE
    return CLEAN
