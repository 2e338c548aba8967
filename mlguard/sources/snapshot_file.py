"""A snapshot that was saved: read strictly, or refused with the place and the cure."""

from collections.abc import Mapping
from typing import Any

import msgspec

from mlguard.errors import FileError
from mlguard.resources.kinds import KINDS
from mlguard.snapshot import SCHEMA_VERSION, Snapshot
from mlguard.sources.doubled import refuse_doubled


class SnapshotFile:
    """A Source: the bytes of a file that `mlguard collect` wrote."""

    def __init__(self, text: bytes, *, name: str) -> None:
        self._text = text
        self._name = name

    def collect(self) -> Snapshot:
        """Return the snapshot; raises FileError naming file, place and cure."""
        self._refuse_other_version()
        try:
            snapshot = msgspec.json.decode(self._text, type=Snapshot)
            refuse_doubled(self._text, self._name)
        except msgspec.ValidationError as error:
            raise FileError(f"{self._name}: {_plain(error)}; {_CURE}") from error
        except RecursionError as error:
            raise FileError(f"{self._name}: is nested too deeply; {_CURE}") from error
        self._refuse_unknown_kinds(snapshot)
        return snapshot

    def _refuse_unknown_kinds(self, snapshot: Snapshot) -> None:
        """Raise FileError: a gap in a kind that nobody knows would take back no verdict."""
        named = [("covers", kind) for kind in snapshot.covers]
        for index, gap in enumerate(snapshot.gaps):
            named += [(f"gaps[{index}].kinds", kind) for kind in gap.kinds]
        for path, kind in named:
            if kind not in KINDS:
                raise FileError(f"{self._name}: {path}: no kind is called {kind!r}; {_CURE}")

    def _refuse_other_version(self) -> None:
        version = _root(self._text, self._name).get("schema_version")
        if version == SCHEMA_VERSION:
            return
        if isinstance(version, int) and version > SCHEMA_VERSION:
            raise FileError(
                f"{self._name}: schema_version {version} is newer than this mlguard reads "
                f"({SCHEMA_VERSION}): update mlguard"
            )
        raise FileError(
            f"{self._name}: schema_version: {SCHEMA_VERSION} was expected, "
            f"{'nothing' if version is None else repr(version)} was found; {_CURE}"
        )


def schema() -> Mapping[str, Any]:
    """Return the JSON Schema of the file."""
    return msgspec.json.schema(Snapshot)


_CURE = "is it a file that `mlguard collect -o FILE` wrote?"


class _Head(msgspec.Struct):
    schema_version: Any = None


def _root(text: bytes, name: str) -> Mapping[str, Any]:
    """Return the version alone; the file may be of a shape that only a later mlguard knows."""
    try:
        return {"schema_version": msgspec.json.decode(text, type=_Head).schema_version}
    except msgspec.ValidationError as error:
        raise FileError(f"{name}: {_plain(error)}; {_CURE}") from error
    except RecursionError as error:
        raise FileError(f"{name}: is nested too deeply; {_CURE}") from error
    except (msgspec.DecodeError, UnicodeDecodeError) as error:
        if not text.strip():
            raise FileError(f"{name}: the file is empty; {_CURE}") from error
        if "truncated" in str(error):
            raise FileError(
                f"{name}: the file is cut off after {len(text)} bytes: collect it again"
            ) from error
        raise FileError(f"{name}: is not JSON: {error}; {_CURE}") from error


def _plain(error: msgspec.ValidationError) -> str:
    text, _, path = str(error).partition(" - at `$")
    return f"{path.rstrip('`').lstrip('.')}: {text}" if path.strip("`") else text
