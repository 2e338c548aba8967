"""The bill of a snapshot: an estimate for each resource that costs money, and the totals."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import date
from functools import cached_property
from typing import Final

from mlguard.cost import functions, hosting, instances, jobs, notebooks
from mlguard.cost.estimate import USD, Estimate
from mlguard.cost.parts import paid_with
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
    """What a snapshot costs a month; `gaps` are what could not be read of what costs money.

    `parts` are resources that are paid for with another: its ARN by theirs. `covered` is False for
    a source that reads nothing that costs money: such a bill is empty, and says nothing.
    """

    estimates: tuple[Estimate, ...]
    gaps: tuple[Gap, ...] = ()
    as_of: date
    notes: tuple[str, ...] = field(default=())
    parts: Mapping[str, str] = field(default_factory=dict)
    covered: bool = True

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

    @property
    def blank(self) -> bool:
        """True if something costs money, and of none of it is anything known."""
        lines = (line for one in self.estimates for line in one.lines)
        return bool(self.doubts) and all(line.monthly is None for line in lines)

    def of(self, arn: str) -> Estimate | None:
        """Return the estimate of the resource with this ARN, None if it costs nothing."""
        return self._by_arn.get(arn)

    def payer(self, arn: str) -> Estimate | None:
        """Return the estimate that a resource is paid for in: its own, or another's."""
        return self.of(arn) or self.of(self.parts.get(arn, arn))

    def paid_with(self, arn: str) -> tuple[Estimate, ...]:
        """Return the estimates of a resource and of its parts."""
        return tuple(one for one in self.estimates if arn in (one.arn, self.parts.get(one.arn)))

    @cached_property
    def doubts(self) -> tuple[str, ...]:
        """Why it may be more than what is known, in words, a reason each: none if it is whole."""
        known = (doubt for one in self.estimates for doubt in doubts_of(one))
        unread = (f"{gap.operation}: {gap.detail}" for gap in self.gaps)
        nothing = () if self.covered else ("the source tells of nothing that costs money",)
        return (*nothing, *known, *unread)

    @cached_property
    def _by_arn(self) -> dict[str, Estimate]:
        return {one.arn: one for one in self.estimates}


def doubts_of(one: Estimate) -> tuple[str, ...]:
    """Return why an estimate may be more than what is known of it in USD, a reason each."""
    what = f"{one.name} ({one.kind})"
    unknown = (f"{what}: {line.what}: {line.unknown}" for line in one.lines if line.unknown)
    foreign = (
        f"{what}: {line.what}: is in {line.currency}, not in {USD}"
        for line in one.lines
        if line.monthly is not None and line.currency != USD
    )
    return (*unknown, *foreign)


def bill(snapshot: Snapshot, terms: Terms) -> Bill:
    """Return what a snapshot costs a month under these terms, dearest first."""
    inventory = Inventory(snapshot)
    found = sorted(_estimates(inventory, terms), key=_dearest_first)
    kinds = {kind.__name__ for kind in BILLED}
    return Bill(
        estimates=tuple(found),
        gaps=tuple(gap for gap in snapshot.gaps if kinds.intersection(gap.kinds)),
        as_of=terms.today,
        parts=paid_with(inventory),
        covered=bool(kinds.intersection(snapshot.covers)),
    )


def _estimates(inventory: Inventory, terms: Terms) -> Iterator[Estimate]:
    for room in (hosting, notebooks, jobs, functions, instances):
        yield from room.estimates(inventory, terms)


def _dearest_first(one: Estimate) -> tuple[object, ...]:
    known = one.known()
    return (-known.expected, -known.max, one.kind, one.arn)
