"""Apply brings an account to what a pipeline file says, once, however often it is cut off."""

import json
from typing import Any

import boto3
import pytest
from botocore.awsrequest import AWSResponse

from deploy.apply import apply
from deploy.errors import DeployError
from deploy.pipeline import Pipeline, bytes_of
from deploy.status import status
from deploy.thing import State
from tests.deploy.account import (
    PATIENCE,
    Interrupted,
    Silent,
    Writes,
    account,
    all_there,
    changed,
    picture,
)
from tests.deploy.steps import ACCOUNT, FUNCTION, OTHER, PIPELINE, STEPS, demo, step, told, zipped


def applied(pipeline: Pipeline, session: boto3.Session) -> Silent:
    progress = Silent()
    apply(pipeline, session, progress=progress, patience=PATIENCE)
    return progress


def test_apply_makes_every_step_once_and_a_second_run_writes_nothing(
    session: boto3.Session,
) -> None:
    writes = Writes(session)
    applied(PIPELINE, session)
    assert len(writes.calls) == len(STEPS)
    assert all_there(PIPELINE, session)
    writes.interrupt()
    applied(PIPELINE, session)
    assert writes.calls == []


def test_the_pipeline_as_written_is_applied_and_a_second_run_writes_nothing() -> None:
    with account(managed=True) as session:
        applied(demo(), session)
        assert all_there(demo(), session)
        writes = Writes(session)
        applied(demo(), session)
        assert writes.calls == []


@pytest.fixture(scope="module")
def clean() -> Any:
    with account() as session:
        applied(PIPELINE, session)
        return picture(PIPELINE, session)


@pytest.mark.parametrize("at", range(len(STEPS)), ids=[one.id for one in STEPS])
def test_a_run_cut_off_at_any_call_is_taken_up_and_doubles_nothing(
    session: boto3.Session, at: int, clean: Any
) -> None:
    writes = Writes(session)
    # AWS did what it was told, and nobody heard its answer.
    writes.interrupt(after=at)
    with pytest.raises(Interrupted):
        applied(PIPELINE, session)
    made = writes.calls[:]
    # The next run makes one thing, and is cut off before it asks for the one after that.
    writes.interrupt(before=1)
    if at < len(STEPS) - 2:
        with pytest.raises(Interrupted):
            applied(PIPELINE, session)
        made += writes.calls
    writes.interrupt()
    applied(PIPELINE, session)
    assert made + writes.calls == [f"{one.service}:{one.operation}" for one in STEPS]
    assert picture(PIPELINE, session) == clean


@pytest.mark.parametrize(
    ("step_id", "parameters", "calls"),
    [
        ("function", {"Timeout": 60}, ["lambda:UpdateFunctionConfiguration"]),
        (
            "endpoint-role-policy",
            {"PolicyDocument": OTHER},
            ["iam:PutRolePolicy"],
        ),
        (
            "invoke",
            {"PolicyDocument": OTHER},
            ["iam:CreatePolicyVersion"],
        ),
        (
            "letters",
            {"Attributes": {"MessageRetentionPeriod": "60"}},
            ["sqs:SetQueueAttributes"],
        ),
        ("endpoint-role", {"MaxSessionDuration": 7200}, ["iam:UpdateRole"]),
        ("scaling", {"MaxCapacity": 3}, ["application-autoscaling:RegisterScalableTarget"]),
        ("logs-retention", {"retentionInDays": 14}, ["logs:PutRetentionPolicy"]),
        ("reserved", {"ReservedConcurrentExecutions": 6}, ["lambda:PutFunctionConcurrency"]),
        ("alarm", {"Threshold": 2.0}, ["cloudwatch:PutMetricAlarm"]),
        (
            "permission",
            {"Principal": "s3.amazonaws.com"},
            ["lambda:RemovePermission", "lambda:AddPermission"],
        ),
        (
            "lifecycle",
            {"OnStart": [{"Content": "ZWNobyAy"}]},
            ["sagemaker:UpdateNotebookInstanceLifecycleConfig"],
        ),
    ],
)
def test_what_differs_is_changed_in_place(
    session: boto3.Session, step_id: str, parameters: dict[str, Any], calls: list[str]
) -> None:
    applied(PIPELINE, session)
    writes = Writes(session)
    applied(changed(step_id, **parameters), session)
    wanted = [*calls]
    if step_id == "function":
        wanted += ["lambda:PublishVersion", "lambda:UpdateAlias"]
    assert writes.calls == wanted
    writes.interrupt()
    applied(changed(step_id, **parameters), session)
    assert writes.calls == []


