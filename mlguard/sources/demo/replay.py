"""The steps of a pipeline file, performed through boto3, in whatever account a session is for."""

from collections.abc import Iterable, Mapping
from typing import Any

import boto3
from botocore.exceptions import BotoCoreError, ClientError, UnknownServiceError

from mlguard.errors import SourceError
from mlguard.sources.pipeline.steps import Fault, Step, resolve

Answer = Mapping[str, Any]


def replay(steps: Iterable[Step], session: boto3.Session) -> Mapping[str, Answer]:
    """Perform the steps in order; return what each was answered, by its id.

    Raises SourceError for a call that boto3 does not have, or that is refused; what was made
    before it stays made.
    """
    answers: dict[str, Answer] = {}
    clients: dict[str, Any] = {}
    for step in steps:
        if step.service not in clients:
            clients[step.service] = _client(step, session)
        answers[step.id] = _perform(step, clients[step.service], answers)
    return answers


def _client(step: Step, session: boto3.Session) -> Any:
    try:
        return session.client(step.service)
    except UnknownServiceError as error:
        raise SourceError(f"step {step.id!r}: boto3 has no service {step.service!r}") from error


def _perform(step: Step, client: Any, answers: Mapping[str, Answer]) -> Answer:
    methods = {name: method for method, name in client.meta.method_to_api_mapping.items()}
    if step.operation not in methods:
        raise SourceError(f"step {step.id!r}: boto3 has no operation {step.call}")
    try:
        parameters = resolve(step.parameters, answers)
    except Fault as fault:
        raise SourceError(f"step {step.id!r}: {fault.path}: {fault.reason}") from fault
    try:
        answer: Answer = getattr(client, methods[step.operation])(**parameters)
    except (BotoCoreError, ClientError, NotImplementedError) as error:
        raise SourceError(f"step {step.id!r}: {step.call} was refused: {error}") from error
    return answer
