"""What one run of a job takes of which machines: as it was billed, as it usually is, or at most."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from decimal import Decimal
from typing import Final

from mlguard.cost.history import (
    History,
    Job,
    Single,
    billed_hours,
    capacity_of,
    ended,
    hours_between,
    machines,
    spot_saving,
)
from mlguard.cost.span import Span
from mlguard.resources.jobs import (
    ProcessingJob,
    TrainingJob,
    TrainingSpec,
    TransformJob,
    TuningJob,
)

InstanceHours = Mapping[str, Span]
"""Hours of machines, by instance type."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Run:
    """One run of a job; `used` is None where nobody knows how long, `lacking` says why.

    `limit` is the most that it may take, by its stopping condition, None where it has none.
    """

    used: InstanceHours | None
    limit: Mapping[str, Decimal] | None = None
    lacking: str = ""
    assumptions: tuple[str, ...] = ()


def limit_s(spec: TrainingSpec) -> int:
    """Return for how many seconds training may run: MaxRuntimeInSeconds, or AWS's default.

    "If value is not specified, default value is 1 day" (API reference, "StoppingCondition").
    """
    return _ONE_DAY_S if spec.max_runtime_s is None else spec.max_runtime_s


def run(job: Job, history: History) -> Run:
    """Return what a run of the job takes."""
    if isinstance(job, TuningJob):
        return _tuning(job, history)
    return _single(job, history)


_HIDDEN: Final = "AWS chooses what it runs on: the snapshot does not show it"
_UNTOLD: Final = "how long it was billed is not told"
_NEVER_RAN: Final = "how long a run takes is not known: none has ended yet"
_START_TO_END: Final = "hours are those from start to end: AWS tells no billable time"
_ONE_DAY_S: Final = 86400
_HOUR: Final = Decimal(3600)


def _single(job: Single, history: History) -> Run:
    on = machines(capacity_of(job))
    if on is None:
        return Run(used=None, lacking=_HIDDEN)
    limit = _limit_hours(job)
    most = None if limit is None else {name: count * limit for name, count in on.items()}
    if ended(job):
        hours = billed_hours(job)
        if hours is None:
            return Run(used=None, limit=most, lacking=_UNTOLD)
        used = {name: Span.exactly(count * hours) for name, count in on.items()}
        return Run(used=used, limit=most, assumptions=_as_billed(job))
    usual = history.usual_hours(job)
    if usual is None or limit is None:
        return Run(used=None, limit=most, lacking=_NEVER_RAN)
    begun = Decimal(0)
    if job.started_at is not None and not _spot(job):
        begun = min(hours_between(job.started_at, history.taken_at), limit)
    expected = min(max(usual, begun), limit)
    return Run(
        used={name: Span(begun, expected, limit) * count for name, count in on.items()},
        limit=most,
        assumptions=(f"it takes as long as earlier runs: {_told(usual)} hours on average",),
    )


def _tuning(job: TuningJob, history: History) -> Run:
    trained = history.trained_by(job)
    limit = _tuning_limit(job)
    if not trained:
        return Run(used=None, limit=limit, lacking=_UNREAD if ended(job) else _NEVER_RAN)
    runs = [_single(one, history) for one in trained if ended(one)]
    if any(one.used is None for one in runs):
        return Run(used=None, limit=limit, lacking=f"of one of its training jobs, {_UNTOLD}")
    spent = _sum(one.used for one in runs if one.used is not None)
    counted = f"the sum of {len(runs)} training jobs that it made"
    if ended(job) and len(runs) == len(trained):
        return Run(used=spent, limit=limit, assumptions=(counted,))
    return _unfinished(job, spent, limit, done=len(runs))


_UNREAD: Final = "the training jobs that it made are not in the snapshot"


def _unfinished(
    job: TuningJob, spent: InstanceHours, limit: Mapping[str, Decimal] | None, *, done: int
) -> Run:
    """Return what a tuning job takes that goes on: as much for each training job as so far."""
    if not done or limit is None or job.max_jobs is None or set(spent) - set(limit):
        return Run(used=None, limit=limit, lacking=_NEVER_RAN)
    whole = {
        name: _between(spent[name].expected, spent[name].expected * job.max_jobs / done, most)
        for name, most in limit.items()
        if name in spent
    }
    counted = f"{job.max_jobs} training jobs, each as long as the {done} that ended"
    return Run(used=whole, limit=limit, assumptions=(counted,))


def _between(least: Decimal, expected: Decimal, most: Decimal) -> Span:
    top = max(least, most)
    return Span(least, min(max(expected, least), top), top)


def _tuning_limit(job: TuningJob) -> Mapping[str, Decimal] | None:
    """Return the most that a tuning job may take: all of its jobs, each up to its limit.

    Where there are several definitions, nobody knows how many jobs each gets: of each type it is
    as if all were of the definition that takes most of it.
    """
    most: dict[str, Decimal] = {}
    for definition in job.definitions:
        on = machines(definition.capacity)
        hours = _tuning_hours(job, limit_s(definition))
        if on is None or hours is None:
            return None
        for name, count in on.items():
            most[name] = max(most.get(name, Decimal(0)), count * hours)
    return most or None


def _tuning_hours(job: TuningJob, max_runtime_s: int) -> Decimal | None:
    bounds = []
    if job.max_jobs is not None:
        bounds.append(job.max_jobs * Decimal(max_runtime_s))
    if job.max_runtime_s is not None:
        bounds.append(job.max_parallel_jobs * Decimal(job.max_runtime_s))
    return min(bounds) / _HOUR if bounds else None


def _limit_hours(job: Single) -> Decimal | None:
    seconds: int | None
    match job:
        case TrainingJob():
            seconds = limit_s(job.spec)
        case ProcessingJob():
            seconds = job.max_runtime_s
        case TransformJob():
            seconds = None
    return None if seconds is None else Decimal(seconds) / _HOUR


def _as_billed(job: Single) -> tuple[str, ...]:
    if not isinstance(job, TrainingJob) or job.billable_time_s is None:
        return (_START_TO_END,)
    saved = spot_saving(job)
    if saved is None:
        return ("hours are BillableTimeInSeconds",)
    return (f"hours are BillableTimeInSeconds: managed spot training saved {saved:.0%}",)


def _spot(job: Single) -> bool:
    return isinstance(job, TrainingJob) and job.spec.spot


def _sum(runs: Iterable[InstanceHours]) -> InstanceHours:
    whole: dict[str, Span] = {}
    for used in runs:
        for name, hours in used.items():
            whole[name] = whole.get(name, Span.exactly(0)) + hours
    return whole


def _told(hours: Decimal) -> str:
    return f"{hours:.2f}".rstrip("0").rstrip(".")
