"""The images that AWS publishes, as far as a demo needs them: moto knows none by its parameter."""

from typing import Any, Final

import boto3

from mlguard.sources.demo.moto_state import backend

PARAMETER: Final = "resolve:ssm:/aws/service/deeplearning/ami/"
"""How RunInstances asks for a Deep Learning AMI: EC2 API reference, "ImageId"."""

_OWNER: Final = "898082745236"
_NAME: Final = "Deep Learning OSS Nvidia Driver AMI GPU PyTorch 2.7 (Amazon Linux 2023) 20261101"
_ARCHITECTURE: Final = "x86_64"
_ROOT: Final[dict[str, Any]] = {
    "DeviceName": "/dev/xvda",
    "Ebs": {"VolumeSize": 45, "VolumeType": "gp3"},
}


def publish(session: boto3.Session, *, account: str) -> None:
    """Let clients that the session makes from now on find the Deep Learning AMI."""
    ec2 = session.client("ec2")
    image_id: str = ec2.register_image(
        Name=_NAME,
        Description="Supported EC2 instances: G4dn, G5, G6, Gr6, P4, P4de, P5, P5e, P5en, P6-B200",
        Architecture=_ARCHITECTURE,
        RootDeviceName=_ROOT["DeviceName"],
        BlockDeviceMappings=[_ROOT],
        VirtualizationType="hvm",
    )["ImageId"]
    _give_to_aws(image_id, account=account, region=ec2.meta.region_name)

    def resolve(params: dict[str, Any], **_: object) -> None:
        if str(params.get("ImageId", "")).startswith(PARAMETER):
            params["ImageId"] = image_id

    def resize(parsed: dict[str, Any], **_: object) -> None:
        # Every image of moto's is as large as its first.
        for image in parsed.get("Images", ()):
            if image["ImageId"] == image_id:
                image |= {"RootDeviceName": _ROOT["DeviceName"], "BlockDeviceMappings": [_ROOT]}

    session.events.register("before-parameter-build.ec2.RunInstances", resolve)
    session.events.register("after-call.ec2.DescribeImages", resize)


def _give_to_aws(image_id: str, *, account: str, region: str) -> None:
    image = backend("ec2", account=account, region=region).amis[image_id]
    image.owner_id = _OWNER
    # RegisterImage was told, and forgets it.
    image.architecture = _ARCHITECTURE
