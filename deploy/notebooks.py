"""The notebook: without root, without IMDSv1, in your VPC, and stopped when nobody uses it."""

from base64 import b64encode
from collections.abc import Iterator
from importlib.resources import files
from typing import Final

from deploy.names import Names
from deploy.pipeline import Step, Value
from deploy.roles import role_arn

# https://docs.aws.amazon.com/sagemaker/latest/dg/notebook-lifecycle-config.html: scripts run as
# root, whatever the notebook's users are, and have five minutes: the timer outlives them.
_ON_START: Final = """\
#!/bin/bash
set -eu
install -d -m 755 /usr/local/lib/autostop
cat > /usr/local/lib/autostop/autostop.py <<'END_OF_SCRIPT'
{script}END_OF_SCRIPT
systemd-run --unit=autostop --on-active=5min --on-unit-active=5min \\
  /usr/bin/python3 /usr/local/lib/autostop/autostop.py {minutes}
"""


def steps(names: Names) -> Iterator[Step]:
    """Yield the notebook and what stops it, where the configuration allows one."""
    if not names.config.has_notebook:
        return
    yield Step(
        id="notebook-autostop",
        service="sagemaker",
        operation="CreateNotebookInstanceLifecycleConfig",
        parameters={
            "NotebookInstanceLifecycleConfigName": names.notebook,
            "OnStart": [{"Content": _script(names.config.notebook_idle_minutes)}],
            "Tags": names.tags,
        },
    )
    yield Step(
        id="notebook",
        service="sagemaker",
        operation="CreateNotebookInstance",
        parameters={
            "NotebookInstanceName": names.notebook,
            "InstanceType": names.config.notebook_type,
            "RoleArn": role_arn("notebook"),
            "LifecycleConfigName": names.notebook,
            "RootAccess": "Disabled",
            "VolumeSizeInGB": 5,
            "InstanceMetadataServiceConfiguration": {"MinimumInstanceMetadataServiceVersion": "2"},
            **_network(names),
            **({"KmsKeyId": names.config.kms_key} if names.config.kms_key else {}),
            "Tags": names.tags,
        },
    )


def _network(names: Names) -> dict[str, Value]:
    """Return the notebook's network.

    https://docs.aws.amazon.com/sagemaker/latest/APIReference/API_CreateNotebookInstance.html:
    direct internet access can be disabled only with a subnet.
    """
    vpc = names.config.vpc
    if vpc is None:
        return {"DirectInternetAccess": "Enabled"}
    direct = names.config.notebook_direct_internet
    return {
        "SubnetId": vpc.subnet,
        "SecurityGroupIds": list(vpc.security_groups),
        "DirectInternetAccess": "Enabled" if direct else "Disabled",
    }


def _script(idle_minutes: int) -> str:
    autostop = files("deploy").joinpath("autostop.py").read_text(encoding="utf-8")
    script = _ON_START.format(script=autostop, minutes=idle_minutes)
    return b64encode(script.encode()).decode("ascii")
