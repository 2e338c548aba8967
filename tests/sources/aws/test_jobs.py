from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta
from typing import Any

import boto3
import pytest
from moto import mock_aws

from mlguard.resources.capacity import Instances
from mlguard.resources.jobs import TrainingJob, TransformJob, TuningJob
from mlguard.snapshot import GapReason
from mlguard.sources.aws import jobs
from mlguard.sources.aws.connection import Connection
from mlguard.sources.aws.reading import Reading
from tests.builders.account import NOW, REGION, arn
from tests.sources.aws.answers import HOME, ROLE, Answers

AFTER = NOW - timedelta(days=30)
LISTS = {
    "list_training_jobs": "TrainingJobSummaries",
    "list_hyper_parameter_tuning_jobs": "HyperParameterTuningJobSummaries",
    "list_processing_jobs": "ProcessingJobSummaries",
    "list_transform_jobs": "TransformJobSummaries",
}
DEFINITION: dict[str, Any] = {
    "RoleArn": ROLE,
    "AlgorithmSpecification": {"TrainingImage": "image", "TrainingInputMode": "File"},
    "OutputDataConfig": {"S3OutputPath": "s3://bucket/out"},
    "ResourceConfig": {"InstanceType": "ml.m5.large", "InstanceCount": 1, "VolumeSizeInGB": 30},
    "StoppingCondition": {"MaxRuntimeInSeconds": 3600},
}


def summary(name: str) -> dict[str, Any]:
    return {
        "TrainingJobName": name,
        "TrainingJobArn": arn("sagemaker", f"training-job/{name}"),
        "CreationTime": NOW,
        "TrainingJobStatus": "Completed",
    }


def described(name: str) -> dict[str, Any]:
    return {
        **summary(name),
        **DEFINITION,
        "SecondaryStatus": "Completed",
        "ModelArtifacts": {"S3ModelArtifacts": "s3://bucket/out/model.tar.gz"},
        "TuningJobArn": arn("sagemaker", "hyper-parameter-tuning-job/search"),
    }


def nothing(answers: Answers, *methods: str) -> None:
    for method in methods:
        answers.give("sagemaker", method, {LISTS[method]: []}, CreationTimeAfter=AFTER)


def test_the_training_jobs_of_a_tuning_job_are_read_on_every_page() -> None:
    answers = Answers()
    answers.give(
        "sagemaker",
        "list_training_jobs",
        {"TrainingJobSummaries": [summary("a"), summary("b")], "NextToken": "more"},
        CreationTimeAfter=AFTER,
    )
    answers.give(
        "sagemaker",
        "list_training_jobs",
        {"TrainingJobSummaries": [summary("c")]},
        CreationTimeAfter=AFTER,
        NextToken="more",
    )
    for name in "abc":
        answers.give("sagemaker", "describe_training_job", described(name), TrainingJobName=name)
    nothing(answers, *list(LISTS)[1:])
    jobs.collect(answers.reading, now=NOW)
    answers.all_asked()
    assert answers.reading.gaps == []
    found = [job for job in answers.reading.resources if isinstance(job, TrainingJob)]
    assert [job.name for job in found] == ["a", "b", "c"]
    assert {job.tuning_job_arn for job in found} == {described("a")["TuningJobArn"]}
    assert set(answers.connection.operations) < set(jobs.OPERATIONS)


@pytest.mark.parametrize(("method", "kind"), tuple(zip(LISTS, jobs.KINDS, strict=True)))
def test_a_list_that_is_denied_is_a_gap_in_its_kind_alone(method: str, kind: type) -> None:
    answers = Answers()
    for each in LISTS:
        if each == method:
            answers.refuse("sagemaker", each, "AccessDeniedException", CreationTimeAfter=AFTER)
        else:
            nothing(answers, each)
    jobs.collect(answers.reading, now=NOW)
    (gap,) = answers.reading.gaps
    assert gap.kinds == (kind.__name__,)
    assert gap.permission in jobs.OPERATIONS


