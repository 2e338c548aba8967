"""Destroy leaves nothing that costs money, whatever apply came to, and says so if it does."""

from decimal import Decimal
from typing import Any

import boto3
import pytest
from click.testing import CliRunner

from deploy import destroy
from deploy.apply import apply
from deploy.costs import prices
from deploy.destroy import Destruction
from deploy.errors import DeployError
from deploy.pipeline import Pipeline
from deploy.status import status
from deploy.thing import State
from tests.deploy.account import PATIENCE, Interrupted, Silent, Writes, account, paid_for
from tests.deploy.steps import ACCOUNT, BUCKET, OTHER, PIPELINE, STEPS, demo, step


def applied(pipeline: Pipeline, session: boto3.Session) -> None:
    apply(pipeline, session, progress=Silent(), patience=PATIENCE)


def destroyed(
    pipeline: Pipeline, session: boto3.Session, *, empty_buckets: bool = False
) -> tuple[str, ...]:
    destruction = Destruction(pipeline, session, patience=PATIENCE)
    return destruction.perform(empty_buckets=empty_buckets, progress=Silent())


def test_all_of_it_is_deleted_and_a_second_time_nothing_is_left_to_do(
    session: boto3.Session,
) -> None:
    applied(PIPELINE, session)
    assert destroyed(PIPELINE, session) == ()
    assert {one.state for one in status(PIPELINE, session)} == {State.MISSING}
    assert paid_for(session) == []
    assert session.client("iam").list_roles()["Roles"] == []
    assert session.client("iam").list_policies(Scope="Local")["Policies"] == []
    assert Destruction(PIPELINE, session).doomed == ()


def test_the_pipeline_as_written_is_deleted() -> None:
    with account(managed=True) as session:
        applied(demo(), session)
        assert destroyed(demo(), session) == ()
        assert paid_for(session) == []


@pytest.mark.parametrize("at", range(len(STEPS)), ids=[one.id for one in STEPS])
def test_half_an_apply_is_deleted(session: boto3.Session, at: int) -> None:
    writes = Writes(session)
    writes.interrupt(after=at)
    with pytest.raises(Interrupted):
        applied(PIPELINE, session)
    writes.interrupt()
    assert destroyed(PIPELINE, session) == ()
    assert paid_for(session) == []
    assert session.client("iam").list_roles()["Roles"] == []


@pytest.mark.parametrize("at", range(0, 30, 6))
def test_a_destruction_that_was_cut_off_is_taken_up(session: boto3.Session, at: int) -> None:
    applied(PIPELINE, session)
    writes = Writes(session)
    writes.interrupt(before=at)
    with pytest.raises(Interrupted):
        destroyed(PIPELINE, session)
    writes.interrupt()
    assert destroyed(PIPELINE, session) == ()
    assert paid_for(session) == []


def test_what_is_paid_by_the_hour_goes_first_and_roles_last(session: boto3.Session) -> None:
    applied(PIPELINE, session)
    writes = Writes(session)
    destroyed(PIPELINE, session)
    calls = [call.partition(":")[2] for call in writes.calls]
    order = [
        "DeleteEndpoint",
        "DeregisterScalableTarget",
        "DeleteEndpointConfig",
        "DeleteModel",
        "DeleteProvisionedConcurrencyConfig",
        "DeleteFunction",
        "StopNotebookInstance",
        "DeleteNotebookInstance",
        "DeleteBucket",
        "RemoveRoleFromInstanceProfile",
        "DetachRolePolicy",
        "DeleteRolePolicy",
        "DeleteRolePermissionsBoundary",
        "DeleteRole",
        "DeletePolicy",
        "ScheduleKeyDeletion",
    ]
    assert [call for call in dict.fromkeys(calls) if call in order] == order


def test_a_bucket_that_holds_something_is_left_and_named_and_its_key_kept(
    session: boto3.Session,
) -> None:
    applied(PIPELINE, session)
    session.client("s3").put_object(Bucket=BUCKET, Key="model.tar.gz", Body=b"model")
    left = destroyed(PIPELINE, session)
    assert [line.partition(":")[0] for line in left] == [
        f"bucket {BUCKET}",
        "key alias alias/breeds",
        "key breeds",
    ]
    assert "--empty-buckets" in left[0]
    assert session.client("iam").list_roles()["Roles"] == []


def test_a_bucket_is_emptied_of_all_versions_when_told_so(session: boto3.Session) -> None:
    applied(PIPELINE, session)
    s3 = session.client("s3")
    for body in (b"one", b"two"):
        s3.put_object(Bucket=BUCKET, Key="model.tar.gz", Body=body)
    s3.delete_object(Bucket=BUCKET, Key="model.tar.gz")
    s3.create_multipart_upload(Bucket=BUCKET, Key="half")
    assert destroyed(PIPELINE, session, empty_buckets=True) == ()
    assert paid_for(session) == []


def test_a_bucket_whose_old_versions_alone_are_left_counts_as_holding_something(
    session: boto3.Session,
) -> None:
    applied(PIPELINE, session)
    s3 = session.client("s3")
    s3.put_object(Bucket=BUCKET, Key="model.tar.gz", Body=b"one")
    s3.delete_object(Bucket=BUCKET, Key="model.tar.gz")
    assert destroyed(PIPELINE, session)[0].startswith(f"bucket {BUCKET}: is not empty")


