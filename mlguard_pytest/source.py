"""The snapshot that a SOURCE names; a file is known by what stands in it."""

import json
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Final

from mlguard_pytest.options import DEMO, LIVE

if TYPE_CHECKING:
    from mlguard.snapshot import Snapshot

_AUTHORIZATION_DETAILS: Final = ("UserDetailList", "RoleDetailList", "GroupDetailList", "Policies")
_PIPELINE: Final = "steps"


def snapshot_of(source: str) -> "Snapshot":
    """Return the snapshot; raises SourceError if there is nothing to read."""
    if source == LIVE:
        from mlguard.sources.aws.source import AwsSource, session_of

        return AwsSource(session_of()).collect()
    if source == DEMO:
        from mlguard.sources.demo.account import DemoAccount

        return DemoAccount().collect()
    return _from_file(source)


def _from_file(path: str) -> "Snapshot":
    from mlguard.sources.authorization_details import AuthorizationDetails
    from mlguard.sources.files import read
    from mlguard.sources.pipeline_file import PipelineFile
    from mlguard.sources.snapshot_file import SnapshotFile

    text = read(path)
    now = datetime.now(UTC).replace(microsecond=0)
    keys = _keys(text)
    if not keys.isdisjoint(_AUTHORIZATION_DETAILS):
        return AuthorizationDetails(text, name=path, taken_at=now).collect()
    if _PIPELINE in keys:
        return PipelineFile(text, name=path, taken_at=now).collect()
    return SnapshotFile(text, name=path).collect()


def _keys(text: bytes) -> set[str]:
    """Return the keys of the root; of a text that is no one JSON document, those found in it.

    The AWS CLI may write several documents into a file, and a file may be cut: its reader says so.
    """
    try:
        root = json.loads(text)
    except ValueError:
        # UTF-16, as PowerShell writes it, is ASCII with zeros between.
        plain = text.replace(b"\0", b"")
        keys = (*_AUTHORIZATION_DETAILS, _PIPELINE)
        return {key for key in keys if f'"{key}"'.encode() in plain}
    return set(root) if isinstance(root, dict) else set()
