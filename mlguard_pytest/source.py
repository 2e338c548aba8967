"""The snapshot that a SOURCE names, or that a session leads to."""

import sys
from datetime import UTC, datetime
from typing import TYPE_CHECKING

from mlguard_pytest.options import DEMO, LIVE

if TYPE_CHECKING:
    import boto3

    from mlguard.snapshot import Snapshot


def snapshot_of(source: str) -> "Snapshot":
    """Return the snapshot; raises SourceError if there is nothing to read.

    A file is known by what stands in it.
    """
    if source == LIVE:
        from mlguard.sources.aws.source import AwsSource, session_of

        return AwsSource(session_of()).collect()
    if source == DEMO:
        from mlguard.sources.demo.account import DemoAccount

        return DemoAccount().collect()
    from mlguard.sources.by_content import source_of

    return source_of(source, taken_at=datetime.now(UTC).replace(microsecond=0)).collect()


def through(session: "boto3.Session | None") -> "Snapshot":
    """Return what is there now, as the session sees it: moto's account while `mock_aws` is on.

    None is the ordinary chain of AWS. Raises SourceError if nothing can be read.
    """
    from mlguard.sources.aws.source import AwsSource, session_of
    from mlguard.sources.demo import moto_state

    session = session or session_of()
    if "moto" in sys.modules and moto_state.mocking():
        from mlguard.sources.demo.mocked import collect_mocked

        return collect_mocked(session)
    return AwsSource(session).collect()
