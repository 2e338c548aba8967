"""Which files are opened in some folders, and in which order, as the kernel tells it.

inotify(7), https://man7.org/linux/man-pages/man7/inotify.7.html: it sees a file opened under any
mount of its folder, in any namespace, and whoever opens it knows nothing of it.
"""

import ctypes
import os
import struct
from collections.abc import Iterable
from pathlib import Path
from types import TracebackType
from typing import Self

_OPEN = 0x20
_OVERFLOW = 0x4000
_IS_DIRECTORY = 0x40000000
_HEAD = struct.Struct("iIII")


class Opened:
    """Watches folders until the end of the block; the kernel keeps 16384 events and counts them."""

    def __init__(self, folders: Iterable[Path]) -> None:
        self._libc = ctypes.CDLL(None, use_errno=True)
        self._handle = self._checked(self._libc.inotify_init1(os.O_NONBLOCK | os.O_CLOEXEC))
        self._folders = {
            self._checked(
                self._libc.inotify_add_watch(self._handle, os.fsencode(folder), _OPEN)
            ): folder
            for folder in folders
        }

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        os.close(self._handle)

    def files(self) -> list[Path]:
        """Return the files opened since the last call, oldest first."""
        found: list[Path] = []
        while True:
            try:
                events = os.read(self._handle, 1 << 20)
            except BlockingIOError:
                return found
            while events:
                watch, mask, _, length = _HEAD.unpack_from(events)
                name = events[_HEAD.size : _HEAD.size + length].rstrip(b"\0")
                events = events[_HEAD.size + length :]
                assert not mask & _OVERFLOW, "more was opened than the kernel remembers"
                if name and not mask & _IS_DIRECTORY:
                    found.append(self._folders[watch] / os.fsdecode(name))

    @staticmethod
    def _checked(result: int) -> int:
        if result < 0:
            raise OSError(ctypes.get_errno(), os.strerror(ctypes.get_errno()))
        return result
