"""Writing reports: files are replaced whole, devices and pipes written as they are."""

import os
import stat
import tempfile
from collections.abc import Iterable
from pathlib import Path

from mlguard.errors import OutputError


def write(path: Path, pieces: Iterable[bytes], *, private: bool = False) -> None:
    """Write the pieces to a file; raises OutputError with the reason.

    A regular file is replaced atomically, so that nobody reads half a report; a device or pipe
    is written directly; a link is not followed. `private`: readable by its owner alone.
    """
    try:
        if path.is_symlink():
            raise OutputError(f"{path}: is a link, which is not followed: name its target")
        if path.exists() and not stat.S_ISREG(path.stat().st_mode):
            _write_directly(path, pieces)
            return
        _replace(path, pieces, mode=0o600 if private else 0o666 & ~_umask())
    except OSError as error:
        raise OutputError(f"{path}: cannot be written: {error.strerror}") from error


def _write_directly(path: Path, pieces: Iterable[bytes]) -> None:
    with path.open("wb") as stream:
        stream.writelines(pieces)


def _replace(path: Path, pieces: Iterable[bytes], *, mode: int) -> None:
    handle, name = tempfile.mkstemp(dir=path.parent, prefix=f".{path.name}.")
    try:
        with os.fdopen(handle, "wb") as stream:
            stream.writelines(pieces)
        Path(name).chmod(mode)
        Path(name).replace(path)
    except BaseException:
        Path(name).unlink(missing_ok=True)
        raise


def _umask() -> int:
    current = os.umask(0o022)
    os.umask(current)
    return current
