"""A user's project to run pytest in: two tests, a configuration, a saved account."""

import sys
from importlib.metadata import entry_points
from pathlib import Path
from typing import Final

import pytest

from mlguard.resources.kinds import KINDS, AnyResource
from mlguard.resources.notebooks import NotebookInstance
from mlguard.snapshot import Gap, Snapshot
from tests.builders import account as builders
from tests.builders.account import arn, gap
from tests.builders.notebooks import notebook

INSTALLED = any(entry_points(group="pytest11", name="mlguard"))
# Loaded twice, under two names, pytest refuses the plugin.
PLUGIN: Final = () if INSTALLED else ("-p", "mlguard_pytest.plugin")

EXPOSED = "mlguard.toml::notebook-direct-internet[exposed]"
# Without IAM, scripts and tags: counted here are the checks of notebooks and endpoints alone.
LEFT_OUT = {"Role", "User", "Group", "ManagedPolicy", "NotebookLifecycle", "TagSet"}
COVERS = tuple(kind for kind in KINDS if kind not in LEFT_OUT)
OWN = ("tests/test_own.py::test_one", "tests/test_own.py::test_two")


def named(name: str, *, region: str = "us-east-1", **changes: object) -> NotebookInstance:
    place = arn("sagemaker", f"notebook-instance/{name}", region=region)
    return notebook(name=name, arn=place, region=region, **changes)


def snapshot(*resources: AnyResource, gaps: tuple[Gap, ...] = ()) -> Snapshot:
    return builders.snapshot(*resources, gaps=gaps, covers=COVERS)


def account() -> Snapshot:
    """One notebook with a HIGH finding, one with a MEDIUM one, and endpoints nobody could list."""
    return snapshot(
        named("exposed", direct_internet_access=True),
        named("dear", instance_type="ml.m5.xlarge"),
        gaps=(gap("Endpoint", operation="sagemaker:ListEndpoints"),),
    )


def save(pytester: pytest.Pytester, given: Snapshot, name: str = "snap.json") -> Path:
    path = pytester.path / name
    path.write_bytes(given.to_json())
    return path


def make(pytester: pytest.Pytester, *, config: str = "", ini: str = "") -> None:
    (pytester.path / "tests").mkdir()
    (pytester.path / "tests" / "test_own.py").write_text(
        "def test_one():\n    pass\n\n\ndef test_two():\n    pass\n"
    )
    (pytester.path / "mlguard.toml").write_text(config)
    (pytester.path / "pytest.ini").write_text(f"[pytest]\n{ini}")
    save(pytester, account())


def run(pytester: pytest.Pytester, *arguments: str) -> pytest.RunResult:
    """Run pytest in this process."""
    return pytester.runpytest_inprocess(*PLUGIN, "-p", "no:hypothesispytest", *arguments)


def run_apart(pytester: pytest.Pytester, *arguments: str) -> pytest.RunResult:
    """Run pytest in a process of its own."""
    command = (sys.executable, "-m", "pytest", *PLUGIN, "-p", "no:hypothesispytest", *arguments)
    return pytester.run(*command, timeout=120)


def outcomes(result: pytest.RunResult) -> dict[str, str]:
    """Return what became of each test of a run with `-rA` and one line for each; none twice."""
    found: dict[str, str] = {}
    for line in result.outlines:
        word, _, rest = line.partition(" ")
        if word in {"PASSED", "FAILED", "ERROR"}:
            node_id = rest.partition(" - ")[0]
            assert node_id not in found, f"{node_id} ran twice"
            found[node_id] = word
    return found


def collected(result: pytest.RunResult) -> list[str]:
    """Return the node ids that `--collect-only -q` printed."""
    return [line for line in result.outlines if "::" in line and not line.startswith(" ")]
