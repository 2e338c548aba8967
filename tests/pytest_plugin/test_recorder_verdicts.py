"""What comes of recordings: a test fails by what its role lacks, a run by what it has too much."""

from pathlib import Path

import pytest

moto = pytest.importorskip("moto")

from mlguard.snapshot import Gap  # noqa: E402  # moto is an extra
from tests.builders.account import gap  # noqa: E402
from tests.builders.iam import allow, aws_managed, iam_arn, inline, role, trust  # noqa: E402
from tests.pytest_plugin.project import outcomes, run, run_apart  # noqa: E402
from tests.pytest_plugin.recording import (  # noqa: E402
    BUCKET,
    READ,
    READS,
    WRITE,
    make,
    section,
    with_policy,
    written,
)

pytest_plugins = ("pytester",)

ROLE = iam_arn("role/notes-role")


def test_what_the_role_may_not_do_fails_the_test_that_called_it(pytester: pytest.Pytester) -> None:
    make(pytester, READ + WRITE, with_policy(READS))
    result = run(pytester, "-rA")
    assert outcomes(result) == {
        "test_own.py::test_read": "PASSED",
        "test_own.py::test_write": "FAILED",
    }
    (line,) = [line for line in result.outlines if line.startswith("missing ")]
    assert line == (
        f"missing s3:PutObject: {ROLE} may not do what test_own.py::test_write calls, and it would "
        f"fail in production: s3.PutObject needs s3:PutObject on {BUCKET}/b: no statement of the "
        "identity layer allows it. Allow it in the role's policies, or take the call out; "
        "--mlguard-write-policy DIR writes a policy with just what the tests call."
    )
    assert "Traceback" not in result.stdout.str()
    result.stdout.fnmatch_lines(["FAILED test_own.py::test_write - *missing s3:PutObject*"])
    assert "(called by test_own.py::test_write)" in section(result)


def test_a_deny_is_named(pytester: pytest.Pytester) -> None:
    deny = {"Sid": "NotThese", "Effect": "Deny", "Action": "s3:*", "Resource": f"{BUCKET}/*"}
    make(pytester, READ, with_policy(READS, deny))
    run(pytester).stdout.fnmatch_lines(["*statement NotThese of own (identity) denies*"])


def test_what_the_request_alone_could_decide_is_said_and_fails_nothing(
    pytester: pytest.Pytester,
) -> None:
    office = {"IpAddress": {"aws:SourceIp": "192.0.2.0/24"}}
    make(pytester, READ, with_policy({**READS, "Condition": office}))
    result = run(pytester)
    result.assert_outcomes(passed=1)
    assert (
        f"undecided: s3:GetObject on {BUCKET}/a, for s3.GetObject: if aws:SourceIp is in "
        "192.0.2.0/24" in section(result)
    )


def test_where_and_how_a_call_was_sent_is_known_of_it(pytester: pytest.Pytester) -> None:
    here = {"StringEquals": {"aws:RequestedRegion": "us-east-1"}}
    plain = {"Bool": {"aws:SecureTransport": "false"}}
    deny = {"Effect": "Deny", "Action": "*", "Resource": "*", "Condition": plain}
    make(pytester, READ, with_policy({**READS, "Condition": here}, deny))
    result = run(pytester)
    result.assert_outcomes(passed=1)
    assert "undecided" not in section(result)
    there = {"StringEquals": {"aws:RequestedRegion": "eu-west-1"}}
    make(pytester, READ, with_policy({**READS, "Condition": there}))
    run(pytester).assert_outcomes(failed=1)


def test_a_test_that_fails_by_itself_keeps_its_own_reason(pytester: pytest.Pytester) -> None:
    make(pytester, WRITE + "    assert 1 == 2\n", with_policy(READS))
    result = run(pytester)
    result.assert_outcomes(failed=1)
    result.stdout.fnmatch_lines(
        ["E *assert 1 == 2", "*- Captured mlguard call -*", "missing s3:PutObject: *"]
    )
    assert "did not come to their end" in section(result)


