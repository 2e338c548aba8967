"""A pipeline file read without AWS: what its steps would make, or the place of what is wrong."""

import json
import subprocess
import sys
from pathlib import Path
from typing import Any

import botocore.session
import pytest

from mlguard.errors import FileError
from mlguard.resources.iam import Role
from mlguard.snapshot import GapReason
from mlguard.sources.pipeline_file import OPERATIONS
from tests.sources.pipeline.plans import (
    ACCOUNT,
    CONFIG,
    ENDPOINT,
    FUNCTION,
    NOTEBOOK,
    REGION,
    REGISTER,
    ROLE,
    ROLE_ARN,
    TARGET,
    document,
    plan,
    read,
    step,
)

ROOT = Path(__file__).parents[2]


def test_the_partition_follows_the_region() -> None:
    snapshot = plan(ROLE, region="cn-north-1")
    assert snapshot.of(Role)[0].arn == f"arn:aws-cn:iam::{ACCOUNT}:role/dogs"


def test_a_snapshot_of_a_plan_is_the_same_each_time() -> None:
    assert plan(ROLE, NOTEBOOK, FUNCTION).to_json() == plan(ROLE, NOTEBOOK, FUNCTION).to_json()


# What is not known


def test_an_operation_that_is_not_known_is_a_gap_that_names_it() -> None:
    snapshot = plan(step("space", "sagemaker:CreateSpace", DomainId="d"))
    (gap,) = snapshot.gaps
    assert (gap.reason, gap.operation) == (GapReason.UNSUPPORTED, "sagemaker:CreateSpace")
    assert {"NotebookInstance", "Endpoint", "TrainingJob"} <= set(gap.kinds)
    assert gap.region == REGION


def test_an_unknown_operation_of_iam_is_a_global_gap() -> None:
    (gap,) = plan(step("x", "iam:DetachRolePolicy", RoleName="r", PolicyArn="a")).gaps
    assert (gap.region, set(gap.kinds)) == ("global", {"Role", "User", "Group", "ManagedPolicy"})


def test_an_unknown_service_is_a_gap_in_none_of_our_kinds() -> None:
    (gap,) = plan(step("x", "glue:CreateJob", Name="j")).gaps
    assert gap.kinds == ()


def test_what_needs_the_answer_of_an_unknown_step_is_a_gap_too() -> None:
    first = step("x", "glue:CreateJob", Name="j")
    name = {"$step": "x", "$result": "Name"}
    second = step("y", "lambda:PublishVersion", FunctionName=name)
    third = step("z", "lambda:PublishVersion", FunctionName={"$step": "y", "$result": "V"})
    gaps = plan(first, second, third).gaps
    assert [gap.operation for gap in gaps] == [
        "glue:CreateJob",
        "lambda:PublishVersion",
        "lambda:PublishVersion",
    ]
    assert "'x'" in gaps[1].detail
    assert "Function" in gaps[1].kinds


@pytest.mark.parametrize(
    ("change", "kind", "arn"),
    [
        (
            step("x", "iam:AttachRolePolicy", RoleName="theirs", PolicyArn="arn:aws:iam::aws:p/q"),
            "Role",
            f"arn:aws:iam::{ACCOUNT}:role/theirs",
        ),
        (
            step("x", "lambda:PublishVersion", FunctionName="theirs"),
            "Function",
            f"arn:aws:lambda:{REGION}:{ACCOUNT}:function:theirs",
        ),
        (ENDPOINT, "Endpoint", f"arn:aws:sagemaker:{REGION}:{ACCOUNT}:endpoint/dogs"),
        (
            step(
                "x",
                "application-autoscaling:PutScalingPolicy",
                PolicyName="p",
                PolicyType="TargetTrackingScaling",
                **TARGET,
            ),
            "ScalableTarget",
            None,
        ),
    ],
    ids=lambda value: value["operation"] if isinstance(value, dict) else "",
)
def test_a_change_to_what_the_file_does_not_make_is_a_gap_in_that(
    change: dict[str, Any], kind: str, arn: str | None
) -> None:
    (gap,) = plan(change).gaps
    assert (gap.reason, gap.kinds) == (GapReason.INCOMPLETE, (kind,))
    assert arn is None or gap.subject == arn


def test_a_role_that_the_file_does_not_make_is_a_gap_once() -> None:
    other = FUNCTION["parameters"] | {"FunctionName": "cats"}
    snapshot = plan(FUNCTION, FUNCTION | {"id": "other", "parameters": other})
    (gap,) = snapshot.gaps
    assert (gap.kinds, gap.subject, gap.region) == (("Role",), ROLE_ARN, "global")


# What is wrong


GOOD = json.dumps(document(ROLE)).encode()


