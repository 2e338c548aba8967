"""`mlguard collect`: read once, audit often."""

import sys
from pathlib import Path

import click

from mlguard.cli.output import write
from mlguard.cli.source import Place, live_options, take

INCOMPLETE = 3


@click.command("collect")
@live_options
@click.option("--demo", is_flag=True, help="An account made up in memory; needs no AWS.")
@click.option("-o", "--output", required=True, metavar="FILE", help="Where to; - is stdout.")
def command(*, profile: str | None, regions: tuple[str, ...], demo: bool, output: str) -> None:
    """Read an account and save it as a snapshot, readable by its owner alone.

    The file holds environment variables and policies of the account: keep it as you would them.
    Exit: 0 whole, 3 something could not be read (the file says what), 4 nothing could.
    """
    snapshot = take(Place(demo=demo, profile=profile, regions=regions))
    text = snapshot.to_json()
    if output == "-":
        click.echo(text, nl=False)
    else:
        write(Path(output), (text,), private=True)
    click.echo(
        f"{len(snapshot.resources)} resources, {len(snapshot.gaps)} gaps, "
        f"read-only: {len(snapshot.operations)} API operations",
        err=True,
    )
    sys.exit(INCOMPLETE if snapshot.gaps else 0)