def test_policies_attached_by_others_do_not_hold_a_role(session: boto3.Session) -> None:
    applied(PIPELINE, session)
    session.client("iam").put_role_policy(
        RoleName="breeds-lambda",
        PolicyName="by-hand",
        PolicyDocument=OTHER,
    )
    assert destroyed(PIPELINE, session) == ()


def test_each_thing_is_shown_with_what_it_costs(session: boto3.Session) -> None:
    applied(PIPELINE, session)
    destruction = Destruction(PIPELINE, session)
    texts = {one.thing.title: one.standing.text for one in destruction.doomed}
    hosting, _ = prices()["us-east-1", "Hosting", "ml.m5.large"]
    assert texts["endpoint breeds"] == f"${hosting * 730:.2f} a month"
    assert texts["notebook breeds"] == "$34.57 a month"
    assert texts["provisioned concurrency breeds-invoke:live"] == "$1.37 a month"
    assert texts["role breeds-lambda"] == "nothing while it stands"
    assert texts["alarm breeds-errors"] == "unknown"
    assert texts["function breeds-invoke"] == "by use"
    assert texts["instance breeds"].startswith("$")
    assert destruction.monthly_usd > Decimal(100)


def test_a_price_that_is_not_in_the_table_is_unknown(session: boto3.Session) -> None:
    steps = tuple(one for one in STEPS if one.id in {"endpoint-role", "lifecycle"})
    notebook = {
        "NotebookInstanceName": "large",
        "InstanceType": "ml.p3.16xlarge",
        "RoleArn": f"arn:aws:iam::{ACCOUNT}:role/breeds-endpoint",
    }
    made = step("notebook", "sagemaker:CreateNotebookInstance", **notebook)
    pipeline = Pipeline(account=ACCOUNT, region="us-east-1", steps=(*steps, made))
    applied(pipeline, session)
    texts = [one.standing.text for one in Destruction(pipeline, session).doomed]
    assert texts[0].startswith("unknown: no price of Notebook ml.p3.16xlarge")


def test_an_endpoint_that_is_being_made_is_deleted_once_it_is_not(session: boto3.Session) -> None:
    applied(PIPELINE, session)
    statuses = ["Creating", "Creating", "Creating", "InService"]

    def amend(parsed: dict[str, Any], **_: Any) -> None:
        if "EndpointStatus" in parsed:
            parsed["EndpointStatus"] = statuses.pop(0) if len(statuses) > 1 else statuses[0]

    session.client.forget()
    session.events.register("after-call.sagemaker.DescribeEndpoint", amend)
    assert destroyed(PIPELINE, session) == ()
    assert statuses == ["InService"]


def test_what_is_refused_is_named_and_the_rest_is_deleted(session: boto3.Session) -> None:
    applied(PIPELINE, session)

    def refuse(**_: Any) -> Any:
        from botocore.awsrequest import AWSResponse

        error = {"Code": "AccessDenied", "Message": "not you"}
        http = AWSResponse(url="", status_code=403, headers={}, raw=None)
        return http, {"Error": error, "ResponseMetadata": {"HTTPStatusCode": 403}}

    session.client.forget()
    session.events.register_first("before-call.sagemaker.DeleteModel", refuse)
    left = destroyed(PIPELINE, session)
    assert left[0].startswith("model breeds: ")
    assert "not you" in left[0]
    assert session.client("iam").list_roles()["Roles"] == []


def test_another_account_is_refused(session: boto3.Session) -> None:
    other = Pipeline(account="999999999999", region="us-east-1", steps=STEPS)
    with pytest.raises(DeployError, match="the credentials are of"):
        Destruction(other, session)


@pytest.fixture
def plan(tmp_path: Any, session: boto3.Session, monkeypatch: pytest.MonkeyPatch) -> str:
    path = tmp_path / "plan.json"
    path.write_text(PIPELINE.to_json())
    monkeypatch.setattr(boto3, "Session", lambda **_: session)
    return str(path)


def test_without_a_terminal_and_without_yes_nothing_is_deleted(
    plan: str, session: boto3.Session
) -> None:
    applied(PIPELINE, session)
    result = CliRunner().invoke(destroy.command, ["--plan", plan])
    assert result.exit_code == 2
    assert "nobody to ask" in result.output
    assert Destruction(PIPELINE, session).doomed


def test_the_command_names_what_is_left_and_exits_one(plan: str, session: boto3.Session) -> None:
    applied(PIPELINE, session)
    session.client("s3").put_object(Bucket=BUCKET, Key="model.tar.gz", Body=b"model")
    result = CliRunner().invoke(destroy.command, ["--plan", plan, "--yes"])
    assert result.exit_code == 1
    assert f"left: bucket {BUCKET}: is not empty" in result.output
    result = CliRunner().invoke(destroy.command, ["--plan", plan, "--yes", "--empty-buckets"])
    assert result.exit_code == 0
    assert f"bucket {BUCKET} with all that it holds (by use)" in result.output
    assert paid_for(session) == []


def test_a_person_who_says_no_keeps_everything(
    plan: str, session: boto3.Session, monkeypatch: pytest.MonkeyPatch
) -> None:
    applied(PIPELINE, session)
    monkeypatch.setattr(destroy, "_somebody_is_there", lambda: True)
    result = CliRunner().invoke(destroy.command, ["--plan", plan], input="n\n")
    assert result.exit_code == 1
    assert "endpoint breeds ($83.95 a month)" in result.output
    assert Destruction(PIPELINE, session).doomed