@pytest.mark.parametrize(
    ("text", "says"),
    [
        (b"", ("the file is empty",)),
        (b"  \n", ("the file is empty",)),
        (GOOD[:60], ("cut off after 60 bytes",)),
        (b"\x80", ("is not JSON",)),
        (b"[]", ("Expected `object`",)),
        (b"{}", ("schema_version: 1 was expected, nothing was found",)),
        (b'{"schema_version": 2}', ("schema_version 2 is newer", "update mlguard")),
        (b'{"schema_version": "1"}', ("schema_version: 1 was expected",)),
        (b'{"schema_version": 1}', ("missing required field `account`",)),
        (GOOD[:-1] + b', "colour": 1}', ("unknown field `colour`",)),
        (GOOD.replace(b'"123456789012"', b'"12"'), ("account: ",)),
        (GOOD.replace(b'"us-east-1"', b'"Virginia"'), ("region: ",)),
        (GOOD.replace(b'"id"', b'"name"'), ("steps[0]: ", "unknown field `name`")),
        (GOOD.replace(b'"CreateRole"', b'"create_role"'), ("steps[0].operation: ",)),
        (GOOD.replace(b'"role"', b'""'), ("steps[0].id: ",)),
        (b'{"schema_version": 1, "x": ' + b"[" * 100_000, ("plan.json: ",)),
    ],
)
def test_a_file_that_is_none_says_what_and_where(text: bytes, says: tuple[str, ...]) -> None:
    with pytest.raises(FileError) as raised:
        read(text)
    assert str(raised.value).startswith("plan.json: ")
    assert "\n" not in str(raised.value)
    for part in says:
        assert part in str(raised.value)


def test_a_file_cut_anywhere_is_refused_in_one_line() -> None:
    for end in range(len(GOOD) - 1):
        with pytest.raises(FileError, match=r"^plan\.json: [^\n]+$"):
            read(GOOD[:end])


@pytest.mark.parametrize(
    ("steps", "says"),
    [
        ((ROLE, ROLE), "steps[1].id: 'role' is the id of an earlier step"),
        ((NOTEBOOK, ROLE), "steps[0].parameters.RoleArn.$step: no earlier step has the id 'role'"),
        (
            (ROLE, step("x", "s3:PutObject", Body=[{"a": {"$step": "role"}}])),
            "parameters.Body[0].a: $step: known are $base64, $json, and $step with $result",
        ),
        (
            (ROLE, step("x", "s3:PutObject", Body={"$step": "role", "$result": "a["})),
            "steps[1].parameters.Body.$result: is no JMESPath",
        ),
        (
            (ROLE, step("x", "s3:PutObject", Body={"$step": "role", "$result": "Role.Colour"})),
            "Body: the answer of step 'role' has nothing at 'Role.Colour'; it has Role",
        ),
        (
            (step("x", "sagemaker:CreateEndpointConfig", ProductionVariants=[{"Count": 10**33}]),),
            "steps[0].parameters.ProductionVariants[0].Count: is larger than any number",
        ),
        ((step("x", "s3:PutObject", Body={"$base64": "a"}),), "Body.$base64: is not Base64"),
        ((step("x", "s3:PutObject", Body={"$base64": 1}),), "Body.$base64: is not Base64"),
        (
            (step("x", "s3:PutObject", Body={"$base64": "", "Key": 1}),),
            "steps[0].parameters.Body: $base64 must stand alone in its object",
        ),
        (
            (step("x", "iam:CreateRole", RoleName="r"),),
            "steps[0].parameters.AssumeRolePolicyDocument: is missing; AWS requires it",
        ),
        (
            (step("x", "iam:CreateRole", RoleName=7),),
            "steps[0].parameters.RoleName: must be a text",
        ),
        (
            (step("x", "sagemaker:CreateNotebookInstance", NotebookInstanceName="n"),),
            "steps[0].parameters: 'InstanceType' is missing",
        ),
        (
            (CONFIG | {"parameters": {"EndpointConfigName": "c", "ProductionVariants": [1]}},),
            "steps[0].parameters: ",
        ),
        (
            (step("x", "lambda:PublishVersion", FunctionName="a b"),),
            "steps[0].parameters.FunctionName: is no function: 'a b'",
        ),
        (
            (
                ROLE,
                FUNCTION,
                step(
                    "x",
                    "lambda:PutProvisionedConcurrencyConfig",
                    FunctionName="dogs",
                    ProvisionedConcurrentExecutions=1,
                ),
            ),
            "steps[2].parameters.Qualifier: is missing; AWS requires it",
        ),
        (
            (
                REGISTER,
                step(
                    "x",
                    "application-autoscaling:PutScheduledAction",
                    ScheduledActionName="n",
                    Schedule="rate(1 day)",
                    StartTime="tomorrow",
                    **TARGET,
                ),
            ),
            "steps[1].parameters.StartTime: is no instant",
        ),
    ],
)
def test_a_step_that_is_wrong_is_named_with_its_place(
    steps: tuple[dict[str, Any], ...], says: str
) -> None:
    with pytest.raises(FileError) as raised:
        plan(*steps)
    assert says in str(raised.value)
    assert str(raised.value).startswith("plan.json: steps[")


# What the source is made of


def test_every_operation_that_is_understood_is_one_that_aws_has() -> None:
    session = botocore.session.get_session()
    known: dict[str, set[str]] = {}
    for call in OPERATIONS:
        service, _, operation = call.partition(":")
        if service not in known:
            known[service] = set(session.get_service_model(service).operation_names)
        assert operation in known[service], call


def test_reading_a_plan_loads_no_aws_library() -> None:
    code = (
        "import sys, mlguard.sources.pipeline_file\n"
        "print({'boto3', 'botocore', 'moto'} & {name.split('.')[0] for name in sys.modules})"
    )
    done = subprocess.run(  # noqa: S603  # our own interpreter and code
        [sys.executable, "-c", code], capture_output=True, text=True, check=True, cwd=ROOT
    )
    assert done.stdout.strip() == "set()"
