"""A SageMaker training job as data: what it runs on, where, with which keys and limits.

https://docs.aws.amazon.com/sagemaker/latest/APIReference/API_CreateTrainingJob.html
"""

import argparse
import os
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final

from training.errors import LaunchError
from training.metrics import METRIC_DEFINITIONS
from training.options import Hyperparameters, add_hyperparameters, hyperparameters
from training.plan import account_of, tag, tag_list

CHECKPOINTS: Final = "/opt/ml/checkpoints"

# AWS Deep Learning Containers, https://github.com/aws/deep-learning-containers: their account
# in the regions that are not opted into.
_IMAGE: Final = "763104351884.dkr.ecr.{region}.amazonaws.com/pytorch-training:2.6.0-{kind}-py312"

# "You can't request a VolumeKmsKeyId when using an instance type with local storage"
# (API_ResourceConfig): their disks are encrypted with a key of the machine's own.
_LOCAL_STORAGE: Final = frozenset(
    {"g4dn", "g5", "g6", "g6e", "p3dn", "p4d", "p4de", "p5", "p5e", "p5en"}
)

# sagemaker.train's container entrypoint: the script that its drivers channel brings.
_DRIVER: Final = "/opt/ml/input/data/sm_drivers/sm_train.sh"
ENTRYPOINT: Final = ("/bin/bash",)
ARGUMENTS: Final = ("-c", f"chmod +x {_DRIVER} && {_DRIVER}")


@dataclass(frozen=True, slots=True, kw_only=True)
class Job:
    """A training job; `bucket` takes code, checkpoints and models, `data` is an S3 URI."""

    name: str
    region: str
    role: str
    image: str
    data: str
    bucket: str
    instance_type: str
    instances: int
    volume_gib: int
    volume_key: str | None
    output_key: str | None
    subnets: tuple[str, ...]
    security_groups: tuple[str, ...]
    spot: bool
    max_runtime_seconds: int
    max_wait_seconds: int
    tags: Mapping[str, str]
    hyperparameters: Hyperparameters

    def __post_init__(self) -> None:
        """Refuse what SageMaker would, or what would fail after the machines are paid for."""
        self._refuse_instance_type()
        if self.spot and self.max_wait_seconds < self.max_runtime_seconds:
            raise LaunchError(
                f"--max-wait {self.max_wait_seconds} is shorter than --max-runtime "
                f"{self.max_runtime_seconds}: waiting for spot machines counts running them"
            )
        if bool(self.subnets) != bool(self.security_groups):
            raise LaunchError("a VPC takes both: give --subnet and --security-group, or neither")
        if self.hyperparameters.batch_size % self.instances:
            raise LaunchError(
                f"--batch-size {self.hyperparameters.batch_size} is the batch of all instances: "
                f"give a multiple of {self.instances}"
            )
        if not self.data.startswith("s3://"):
            raise LaunchError(f"--data {self.data}: give the s3:// URI of train/, valid/, test/")

    @property
    def account(self) -> str:
        """The account of the role, in which the job runs."""
        return account_of(self.role, kind="role")

    @property
    def output(self) -> str:
        """The S3 URI under which models are written."""
        return f"s3://{self.bucket}/{self.name}/output"

    def _refuse_instance_type(self) -> None:
        prefix, _, rest = self.instance_type.partition(".")
        family = rest.partition(".")[0]
        if prefix != "ml" or not family:
            raise LaunchError(f"--instance-type {self.instance_type}: SageMaker's begin with ml.")
        if family == "t2":
            raise LaunchError(
                f"--instance-type {self.instance_type}: ml.t2 runs notebooks and endpoints, "
                "not training: give ml.t3.medium, ml.m5.large or larger"
            )
        if self.volume_key is not None and family in _LOCAL_STORAGE:
            raise LaunchError(
                f"--instance-type {self.instance_type} has disks of its own, encrypted already, "
                "and SageMaker refuses a key for them: leave --volume-key out"
            )


