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
    assert (way.certainty, way.target, way.admin) == (Certainty.PROVED, arn_of(path), True)
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
