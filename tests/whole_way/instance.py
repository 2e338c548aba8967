"""Runs inside the namespaces: a machine room without a way out, and each of its hosts.

    instance.py room FOLDER HOST... -- ENTRYPOINT...     starts the hosts, and ends with them
    instance.py host FOLDER HOST -- ENTRYPOINT...        becomes the host, then runs what is given

What stands in FOLDER/HOST/ml is /opt/ml on that host, FOLDER/hosts is /etc/hosts, and what the
host says is written to FOLDER/HOST/log. Standard library only; nothing of the machine's changes.
"""

import fcntl
import os
import socket
import struct
import subprocess
import sys
import time
from collections.abc import Sequence
from pathlib import Path
from typing import Final, NoReturn

REFUSED: Final = 77
"""The exit code when the kernel does not let a namespace be furnished; stderr says why."""

ML: Final = Path("/opt/ml")

# netdevice(7) and <linux/if.h>.
_SIOCGIFFLAGS: Final = 0x8913
_SIOCSIFFLAGS: Final = 0x8914
_IFF_UP: Final = 1


class RefusedError(Exception):
    """The kernel's own words."""


def room(folder: Path, names: Sequence[str], entrypoint: Sequence[str]) -> int:
    """Run the hosts beside each other; the first that fails ends them all, as SageMaker does."""
    _loopback_up()
    hosts = []
    for name in names:
        host = [sys.executable, __file__, "host", str(folder), name, "--", *entrypoint]
        with (folder / name / "log").open("wb") as log:
            hosts.append(
                subprocess.Popen(
                    ["unshare", "--mount", "--uts", "--", *host],
                    stdout=log,
                    stderr=subprocess.STDOUT,
                )
            )
    while any(host.poll() is None for host in hosts):
        if any(host.poll() for host in hosts):
            break
        time.sleep(0.05)
    # Whoever still runs ends with this process, the first of its PID namespace.
    return max(host.poll() or 0 for host in hosts)


def become(folder: Path, name: str, entrypoint: list[str]) -> NoReturn:
    """Take the host's name, see its folders and nobody else's, and run what is given."""
    socket.sethostname(name)
    _mount("--bind", str(folder / "hosts"), "/etc/hosts")
    own = folder / name
    if not ML.is_dir():
        _cover(ML.parent, keeping=own / "covered")
        ML.mkdir()
    _mount("--bind", str(own / "ml"), str(ML))
    os.execvp(entrypoint[0], entrypoint)


def _cover(place: Path, *, keeping: Path) -> None:
    """Lay a folder in memory over the place, with the same things in it: one can add to it."""
    keeping.mkdir()
    _mount("--rbind", str(place), str(keeping))
    _mount("-t", "tmpfs", "none", str(place))
    for entry in keeping.iterdir():
        same = place / entry.name
        if entry.is_symlink():
            same.symlink_to(entry.readlink())
        elif entry.is_dir():
            same.mkdir()
            _mount("--rbind", str(entry), str(same))
        else:
            same.touch()
            _mount("--bind", str(entry), str(same))


def _mount(*arguments: str) -> None:
    done = subprocess.run(["mount", *arguments], capture_output=True, text=True, check=False)
    if done.returncode != 0:
        raise RefusedError(done.stderr.strip())


def _loopback_up() -> None:
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as control:
        asked = struct.pack("16sh14x", b"lo", 0)
        flags = struct.unpack("16sh14x", fcntl.ioctl(control, _SIOCGIFFLAGS, asked))[1]
        fcntl.ioctl(control, _SIOCSIFFLAGS, struct.pack("16sh14x", b"lo", flags | _IFF_UP))


def main(words: list[str]) -> int:
    """Be the room or a host, as the first word says."""
    kind, folder, *names = words[: words.index("--")]
    entrypoint = words[words.index("--") + 1 :]
    try:
        if kind == "room":
            return room(Path(folder), names, entrypoint)
        become(Path(folder), names[0], entrypoint)
    except (RefusedError, PermissionError) as error:
        print(f"refused: {error}", file=sys.stderr)
        return REFUSED


if __name__ == "__main__":
    raise SystemExit(main(sys.argv[1:]))
