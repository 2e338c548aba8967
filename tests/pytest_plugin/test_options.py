"""Options: the command line over the ini file over the configuration; nothing without asking."""

import subprocess
import sys
from pathlib import Path

import pytest

from mlguard.snapshot import Snapshot
from tests.pytest_plugin.project import (
    EXPOSED,
    OWN,
    PLUGIN,
    collected,
    make,
    named,
    outcomes,
    run,
    run_apart,
    save,
    snapshot,
)

pytest_plugins = ("pytester",)

ASK = "--mlguard=snap.json"
DEAR = "mlguard.toml::notebook-instance-type[dear]"
NATIVE = pytest.mark.skipif(
    pytest.version_tuple < (9,), reason="pytest reads [tool.pytest] from 9.0 on"
)


@pytest.fixture
def project(pytester: pytest.Pytester) -> pytest.Pytester:
    make(pytester)
    return pytester


def loaded_after(code: str) -> set[str]:
    script = (
        f"import pytest, sys\nbefore = set(sys.modules)\n{code}\nprint(*set(sys.modules) - before)"
    )
    done = subprocess.run(  # noqa: S603  # our own interpreter and code
        [sys.executable, "-c", script],
        capture_output=True,
        text=True,
        check=True,
        cwd=Path(__file__).parents[2],
    )
    return set(done.stdout.split())


def test_the_plugin_loads_pytest_and_the_standard_library_alone() -> None:
    loaded = loaded_after("import mlguard_pytest.plugin")
    rooms = {name.partition(".")[0] for name in loaded}
    assert rooms - set(sys.stdlib_module_names) - {"_pytest", "pytest"} == {"mlguard_pytest"}


def test_what_every_run_of_pytest_loads_is_a_short_list() -> None:
    loaded = loaded_after("import mlguard_pytest.plugin")
    assert {name for name in loaded if name.startswith("mlguard_pytest")} == {
        "mlguard_pytest",
        "mlguard_pytest.fixtures",
        "mlguard_pytest.options",
        "mlguard_pytest.plugin",
        "mlguard_pytest.recorded",
        "mlguard_pytest.recording_options",
    }


def test_nothing_changes_until_asked(project: pytest.Pytester) -> None:
    (project.path / "tests" / "test_own.py").write_text(
        "import sys\n\ndef test_one():\n    assert 'mlguard' not in sys.modules\n"
    )
    result = run_apart(project, "--mlguard-strict", "--mlguard-fail-on=low")
    result.assert_outcomes(passed=1)
    assert "= mlguard =" not in result.stdout.str()
    asked = run_apart(project, "mlguard.toml::audit")
    assert asked.ret == pytest.ExitCode.USAGE_ERROR


@pytest.mark.parametrize("bar", ["medium", "MEDIUM", "low"])
def test_fail_on_lowers_the_bar(project: pytest.Pytester, bar: str) -> None:
    assert outcomes(run(project, ASK, f"--mlguard-fail-on={bar}", "-rA"))[DEAR] == "FAILED"


def test_fail_on_raises_the_bar(project: pytest.Pytester) -> None:
    assert outcomes(run(project, ASK, "--mlguard-fail-on=critical", "-rA"))[EXPOSED] == "PASSED"


def test_select_and_ignore_choose_checks(project: pytest.Pytester) -> None:
    ask = (ASK, "--collect-only", "-q", "--mlguard-select=notebook-*")
    chosen = collected(run(project, *ask, "mlguard.toml"))
    assert len(chosen) == 6
    chosen = collected(run(project, *ask, "--mlguard-ignore=notebook-instance-type"))
    assert DEAR not in chosen
    assert EXPOSED in chosen


def test_a_configuration_can_be_named(project: pytest.Pytester) -> None:
    (project.path / "other.toml").write_text("fail-on = 'critical'\n")
    found = outcomes(run(project, ASK, "--mlguard-config=other.toml", "-rA"))
    assert found["other.toml::notebook-direct-internet[exposed]"] == "PASSED"


def test_the_configuration_suppresses(project: pytest.Pytester) -> None:
    (project.path / "mlguard.toml").write_text(
        "[[suppressions]]\ncheck = 'notebook-direct-internet'\nreason = 'shut down on friday'\n"
    )
    result = run(project, ASK, "-rA")
    assert outcomes(result)[EXPOSED] == "PASSED"
    result.stdout.fnmatch_lines(["*shut down on friday*"])


INI = """\
mlguard = true
mlguard_source = "accounts/snap.json"
mlguard_fail_on = "medium"
mlguard_select = ["notebook-*"]
mlguard_ignore = ["notebook-left-running"]
mlguard_strict = true
mlguard_config = "conf/mlguard.toml"
"""


@pytest.mark.parametrize("table", ["pytest.ini_options", pytest.param("pytest", marks=NATIVE)])
def test_the_ini_file_says_all_that_the_command_line_can(
    pytester: pytest.Pytester, table: str
) -> None:
    make(pytester)
    (pytester.path / "pytest.ini").unlink()
    (pytester.path / "pyproject.toml").write_text(f"[tool.{table}]\n{INI}")
    for name in ("accounts", "conf"):
        (pytester.path / name).mkdir()
    (pytester.path / "conf" / "mlguard.toml").write_text("")
    (pytester.path / "snap.json").rename(pytester.path / "accounts" / "snap.json")
    assert outcomes(run(pytester, "tests", "-rA")) == {
        **dict.fromkeys(OWN, "PASSED"),
        "conf/mlguard.toml::notebook-direct-internet[exposed]": "FAILED",
        "conf/mlguard.toml::notebook-direct-internet[dear]": "PASSED",
        "conf/mlguard.toml::notebook-instance-type[exposed]": "PASSED",
        "conf/mlguard.toml::notebook-instance-type[dear]": "FAILED",
    }


