"""Endpoints: what each costs a month."""

from collections.abc import Iterator

from mlguard.cost.estimate import Estimate
from mlguard.cost.terms import Terms
from mlguard.snapshot import Inventory


def estimates(inventory: Inventory, terms: Terms) -> Iterator[Estimate]:
    """Yield an estimate for each."""
    yield from ()
