"""What the function calls, recorded, beside the role that the plan gives it."""

from collections.abc import Iterator
from types import SimpleNamespace
from typing import TYPE_CHECKING, Final

import pytest

from deploy.lambda_function import client_with, lambda_handler
from mlguard.usage.judging import judge
from mlguard_pytest.assertions import (
    assert_cannot,
    assert_least_privilege,
    assert_not_administrator,
)
from tests.deploy.recorded import MODELS, NAMES, make, operations, recorded

if TYPE_CHECKING:
    import boto3

    from mlguard_pytest.facade import Mlguard
    from mlguard_pytest.recorder import Recorder

ROLE: Final = NAMES.role("function")
EVENT: Final = {"url": "https://images.example.com/dog.png"}
LOGS: Final = f"{NAMES.arn('logs', f'log-group:{NAMES.function_logs}')}:*"


@pytest.fixture(autouse=True)
def made(mlguard_moto: "boto3.Session", monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """Make the pipeline as the plan has it, in memory."""
    make(mlguard_moto)
    monkeypatch.setenv("ENDPOINT_NAME", NAMES.endpoint)
    client_with.cache_clear()
    yield
    client_with.cache_clear()


@pytest.mark.mlguard_record(ROLE)
def test_the_role_of_the_function_allows_what_the_function_calls_and_no_more(
    mlguard_recorder: "Recorder", mlguard: "Mlguard"
) -> None:
    context = SimpleNamespace(
        aws_request_id="request-1", get_remaining_time_in_millis=lambda: 10_000
    )
    lambda_handler(EVENT, context)
    role, snapshot = mlguard.role(ROLE), mlguard.snapshot
    assert operations(mlguard_recorder) == {"sagemaker-runtime.InvokeEndpoint"}
    used = judge(snapshot, role.arn, [recorded(mlguard_recorder, snapshot, role)])
    assert (used.excess, used.undecided, used.unmapped) == ((), (), ())
    assert_least_privilege(role)


def test_the_function_may_do_four_things(mlguard: "Mlguard") -> None:
    role = mlguard.function(NAMES.function).role
    assert role.permissions == {
        f"sagemaker:InvokeEndpoint on {NAMES.arn('sagemaker', f'endpoint/{NAMES.endpoint}')}",
        f"logs:CreateLogStream on {LOGS}",
        f"logs:PutLogEvents on {LOGS}",
        f"sqs:SendMessage on {NAMES.arn('sqs', NAMES.dead_letters)}",
        "xray:PutTraceSegments",
        "xray:PutTelemetryRecords",
    }
    assert_not_administrator(role)
    assert_cannot(role, "s3:GetObject", f"arn:aws:s3:::{MODELS}/model.tar.gz")
    assert_cannot(role, "sts:AssumeRole", NAMES.role_arn("training"))
