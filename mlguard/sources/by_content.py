"""A file is known by what stands in it: a snapshot, authorization details, or a pipeline."""

import json
from datetime import datetime
from typing import Final

from mlguard.snapshot import Snapshot
from mlguard.sources.authorization_details import AuthorizationDetails
from mlguard.sources.base import Source
from mlguard.sources.files import read
from mlguard.sources.pipeline_file import PipelineFile
from mlguard.sources.snapshot_file import SnapshotFile

_AUTHORIZATION_DETAILS: Final = ("UserDetailList", "RoleDetailList", "GroupDetailList", "Policies")
_PIPELINE: Final = "steps"


def source_of(path: str, *, taken_at: datetime) -> Source:
    """Return the source that reads a file; raises FileError if it cannot be opened.

    What is none of these is taken for a snapshot, whose reader says what is wrong with it.
    """
    return _source(read(path), path, taken_at)


def snapshot_of(text: bytes, *, name: str, taken_at: datetime) -> Snapshot:
    """Return the snapshot that a text is, in whichever form; raises FileError."""
    return _source(text, name, taken_at).collect()


def _source(text: bytes, name: str, taken_at: datetime) -> Source:
    keys = _keys(text)
    if not keys.isdisjoint(_AUTHORIZATION_DETAILS):
        return AuthorizationDetails(text, name=name, taken_at=taken_at)
    if _PIPELINE in keys:
        return PipelineFile(text, name=name, taken_at=taken_at)
    return SnapshotFile(text, name=name)


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
