"""Hosts that are stopped, and the scripts that they run when they start.

SageMaker API Reference, "StartNotebookInstance": a notebook instance must be in service before one
can connect to it; "UpdateNotebookInstanceLifecycleConfig": the change bears on all that use it, at
their next start, as root and with the role of the notebook instance.
"""

from dataclasses import replace

import pytest

from mlguard.data.escalation_paths import EscalationPath, On, escalation_paths
from mlguard.iam.escalation.account import AccountView, Host
from mlguard.iam.escalation.chain import Certainty
from tests.iam.escalation_account import (
    CALLER,
    TARGET_ROLE,
    Statement,
    allow,
    deny,
    judged,
    role,
    trust,
    user,
    view,
    ways,
)

BY_ID = {path.id: path for path in escalation_paths()}
WITH_STATES = [path for path in BY_ID.values() if path.stopped]
NOTEBOOK = "arn:aws:sagemaker:eu-west-1:111122223333:notebook-instance/one"
SCRIPT = "arn:aws:sagemaker:eu-west-1:111122223333:notebook-instance-lifecycle-config/setup"
INSTANCE = "arn:aws:ec2:eu-west-1:111122223333:instance/i-1"
SERVICES = ["sagemaker.amazonaws.com", "ec2.amazonaws.com"]


def arn_of(path: EscalationPath) -> str:
    return INSTANCE if path.host == "ec2-instance" else NOTEBOOK


def account(path: EscalationPath, *statements: Statement, **changes: object) -> AccountView:
    host = Host(kind=path.host or "", arn=arn_of(path), role=TARGET_ROLE, script=SCRIPT)
    target = role("target", allow("*"), trust=trust(Service=SERVICES))
    return view(
        user(CALLER, *statements),
        target,
        hosts=(replace(host, **changes),),  # type: ignore[arg-type]  # fields of a Host
        hosts_read=frozenset({path.host or ""}),
    )


def test_paths_through_notebooks_and_instances_mind_whether_these_run() -> None:
    unminded = {
        path.id
        for path in BY_ID.values()
        if path.host in ("notebook-instance", "ec2-instance") and not path.stopped
    }
    assert not unminded


@pytest.mark.parametrize("path", WITH_STATES, ids=lambda path: path.id)
@pytest.mark.parametrize("stopped", [False, True])
def test_each_state_asks_for_its_own_actions(path: EscalationPath, stopped: bool) -> None:  # noqa: FBT001
    needs = path.stopped if stopped else path.needs
    document = (allow(path.document, on="arn:aws:ssm:*:*:document/*"),) if path.document else ()
    whole = [
        allow(need.action, on={On.HOST: arn_of(path), On.SCRIPT: SCRIPT}.get(need.on, "*"))
        for need in needs
    ]
    (way,) = ways(account(path, *whole, *document, stopped=stopped), path.id)
    target = TARGET_ROLE if path.on(On.PASSED_ROLE) else arn_of(path)
    assert (way.certainty, way.target, way.admin) == (Certainty.PROVED, target, True)
    assert set(way.actions) == {need.action for need in needs}
    for at in range(len(whole)):
        fewer = (*whole[:at], *whole[at + 1 :], *document)
        assert not ways(account(path, *fewer, stopped=stopped), path.id)


def test_a_stopped_notebook_is_not_opened_by_its_address_alone() -> None:
    path = BY_ID["sagemaker-004"]
    opens = allow("sagemaker:CreatePresignedNotebookInstanceUrl")
    assert judged(account(path, opens)).reaches_admin
    assert not judged(account(path, opens, stopped=True)).escalations
    starts = allow("sagemaker:StartNotebookInstance")
    assert judged(account(path, opens, starts, stopped=True)).reaches_admin
    elsewhere = allow("sagemaker:StartNotebookInstance", on=f"{NOTEBOOK}-other")
    assert not judged(account(path, opens, elsewhere, stopped=True)).escalations
    kept = deny("sagemaker:StartNotebookInstance", on=NOTEBOOK)
    assert not judged(account(path, opens, starts, kept, stopped=True)).escalations


