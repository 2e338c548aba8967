"""An EC2 instance to start from: a t2.micro from a plain image, with what hangs on it."""

from typing import Any

from msgspec.structs import replace

from mlguard.resources.instances import Image, IngressRule, Instance, SecurityGroup, Volume
from mlguard.resources.metrics import MetricSeries
from tests.builders.account import ACCOUNT, NOW, REGION, arn, days_ago

INSTANCE = Instance(
    arn=arn("ec2", "instance/i-0abc"),
    account=ACCOUNT,
    region=REGION,
    name="i-0abc",
    instance_type="t2.micro",
    state="running",
    image_id="ami-0abc",
    launched_at=days_ago(1),
    subnet_id="subnet-1",
    security_groups=("sg-1",),
    volumes=("vol-0abc",),
    imdsv2_required=True,
)
IMAGE = Image(
    arn=arn("ec2", "image/ami-0abc"),
    account=ACCOUNT,
    region=REGION,
    name="al2023-ami-2023.9.20261013.0-kernel-6.12-x86_64",
    owner="137112412989",
    description="Amazon Linux 2023 AMI",
    architecture="x86_64",
    root_snapshot_gb=8,
    created_at=days_ago(20),
)
VOLUME = Volume(
    arn=arn("ec2", "volume/vol-0abc"),
    account=ACCOUNT,
    region=REGION,
    name="vol-0abc",
    state="in-use",
    size_gb=8,
    volume_type="gp3",
    encrypted=True,
    attached_to=("i-0abc",),
)
GROUP = SecurityGroup(
    arn=arn("ec2", "security-group/sg-1"),
    account=ACCOUNT,
    region=REGION,
    name="training",
    vpc_id="vpc-1",
    ingress=(IngressRule(protocol="tcp", from_port=22, to_port=22, cidrs=("10.0.0.0/8",)),),
)

CPU = MetricSeries(
    arn=INSTANCE.arn,
    account=ACCOUNT,
    region=REGION,
    name=INSTANCE.name,
    namespace="AWS/EC2",
    metric="CPUUtilization",
    statistic="Average",
    dimensions={"InstanceId": "i-0abc"},
    period_s=86400,
    start_at=days_ago(14),
    end_at=NOW,
    values=(),
)


def instance(**changes: Any) -> Instance:
    return replace(INSTANCE, **changes)


def image(**changes: Any) -> Image:
    return replace(IMAGE, **changes)


def deep_learning_image(**changes: Any) -> Image:
    name = "Deep Learning OSS Nvidia Driver AMI GPU PyTorch 2.8 (Ubuntu 24.04) 20261018"
    return replace(IMAGE, **{"name": name, "description": "", "root_snapshot_gb": 75, **changes})


def volume(**changes: Any) -> Volume:
    return replace(VOLUME, **changes)


def security_group(**changes: Any) -> SecurityGroup:
    return replace(GROUP, **changes)


def cpu(*values: float, **changes: Any) -> MetricSeries:
    return replace(CPU, values=values, **changes)
