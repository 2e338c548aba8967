"""Why a call failed, in the words of a Gap."""

from collections.abc import Mapping
from typing import Any, Final

from botocore.exceptions import (
    BotoCoreError,
    ClientError,
    HTTPClientError,
    NoCredentialsError,
    TokenRetrievalError,
)
from botocore.exceptions import (
    ConnectionError as NoConnectionError,
)
from botocore.parsers import ResponseParserError

from mlguard.snapshot import GapReason

_LONGEST: Final = 300

DENIED: Final = frozenset(
    {
        "AccessDenied",
        "AccessDeniedException",
        "AuthorizationError",
        "NotAuthorized",
        "UnauthorizedOperation",
    }
)
EXPIRED: Final = frozenset(
    {
        "AuthFailure",
        "ExpiredToken",
        "ExpiredTokenException",
        "InvalidClientTokenId",
        "RequestExpired",
        "SignatureDoesNotMatch",
        "UnrecognizedClientException",
    }
)
THROTTLED: Final = frozenset(
    {
        "EC2ThrottledException",
        "RequestLimitExceeded",
        "SlowDown",
        "Throttling",
        "ThrottlingException",
        "ThrottledException",
        "TooManyRequestsException",
    }
)
UNSUPPORTED: Final = frozenset(
    {"404", "InvalidAction", "UnknownOperationException", "UnsupportedOperation"}
)


class Refusal(Exception):  # noqa: N818  # no error of ours: it becomes a Gap
    """A call that gave no answer: `code` is AWS's, `reason` ours."""

    def __init__(self, *, operation: str, reason: GapReason, code: str, detail: str) -> None:
        super().__init__(detail)
        self.operation = operation
        self.reason = reason
        self.code = code
        self.detail = detail


def refusal(operation: str, error: Exception) -> Refusal:
    """Return what an error of botocore's says of a call named as IAM names it."""
    if isinstance(error, ClientError):
        found: Mapping[str, Any] = error.response.get("Error", {})
        code, message = str(found.get("Code", "")), str(found.get("Message", ""))
        return Refusal(
            operation=operation,
            reason=_reason(code),
            code=code,
            detail=_short(f"{code}: {message}"),
        )
    if isinstance(error, NotImplementedError):
        reason = GapReason.UNSUPPORTED
    elif isinstance(error, NoCredentialsError | TokenRetrievalError):
        reason = GapReason.EXPIRED
    elif isinstance(error, NoConnectionError | HTTPClientError):
        reason = GapReason.UNREACHABLE
    else:
        reason = GapReason.INCOMPLETE
    name = type(error).__name__
    return Refusal(operation=operation, reason=reason, code=name, detail=_short(f"{name}: {error}"))


def _short(text: str) -> str:
    """Return a message in one line: what stands between us and AWS may answer with a page."""
    line = " ".join(text.split())
    return line if len(line) <= _LONGEST else f"{line[:_LONGEST]}..."


def _reason(code: str) -> GapReason:
    known = {
        GapReason.DENIED: DENIED,
        GapReason.EXPIRED: EXPIRED,
        GapReason.THROTTLED: THROTTLED,
        GapReason.UNSUPPORTED: UNSUPPORTED,
    }
    for reason, codes in known.items():
        if code in codes:
            return reason
    return GapReason.INCOMPLETE


CALL_ERRORS: Final = (BotoCoreError, ClientError, NotImplementedError, ResponseParserError)
"""What a call may raise that is no bug of ours."""
