"""`mlguard checks`: the catalogue, and one check explained."""

import difflib
import json
import textwrap
from collections.abc import Iterator

import click

from mlguard.check import Check
from mlguard.checks.catalogue import CATALOGUE


@click.command("checks")
@click.argument("check_id", required=False, metavar="[ID]")
@click.option(
    "--format", "shown", type=click.Choice(["text", "json"]), default="text", show_default=True
)
def command(*, check_id: str | None, shown: str) -> None:
    """List every check, or explain one: why it matters, what fires it, how to mend it."""
    chosen = CATALOGUE if check_id is None else (_find(check_id),)
    if shown == "json":
        click.echo(json.dumps([_as_data(check) for check in chosen], indent=2))
    elif check_id is None:
        click.echo("\n".join(_listed()))
    else:
        click.echo("\n".join(_explained(chosen[0])))


def _find(check_id: str) -> Check:
    by_id = {check.id: check for check in CATALOGUE}
    if check_id in by_id:
        return by_id[check_id]
    near = difflib.get_close_matches(check_id, by_id, n=3)
    hint = f"did you mean {' or '.join(near)}?" if near else "`mlguard checks` lists them"
    raise click.UsageError(f"no check is called {check_id!r}: {hint}")


def _listed() -> Iterator[str]:
    width = max(len(check.id) for check in CATALOGUE)
    for check in CATALOGUE:
        yield f"{check.id:{width}}  {check.severity.name.lower():13}  {check.title}"
    yield ""
    yield f"{len(CATALOGUE)} checks; `mlguard checks ID` explains one"


def _explained(check: Check) -> Iterator[str]:
    yield f"{check.id}: {check.title}"
    yield f"severity {check.severity.name.lower()}, confidence {check.confidence.name.lower()}"
    yield f"judges   {_names(check.on)}"
    if check.reads or check.optional:
        yield f"reads    {_names((*check.reads, *check.optional))}"
    if check.needs_key:
        yield f"needs    {check.needs_key} in the configuration: it is not run without"
    yield ""
    yield textwrap.fill(" ".join(check.reason.split()), width=88)
    yield ""
    yield "fires on"
    yield textwrap.indent(check.bad, "    ")
    yield "silent on"
    yield textwrap.indent(check.good, "    ")
    yield ""
    yield "fix"
    yield textwrap.indent(_readable(check.remediation), "    ")
    yield ""
    yield from check.references


def _readable(remediation: str) -> str:
    """Return the template with its placeholders as a reader writes them."""
    return (
        remediation.replace("{{", "\0")
        .replace("}}", "\1")
        .replace("{", "<")
        .replace("}", ">")
        .replace("\0", "{")
        .replace("\1", "}")
    )


def _names(kinds: tuple[type, ...]) -> str:
    return ", ".join(kind.__name__ for kind in kinds)


def _as_data(check: Check) -> dict[str, object]:
    return {
        "id": check.id,
        "title": check.title,
        "severity": check.severity.name,
        "confidence": check.confidence.name,
        "on": [kind.__name__ for kind in check.on],
        "reads": [kind.__name__ for kind in (*check.reads, *check.optional)],
        "reason": check.reason,
        "bad": check.bad,
        "good": check.good,
        "remediation": check.remediation,
        "references": list(check.references),
    }
