"""The Lambda function: hands an event to the endpoint, and its scores to the caller.

    {"url": "https://..."}      an image that the endpoint fetches from a host it allows
    {"image": "<base64>"}       the image itself

Set in its environment: ENDPOINT_NAME, and if need be FUNCTION_TIMEOUT (seconds), when the calls
must end before the function's own timeout would end them.

https://docs.aws.amazon.com/lambda/latest/dg/python-handler.html
https://docs.aws.amazon.com/sagemaker/latest/APIReference/API_runtime_InvokeEndpoint.html
"""

import base64
import binascii
import json
import logging
import os
from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache
from http import HTTPStatus
from typing import Any, Final, Protocol

import boto3
from botocore.config import Config
from botocore.exceptions import (
    BotoCoreError,
    ClientError,
    ConnectTimeoutError,
    ReadTimeoutError,
)

_log = logging.getLogger(__name__)

_URL_LENGTH: Final = 2048
_JPEG: Final = b"\xff\xd8\xff"
_PNG: Final = b"\x89PNG\r\n\x1a\n"

_BUSY: Final = frozenset(
    {"ThrottlingException", "ServiceUnavailable", "ModelNotReadyException", "TooManyRequests"}
)
_RETRY_AFTER: Final = "2"

# A container has 60 seconds to answer: waiting longer is waiting for nothing.
# https://docs.aws.amazon.com/sagemaker/latest/dg/your-algorithms-inference-code.html
_LONGEST_READ: Final = 65.0
# botocore's standard mode waits up to a second before the first retry:
# https://docs.aws.amazon.com/sdkref/latest/guide/feature-retry-behavior.html
_BACKOFF: Final = 1.0
_WORTH_A_RETRY: Final = 6.0


class LambdaContext(Protocol):
    """What the handler asks of Lambda's context object.

    https://docs.aws.amazon.com/lambda/latest/dg/python-context.html
    """

    aws_request_id: str

    def get_remaining_time_in_millis(self) -> int:
        """Return how long the invocation may still take."""


class Refusal(Exception):  # noqa: N818  # an answer, not a fault of ours
    """An answer other than 200: what the caller reads, and what the log says beside it."""

    def __init__(self, status: HTTPStatus, message: str, *, logged: str = "") -> None:
        super().__init__(message)
        self.status = status
        self.logged = logged or message


@dataclass(frozen=True, slots=True, kw_only=True)
class Timing:
    """How long to wait for the endpoint, and how often."""

    connect: float
    read: float
    attempts: int

    @property
    def longest(self) -> float:
        """How long all attempts take when none of them succeeds."""
        return self.attempts * (self.connect + self.read) + (self.attempts - 1) * _BACKOFF

    @classmethod
    def within(cls, seconds: float) -> "Timing":
        """Return the timing of which all attempts end before the seconds are over.

        Counted in whole seconds: invocations that have about the same time share a client.
        """
        usable = max(int(seconds), 1) * 0.8  # the rest is for making a client, and for the answer
        attempts = 2 if usable >= _WORTH_A_RETRY else 1
        each = (usable - (attempts - 1) * _BACKOFF) / attempts
        connect = min(1.0, each / 4)
        return cls(connect=connect, read=min(each - connect, _LONGEST_READ), attempts=attempts)


@lru_cache(maxsize=4)
def client_with(timing: Timing) -> Any:  # boto3 has no types
    """Return the client: made by the first invocation, kept for those that follow.

    https://docs.aws.amazon.com/lambda/latest/dg/best-practices.html
    """
    return boto3.client(
        "sagemaker-runtime",
        config=Config(
            connect_timeout=timing.connect,
            read_timeout=timing.read,
            retries={"mode": "standard", "total_max_attempts": timing.attempts},
        ),
    )


def lambda_handler(event: object, context: LambdaContext) -> dict[str, Any]:
    """Return the scores as the body of a 200; anything else is an error, told without its trace."""
    content_type = ""
    try:
        content_type, body = _request(event)
        result = _scores(_invoked(content_type, body, context))
    except Refusal as refusal:
        _log.error("request %s: %d %s", context.aws_request_id, refusal.status, refusal.logged)
        return _refused(refusal.status, str(refusal), content_type, context)
    except Exception:  # noqa: BLE001  # the door
        # Lambda itself would hand the stack trace to the caller:
        # https://docs.aws.amazon.com/lambda/latest/dg/python-exceptions.html
        _log.exception("request %s: 500", context.aws_request_id)
        status = HTTPStatus.INTERNAL_SERVER_ERROR
        return _refused(status, "the function failed", content_type, context)
    return _response(HTTPStatus.OK, result, content_type)


def _request(event: object) -> tuple[str, bytes]:
    """Return content type and body of the call to the endpoint."""
    match event:
        case {"url": str(url), **others} if not others:
            if not url.startswith("https://") or len(url) > _URL_LENGTH:
                raise Refusal(
                    HTTPStatus.BAD_REQUEST,
                    f"url must begin with https:// and have at most {_URL_LENGTH} characters",
                )
            return "application/json", json.dumps({"url": url}).encode("ascii")
        case {"image": str(text), **others} if not others:
            return _image(text)
        case _:
            raise Refusal(
                HTTPStatus.BAD_REQUEST, 'the event must be {"url": "..."} or {"image": "<base64>"}'
            )


