"""Training, tuning, processing and transform jobs: what they run on, and whether it is shared."""

from collections.abc import Iterator
from decimal import Decimal
from typing import Final

from mlguard.check import Confidence, Context, Evidence, Severity, Unread, check
from mlguard.checks.machines import Machine, Seat, definition_paths, seats, unread
from mlguard.checks.money import by_dollars, expected_usd, run_usd, told_run
from mlguard.cost.estimate import Estimate
from mlguard.cost.sizing.training import wasted
from mlguard.data.instance_types import botocore_version, legal_types, surfaces_of
from mlguard.resources.base import Resource
from mlguard.resources.capacity import InstanceGroups, Unspecified, instance_count
from mlguard.resources.hosting import EndpointConfig
from mlguard.resources.jobs import (
    ProcessingJob,
    TrainingJob,
    TrainingSpec,
    TransformJob,
    TuningJob,
)
from mlguard.resources.notebooks import NotebookInstance

Job = TrainingJob | TuningJob | ProcessingJob | TransformJob


@check(
    "job-illegal-instance-type",
    "Instance type that SageMaker does not take there",
    on=(NotebookInstance, TrainingJob, TuningJob, ProcessingJob, TransformJob, EndpointConfig),
    severity=Severity.HIGH,
    remediation="Name a type that AWS takes there, such as {allowed}.",
    references=(
        "https://docs.aws.amazon.com/sagemaker/latest/APIReference/API_ResourceConfig.html",
        "https://docs.aws.amazon.com/sagemaker/latest/APIReference/API_ProductionVariant.html",
    ),
    bad="ResourceConfig.InstanceType: ml.t2.medium",
    good="ResourceConfig.InstanceType: ml.t3.medium",
)
def job_illegal_instance_type(resource: Resource, context: Context) -> Iterator[Evidence]:
    """Each part of SageMaker has its own list of instance types, and refuses all others.

    ml.t2.medium serves notebooks and endpoints but trains nothing; ml.t3.medium trains but serves
    no endpoint; t2.micro is EC2's and runs nowhere in SageMaker. A plan that names such a type
    fails when it is applied. A type that mlguard knows nowhere may be newer than its data.
    """
    for machine in _machines(resource):
        if machine.instance_type not in legal_types(machine.surface):
            message, confidence = _why_illegal(machine)
            yield Evidence(
                message=message,
                at=machine.at,
                locator=machine.locator,
                confidence=confidence,
                values={"allowed": context.policy.types(machine.surface)[0]},
            )


@check(
    "job-instance-type",
    "Job outside the cost policy",
    on=(TrainingJob, TuningJob, ProcessingJob, TransformJob),
    severity=Severity.MEDIUM,
    remediation=(
        "Run the job next time on {allowed}, at most {limit} of them. A policy can insist: deny "
        "the Create call unless the condition key sagemaker:InstanceTypes has allowed types only."
    ),
    references=(
        "https://docs.aws.amazon.com/sagemaker/latest/APIReference/API_ResourceConfig.html",
        "https://docs.aws.amazon.com/service-authorization/latest/reference/list_amazonsagemaker.html",
    ),
    bad="ResourceConfig: ml.p3.16xlarge x 4",
    good="ResourceConfig: ml.t3.medium x 1",
)
def job_instance_type(job: Job, context: Context) -> Iterator[Evidence]:
    """Every run of a job costs the price an hour times its instances, while it lasts.

    A size that was meant once is paid for each time. The jobs of a tuning job are judged once, by
    its definitions. Nobody knows for how long a job runs on another type: no saving is given.
    """
    if judged_by_its_tuning_job(job, context):
        return
    estimate = context.estimate(job)
    for seat in seats(job):
        yield from _outside_policy(seat, context, estimate)
    for seat in seats(job):
        if isinstance(seat.capacity, Unspecified):
            detail = "AWS names no instance type: what the job runs on cannot be judged"
            raise unread(job, operation=f"{seat.at}InstanceType", detail=detail)


