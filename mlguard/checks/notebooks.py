"""Notebook instances: how they reach the internet, what they run on, and for how long."""

from collections.abc import Iterator
from datetime import timedelta
from decimal import Decimal
from typing import Final

from mlguard.check import Confidence, Context, Evidence, Severity, Unread, check
from mlguard.checks.machines import saving, seats, unread
from mlguard.checks.money import by_dollars, told, told_month
from mlguard.cost.notebooks import stops_itself
from mlguard.data.instance_types import Surface
from mlguard.resources.notebooks import NotebookInstance, NotebookLifecycle

_RUNNING: Final = "InService"


@check(
    "notebook-direct-internet",
    "Notebook has direct internet access",
    on=NotebookInstance,
    severity=Severity.HIGH,
    remediation=(
        "The setting cannot be changed: make a new notebook in a subnet of yours, with "
        "`aws sagemaker create-notebook-instance --notebook-instance-name NEW_NAME "
        "--instance-type {type} --role-arn {role} --subnet-id SUBNET_ID "
        "--security-group-ids GROUP_ID --direct-internet-access Disabled --region {region}`, "
        "move the work, and delete {name}."
    ),
    references=(
        "https://docs.aws.amazon.com/sagemaker/latest/dg/appendix-notebook-and-internet-access.html",
        "https://docs.aws.amazon.com/sagemaker/latest/APIReference/API_CreateNotebookInstance.html",
    ),
    bad="DirectInternetAccess: Enabled",
    good="DirectInternetAccess: Disabled",
)
def notebook_direct_internet(notebook: NotebookInstance, _: Context) -> Iterator[Evidence]:
    """SageMaker gives such a notebook a way to the internet that passes by your VPC.

    No security group, flow log or proxy of yours sees what goes out: training data and the
    credentials of the notebook's role can leave, and any package can come in. It is the API's
    default.
    """
    if notebook.direct_internet_access:
        way = "beside" if notebook.subnet_id else "without"
        yield Evidence(
            message=f"direct internet access is enabled, {way} a subnet of yours",
            at="DirectInternetAccess",
            values={"type": notebook.instance_type, "role": notebook.role_arn},
        )


@check(
    "notebook-instance-type",
    "Notebook instance type outside the cost policy",
    on=NotebookInstance,
    severity=Severity.MEDIUM,
    remediation=(
        "aws sagemaker stop-notebook-instance --notebook-instance-name {name} --region {region} && "
        "aws sagemaker wait notebook-instance-stopped --notebook-instance-name {name} "
        "--region {region} && "
        "aws sagemaker update-notebook-instance --notebook-instance-name {name} "
        "--instance-type {allowed} --region {region}"
    ),
    references=(
        "https://docs.aws.amazon.com/sagemaker/latest/APIReference/API_UpdateNotebookInstance.html",
    ),
    bad="InstanceType: ml.m5.4xlarge",
    good="InstanceType: ml.t2.medium",
)
def notebook_instance_type(notebook: NotebookInstance, context: Context) -> Iterator[Evidence]:
    """Notebooks are paid by the hour, whether anybody types or not.

    They serve to edit code and start jobs: work that needs a large machine belongs in a training
    or processing job, which ends. A stopped notebook costs no compute until it is started again.
    """
    allowed = context.policy.types(Surface.NOTEBOOK)
    stopped = notebook.status == "Stopped"
    for machine in seats(notebook)[0].machines():
        if machine.instance_type not in allowed:
            saved = None if stopped else saving(machine, region=notebook.region, context=context)
            severity = Severity.LOW if stopped else None
            yield Evidence(
                message=(
                    f"{machine.instance_type} is outside policy.notebook: {', '.join(allowed)}"
                    f"{told_month(context.estimate(notebook))}"
                ),
                at=machine.at,
                severity=severity if saved is None else by_dollars(saved),
                monthly_usd=saved,
                values={"allowed": allowed[0]},
            )


