"""A snapshot to start from: sound, whole, of one account in one region."""

from datetime import UTC, datetime, timedelta

from mlguard.resources.kinds import KINDS, AnyResource
from mlguard.snapshot import Gap, GapReason, Snapshot, ordered

ACCOUNT = "123456789012"
REGION = "us-east-1"
NOW = datetime(2026, 11, 2, 9, 0, tzinfo=UTC)


def days_ago(days: float) -> datetime:
    return NOW - timedelta(days=days)


def snapshot(
    *resources: AnyResource,
    gaps: tuple[Gap, ...] = (),
    covers: tuple[str, ...] = tuple(KINDS),
    enabled_regions: tuple[str, ...] | None = (REGION,),
) -> Snapshot:
    return Snapshot(
        source="test",
        taken_at=NOW,
        accounts=(ACCOUNT,),
        regions=(REGION,),
        covers=covers,
        enabled_regions=enabled_regions,
        resources=ordered(resources),
        gaps=gaps,
    )


def gap(
    *kinds: str,
    subject: str | None = None,
    region: str = REGION,
    operation: str = "service:Operation",
    reason: GapReason = GapReason.DENIED,
) -> Gap:
    return Gap(
        kinds=kinds,
        account=ACCOUNT,
        region=region,
        operation=operation,
        reason=reason,
        detail="not authorized to perform it",
        subject=subject,
        permission=operation if reason is GapReason.DENIED else None,
    )


def arn(service: str, resource: str, *, region: str = REGION) -> str:
    return f"arn:aws:{service}:{region}:{ACCOUNT}:{resource}"
