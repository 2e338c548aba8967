"""One test's calls, held against the role: whether the test fails, and what the run is told.

Loaded once a test has recorded.
"""

from collections.abc import Callable
from dataclasses import dataclass
from hashlib import sha256
from typing import Any, Final

import msgspec
from msgspec import Struct, structs

from mlguard.errors import ArnError, MlguardError
from mlguard.iam.language.arn import Arn
from mlguard.principals import Subject
from mlguard.resources.iam import Role
from mlguard.snapshot import Snapshot
from mlguard.usage.bearing import bearing_on, subject_of
from mlguard.usage.calls import recording_of, with_work
from mlguard.usage.judging import Held, missing_of
from mlguard.usage.recording import Call, Recording
from mlguard_pytest.recorder import Recorder
from mlguard_pytest.usage_text import missing_text, unread_text

NO_SOURCE: Final = "not held against the role: no source (give --mlguard=SOURCE or mlguard_source)"


class Message(Struct, frozen=True, kw_only=True):
    """What a run needs to know of one test, as plain data: it may have run in a worker.

    `arn` is empty where nothing was read, and `error` says why. `policies` tells uses of a role
    apart whose policies differ; `snapshot` holds the role where the test read its own.
    """

    role: str
    arn: str = ""
    policies: str = ""
    error: str = ""
    snapshot: Snapshot | None = None
    recording: Recording


@dataclass(frozen=True, slots=True, kw_only=True)
class Outcome:
    """What the run is told, and what the test fails with, if it does."""

    message: Message
    failure: str | None = None


def hold(
    recorder: Recorder,
    *,
    role: str,
    test: str,
    whole: bool,
    source: "Callable[[], Snapshot] | None",
    strict: bool,
) -> Outcome:
    """Return what became of a test; `source` reads what the run audits, None if there is none."""
    calls = recorder.calls
    try:
        own = recorder.own_snapshot
        snapshot = own or (source() if source else None)
        if snapshot is None:
            return Outcome(message=_unheld(calls, role, test, whole=whole))
        subject = subject_of(snapshot, role)
    except MlguardError as error:
        message = _unheld(calls, role, test, whole=whole)
        return Outcome(
            message=structs.replace(message, error=str(error)),
            failure=f"not held against {role}: {error}",
        )
    recording = recording_of(calls, account=subject.resource.account, test=test, whole=whole)
    recording = with_work(recording, snapshot, subject.arn)
    message = Message(
        role=role,
        arn=subject.arn,
        policies=_digest(subject),
        snapshot=None if own is None else bearing_on(own, _roles(subject, recording)),
        recording=recording,
    )
    missing = missing_of(snapshot, subject.arn, [recording])
    return Outcome(message=message, failure=_failure(subject, missing, test, strict=strict))


def _failure(subject: Subject, missing: tuple[Held, ...], test: str, *, strict: bool) -> str | None:
    if missing:
        return missing_text(subject.arn, missing, test=test)
    return unread_text(subject.arn, subject.gaps) if subject.gaps and strict else None


def _unheld(calls: tuple[Call, ...], role: str, test: str, *, whole: bool) -> Message:
    """Return the message of a test whose role was not read; its account is that of its ARN.

    Else it is the mock's, or none: policies are not written for such.
    """
    try:
        account, arn = Arn.parse(role).account, role
    except ArnError:
        account, arn = next((call.mocked for call in calls if call.mocked), ""), ""
    recording = recording_of(calls, account=account, test=test, whole=whole)
    return Message(role=role, arn=arn, error=NO_SOURCE, recording=recording)


def _roles(subject: Subject, recording: Recording) -> set[str]:
    """Return the ARNs of the role and of those that it passes on."""
    return {subject.arn, *(one.role for one in recording.handed)}


def _digest(subject: Subject) -> str:
    policies = subject.policies
    documents = [one.document for one in (*policies.identity, *policies.boundaries)]
    role = subject.resource
    trust = role.trust_policy if isinstance(role, Role) else ""
    told = (documents, len(policies.identity), trust, subject.gaps)
    return sha256(repr(told).encode()).hexdigest()


def sent(message: Message) -> dict[str, Any]:
    """Return the message in the types that a report can carry between processes."""
    built: dict[str, Any] = msgspec.to_builtins(message)
    return built


def received(data: dict[str, Any]) -> Message:
    """Return the message that was sent as this data."""
    return msgspec.convert(data, Message)
