"""The SageMaker SDK's ModelTrainer of a job, which calls what the job needs and asks no more.

Left to itself the SDK looks into IAM, lists every bucket of the account and makes one that is not
there, takes defaults from files of the machine's, and tells AWS what it was used for. Whoever
starts jobs need be allowed none of it, and what is sent is what was planned.
"""

import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, Final

from training.job import CHECKPOINTS, Job
from training.metrics import METRIC_DEFINITIONS
from training.source import ENTRY

_VALIDATE: Final = "SAGEMAKER_VALIDATE_ROLE"

# https://sagemaker.readthedocs.io/en/stable/overview.html, "Configuring and using defaults with the
# SageMaker Python SDK": given as a whole, no file is looked for.
_DEFAULTS: Final = {
    "SchemaVersion": "1.0",
    "SageMaker": {"PythonSDK": {"Modules": {"TelemetryOptOut": True}}},
}


def model_trainer(asked: Job, code: Path, session: Any, *, checkpoints: str | None = None) -> Any:  # noqa: ANN401  # the SDK is imported only here
    """Return the SDK's ModelTrainer that sends what create_training_job says.

    https://sagemaker.readthedocs.io/en/stable/api/sagemaker_train.html
    """
    from sagemaker.core.shapes import MetricDefinition, StoppingCondition, Tag
    from sagemaker.train.configs import (
        CheckpointConfig,
        Compute,
        InputData,
        Networking,
        OutputDataConfig,
        SourceCode,
    )
    from sagemaker.train.distributed import Torchrun

    stopping = {"max_runtime_in_seconds": asked.max_runtime_seconds}
    if asked.spot:
        stopping["max_wait_time_in_seconds"] = asked.max_wait_seconds
    with _role_taken_as_given():
        trainer = _kind_of_trainer()(
            sagemaker_session=_session(asked, session),
            role=asked.role,
            base_job_name=asked.name,
            training_image=asked.image,
            source_code=SourceCode(source_dir=str(code), entry_script=ENTRY),
            distributed=Torchrun(),
            compute=Compute(
                instance_type=asked.instance_type,
                instance_count=asked.instances,
                volume_size_in_gb=asked.volume_gib,
                volume_kms_key_id=asked.volume_key,
                enable_managed_spot_training=asked.spot,
            ),
            networking=Networking(
                subnets=list(asked.subnets) or None,
                security_group_ids=list(asked.security_groups) or None,
                enable_network_isolation=True,
                enable_inter_container_traffic_encryption=asked.instances > 1,
            ),
            stopping_condition=StoppingCondition(**stopping),
            output_data_config=OutputDataConfig(
                s3_output_path=asked.output, kms_key_id=asked.output_key, compression_type="GZIP"
            ),
            # Without a place of its own the SDK puts it beside this job's input.
            checkpoint_config=CheckpointConfig(local_path=CHECKPOINTS, s3_uri=checkpoints),
            input_data_config=[InputData(channel_name="training", data_source=asked.data)],
            hyperparameters=asked.hyperparameters.words(),
            tags=[Tag(key=key, value=value) for key, value in asked.tags.items()] or None,
        )
    return trainer.with_metric_definitions(
        [MetricDefinition(name=item["Name"], regex=item["Regex"]) for item in METRIC_DEFINITIONS]
    )


def _session(asked: Job, session: Any) -> Any:  # noqa: ANN401  # as above
    from sagemaker.core.helper.session_helper import Session

    class InOneBucket(Session):  # type: ignore[misc]  # the SDK has no types
        """Takes the bucket that was named; the SDK lists all, and makes one that is missing."""

        def default_bucket(self) -> str:
            return asked.bucket

    return InOneBucket(session, default_bucket=asked.bucket, sagemaker_config=_DEFAULTS)


def _kind_of_trainer() -> Any:  # noqa: ANN401  # as above
    from sagemaker.train import ModelTrainer

    class Trainer(ModelTrainer):  # type: ignore[misc]  # the SDK has no types
        """Stages the code in the session's bucket.

        The SDK asks iam:SimulatePrincipalPolicy first whether the job's role may write all over
        that bucket, and stages it where models go if not.
        """

        def _resolve_staging_bucket(self) -> tuple[str, str | None]:
            bucket: str = self.sagemaker_session.default_bucket()
            return bucket, None

    return Trainer


@contextmanager
def _role_taken_as_given() -> Iterator[None]:
    """Keep the SDK from asking IAM what the role may do, unless somebody wants it asked.

    It refuses a role that may not, for one, make network interfaces, which a job without a VPC of
    yours never does; and asking takes iam:SimulatePrincipalPolicy and iam:GetRole.
    """
    if _VALIDATE in os.environ:
        yield
        return
    os.environ[_VALIDATE] = "false"
    try:
        yield
    finally:
        del os.environ[_VALIDATE]
