"""Estimates of what stands in a snapshot, under terms as they come or as they are stated."""

from decimal import Decimal

from mlguard.cost.assumptions import Assumptions, Traffic
from mlguard.cost.bill import bill
from mlguard.cost.estimate import Estimate
from mlguard.cost.prices import PriceBook
from mlguard.cost.span import Span
from mlguard.cost.terms import Terms
from mlguard.resources.hosting import Endpoint
from mlguard.resources.kinds import AnyResource
from mlguard.snapshot import Gap
from tests.builders.account import NOW, snapshot


def terms(**traffic: Traffic) -> Terms:
    """Return terms with the shipped prices; traffic is by the name of the endpoint."""
    today = NOW.date()
    return Terms(
        book=PriceBook(today=today), today=today, assumptions=Assumptions(traffic=dict(traffic))
    )


def estimate(
    *resources: AnyResource, gaps: tuple[Gap, ...] = (), under: Terms | None = None
) -> Estimate:
    """Return the estimate of the one endpoint among the resources."""
    found = bill(snapshot(*resources, gaps=gaps), under or terms())
    (one,) = [each for each in found.estimates if each.kind == Endpoint.__name__]
    return one


def monthly(*resources: AnyResource, under: Terms | None = None) -> Span:
    """Return what the one endpoint costs: it has to be known whole."""
    whole = estimate(*resources, under=under).monthly_usd
    assert whole is not None
    return whole


def said(one: Estimate) -> str:
    """Return everything that an estimate takes for granted, as one text."""
    return "; ".join(note for line in one.lines for note in line.assumptions)


def usd(minimum: str, expected: str, maximum: str) -> Span:
    """Return a span of USD."""
    return Span(Decimal(minimum), Decimal(expected), Decimal(maximum))
