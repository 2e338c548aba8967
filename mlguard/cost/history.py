"""Jobs as a snapshot remembers them: which are runs of one thing, and how long each was billed."""

import re
from collections.abc import Iterable, Mapping
from datetime import datetime, timedelta
from decimal import Decimal
from typing import Final, TypeAlias, TypeVar

from mlguard.resources.base import Resource
from mlguard.resources.capacity import Capacity, InstanceGroups, InstancePool, Instances
from mlguard.resources.jobs import ProcessingJob, TrainingJob, TransformJob, TuningJob
from mlguard.snapshot import Inventory

J = TypeVar("J", bound=Resource)

Single: TypeAlias = TrainingJob | ProcessingJob | TransformJob
"""A job that is one run of its machines; a tuning job is made of training jobs."""

Job: TypeAlias = Single | TuningJob

WINDOW_DAYS: Final = 30
"""Runs of so many days stand for a month; jobs are read so far back."""

_ENDED: Final = frozenset({"Completed", "Failed", "Stopped"})
_HOUR: Final = Decimal(3600)

# A date, a counter or a hash at the end: what the SDKs and people append to tell runs apart.
_TAIL: Final = re.compile(r"\d+|(?=[a-f]*\d)[0-9a-f]{6,}")
_JOINT: Final = re.compile(r"([-_])")


class History:
    """The jobs of a snapshot: those of a tuning job, and the runs that a name stands for."""

    def __init__(self, inventory: Inventory) -> None:
        self.taken_at: datetime = inventory.snapshot.taken_at
        known = {job.arn for job in inventory.of(TuningJob)}
        self._trained: dict[str, list[TrainingJob]] = {}
        self._families: dict[tuple[object, ...], list[Job]] = {}
        jobs: list[Job] = [*inventory.of(TuningJob), *inventory.of(ProcessingJob)]
        jobs.extend(inventory.of(TransformJob))
        for trained in inventory.of(TrainingJob):
            if trained.tuning_job_arn in known:
                self._trained.setdefault(str(trained.tuning_job_arn), []).append(trained)
            else:
                jobs.append(trained)
        for job in sorted(jobs, key=_newest_first):
            self._families.setdefault(_key(job), []).append(job)

    @property
    def jobs(self) -> tuple[Job, ...]:
        """Every job but those that a tuning job of the snapshot made: it answers for them."""
        return tuple(job for family in self._families.values() for job in family)

    def trained_by(self, job: TuningJob) -> tuple[TrainingJob, ...]:
        """Return the training jobs that a tuning job made, as far as they were read."""
        return tuple(self._trained.get(job.arn, ()))

    def runs(self, job: Job) -> tuple[Job, ...]:
        """Return every run that goes by the job's name, newest first; it is among them."""
        return tuple(self._families[_key(job)])

    def recent(self, job: Job) -> bool:
        """Return whether the job was made in the days that stand for a month, or still runs."""
        return not ended(job) or self.taken_at - job.created_at <= timedelta(days=WINDOW_DAYS)

    def usual_hours(self, job: Single) -> Decimal | None:
        """Return how long earlier runs on as many machines took on average, None if none ended."""
        took = [
            billed_hours(run)
            for run in self.runs(job)
            if isinstance(run, Single) and capacity_of(run) == capacity_of(job) and ended(run)
        ]
        return mean(took)


def family(name: str) -> str:
    """Return what a name says without the dates, counters and hashes at its end.

    `breeds-2026-10-18-09-00-00` and `breeds-7` are runs of `breeds`.
    """
    parts = _JOINT.split(name)
    while len(parts) > 1 and _TAIL.fullmatch(parts[-1]):
        del parts[-2:]
    return "".join(parts)


def ended(job: Job) -> bool:
    """Return whether the job is over, however it ended."""
    return job.status in _ENDED


def billed_hours(job: Single) -> Decimal | None:
    """Return how many hours each of its machines was billed, None if that was not told.

    Of training it is BillableTimeInSeconds, wall-clock time that managed spot training shortens
    (API reference, "DescribeTrainingJob"); of other jobs, from start to end.
    """
    if isinstance(job, TrainingJob):
        told = job.billable_time_s
        if told is None and not job.spec.spot:
            told = job.training_time_s
        if told is not None:
            return Decimal(told) / _HOUR
        if job.spec.spot and job.started_at is not None:
            return None
    if job.started_at is None:
        # It ended before any machine was there.
        return Decimal(0) if job.status in {"Failed", "Stopped"} else None
    return None if job.ended_at is None else hours_between(job.started_at, job.ended_at)


def spot_saving(job: TrainingJob) -> Decimal | None:
    """Return the part of its price that managed spot training saved a job, None if not told.

    `1 - BillableTimeInSeconds / TrainingTimeInSeconds` (API reference, "DescribeTrainingJob").
    """
    if not job.spec.spot or job.billable_time_s is None or not job.training_time_s:
        return None
    return max(1 - Decimal(job.billable_time_s) / job.training_time_s, Decimal(0))


def hours_between(start: datetime, end: datetime) -> Decimal:
    """Return the hours from one instant to another, never less than none."""
    return max(Decimal(str((end - start).total_seconds())), Decimal(0)) / _HOUR


def capacity_of(job: Single) -> Capacity:
    """Return the machines that a job asks for."""
    return job.spec.capacity if isinstance(job, TrainingJob) else job.capacity


def machines(capacity: Capacity) -> Mapping[str, int] | None:
    """Return how many of each instance type run at once, None where AWS chooses or hides it."""
    match capacity:
        case Instances():
            return {capacity.instance_type: capacity.count}
        case InstanceGroups():
            found: dict[str, int] = {}
            for group in capacity.groups:
                if group.count is None:
                    return None
                found[group.instance_type] = found.get(group.instance_type, 0) + group.count
            return found or None
        case InstancePool(types=(one,), count=int() as count):
            return {one.instance_type: count}
        case _:
            return None


def mean(amounts: Iterable[Decimal | None]) -> Decimal | None:
    """Return the mean of what is known, None if nothing is."""
    known = [amount for amount in amounts if amount is not None]
    return sum(known, Decimal(0)) / len(known) if known else None


def _key(job: Job) -> tuple[object, ...]:
    return (type(job), job.account, job.region, family(job.name))


def _newest_first(job: Job) -> tuple[float, str]:
    return (-job.created_at.timestamp(), job.arn)
