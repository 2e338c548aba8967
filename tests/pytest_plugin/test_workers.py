"""Under xdist: the controller reads once, the workers read nothing, and nothing else changes."""

import pytest

from tests.pytest_plugin import recording
from tests.pytest_plugin.project import EXPOSED, OWN, make, outcomes, run_apart

pytest_plugins = ("pytester",)

ASK = ("--mlguard=snap.json", "-n", "2")

# Takes the snapshot away once the first worker was told what came of it.
TAKE_AWAY = """
import pathlib
import pytest

@pytest.hookimpl(trylast=True)
def pytest_configure_node(node):
    pathlib.Path("snap.json").unlink(missing_ok=True)
"""


@pytest.fixture
def project(pytester: pytest.Pytester) -> pytest.Pytester:
    make(pytester)
    return pytester


def test_workers_run_what_one_process_would(project: pytest.Pytester) -> None:
    alone = outcomes(run_apart(project, ASK[0], "-rA"))
    shared = run_apart(project, *ASK, "tests", "-rA")
    assert outcomes(shared) == alone
    shared.stdout.fnmatch_lines(["*fix: *", "*= mlguard =*", "* checks on 3 resources*"])
    shared.stdout.fnmatch_lines([f"FAILED {EXPOSED.partition('[')[0]}* - HIGH: direct*"])


def test_the_controller_reads_once_and_the_workers_nothing(project: pytest.Pytester) -> None:
    (project.path / "conftest.py").write_text(TAKE_AWAY)
    (project.path / "tests" / "test_own.py").write_text(
        "def test_one(mlguard):\n"
        "    assert mlguard.snapshot.accounts == ('123456789012',)\n\n\n"
        "def test_two(mlguard):\n"
        "    assert [each.check for each in mlguard.report.findings]\n"
    )
    result = run_apart(project, *ASK, "-rA")
    found = outcomes(result)
    assert not (project.path / "snap.json").exists()
    assert found[EXPOSED] == "FAILED"
    assert all(found[each] == "PASSED" for each in OWN)


def test_choosing_works_in_workers(project: pytest.Pytester) -> None:
    run_apart(project, *ASK, "-m", "mlguard(severity='high')", "-k", "exposed").assert_outcomes(
        failed=1, passed=1
    )
    run_apart(project, *ASK, EXPOSED, OWN[0]).assert_outcomes(failed=1, passed=1)
    run_apart(project, *ASK, "--lf").assert_outcomes(failed=1)


def test_properties_come_back_from_workers(project: pytest.Pytester) -> None:
    run_apart(project, *ASK, "--junitxml=out.xml")
    text = (project.path / "out.xml").read_text()
    assert '<property name="check" value="notebook-direct-internet"' in text
    assert '<property name="fingerprint" value="' in text


def test_strictness_and_its_reason_reach_workers(project: pytest.Pytester) -> None:
    result = run_apart(project, *ASK, "--mlguard-strict", "-rA")
    assert outcomes(result)["mlguard.toml::endpoint-idle[*]"] == "FAILED"
    result.stdout.fnmatch_lines(["not evaluated: sagemaker:ListEndpoints: denied*"])


def test_when_a_worker_dies_the_run_says_so_and_loses_only_what_it_died_of(
    pytester: pytest.Pytester,
) -> None:
    recording.make(
        pytester,
        f"{recording.READ}\ndef test_crash():\n    import os\n    os._exit(3)\n",
        recording.with_policy(recording.READS),
    )
    (pytester.path / "mlguard.toml").write_text("")
    result = run_apart(pytester, *ASK, "-rA", "--mlguard-max-excess=0")
    assert result.ret == 1
    found = outcomes(result)
    assert [node_id for node_id, word in found.items() if word == "FAILED"] == [
        "test_own.py::test_crash"
    ]
    assert found["mlguard.toml::principal-administrator[notes-role]"] == "PASSED"
    assert "1 of 1 granted action used by 1 call in 1 test" in recording.section(result)
