"""Terms to price a snapshot under, and what a function costs under them."""

from dataclasses import replace
from decimal import Decimal

from mlguard.cost.assumptions import Assumptions, Traffic
from mlguard.cost.bill import Bill, bill
from mlguard.cost.estimate import Estimate, Line
from mlguard.cost.prices import PriceBook
from mlguard.cost.span import Span
from mlguard.cost.terms import Terms
from mlguard.resources.kinds import AnyResource
from tests.builders.account import NOW, snapshot
from tests.builders.functions import FUNCTION_ARN

TERMS = Terms(book=PriceBook(), today=NOW.date())


def terms(*, free_tier: bool = False, **traffic: Traffic) -> Terms:
    """Return terms under which each function that is named has this traffic."""
    return replace(TERMS, assumptions=Assumptions(traffic=traffic, free_tier=free_tier))


def calls(requests: int | Decimal, seconds: str = "0.985") -> Traffic:
    """Return so many requests a month, spread evenly over it."""
    return Traffic(rps=Decimal(requests) / 2_628_000, latency_s=Decimal(seconds))


def billed(under: Terms, *resources: AnyResource) -> Bill:
    return bill(snapshot(*resources), under)


def estimated(under: Terms, *resources: AnyResource, arn: str = FUNCTION_ARN) -> Estimate:
    found = billed(under, *resources).of(arn)
    assert found is not None
    return found


def usd(estimate: Estimate) -> Decimal:
    """Return what is expected, with as many digits as the vectors have."""
    assert estimate.monthly_usd is not None, estimate.unknown
    return round(estimate.monthly_usd.expected, 5)


def lines(estimate: Estimate) -> dict[str, Line]:
    """Return the lines by what they are of."""
    return {line.what: line for line in estimate.lines}


def month(line: Line) -> Span:
    """Return what a line costs a month, which has to be known."""
    assert line.monthly is not None, line.unknown
    return line.monthly


MILLION = calls(1_000_000)
