"""Destroy waits for what takes its time to go, as AWS takes it, and says so when it takes too long.

The account in memory deletes at once. Here, what is deleted is shown for some looks more, in the
state that AWS gives it meanwhile: answers that botocore's model of the service accepts.
"""

from collections.abc import Iterator
from copy import deepcopy
from dataclasses import dataclass
from typing import Any

import boto3
import botocore.session
import pytest
from botocore.awsrequest import AWSResponse
from botocore.validate import validate_parameters

from deploy.apply import apply
from deploy.destroy import Destruction
from tests.deploy.account import PATIENCE, READS, Silent, account, paid_for
from tests.deploy.steps import PIPELINE


@dataclass(frozen=True, kw_only=True)
class Going:
    """A thing that does not end at once: the call that ends it, and what is read meanwhile."""

    title: str
    service: str
    call: str
    read: str
    path: tuple[str, ...]
    state: str


CASES = (
    Going(
        title="function breeds-invoke",
        service="lambda",
        call="DeleteFunction",
        read="GetFunction",
        path=("Configuration", "State"),
        state="Deleting",
    ),
    Going(
        title="provisioned concurrency breeds-invoke:live",
        service="lambda",
        call="DeleteProvisionedConcurrencyConfig",
        read="GetProvisionedConcurrencyConfig",
        path=("Status",),
        state="IN_PROGRESS",
    ),
    Going(
        title="notebook breeds",
        service="sagemaker",
        call="StopNotebookInstance",
        read="DescribeNotebookInstance",
        path=("NotebookInstanceStatus",),
        state="Stopping",
    ),
    Going(
        title="notebook breeds",
        service="sagemaker",
        call="DeleteNotebookInstance",
        read="DescribeNotebookInstance",
        path=("NotebookInstanceStatus",),
        state="Deleting",
    ),
    Going(
        title="endpoint breeds",
        service="sagemaker",
        call="DeleteEndpoint",
        read="DescribeEndpoint",
        path=("EndpointStatus",),
        state="Deleting",
    ),
)


class Slow:
    """Shows a thing for so many looks after the call that ends it."""

    def __init__(self, session: boto3.Session, going: Going, *, looks: int) -> None:
        self.looks = looks
        self.meanwhile: list[str] = []
        self._going = going
        self._shown: dict[str, Any] = {}
        self._ended = False
        session.client.forget()
        events, service = session.events, going.service
        events.register_first(f"before-call.{service}.{going.read}", self._answer)
        events.register_last(f"after-call.{service}.{going.read}", self._remember)
        events.register_last(f"after-call.{service}.{going.call}", self._end)
        events.register_first("before-call.*.*", self._note)

    def _remember(self, parsed: dict[str, Any], **_: Any) -> None:
        if not self._ended:
            self._shown = deepcopy(parsed)

    def _end(self, **_: Any) -> None:
        self._ended = True

    def _answer(self, model: Any, **_: Any) -> Any:
        if not self._ended or self.looks == 0:
            return None
        self.looks -= 1
        answer = deepcopy(self._shown)
        *parents, last = self._going.path
        holder = answer
        for name in parents:
            holder = holder[name]
        holder[last] = self._going.state
        body = {name: value for name, value in answer.items() if name != "ResponseMetadata"}
        validate_parameters(body, model.output_shape)
        return AWSResponse(url="", status_code=200, headers={}, raw=None), answer

    def _note(self, model: Any, **_: Any) -> None:
        if self._ended and self.looks > 0 and not model.name.startswith(READS):
            self.meanwhile.append(model.name)


@pytest.fixture
def session() -> Iterator[boto3.Session]:
    with account() as session:
        apply(PIPELINE, session, progress=Silent(), patience=PATIENCE)
        yield session


@pytest.mark.parametrize("going", CASES, ids=lambda case: case.call)
def test_the_states_are_those_of_the_api(going: Going) -> None:
    model = botocore.session.get_session().get_service_model(going.service)
    shape = model.operation_model(going.read).output_shape
    for name in going.path:
        shape = shape.members[name]
    assert going.state in shape.enum


@pytest.mark.parametrize("going", CASES, ids=lambda case: case.call)
def test_nothing_else_is_touched_until_it_is_gone(session: boto3.Session, going: Going) -> None:
    slow, progress = Slow(session, going, looks=3), Silent()
    destruction = Destruction(PIPELINE, session, patience=PATIENCE)
    assert destruction.perform(empty_buckets=False, progress=progress) == ()
    assert slow.looks == 0
    assert slow.meanwhile == []
    assert progress.waited == [f"{going.title}: {going.state}"] * 3
    assert paid_for(session) == []


@pytest.mark.parametrize("going", CASES, ids=lambda case: case.call)
def test_what_takes_too_long_is_named_with_what_to_do(session: boto3.Session, going: Going) -> None:
    Slow(session, going, looks=100)
    destruction = Destruction(PIPELINE, session, patience=PATIENCE)
    left = destruction.perform(empty_buckets=False, progress=Silent())
    (line,) = [line for line in left if line.startswith(f"{going.title}: step ")]
    assert f"{going.title} is still {going.state} after 1 minutes: run this again" in line
