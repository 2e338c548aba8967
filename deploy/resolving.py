"""The parameters of a step, with its `$` objects replaced by what they stand for."""

import json
from base64 import b64decode
from collections.abc import Iterator, Mapping
from typing import Any, Final

import jmespath

from deploy.errors import DeployError
from deploy.pipeline import Step

BYTES: Final = "$base64"
TEXT: Final = "$json"
STEP: Final = "$step"
RESULT: Final = "$result"

Answers = Mapping[str, Mapping[str, Any]]


def resolve(step: Step, answers: Answers) -> dict[str, Any]:
    """Return the parameters that boto3 is given; raises DeployError for an answer without them."""
    for name, path in references(step.parameters):
        if _part(answers.get(name, {}), path) is None:
            found = ", ".join(sorted(answers.get(name, {}))) or "nothing at all"
            raise DeployError(
                f"step {step.id!r} needs {path!r} of step {name!r}, whose answer has {found}"
            )
    return resolve_known(step, answers)


def resolve_known(step: Step, answers: Answers) -> dict[str, Any]:
    """Return the parameters with None for what no answer has: its step is not made, or is gone."""
    return {name: _resolved(value, answers) for name, value in step.parameters.items()}


def references(value: Any) -> Iterator[tuple[str, str]]:
    """Yield the step and the path of each answer that a value needs."""
    if isinstance(value, Mapping):
        if STEP in value:
            yield value[STEP], value[RESULT]
            return
        for one in value.values():
            yield from references(one)
    elif isinstance(value, list | tuple):
        for one in value:
            yield from references(one)


def _resolved(value: Any, answers: Answers) -> Any:
    if isinstance(value, list | tuple):
        return [_resolved(one, answers) for one in value]
    if not isinstance(value, Mapping):
        return value
    if BYTES in value:
        return b64decode(value[BYTES])
    if TEXT in value:
        return json.dumps(_resolved(value[TEXT], answers))
    if STEP in value:
        return _part(answers.get(value[STEP], {}), value[RESULT])
    return {key: _resolved(one, answers) for key, one in value.items()}


def _part(answer: Mapping[str, Any], path: str) -> Any:
    return jmespath.search(path, answer)
