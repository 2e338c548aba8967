"""Notebook instances: how they reach the internet, what they run on, and for how long."""

from collections.abc import Iterator
from datetime import timedelta
from typing import Final

from mlguard.check import Context, Evidence, Severity, check
from mlguard.checks.machines import saving, seats
from mlguard.data.instance_types import Surface
from mlguard.resources.notebooks import NotebookInstance

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
            yield Evidence(
                message=f"{machine.instance_type} is outside policy.notebook: {', '.join(allowed)}",
                at=machine.at,
                severity=Severity.LOW if stopped else None,
                monthly_usd=(
                    None if stopped else saving(machine, region=notebook.region, context=context)
                ),
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
        yield Evidence(
            message=f"in service for {hours} hours; policy.notebook_running_hours allows {limit}",
            at="NotebookInstanceStatus",
            monthly_usd=context.prices.monthly_sagemaker(
                notebook.region, notebook.instance_type, Surface.NOTEBOOK
            ),
        )


CHECKS = (notebook_direct_internet, notebook_instance_type, notebook_left_running)
