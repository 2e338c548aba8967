"""Status says of each step how it stands, changes nothing, exits 0 for a whole pipeline alone."""

import json
from pathlib import Path
from typing import Any

import boto3
import pytest
from click.testing import CliRunner

from deploy import apply as applying
from deploy import status as standing
from deploy.apply import apply
from deploy.errors import DeployError
from deploy.pipeline import Pipeline
from deploy.status import Standing, status
from deploy.thing import State
from tests.deploy.account import PATIENCE, Silent, Writes, account, changed
from tests.deploy.steps import ACCOUNT, PIPELINE, STEPS, demo


def applied(pipeline: Pipeline, session: boto3.Session) -> None:
    apply(pipeline, session, progress=Silent(), patience=PATIENCE)


def of(pipeline: Pipeline, session: boto3.Session) -> dict[str, Standing]:
    return {one.step.id: one for one in status(pipeline, session)}


def test_in_an_empty_account_every_step_is_missing(session: boto3.Session) -> None:
    assert {one.state for one in status(PIPELINE, session)} == {State.MISSING}


def test_looking_changes_nothing(session: boto3.Session) -> None:
    applied(PIPELINE, session)
    writes = Writes(session)
    list(status(PIPELINE, session))
    assert writes.calls == []


def test_what_differs_is_shown_with_both_values(session: boto3.Session) -> None:
    applied(PIPELINE, session)
    found = of(changed("function", Timeout=60), session)["function"]
    assert found.state is State.DIFFERS
    assert str(found) == (
        "differs     function: function breeds-invoke (Timeout: asked 60, found 30)"
    )


@pytest.mark.parametrize(
    ("step_id", "make"),
    [
        (
            "bucket-versioning",
            lambda session: session.client("s3").put_bucket_versioning(
                Bucket=f"breeds-{ACCOUNT}", VersioningConfiguration={"Status": "Suspended"}
            ),
        ),
        (
            "endpoint-role-policy",
            lambda session: session.client("iam").put_role_policy(
                RoleName="breeds-endpoint",
                PolicyName="model",
                PolicyDocument=json.dumps(
                    {
                        "Version": "2012-10-17",
                        "Statement": [
                            {"Effect": "Allow", "Action": "s3:GetObject", "Resource": "*"}
                        ],
                    }
                ),
            ),
        ),
        (
            "logs-retention",
            lambda session: session.client("logs").put_retention_policy(
                logGroupName="/aws/lambda/breeds-invoke", retentionInDays=1
            ),
        ),
        (
            "endpoint-role",
            lambda session: session.client("iam").update_assume_role_policy(
                RoleName="breeds-endpoint",
                PolicyDocument=json.dumps(
                    {
                        "Version": "2012-10-17",
                        "Statement": [
                            {
                                "Effect": "Allow",
                                "Principal": {"Service": "sagemaker.amazonaws.com"},
                                "Action": "sts:AssumeRole",
                            }
                        ],
                    }
                ),
            ),
        ),
        (
            "function",
            lambda session: session.client("lambda").update_function_configuration(
                FunctionName="breeds-invoke",
                Environment={"Variables": {"ENDPOINT_NAME": "breeds", "DEBUG": "1"}},
            ),
        ),
    ],
)
def test_what_was_changed_by_hand_differs_and_apply_puts_it_back(
    session: boto3.Session, step_id: str, make: Any
) -> None:
    applied(PIPELINE, session)
    make(session)
    assert of(PIPELINE, session)[step_id].state is State.DIFFERS
    applied(PIPELINE, session)
    assert {one.state for one in status(PIPELINE, session)} == {State.THERE}


@pytest.mark.parametrize(
    ("word", "state", "text"),
    [
        ("Creating", State.MAKING, "Creating: no capacity"),
        ("Failed", State.FAILED, "Failed: no capacity"),
    ],
)
def test_what_is_being_made_and_what_failed_are_told_apart(
    session: boto3.Session, word: str, state: State, text: str
) -> None:
    applied(PIPELINE, session)

    def amend(parsed: dict[str, Any], **_: Any) -> None:
        parsed |= {"EndpointStatus": word, "FailureReason": "no capacity"}

    session.client.forget()
    session.events.register("after-call.sagemaker.DescribeEndpoint", amend)
    found = of(PIPELINE, session)["endpoint"]
    assert (found.state, found.text) == (state, text)


def test_a_step_that_a_later_one_sets_anew_is_there() -> None:
    with account(managed=True) as session:
        applied(demo(), session)
        found = of(demo(), session)["function-report-alias"]
        assert found.state is State.THERE
        assert found.text == "as 'function-report-alias-latest' sets it"


def test_what_may_not_be_read_is_neither_there_nor_missing(session: boto3.Session) -> None:
    applied(PIPELINE, session)

    def refuse(**_: Any) -> Any:
        from botocore.awsrequest import AWSResponse

        error = {"Code": "AccessDeniedException", "Message": "not you"}
        http = AWSResponse(url="", status_code=403, headers={}, raw=None)
        return http, {"Error": error, "ResponseMetadata": {"HTTPStatusCode": 403}}

    session.client.forget()
    session.events.register_first("before-call.lambda.GetFunction", refuse)
    found = of(PIPELINE, session)["function"]
    assert found.state is None
    assert "not you" in str(found)


def test_another_account_is_refused(session: boto3.Session) -> None:
    other = Pipeline(account="999999999999", region="us-east-1", steps=STEPS)
    with pytest.raises(DeployError, match="the credentials are of"):
        list(status(other, session))


def test_the_commands_exit_zero_for_a_whole_pipeline_and_one_otherwise(
    session: boto3.Session, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = tmp_path / "plan.json"
    path.write_text(PIPELINE.to_json())
    monkeypatch.setattr(boto3, "Session", lambda **_: session)
    result = CliRunner().invoke(standing.command, ["--plan", str(path)])
    assert result.exit_code == 1
    assert "missing     endpoint: endpoint breeds" in result.output
    result = CliRunner().invoke(applying.command, ["--plan", str(path)])
    assert result.exit_code == 0
    assert "endpoint: endpoint breeds is made" in result.output
    result = CliRunner().invoke(standing.command, ["--plan", "-"], input=PIPELINE.to_json())
    assert result.exit_code == 0


@pytest.mark.parametrize(
    ("content", "reason"),
    [
        ("", "cannot be read as a pipeline file"),
        ("[]", "schema_version: 1 was expected, None was found"),
        ('{"schema_version": 1, "account": "1"}', "is no pipeline file"),
    ],
)
def test_what_is_no_pipeline_file_is_a_usage_error(
    tmp_path: Path, content: str, reason: str
) -> None:
    path = tmp_path / "plan.json"
    path.write_text(content)
    result = CliRunner().invoke(standing.command, ["--plan", str(path)])
    assert result.exit_code == 2
    assert reason in result.output
