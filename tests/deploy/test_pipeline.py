"""The pipeline file is one that the auditor reads."""

import json

from deploy.pipeline import Pipeline, Step, bytes_of, from_json, result_of, text_of
from mlguard.sources.pipeline.steps import decode, resolve

PIPELINE = Pipeline(
    account="123456789012",
    region="us-east-1",
    steps=(
        Step(
            id="role",
            service="iam",
            operation="CreateRole",
            parameters={"RoleName": "r", "AssumeRolePolicyDocument": text_of({"Version": "x"})},
        ),
        Step(
            id="function",
            service="lambda",
            operation="CreateFunction",
            parameters={"Role": result_of("role", "Role.Arn"), "Code": {"ZipFile": bytes_of(b"z")}},
        ),
    ),
)


def test_the_auditor_reads_what_is_written() -> None:
    read = decode(PIPELINE.to_json().encode(), name="plan.json")
    assert [(step.id, step.call) for step in read.steps] == [
        ("role", "iam:CreateRole"),
        ("function", "lambda:CreateFunction"),
    ]
    answers = {"role": {"Role": {"Arn": "arn"}}}
    found = resolve(read.steps[1].parameters, answers)
    assert found == {"Role": "arn", "Code": {"ZipFile": b"z"}}


def test_what_is_written_is_read_again() -> None:
    assert from_json(json.loads(PIPELINE.to_json())) == PIPELINE
