"""Training, tuning, processing and transform jobs of the last 30 days.

SageMaker keeps jobs for ever and describes them one by one, so the collection looks back a
month. That is about every job that may still run: AWS stops training after 28 days and tuning
after 30 (SageMaker quotas).
"""

from datetime import datetime, timedelta
from typing import Final

from mlguard.resources.base import Resource
from mlguard.resources.jobs import ProcessingJob, TrainingJob, TransformJob, TuningJob
from mlguard.sources.aws.listed import Listed, collect_listed
from mlguard.sources.aws.reading import Reading
from mlguard.sources.readers.jobs import processing_job, training_job, transform_job, tuning_job

LOOKBACK_DAYS: Final = 30
"""How old a job may be to be read."""

LISTED: Final = (
    Listed(
        kind=TrainingJob,
        word="TrainingJob",
        key="TrainingJobSummaries",
        read=training_job,
    ),
    Listed(
        kind=TuningJob,
        word="HyperParameterTuningJob",
        key="HyperParameterTuningJobSummaries",
        read=tuning_job,
    ),
    Listed(
        kind=ProcessingJob,
        word="ProcessingJob",
        key="ProcessingJobSummaries",
        read=processing_job,
    ),
    Listed(
        kind=TransformJob,
        word="TransformJob",
        key="TransformJobSummaries",
        read=transform_job,
    ),
)
KINDS: Final[tuple[type[Resource], ...]] = tuple(listed.kind for listed in LISTED)
OPERATIONS: Final[tuple[str, ...]] = tuple(
    operation for listed in LISTED for operation in listed.operations
)


def collect(reading: Reading, *, now: datetime) -> None:
    """Read every job that was created in the look-back window."""
    after = now - timedelta(days=LOOKBACK_DAYS)
    for listed in LISTED:
        collect_listed(reading, listed, CreationTimeAfter=after)