def add_job_options(parser: argparse.ArgumentParser) -> None:
    """Add what launching and tuning ask about a job."""
    group = parser.add_argument_group("where it runs, and on what")
    group.add_argument("--name", default="dog-breed-training", help="of the job (%(default)s)")
    group.add_argument("--role", required=True, help="ARN of the job's execution role")
    group.add_argument("--data", required=True, help="s3:// URI of train/, valid/ and test/")
    group.add_argument("--bucket", required=True, help="for code, checkpoints and models")
    region = os.environ.get("AWS_REGION") or os.environ.get("AWS_DEFAULT_REGION") or "us-east-1"
    group.add_argument("--region", default=region, help="(%(default)s)")
    group.add_argument("--image", help="of the container (default: AWS's PyTorch)")
    group.add_argument("--instance-type", default="ml.t3.medium", help="(%(default)s)")
    group.add_argument("--instances", type=int, default=1, help="they share the data (1)")
    group.add_argument("--volume-gib", type=int, default=30, help="(%(default)s)")
    group.add_argument("--tag", type=tag, action="append", default=[], metavar="KEY=VALUE")
    limits = parser.add_argument_group("limits")
    limits.add_argument("--max-runtime", type=int, default=3600, help="seconds (%(default)s)")
    limits.add_argument("--spot", action="store_true", help="on spare machines, with checkpoints")
    limits.add_argument("--max-wait", type=int, help="seconds, with --spot (twice --max-runtime)")
    shut = parser.add_argument_group("who sees what")
    shut.add_argument("--volume-key", metavar="KMS", help="encrypts the machines' disks")
    shut.add_argument("--output-key", metavar="KMS", help="encrypts code and models in S3")
    shut.add_argument("--subnet", action="append", default=[], help="may be given again")
    shut.add_argument("--security-group", action="append", default=[], help="may be given again")
    parser.add_argument(
        "--dry-run", action="store_true", help="print the pipeline file, call nobody"
    )
    add_hyperparameters(parser)


def job(given: argparse.Namespace) -> Job:
    """Return the job of parsed arguments; raises LaunchError."""
    gpu = given.instance_type.startswith(("ml.g", "ml.p"))
    image = _IMAGE.format(region=given.region, kind="gpu" if gpu else "cpu")
    return Job(
        name=given.name,
        region=given.region,
        role=given.role,
        image=given.image or image,
        data=given.data,
        bucket=given.bucket,
        instance_type=given.instance_type,
        instances=given.instances,
        volume_gib=given.volume_gib,
        volume_key=given.volume_key,
        output_key=given.output_key,
        subnets=tuple(given.subnet),
        security_groups=tuple(given.security_group),
        spot=given.spot,
        max_runtime_seconds=given.max_runtime,
        max_wait_seconds=given.max_wait or 2 * given.max_runtime,
        tags=dict(given.tag),
        hyperparameters=hyperparameters(given),
    )


def create_training_job(job: Job) -> dict[str, Any]:
    """Return what CreateTrainingJob is sent, as training.launch has the SDK send it."""
    prefix = f"s3://{job.bucket}/{job.name}/{job.name}"
    channels = {
        "training": job.data,
        "code": f"{prefix}/input/code",
        "sm_drivers": f"{prefix}/input/sm_drivers",
    }
    parameters = {
        "TrainingJobName": job.name,
        "AlgorithmSpecification": {
            "TrainingImage": job.image,
            "TrainingInputMode": "File",
            "ContainerEntrypoint": list(ENTRYPOINT),
            "ContainerArguments": list(ARGUMENTS),
            "MetricDefinitions": [dict(definition) for definition in METRIC_DEFINITIONS],
        },
        "HyperParameters": job.hyperparameters.words(),
        "InputDataConfig": [
            channel(name, uri) | {"InputMode": "File"} for name, uri in channels.items()
        ],
        "CheckpointConfig": {"S3Uri": f"{prefix}/checkpoints", "LocalPath": CHECKPOINTS},
    }
    return parameters | definition(job) | ({"Tags": tag_list(job.tags)} if job.tags else {})


def definition(job: Job) -> dict[str, Any]:
    """Return what training jobs and the definitions of tuning jobs have in common."""
    stopping = {"MaxRuntimeInSeconds": job.max_runtime_seconds}
    if job.spot:
        stopping["MaxWaitTimeInSeconds"] = job.max_wait_seconds
    output = {"S3OutputPath": job.output, "CompressionType": "GZIP"}
    if job.output_key is not None:
        output["KmsKeyId"] = job.output_key
    resources: dict[str, Any] = {
        "InstanceType": job.instance_type,
        "InstanceCount": job.instances,
        "VolumeSizeInGB": job.volume_gib,
    }
    if job.volume_key is not None:
        resources["VolumeKmsKeyId"] = job.volume_key
    defined = {
        "RoleArn": job.role,
        "OutputDataConfig": output,
        "ResourceConfig": resources,
        "StoppingCondition": stopping,
        "EnableManagedSpotTraining": job.spot,
        # "no inbound or outbound network calls can be made, except for calls between peers within
        # a training cluster" (API_CreateTrainingJob): training needs no more.
        "EnableNetworkIsolation": True,
        "EnableInterContainerTrafficEncryption": job.instances > 1,
    }
    if job.subnets:
        defined["VpcConfig"] = {
            "SecurityGroupIds": list(job.security_groups),
            "Subnets": list(job.subnets),
        }
    return defined


def channel(name: str, uri: str) -> dict[str, Any]:
    """Return a channel that brings everything under the URI to every instance."""
    source = {
        "S3DataType": "S3Prefix",
        "S3Uri": uri,
        "S3DataDistributionType": "FullyReplicated",
    }
    return {"ChannelName": name, "DataSource": {"S3DataSource": source}}
