"""`mlguard paths`: who can reach administrator, and how."""

import json
import sys
from collections.abc import Iterator
from datetime import UTC, datetime
from itertools import islice
from typing import Final

import click

from mlguard.cli.collection import no_collection
from mlguard.cli.source import Place, source_options, take
from mlguard.escalations import Escalations, find
from mlguard.iam.escalation.chain import Certainty, Cited, Escalation, PrincipalPaths, Step
from mlguard.reporters.escaping import printable
from mlguard.snapshot import Gap

REACHED: Final = 1
NOT_SURE: Final = 3
_AT_ONCE: Final = 256
_PASS: Final = "iam:PassRole"  # noqa: S105  # an action
_encode: Final = json.JSONEncoder(separators=(",", ":")).encode


@click.command("paths")
@source_options
@click.option(
    "--format", "shown", type=click.Choice(["text", "json"]), default="text", show_default=True
)
def command(
    *,
    shown: str,
    demo: bool,
    snapshot: str | None,
    authorization_details: str | None,
    pipeline: str | None,
    profile: str | None,
    regions: tuple[str, ...],
) -> None:
    """List what every user and role can make of its permissions, up to administrator.

    An administrator may do every iam: action on everything, and so give itself the rest. An
    escalation gains what its principal lacks: proved, under conditions, or possible where its
    target is not known or was not read.

    Exit: 0 none, 1 somebody who is no administrator can become one, proved or under conditions,
    3 an escalation is possible, or something could not be read.
    """
    place = Place(
        demo=demo,
        snapshot=snapshot,
        authorization_details=authorization_details,
        pipeline=pipeline,
        profile=profile,
        regions=regions,
    )
    account = take(place)
    with no_collection():
        found = find(account, today=datetime.now(UTC).date())
        if shown == "json":
            _echo(_json(found))
        else:
            for line in _text(found):
                click.echo(line)
    sys.exit(_code(found))


def _code(found: Escalations) -> int:
    if any(one.reaches_admin and not one.admin for one in found.principals):
        return REACHED
    escalations = (way for one in found.principals for way in one.escalations)
    possible = any(way.certainty is Certainty.POSSIBLE for way in escalations)
    return NOT_SURE if possible or found.gaps else 0


def _echo(lines: Iterator[str]) -> None:
    """Print the lines, several at once: a call of click's for each would be felt."""
    while several := list(islice(lines, _AT_ONCE)):
        click.echo("\n".join(several))


def _text(found: Escalations) -> Iterator[str]:
    admins = [one for one in found.principals if one.admin]
    others = [one for one in found.principals if not one.admin and one.escalations]
    quiet = len(found.principals) - len(admins) - len(others)
    yield f"administrators: {len(admins)}"
    yield from (f"  {printable(one.arn)}" for one in admins)
    for one in sorted(others, key=lambda one: not one.reaches_admin):
        yield ""
        yield from _principal(one)
    yield ""
    yield f"{quiet} of {len(found.principals)} principals have no way to more"
    for gap in found.gaps:
        yield printable(f"not read: {gap.operation}: {gap.detail}")


def _principal(one: PrincipalPaths) -> Iterator[str]:
    mark = "  reaches administrator" if one.reaches_admin else ""
    yield f"{printable(one.arn)}{mark}"
    alike: dict[tuple[object, ...], list[Escalation]] = {}
    for way in sorted(one.escalations, key=_weight):
        alike.setdefault((way.certainty, way.target, way.admin, way.conditions), []).append(way)
    for first, *others in alike.values():
        yield from _way(first, one.arn)
        yield from (f"    likewise {printable(_short(way))}" for way in others)


def _way(way: Escalation, principal: str) -> Iterator[str]:
    end = "administrator" if way.admin else "more permissions"
    yield f"  {way.certainty.word:11}  {way.path}: {end}"
    yield f"    {printable(' -> '.join(_chain(way, principal)))}"
    for number, step in enumerate(way.steps, start=1):
        yield f"    {number}. {printable(_sentence(step, principal))}"
        if step.statements:
            yield f"       {printable(', '.join(map(_where, step.statements)))}"
    yield from (f"    if {printable(condition)}" for condition in way.conditions)


