r"""Start a training job on SageMaker, on one instance or several that share the data.

    python -m training.launch --role ARN --data s3://BUCKET/breeds --bucket BUCKET \
        --instances 2 --spot --dry-run

With --dry-run it prints the pipeline file and calls nobody; without, it needs the SageMaker SDK
(pip install -e '.[sagemaker]') and AWS credentials, and costs money.
"""

import argparse
import sys
from collections.abc import Sequence

from training.errors import TrainingError
from training.estimate import print_dry_run
from training.job import Job, add_job_options, create_training_job, job
from training.plan import Step, pipeline_file
from training.source import staged
from training.trainer import model_trainer


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


if __name__ == "__main__":
    raise SystemExit(main())
