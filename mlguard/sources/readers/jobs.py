"""Training, tuning, processing and transform jobs, as SageMaker describes them."""

from collections.abc import Iterable, Mapping
from datetime import UTC, datetime
from typing import Any

from mlguard.resources.capacity import Capacity
from mlguard.resources.jobs import (
    Channel,
    ProcessingJob,
    TrainingJob,
    TrainingSpec,
    TransformJob,
    TuningJob,
)
from mlguard.sources.base import Home
from mlguard.sources.readers.capacity import (
    processing_capacity,
    training_capacity,
    transform_capacity,
    tuning_capacity,
)

Raw = Mapping[str, Any]


def training_job(raw: Raw, home: Home) -> TrainingJob:
    """Return the job that DescribeTrainingJob answered."""
    return TrainingJob(
        arn=raw["TrainingJobArn"],
        account=home.account,
        region=home.region,
        name=raw["TrainingJobName"],
        status=raw["TrainingJobStatus"],
        created_at=datetime.astimezone(raw["CreationTime"], UTC),
        spec=_spec(
            raw,
            resources=_part(raw, "ResourceConfig"),
            capacity=training_capacity(_part(raw, "ResourceConfig")),
            hyperparameters=_part(raw, "HyperParameters"),
        ),
        tuning_job_arn=raw.get("TuningJobArn"),
        started_at=_instant(raw.get("TrainingStartTime")),
        ended_at=_instant(raw.get("TrainingEndTime")),
        training_time_s=raw.get("TrainingTimeInSeconds"),
        billable_time_s=raw.get("BillableTimeInSeconds"),
    )


def tuning_job(raw: Raw, home: Home) -> TuningJob:
    """Return the job that DescribeHyperParameterTuningJob answered."""
    config = raw["HyperParameterTuningJobConfig"]
    limits = config["ResourceLimits"]
    # One or several: API reference, "CreateHyperParameterTuningJob".
    definitions = raw.get("TrainingJobDefinitions") or (raw["TrainingJobDefinition"],)
    return TuningJob(
        arn=raw["HyperParameterTuningJobArn"],
        account=home.account,
        region=home.region,
        name=raw["HyperParameterTuningJobName"],
        status=raw["HyperParameterTuningJobStatus"],
        created_at=datetime.astimezone(raw["CreationTime"], UTC),
        strategy=config["Strategy"],
        max_jobs=limits.get("MaxNumberOfTrainingJobs"),
        max_parallel_jobs=limits["MaxParallelTrainingJobs"],
        max_runtime_s=limits.get("MaxRuntimeInSeconds"),
        definitions=tuple(_definition(definition) for definition in definitions),
    )


def processing_job(raw: Raw, home: Home) -> ProcessingJob:
    """Return the job that DescribeProcessingJob answered."""
    network = _part(raw, "NetworkConfig")
    return ProcessingJob(
        arn=raw["ProcessingJobArn"],
        account=home.account,
        region=home.region,
        name=raw["ProcessingJobName"],
        status=raw["ProcessingJobStatus"],
        created_at=datetime.astimezone(raw["CreationTime"], UTC),
        role_arn=raw.get("RoleArn"),
        capacity=processing_capacity(raw["ProcessingResources"]["ClusterConfig"]),
        image=raw["AppSpecification"]["ImageUri"],
        environment=dict(_part(raw, "Environment")),
        max_runtime_s=_part(raw, "StoppingCondition").get("MaxRuntimeInSeconds"),
        network_isolation=network.get("EnableNetworkIsolation", False),
        subnets=tuple(_part(network, "VpcConfig").get("Subnets", ())),
        started_at=_instant(raw.get("ProcessingStartTime")),
        ended_at=_instant(raw.get("ProcessingEndTime")),
    )


def transform_job(raw: Raw, home: Home) -> TransformJob:
    """Return the job that DescribeTransformJob answered."""
    return TransformJob(
        arn=raw["TransformJobArn"],
        account=home.account,
        region=home.region,
        name=raw["TransformJobName"],
        status=raw["TransformJobStatus"],
        created_at=datetime.astimezone(raw["CreationTime"], UTC),
        model_name=raw["ModelName"],
        capacity=transform_capacity(raw["TransformResources"]),
        started_at=_instant(raw.get("TransformStartTime")),
        ended_at=_instant(raw.get("TransformEndTime")),
    )


def _definition(raw: Raw) -> TrainingSpec:
    tuning = _part(raw, "HyperParameterTuningResourceConfig")
    resources = tuning or _part(raw, "ResourceConfig")
    return _spec(
        raw,
        resources=resources,
        capacity=tuning_capacity(resources),
        hyperparameters=_part(raw, "StaticHyperParameters"),
    )


def _spec(raw: Raw, *, resources: Raw, capacity: Capacity, hyperparameters: Raw) -> TrainingSpec:
    algorithm = _part(raw, "AlgorithmSpecification")
    network = _part(raw, "VpcConfig")
    output = _part(raw, "OutputDataConfig")
    return TrainingSpec(
        role_arn=raw["RoleArn"],
        capacity=capacity,
        hyperparameters=dict(hyperparameters),
        environment=dict(_part(raw, "Environment")),
        channels=_channels(raw.get("InputDataConfig") or ()),
        image=algorithm.get("TrainingImage"),
        algorithm_name=algorithm.get("AlgorithmName"),
        entrypoint=(
            *(algorithm.get("ContainerEntrypoint") or ()),
            *(algorithm.get("ContainerArguments") or ()),
        ),
        max_runtime_s=_part(raw, "StoppingCondition").get("MaxRuntimeInSeconds"),
        spot=raw.get("EnableManagedSpotTraining", False),
        checkpoint_uri=_part(raw, "CheckpointConfig").get("S3Uri"),
        network_isolation=raw.get("EnableNetworkIsolation", False),
        intercontainer_encryption=raw.get("EnableInterContainerTrafficEncryption", False),
        subnets=tuple(network.get("Subnets", ())),
        security_groups=tuple(network.get("SecurityGroupIds", ())),
        volume_kms_key_id=resources.get("VolumeKmsKeyId"),
        output_uri=output.get("S3OutputPath"),
        output_kms_key_id=output.get("KmsKeyId"),
    )


def _channels(raws: Iterable[Raw]) -> tuple[Channel, ...]:
    return tuple(_channel(raw) for raw in raws)


def _channel(raw: Raw) -> Channel:
    source = _part(raw["DataSource"], "S3DataSource")
    if not source:
        return Channel(name=raw["ChannelName"])
    return Channel(
        name=raw["ChannelName"],
        uri=source["S3Uri"],
        # Every instance gets all of the data unless the job says otherwise.
        distribution=source.get("S3DataDistributionType", "FullyReplicated"),
    )


def _part(raw: Raw, member: str) -> Raw:
    """Return a structure that AWS may leave out; left out and empty mean the same."""
    part: Raw = raw.get(member) or {}
    return part


def _instant(value: datetime | None) -> datetime | None:
    return None if value is None else datetime.astimezone(value, UTC)