def _chain(way: Escalation, principal: str) -> Iterator[str]:
    """Yield who acts on the way, one after another, and whom it leads to in the end."""
    last = principal
    yield _name(last)
    for step in way.steps:
        if (step.principal or principal) != last:
            last = step.principal or principal
            yield _name(last)
    if way.target is None:
        yield "administrator" if way.admin else "?"
    elif way.target != last:
        yield _name(way.target)


def _name(arn: str) -> str:
    """Return the resource of an ARN; what is none, a service, as it is."""
    return arn.split(":", 5)[-1]


def _short(way: Escalation) -> str:
    """Return a way that is like the one before it: the actions that it takes beside."""
    return f"{way.path}: {', '.join(action for action in way.actions if action != _PASS)}"


def _weight(way: Escalation) -> tuple[bool, int]:
    """Return what sorts the ways to administrator first, and of those alike the surest."""
    return (not way.admin, -way.certainty)


def _sentence(step: Step, principal: str) -> str:
    who = "" if step.principal in (None, principal) else f"{step.principal}: "
    what = f" with {step.policy}" if step.policy else ""
    return f"{who}{step.action}{f' on {step.resource}' if step.resource else ''}{what}"


def _where(cited: Cited) -> str:
    which = cited.index if cited.sid is None else cited.sid
    return f"{cited.policy}[{which}]"


def _json(found: Escalations) -> Iterator[str]:
    """Yield the answer as one JSON object in ASCII, a line for each principal."""
    yield '{"principals": ['
    written = _Written()
    last = len(found.principals)
    for number, one in enumerate(found.principals, start=1):
        yield written.principal(one) + ("," if number < last else "")
    yield f'], "gaps": {_encode([_gap(gap) for gap in found.gaps])}}}'


class _Written:
    """Escalations as JSON. Many principals share one, whose name alone differs in it."""

    def __init__(self) -> None:
        # Keyed by identity; kept, so that no other takes the place of one. The principal belongs
        # between the parts.
        self._parts: dict[int, tuple[Escalation, tuple[str, ...]]] = {}

    def principal(self, one: PrincipalPaths) -> str:
        """Return a principal, with its ways, as JSON."""
        arn = _encode(one.arn)
        ways = ",".join([arn.join(self._of(way)) for way in one.escalations])
        said = _encode({"arn": one.arn, "admin": one.admin, "reaches_admin": one.reaches_admin})
        return f'{said[:-1]},"escalations":[{ways}]}}'

    def _of(self, way: Escalation) -> tuple[str, ...]:
        found = self._parts.get(id(way))
        if found is None:
            found = self._parts[id(way)] = (way, tuple(_parts(way)))
        return found[1]


def _parts(way: Escalation) -> Iterator[str]:
    """Yield the JSON of an escalation up to each place where its principal belongs."""
    head = _encode(
        {
            "path": way.path,
            "actions": way.actions,
            "certainty": way.certainty.word,
            "target": way.target,
            "admin": way.admin,
        }
    )
    part = f'{head[:-1]},"steps":['
    for number, step in enumerate(way.steps):
        part += ',{"principal":' if number else '{"principal":'
        if step.principal is None:
            yield part
            part = ""
        else:
            part += _encode(step.principal)
        part += f",{_encode(_step(step))[1:]}"
    yield f"{part}],{_encode({'conditions': way.conditions})[1:]}"


def _step(step: Step) -> dict[str, object]:
    return {
        "action": step.action,
        "resource": step.resource,
        "policy": step.policy,
        "statements": [
            {"policy": one.policy, "sid": one.sid, "index": one.index} for one in step.statements
        ],
        "conditions": step.conditions,
    }


def _gap(gap: Gap) -> dict[str, object]:
    return {
        "operation": gap.operation,
        "reason": gap.reason.value,
        "detail": gap.detail,
        "resource": gap.subject,
    }