def _image(text: str) -> tuple[str, bytes]:
    try:
        image = base64.b64decode(text, validate=True)
    except (binascii.Error, ValueError):
        raise Refusal(HTTPStatus.BAD_REQUEST, "image is not base64") from None
    if image.startswith(_JPEG):
        return "image/jpeg", image
    if image.startswith(_PNG):
        return "image/png", image
    raise Refusal(HTTPStatus.BAD_REQUEST, "image is neither JPEG nor PNG")


def _invoked(content_type: str, body: bytes, context: LambdaContext) -> bytes:
    """Return what the endpoint answers."""
    name = os.environ.get("ENDPOINT_NAME")
    if not name:
        raise _misconfigured("ENDPOINT_NAME is not set")
    try:
        answer = _client(context).invoke_endpoint(
            EndpointName=name, ContentType=content_type, Accept="application/json", Body=body
        )
        content: bytes = answer["Body"].read()
    except ClientError as error:
        raise _as_refusal(error) from error
    except (ConnectTimeoutError, ReadTimeoutError) as error:
        raise _late(type(error).__name__) from error
    except BotoCoreError as error:
        raise Refusal(
            HTTPStatus.BAD_GATEWAY,
            "the endpoint cannot be reached",
            # Its message names the endpoint's URL at most; a credential never.
            logged=str(error),
        ) from error
    return content


def _client(context: LambdaContext) -> Any:  # boto3 has no types
    """Return a client whose attempts all end before the invocation must.

    Making the first one takes a second where there is little memory (CPU comes with it), so the
    clock is looked at again; another one after it takes milliseconds.
    """
    while (left := _seconds_left(context)) >= 1:
        timing = Timing.within(left)
        client = client_with(timing)
        if timing.longest < _seconds_left(context):
            return client
    raise _late("no time is left to call the endpoint")


def _seconds_left(context: LambdaContext) -> float:
    left = context.get_remaining_time_in_millis() / 1000
    text = os.environ.get("FUNCTION_TIMEOUT")
    try:
        return left if text is None else min(left, float(text))
    except ValueError:
        raise _misconfigured(f"FUNCTION_TIMEOUT is not a number: {text!r}") from None


def _as_refusal(error: ClientError) -> Refusal:
    """Return what AWS's refusal means to the caller.

    What the container said stays in its own log, as it may hold a stack trace.
    """
    code = error.response["Error"]["Code"]
    if code == "ModelError":
        return _model_error(error)
    if code in _BUSY:
        return Refusal(HTTPStatus.SERVICE_UNAVAILABLE, "the endpoint is busy", logged=code)
    told = f"{code}: {error.response['Error'].get('Message', '')}"
    if code in {"InternalFailure", "InternalDependencyException"}:
        return Refusal(HTTPStatus.BAD_GATEWAY, "the endpoint failed", logged=told)
    return _misconfigured(told)  # no such endpoint, not allowed to call it


def _model_error(error: ClientError) -> Refusal:
    original = error.response.get("OriginalStatusCode", 0)
    stream = error.response.get("LogStreamArn", "no log stream")
    told = f"ModelError: the container answered {original} ({stream})"
    if original in {0, HTTPStatus.GATEWAY_TIMEOUT}:
        # 0: it did not answer in its 60 seconds.
        return _late(told)
    if HTTPStatus.BAD_REQUEST <= original < HTTPStatus.INTERNAL_SERVER_ERROR:
        message = "the endpoint does not take this image or URL"
        return Refusal(HTTPStatus.BAD_REQUEST, message, logged=told)
    return Refusal(HTTPStatus.BAD_GATEWAY, "the model failed", logged=told)


def _scores(content: bytes) -> str:
    """Return the endpoint's answer, as it came, when it is one."""
    try:
        text = content.decode("utf-8")
        scores = json.loads(text)
    except ValueError:
        scores = None
    match scores:
        case [[*row]] if row and all(isinstance(score, float | int) for score in row):
            return text
        case _:
            raise Refusal(
                HTTPStatus.BAD_GATEWAY,
                "the model answered something else than scores",
                logged=f"{len(content)} bytes came that are not [[scores]]",
            )


def _misconfigured(logged: str) -> Refusal:
    message = "the function is not set up as it should be"
    return Refusal(HTTPStatus.INTERNAL_SERVER_ERROR, message, logged=logged)


def _late(logged: str) -> Refusal:
    message = "the endpoint did not answer in time"
    return Refusal(HTTPStatus.GATEWAY_TIMEOUT, message, logged=logged)


def _refused(
    status: HTTPStatus, message: str, content_type: str, context: LambdaContext
) -> dict[str, Any]:
    body = json.dumps({"error": message, "request_id": context.aws_request_id})
    response = _response(status, body, content_type)
    if status == HTTPStatus.SERVICE_UNAVAILABLE:
        response["headers"]["Retry-After"] = _RETRY_AFTER
    return response


def _response(status: HTTPStatus, body: str, content_type: str) -> dict[str, Any]:
    """Return the answer under the keys that the callers of the first version read."""
    headers: Mapping[str, str] = {
        "Content-Type": "text/plain",
        "Access-Control-Allow-Origin": "*",
    }
    return {
        "statusCode": int(status),
        "headers": dict(headers),
        "type-result": str(type(body)),
        "COntent-Type-In": content_type,
        "body": body,
    }