def test_excess_fails_from_the_budget_on(pytester: pytest.Pytester) -> None:
    make(pytester, READ, with_policy(READS, allow("s3:PutObject", "s3:DeleteObject")))
    result = run(pytester)
    assert result.ret == pytest.ExitCode.OK
    assert "1 of 3 granted actions used by 1 call in 1 test" in section(result)
    assert "excess: 2 actions that no test called: s3:DeleteObject, s3:PutObject" in section(result)
    assert run(pytester, "--mlguard-max-excess=2").ret == pytest.ExitCode.OK
    result = run(pytester, "--mlguard-max-excess=1")
    assert result.ret == pytest.ExitCode.TESTS_FAILED
    result.assert_outcomes(passed=1)
    assert (
        f"the run fails: {ROLE} is granted 2 actions that no test called, and may have 1: "
        "s3:DeleteObject, s3:PutObject. It uses 1 of 3 granted actions. Use instead: s3:GetObject "
        f"on {BUCKET}/a. --mlguard-write-policy DIR writes that as a policy." in section(result)
    )


def test_a_called_action_on_more_than_was_seen_is_wider_and_no_excess(
    pytester: pytest.Pytester,
) -> None:
    make(pytester, READ, with_policy(allow("s3:GetObject", resource="arn:aws:s3:::notes/*")))
    result = run(pytester, "--mlguard-max-excess=0")
    assert result.ret == pytest.ExitCode.OK
    said = section(result).partition("wider: ")[2]
    assert "grants s3:GetObject on arn:aws:s3:::notes/*; no test called s3:GetObject on " in said
    assert "excess" not in section(result)
    make(pytester, READ, with_policy(allow("s3:GetObject", resource=f"{BUCKET}/a")))
    assert "wider" not in section(run(pytester))


IN_INI = """\
[pytest]
mlguard_source = snap.json
mlguard_max_excess = 0
mlguard_write_policy = out
"""
IN_TOML = """\
[tool.pytest.ini_options]
mlguard_source = "snap.json"
mlguard_max_excess = "0"
mlguard_write_policy = "out"
"""
IN_NATIVE = """\
[tool.pytest]
mlguard_source = "snap.json"
mlguard_max_excess = 0
mlguard_write_policy = "out"
"""
NATIVE = pytest.mark.skipif(
    pytest.version_tuple < (9,), reason="pytest reads [tool.pytest] from 9.0 on"
)


@pytest.mark.parametrize("ini", [IN_INI, IN_TOML, pytest.param(IN_NATIVE, marks=NATIVE)])
def test_the_ini_file_has_equivalents(pytester: pytest.Pytester, ini: str) -> None:
    make(pytester, READ, with_policy(READS, allow("s3:PutObject")))
    name = "pytest.ini" if ini.startswith("[pytest]") else "pyproject.toml"
    (pytester.path / "pytest.ini").unlink()
    (pytester.path / name).write_text(ini)
    assert run(pytester).ret == pytest.ExitCode.TESTS_FAILED
    assert (pytester.path / "out" / "notes-role.json").exists()
    result = run(pytester, "--mlguard-max-excess=1", "--mlguard-write-policy=other")
    assert result.ret == pytest.ExitCode.OK
    assert (pytester.path / "other" / "notes-role.json").exists()


@pytest.mark.parametrize("budget", ["many", "-1", "1.5"])
def test_a_budget_that_is_no_number_is_refused(pytester: pytest.Pytester, budget: str) -> None:
    make(pytester, READ, with_policy(READS))
    result = run(pytester, f"--mlguard-max-excess={budget}")
    assert result.ret == pytest.ExitCode.USAGE_ERROR
    result.stderr.fnmatch_lines(["ERROR: --mlguard-max-excess: *give 0 or more"])
    make(pytester, READ, ini=f"mlguard_max_excess = {budget}\n")
    assert run(pytester).ret == pytest.ExitCode.USAGE_ERROR


def test_a_negative_budget_in_the_ini_file_is_refused(pytester: pytest.Pytester) -> None:
    make(pytester, READ, ini="mlguard_max_excess = -1\n")
    result = run(pytester)
    assert result.ret == pytest.ExitCode.USAGE_ERROR
    result.stderr.fnmatch_lines(["ERROR: mlguard_max_excess: -1 is negative; give 0 or more"])


def test_without_a_source_it_records_and_holds_nothing(pytester: pytest.Pytester) -> None:
    make(pytester, READ, ini="")
    result = run(pytester)
    result.assert_outcomes(passed=1)
    assert (
        "notes-role: 1 call in 1 test, not held against the role: no source (give "
        "--mlguard=SOURCE or mlguard_source)" in section(result)
    )
    # In which account its resources stand, nothing tells: no policy is made up.
    result = run(pytester, "--mlguard-write-policy=out")
    assert result.ret == pytest.ExitCode.TESTS_FAILED
    assert "notes-role: no policy is written: " in section(result)
    assert not (pytester.path / "out").exists()