def test_the_classic_ini_file_does_too(project: pytest.Pytester) -> None:
    (project.path / "pytest.ini").write_text(
        "[pytest]\nmlguard = 1\nmlguard_source = snap.json\nmlguard_fail_on = medium\n"
        "mlguard_select = notebook-* role-*\nmlguard_strict = no\n"
    )
    found = outcomes(run(project, "-rA"))
    assert found[DEAR] == found[EXPOSED] == "FAILED"
    assert len(found) == 8


def test_the_command_line_wins_over_the_ini_file(project: pytest.Pytester) -> None:
    (project.path / "pytest.ini").write_text(
        "[pytest]\nmlguard_source = absent.json\nmlguard_fail_on = critical\n"
        "mlguard_select = role-*\n"
    )
    ask = (ASK, "--mlguard-fail-on=high", "--mlguard-select=notebook-*", "-rA")
    assert outcomes(run(project, *ask))[EXPOSED] == "FAILED"


def test_the_summary_says_how_bad_it_is_and_what_was_covered(project: pytest.Pytester) -> None:
    run(project, ASK).stdout.fnmatch_lines(
        [
            "*= mlguard =*",
            "mlguard  account 123456789012*",
            "1 HIGH*1 MEDIUM",
            "* checks on 3 resources: 2 passed, 2 failed, 5 not evaluated*",
            "13 tests of the audit: 1 fail (HIGH or worse), 7 pass, 5 skipped*",
            "NOT LOOKED AT*",
        ]
    )


DETAILS = b"""{"UserDetailList": [], "GroupDetailList": [], "Policies": [], "RoleDetailList": [{
    "RoleName": "lambda", "RoleId": "AROAEXAMPLEEXAMPLEXX", "Path": "/",
    "Arn": "arn:aws:iam::123456789012:role/lambda", "CreateDate": "2026-01-02T03:04:05+00:00",
    "AssumeRolePolicyDocument": {"Version": "2012-10-17", "Statement": [{"Effect": "Allow",
        "Principal": {"Service": "lambda.amazonaws.com"}, "Action": "sts:AssumeRole"}]},
    "RolePolicyList": [], "InstanceProfileList": [], "Tags": [], "RoleLastUsed": {},
    "AttachedManagedPolicies": [{"PolicyName": "AmazonSageMakerFullAccess",
        "PolicyArn": "arn:aws:iam::aws:policy/AmazonSageMakerFullAccess"}]}]}"""

PIPELINE = b"""{"schema_version": 1, "account": "123456789012", "region": "us-east-1", "steps": [
    {"id": "book", "service": "sagemaker", "operation": "CreateNotebookInstance", "parameters": {
        "NotebookInstanceName": "book", "InstanceType": "ml.m5.xlarge",
        "RoleArn": "arn:aws:iam::123456789012:role/book"}}]}"""


@pytest.mark.parametrize(
    ("text", "node_id"),
    [
        (DETAILS, "mlguard.toml::role-full-access[lambda]"),
        (DETAILS.decode().encode("utf-16"), "mlguard.toml::role-full-access[lambda]"),
        (DETAILS + b"\n" + b'{"UserDetailList": []}', "mlguard.toml::role-full-access[lambda]"),
        (PIPELINE, "mlguard.toml::notebook-instance-type[book]"),
        (snapshot(named("book")).to_json(), "mlguard.toml::notebook-instance-type[book]"),
    ],
    ids=["details", "details in UTF-16", "details in two pages", "pipeline", "snapshot"],
)
def test_a_file_is_known_by_what_stands_in_it(
    project: pytest.Pytester, text: bytes, node_id: str
) -> None:
    (project.path / "given").write_bytes(text)
    found = collected(run(project, "--mlguard=given", "--collect-only", "-q", "mlguard.toml"))
    assert node_id in found


def test_the_demo_needs_no_file_and_no_account(project: pytest.Pytester) -> None:
    pytest.importorskip("moto")
    result = run_apart(project, "--mlguard=demo", "tests", "-rA", "--tb=no")
    found = outcomes(result)
    assert all(found[each] == "PASSED" for each in OWN)
    assert found["mlguard.toml::role-full-access[dog-breed-lambda]"] == "FAILED"


def test_the_color_of_the_summary_follows_pytest(project: pytest.Pytester) -> None:
    assert "\x1b[" in run(project, ASK, "--color=yes").stdout.str()
    assert "\x1b[" not in run(project, ASK, "--color=no").stdout.str()


def test_the_plugin_is_loaded_by_its_entry_point_or_by_name() -> None:
    assert PLUGIN in ((), ("-p", "mlguard_pytest.plugin"))


def test_a_saved_account_is_read_again_each_run(project: pytest.Pytester) -> None:
    sound: Snapshot = snapshot(named("exposed"))
    assert outcomes(run(project, ASK, "-rA"))[EXPOSED] == "FAILED"
    save(project, sound)
    assert outcomes(run(project, ASK, "-rA"))[EXPOSED] == "PASSED"
