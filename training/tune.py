r"""Search learning rate and batch size: a SageMaker tuning job over training jobs.

    python -m training.tune --role ARN --data s3://BUCKET/breeds --bucket BUCKET \
        --max-jobs 8 --max-parallel 2 --dry-run

Jobs that lose are stopped early. Every job costs what training.launch of it does. With --dry-run
it prints the pipeline file and calls nobody.
"""

import argparse
import sys
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path, PurePosixPath
from typing import Any, Final

from training.errors import LaunchError, TrainingError
from training.estimate import print_dry_run
from training.job import CHECKPOINTS, Job, add_job_options, channel, definition, job
from training.metrics import METRIC_DEFINITIONS, OBJECTIVE
from training.plan import Step, pipeline_file, tag_list
from training.source import ENTRY, staged
from training.trainer import model_trainer

# https://github.com/aws/sagemaker-training-toolkit, files.download_and_extract: what is no s3://
# is a file of the container's; the channel `code` is mounted there.
_CODE: Final = "/opt/ml/input/data/code/sourcedir.tar.gz"


@dataclass(frozen=True, slots=True, kw_only=True)
class Search:
    """What is searched, and how many jobs it may take."""

    lowest_rate: float
    highest_rate: float
    batch_sizes: tuple[int, ...]
    max_jobs: int
    max_parallel: int

    def __post_init__(self) -> None:
        """Refuse a search that SageMaker would."""
        if not 0 < self.lowest_rate < self.highest_rate:
            raise LaunchError("--learning-rates LOW HIGH: both above 0, the lower one first")
        if not 1 <= self.max_parallel <= self.max_jobs:
            raise LaunchError(
                f"--max-parallel {self.max_parallel} of --max-jobs {self.max_jobs}: give 1 or "
                "more, and no more than there are jobs"
            )