@pytest.mark.parametrize(
    ("tests", "said"),
    [
        (READ, "no role is called 'notes-role': did you mean notes-rol"),
        (READ.replace("notes-role", "x"), "no role is called"),
    ],
)
def test_a_role_that_is_not_there_fails(pytester: pytest.Pytester, tests: str, said: str) -> None:
    make(pytester, tests, role("notes-rol"))
    result = run(pytester)
    result.assert_outcomes(failed=1)
    result.stdout.fnmatch_lines([f"*not held against notes-role: {said}*"])
    assert said in section(result)


def test_a_source_that_cannot_be_read_fails(pytester: pytest.Pytester) -> None:
    make(pytester, READ, ini="mlguard_source = absent.json\n")
    result = run(pytester)
    result.assert_outcomes(failed=1)
    result.stdout.fnmatch_lines(["*not held against notes-role: *absent.json: cannot be read*"])


def unread(pytester: pytest.Pytester) -> None:
    kept = aws_managed("AmazonS3FullAccess")
    gaps: tuple[Gap, ...] = (gap("ManagedPolicy", subject=kept.arn),)
    holder = role("notes-role", inline_policies=(inline(READS),), attached_policies=(kept,))
    make(pytester, WRITE, holder, gaps=gaps)


def test_a_role_of_which_a_policy_was_not_read_is_not_evaluated(pytester: pytest.Pytester) -> None:
    unread(pytester)
    result = run(pytester)
    result.assert_outcomes(passed=1)
    assert f"{ROLE} is not evaluated: " in section(result)
    assert "missing" not in section(result)


def test_a_role_that_is_not_evaluated_fails_where_asked_to_be_strict(
    pytester: pytest.Pytester,
) -> None:
    unread(pytester)
    result = run(pytester, "--mlguard-strict")
    result.assert_outcomes(failed=1)
    result.stdout.fnmatch_lines([f"{ROLE} is not evaluated: *"])


def test_an_operation_that_is_not_mapped_is_said(pytester: pytest.Pytester) -> None:
    make(
        pytester,
        "@record\n"
        "def test_read():\n"
        "    boto3.client('cognito-idp', region_name='us-east-1').sign_up\n"
        "    try:\n"
        "        boto3.client('mturk', region_name='us-east-1').get_account_balance()\n"
        "    except Exception:\n"
        "        pass\n",
        with_policy(READS),
    )
    assert "not mapped: mturk.GetAccountBalance: " in section(run(pytester))


TRAINING = """
@record
def test_train():
    boto3.client("sagemaker").create_training_job(
        TrainingJobName="breeds",
        RoleArn="arn:aws:iam::123456789012:role/training-role",
        AlgorithmSpecification={
            "TrainingImage": "123456789012.dkr.ecr.us-east-1.amazonaws.com/breeds:1",
            "TrainingInputMode": "File",
        },
        OutputDataConfig={"S3OutputPath": "s3://notes/out"},
        ResourceConfig={"InstanceType": "ml.m5.large", "InstanceCount": 1, "VolumeSizeInGB": 1},
        StoppingCondition={"MaxRuntimeInSeconds": 60},
    )
"""
TRAINS = allow("sagemaker:CreateTrainingJob", resource="*")


def test_passing_a_role_is_needed_and_what_the_passed_role_lacks_is_said(
    pytester: pytest.Pytester,
) -> None:
    passed = role("training-role", trust_policy=trust(Service="sagemaker.amazonaws.com"))
    make(pytester, TRAINING, with_policy(TRAINS), passed)
    result = run(pytester)
    result.assert_outcomes(failed=1)
    result.stdout.fnmatch_lines([f"missing iam:PassRole: {ROLE} *on {passed.arn}: no statement*"])
    assert (
        f"passed on: {passed.arn} lacks s3:PutObject on arn:aws:s3:::notes/out/*, which "
        "sagemaker.CreateTrainingJob makes it need: no statement of the identity layer allows it"
        in section(result)
    )
    passes = allow("iam:PassRole", resource=passed.arn)
    make(pytester, TRAINING, with_policy(TRAINS, passes), passed)
    run(pytester).assert_outcomes(passed=1)


