"""Hosts are had or refused with the reason, see what is theirs, and end together."""

import os
import sys
from pathlib import Path

import pytest

if sys.platform != "linux":
    pytest.skip("hosts are namespaces, and they are Linux's", allow_module_level=True)

from tests.whole_way import hosts

NAMES = ("algo-1", "algo-2")


def unshare(folder: Path, script: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """Put a program in the place of unshare(1)."""
    folder.mkdir()
    program = folder / "unshare"
    program.write_text(f"#!/bin/sh\n{script}\n")
    program.chmod(0o755)
    monkeypatch.setenv("PATH", f"{folder}:{os.environ['PATH']}")


@pytest.fixture
def cluster(tmp_path: Path) -> Path:
    """Return a folder for two hosts, where the kernel gives them."""
    refused = hosts.refusal(tmp_path / "tried")
    if refused:
        pytest.skip(refused)
    for name in NAMES:
        (tmp_path / "cluster" / name / "ml").mkdir(parents=True)
    return tmp_path / "cluster"


def said(cluster: Path, script: str) -> dict[str, str]:
    return hosts.run(cluster, NAMES, ["sh", "-c", script], {"PATH": os.environ["PATH"]})


def test_a_kernel_that_refuses_is_heard(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    told = "unshare: unshare failed: Operation not permitted"
    unshare(tmp_path / "bin", f"echo '{told}' >&2; exit 1", monkeypatch)
    assert hosts.refusal(tmp_path / "tried") == f"the kernel gives no hosts ({told})"


def test_what_else_goes_wrong_is_no_refusal(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    unshare(tmp_path / "bin", "echo 'Traceback' >&2; exit 1", monkeypatch)
    with pytest.raises(AssertionError, match="Traceback"):
        hosts.refusal(tmp_path / "tried")


def test_a_host_has_a_name_a_folder_and_an_address_of_its_own(cluster: Path) -> None:
    before = sorted(Path("/opt").iterdir())
    logs = said(cluster, "cat /proc/sys/kernel/hostname; touch /opt/ml/$(uname -n); ls /opt")
    for name in NAMES:
        assert logs[name].splitlines()[0] == name
        assert set(logs[name].split()[1:]) == {"ml", *(path.name for path in before)}
        assert [path.name for path in (cluster / name / "ml").iterdir()] == [name]
    assert sorted(Path("/opt").iterdir()) == before


def test_no_host_reaches_further_than_its_neighbours(cluster: Path) -> None:
    logs = said(cluster, "sed -n '3,$p' /proc/self/net/dev")
    for log in logs.values():
        (interface,) = log.splitlines()
        assert interface.split()[0] == "lo:"


def test_a_host_that_fails_ends_the_others(cluster: Path) -> None:
    # Who were left to sleep would sleep until the time for all is over, and that is another error.
    script = 'test "$(uname -n)" = algo-2 || exec sleep 1000; echo broken; exit 3'
    with pytest.raises(AssertionError, match="broken"):
        said(cluster, script)