def test_new_code_is_published_as_one_new_version_that_the_alias_then_names(
    session: boto3.Session,
) -> None:
    applied(PIPELINE, session)
    writes = Writes(session)
    code = {"ZipFile": bytes_of(zipped("def lambda_handler(event, context): return 1"))}
    applied(changed("function", Code=code), session)
    assert writes.calls == [
        "lambda:UpdateFunctionCode",
        "lambda:PublishVersion",
        "lambda:UpdateAlias",
    ]
    alias = session.client("lambda").get_alias(FunctionName=FUNCTION, Name="live")
    assert alias["FunctionVersion"] == "2"


def test_a_budget_is_updated(session: boto3.Session) -> None:
    applied(PIPELINE, session)
    asked: list[str] = []

    def update(params: dict[str, Any], **_: Any) -> Any:
        # Moto has no UpdateBudget.
        asked.append(params["body"].decode())
        return AWSResponse(url="", status_code=200, headers={}, raw=None), {}

    session.client.forget()
    session.events.register_first("before-call.budgets.UpdateBudget", update)
    budget = {
        "BudgetName": "breeds",
        "BudgetLimit": {"Amount": "60", "Unit": "USD"},
        "TimeUnit": "MONTHLY",
        "BudgetType": "COST",
    }
    applied(changed("budget", Budget=budget), session)
    assert [json.loads(body)["NewBudget"] for body in asked] == [budget]


def test_a_budget_that_speaks_at_other_sums_is_seen_and_put_right(session: boto3.Session) -> None:
    applied(PIPELINE, session)
    asked = [told("ACTUAL", 50.0), told("ACTUAL", 90.0), told("FORECASTED", 100.0)]
    other = changed("budget", NotificationsWithSubscribers=asked)
    (standing,) = [one for one in status(other, session) if one.step.id == "budget"]
    assert standing.state is State.DIFFERS
    assert standing.text.startswith("NotificationsWithSubscribers[].Notification: asked ")
    applied(other, session)
    shown = session.client("budgets").describe_notifications_for_budget(
        AccountId=ACCOUNT, BudgetName="breeds"
    )["Notifications"]
    assert sorted((one["NotificationType"], one["Threshold"]) for one in shown) == [
        ("ACTUAL", 50.0),
        ("ACTUAL", 90.0),
        ("FORECASTED", 100.0),
    ]
    assert all_there(other, session)


def test_what_cannot_be_changed_is_refused_with_both_values(session: boto3.Session) -> None:
    applied(PIPELINE, session)
    container = {"Image": "other", "ModelDataUrl": "s3://other/model.tar.gz"}
    with pytest.raises(DeployError, match=r"model breeds differs: PrimaryContainer: asked .*other"):
        applied(changed("model", PrimaryContainer=container), session)


def test_a_running_notebook_is_not_stopped_to_be_changed(session: boto3.Session) -> None:
    applied(PIPELINE, session)
    with pytest.raises(DeployError, match=r"save your work, stop it, and apply again"):
        applied(changed("notebook", VolumeSizeInGB=50), session)
    session.client("sagemaker").stop_notebook_instance(NotebookInstanceName="breeds")
    applied(changed("notebook", VolumeSizeInGB=50), session)
    assert all_there(changed("notebook", VolumeSizeInGB=50), session)


