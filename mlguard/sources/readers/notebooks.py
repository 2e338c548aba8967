"""Notebook instances and lifecycle configurations, as SageMaker describes them."""

from base64 import b64decode
from collections.abc import Iterable, Mapping
from datetime import UTC, datetime
from typing import Any, Final

from mlguard.resources.notebooks import NotebookInstance, NotebookLifecycle
from mlguard.sources.base import Home

Raw = Mapping[str, Any]

# A third word is none that we understand: its KeyError makes the notebook a Gap.
SWITCH: Final = {"Enabled": True, "Disabled": False}


def notebook_instance(raw: Raw, home: Home) -> NotebookInstance:
    """Return the notebook instance that DescribeNotebookInstance answered."""
    metadata = raw.get("InstanceMetadataServiceConfiguration") or {}
    return NotebookInstance(
        arn=raw["NotebookInstanceArn"],
        account=home.account,
        region=home.region,
        name=raw["NotebookInstanceName"],
        status=raw["NotebookInstanceStatus"],
        instance_type=raw["InstanceType"],
        role_arn=raw["RoleArn"],
        created_at=datetime.astimezone(raw["CreationTime"], UTC),
        last_modified_at=datetime.astimezone(raw["LastModifiedTime"], UTC),
        direct_internet_access=SWITCH[raw["DirectInternetAccess"]],
        root_access=SWITCH[raw["RootAccess"]],
        volume_size_gb=raw["VolumeSizeInGB"],
        subnet_id=raw.get("SubnetId"),
        security_groups=tuple(raw.get("SecurityGroups") or ()),
        kms_key_id=raw.get("KmsKeyId"),
        lifecycle_config=raw.get("NotebookInstanceLifecycleConfigName"),
        platform_identifier=raw.get("PlatformIdentifier"),
        minimum_imds_version=metadata.get("MinimumInstanceMetadataServiceVersion"),
    )


def notebook_lifecycle(raw: Raw, home: Home) -> NotebookLifecycle:
    """Return the configuration that DescribeNotebookInstanceLifecycleConfig answered."""
    return NotebookLifecycle(
        arn=raw["NotebookInstanceLifecycleConfigArn"],
        account=home.account,
        region=home.region,
        name=raw["NotebookInstanceLifecycleConfigName"],
        on_create=_scripts(raw.get("OnCreate") or ()),
        on_start=_scripts(raw.get("OnStart") or ()),
    )


def _scripts(hooks: Iterable[Raw]) -> tuple[str, ...]:
    return tuple(_script(hook["Content"]) for hook in hooks if hook.get("Content"))


def _script(content: str) -> str:
    # AWS keeps what `base64` wrote, with the line breaks it makes every 76 characters.
    script = b64decode("".join(content.split()), validate=True)
    return script.decode(errors="backslashreplace")
