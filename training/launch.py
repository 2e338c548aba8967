r"""Start a training job on SageMaker, on one instance or several that share the data.

    python -m training.launch --role ARN --data s3://BUCKET/breeds --bucket BUCKET \
        --instances 2 --spot --dry-run

With --dry-run it prints the pipeline file and calls nobody; without, it needs the SageMaker SDK
(pip install -e '.[sagemaker]') and AWS credentials, and costs money.
"""

import argparse
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from training.errors import TrainingError
from training.estimate import print_dry_run
from training.job import CHECKPOINTS, Job, add_job_options, create_training_job, job
from training.metrics import METRIC_DEFINITIONS
from training.plan import Step, pipeline_file
from training.source import ENTRY, staged


def main(arguments: Sequence[str] | None = None) -> int:
    """Launch what the command line asks for, or print it; return the exit code."""
    parser = argparse.ArgumentParser(
        prog="python -m training.launch",
        description=__doc__,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    add_job_options(parser)
    parser.add_argument("--wait", action="store_true", help="until it ends, with its logs")
    given = parser.parse_args(arguments)
    try:
        asked = job(given)
        plan = pipeline_file(steps(asked), account=asked.account, region=asked.region)
    except TrainingError as error:
        print(f"launch: {error}", file=sys.stderr)
        return 1
    if given.dry_run:
        print_dry_run(plan)
        return 0
    print(launch(asked, wait=given.wait))
    return 0


def steps(asked: Job) -> tuple[Step, ...]:
    """Return the calls that a launch makes."""
    return (
        Step(
            id=asked.name,
            service="sagemaker",
            operation="CreateTrainingJob",
            parameters=create_training_job(asked),
        ),
    )


def launch(asked: Job, *, wait: bool) -> str:
    """Upload the code, start the job, and return its name."""
    import boto3

    with staged() as code:
        trainer = model_trainer(asked, code, boto3.Session(region_name=asked.region))
        trainer.train(wait=wait, logs=wait)
    name: str = trainer._latest_training_job.training_job_name  # noqa: SLF001  # the SDK has no other way
    return name


def model_trainer(asked: Job, code: Path, session: Any, *, checkpoints: str | None = None) -> Any:  # noqa: ANN401  # the SDK is imported only here
    """Return the SDK's ModelTrainer that sends what create_training_job says.

    https://sagemaker.readthedocs.io/en/stable/api/sagemaker_train.html
    """
    from sagemaker.core.helper.session_helper import Session
    from sagemaker.core.shapes import MetricDefinition, StoppingCondition, Tag
    from sagemaker.train import ModelTrainer
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
    trainer = ModelTrainer(
        sagemaker_session=Session(session, default_bucket=asked.bucket),
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


if __name__ == "__main__":
    raise SystemExit(main())
