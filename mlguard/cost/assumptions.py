"""What is assumed where nothing was measured, or instead of what was: said by the user."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from decimal import Decimal
from typing import TypeVar

from mlguard.cost.prices import HOURS_A_MONTH
from mlguard.iam.language.wildcard import matches

V = TypeVar("V")


@dataclass(frozen=True, slots=True, kw_only=True)
class Traffic:
    """Requests to an endpoint or a function: `rps` a second during `hours_per_day` hours.

    `latency_s` is how long one of them takes, `payload_mb` what goes in and out of it together;
    None where nobody said.
    """

    rps: Decimal
    latency_s: Decimal | None = None
    hours_per_day: Decimal = Decimal(24)
    payload_mb: Decimal | None = None

    @property
    def requests_per_month(self) -> Decimal:
        """Requests in a month of 730 hours."""
        return self.rps * 3600 * HOURS_A_MONTH * self.hours_per_day / 24


@dataclass(frozen=True, slots=True, kw_only=True)
class Assumptions:
    """What holds instead of a measurement; each table is by a glob over resource names.

    `hours` are those in a month during which a notebook or an instance runs, `runs` how often in
    a month a job is run. `free_tier`: subtract what Lambda gives each account free, every month.
    """

    traffic: Mapping[str, Traffic] = field(default_factory=dict)
    hours: Mapping[str, Decimal] = field(default_factory=dict)
    runs: Mapping[str, Decimal] = field(default_factory=dict)
    free_tier: bool = False

    def traffic_of(self, name: str) -> Traffic | None:
        """Return what was said of the resource's traffic, None if nothing was."""
        return _said(self.traffic, name)

    def hours_of(self, name: str) -> Decimal | None:
        """Return how many hours in a month the resource is said to run, None if nobody said."""
        return _said(self.hours, name)

    def runs_of(self, name: str) -> Decimal | None:
        """Return how often in a month the job is said to run, None if nobody said."""
        return _said(self.runs, name)


def _said(table: Mapping[str, V], name: str) -> V | None:
    """Return the entry of a name: its own before that of a glob, and of globs the longest."""
    globs = sorted((glob for glob in table if matches(glob, name)), key=len)
    return table.get(name, table[globs[-1]] if globs else None)