@check(
    "notebook-left-running",
    "Notebook left running",
    on=NotebookInstance,
    severity=Severity.MEDIUM,
    remediation=(
        "aws sagemaker stop-notebook-instance --notebook-instance-name {name} --region {region}"
    ),
    references=(
        "https://docs.aws.amazon.com/sagemaker/latest/APIReference/API_StopNotebookInstance.html",
        "https://docs.aws.amazon.com/sagemaker/latest/dg/notebook-lifecycle-config.html",
    ),
    bad="NotebookInstanceStatus: InService, LastModifiedTime: 3 days ago",
    good="NotebookInstanceStatus: Stopped",
)
def notebook_left_running(notebook: NotebookInstance, context: Context) -> Iterator[Evidence]:
    """Nothing stops a notebook when its tab is closed: it goes on costing until somebody does.

    Stopping ends the charge for compute and keeps the volume. A lifecycle configuration can stop
    notebooks that nobody uses. The hours are those since the notebook last changed state or
    settings, at the moment of the snapshot: it has been running at least so long.
    """
    running = context.snapshot.taken_at - notebook.last_modified_at
    limit = context.policy.notebook_running_hours
    if notebook.status == _RUNNING and running > timedelta(hours=limit):
        hours = running // timedelta(hours=1)
        saved = _running_usd(notebook, context)
        yield Evidence(
            message=f"in service for {hours} hours; policy.notebook_running_hours allows {limit}",
            at="NotebookInstanceStatus",
            severity=None if saved is None else by_dollars(saved),
            monthly_usd=saved,
        )


@check(
    "notebook-no-autostop",
    "Nothing stops the notebook when nobody uses it",
    on=NotebookInstance,
    reads=(NotebookLifecycle,),
    severity=Severity.LOW,
    confidence=Confidence.MEDIUM,
    remediation=(
        "Make a lifecycle configuration whose OnStart script installs an auto-stop, such as "
        "auto-stop-idle of aws-samples. Then `aws sagemaker stop-notebook-instance "
        "--notebook-instance-name {name} --region {region} && aws sagemaker wait "
        "notebook-instance-stopped --notebook-instance-name {name} --region {region} && "
        "aws sagemaker update-notebook-instance --notebook-instance-name {name} "
        "--lifecycle-config-name CONFIG_NAME --region {region}`, and start it again."
    ),
    references=(
        "https://docs.aws.amazon.com/sagemaker/latest/dg/notebook-lifecycle-config.html",
        "https://docs.aws.amazon.com/sagemaker/latest/APIReference/API_UpdateNotebookInstance.html",
    ),
    bad="NotebookInstanceLifecycleConfigName: none",
    good="NotebookInstanceLifecycleConfigName: auto-stop-idle",
)
def notebook_no_autostop(notebook: NotebookInstance, context: Context) -> Iterator[Evidence]:
    """Once started, a notebook runs until somebody stops it, and people forget.

    A script that its lifecycle configuration runs at each start can stop it when no kernel was
    used for a while. Whether a script does is told by what it calls: it may do so in words that
    are not known here.
    """
    script = _lifecycle(notebook, context)
    if script is not None and stops_itself(script.on_start):
        return
    most = context.prices.monthly_sagemaker(
        notebook.region, notebook.instance_type, Surface.NOTEBOOK
    )
    nothing = "no lifecycle configuration" if script is None else f"nothing in {script.name}"
    costs = "" if most is None else f"; all month it costs {told(most)}"
    yield Evidence(
        message=f"{nothing} stops it when nobody uses it{costs}",
        at="NotebookInstanceLifecycleConfigName",
        severity=None if most is None else min(by_dollars(most), Severity.MEDIUM),
    )


def _lifecycle(notebook: NotebookInstance, context: Context) -> NotebookLifecycle | None:
    """Return the notebook's lifecycle configuration, None if it has none; raises Unread."""
    name = notebook.lifecycle_config
    if name is None:
        return None
    found = context.first(
        NotebookLifecycle,
        lambda one: one.name == name,
        account=notebook.account,
        region=notebook.region,
    )
    if found is not None:
        return found
    if context.met:
        raise Unread(context.met[-1])
    raise unread(
        notebook,
        operation="sagemaker:DescribeNotebookInstanceLifecycleConfig",
        detail=f"the lifecycle configuration {name} was not read: whether it stops it is not known",
    )


def _running_usd(notebook: NotebookInstance, context: Context) -> Decimal | None:
    """Return what stopping the notebook saves a month, None where that is not known."""
    estimate = context.estimate(notebook)
    return None if estimate is None else estimate.running_usd


CHECKS = (
    notebook_direct_internet,
    notebook_instance_type,
    notebook_left_running,
    notebook_no_autostop,
)
