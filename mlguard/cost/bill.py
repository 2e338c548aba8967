"""The bill of a snapshot: an estimate for each resource that costs money, and the totals."""

from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import date
from functools import cached_property
from typing import Final

from mlguard.cost import functions, hosting, instances, jobs, notebooks
from mlguard.cost.estimate import USD, Estimate
from mlguard.cost.span import Span
from mlguard.cost.terms import Terms
from mlguard.resources.base import Resource
from mlguard.resources.functions import Function, ProvisionedConcurrency
from mlguard.resources.hosting import Endpoint, EndpointConfig
from mlguard.resources.instances import Instance, Volume
from mlguard.resources.jobs import ProcessingJob, TrainingJob, TransformJob, TuningJob
from mlguard.resources.notebooks import NotebookInstance
from mlguard.snapshot import Gap, Inventory, Snapshot

BILLED: Final[tuple[type[Resource], ...]] = (
    NotebookInstance,
    TrainingJob,
    TuningJob,
    ProcessingJob,
    TransformJob,
    Endpoint,
    EndpointConfig,
    Function,
    ProvisionedConcurrency,
    Instance,
    Volume,
)
"""The kinds that cost money, or say what another costs: a Gap in one may hide a cost."""


@dataclass(frozen=True, kw_only=True)
class Bill:
    """What a snapshot costs a month; `gaps` are what could not be read of what costs money."""

    estimates: tuple[Estimate, ...]
    gaps: tuple[Gap, ...] = ()
    as_of: date
    notes: tuple[str, ...] = field(default=())

    @cached_property
    def monthly_usd(self) -> Span:
        """The sum of what is known, in USD: what is unknown comes on top."""
        return Span.total(one.known(USD) for one in self.estimates)

    @cached_property
    def currencies(self) -> dict[str, Span]:
        """The sum of what is known, by currency: they are never added up."""
        found = {line.currency for one in self.estimates for line in one.lines if line.monthly}
        return {name: Span.total(one.known(name) for one in self.estimates) for name in found}

    @cached_property
    def unknown(self) -> tuple[Estimate, ...]:
        """Estimates that are not known whole."""
        return tuple(one for one in self.estimates if one.unknown)

    @property
    def complete(self) -> bool:
        """True if everything that costs money was read, and could be priced."""
        return not self.unknown and not self.gaps

    def of(self, arn: str) -> Estimate | None:
        """Return the estimate of the resource with this ARN, None if it costs nothing."""
        return self._by_arn.get(arn)

    @cached_property
    def _by_arn(self) -> dict[str, Estimate]:
        return {one.arn: one for one in self.estimates}


def bill(snapshot: Snapshot, terms: Terms) -> Bill:
    """Return what a snapshot costs a month under these terms, dearest first."""
    inventory = Inventory(snapshot)
    found = sorted(_estimates(inventory, terms), key=_dearest_first)
    kinds = {kind.__name__ for kind in BILLED}
    return Bill(
        estimates=tuple(found),
        gaps=tuple(gap for gap in snapshot.gaps if kinds.intersection(gap.kinds)),
        as_of=terms.today,
    )


def _estimates(inventory: Inventory, terms: Terms) -> Iterator[Estimate]:
    for room in (hosting, notebooks, jobs, functions, instances):
        yield from room.estimates(inventory, terms)


def _dearest_first(one: Estimate) -> tuple[object, ...]:
    known = one.known()
    return (-known.expected, -known.max, one.kind, one.arn)
