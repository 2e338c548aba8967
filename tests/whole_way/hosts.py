"""Hosts of a training job on one machine: namespaces of their own, and no network but theirs.

unshare(1) makes them (https://man7.org/linux/man-pages/man1/unshare.1.html): a user namespace
where the tests are not run by root, a network namespace with nothing but a loopback, so that the
port which the SDK's drivers meet on is free and the outside is out of reach (the job asks for
EnableNetworkIsolation), a PID namespace that takes every process with it when it ends, and for
each host a mount and a UTS namespace: its own /opt/ml, its own name.
"""

import os
import shutil
import subprocess
import sys
from collections.abc import Mapping, Sequence
from pathlib import Path

from tests.whole_way import instance

TIMEOUT = 500


def refusal(folder: Path) -> str | None:
    """Return why hosts cannot be had here, in the words of who refuses; None if they can.

    It is tried with what a job needs: two hosts that see their own /opt/ml and know each other.
    """
    if sys.platform != "linux":
        return "namespaces are Linux's"
    if shutil.which("unshare") is None:
        return "unshare(1) is not installed"
    names = ("algo-1", "algo-2")
    for name in names:
        (folder / name / "ml").mkdir(parents=True)
        (folder / name / "ml" / name).touch()
    tried = ["sh", "-c", 'test -f "/opt/ml/$(cat /proc/sys/kernel/hostname)"']
    done = _run(folder, names, tried, {"PATH": os.environ["PATH"]})
    if done.returncode == 0:
        return None
    said = [done.stderr, *((folder / name / "log").read_text() for name in names)]
    lines = [line for text in said for line in text.splitlines()]
    refused = [line for line in lines if line.startswith(("unshare: ", "refused: "))]
    assert refused, lines
    return f"the kernel gives no hosts ({refused[0]})"


def run(
    folder: Path, names: Sequence[str], entrypoint: Sequence[str], environ: Mapping[str, str]
) -> dict[str, str]:
    """Run the entrypoint on every host at once, and return what each said.

    FOLDER/HOST/ml is /opt/ml of the host; a host that fails fails the test with all logs.
    """
    done = _run(folder, names, entrypoint, environ)
    logs = {name: (folder / name / "log").read_text() for name in names}
    assert done.returncode == 0, "\n".join([done.stderr, *logs.values()])
    return logs


def _run(
    folder: Path, names: Sequence[str], entrypoint: Sequence[str], environ: Mapping[str, str]
) -> subprocess.CompletedProcess[str]:
    addresses = [f"127.0.0.{number} {name}\n" for number, name in enumerate(names, start=1)]
    (folder / "hosts").write_text("".join(["127.0.0.1 localhost\n", *addresses]))
    for name in names:
        (folder / name / "log").touch()
    user = [] if os.geteuid() == 0 else ["--user", "--map-root-user"]
    spaces = ["unshare", *user, "--net", "--pid", "--fork", "--kill-child"]
    room = [sys.executable, str(instance.__file__), "room", str(folder), *names]
    return subprocess.run(
        [*spaces, "--", *room, "--", *entrypoint],
        env=dict(environ),
        capture_output=True,
        text=True,
        check=False,
        timeout=TIMEOUT,
    )
