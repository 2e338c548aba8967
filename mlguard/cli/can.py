"""`mlguard can`: may this principal do that, and which statement says so."""

import json
import sys
from collections.abc import Iterator
from typing import Final

import click

from mlguard.access import ANY, Answer, Ground, ask
from mlguard.cli.source import Place, source_options, take
from mlguard.iam.ability import Access
from mlguard.principals import principals
from mlguard.reporters.escaping import printable

CODES: Final = {Access.ALLOWED: 0, Access.DENIED: 1, Access.CONDITIONAL: 3}
UNREAD: Final = 3


@click.command("can")
@click.argument("principal")
@click.argument("action")
@click.argument("resource", default=ANY)
@source_options
@click.option(
    "--format", "shown", type=click.Choice(["text", "json"]), default="text", show_default=True
)
def command(
    *,
    principal: str,
    action: str,
    resource: str,
    shown: str,
    demo: bool,
    snapshot: str | None,
    authorization_details: str | None,
    pipeline: str | None,
    profile: str | None,
    regions: tuple[str, ...],
) -> None:
    """Ask whether PRINCIPAL (a role or user, by ARN or name) may do ACTION on RESOURCE.

    RESOURCE is an ARN or a pattern; without one, every resource is meant. The answer merges all
    policies of the principal, its groups and its boundary, less what is denied.

    Exit: 0 allowed, 1 not, 3 under conditions, or a policy of the principal could not be read.
    """
    place = Place(
        demo=demo,
        snapshot=snapshot,
        authorization_details=authorization_details,
        pipeline=pipeline,
        profile=profile,
        regions=regions,
    )
    answer = ask(principals(take(place)), principal, action, resource)
    click.echo(json.dumps(_data(answer), indent=2) if shown == "json" else "\n".join(_text(answer)))
    sys.exit(UNREAD if answer.gaps else CODES[answer.access])


def _text(answer: Answer) -> Iterator[str]:
    words = {Access.ALLOWED: "yes", Access.DENIED: "no", Access.CONDITIONAL: "it depends"}
    yield printable(f"{words[answer.access]}: {answer.action} on {answer.resource}")
    yield printable(f"by {answer.principal}")
    for ground in answer.grounds:
        yield ""
        yield printable(f"{ground.layer} policy {ground.policy}, statement {_which(ground)}")
        for number, line in enumerate(ground.excerpt.lines):
            mark = ">" if number in ground.excerpt.marked else " "
            yield f"  {mark} {printable(line)}"
    for title, lines in (("under the conditions", answer.conditions), ("note", answer.notes)):
        if lines:
            yield ""
            yield title
            yield from (f"    {printable(line)}" for line in lines)
    for gap in answer.gaps:
        yield ""
        yield printable(f"not read: {gap.operation}: {gap.detail}")


def _which(ground: Ground) -> str:
    return str(ground.index) if ground.sid is None else ground.sid


def _data(answer: Answer) -> dict[str, object]:
    return {
        "principal": answer.principal,
        "action": answer.action,
        "resource": answer.resource,
        "access": answer.access.value,
        "statements": [
            {"layer": one.layer, "policy": one.policy, "sid": one.sid, "index": one.index}
            for one in answer.grounds
        ],
        "conditions": list(answer.conditions),
        "notes": list(answer.notes),
        "gaps": [f"{gap.operation}: {gap.detail}" for gap in answer.gaps],
    }
