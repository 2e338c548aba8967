"""Training: what managed spot has saved here, and what instances cost that train the same."""

from collections.abc import Iterable
from decimal import Decimal

from mlguard.resources.jobs import TrainingJob


def spot_saving_of(jobs: Iterable[TrainingJob]) -> Decimal | None:
    """Return the part of the price that managed spot saved all of these jobs together.

    None where none of them tells: what spot saves differs by type and hour, and nobody can know
    it beforehand. API reference, "DescribeTrainingJob": 1 - BillableTime / TrainingTime.
    """
    told = [
        (job.billable_time_s, job.training_time_s)
        for job in jobs
        if job.spec.spot and job.billable_time_s is not None and job.training_time_s
    ]
    trained = sum(time for _, time in told)
    billed = sum(time for time, _ in told)
    return max(1 - Decimal(billed) / trained, Decimal(0)) if trained else None


def wasted(usd: Decimal, *, copies: int) -> Decimal:
    """Return what part of a price is wasted where so many instances train the same model.

    One of them would do it in the same time: it costs 1/N. Raises ValueError for less than one.
    """
    if copies < 1:
        raise ValueError(f"{copies} instances train nothing")
    return usd * (copies - 1) / copies
