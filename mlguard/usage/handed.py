"""The roles that calls hand to services, and what each then needs to do its work.

A call that passes a role makes something that runs under it: the call is read as a step of a
pipeline file, and what it would make is asked what it needs.
"""

from collections.abc import Iterator
from datetime import UTC, datetime
from typing import Final

import msgspec

from mlguard.advice import Workload, needs_of
from mlguard.errors import FileError
from mlguard.iam.operations.calls import Authorization, Need
from mlguard.iam.operations.roles import PASS_ROLE
from mlguard.iam.suggestion.need import Need as PolicyNeed
from mlguard.snapshot import Snapshot
from mlguard.sources.pipeline.steps import Pipeline, Step
from mlguard.sources.pipeline_file import OPERATIONS, PipelineFile
from mlguard.usage.recording import Call, Handed, Use
from mlguard.workload import roles_of

# What is made has an age, of which nothing that it needs hangs.
_MADE: Final = datetime(2000, 1, 1, tzinfo=UTC)
_EQUALS: Final = "StringEquals"


def handed_by(call: Call, found: Authorization, *, account: str) -> Iterator[Handed]:
    """Yield each role that the call hands over, with what it needs where that can be told."""
    roles = [role for need in found.needs if (role := _passed(need))]
    if not roles:
        return
    made = _made(call, account)
    for role in roles:
        if isinstance(made, str):
            yield Handed(role=role, call=call.name, notes=(made,))
            continue
        users = [one for one in made.resources if isinstance(one, Workload)]
        several = [needs_of(one, made) for one in users if role in roles_of(one)]
        yield Handed(
            role=role,
            call=call.name,
            needs=tuple(use_of(one, by=call.name) for each in several for one in each.needs),
            notes=tuple(dict.fromkeys(note for each in several for note in each.notes)),
        )


def use_of(need: PolicyNeed, *, by: str) -> Use:
    """Return what a workload needs as a use; of its conditions, what they say of the request."""
    context = [
        (test.key, test.values[0])
        for test in need.conditions
        if test.operator == _EQUALS and test.qualifier is None and len(test.values) == 1
    ]
    return Use(
        action=need.action,
        resource=need.resource,
        by=by,
        context=tuple(sorted(context)),
        conditions=need.conditions,
    )


def _passed(need: Need) -> str | None:
    """Return the ARN of the role that the need is of passing, None if it is of anything else."""
    return need.literal if need.action == PASS_ROLE else None


def _made(call: Call, account: str) -> Snapshot | str:
    """Return what the call would make, or why that cannot be told."""
    unknown = f"what the role needs for {call.name} is not known"
    if f"{call.service}:{call.operation}" not in OPERATIONS:
        return unknown
    try:
        step = {
            "id": "call",
            "service": call.service,
            "operation": call.operation,
            "parameters": dict(call.parameters),
        }
        pipeline = Pipeline(
            account=account, region=call.region, steps=(msgspec.convert(step, Step),)
        )
        return PipelineFile(pipeline.to_json(), name=call.name, taken_at=_MADE).collect()
    except (FileError, msgspec.ValidationError) as error:
        return f"{unknown}: {error}"
