"""Reading the bytes of a file that the user named; `-` is standard input."""

import codecs
import sys
from pathlib import Path

from mlguard.errors import FileError


def read(path: str | Path) -> bytes:
    """Return the bytes of a file, without a byte order mark; raises FileError with the reason."""
    try:
        text = sys.stdin.buffer.read() if str(path) == "-" else Path(path).read_bytes()
    except OSError as error:
        raise FileError(f"{path}: cannot be read: {error.strerror}") from error
    return text.removeprefix(codecs.BOM_UTF8)