def test_another_account_is_refused(session: boto3.Session) -> None:
    other = Pipeline(account="999999999999", region="us-east-1", steps=STEPS)
    with pytest.raises(DeployError, match=f"account 999999999999, the .* of {ACCOUNT}"):
        applied(other, session)


def test_another_region_is_refused(session: boto3.Session) -> None:
    other = Pipeline(account=ACCOUNT, region="eu-west-1", steps=STEPS)
    with pytest.raises(DeployError, match="use --region eu-west-1"):
        applied(other, session)


def test_an_operation_that_is_not_known_is_refused_before_anything_is_made(
    session: boto3.Session,
) -> None:
    steps = (*STEPS, step("domain", "sagemaker:CreateDomain", DomainName="d"))
    writes = Writes(session)
    with pytest.raises(DeployError, match="step 'domain': what sagemaker:CreateDomain makes"):
        applied(Pipeline(account=ACCOUNT, region="us-east-1", steps=steps), session)
    assert writes.calls == []


def test_what_has_no_name_must_have_tags(session: boto3.Session) -> None:
    untagged = Pipeline(account=ACCOUNT, region="us-east-1", steps=(step("key", "kms:CreateKey"),))
    with pytest.raises(DeployError, match="found again by its tags"):
        applied(untagged, session)


class Described:
    """What DescribeEndpoint says, one status after the other; the last one stays."""

    def __init__(self, session: boto3.Session, *statuses: str) -> None:
        self._statuses = list(statuses)
        session.events.register("after-call.sagemaker.DescribeEndpoint", self._amend)

    def _amend(self, parsed: dict[str, Any], **_: Any) -> None:
        if "EndpointStatus" in parsed:
            left = len(self._statuses) > 1
            status = self._statuses.pop(0) if left else self._statuses[0]
            parsed |= {"EndpointStatus": status, "FailureReason": "no capacity"}


def test_an_endpoint_is_waited_for(session: boto3.Session) -> None:
    Described(session, "Creating", "Creating", "InService")
    progress = applied(PIPELINE, session)
    assert progress.waited == ["endpoint breeds: Creating"] * 2


def test_an_endpoint_that_failed_is_told_with_its_reason(session: boto3.Session) -> None:
    Described(session, "Creating", "Failed")
    with pytest.raises(DeployError, match="endpoint breeds is Failed: no capacity"):
        applied(PIPELINE, session)


def test_waiting_ends(session: boto3.Session) -> None:
    Described(session, "Creating")
    with pytest.raises(DeployError, match=r"still Creating after .* run this again to wait on"):
        applied(PIPELINE, session)


class NotYet:
    """Refusals of CreateFunction while IAM has not told Lambda of the role."""

    def __init__(self, session: boto3.Session, *, times: int) -> None:
        self.times = times
        session.events.register_first("before-call.lambda.CreateFunction", self._refuse)

    def _refuse(self, **_: Any) -> Any:
        if self.times == 0:
            return None
        self.times -= 1
        error = {
            "Code": "InvalidParameterValueException",
            "Message": "The role defined for the function cannot be assumed by Lambda.",
        }
        http = AWSResponse(url="", status_code=400, headers={}, raw=None)
        return http, {"Error": error, "ResponseMetadata": {"HTTPStatusCode": 400}}


def test_a_role_that_is_not_seen_yet_is_waited_for(session: boto3.Session) -> None:
    refusing = NotYet(session, times=3)
    progress = applied(PIPELINE, session)
    assert refusing.times == 0
    assert progress.waited == ["function: IAM's changes to be seen everywhere"] * 3
    assert all_there(PIPELINE, session)


def test_a_role_that_is_never_seen_ends_in_an_error(session: boto3.Session) -> None:
    NotYet(session, times=1000)
    with pytest.raises(
        DeployError, match=r"lambda:CreateFunction was refused: .*cannot be assumed"
    ):
        applied(PIPELINE, session)
