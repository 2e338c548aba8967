"""`mlguard suggest`: the least policy for what runs under a role."""

import json
import sys
from collections.abc import Iterator

import click

from mlguard.advice import Advice, advise
from mlguard.cli.source import Place, source_options, take
from mlguard.iam.comparison.compare import Comparison
from mlguard.reporters.escaping import printable

INCOMPLETE = 3
SHOWN = 5


@click.command("suggest")
@click.argument("role")
@source_options
@click.option(
    "--format", "shown", type=click.Choice(["text", "json"]), default="text", show_default=True
)
def command(
    *,
    role: str,
    shown: str,
    demo: bool,
    snapshot: str | None,
    authorization_details: str | None,
    pipeline: str | None,
    profile: str | None,
    regions: tuple[str, ...],
) -> None:
    """Print the least policy for ROLE, from the functions, jobs and models that run under it.

    The policy goes to stdout, what it rests on and what cannot be known to stderr. What code calls
    by itself is not in it: add that, or record it in tests.

    Exit: 0, or 3 if something was not read that may use the role too.
    """
    place = Place(
        demo=demo,
        snapshot=snapshot,
        authorization_details=authorization_details,
        pipeline=pipeline,
        profile=profile,
        regions=regions,
    )
    advice = advise(take(place), role)
    if shown == "json":
        click.echo(json.dumps(_data(advice), indent=2))
    else:
        for policy in advice.suggestion.policies:
            click.echo(policy.text)
        click.echo("\n".join(_said(advice)), err=True)
    sys.exit(INCOMPLETE if advice.gaps else 0)


def _said(advice: Advice) -> Iterator[str]:
    yield printable(f"the least policy for {advice.role}, which runs")
    yield from (f"    {printable(user)}" for user in advice.users)
    yield from (f"note: {printable(note)}" for note in advice.notes)
    yield from _beyond("its policies allow more, such as", advice.wider)
    yield from _beyond("its policies lack", advice.missing)
    for gap in advice.gaps:
        yield printable(f"not read, and may use the role too: {gap.operation}: {gap.detail}")


def _beyond(title: str, found: Comparison) -> Iterator[str]:
    if found.new_access:
        yield title
    for one in found.new_access[:SHOWN]:
        yield f"    {printable(f'{one.action} on {one.resource}')}"
    left = len(found.new_access) - SHOWN
    if left > 0:
        yield f"    and {left} more"


def _data(advice: Advice) -> dict[str, object]:
    return {
        "role": advice.role,
        "users": list(advice.users),
        "policies": [json.loads(policy.text) for policy in advice.suggestion.policies],
        "notes": list(advice.notes),
        "wider": _accesses(advice.wider),
        "missing": _accesses(advice.missing),
        "gaps": [f"{gap.operation}: {gap.detail}" for gap in advice.gaps],
    }


def _accesses(found: Comparison) -> list[dict[str, str]]:
    return [{"action": one.action, "resource": one.resource} for one in found.new_access]
