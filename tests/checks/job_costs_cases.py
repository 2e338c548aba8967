"""Cases of the checks on what runs of jobs cost."""

from typing import Any

from mlguard.check import Severity
from mlguard.report import Outcome
from mlguard.resources.capacity import Instances
from mlguard.resources.jobs import TrainingJob
from tests.builders.account import arn, days_ago, gap, snapshot
from tests.builders.jobs import processing_job, training_job, training_spec, tuning_job
from tests.checks.case import Case

M5 = Instances(instance_type="ml.m5.large", count=1)
UNREAD = snapshot(gaps=(gap("TrainingJob", operation="sagemaker:ListTrainingJobs"),))


def trained(
    name: str = "breeds-1", *, hours: int = 20, billed: int | None = None, **spec: Any
) -> TrainingJob:
    on = Instances(instance_type="ml.p3.2xlarge", count=1)
    return training_job(
        arn=arn("sagemaker", f"training-job/{name}"),
        name=name,
        created_at=days_ago(2),
        training_time_s=hours * 3600,
        billable_time_s=(hours if billed is None else billed) * 3600,
        spec=training_spec(**{"capacity": on, "spot": False, **spec}),
    )


def planned(**spec: Any) -> TrainingJob:
    on = Instances(instance_type="ml.p3.2xlarge", count=1)
    fields = {"capacity": on, "spot": False, **spec}
    return training_job(status="InProgress", spec=training_spec(**fields))


SPOT = (
    Case(
        name="a day on a GPU, on demand",
        check="job-no-spot",
        # ml.p3.2xlarge is 3.825 an hour.
        snapshot=snapshot(trained()),
        outcome=Outcome.FAILED,
        at="EnableManagedSpotTraining",
        says=("spot is off; training costs 76.50 USD a month",),
        severity=Severity.LOW,
        fix=("EnableManagedSpotTraining true",),
    ),
    Case(
        name="spot has saved 80 % of such training here",
        check="job-no-spot",
        snapshot=snapshot(trained(), trained("cats-1", hours=10, billed=2, spot=True)),
        outcome=Outcome.FAILED,
        says=("spot saved 80% of such training here",),
        severity=Severity.MEDIUM,  # 61.20 USD a month
    ),
    Case(
        name="spot on another type tells nothing of this one",
        check="job-no-spot",
        snapshot=snapshot(
            trained(),
            trained(
                "cats-1",
                billed=2,
                spot=True,
                capacity=M5,
            ),
        ),
        outcome=Outcome.FAILED,
        severity=Severity.LOW,
    ),
    Case(
        name="a job that never ran and may cost much",
        check="job-no-spot",
        snapshot=snapshot(planned(max_runtime_s=7200)),
        outcome=Outcome.FAILED,
        says=("a run costs at most 7.65 USD",),
        severity=Severity.LOW,
    ),
    Case(
        name="a definition of a tuning job",
        check="job-no-spot",
        snapshot=snapshot(
            tuning_job(
                training_spec(
                    spot=False, capacity=Instances(instance_type="ml.p3.2xlarge", count=1)
                ),
                status="InProgress",
            )
        ),
        outcome=Outcome.FAILED,
        at="TrainingJobDefinition.EnableManagedSpotTraining",
    ),
    Case(
        name="spot",
        check="job-no-spot",
        snapshot=snapshot(trained(spot=True)),
        outcome=Outcome.PASSED,
    ),
    Case(
        name="training for a dollar",
        check="job-no-spot",
        snapshot=snapshot(trained(hours=1)),
        outcome=Outcome.PASSED,
    ),
    Case(
        name="a type that AWS refuses never runs",
        check="job-no-spot",
        snapshot=snapshot(planned(capacity=Instances(instance_type="ml.t2.medium", count=1))),
        outcome=Outcome.PASSED,
    ),
    Case(
        name="a type whose price nobody knows",
        check="job-no-spot",
        # The API takes it for training; the shipped prices have none.
        snapshot=snapshot(planned(capacity=Instances(instance_type="ml.p4de.24xlarge", count=1))),
        outcome=Outcome.NOT_EVALUATED,
    ),
    Case(
        name="a type that the policy allows and whose price nobody knows",
        check="job-no-spot",
        snapshot=snapshot(planned(capacity=Instances(instance_type="ml.t3.medium", count=1))),
        outcome=Outcome.PASSED,
    ),
    Case(name="not listed", check="job-no-spot", snapshot=UNREAD, outcome=Outcome.NOT_EVALUATED),
)

CHECKPOINTS = (
    Case(
        name="spot without a checkpoint",
        check="job-spot-no-checkpoint",
        snapshot=snapshot(trained(spot=True, checkpoint_uri=None)),
        outcome=Outcome.FAILED,
        at="CheckpointConfig.S3Uri",
        says=("from the beginning; a run costs 76.50 USD",),
        severity=Severity.MEDIUM,
        fix=("/opt/ml/checkpoints",),
    ),
    Case(
        name="a run of cents that begins anew",
        check="job-spot-no-checkpoint",
        snapshot=snapshot(planned(capacity=M5, spot=True, checkpoint_uri=None)),
        outcome=Outcome.FAILED,
        severity=Severity.INFORMATIONAL,
    ),
    Case(
        name="on demand nothing is taken back",
        check="job-spot-no-checkpoint",
        snapshot=snapshot(trained(checkpoint_uri=None)),
        outcome=Outcome.PASSED,
    ),
    Case(
        name="spot with a checkpoint",
        check="job-spot-no-checkpoint",
        snapshot=snapshot(training_job()),
        outcome=Outcome.PASSED,
    ),
    Case(
        name="not listed",
        check="job-spot-no-checkpoint",
        snapshot=UNREAD,
        outcome=Outcome.NOT_EVALUATED,
    ),
)

LIMITS = (
    Case(
        name="the default of a day, on a GPU",
        check="job-max-runtime",
        snapshot=snapshot(trained(max_runtime_s=86400)),
        outcome=Outcome.FAILED,
        at="StoppingCondition.MaxRuntimeInSeconds",
        says=("24 hours, for at most 91.80 USD",),
        severity=Severity.MEDIUM,
        fix=("max_run=3600",),
    ),
    Case(
        name="no limit is the default",
        check="job-max-runtime",
        snapshot=snapshot(planned(capacity=M5, max_runtime_s=None)),
        outcome=Outcome.FAILED,
        severity=Severity.INFORMATIONAL,  # 2.76 USD a day
    ),
    Case(
        name="processing for a week",
        check="job-max-runtime",
        snapshot=snapshot(processing_job(max_runtime_s=7 * 86400)),
        outcome=Outcome.FAILED,
        says=("168 hours",),
        severity=Severity.LOW,
    ),
    Case(
        name="processing that says nothing",
        check="job-max-runtime",
        snapshot=snapshot(processing_job(max_runtime_s=None)),
        outcome=Outcome.PASSED,
    ),
    Case(
        name="an hour",
        check="job-max-runtime",
        snapshot=snapshot(training_job()),
        outcome=Outcome.PASSED,
    ),
    Case(
        name="not listed", check="job-max-runtime", snapshot=UNREAD, outcome=Outcome.NOT_EVALUATED
    ),
)

CASES: tuple[Case, ...] = (*SPOT, *CHECKPOINTS, *LIMITS)
