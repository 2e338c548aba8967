"""Cases of the checks on training, tuning, processing and transform jobs."""

from typing import Any

from mlguard.check import Severity
from mlguard.policy import Policy
from mlguard.report import Outcome
from mlguard.resources.capacity import (
    InstanceGroup,
    InstanceGroups,
    InstancePool,
    Instances,
    Unspecified,
)
from mlguard.resources.jobs import Channel, TrainingSpec
from mlguard.snapshot import Snapshot
from tests.builders.account import ACCOUNT, gap, snapshot
from tests.builders.hosting import endpoint_config, variant
from tests.builders.jobs import (
    IMAGE,
    processing_job,
    training_job,
    training_spec,
    transform_job,
    tuning_job,
)
from tests.builders.notebooks import notebook
from tests.checks.case import Case

UNREAD = snapshot(gaps=(gap("TrainingJob", operation="sagemaker:ListTrainingJobs"),))
REGISTRY = IMAGE.partition("/")[0]
SHARDS = Channel(name="training", uri="s3://breeds/train", distribution="ShardedByS3Key")
WHOLE = Channel(name="training", uri="s3://breeds/train", distribution="FullyReplicated")
DRIVERS = Channel(name="sm_drivers", uri="s3://breeds/drivers", distribution="FullyReplicated")


def on(instance_type: str, count: int = 1) -> Instances:
    return Instances(instance_type=instance_type, count=count)


def pair(**changes: Any) -> TrainingSpec:
    return training_spec(**{"capacity": on("ml.t3.medium", 2), **changes})


def training(spec: TrainingSpec) -> Snapshot:
    return snapshot(training_job(spec=spec))


def launched_with(**hyperparameters: str) -> TrainingSpec:
    return pair(hyperparameters={"sagemaker_program": "train.py", **hyperparameters})


ILLEGAL = (
    Case(
        name="a notebook's type trains nothing",
        check="job-illegal-instance-type",
        snapshot=training(training_spec(capacity=on("ml.t2.medium"))),
        outcome=Outcome.FAILED,
        at="ResourceConfig.InstanceType",
        says=("ml.t2.medium is no training type", "notebook, endpoint"),
        severity=Severity.HIGH,
        fix=("such as ml.t3.medium",),
    ),
    Case(
        name="a training type behind an endpoint",
        check="job-illegal-instance-type",
        snapshot=snapshot(endpoint_config(variant("ml.t3.medium"))),
        outcome=Outcome.FAILED,
        at="ProductionVariants[0].InstanceType",
        says=("ml.t3.medium is no endpoint type", "training"),
        fix=("such as ml.t2.medium",),
    ),
    Case(
        name="an EC2 type",
        check="job-illegal-instance-type",
        snapshot=snapshot(notebook(instance_type="t2.micro")),
        outcome=Outcome.FAILED,
        at="InstanceType",
        says=("t2.micro is no SageMaker type",),
    ),
    Case(
        name="a type that nobody knows yet",
        check="job-illegal-instance-type",
        snapshot=snapshot(processing_job(capacity=on("ml.z99.huge"))),
        outcome=Outcome.FAILED,
        at="ProcessingResources.ClusterConfig.InstanceType",
        says=("ml.z99.huge", "nor any other", "botocore 1."),
    ),
    Case(
        name="one type of a pool",
        check="job-illegal-instance-type",
        snapshot=training(
            training_spec(
                capacity=InstancePool(
                    types=(
                        InstanceGroup(instance_type="ml.m5.xlarge"),
                        InstanceGroup(instance_type="ml.t2.large"),
                    )
                )
            )
        ),
        outcome=Outcome.FAILED,
        at="ResourceConfig.InstancePreferences[1].InstanceType",
        says=("ml.t2.large",),
    ),
    Case(
        name="a shadow variant",
        check="job-illegal-instance-type",
        snapshot=snapshot(endpoint_config(shadow_variants=(variant("ml.t3.large", name="next"),))),
        outcome=Outcome.FAILED,
        at="ShadowProductionVariants[0].InstanceType",
    ),
    Case(
        name="a transform on a burstable type",
        check="job-illegal-instance-type",
        snapshot=snapshot(transform_job(capacity=on("ml.t3.medium"))),
        outcome=Outcome.FAILED,
        at="TransformResources.InstanceType",
        says=("no transform type",),
    ),
    Case(
        name="every kind on a type of its own",
        check="job-illegal-instance-type",
        snapshot=snapshot(
            notebook(),
            training_job(),
            tuning_job(),
            processing_job(),
            transform_job(),
            endpoint_config(),
        ),
        outcome=Outcome.PASSED,
    ),
    Case(
        name="jobs not listed",
        check="job-illegal-instance-type",
        snapshot=UNREAD,
        outcome=Outcome.NOT_EVALUATED,
    ),
)

