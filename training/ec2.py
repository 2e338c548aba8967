r"""Train or serve on one EC2 instance that gives itself back.

    python -m training.ec2 train --instance-profile ARN --bucket BUCKET \
        --data s3://BUCKET/breeds --freeze --batch-size 8 --dry-run
    python -m training.ec2 serve --instance-profile ARN --bucket BUCKET \
        --model s3://BUCKET/dog-breed-ec2/model.tar.gz --dry-run

A t2.micro has 1 GiB of memory and a tenth of a CPU once its credits are spent: enough to serve, and
to train the head of a frozen network in small batches. Whether the rest fits is told beforehand.
No key and no open port: reach a server by Session Manager's port forwarding to 127.0.0.1:8080.
"""

import argparse
import io
import os
import sys
import tarfile
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

from training import userdata
from training.errors import LaunchError, TrainingError
from training.estimate import print_dry_run
from training.memory import warning
from training.options import add_hyperparameters, hyperparameters
from training.plan import Step, account_of, pipeline_file, tag, tag_list
from training.source import staged

# https://docs.aws.amazon.com/dlami/latest/devguide/find-dlami-id.html: the AMI's name without
# "deep", "learning" and "ami". EC2 resolves it (API_RunInstances, ImageId).
IMAGE: Final = (
    "resolve:ssm:/aws/service/deeplearning/ami/x86_64/"
    "oss-nvidia-driver-gpu-pytorch-2.13-amazon-linux-2023/latest/ami-id"
)
_ROOT: Final = "/dev/xvda"


@dataclass(frozen=True, slots=True, kw_only=True)
class Machine:
    """An instance: what it is, who it may be, where its code comes from, what it does."""

    name: str
    region: str
    profile: str
    bucket: str
    instance_type: str
    volume_gib: int
    volume_key: str | None
    subnet: str | None
    security_groups: tuple[str, ...]
    tags: Mapping[str, str]
    user_data: str
    terminate: bool

    @property
    def account(self) -> str:
        """The account of the instance profile, in which the instance runs."""
        return account_of(self.profile, kind="instance-profile")


def run_instances(machine: Machine) -> dict[str, Any]:
    """Return what RunInstances is sent.

    https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_RunInstances.html
    """
    disk: dict[str, Any] = {
        "VolumeSize": machine.volume_gib,
        "VolumeType": "gp3",
        "Encrypted": True,
        "DeleteOnTermination": True,
    }
    if machine.volume_key is not None:
        disk["KmsKeyId"] = machine.volume_key
    tags = tag_list({"Name": machine.name, **machine.tags})
    parameters: dict[str, Any] = {
        "ImageId": IMAGE,
        "InstanceType": machine.instance_type,
        "MinCount": 1,
        "MaxCount": 1,
        "IamInstanceProfile": {"Arn": machine.profile},
        # Credentials to whoever holds a session token only, and to nothing a hop away.
        "MetadataOptions": {
            "HttpEndpoint": "enabled",
            "HttpTokens": "required",
            "HttpPutResponseHopLimit": 1,
        },
        "BlockDeviceMappings": [{"DeviceName": _ROOT, "Ebs": disk}],
        "InstanceInitiatedShutdownBehavior": "terminate" if machine.terminate else "stop",
        "UserData": machine.user_data,
        "TagSpecifications": [
            {"ResourceType": kind, "Tags": tags} for kind in ("instance", "volume")
        ],
    }
    if machine.subnet is not None:
        parameters["SubnetId"] = machine.subnet
    if machine.security_groups:
        parameters["SecurityGroupIds"] = list(machine.security_groups)
    return parameters


def main(arguments: Sequence[str] | None = None) -> int:
    """Start an instance, or print the request; return the exit code."""
    given = _parser().parse_args(arguments)
    try:
        machine = _machine(given)
        step = Step(
            id=machine.name,
            service="ec2",
            operation="RunInstances",
            parameters=run_instances(machine),
        )
        plan = pipeline_file((step,), account=machine.account, region=machine.region)
    except TrainingError as error:
        print(f"ec2: {error}", file=sys.stderr)
        return 1
    if given.work == "train":
        told = warning(machine.instance_type, hyperparameters(given))
        if told is not None:
            print(f"ec2: warning: {told}", file=sys.stderr)
    if given.dry_run:
        print_dry_run(plan)
        return 0
    print(start(machine))
    return 0


