"""Reading the bytes of a file that the user named; `-` is standard input."""

import sys
from pathlib import Path

from mlguard.errors import FileError


def read(path: str | Path) -> bytes:
    """Return the bytes of a file; raises FileError with the reason."""
    if str(path) == "-":
        return sys.stdin.buffer.read()
    try:
        return Path(path).read_bytes()
    except OSError as error:
        raise FileError(f"{path}: cannot be read: {error.strerror}") from error
