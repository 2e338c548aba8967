"""The facade in a user's tests: with moto, with the run's source, in process and in workers."""

import pytest

from tests.pytest_plugin.project import make, outcomes, run, run_apart

pytest_plugins = ("pytester",)

ROLES = """
import boto3
import pytest
from mlguard_pytest import assert_cannot, assert_not_administrator
from mlguard_pytest.builders import allow, role

READ = allow("s3:GetObject", on="arn:aws:s3:::data/*", sid="Read")
WRITE = allow("s3:PutObject", on="arn:aws:s3:::data/*", sid="Write")
"""

PASSES = """
def test_one(mlguard, mlguard_moto):
    role("reader", READ).create(boto3.client("iam"))
    assert mlguard.role("reader").permissions <= {"s3:GetObject on arn:aws:s3:::data/*"}
    assert "s3:PutObject" not in mlguard.role("reader").permissions
    assert mlguard.role("reader").can("s3:GetObject", "arn:aws:s3:::data/x")
    assert_cannot(mlguard.role("reader"), "s3:Put*")
    assert_not_administrator(mlguard.role("reader"))
    assert [one.check for one in mlguard.role("reader").findings] == ["role-orphaned-lambda"]
"""

FAILS = """
def test_two(mlguard, mlguard_moto):
    role("writer", READ, WRITE).create(boto3.client("iam"))
    assert mlguard.role("writer").permissions <= {"s3:GetObject on arn:aws:s3:::data/*"}

def test_three(mlguard, mlguard_moto):
    role("writer", READ, WRITE).create(boto3.client("iam"))
    assert_cannot(mlguard.role("writer"), "s3:Put*")
"""

SAID = [
    "E *assert <permissions of writer> go beyond the one entry:",
    "E * s3:PutObject on arn:aws:s3:::data/example  (own[[]Write])",
    'E * to mend: narrow these statements, or allow "s3:PutObject on arn:aws:s3:::data/example"*',
    "E *AssertionError: writer may: s3:PutObject on * (own[[]Write]); take it out of*",
]


@pytest.fixture
def project(pytester: pytest.Pytester) -> pytest.Pytester:
    pytest.importorskip("moto")
    make(pytester)
    return pytester


def write(project: pytest.Pytester, text: str) -> None:
    (project.path / "tests" / "test_own.py").write_text(text)


@pytest.mark.parametrize("workers", [(), ("-n", "2")], ids=["alone", "workers"])
def test_what_a_test_has_made_is_judged(project: pytest.Pytester, workers: tuple[str, ...]) -> None:
    write(project, ROLES + PASSES + FAILS)
    result = run_apart(project, "--strict-markers", "-rA", *workers)
    assert outcomes(result) == {
        "tests/test_own.py::test_one": "PASSED",
        "tests/test_own.py::test_two": "FAILED",
        "tests/test_own.py::test_three": "FAILED",
    }
    # In CI pytest cuts nothing; workers report in any order.
    for line in SAID:
        result.stdout.fnmatch_lines([line])
    assert "mlguard_pytest/" not in result.stdout.str().partition("= FAILURES =")[2]


def test_in_the_same_process_too(project: pytest.Pytester) -> None:
    write(project, ROLES + PASSES + FAILS)
    run(project).assert_outcomes(passed=1, failed=2)


def test_a_run_that_audits_something_else_does_not_matter_inside_moto(
    project: pytest.Pytester,
) -> None:
    write(project, ROLES + PASSES)
    run(project, "--mlguard=snap.json", "tests", "-k", "test_one").assert_outcomes(
        passed=1, deselected=13
    )


def test_what_was_read_stays_until_it_is_read_again(project: pytest.Pytester) -> None:
    write(
        project,
        ROLES
        + """
def test_one(mlguard, mlguard_moto):
    role("first", READ).create(boto3.client("iam"))
    assert mlguard.role("first").name == "first"
    role("second", READ).create(boto3.client("iam"))
    with pytest.raises(LookupError, match="no role is called 'second': there is first"):
        mlguard.role("second")
    assert mlguard.reread().role("second").name == "second"
""",
    )
    run(project).assert_outcomes(passed=1)


def test_inside_a_mock_of_the_users_nothing_is_missing(project: pytest.Pytester) -> None:
    # Moto alone refuses some of what an audit reads: that would leave findings in doubt.
    write(
        project,
        ROLES
        + """
from moto import mock_aws

@pytest.fixture(autouse=True)
def aws(monkeypatch):
    monkeypatch.setenv("AWS_DEFAULT_REGION", "us-east-1")
    with mock_aws():
        yield

def test_one(mlguard):
    role("reader", READ).create(boto3.client("iam"))
    assert mlguard.snapshot.gaps == ()
    assert [one.check for one in mlguard.role("reader").findings] == ["role-orphaned-lambda"]

def test_both(mlguard, mlguard_moto):
    role("reader", READ).create(boto3.client("iam"))
    assert [one.check for one in mlguard.role("reader").findings] == ["role-orphaned-lambda"]
""",
    )
    run(project).assert_outcomes(passed=2)


def test_a_session_of_the_users_reads_another_region_of_the_same_account(
    project: pytest.Pytester,
) -> None:
    write(
        project,
        ROLES
        + """
@pytest.fixture
def mlguard_session(mlguard_moto):
    return boto3.Session(region_name="eu-west-1")

def test_one(mlguard):
    role("reader", READ).create(boto3.client("iam"))
    assert mlguard.snapshot.regions == ("eu-west-1",)
    assert [one.check for one in mlguard.role("reader").findings] == ["role-orphaned-lambda"]
""",
    )
    run(project).assert_outcomes(passed=1)


def test_functions_and_endpoints_are_found_by_name(project: pytest.Pytester) -> None:
    write(
        project,
        """
import pytest

def test_one(mlguard):
    function = mlguard.function("dog-breed-invoke")
    assert function.role.name == "dog-breed-lambda"
    assert "function-public-policy" in {one.check for one in function.findings}
    assert mlguard.endpoint("dog-breed").arn.endswith(":endpoint/dog-breed")
    with pytest.raises(LookupError, match="no function is called 'dog-bread-invoke': did you"):
        mlguard.function("dog-bread-invoke")

def test_two(mlguard):
    from mlguard_pytest import assert_scales
    assert_scales(mlguard.endpoint("dog-breed"))
""",
    )
    result = run_apart(project, "--mlguard=demo", "tests/test_own.py", "-k", "test_own", "-rA")
    found = outcomes(result)
    assert found["tests/test_own.py::test_one"] == "PASSED"
    assert found["tests/test_own.py::test_two"] == "FAILED"
    result.stdout.fnmatch_lines(["E *dog-breed does not scale: the variant runs on ml.t2.medium*"])
