"""Jobs to start from: one small instance each."""

from typing import Any

from msgspec.structs import replace

from mlguard.policy import Policy
from mlguard.resources.capacity import Instances
from mlguard.resources.jobs import (
    Channel,
    ProcessingJob,
    TrainingJob,
    TrainingSpec,
    TransformJob,
    TuningJob,
)
from tests.builders.account import ACCOUNT, REGION, arn, days_ago

ROLE = f"arn:aws:iam::{ACCOUNT}:role/training"
IMAGE = "763104351884.dkr.ecr.us-east-1.amazonaws.com/pytorch-training:2.8.0-cpu-py312"

SPEC = TrainingSpec(
    role_arn=ROLE,
    capacity=Instances(instance_type="ml.t3.medium", count=1),
    hyperparameters={"epochs": "5", "sagemaker_program": "train.py"},
    environment={},
    channels=(Channel(name="training", uri="s3://breeds/train", distribution="FullyReplicated"),),
    image=IMAGE,
    algorithm_name=None,
    entrypoint=(),
    max_runtime_s=3600,
    spot=True,
    checkpoint_uri="s3://breeds/checkpoints",
    network_isolation=True,
    intercontainer_encryption=True,
    subnets=("subnet-1",),
    security_groups=("sg-1",),
    volume_kms_key_id=None,
    output_uri="s3://breeds/models",
    output_kms_key_id=None,
)
TRAINING = TrainingJob(
    arn=arn("sagemaker", "training-job/breeds-1"),
    account=ACCOUNT,
    region=REGION,
    name="breeds-1",
    status="Completed",
    created_at=days_ago(1),
    spec=SPEC,
)
TUNING = TuningJob(
    arn=arn("sagemaker", "hyper-parameter-tuning-job/breeds-search"),
    account=ACCOUNT,
    region=REGION,
    name="breeds-search",
    status="Completed",
    created_at=days_ago(1),
    strategy="Bayesian",
    max_jobs=4,
    max_parallel_jobs=2,
    max_runtime_s=7200,
    definitions=(SPEC,),
)
PROCESSING = ProcessingJob(
    arn=arn("sagemaker", "processing-job/breeds-split"),
    account=ACCOUNT,
    region=REGION,
    name="breeds-split",
    status="Completed",
    created_at=days_ago(1),
    role_arn=ROLE,
    capacity=Instances(instance_type="ml.t3.medium", count=1),
    image=IMAGE,
    environment={},
    max_runtime_s=3600,
    network_isolation=True,
    subnets=("subnet-1",),
)
TRANSFORM = TransformJob(
    arn=arn("sagemaker", "transform-job/breeds-nightly"),
    account=ACCOUNT,
    region=REGION,
    name="breeds-nightly",
    status="Completed",
    created_at=days_ago(1),
    model_name="breeds",
    capacity=Instances(instance_type=Policy().transform[0], count=1),
)


def training_spec(**changes: Any) -> TrainingSpec:
    return replace(SPEC, **changes)


def training_job(*, spec: TrainingSpec = SPEC, **changes: Any) -> TrainingJob:
    return replace(TRAINING, spec=spec, **changes)


def tuning_job(*definitions: TrainingSpec, **changes: Any) -> TuningJob:
    return replace(TUNING, definitions=definitions or (SPEC,), **changes)


def processing_job(**changes: Any) -> ProcessingJob:
    return replace(PROCESSING, **changes)


def transform_job(**changes: Any) -> TransformJob:
    return replace(TRANSFORM, **changes)
