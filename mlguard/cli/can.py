"""`mlguard can`: may this principal do that, and which statement says so."""

import json
import sys
from collections.abc import Iterator
from datetime import UTC, datetime
from typing import Final

import click

from mlguard.access import ANY, Answer, Ground, ask
from mlguard.cli.source import Place, source_options, take
from mlguard.iam.evaluation.policies import Layer
from mlguard.iam.permissions.ability import Access
from mlguard.iam.permissions.provisos import Proviso
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
    policies of the principal, its groups and its boundary, less what is denied, and dates are held
    against today. A role's trust policy is asked too; other policies of resources are not read.

    Exit: 0 allowed, 1 not, 3 under conditions, or a policy that must allow it was not read.
    """
    place = Place(
        demo=demo,
        snapshot=snapshot,
        authorization_details=authorization_details,
        pipeline=pipeline,
        profile=profile,
        regions=regions,
    )
    today = datetime.now(UTC).date()
    answer = ask(principals(take(place)), principal, action, resource, today=today)
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
    provisos = tuple(_provisos(answer.provisos))
    for title, lines in (("", provisos), ("doubt", answer.doubts), ("note", answer.notes)):
        if lines:
            yield ""
            yield from filter(None, (title,))
            yield from (f"    {printable(line)}" for line in lines)
    for gap in answer.gaps:
        yield ""
        yield printable(f"not read: {gap.operation}: {gap.detail}")


def _provisos(provisos: tuple[Proviso, ...]) -> Iterator[str]:
    """Yield a line for each: of one layer any will do, of several layers each is needed."""
    ifs: list[Layer] = []
    for one in provisos:
        word = "unless"
        if not one.denies:
            word = "or if" if one.layer in ifs else "and if" if ifs else "if"
            ifs.append(one.layer)
        yield f"{word} {one.text} ({one.layer.value} policy {one.policy}, statement {_which(one)})"


def _which(one: Ground | Proviso) -> str:
    return str(one.index) if one.sid is None else one.sid


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
        "provisos": [_proviso(one) for one in answer.provisos],
        "doubts": list(answer.doubts),
        "notes": list(answer.notes),
        "gaps": [f"{gap.operation}: {gap.detail}" for gap in answer.gaps],
    }


def _proviso(one: Proviso) -> dict[str, object]:
    return {
        "kind": "unless" if one.denies else "if",
        "text": one.text,
        "layer": one.layer.value,
        "policy": one.policy,
        "sid": one.sid,
        "index": one.index,
    }
