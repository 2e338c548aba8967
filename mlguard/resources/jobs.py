"""SageMaker jobs that run and end: training, tuning, processing, batch transform."""

from mlguard.resources.base import Instant, Part, Resource
from mlguard.resources.capacity import Capacity


class Channel(Part, frozen=True, kw_only=True):
    """One input of a training job; `distribution` is S3DataDistributionType.

    None where the channel is no S3 data source.
    """

    name: str
    uri: str | None = None
    distribution: str | None = None


class TrainingSpec(Part, frozen=True, kw_only=True):
    """What a training job and each definition of a tuning job have in common."""

    role_arn: str
    capacity: Capacity
    hyperparameters: dict[str, str]
    environment: dict[str, str]
    channels: tuple[Channel, ...]
    image: str | None
    algorithm_name: str | None
    entrypoint: tuple[str, ...]
    max_runtime_s: int | None
    spot: bool
    checkpoint_uri: str | None
    network_isolation: bool
    intercontainer_encryption: bool
    subnets: tuple[str, ...]
    security_groups: tuple[str, ...]
    volume_kms_key_id: str | None
    output_uri: str | None
    output_kms_key_id: str | None


class TrainingJob(Resource, frozen=True, kw_only=True):
    """A training job (DescribeTrainingJob)."""

    status: str
    created_at: Instant
    spec: TrainingSpec
    tuning_job_arn: str | None = None
    started_at: Instant | None = None
    ended_at: Instant | None = None
    training_time_s: int | None = None
    billable_time_s: int | None = None


class TuningJob(Resource, frozen=True, kw_only=True):
    """A hyperparameter tuning job, with each of its training job definitions."""

    status: str
    created_at: Instant
    strategy: str
    max_jobs: int | None
    max_parallel_jobs: int
    max_runtime_s: int | None
    definitions: tuple[TrainingSpec, ...]


class ProcessingJob(Resource, frozen=True, kw_only=True):
    """A processing job (DescribeProcessingJob)."""

    status: str
    created_at: Instant
    role_arn: str | None
    capacity: Capacity
    image: str
    environment: dict[str, str]
    max_runtime_s: int | None
    network_isolation: bool
    subnets: tuple[str, ...]
    started_at: Instant | None = None
    ended_at: Instant | None = None


class TransformJob(Resource, frozen=True, kw_only=True):
    """A batch transform job (DescribeTransformJob)."""

    status: str
    created_at: Instant
    model_name: str
    capacity: Capacity
    started_at: Instant | None = None
    ended_at: Instant | None = None
