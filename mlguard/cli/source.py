"""The options that say where a snapshot comes from, and the snapshot they lead to."""

import sys
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import TypeVar

import click

from mlguard.snapshot import Snapshot
from mlguard.sources.base import Progress, silent
from mlguard.sources.files import read

F = TypeVar("F", bound=Callable[..., object])

_ERASE_LINE = "\r\x1b[K"


@dataclass(frozen=True, slots=True, kw_only=True)
class Place:
    """Where to read from: at most one of the files or the demo; none means live AWS."""

    demo: bool = False
    snapshot: str | None = None
    authorization_details: str | None = None
    pipeline: str | None = None
    profile: str | None = None
    regions: tuple[str, ...] = ()

    @property
    def named(self) -> tuple[str, ...]:
        """The options given that name a source other than live AWS."""
        given = {
            "--demo": self.demo,
            "--snapshot": self.snapshot,
            "--authorization-details": self.authorization_details,
            "--pipeline": self.pipeline,
        }
        return tuple(option for option, value in given.items() if value)


def live_options(command: F) -> F:
    """Add the options of a live account."""
    for option in (
        click.option(
            "--region", "regions", multiple=True, metavar="NAME", help="Repeatable; or `all`."
        ),
        click.option("--profile", metavar="NAME", help="A profile of the AWS configuration."),
    ):
        command = option(command)
    return command


def source_options(command: F) -> F:
    """Add the options that name a source."""
    for option in (
        click.option("--pipeline", metavar="FILE", help="A pipeline file, before it is deployed."),
        click.option(
            "--authorization-details",
            metavar="FILE",
            help="The JSON of `aws iam get-account-authorization-details`; - is stdin.",
        ),
        click.option("--snapshot", metavar="FILE", help="What `mlguard collect -o` wrote."),
        click.option("--demo", is_flag=True, help="An account made up in memory; needs no AWS."),
    ):
        command = option(command)
    return live_options(command)


def take(place: Place) -> Snapshot:
    """Return the snapshot of a place; raises SourceError, or UsageError for two places at once."""
    if len(place.named) > 1:
        raise click.UsageError(f"{' and '.join(place.named)}: name one source")
    if place.named and (place.profile or place.regions):
        raise click.UsageError(f"--profile and --region are for live AWS, not {place.named[0]}")
    progress = _progress()
    try:
        return _taken(place, progress)
    finally:
        if progress is not silent:
            click.echo(_ERASE_LINE, nl=False, err=True)


def _taken(place: Place, progress: Progress) -> Snapshot:
    now = datetime.now(UTC).replace(microsecond=0)
    if place.demo:
        from mlguard.sources.demo.account import DemoAccount

        return DemoAccount(progress=progress).collect()
    if place.snapshot:
        from mlguard.sources.snapshot_file import SnapshotFile

        return SnapshotFile(read(place.snapshot), name=place.snapshot).collect()
    if place.authorization_details:
        from mlguard.sources.authorization_details import AuthorizationDetails

        name = place.authorization_details
        return AuthorizationDetails(read(name), name=name, taken_at=now).collect()
    if place.pipeline:
        from mlguard.sources.pipeline_file import PipelineFile

        return PipelineFile(read(place.pipeline), name=place.pipeline, taken_at=now).collect()
    return _live(place, progress)


def _live(place: Place, progress: Progress) -> Snapshot:
    from mlguard.sources.aws.source import AwsSource, session_of

    session = session_of(place.profile)
    return AwsSource(session, regions=place.regions, progress=progress).collect()


def _progress() -> Progress:
    if not sys.stderr.isatty():
        return silent
    return lambda text: click.echo(f"{_ERASE_LINE}reading {text}", nl=False, err=True)
