"""The snapshot that a SOURCE names; a file is known by what stands in it."""

from datetime import UTC, datetime
from typing import TYPE_CHECKING

from mlguard_pytest.options import DEMO, LIVE

if TYPE_CHECKING:
    from mlguard.snapshot import Snapshot


def snapshot_of(source: str) -> "Snapshot":
    """Return the snapshot; raises SourceError if there is nothing to read."""
    if source == LIVE:
        from mlguard.sources.aws.source import AwsSource, session_of

        return AwsSource(session_of()).collect()
    if source == DEMO:
        from mlguard.sources.demo.account import DemoAccount

        return DemoAccount().collect()
    from mlguard.sources.by_content import source_of

    return source_of(source, taken_at=datetime.now(UTC).replace(microsecond=0)).collect()