def test_a_token_that_expires_in_mid_run_makes_a_gap_of_all_the_rest() -> None:
    answers = Answers()
    answers.give(
        "sagemaker",
        "list_training_jobs",
        {"TrainingJobSummaries": [summary("a"), summary("b")]},
        CreationTimeAfter=AFTER,
    )
    answers.give("sagemaker", "describe_training_job", described("a"), TrainingJobName="a")
    answers.refuse("sagemaker", "describe_training_job", "ExpiredTokenException")
    for method in list(LISTS)[1:]:
        answers.refuse("sagemaker", method, "ExpiredTokenException")
    jobs.collect(answers.reading, now=NOW)
    assert [job.name for job in answers.reading.resources] == ["a"]
    assert {gap.reason for gap in answers.reading.gaps} == {GapReason.EXPIRED}
    assert [gap.subject for gap in answers.reading.gaps] == [
        summary("b")["TrainingJobArn"],
        None,
        None,
        None,
    ]


def test_a_job_that_is_deleted_meanwhile_is_no_gap() -> None:
    answers = Answers()
    answers.give(
        "sagemaker",
        "list_training_jobs",
        {"TrainingJobSummaries": [summary("a"), summary("b")]},
        CreationTimeAfter=AFTER,
    )
    answers.refuse("sagemaker", "describe_training_job", "ResourceNotFound")
    answers.refuse(
        "sagemaker",
        "describe_training_job",
        "ValidationException",
        "Could not find training job 'b'.",
    )
    nothing(answers, *list(LISTS)[1:])
    jobs.collect(answers.reading, now=NOW)
    assert answers.reading.resources == []
    assert answers.reading.gaps == []


def test_a_summary_without_an_arn_is_a_gap() -> None:
    answers = Answers()
    answers.give(
        "sagemaker",
        "list_training_jobs",
        {"TrainingJobSummaries": [summary("a")]},
        CreationTimeAfter=AFTER,
    )
    nothing(answers, *list(LISTS)[1:])
    stripped = answers.reading.connection.pages

    def without_arns(*args: Any, **kwargs: Any) -> Any:
        for page in stripped(*args, **kwargs):
            for entry in page.get("TrainingJobSummaries", ()):
                del entry["TrainingJobArn"]
            yield page

    answers.reading.connection.pages = without_arns  # type: ignore[method-assign]  # as an emulator
    jobs.collect(answers.reading, now=NOW)
    (gap,) = answers.reading.gaps
    assert (gap.kinds, gap.reason) == (("TrainingJob",), GapReason.INCOMPLETE)


def test_moto_s_jobs_are_read() -> None:
    with mock_aws(), ThreadPoolExecutor(2) as pool:
        session = boto3.Session(
            aws_access_key_id="id", aws_secret_access_key="key", region_name=REGION
        )
        client = session.client("sagemaker")
        client.create_training_job(TrainingJobName="train", **DEFINITION)
        limits = {"MaxParallelTrainingJobs": 2, "MaxNumberOfTrainingJobs": 4}
        client.create_hyper_parameter_tuning_job(
            HyperParameterTuningJobName="search",
            HyperParameterTuningJobConfig={"Strategy": "Bayesian", "ResourceLimits": limits},
            TrainingJobDefinition=DEFINITION,
        )
        source = {"S3DataSource": {"S3DataType": "S3Prefix", "S3Uri": "s3://bucket/in"}}
        client.create_transform_job(
            TransformJobName="batch",
            ModelName="model",
            TransformInput={"DataSource": source},
            TransformOutput={"S3OutputPath": "s3://bucket/out"},
            TransformResources={"InstanceType": "ml.m5.large", "InstanceCount": 1},
        )
        reading = Reading(Connection(session), HOME, pool)
        jobs.collect(reading, now=datetime.now(UTC))
    train, search, batch = reading.resources
    assert isinstance(train, TrainingJob)
    assert train.spec.capacity == Instances(instance_type="ml.m5.large", count=1)
    assert isinstance(search, TuningJob)
    assert (search.max_jobs, search.definitions[0].max_runtime_s) == (4, 3600)
    assert isinstance(batch, TransformJob)
    assert batch.model_name == "model"
    assert reading.gaps == []
