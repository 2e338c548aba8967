"""Notebook instances to start from: the cheapest, started an hour ago, behind a VPC."""

from typing import Any

from msgspec.structs import replace

from mlguard.resources.notebooks import NotebookInstance, NotebookLifecycle
from tests.builders.account import ACCOUNT, NOW, REGION, arn, days_ago

SOUND = NotebookInstance(
    arn=arn("sagemaker", "notebook-instance/breeds"),
    account=ACCOUNT,
    region=REGION,
    name="breeds",
    status="InService",
    instance_type="ml.t2.medium",
    role_arn=f"arn:aws:iam::{ACCOUNT}:role/notebook",
    created_at=days_ago(30),
    last_modified_at=NOW,
    direct_internet_access=False,
    root_access=False,
    volume_size_gb=5,
    subnet_id="subnet-1",
    security_groups=("sg-1",),
    minimum_imds_version="2",
)

LIFECYCLE = NotebookLifecycle(
    arn=arn("sagemaker", "notebook-instance-lifecycle-config/idle"),
    account=ACCOUNT,
    region=REGION,
    name="idle",
    on_start=("systemd-run --unit=autostop --on-unit-active=5min python3 autostop.py 60",),
)


def notebook(**changes: Any) -> NotebookInstance:
    return replace(SOUND, **changes)


def lifecycle(**changes: Any) -> NotebookLifecycle:
    return replace(LIFECYCLE, **changes)