def main(arguments: Sequence[str] | None = None) -> int:
    """Tune as the command line asks, or print it; return the exit code."""
    parser = argparse.ArgumentParser(
        prog="python -m training.tune",
        description=__doc__,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    add_job_options(parser)
    group = parser.add_argument_group("search")
    group.add_argument(
        "--learning-rates",
        type=float,
        nargs=2,
        default=(1e-4, 1e-1),
        metavar=("LOW", "HIGH"),
        help="bounds, searched on a logarithmic scale (1e-4 1e-1)",
    )
    group.add_argument("--batch-sizes", type=int, nargs="+", default=(32, 64, 128), metavar="N")
    group.add_argument("--max-jobs", type=int, default=8, help="(%(default)s)")
    group.add_argument("--max-parallel", type=int, default=2, help="(%(default)s)")
    given = parser.parse_args(arguments)
    try:
        asked, search = job(given), _search(given)
        _divide(search, asked)
        plan = pipeline_file(steps(asked, search), account=asked.account, region=asked.region)
    except TrainingError as error:
        print(f"tune: {error}", file=sys.stderr)
        return 1
    if given.dry_run:
        print_dry_run(plan)
        return 0
    print(tune(asked, search))
    return 0


def steps(asked: Job, search: Search) -> tuple[Step, ...]:
    """Return the calls that tuning makes."""
    return (
        Step(
            id=asked.name,
            service="sagemaker",
            operation="CreateHyperParameterTuningJob",
            parameters=create_tuning_job(asked, search),
        ),
    )


def create_tuning_job(asked: Job, search: Search) -> dict[str, Any]:
    """Return what CreateHyperParameterTuningJob is sent, as `tune` has the SDK send it.

    The jobs of a tuning job take no entrypoint of their own
    (API_HyperParameterAlgorithmSpecification): AWS's container starts the script itself, once on
    each instance, and the ranks find each other by SM_HOSTS. What is isolated from the network
    cannot fetch the code: a channel brings it.
    """
    tuned = {"learning-rate", "batch-size"}
    words = {key: word for key, word in asked.hyperparameters.words().items() if key not in tuned}
    prefix = f"s3://{asked.bucket}/{asked.name}/tuning-0/input"
    parameters: dict[str, Any] = {
        "HyperParameterTuningJobName": asked.name,
        "HyperParameterTuningJobConfig": {
            "Strategy": "Bayesian",
            "HyperParameterTuningJobObjective": {"Type": "Minimize", "MetricName": OBJECTIVE},
            "ResourceLimits": {
                "MaxNumberOfTrainingJobs": search.max_jobs,
                "MaxParallelTrainingJobs": search.max_parallel,
            },
            "ParameterRanges": _ranges(search),
            "TrainingJobEarlyStoppingType": "Auto",
        },
        "TrainingJobDefinition": {
            "StaticHyperParameters": {
                **words,
                "sagemaker_program": ENTRY,
                "sagemaker_submit_directory": _CODE,
            },
            "AlgorithmSpecification": {
                "TrainingImage": asked.image,
                "TrainingInputMode": "File",
                "MetricDefinitions": [dict(item) for item in METRIC_DEFINITIONS],
            },
            "InputDataConfig": [
                channel("training", asked.data),
                channel("sm_drivers", f"{prefix}/sm_drivers") | {"InputMode": "File"},
                channel("code", f"{prefix}/sourcedir") | {"InputMode": "File"},
            ],
            "CheckpointConfig": {
                "S3Uri": checkpoints(asked),
                "LocalPath": CHECKPOINTS,
            },
            **definition(asked),
        },
    }
    return parameters | ({"Tags": tag_list(asked.tags)} if asked.tags else {})


def tune(asked: Job, search: Search) -> str:
    """Upload the code, start the search, and return its name."""
    with staged() as code:
        search_ = tuner(asked, search, code)
        search_.tune(inputs={"training": asked.data}, wait=False)
    name: str = search_.latest_tuning_job.hyper_parameter_tuning_job_name
    return name


def checkpoints(asked: Job) -> str:
    """Return where the jobs of a search keep their checkpoints, each under its own name."""
    return f"s3://{asked.bucket}/{asked.name}/checkpoints"


def tuner(asked: Job, search: Search, code: Path) -> Any:  # noqa: ANN401  # the SDK is imported only here
    """Return the SDK's HyperparameterTuner that sends what create_tuning_job says."""
    import boto3
    from sagemaker.core.parameter import CategoricalParameter, ContinuousParameter
    from sagemaker.train.tuner import HyperparameterTuner

    def keep_shut(params: dict[str, Any], **_: object) -> None:
        """Put back what the SDK's tuner drops: disk key, network isolation, encrypted traffic.

        And have the code brought where the SDK lets the container fetch it.
        """
        defined = params["TrainingJobDefinition"]
        defined.update(definition(asked))
        words = defined["StaticHyperParameters"]
        fetched = words["sagemaker_submit_directory"].removesuffix(f"/{PurePosixPath(_CODE).name}")
        words["sagemaker_submit_directory"] = _CODE
        defined["InputDataConfig"].append(channel("code", fetched) | {"InputMode": "File"})

    session = boto3.Session(region_name=asked.region)
    session.events.register(
        "provide-client-params.sagemaker.CreateHyperParameterTuningJob", keep_shut
    )
    return HyperparameterTuner(
        model_trainer=model_trainer(asked, code, session, checkpoints=checkpoints(asked)),
        base_tuning_job_name=asked.name,
        objective_metric_name=OBJECTIVE,
        objective_type="Minimize",
        metric_definitions=[dict(item) for item in METRIC_DEFINITIONS],
        hyperparameter_ranges={
            "learning-rate": ContinuousParameter(
                search.lowest_rate, search.highest_rate, scaling_type="Logarithmic"
            ),
            "batch-size": CategoricalParameter([str(size) for size in search.batch_sizes]),
        },
        max_jobs=search.max_jobs,
        max_parallel_jobs=search.max_parallel,
        early_stopping_type="Auto",
        tags=tag_list(asked.tags) or None,
    )


def _search(given: argparse.Namespace) -> Search:
    lowest, highest = given.learning_rates
    return Search(
        lowest_rate=lowest,
        highest_rate=highest,
        batch_sizes=tuple(given.batch_sizes),
        max_jobs=given.max_jobs,
        max_parallel=given.max_parallel,
    )


def _divide(search: Search, asked: Job) -> None:
    for size in search.batch_sizes:
        if size < 1 or size % asked.instances:
            raise LaunchError(
                f"--batch-sizes {size}: each is the batch of all instances: "
                f"give multiples of {asked.instances}"
            )


def _ranges(search: Search) -> dict[str, Any]:
    return {
        "ContinuousParameterRanges": [
            {
                "Name": "learning-rate",
                "MinValue": str(search.lowest_rate),
                "MaxValue": str(search.highest_rate),
                "ScalingType": "Logarithmic",
            }
        ],
        "CategoricalParameterRanges": [
            {"Name": "batch-size", "Values": [str(size) for size in search.batch_sizes]}
        ],
    }


if __name__ == "__main__":
    raise SystemExit(main())
