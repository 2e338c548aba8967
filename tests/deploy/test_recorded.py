"""What the function calls, recorded, beside the role that the plan gives it."""

from collections.abc import Iterator
from types import SimpleNamespace
from typing import TYPE_CHECKING, Final

import pytest

from deploy.apply import apply
from deploy.lambda_function import client_with, lambda_handler
from deploy.names import Names
from tests.deploy.account import PATIENCE, Silent
from tests.deploy.plans import config, planned

if TYPE_CHECKING:
    import boto3

    from mlguard_pytest.recorder import Recorder

NAMES: Final = Names(config())
ROLE: Final = NAMES.role("function")
EVENT: Final = {"url": "https://images.example.com/dog.png"}


@pytest.fixture(autouse=True)
def made(mlguard_moto: "boto3.Session", monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """Make the pipeline as the plan has it, in memory."""
    apply(planned(), mlguard_moto, progress=Silent(), patience=PATIENCE)
    monkeypatch.setenv("ENDPOINT_NAME", NAMES.endpoint)
    client_with.cache_clear()
    yield
    client_with.cache_clear()


@pytest.mark.mlguard_record(ROLE)
def test_the_role_of_the_function_allows_what_the_function_calls(
    mlguard_recorder: "Recorder",
) -> None:
    context = SimpleNamespace(
        aws_request_id="request-1", get_remaining_time_in_millis=lambda: 10_000
    )
    lambda_handler(EVENT, context)
    called = [(call.service, call.operation) for call in mlguard_recorder.calls]
    assert called == [("sagemaker-runtime", "InvokeEndpoint")]