@check(
    "job-not-distributed",
    "Several instances, and nothing divides the work",
    on=(TrainingJob, TuningJob),
    severity=Severity.HIGH,
    confidence=Confidence.MEDIUM,
    remediation=(
        "Train on one instance, or divide the work: launch with a distribution (Torchrun or MPI "
        "in SageMaker Python SDK v3, distribution={{'torch_distributed': {{'enabled': True}}}} in "
        "v2), or give each instance its share of the files with S3DataDistributionType "
        "ShardedByS3Key."
    ),
    references=(
        "https://docs.aws.amazon.com/sagemaker/latest/dg/distributed-training.html",
        "https://docs.aws.amazon.com/sagemaker/latest/APIReference/API_S3DataSource.html",
        "https://docs.aws.amazon.com/sagemaker/latest/dg/common-info-all-im-models.html",
    ),
    bad="InstanceCount: 2, S3DataDistributionType: FullyReplicated",
    good="InstanceCount: 2, HyperParameters.sagemaker_torch_distributed_enabled: true",
)
def job_not_distributed(job: TrainingJob | TuningJob, context: Context) -> Iterator[Evidence]:
    """Asking for more instances does not make training parallel.

    Unless a launcher joins them or each gets its own part of the data, every instance trains the
    same model on the whole data set, and they race to write one model.tar.gz: N times the money.
    A script may join its hosts by itself, which the API does not show; hence the confidence. AWS's
    own parallel algorithms do, and are left out; XGBoost joins its hosts but reads a replicated
    data set on each.
    """
    if judged_by_its_tuning_job(job, context):
        return
    hidden: list[str] = []
    for path, spec in specs(job):
        count = instance_count(spec.capacity)
        if count is None or (count > 1 and _launched_from_s3(spec)):
            hidden.append(f"{path}ResourceConfig.InstanceCount" if count is None else path)
        elif count > 1 and not _divided(spec, job.account):
            saved, severity = _wasted(job, count, context)
            yield Evidence(
                message=(
                    f"{count} instances each train the whole data set: "
                    f"{count} times the money for one model{told_run(context.estimate(job))}"
                ),
                at=f"{path}ResourceConfig.InstanceCount",
                confidence=_confidence(spec),
                severity=severity,
                monthly_usd=saved,
            )
    if hidden:
        raise unread(job, operation=hidden[0] or "AlgorithmSpecification", detail=_HIDDEN)


# What the SageMaker training toolkit reads to launch a script on all hosts: hyperparameters that
# SageMaker Python SDK v2 sets for `distribution=`.
_LAUNCHERS: Final = frozenset(
    {
        "sagemaker_distributed_dataparallel_enabled",
        "sagemaker_mpi_enabled",
        "sagemaker_multi_worker_mirrored_strategy_enabled",
        "sagemaker_parameter_server_enabled",
        "sagemaker_pytorch_ddp_enabled",
        "sagemaker_pytorch_xla_multi_worker_enabled",
        "sagemaker_torch_distributed_enabled",
    }
)
_OFF: Final = frozenset({"", "0", "false", "none", "null"})

_COMMANDS: Final = (
    "accelerate",
    "deepspeed",
    "horovodrun",
    "mpiexec",
    "mpirun",
    "torch.distributed",
    "torchrun",
)

# SageMaker Python SDK v3 puts the launch script, and what it launches with, into this channel.
_DRIVERS: Final = "sm_drivers"
_CODE_CHANNELS: Final = frozenset({"code", _DRIVERS})

_HIDDEN: Final = (
    "whether anything divides the work stands in the launch script in S3 or in capacity that AWS "
    "chooses; the API does not show it"
)

# SageMaker Developer Guide, "Parameters for Built-in Algorithms", column "Parallelizable".
_PARALLEL_ALGORITHMS: Final = frozenset(
    {
        "factorization-machines",
        "forecasting-deepar",
        "image-classification",
        "ipinsights",
        "knn",
        "linear-learner",
        "ntm",
        "object-detection",
        "pca",
        "randomcutforest",
    }
)

# These join their hosts, but each host reads all of a replicated data set.
_JOINED_ALGORITHMS: Final = ("kmeans", "xgboost")


def _machines(resource: Resource) -> Iterator[Machine]:
    for seat in seats(resource):
        yield from seat.machines()


def _why_illegal(machine: Machine) -> tuple[str, Confidence]:
    instance_type, surface = machine.instance_type, machine.surface.value
    legal = ", ".join(other.value for other in surfaces_of(instance_type))
    if legal:
        return f"{instance_type} is no {surface} type: AWS takes it for {legal}", Confidence.HIGH
    if instance_type.startswith("ml."):
        known = f"mlguard knows the types of botocore {botocore_version()}"
        return f"{instance_type} is no {surface} type, nor any other: {known}", Confidence.LOW
    return f"{instance_type} is no SageMaker type: those begin with ml.", Confidence.HIGH


