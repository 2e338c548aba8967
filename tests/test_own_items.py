"""Our own pipeline as tests: what `pytest --mlguard=plan.json` makes of it in this checkout."""

import os
import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Final

import pytest

from deploy import as_written
from deploy.pipeline import Pipeline
from tests.deploy.plans import VARIANTS, planned
from tests.pytest_plugin.project import PLUGIN
from tests.test_own_pipeline import DESERVED

ROOT: Final = Path(__file__).parents[1]
CONFIG: Final = "deploy/mlguard.toml"
ACCEPTED: Final = f"{CONFIG}::principal-escalation[dog-breed-notebook-us-east-1]"


def outcomes(
    folder: Path, pipeline: Pipeline, *, fail_on: str, config: str = CONFIG
) -> Mapping[str, str]:
    """Return what became of each test, by node id; no other tests are run."""
    plan = folder / "plan.json"
    plan.write_text(pipeline.to_json(), encoding="utf-8")
    command = [
        *(sys.executable, "-m", "pytest", *PLUGIN, "-p", "no:cacheprovider", "-rA", config),
        *(f"--mlguard={plan}", f"--mlguard-config={config}"),
        *(f"--mlguard-fail-on={fail_on}", "--mlguard-strict"),
    ]
    # A narrow terminal would cut the lines.
    environment = {**os.environ, "COLUMNS": "200", "PYTEST_ADDOPTS": ""}
    done = subprocess.run(  # noqa: S603  # our own interpreter
        command, cwd=ROOT, env=environment, capture_output=True, text=True, check=False, timeout=300
    )
    found = {
        rest.partition(" - ")[0]: word
        for word, _, rest in (line.partition(" ") for line in done.stdout.splitlines())
        if word in {"PASSED", "FAILED", "ERROR", "SKIPPED"}
    }
    assert done.returncode == int("FAILED" in found.values()), done.stdout + done.stderr
    return found


@pytest.mark.parametrize("variant", ["as it comes", "notebook"])
def test_every_test_of_the_plan_passes(variant: str, tmp_path: Path) -> None:
    found = outcomes(tmp_path, planned(VARIANTS[variant]), fail_on="medium")
    assert set(found.values()) == {"PASSED"}
    assert f"{CONFIG}::principal-administrator[dog-breed-training-us-east-1]" in found
    assert (ACCEPTED in found) == VARIANTS[variant].has_notebook


def test_without_what_is_accepted_the_notebooks_role_fails(tmp_path: Path) -> None:
    bare = tmp_path / "mlguard.toml"
    bare.write_text("", encoding="utf-8")
    found = outcomes(tmp_path, planned(VARIANTS["notebook"]), fail_on="medium", config=str(bare))
    failed = [node_id.rpartition("::")[2] for node_id, word in found.items() if word == "FAILED"]
    assert failed == [ACCEPTED.rpartition("::")[2]]


def test_of_the_write_ups_pipeline_those_tests_fail_that_its_faults_deserve(tmp_path: Path) -> None:
    found = outcomes(tmp_path, as_written.pipeline(), fail_on="informational")
    failed = {node_id for node_id, word in found.items() if word == "FAILED"}
    assert failed == {f"{CONFIG}::{check}[{name}]" for check, name in DESERVED}
    assert set(found.values()) == {"PASSED", "FAILED"}
