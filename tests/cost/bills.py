"""Bills to ask: of these resources, under terms that start from the shipped prices."""

from collections.abc import Mapping
from decimal import Decimal
from typing import Any

from mlguard.cost.assumptions import Assumptions
from mlguard.cost.bill import Bill, bill
from mlguard.cost.estimate import Estimate
from mlguard.cost.prices import PriceBook
from mlguard.cost.span import Span
from mlguard.cost.terms import Terms
from mlguard.resources.kinds import AnyResource
from tests.builders.account import NOW, snapshot

TODAY = NOW.date()


def terms(
    *, hours: Mapping[str, Decimal] | None = None, runs: Mapping[str, Decimal] | None = None
) -> Terms:
    assumptions = Assumptions(hours=hours or {}, runs=runs or {})
    return Terms(book=PriceBook(today=TODAY), today=TODAY, assumptions=assumptions)


def billed(*resources: AnyResource, **stated: Any) -> Bill:
    return bill(snapshot(*resources), terms(**stated))


def estimate(*resources: AnyResource, **stated: Any) -> Estimate:
    (found,) = billed(*resources, **stated).estimates
    return found


def known(found: Estimate) -> Span:
    monthly = found.monthly_usd
    assert monthly is not None, found.unknown
    return monthly


def said(found: Estimate) -> str:
    return " / ".join(text for line in found.lines for text in line.assumptions)