TYPES = (
    Case(
        name="a large GPU machine",
        check="job-instance-type",
        snapshot=training(training_spec(capacity=on("ml.p3.16xlarge"))),
        outcome=Outcome.FAILED,
        at="ResourceConfig.InstanceType",
        says=("ml.p3.16xlarge is outside policy.training: ml.t3.medium",),
        severity=Severity.MEDIUM,
        fix=("on ml.t3.medium, at most 1",),
    ),
    Case(
        name="too many small ones",
        check="job-instance-type",
        snapshot=snapshot(processing_job(capacity=on("ml.t3.medium", 3))),
        outcome=Outcome.FAILED,
        at="ProcessingResources.ClusterConfig.InstanceCount",
        says=("3 instances", "allows 1"),
    ),
    Case(
        name="one group of a mixed cluster",
        check="job-instance-type",
        snapshot=training(
            training_spec(
                capacity=InstanceGroups(
                    groups=(
                        InstanceGroup(instance_type="ml.t3.medium", count=1, name="data"),
                        InstanceGroup(instance_type="ml.g5.xlarge", count=1, name="model"),
                    )
                )
            )
        ),
        outcome=Outcome.FAILED,
        at="ResourceConfig.InstanceGroups[1].InstanceType",
        says=("ml.g5.xlarge",),
        policy=Policy(job_instances=2),
    ),
    Case(
        name="the second definition of a tuning job",
        check="job-instance-type",
        snapshot=snapshot(tuning_job(training_spec(), training_spec(capacity=on("ml.p3.2xlarge")))),
        outcome=Outcome.FAILED,
        at="TrainingJobDefinitions[1].ResourceConfig.InstanceType",
        says=("ml.p3.2xlarge",),
    ),
    Case(
        name="a tuning job speaks for its training jobs",
        check="job-instance-type",
        snapshot=snapshot(
            tuning_job(),
            training_job(
                spec=training_spec(capacity=on("ml.p3.2xlarge")), tuning_job_arn=tuning_job().arn
            ),
        ),
        outcome=Outcome.PASSED,
    ),
    Case(
        name="a training job whose tuning job was not read",
        check="job-instance-type",
        snapshot=snapshot(
            training_job(
                spec=training_spec(capacity=on("ml.p3.2xlarge")), tuning_job_arn=tuning_job().arn
            ),
            gaps=(gap("TuningJob"),),
        ),
        outcome=Outcome.FAILED,
        at="ResourceConfig.InstanceType",
    ),
    Case(
        name="the cheapest of each kind",
        check="job-instance-type",
        snapshot=snapshot(training_job(), tuning_job(), processing_job(), transform_job()),
        outcome=Outcome.PASSED,
    ),
    Case(
        name="no type is named",
        check="job-instance-type",
        snapshot=training(training_spec(capacity=Unspecified())),
        outcome=Outcome.NOT_EVALUATED,
    ),
    Case(
        name="jobs not listed",
        check="job-instance-type",
        snapshot=UNREAD,
        outcome=Outcome.NOT_EVALUATED,
    ),
)

