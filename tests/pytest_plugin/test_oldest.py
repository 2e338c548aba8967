"""The oldest pytest that is supported, beside the one that runs this: core tests run under it."""

import os
import subprocess
import sys
from importlib.util import find_spec
from pathlib import Path
from typing import Final

import pytest

ROOT: Final = Path(__file__).parents[2]
OLDEST: Final = "8.4"
# What hangs on pytest itself: its collection, hooks, reports and assertions.
CORE: Final = (
    "test_recorder.py",
    "test_permissions.py",
    "test_items.py::test_each_check_and_resource_is_a_test_under_the_configuration",
    "test_items.py::test_a_failure_is_the_reporters_paragraph_without_a_traceback",
    "test_items.py::test_what_could_not_be_read_is_skipped_with_its_reason",
    "test_workers.py::test_workers_run_what_one_process_would",
)


@pytest.fixture
def oldest(tmp_path: Path) -> Path:
    """Return a folder with that pytest alone: before all others on the path, it is the one."""
    if pytest.version_tuple[:2] == tuple(map(int, OLDEST.split("."))):
        pytest.skip(f"this is pytest {OLDEST}: all tests run under it")
    if find_spec("pip") is None:
        pytest.skip("this environment has no pip to install it with")
    folder = tmp_path / "oldest"
    command = [
        *(sys.executable, "-m", "pip", "install", "--quiet", "--disable-pip-version-check"),
        *("--no-deps", "--retries", "0", "--target", str(folder), f"pytest=={OLDEST}.*"),
    ]
    done = subprocess.run(  # noqa: S603  # our own interpreter
        command, capture_output=True, text=True, check=False, timeout=120
    )
    if done.returncode:
        reason = (done.stderr.strip().splitlines() or ["pip says nothing"])[-1]
        pytest.skip(f"pytest {OLDEST} cannot be installed: {reason}")
    return folder


def test_the_core_of_the_plugin_runs_under_the_oldest_pytest(oldest: Path) -> None:
    tests = [f"tests/pytest_plugin/{one}" for one in CORE]
    environment = {
        **os.environ,
        "PYTHONPATH": os.pathsep.join((str(oldest), str(ROOT))),
        "PYTEST_ADDOPTS": "",
    }
    done = subprocess.run(  # noqa: S603  # our own interpreter
        [sys.executable, "-m", "pytest", "-p", "no:cacheprovider", *tests],
        cwd=ROOT,
        env=environment,
        capture_output=True,
        text=True,
        check=False,
        timeout=600,
    )
    assert f"pytest-{OLDEST}." in done.stdout.partition("collected")[0], done.stdout + done.stderr
    assert done.returncode == 0, done.stdout + done.stderr
    assert " passed" in done.stdout
    assert " skipped" not in done.stdout
