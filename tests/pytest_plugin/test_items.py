"""Items: one test for each check and resource, beside the user's own and never instead of them."""

import re
import xml.etree.ElementTree as ET

import pytest

from tests.builders.account import gap
from tests.pytest_plugin.project import (
    EXPOSED,
    OWN,
    account,
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


@pytest.fixture
def project(pytester: pytest.Pytester) -> pytest.Pytester:
    make(pytester)
    return pytester


def test_each_check_and_resource_is_a_test_under_the_configuration(
    project: pytest.Pytester,
) -> None:
    found = collected(run(project, ASK, "--collect-only", "-q"))
    assert EXPOSED in found
    assert "mlguard.toml::notebook-instance-type[dear]" in found
    assert "mlguard.toml::endpoint-idle[*]" in found
    assert len(found) == len(set(found))


def test_a_failure_is_the_reporters_paragraph_without_a_traceback(
    project: pytest.Pytester,
) -> None:
    result = run(project, ASK)
    assert result.ret == 1
    shown = result.stdout.str()
    assert "notebook-direct-internet  Notebook has direct internet access" in shown
    assert "direct internet access is enabled" in shown
    assert "fix: " in shown
    assert "Traceback" not in shown
    assert "items.py" not in shown
    result.assert_outcomes(passed=9, failed=1, skipped=5)


def test_the_short_summary_says_severity_and_message(project: pytest.Pytester) -> None:
    result = run(project, ASK, "-v", "--tb=line")
    result.stdout.fnmatch_lines(["FAILED mlguard.toml::notebook-direct-internet* - HIGH: direct*"])
    result.stdout.fnmatch_lines(["*mlguard.toml:1: HIGH: direct internet*"])


def test_findings_below_the_bar_pass_and_are_listed(project: pytest.Pytester) -> None:
    result = run(project, ASK, "-rA")
    assert outcomes(result)["mlguard.toml::notebook-instance-type[dear]"] == "PASSED"
    result.stdout.fnmatch_lines(["  MEDIUM  notebook-instance-type[[]dear]*ml.m5.xlarge*"])


def test_what_could_not_be_read_is_skipped_with_its_reason(project: pytest.Pytester) -> None:
    result = run(project, ASK, "-rs")
    result.stdout.fnmatch_lines(["SKIPPED*mlguard.toml*sagemaker:ListEndpoints: denied*"])


def test_what_could_not_be_read_fails_if_strict(project: pytest.Pytester) -> None:
    result = run(project, ASK, "--mlguard-strict", "-rA")
    assert outcomes(result)["mlguard.toml::endpoint-idle[*]"] == "FAILED"
    assert "missing permission: sagemaker:ListEndpoints" in result.stdout.str()


def test_a_gap_that_no_check_met_is_a_test_of_its_own(project: pytest.Pytester) -> None:
    save(project, snapshot(gaps=(gap("NotebookLifecycle"),)))
    assert collected(run(project, ASK, "--collect-only", "-q", "mlguard.toml")) == [
        "mlguard.toml::audit"
    ]
    run(project, ASK, "mlguard.toml").assert_outcomes(skipped=1)
    run(project, ASK, "mlguard.toml", "--mlguard-strict").assert_outcomes(failed=1)


def test_an_account_without_anything_to_judge_is_no_pass(project: pytest.Pytester) -> None:
    save(project, snapshot())
    result = run(project, ASK, "-rs")
    result.stdout.fnmatch_lines(["SKIPPED*no check found a resource to judge*"])
    run(project, ASK, "--mlguard-strict").assert_outcomes(passed=2, failed=1)


@pytest.mark.parametrize(
    "arguments",
    [
        (ASK,),
        (ASK, "tests"),
        (ASK, "."),
        (ASK, ".", "mlguard.toml"),
        (ASK, "tests", "mlguard.toml"),
        (ASK, "mlguard.toml", "tests"),
        (ASK, *OWN),
        (ASK, "tests", "."),
        ("-o", "mlguard_source=snap.json", "--mlguard", "tests"),
        ("-o", "mlguard_source=snap.json", "--mlguard", "tests", "./tests/../mlguard.toml"),
        ("-o", "addopts=--mlguard=snap.json", "tests"),
        ("-o", "addopts=--mlguard", "-o", "mlguard_source=snap.json", "tests/test_own.py"),
        ("-o", "mlguard=true", "-o", "mlguard_source=snap.json", "tests"),
    ],
    ids=" ".join,
)
def test_the_users_tests_run_once_whatever_paths_are_given(
    project: pytest.Pytester, arguments: tuple[str, ...]
) -> None:
    (project.path / "tests" / "conftest.py").write_text(
        "def pytest_addoption(parser):\n    parser.addoption('--theirs')\n"
    )
    found = collected(run(project, *arguments, "--collect-only", "-q"))
    assert [each for each in found if each in OWN] == list(OWN)
    audited = [each for each in found if each not in OWN]
    assert len(audited) == len(set(audited)) == 13
    assert EXPOSED in audited


def test_a_conftest_below_a_path_after_the_flag_is_read_in_time(project: pytest.Pytester) -> None:
    (project.path / "tests" / "conftest.py").unlink(missing_ok=True)
    deep = project.path / "deep"
    deep.mkdir()
    (deep / "conftest.py").write_text(
        "def pytest_addoption(parser):\n    parser.addoption('--theirs')\n"
    )
    (deep / "test_deep.py").write_text("def test_deep():\n    pass\n")
    ask = ("-o", "mlguard_source=snap.json", "--mlguard")
    result = run(project, *ask, "deep", "--theirs=1", "--collect-only", "-q")
    assert "deep/test_deep.py::test_deep" in collected(result)


def test_a_node_id_on_the_command_line_runs_that_test_alone(project: pytest.Pytester) -> None:
    run(project, ASK, EXPOSED).assert_outcomes(failed=1)
    run(project, ASK, EXPOSED, OWN[0]).assert_outcomes(failed=1, passed=1)
    run(project, ASK, "mlguard.toml::notebook-direct-internet").assert_outcomes(failed=1, passed=1)
    run(project, ASK, "mlguard.toml").assert_outcomes(failed=1, passed=7, skipped=5)
    run(project, ASK, "mlguard.toml", EXPOSED).assert_outcomes(failed=1, passed=7, skipped=5)


def test_k_and_deselect_choose(project: pytest.Pytester) -> None:
    run(project, ASK, "-k", "notebook-direct-internet").assert_outcomes(
        failed=1, passed=1, deselected=13
    )
    run(project, ASK, "-k", "not mlguard").assert_outcomes(passed=2, deselected=13)
    run(project, ASK, "--deselect", EXPOSED).assert_outcomes(passed=9, skipped=5, deselected=1)


@pytest.mark.parametrize(
    ("expression", "expected"),
    [
        ("mlguard", 13),
        ("not mlguard", 2),
        ("mlguard(check='notebook-left-running')", 2),
        ("mlguard(severity='medium')", 8),
        ("mlguard(resource='exposed', severity='high')", 2),
    ],
)
def test_m_chooses_by_what_is_in_the_marker(
    project: pytest.Pytester, expression: str, expected: int
) -> None:
    found = collected(run(project, ASK, "-m", expression, "--collect-only", "-q"))
    assert len(found) == expected


def test_x_stops_and_lf_runs_the_failure_again(project: pytest.Pytester) -> None:
    (project.path / "tests" / "test_own.py").write_text("def test_one():\n    assert 0\n")
    run(project, ASK, "-x").assert_outcomes(failed=1)
    run(project, ASK).assert_outcomes(failed=2, passed=7, skipped=5)
    run(project, ASK, "--lf").assert_outcomes(failed=2)
    save(project, snapshot(named("exposed"), named("dear")))
    run(project, ASK, "--lf").assert_outcomes(failed=1, passed=1)
    run(project, ASK, "--lf").assert_outcomes(failed=1)


def test_junit_names_check_severity_resource_and_fingerprint(project: pytest.Pytester) -> None:
    run(project, ASK, "--junitxml=out.xml")
    cases = ET.parse(project.path / "out.xml").iter("testcase")  # noqa: S314  # our own
    case = next(each for each in cases if each.get("name") == "notebook-direct-internet[exposed]")
    assert case.get("classname") == "mlguard.toml"
    properties = {each.get("name"): each.get("value") or "" for each in case.iter("property")}
    assert properties["check"] == "notebook-direct-internet"
    assert properties["severity"] == "high"
    assert properties["resource"] == "exposed"
    assert properties["arn"] == named("exposed").arn
    assert re.fullmatch("[0-9a-f]{64}", properties["fingerprint"])
    failure = case.find("failure")
    assert failure is not None
    assert (failure.get("message") or "").startswith("HIGH: direct internet access")
    assert "fix: " in (failure.text or "")


def test_resources_of_one_name_are_told_apart_by_their_arns(project: pytest.Pytester) -> None:
    here, there = named("twin"), named("twin", region="eu-west-1")
    save(project, snapshot(here, there, named("other")))
    found = collected(run(project, ASK, "--collect-only", "-q"))
    for place in (here, there):
        assert f"mlguard.toml::notebook-direct-internet[{place.arn}]" in found
    assert "mlguard.toml::notebook-direct-internet[other]" in found
    one = f"mlguard.toml::notebook-direct-internet[{here.arn}]"
    run(project, ASK, one).assert_outcomes(passed=1)


def test_gaps_of_one_name_are_numbered(project: pytest.Pytester) -> None:
    gaps = (gap("Endpoint", operation="a:A"), gap("Endpoint", operation="b:B"))
    save(project, snapshot(gaps=gaps))
    found = collected(run(project, ASK, "--collect-only", "-q", "-k", "endpoint-idle"))
    assert len(found) == len(set(found)) == 2


@pytest.mark.parametrize(
    "name", ["\x1b[31mred", "a\nb", "[red]x[/red]", "a::b", "a]b[c", "é\u202e", "</script>", "a b"]
)
def test_a_hostile_name_is_shown_and_can_be_asked_for(project: pytest.Pytester, name: str) -> None:
    save(project, snapshot(named(name, direct_internet_access=True)))
    found = outcomes(run(project, ASK, "-rA", "--tb=no"))
    failed = [node_id for node_id, word in found.items() if word == "FAILED"]
    assert len(failed) == 1
    result = run(project, ASK, failed[0])
    result.assert_outcomes(failed=1)
    assert "\x1b" not in result.stdout.str()
    assert "\u202e" not in result.stdout.str()


def test_the_tests_stand_under_pyproject_if_that_is_the_configuration(
    pytester: pytest.Pytester,
) -> None:
    save(pytester, account())
    pytester.makepyprojecttoml("[tool.mlguard]\nfail-on = 'medium'\n")
    result = run(pytester, ASK, "-rA")
    found = outcomes(result)
    assert found["pyproject.toml::notebook-instance-type[dear]"] == "FAILED"
    run(pytester, ASK, "pyproject.toml::notebook-instance-type[dear]").assert_outcomes(failed=1)


def test_without_a_configuration_the_tests_stand_under_the_ini_file(
    pytester: pytest.Pytester,
) -> None:
    save(pytester, account())
    pytester.makeini("[pytest]\n")
    node_id = "tox.ini::notebook-direct-internet[exposed]"
    assert node_id in outcomes(run(pytester, ASK, "-rA"))
    run(pytester, ASK, node_id).assert_outcomes(failed=1)


def test_without_any_file_the_tests_stand_where_one_would_be(pytester: pytest.Pytester) -> None:
    save(pytester, account())
    pytester.makepyfile(test_own="def test_own():\n    assert 0\n")
    assert outcomes(run(pytester, ASK, "-rA"))[EXPOSED] == "FAILED"
    run(pytester, ASK, "--lf").assert_outcomes(failed=2)
    run(pytester, ASK, EXPOSED).assert_outcomes(failed=1)


def test_a_word_after_two_dashes_stays_a_path(project: pytest.Pytester) -> None:
    ask = ("-o", "mlguard_source=snap.json", "--collect-only", "-q", "--mlguard", "--", "tests")
    found = collected(run(project, *ask))
    assert set(OWN) < set(found)


def test_an_unknown_name_is_an_error_as_for_any_test(project: pytest.Pytester) -> None:
    result = run(project, ASK, "mlguard.toml::role-unused[nobody]", OWN[0])
    assert result.ret == pytest.ExitCode.USAGE_ERROR
    result.stderr.fnmatch_lines(["ERROR: not found: mlguard.toml::role-unused[[]nobody]"])


def test_a_configuration_above_and_below_the_root_is_found(pytester: pytest.Pytester) -> None:
    make(pytester)
    inner = pytester.mkdir("service")
    (inner / "mlguard.toml").write_text("fail-on = 'medium'\n")
    (inner / "test_service.py").write_text("def test_service():\n    pass\n")
    pytester.chdir()
    with pytest.MonkeyPatch.context() as patch:
        patch.chdir(inner)
        found = collected(run(pytester, "--mlguard=../snap.json", "--collect-only", "-q"))
        assert "service/mlguard.toml::notebook-direct-internet[exposed]" in found
        (inner / "mlguard.toml").unlink()
        above = ("--rootdir", str(inner), "-c", "/dev/null")
        found = collected(run(pytester, *above, "--mlguard=../snap.json", "--collect-only", "-q"))
        assert "../mlguard.toml::notebook-direct-internet[exposed]" in found


def test_strict_markers_pass(project: pytest.Pytester) -> None:
    (project.path / "tests" / "test_own.py").write_text(
        "import pytest\n\n@pytest.mark.mlguard_record('role')\ndef test_one():\n    pass\n"
    )
    result = run(project, ASK, "--strict-markers", "--strict-config", "-W", "error")
    # The source has no such role: what a test asks for and does not get is no pass.
    result.assert_outcomes(passed=7, failed=2, skipped=5)
    result.stdout.fnmatch_lines(["not held against role: *the source reads no roles*"])
    assert "mlguard_record(role)" in run(project, "--markers").stdout.str()


def test_all_of_it_in_a_process_of_its_own(project: pytest.Pytester) -> None:
    result = run_apart(project, ASK, "tests", "-rA")
    found = outcomes(result)
    assert found[EXPOSED] == "FAILED"
    assert all(found[each] == "PASSED" for each in OWN)
    result.assert_outcomes(passed=9, failed=1, skipped=5)
