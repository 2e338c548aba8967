"""`mlguard cost --refresh-prices`: what AWS lists today, into a prices file."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import TypeVar

import click

from mlguard.cli.output import write
from mlguard.errors import SourceError
from mlguard.reporters.escaping import printable
from mlguard.sources.readers.price_list import Row

F = TypeVar("F", bound=Callable[..., object])

_BULK = "AWS bulk offer file"


@dataclass(frozen=True, slots=True, kw_only=True)
class Refresh:
    """Which prices file to write, and from what: offer files, or else the API, for `regions`."""

    path: Path
    offers: tuple[Path, ...] = ()
    regions: tuple[str, ...] = ()
    profile: str | None = None


def refresh_options(command: F) -> F:
    """Add the options of a refresh: `refresh_prices` and `from_offer`."""
    for option in (
        click.option(
            "--from-offer",
            "from_offer",
            multiple=True,
            metavar="FILE",
            help="With --refresh-prices: a bulk offer file of AWS (index.csv or index.json), "
            "instead of the API; repeatable.",
        ),
        click.option(
            "--refresh-prices",
            "refresh_prices",
            metavar="FILE",
            help="Write what AWS lists today for each --region into a prices file, and stop.",
        ),
    ):
        command = option(command)
    return command


def refresh_prices(wanted: Refresh) -> tuple[str, ...]:
    """Write the prices file, keeping what it holds of others; return what to tell, a line each.

    Raises FileError, SourceError or OutputError; then the file is as it was.
    """
    from mlguard.sources.price_file import load, refreshed

    before = load(wanted.path) if wanted.path.exists() else None
    rows, left_out, source = _from_files(wanted) if wanted.offers else _from_api(wanted)
    if not rows:
        raise SourceError("no price that mlguard uses is in what AWS lists there")
    text = refreshed(rows, before=before, source=source, fetched=datetime.now(UTC).date())
    write(wanted.path, (text.encode(),))
    regions = sorted({key[0] for _, key, _ in rows})
    return (
        f"{len(rows)} prices of {', '.join(regions)} written to {printable(str(wanted.path))}",
        *(f"left out, for it has two prices: {printable(name)}" for name in left_out),
    )


def _from_files(wanted: Refresh) -> tuple[list[Row], tuple[str, ...], str]:
    from mlguard.sources.offer_file import offers
    from mlguard.sources.readers.price_list import price_rows

    if wanted.profile:
        raise click.UsageError("--profile is for the API, not for --from-offer")
    rows: list[Row] = []
    left_out: list[str] = []
    for path in wanted.offers:
        found, twice = price_rows(offers(path), source=_BULK)
        rows.extend(row for row in found if not wanted.regions or row[1][0] in wanted.regions)
        left_out.extend(twice)
    return rows, tuple(left_out), _BULK


def _from_api(wanted: Refresh) -> tuple[list[Row], tuple[str, ...], str]:
    from mlguard.sources.aws import pricing
    from mlguard.sources.aws.connection import Connection
    from mlguard.sources.aws.source import session_of

    session = session_of(wanted.profile)
    regions = wanted.regions or ((session.region_name,) if session.region_name else ())
    if not regions or "all" in regions:
        raise click.UsageError("--refresh-prices asks about regions: name each with --region")
    rows, left_out = pricing.collect(Connection(session), regions)
    return rows, left_out, pricing.SOURCE