def test_only_the_scripts_that_a_notebook_runs_matter() -> None:
    path = BY_ID["sagemaker-rewrite-notebook-lifecycle"]
    restarts = allow("sagemaker:StopNotebookInstance", "sagemaker:StartNotebookInstance")
    rewrites = allow("sagemaker:UpdateNotebookInstanceLifecycleConfig", on=SCRIPT)
    other = allow("sagemaker:UpdateNotebookInstanceLifecycleConfig", on=f"{SCRIPT}-other")
    assert judged(account(path, restarts, rewrites)).reaches_admin
    assert not judged(account(path, restarts, other)).escalations
    assert not judged(account(path, restarts, rewrites, script=None)).escalations


FUNCTION = "arn:aws:lambda:eu-west-1:111122223333:function:classify"
WEAK = role("weak", allow("sqs:Get*"), trust=trust(Service="lambda.amazonaws.com"))
STRONG = role("target", allow("*"), trust=trust(Service="lambda.amazonaws.com"))
PASSES = allow("iam:PassRole", on=TARGET_ROLE)
CHANGES = allow("lambda:UpdateFunctionConfiguration", "lambda:InvokeFunction", on=FUNCTION)


def repointing(*statements: Statement, name: str = FUNCTION, read: bool = True) -> AccountView:
    host = Host(kind="function", arn=name, role=WEAK.arn)
    return view(
        user(CALLER, *statements),
        STRONG,
        WEAK,
        hosts=(host,),
        hosts_read=frozenset({"function"} if read else ()),
    )


def test_a_function_may_be_given_a_stronger_role() -> None:
    """Lambda Developer Guide, "Updating a function's execution role"."""
    (way,) = ways(repointing(PASSES, CHANGES), "x-lambda-repoint")
    assert (way.certainty, way.target, way.admin) == (Certainty.PROVED, TARGET_ROLE, True)
    assert [(step.action, step.resource) for step in way.steps[:3]] == [
        ("iam:PassRole", TARGET_ROLE),
        ("lambda:UpdateFunctionConfiguration", FUNCTION),
        ("lambda:InvokeFunction", FUNCTION),
    ]


def test_a_function_that_one_may_not_change_is_given_no_role() -> None:
    assert not judged(repointing(PASSES, CHANGES, name=f"{FUNCTION}-other")).reaches_admin
    assert not judged(repointing(CHANGES)).reaches_admin
    weak = allow("iam:PassRole", on=WEAK.arn)
    assert not judged(repointing(weak, CHANGES)).reaches_admin
    far = FUNCTION.replace("111122223333", "444455556666")
    everywhere = allow("lambda:UpdateFunctionConfiguration", "lambda:InvokeFunction")
    assert not judged(repointing(PASSES, everywhere, name=far)).reaches_admin


def test_a_function_that_nobody_read_may_be_there_to_be_changed() -> None:
    other = f"{FUNCTION}-other"
    (way,) = ways(repointing(PASSES, CHANGES, name=other, read=False), "x-lambda-repoint")
    assert (way.certainty, way.target) == (Certainty.POSSIBLE, TARGET_ROLE)
    assert "a resource (function), which was not read, is there to be changed" in way.conditions


def test_a_notebook_must_be_there_to_be_given_another_role() -> None:
    path = BY_ID["sagemaker-update-notebook-instance"]
    changes = allow(*(action for action in path.actions if action != "iam:PassRole"))
    there = account(path, PASSES, changes)
    assert [way.certainty for way in ways(there, path.id)] == [Certainty.PROVED]
    none = replace(there, hosts=())
    assert not ways(none, path.id)
    unread = replace(none, hosts_read=frozenset())
    assert [way.certainty for way in ways(unread, path.id)] == [Certainty.POSSIBLE]
