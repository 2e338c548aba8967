"""The prices that a bill rests on: how many, of when, and how far they can be trusted."""

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass

from mlguard.cost.bill import Bill
from mlguard.data.price_dates import earliest
from mlguard.data.prices import Price, PriceStatus


@dataclass(frozen=True, slots=True, kw_only=True)
class PricesUsed:
    """The distinct prices of a bill; `oldest` and `newest` are dates as their sources give them.

    They are empty where every price is the configuration's own: those have no date.
    """

    count: int
    oldest: str
    newest: str
    by_status: Mapping[PriceStatus, int]


def prices_used(bill: Bill) -> PricesUsed | None:
    """Return what a bill rests on, None where it rests on no price."""
    found = {line.price for one in bill.estimates for line in one.lines if line.price is not None}
    if not found:
        return None
    dated = sorted((price for price in found if price.source_date), key=_day)
    return PricesUsed(
        count=len(found),
        oldest=dated[0].source_date if dated else "",
        newest=dated[-1].source_date if dated else "",
        by_status=Counter(price.status for price in found),
    )


def _day(price: Price) -> tuple[object, str]:
    return earliest(price.source_date), price.source_date
