"""What the function answers to events, and to what the endpoint answers it."""

import base64
import io
import json
import logging
import sys
from collections.abc import Iterator
from types import SimpleNamespace
from typing import Any

import pytest
from botocore.awsrequest import AWSPreparedRequest, AWSResponse
from botocore.exceptions import (
    ConnectTimeoutError,
    EndpointConnectionError,
    NoCredentialsError,
    ReadTimeoutError,
)
from botocore.response import StreamingBody
from botocore.stub import Stubber

from deploy import lambda_function
from deploy.lambda_function import Timing, client_with, lambda_handler
from deploy.package import FUNCTION_CODE

SCORES = json.dumps([[number / 8 for number in range(133)]])
EVENT = {"url": "https://images.example.com/dog.png"}
PNG = b"\x89PNG\r\n\x1a\n secret pixels"
JPEG = b"\xff\xd8\xff secret pixels"


class Context(SimpleNamespace):
    """Lambda's context object: what is left of the time, call by call."""

    def __init__(self, *left: float) -> None:
        super().__init__(aws_request_id="request-1")
        self._left = list(left or (10.0,))

    def get_remaining_time_in_millis(self) -> int:
        left = self._left.pop(0) if len(self._left) > 1 else self._left[0]
        return int(left * 1000)


@pytest.fixture(autouse=True)
def environment(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    monkeypatch.setenv("AWS_DEFAULT_REGION", "us-east-1")
    monkeypatch.setenv("AWS_ACCESS_KEY_ID", "testing")
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", "testing")
    monkeypatch.setenv("ENDPOINT_NAME", "dog-breed")
    monkeypatch.delenv("FUNCTION_TIMEOUT", raising=False)
    client_with.cache_clear()
    yield
    client_with.cache_clear()


@pytest.fixture
def endpoint() -> Iterator[Stubber]:
    """Return what stands for the endpoint, before the client that ten seconds ask for."""
    with Stubber(client_with(Timing.within(10.0))) as stubber:
        yield stubber
        stubber.assert_no_pending_responses()


def answers(endpoint: Stubber, content: bytes, **expected: Any) -> None:
    response = {"Body": StreamingBody(io.BytesIO(content), len(content)), "ContentType": "x"}
    endpoint.add_response("invoke_endpoint", response, expected or None)


def fails(endpoint: Stubber, code: str, **fields: Any) -> None:
    endpoint.add_client_error(
        "invoke_endpoint",
        service_error_code=code,
        service_message='Traceback (most recent call last): File "/opt/ml/secret.py"',
        modeled_fields=fields or None,
    )


def test_the_answer_has_the_keys_of_the_write_up_and_no_others(endpoint: Stubber) -> None:
    answers(
        endpoint,
        SCORES.encode(),
        EndpointName="dog-breed",
        ContentType="application/json",
        Accept="application/json",
        Body=json.dumps(EVENT).encode(),
    )
    assert lambda_handler(EVENT, Context()) == {
        "statusCode": 200,
        "headers": {"Content-Type": "text/plain", "Access-Control-Allow-Origin": "*"},
        "type-result": "<class 'str'>",
        "COntent-Type-In": "application/json",
        "body": SCORES,
    }


@pytest.mark.parametrize(
    ("image", "content_type"), [(PNG, "image/png"), (JPEG, "image/jpeg")], ids=["png", "jpeg"]
)
def test_an_image_goes_to_the_endpoint_as_bytes_of_its_type(
    endpoint: Stubber, image: bytes, content_type: str
) -> None:
    answers(
        endpoint,
        SCORES.encode(),
        EndpointName="dog-breed",
        ContentType=content_type,
        Accept="application/json",
        Body=image,
    )
    answer = lambda_handler({"image": base64.b64encode(image).decode()}, Context())
    assert (answer["statusCode"], answer["COntent-Type-In"]) == (200, content_type)


@pytest.mark.parametrize(
    "event",
    [
        None,
        [],
        "text",
        {},
        {"url": None},
        {"url": ["https://images.example.com/"]},
        {"url": ""},
        {"url": "http://images.example.com/dog.png"},
        {"url": "file:///etc/passwd"},
        {"url": "https://" + "x" * 2048},
        {"url": "https://a.example.com/", "image": ""},
        {"url": "https://a.example.com/", "endpoint": "another"},
        {"image": 1},
        {"image": ""},
        {"image": "not base64!"},
        {"image": "döge"},
        {"image": base64.b64encode(b"GIF89a").decode()},
    ],
)
def test_an_event_that_is_none_of_ours_never_reaches_the_endpoint(event: object) -> None:
    answer = lambda_handler(event, Context())
    assert answer["statusCode"] == 400
    assert json.loads(answer["body"])["request_id"] == "request-1"
    assert client_with.cache_info().misses == 0


@pytest.mark.parametrize(
    ("code", "fields", "status"),
    [
        ("ModelError", {"OriginalStatusCode": 500}, 502),
        ("ModelError", {"OriginalStatusCode": 502}, 502),
        ("ModelError", {"OriginalStatusCode": 400}, 400),
        ("ModelError", {"OriginalStatusCode": 413}, 400),
        ("ModelError", {"OriginalStatusCode": 415}, 400),
        ("ModelError", {"OriginalStatusCode": 504}, 504),
        ("ModelError", {"OriginalStatusCode": 0}, 504),
        ("ThrottlingException", {}, 503),
        ("ServiceUnavailable", {}, 503),
        ("ModelNotReadyException", {}, 503),
        ("InternalFailure", {}, 502),
        ("InternalDependencyException", {}, 502),
        ("ValidationError", {}, 500),
        ("AccessDeniedException", {}, 500),
        ("SomethingNew", {}, 500),
    ],
)
def test_what_aws_refuses_has_a_status_and_leaks_nothing(
    endpoint: Stubber,
    caplog: pytest.LogCaptureFixture,
    code: str,
    fields: dict[str, Any],
    status: int,
) -> None:
    fails(endpoint, code, **fields)
    answer = lambda_handler(EVENT, Context())
    assert answer["statusCode"] == status
    assert ("Retry-After" in answer["headers"]) == (status == 503)
    assert answer.keys() == {"statusCode", "headers", "type-result", "COntent-Type-In", "body"}
    assert "secret" not in json.dumps(answer)
    assert "Traceback" not in json.dumps(answer)
    (record,) = caplog.records
    assert record.getMessage().startswith(f"request request-1: {status} ")


@pytest.mark.parametrize(
    ("error", "status"),
    [
        (ReadTimeoutError(endpoint_url="https://runtime"), 504),
        (ConnectTimeoutError(endpoint_url="https://runtime"), 504),
        (EndpointConnectionError(endpoint_url="https://runtime"), 502),
        (NoCredentialsError(), 502),
        (RuntimeError("a bug"), 500),
    ],
)
def test_what_goes_wrong_on_the_way_has_a_status_and_one_line_in_the_log(
    caplog: pytest.LogCaptureFixture, error: Exception, status: int
) -> None:
    def fail(**_: object) -> None:
        raise error

    client = client_with(Timing.within(10.0))
    client.meta.events.register("provide-client-params.sagemaker-runtime.InvokeEndpoint", fail)
    answer = lambda_handler(EVENT, Context())
    assert answer["statusCode"] == status
    assert "a bug" not in json.dumps(answer)
    assert len(caplog.records) == 1


@pytest.mark.parametrize(
    "content",
    [b"", b"\xff", b"not json", b"{}", b"[]", b"[[]]", b"[1.0]", b'[["a"]]', b"[[1.0], [2.0]]"],
)
def test_an_answer_that_is_no_scores_is_not_handed_on(
    endpoint: Stubber, caplog: pytest.LogCaptureFixture, content: bytes
) -> None:
    answers(endpoint, content)
    assert lambda_handler(EVENT, Context())["statusCode"] == 502
    assert len(caplog.records) == 1


def test_no_image_and_no_url_is_ever_logged(
    endpoint: Stubber, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.INFO)
    fails(endpoint, "ModelError", OriginalStatusCode=500)
    fails(endpoint, "ModelError", OriginalStatusCode=400)
    encoded = base64.b64encode(PNG).decode()
    lambda_handler({"image": encoded}, Context())
    lambda_handler({"url": "https://images.example.com/?signature=abc"}, Context())
    lambda_handler({"image": encoded + "!"}, Context())
    assert encoded[:16] not in caplog.text
    assert "secret" not in caplog.text
    assert "signature" not in caplog.text


def test_an_answer_of_200_logs_nothing(endpoint: Stubber, caplog: pytest.LogCaptureFixture) -> None:
    answers(endpoint, SCORES.encode())
    lambda_handler(EVENT, Context())
    assert caplog.records == []


def test_a_function_without_an_endpoint_says_so_in_its_log(
    monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    monkeypatch.delenv("ENDPOINT_NAME")
    answer = lambda_handler(EVENT, Context())
    assert answer["statusCode"] == 500
    assert "ENDPOINT_NAME" not in answer["body"]
    assert "ENDPOINT_NAME is not set" in caplog.text


def test_a_timeout_that_is_no_number_says_so_in_its_log(
    monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    monkeypatch.setenv("FUNCTION_TIMEOUT", "ten")
    assert lambda_handler(EVENT, Context())["statusCode"] == 500
    assert "FUNCTION_TIMEOUT is not a number: 'ten'" in caplog.text


def test_the_client_is_made_once(endpoint: Stubber) -> None:
    for left in (10.99, 10.5, 10.0):
        answers(endpoint, SCORES.encode())
        assert lambda_handler(EVENT, Context(left))["statusCode"] == 200
    assert client_with.cache_info().misses == 1


def test_nothing_is_made_at_import() -> None:
    assert client_with.cache_info().currsize == 0


@pytest.mark.parametrize("left", [1.0, 1.5, 2.0, 3.0, 5.9, 8.0, 10.0, 29.0, 60.0, 300.0, 900.0])
def test_all_attempts_end_before_the_function_does(left: float) -> None:
    timing = Timing.within(left)
    assert timing.connect > 0
    assert timing.read > 0
    assert timing.longest < left


def test_nobody_waits_longer_than_a_container_may_take() -> None:
    assert Timing.within(900.0).read == 65.0


def test_a_retry_is_tried_where_there_is_time_for_one() -> None:
    assert Timing.within(3.0).attempts == 1
    assert Timing.within(10.0).attempts == 2


def test_the_client_waits_and_retries_as_the_timing_says() -> None:
    timing = Timing.within(10.0)
    config = client_with(timing).meta.config
    assert (config.connect_timeout, config.read_timeout) == (timing.connect, timing.read)
    assert config.retries == {"mode": "standard", "total_max_attempts": timing.attempts}


def test_time_that_the_first_client_took_is_no_longer_counted_on(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    made: list[Timing] = []

    def client(timing: Timing) -> Timing:
        made.append(timing)
        return timing

    monkeypatch.setattr(lambda_function, "client_with", client)
    # Ten seconds are left, then five: the first client could wait too long, the second cannot.
    chosen = lambda_function._client(Context(10.0, 5.0))
    assert made == [Timing.within(10.0), Timing.within(5.0)]
    assert chosen.longest < 5.0


@pytest.mark.parametrize("left", [0.0, 0.5, 0.9])
def test_a_call_that_cannot_end_in_time_is_not_made(left: float) -> None:
    assert lambda_handler(EVENT, Context(left))["statusCode"] == 504
    assert client_with.cache_info().misses == 0


def test_the_functions_timeout_can_be_told(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("FUNCTION_TIMEOUT", "3")
    client = lambda_function._client(Context(900.0))
    assert client is client_with(Timing.within(3.0))


def test_a_throttled_call_is_tried_again(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("time.sleep", lambda _: None)
    client = client_with(Timing.within(10.0))
    tried = []

    def throttle(request: AWSPreparedRequest, **_: object) -> Any:
        tried.append(request.url)
        raw = SimpleNamespace(stream=lambda: iter([b'{"message": "slow"}']), version=11)
        headers = {"x-amzn-errortype": "ThrottlingException"}
        return AWSResponse(request.url, 400, headers, raw)

    client.meta.events.register("before-send.sagemaker-runtime.InvokeEndpoint", throttle)
    answer = lambda_handler(EVENT, Context())
    assert answer["statusCode"] == 503
    assert answer["headers"]["Retry-After"] == "2"
    assert len(tried) == 2
    assert tried[0].endswith("/endpoints/dog-breed/invocations")


def test_the_module_needs_nothing_that_the_runtime_does_not_bring() -> None:
    imported = {
        line.split()[1].partition(".")[0]
        for line in FUNCTION_CODE.read_text().splitlines()
        if line.startswith(("import ", "from "))
    }
    assert imported - sys.stdlib_module_names == {"boto3", "botocore"}
