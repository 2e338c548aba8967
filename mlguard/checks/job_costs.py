"""What runs of jobs cost: on demand or on spot, once or anew, and up to which limit."""

from collections.abc import Iterator
from dataclasses import dataclass
from decimal import Decimal
from typing import Final

from mlguard.check import Context, Evidence, Severity, check
from mlguard.checks.jobs import judged_by_its_tuning_job, specs
from mlguard.checks.machines import seats, unread
from mlguard.checks.money import by_dollars, expected_usd, run_usd, told, told_run
from mlguard.cost.runs import limit_s
from mlguard.cost.sizing.training import spot_saving_of
from mlguard.data.instance_types import Surface, legal_types
from mlguard.resources.base import Resource
from mlguard.resources.capacity import instance_types
from mlguard.resources.jobs import ProcessingJob, TrainingJob, TuningJob

_WORTH_USD: Final = Decimal(5)
"""What training must cost a month, or a run of it, for spot to be worth its interruptions."""

_ONE_DAY_S: Final = 86400
_REFERENCE: Final = "https://docs.aws.amazon.com/sagemaker/latest/APIReference/"
_SPOT: Final = "https://docs.aws.amazon.com/sagemaker/latest/dg/model-managed-spot-training.html"


@check(
    "job-no-spot",
    "Training on demand that spot would do for less",
    on=(TrainingJob, TuningJob),
    severity=Severity.LOW,
    remediation=(
        "Train on spot next time: EnableManagedSpotTraining true, with a CheckpointConfig and a "
        "MaxWaitTimeInSeconds of MaxRuntimeInSeconds or more (use_spot_instances, "
        "checkpoint_s3_uri and max_wait in the SageMaker Python SDK v2)."
    ),
    references=(_SPOT, f"{_REFERENCE}API_CreateTrainingJob.html"),
    bad="EnableManagedSpotTraining: false, BillableTimeInSeconds: 72000 on ml.p3.2xlarge",
    good="EnableManagedSpotTraining: true",
)
def job_no_spot(job: TrainingJob | TuningJob, context: Context) -> Iterator[Evidence]:
    """Capacity that nobody else wants costs less: managed spot training runs on it.

    A job that keeps checkpoints loses little when it is interrupted. What spot saves differs by
    type and hour: a saving is given only where spot jobs of this account tell of theirs, on the
    same type. Training of less than 5 USD is left alone, and so is training on what the policy
    allows where its price is not known.
    """
    if judged_by_its_tuning_job(job, context):
        return
    dear = _OnDemand.of(job, context)
    if dear is None or dear.usd < _WORTH_USD:
        return
    saved = spot_saving_of(
        one
        for one in context.all(TrainingJob, account=job.account, region=job.region)
        if set(instance_types(one.spec.capacity)) == dear.types
    )
    saving = None if saved is None or dear.monthly_usd is None else saved * dear.monthly_usd
    tells = "" if saved is None else f"; spot saved {saved:.0%} of such training here"
    yield Evidence(
        message=f"spot is off{dear.told}{tells}",
        at=f"{dear.path}EnableManagedSpotTraining",
        severity=None if saving is None else by_dollars(saving),
        monthly_usd=saving,
    )


@check(
    "job-spot-no-checkpoint",
    "Spot training that keeps no checkpoint",
    on=(TrainingJob, TuningJob),
    severity=Severity.MEDIUM,
    remediation=(
        "Give the job a CheckpointConfig.S3Uri, and let the script save what it needs to go on to "
        "/opt/ml/checkpoints and look there when it starts."
    ),
    references=(
        _SPOT,
        "https://docs.aws.amazon.com/sagemaker/latest/dg/model-checkpoints.html",
    ),
    bad="EnableManagedSpotTraining: true",
    good="EnableManagedSpotTraining: true, CheckpointConfig.S3Uri: s3://breeds/checkpoints",
)
def job_spot_no_checkpoint(job: TrainingJob | TuningJob, context: Context) -> Iterator[Evidence]:
    """Whenever AWS needs a spot instance it takes it back, and the job starts on another.

    Without a checkpoint it starts from the beginning, and what it had trained is paid again: each
    interruption may cost up to a whole run.
    """
    if judged_by_its_tuning_job(job, context):
        return
    estimate = context.estimate(job)
    usd = run_usd(estimate)
    for path, spec in specs(job):
        if spec.spot and spec.checkpoint_uri is None:
            yield Evidence(
                message=f"an interruption starts training from the beginning{told_run(estimate)}",
                at=f"{path}CheckpointConfig.S3Uri",
                severity=None if usd is None else min(by_dollars(usd), Severity.MEDIUM),
            )