DISTRIBUTION = (
    Case(
        name="two instances, nothing else",
        check="job-not-distributed",
        snapshot=training(pair()),
        outcome=Outcome.FAILED,
        at="ResourceConfig.InstanceCount",
        says=("2 instances each train the whole data set", "2 times the money for one model"),
        severity=Severity.HIGH,
        fix=("{'torch_distributed': {'enabled': True}}", "ShardedByS3Key"),
    ),
    Case(
        name="a launcher that is switched off",
        check="job-not-distributed",
        snapshot=training(launched_with(sagemaker_torch_distributed_enabled="false")),
        outcome=Outcome.FAILED,
    ),
    Case(
        name="options for a launcher that nobody enabled",
        check="job-not-distributed",
        snapshot=training(launched_with(sagemaker_mpi_num_of_processes_per_host="8")),
        outcome=Outcome.FAILED,
    ),
    Case(
        name="only the code is sharded",
        check="job-not-distributed",
        snapshot=training(
            pair(channels=(WHOLE, Channel(name="code", distribution="ShardedByS3Key")))
        ),
        outcome=Outcome.FAILED,
    ),
    Case(
        name="a definition of a tuning job",
        check="job-not-distributed",
        snapshot=snapshot(tuning_job(pair(capacity=on("ml.t3.medium", 4)))),
        outcome=Outcome.FAILED,
        at="TrainingJobDefinition.ResourceConfig.InstanceCount",
        says=("4 times",),
    ),
    Case(
        name="one account's own image that is named like an algorithm of AWS",
        check="job-not-distributed",
        snapshot=training(pair(image=f"{ACCOUNT}.dkr.ecr.us-east-1.amazonaws.com/pca:1")),
        outcome=Outcome.FAILED,
    ),
    Case(
        name="XGBoost reads replicated data on each host",
        check="job-not-distributed",
        snapshot=training(pair(image=f"{REGISTRY}/sagemaker-xgboost:1.7-1", hyperparameters={})),
        outcome=Outcome.FAILED,
    ),
    Case(
        name="one instance",
        check="job-not-distributed",
        snapshot=training(training_spec()),
        outcome=Outcome.PASSED,
    ),
    Case(
        name="torch distributed",
        check="job-not-distributed",
        snapshot=training(launched_with(sagemaker_torch_distributed_enabled="true")),
        outcome=Outcome.PASSED,
    ),
    Case(
        name="MPI",
        check="job-not-distributed",
        snapshot=training(launched_with(sagemaker_mpi_enabled='"true"')),
        outcome=Outcome.PASSED,
    ),
    Case(
        name="a parameter server",
        check="job-not-distributed",
        snapshot=training(launched_with(sagemaker_parameter_server_enabled="True")),
        outcome=Outcome.PASSED,
    ),
    Case(
        name="torchrun in the entrypoint",
        check="job-not-distributed",
        snapshot=training(pair(entrypoint=("bash", "-c", "torchrun --nnodes 2 train.py"))),
        outcome=Outcome.PASSED,
    ),
    Case(
        name="one sharded channel of two",
        check="job-not-distributed",
        snapshot=training(
            pair(channels=(SHARDS, Channel(name="validation", distribution="FullyReplicated")))
        ),
        outcome=Outcome.PASSED,
    ),
    Case(
        name="an algorithm of AWS that is parallel",
        check="job-not-distributed",
        snapshot=training(
            pair(image="382416733822.dkr.ecr.us-east-1.amazonaws.com/linear-learner:1")
        ),
        outcome=Outcome.PASSED,
    ),
    Case(
        name="the launch script is in S3",
        check="job-not-distributed",
        snapshot=training(pair(channels=(WHOLE, DRIVERS))),
        outcome=Outcome.NOT_EVALUATED,
    ),
    Case(
        name="nobody says how many instances",
        check="job-not-distributed",
        snapshot=training(training_spec(capacity=Unspecified())),
        outcome=Outcome.NOT_EVALUATED,
    ),
    Case(
        name="jobs not listed",
        check="job-not-distributed",
        snapshot=UNREAD,
        outcome=Outcome.NOT_EVALUATED,
    ),
)

CASES: tuple[Case, ...] = (*ILLEGAL, *TYPES, *DISTRIBUTION)
