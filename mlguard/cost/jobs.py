"""Training, tuning, processing and transform jobs: what a run costs, and the runs of a month.

A job that ended costs nothing more. What a month of such jobs costs is told by the runs of the
last 30 days, each as it was billed, or by how often they are said to be run.
"""

from collections.abc import Iterator, Mapping
from decimal import Decimal
from typing import Final

from mlguard.cost.estimate import USD, Estimate, Line, line, unknown
from mlguard.cost.history import WINDOW_DAYS, History, Job, family
from mlguard.cost.runs import Run, run
from mlguard.cost.span import Span
from mlguard.cost.terms import Terms
from mlguard.data.instance_types import Surface
from mlguard.data.prices import Price
from mlguard.resources.jobs import ProcessingJob, TransformJob
from mlguard.snapshot import Inventory

_VOLUME: Final = "its storage volumes are not counted: the snapshot does not tell their size"


def estimates(inventory: Inventory, terms: Terms) -> Iterator[Estimate]:
    """Yield an estimate for each; a tuning job's is that of the training jobs it made."""
    history = History(inventory)
    for job in history.jobs:
        one = run(job, history)
        prices = _prices(job, one, terms)
        yield Estimate.of(
            job,
            tuple(_lines(job, one, history=history, prices=prices, terms=terms)),
            per_run=_cost(_expected(one), prices),
            per_run_max=_cost(one.limit, prices),
        )


def surface_of(job: Job) -> Surface:
    """Return the part of SageMaker that runs the job: tuning jobs are made of training jobs."""
    match job:
        case ProcessingJob():
            return Surface.PROCESSING
        case TransformJob():
            return Surface.TRANSFORM
        case _:
            return Surface.TRAINING


def _lines(
    job: Job, one: Run, *, history: History, prices: Mapping[str, Price | None], terms: Terms
) -> Iterator[Line]:
    runs, counted = _runs(job, history, terms)
    surface = surface_of(job).value
    if one.used is None and (runs is None or one.limit is None):
        yield unknown(f"{surface} hours", f"{one.lacking}{_bound(one, prices)}")
        return
    if one.used is not None:
        used, assumptions = one.used, one.assumptions
    else:
        used = {name: Span(Decimal(0), most, most) for name, most in (one.limit or {}).items()}
        assumptions = (f"{one.lacking}: each run is counted up to its limit",)
    for name, hours in used.items():
        yield line(
            f"{name} {surface}",
            prices[name],
            hours * (_once(job, history) if runs is None else runs),
            book=terms.book,
            lacking=f"the price of {name} for {surface} in {job.region} is not known",
            assumptions=(counted, *assumptions, _VOLUME),
        )


def _runs(job: Job, history: History, terms: Terms) -> tuple[Decimal | None, str]:
    """Return how often a month the job is said to be run, None if nobody said; and how it counts.

    Of several runs that go by one name the newest stands for all that are stated.
    """
    runs = history.runs(job)
    name = family(job.name)
    stated = (terms.assumptions.runs_of(one.name) for one in runs)
    often = next((one for one in stated if one is not None), None)
    if often is not None and job is runs[0]:
        return often, f"{often:.6g} runs a month, as stated"
    if often is not None:
        return Decimal(0), f"counted with {runs[0].name}, a later run of {name}"
    recent = sum(history.recent(one) for one in runs)
    if not history.recent(job):
        return None, f"not run in the last {WINDOW_DAYS} days: nothing a month"
    if recent == 1:
        return None, f"a month has as many runs of {name} as the last {WINDOW_DAYS} days: this one"
    others = f"{recent} runs by their name, each as it was"
    return None, f"a month has as many runs of {name} as the last {WINDOW_DAYS} days: {others}"


def _once(job: Job, history: History) -> int:
    return 1 if history.recent(job) else 0


def _prices(job: Job, one: Run, terms: Terms) -> dict[str, Price | None]:
    names = dict.fromkeys((*(one.used or ()), *(one.limit or ())))
    surface = surface_of(job)
    return {name: terms.book.sagemaker(job.region, name, surface) for name in names}


def _expected(one: Run) -> Mapping[str, Decimal] | None:
    return None if one.used is None else {name: span.expected for name, span in one.used.items()}


def _cost(
    hours: Mapping[str, Decimal] | None, prices: Mapping[str, Price | None]
) -> Decimal | None:
    """Return what so many hours cost in USD, None where a price is unknown or not in USD."""
    whole = Decimal(0)
    for name, amount in (hours or {}).items():
        price = prices[name]
        if price is None or price.currency != USD:
            return None
        whole += amount * price.amount
    return None if hours is None else whole


def _bound(one: Run, prices: Mapping[str, Price | None]) -> str:
    if one.limit is None:
        return ""
    most = sum(one.limit.values(), Decimal(0))
    usd = _cost(one.limit, prices)
    costs = "" if usd is None else f", {usd:.2f} USD"
    return f"; at most {most:.2f} instance-hours{costs} a run, by its stopping condition"
