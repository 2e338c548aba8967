"""IAM, read live: every principal and its policies in one paged call, and the credential report."""

import time
from collections.abc import Callable, Iterable
from typing import Any, Final

from botocore.handlers import json_decode_policies

from mlguard.resources.base import GLOBAL, Resource
from mlguard.resources.iam import Group, ManagedPolicy, Role, User, UserCredentials
from mlguard.snapshot import Gap, GapReason
from mlguard.sources.aws.reading import Raw, Reading
from mlguard.sources.aws.refusal import Refusal
from mlguard.sources.base import Home
from mlguard.sources.readers import credentials
from mlguard.sources.readers import iam as readers

AUTHORIZATION_KINDS: Final[tuple[type[Resource], ...]] = (Role, User, Group, ManagedPolicy)
KINDS: Final[tuple[type[Resource], ...]] = (*AUTHORIZATION_KINDS, UserCredentials)
OPERATIONS: Final[tuple[str, ...]] = (
    "iam:GenerateCredentialReport",
    "iam:GetAccountAuthorizationDetails",
    "iam:GetCredentialReport",
)

PAGE_SIZE: Final = 1000
"""The most that GetAccountAuthorizationDetails gives at once."""

POLLS: Final = 30
POLL_S: Final = 2.0

# IAM API Reference, "GetCredentialReport": asking for a new report cures each of these.
_NOT_YET: Final = frozenset({"ReportExpired", "ReportInProgress", "ReportNotPresent"})

Sleep = Callable[[float], None]


def collect(reading: Reading, *, sleep: Sleep = time.sleep) -> None:
    """Read the account's IAM; the resources and gaps are at home in "global"."""
    _keep_authorization(reading)
    _keep_credentials(reading, sleep)


def _keep_authorization(reading: Reading) -> None:
    _leave_documents_as_text(reading)
    found: dict[str, list[Raw]] = {key: [] for key in (*_PRINCIPALS, "Policies")}
    try:
        for page in reading.connection.pages(
            "iam",
            "GetAccountAuthorizationDetails",
            region=reading.home.region,
            PaginationConfig={"PageSize": PAGE_SIZE},
        ):
            for key, entries in found.items():
                entries.extend(page.get(key, ()))
    except Refusal as stopped:
        _refuse(reading, AUTHORIZATION_KINDS, stopped)
    principals: list[Any] = []
    for key, (kind, read) in _PRINCIPALS.items():
        principals.extend(_read(reading, kind, found[key], read))
    used = readers.in_use(principals)
    reading.resources.extend(principals)
    reading.resources.extend(
        _read(
            reading,
            ManagedPolicy,
            found["Policies"],
            lambda raw, home: readers.managed_policy_in_use(raw, home, used),
        )
    )


def _leave_documents_as_text(reading: Reading) -> None:
    """Stop botocore from decoding policy documents: it loses the first of two equal keys."""
    client = reading.connection.client("iam", reading.home.region)
    client.meta.events.unregister("after-call.iam", json_decode_policies)


def _keep_credentials(reading: Reading, sleep: Sleep) -> None:
    try:
        rows = list(credentials.rows(_report(reading, sleep)))
    except Refusal as stopped:
        _refuse(reading, (UserCredentials,), stopped)
    except (KeyError, TypeError, ValueError) as error:
        _malformed(reading, UserCredentials, None, error)
    else:
        reading.resources.extend(
            _read(reading, UserCredentials, rows, credentials.user_credentials)
        )


def _report(reading: Reading, sleep: Sleep) -> bytes:
    for _ in range(POLLS):
        if reading.call("iam", "GenerateCredentialReport")["State"] == "COMPLETE":
            content = _finished_report(reading)
            if content is not None:
                return content
        sleep(POLL_S)
    raise Refusal(
        operation="iam:GetCredentialReport",
        reason=GapReason.INCOMPLETE,
        code="ReportInProgress",
        detail=f"the credential report was not ready after {POLLS * POLL_S:.0f} s",
    )


def _finished_report(reading: Reading) -> bytes | None:
    """Return the report, None if there is none again."""
    try:
        content: bytes = reading.call("iam", "GetCredentialReport")["Content"]
    except Refusal as stopped:
        if stopped.code in _NOT_YET:
            return None
        raise
    return content


def _read(
    reading: Reading, kind: type[Resource], raws: Iterable[Raw], read: Callable[[Any, Home], Any]
) -> list[Any]:
    """Return what can be read and is of interest; what cannot be read is a Gap with its ARN."""
    home = Home(account=reading.home.account, region=GLOBAL, partition=reading.home.partition)
    found: list[Any] = []
    for raw in raws:
        try:
            found.append(read(raw, home))
        except (KeyError, TypeError, ValueError) as error:
            _malformed(reading, kind, raw.get("Arn") or raw.get("arn"), error)
    return [resource for resource in found if resource is not None]


def _malformed(
    reading: Reading, kind: type[Resource], subject: str | None, error: Exception
) -> None:
    operation = OPERATIONS[2] if kind is UserCredentials else OPERATIONS[1]
    stopped = Refusal(
        operation=operation,
        reason=GapReason.INCOMPLETE,
        code=type(error).__name__,
        detail=f"AWS's answer cannot be read: {type(error).__name__}: {error}",
    )
    _refuse(reading, (kind,), stopped, subject=subject)


def _refuse(
    reading: Reading,
    kinds: tuple[type[Resource], ...],
    stopped: Refusal,
    *,
    subject: str | None = None,
) -> None:
    """Note a Gap; IAM has no region, so it is not that of the client which asked."""
    denied = stopped.reason is GapReason.DENIED
    reading.gaps.append(
        Gap(
            kinds=tuple(kind.__name__ for kind in kinds),
            account=reading.home.account,
            region=GLOBAL,
            operation=stopped.operation,
            reason=stopped.reason,
            detail=stopped.detail,
            subject=subject,
            permission=stopped.operation if denied else None,
        )
    )


_PRINCIPALS: Final[dict[str, tuple[type[Resource], Callable[[Raw, Home], Any]]]] = {
    "RoleDetailList": (Role, readers.role),
    "UserDetailList": (User, readers.user),
    "GroupDetailList": (Group, readers.group),
}