def start(machine: Machine) -> str:
    """Upload the code, start the instance, and return its id.

    EC2 refuses a disk smaller than the image's and says how large that is (--volume-gib).
    """
    import boto3

    session = boto3.Session(region_name=machine.region)
    with staged() as code, io.BytesIO() as packed:
        with tarfile.open(fileobj=packed, mode="w:gz") as archive:
            archive.add(code, arcname=".")
        session.client("s3").put_object(
            Bucket=machine.bucket, Key=f"{machine.name}/code.tar.gz", Body=packed.getvalue()
        )
    started = session.client("ec2").run_instances(**run_instances(machine))
    identity: str = started["Instances"][0]["InstanceId"]
    return identity


def _machine(given: argparse.Namespace) -> Machine:
    if given.max_minutes < 1:
        raise LaunchError(f"--max-minutes {given.max_minutes}: give at least 1")
    code = f"s3://{given.bucket}/{given.name}/code.tar.gz"
    if given.work == "train":
        script = userdata.training(
            hyperparameters(given).words(),
            region=given.region,
            code=code,
            data=given.data,
            output=f"s3://{given.bucket}/{given.name}",
            minutes=given.max_minutes,
        )
    else:
        script = userdata.serving(
            region=given.region, code=code, model=given.model, minutes=given.max_minutes
        )
    return Machine(
        name=given.name,
        region=given.region,
        profile=given.instance_profile,
        bucket=given.bucket,
        instance_type=given.instance_type,
        volume_gib=given.volume_gib,
        volume_key=given.volume_key,
        subnet=given.subnet,
        security_groups=tuple(given.security_group),
        tags=dict(given.tag),
        user_data=script,
        terminate=given.work == "train",
    )


def _parser() -> argparse.ArgumentParser:
    common = argparse.ArgumentParser(add_help=False)
    common.add_argument("--name", default="dog-breed-ec2", help="(%(default)s)")
    common.add_argument("--instance-profile", required=True, help="ARN; its role reads the bucket")
    common.add_argument("--bucket", required=True, help="for code, checkpoints and models")
    region = os.environ.get("AWS_REGION") or os.environ.get("AWS_DEFAULT_REGION") or "us-east-1"
    common.add_argument("--region", default=region, help="(%(default)s)")
    common.add_argument("--instance-type", default="t2.micro", help="(%(default)s)")
    common.add_argument(
        "--volume-gib", type=int, default=75, help="at least the image's own (%(default)s)"
    )
    common.add_argument("--volume-key", metavar="KMS", help="encrypts the disk (AWS's own key)")
    common.add_argument("--subnet", help="(default: one of the default VPC)")
    common.add_argument("--security-group", action="append", default=[], help="needs no way in")
    common.add_argument("--tag", type=tag, action="append", default=[], metavar="KEY=VALUE")
    common.add_argument("--max-minutes", type=int, default=480, help="then it stops (%(default)s)")
    common.add_argument("--dry-run", action="store_true", help="print the pipeline file")
    raw = argparse.RawDescriptionHelpFormatter
    parser = argparse.ArgumentParser(
        prog="python -m training.ec2", description=__doc__, formatter_class=raw
    )
    works = parser.add_subparsers(dest="work", required=True)
    train = works.add_parser("train", parents=[common], help="train, keep the model, terminate")
    train.add_argument("--data", required=True, help="s3:// URI of train/, valid/ and test/")
    add_hyperparameters(train)
    serve = works.add_parser("serve", parents=[common], help="serve on loopback, then stop")
    serve.add_argument("--model", required=True, help="s3:// URI of a model.tar.gz with code/")
    return parser


if __name__ == "__main__":
    raise SystemExit(main())