IN_MOTO = """
POLICY = (
    '{"Version": "2012-10-17",'
    ' "Statement": {"Effect": "Allow", "Action": "%s", "Resource": "*"}}'
)


@pytest.fixture
def mlguard_session(aws):
    iam = boto3.client("iam")
    iam.create_role(RoleName="notes-role", AssumeRolePolicyDocument=(
        '{"Version": "2012-10-17", "Statement": [{"Effect": "Allow", "Action": "sts:AssumeRole",'
        ' "Principal": {"Service": "lambda.amazonaws.com"}}]}'
    ))
    iam.put_role_policy(RoleName="notes-role", PolicyName="own", PolicyDocument=POLICY % "s3:Get*")
    return boto3.Session(region_name="us-east-1")
"""


@pytest.mark.parametrize("workers", [(), ("-n", "2")])
def test_a_role_that_the_test_has_made_is_read_in_the_test(
    pytester: pytest.Pytester, workers: tuple[str, ...]
) -> None:
    again = READ.replace("test_read", "test_again")
    make(pytester, IN_MOTO + READ + again + WRITE, ini="")
    result = run_apart(pytester, "-rA", "--mlguard-max-excess=0", *workers)
    assert outcomes(result) == {
        "test_own.py::test_read": "PASSED",
        "test_own.py::test_again": "PASSED",
        "test_own.py::test_write": "FAILED",
    }
    assert section(result).count("granted actions used by 3 calls in 3 tests") == 1
    assert "excess: " in section(result)


@pytest.mark.parametrize("workers", [(), ("-n", "2")])
def test_recordings_of_all_processes_are_judged_once(
    pytester: pytest.Pytester, workers: tuple[str, ...]
) -> None:
    make(pytester, READ + WRITE, with_policy(allow("s3:GetObject", "s3:PutObject")))
    result = run_apart(
        pytester,
        "--mlguard-max-excess=0",
        "--mlguard-write-policy=out",
        "--strict-markers",
        *workers,
    )
    assert result.ret == pytest.ExitCode.OK
    assert section(result).count("2 of 2 granted actions used by 2 calls in 2 tests") == 1
    statements = written(pytester)
    assert [one["Action"] for one in statements] == ["s3:GetObject", "s3:PutObject"]


@pytest.mark.parametrize("workers", [(), ("-n", "2")])
def test_what_was_recorded_before_the_end_is_not_lost(
    pytester: pytest.Pytester, workers: tuple[str, ...]
) -> None:
    make(pytester, READ + WRITE + "    assert 0\n", with_policy(allow("s3:*")))
    result = run_apart(pytester, "-x", "--mlguard-max-excess=0", *workers)
    assert result.ret in {pytest.ExitCode.TESTS_FAILED, pytest.ExitCode.INTERRUPTED}
    assert "did not come to their end, so calls may be wanting: test_own.py::test_write" in section(
        result
    )


def test_the_recorder_without_a_role_holds_nobody(pytester: pytest.Pytester) -> None:
    make(
        pytester,
        "def test_read(mlguard_recorder):\n"
        "    boto3.client('s3').get_object(Bucket='notes', Key='a')\n",
        ini="",
    )
    result = run(pytester)
    result.assert_outcomes(passed=1)
    assert "mlguard recorder" not in result.stdout.str()


def test_the_recorder_can_be_told_its_role_by_the_test(pytester: pytest.Pytester) -> None:
    make(
        pytester,
        "def test_write(mlguard_recorder):\n"
        "    mlguard_recorder.role = 'notes-role'\n"
        "    boto3.client('s3').put_object(Bucket='notes', Key='b', Body=b'b')\n",
        with_policy(READS),
    )
    run(pytester).assert_outcomes(failed=1)


def test_nothing_of_it_is_loaded_where_nobody_records(pytester: pytest.Pytester) -> None:
    make(pytester, "", ini="")
    Path(pytester.path / "test_own.py").write_text(
        "import sys\n\n"
        "def test_one():\n"
        "    assert {'botocore', 'mlguard', 'msgspec'}.isdisjoint(sys.modules)\n"
    )
    result = run_apart(pytester, "--mlguard-max-excess=0", "--mlguard-write-policy=out")
    assert result.ret == pytest.ExitCode.OK
    assert "mlguard recorder" not in result.stdout.str()
