from typing import Any

import pytest

from mlguard.resources.capacity import Instances, Unspecified
from mlguard.resources.jobs import Channel
from mlguard.sources.base import Home
from mlguard.sources.readers.jobs import processing_job, training_job, transform_job, tuning_job
from tests.builders.account import ACCOUNT, NOW, REGION

HOME = Home(account=ACCOUNT, region=REGION)
ROLE = "arn:aws:iam::123456789012:role/train"
DEFINITION: dict[str, Any] = {
    "RoleArn": ROLE,
    "AlgorithmSpecification": {
        "TrainingImage": "image",
        "TrainingInputMode": "File",
        "ContainerEntrypoint": ["bash", "-c"],
        "ContainerArguments": ["torchrun train.py"],
    },
    "InputDataConfig": [
        {
            "ChannelName": "training",
            "DataSource": {"S3DataSource": {"S3DataType": "S3Prefix", "S3Uri": "s3://b/train"}},
        },
        {
            "ChannelName": "shards",
            "DataSource": {
                "S3DataSource": {
                    "S3DataType": "S3Prefix",
                    "S3Uri": "s3://b/shards",
                    "S3DataDistributionType": "ShardedByS3Key",
                }
            },
        },
        {"ChannelName": "disk", "DataSource": {"FileSystemDataSource": {"FileSystemId": "fs-1"}}},
    ],
    "OutputDataConfig": {"S3OutputPath": "s3://b/out", "KmsKeyId": "key"},
    "ResourceConfig": {
        "InstanceType": "ml.m5.large",
        "InstanceCount": 2,
        "VolumeSizeInGB": 30,
        "VolumeKmsKeyId": "disk-key",
    },
    "StoppingCondition": {"MaxRuntimeInSeconds": 3600},
    "EnableManagedSpotTraining": True,
    "CheckpointConfig": {"S3Uri": "s3://b/checkpoints"},
    "VpcConfig": {"Subnets": ["subnet-1"], "SecurityGroupIds": ["sg-1"]},
}
TRAINING: dict[str, Any] = {
    **DEFINITION,
    "TrainingJobArn": "arn:job",
    "TrainingJobName": "job",
    "TrainingJobStatus": "Completed",
    "CreationTime": NOW,
    "HyperParameters": {"lr": "0.1"},
}
TUNING: dict[str, Any] = {
    "HyperParameterTuningJobArn": "arn:search",
    "HyperParameterTuningJobName": "search",
    "HyperParameterTuningJobStatus": "InProgress",
    "HyperParameterTuningJobConfig": {
        "Strategy": "Bayesian",
        "ResourceLimits": {"MaxParallelTrainingJobs": 2},
    },
    "CreationTime": NOW,
}


def test_a_training_job_has_what_it_was_asked_for() -> None:
    found = training_job(TRAINING | {"BillableTimeInSeconds": 60, "TrainingEndTime": NOW}, HOME)
    spec = found.spec
    assert (found.billable_time_s, found.started_at, found.ended_at) == (60, None, NOW)
    assert spec.capacity == Instances(instance_type="ml.m5.large", count=2)
    assert spec.hyperparameters == {"lr": "0.1"}
    assert spec.entrypoint == ("bash", "-c", "torchrun train.py")
    assert (spec.spot, spec.checkpoint_uri) == (True, "s3://b/checkpoints")
    assert (spec.subnets, spec.security_groups) == (("subnet-1",), ("sg-1",))
    assert (spec.volume_kms_key_id, spec.output_kms_key_id) == ("disk-key", "key")


def test_a_channel_replicates_unless_it_shards_and_only_s3_does_either() -> None:
    assert training_job(TRAINING, HOME).spec.channels == (
        Channel(name="training", uri="s3://b/train", distribution="FullyReplicated"),
        Channel(name="shards", uri="s3://b/shards", distribution="ShardedByS3Key"),
        Channel(name="disk"),
    )


def test_a_serverless_training_job_names_no_machines() -> None:
    raw = {key: value for key, value in TRAINING.items() if key != "ResourceConfig"}
    assert training_job(raw, HOME).spec.capacity == Unspecified()


def test_a_training_job_without_a_role_is_malformed() -> None:
    raw = {key: value for key, value in TRAINING.items() if key != "RoleArn"}
    with pytest.raises(KeyError, match="RoleArn"):
        training_job(raw, HOME)


def test_a_tuning_job_has_one_definition() -> None:
    raw = TUNING | {
        "TrainingJobDefinition": DEFINITION | {"StaticHyperParameters": {"epochs": "3"}}
    }
    (spec,) = tuning_job(raw, HOME).definitions
    assert spec.hyperparameters == {"epochs": "3"}
    assert spec.role_arn == ROLE


def test_a_tuning_job_has_several_definitions_each_with_its_machines() -> None:
    flexible = {key: value for key, value in DEFINITION.items() if key != "ResourceConfig"} | {
        "HyperParameterTuningResourceConfig": {"InstanceType": "ml.c5.large", "InstanceCount": 1}
    }
    raw = TUNING | {"TrainingJobDefinitions": [DEFINITION, flexible]}
    found = tuning_job(raw, HOME)
    assert found.max_jobs is None
    assert [spec.capacity for spec in found.definitions] == [
        Instances(instance_type="ml.m5.large", count=2),
        Instances(instance_type="ml.c5.large", count=1),
    ]


def test_a_tuning_job_without_a_definition_is_malformed() -> None:
    with pytest.raises(KeyError, match="TrainingJobDefinition"):
        tuning_job(TUNING, HOME)


def test_a_processing_job_may_have_no_role_and_no_network() -> None:
    cluster = {"InstanceType": "ml.m5.large", "InstanceCount": 1, "VolumeSizeInGB": 30}
    found = processing_job(
        {
            "ProcessingJobArn": "arn:p",
            "ProcessingJobName": "p",
            "ProcessingJobStatus": "Completed",
            "CreationTime": NOW,
            "AppSpecification": {"ImageUri": "image"},
            "ProcessingResources": {"ClusterConfig": cluster},
        },
        HOME,
    )
    assert (found.role_arn, found.subnets, found.max_runtime_s) == (None, (), None)
    assert not found.network_isolation


def test_a_transform_job_names_its_model() -> None:
    found = transform_job(
        {
            "TransformJobArn": "arn:t",
            "TransformJobName": "t",
            "TransformJobStatus": "Completed",
            "CreationTime": NOW,
            "ModelName": "dogs",
            "TransformResources": {"InstanceType": "ml.m5.large", "InstanceCount": 1},
        },
        HOME,
    )
    assert found.model_name == "dogs"
