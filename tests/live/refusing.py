"""An account in memory whose APIs can be refused, one at a time."""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from types import SimpleNamespace
from typing import Any

import boto3

from mlguard.auditor import audit
from mlguard.report import Outcome, Report
from mlguard.snapshot import Snapshot
from mlguard.sources.aws.permissions import OPERATIONS
from mlguard.sources.aws.source import AwsSource

NOW = datetime.now(UTC).replace(microsecond=0)

# Without an identity there is nothing to audit: that is an error, not a gap.
REFUSED = [operation for operation in OPERATIONS if operation != "sts:GetCallerIdentity"]

# botocore's events go by a hyphenated service id.
EVENTS = {
    "application-autoscaling": "application-auto-scaling",
    "resourcegroupstaggingapi": "resource-groups-tagging-api",
}


def collected(session: boto3.Session) -> Snapshot:
    return AwsSource(session, clock=lambda: NOW).collect()


def audited(snapshot: Snapshot) -> Report:
    return audit(snapshot)


@contextmanager
def refused(session: boto3.Session, operation: str) -> Iterator[None]:
    """Answer this operation as AWS does to a caller who may not."""
    service, _, name = operation.partition(":")
    event = f"before-call.{EVENTS.get(service, service)}.{name}"

    def deny(**_: Any) -> tuple[Any, dict[str, Any]]:
        message = f"not authorized to perform: {operation}"
        error = {"Error": {"Code": "AccessDeniedException", "Message": message}}
        return SimpleNamespace(status_code=403), {**error, "ResponseMetadata": {}}

    session.events.register_first(event, deny)
    try:
        yield
    finally:
        session.events.unregister(event, deny)


def outcomes(report: Report) -> dict[tuple[str, str, str], Outcome]:
    return {
        (result.check, result.subject.kind, result.subject.arn): result.outcome
        for result in report.results
    }