def _outside_policy(seat: Seat, context: Context, estimate: Estimate | None) -> Iterator[Evidence]:
    allowed, limit = context.policy.types(seat.surface), context.policy.job_instances
    values = {"allowed": allowed[0], "limit": str(limit)}
    types, cost = ", ".join(allowed), told_run(estimate)
    severity = _severity(estimate)
    for machine in seat.machines():
        if machine.instance_type not in allowed:
            yield Evidence(
                message=(
                    f"{machine.instance_type} is outside policy.{seat.surface.value}: {types}{cost}"
                ),
                at=machine.at,
                locator=machine.locator,
                severity=severity,
                values=values,
            )
    count = instance_count(seat.capacity)
    if count is not None and count > limit:
        yield Evidence(
            message=f"{count} instances; policy.job_instances allows {limit}{cost}",
            at=f"{seat.at}InstanceCount",
            severity=severity,
            values=values,
        )


def _severity(estimate: Estimate | None) -> Severity | None:
    """Return how bad a month of such jobs is; where nobody knows how many, MEDIUM at least."""
    monthly, once = expected_usd(estimate), run_usd(estimate)
    if monthly is not None:
        return by_dollars(monthly)
    return None if once is None else max(by_dollars(once), Severity.MEDIUM)


def _wasted(
    job: TrainingJob | TuningJob, count: int, context: Context
) -> tuple[Decimal | None, Severity | None]:
    """Return what one instance would save a month, and how bad it is; None where not known.

    It is never less than MEDIUM: besides the money, they race to write one model.
    """
    monthly = expected_usd(context.estimate(job))
    if monthly is None or len(specs(job)) > 1:
        return None, None
    saved = wasted(monthly, copies=count)
    return saved, max(by_dollars(saved), Severity.MEDIUM)


def judged_by_its_tuning_job(job: Job, context: Context) -> bool:
    """Return whether a tuning job of the snapshot made this one: its definitions are judged."""
    if not isinstance(job, TrainingJob) or job.tuning_job_arn is None:
        return False
    try:
        return context.get(TuningJob, job.tuning_job_arn, near=job) is not None
    except Unread:
        return False  # Nobody speaks for this one: it is judged by itself.


def specs(job: TrainingJob | TuningJob) -> tuple[tuple[str, TrainingSpec], ...]:
    """Return each specification of a job, with the field path in front of it."""
    if isinstance(job, TrainingJob):
        return (("", job.spec),)
    paths = (f"{path}." for path in definition_paths(job))
    return tuple(zip(paths, job.definitions, strict=True))


def _launched_from_s3(spec: TrainingSpec) -> bool:
    if _has_launcher(spec) or _has_shards(spec):
        return False
    return any(channel.name == _DRIVERS for channel in spec.channels) or any(
        _DRIVERS in word for word in spec.entrypoint
    )


def _divided(spec: TrainingSpec, account: str) -> bool:
    return _has_launcher(spec) or _has_shards(spec) or _is_parallel_algorithm(spec, account)


def _has_launcher(spec: TrainingSpec) -> bool:
    enabled = any(
        name in _LAUNCHERS and value.strip('"').lower() not in _OFF
        for name, value in spec.hyperparameters.items()
    )
    return enabled or any(command in word for word in spec.entrypoint for command in _COMMANDS)


def _has_shards(spec: TrainingSpec) -> bool:
    return any(
        channel.distribution == "ShardedByS3Key" and channel.name not in _CODE_CHANNELS
        for channel in spec.channels
    )


def _is_parallel_algorithm(spec: TrainingSpec, account: str) -> bool:
    registry, _, repository = (spec.image or "").rpartition("/")
    name = repository.partition("@")[0].partition(":")[0]
    return name in _PARALLEL_ALGORITHMS and not registry.startswith(account)


def _confidence(spec: TrainingSpec) -> Confidence | None:
    """Return LOW where somebody else's algorithm or a mixed cluster may know better."""
    algorithm = spec.image is None or spec.algorithm_name is not None
    scripted = "sagemaker_program" in spec.hyperparameters
    joined = not scripted and any(name in (spec.image or "") for name in _JOINED_ALGORITHMS)
    mixed = isinstance(spec.capacity, InstanceGroups)
    return Confidence.LOW if algorithm or joined or mixed else None


CHECKS = (job_illegal_instance_type, job_instance_type, job_not_distributed)