@check(
    "job-max-runtime",
    "Job that may run for a day or more",
    on=(TrainingJob, TuningJob, ProcessingJob),
    severity=Severity.MEDIUM,
    remediation=(
        "Set StoppingCondition.MaxRuntimeInSeconds to what such a job takes, with some room: "
        "max_run=3600 in the SageMaker Python SDK v2."
    ),
    references=(
        f"{_REFERENCE}API_StoppingCondition.html",
        f"{_REFERENCE}API_ProcessingStoppingCondition.html",
    ),
    bad="StoppingCondition.MaxRuntimeInSeconds: 86400",
    good="StoppingCondition.MaxRuntimeInSeconds: 3600",
)
def job_max_runtime(
    job: TrainingJob | TuningJob | ProcessingJob, context: Context
) -> Iterator[Evidence]:
    """Until its limit a job that hangs is paid, and the default of training is one day.

    A limit near what the job takes is the cheapest alarm there is: AWS ends the job, and nobody
    has to notice.
    """
    if judged_by_its_tuning_job(job, context) or refused(job):
        return
    estimate = context.estimate(job)
    usd = None if estimate is None else estimate.per_run_max
    most = "" if usd is None else f", for at most {told(usd)}"
    for path, seconds in _limits(job):
        if seconds >= _ONE_DAY_S:
            yield Evidence(
                message=f"a run may go on for {seconds / 3600:.0f} hours{most}",
                at=f"{path}StoppingCondition.MaxRuntimeInSeconds",
                severity=None if usd is None else min(by_dollars(usd), Severity.MEDIUM),
            )


@dataclass(frozen=True, slots=True, kw_only=True)
class _OnDemand:
    """Training on demand: where it says so, and what it costs a month or, if unknown, a run."""

    path: str
    types: frozenset[str]
    usd: Decimal
    monthly_usd: Decimal | None
    told: str

    @classmethod
    def of(cls, job: TrainingJob | TuningJob, context: Context) -> "_OnDemand | None":
        """Return it of the first such specification; None if all is spot, or none has to be.

        Raises Unread where nobody knows what it costs.
        """
        path, spec = next(((path, spec) for path, spec in specs(job) if not spec.spot), ("", None))
        if spec is None or refused(job):
            return None
        estimate = context.estimate(job)
        monthly, once = expected_usd(estimate), run_usd(estimate)
        usd = once if monthly is None else monthly
        types = frozenset(instance_types(spec.capacity))
        if usd is None and types <= set(context.policy.types(Surface.TRAINING)):
            return None
        if usd is None:
            detail = "what a run costs is not known: nor whether spot is worth it"
            raise unread(job, operation=f"{path}ResourceConfig", detail=detail)
        a_month = "" if monthly is None else f"; training costs {told(monthly)} a month"
        return cls(
            path=path,
            types=types,
            usd=usd,
            monthly_usd=monthly,
            told=a_month or told_run(estimate),
        )


def refused(job: Resource) -> bool:
    """Return whether the job asks for a type that AWS does not take: it will never run."""
    return any(
        machine.instance_type not in legal_types(machine.surface)
        for seat in seats(job)
        for machine in seat.machines()
    )


def _limits(job: TrainingJob | TuningJob | ProcessingJob) -> tuple[tuple[str, int], ...]:
    """Return each limit that is known, with the path in front of it."""
    if isinstance(job, ProcessingJob):
        # The API tells of no default for processing.
        return () if job.max_runtime_s is None else (("", job.max_runtime_s),)
    return tuple((path, limit_s(spec)) for path, spec in specs(job))


CHECKS = (job_no_spot, job_spot_no_checkpoint, job_max_runtime)
