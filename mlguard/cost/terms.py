"""What every estimate is made under: the prices, what is assumed, and the day."""

from dataclasses import dataclass, field
from datetime import date

from mlguard.cost.assumptions import Assumptions
from mlguard.cost.prices import PriceBook


@dataclass(frozen=True, slots=True, kw_only=True)
class Terms:
    """The price book, what the user assumes, and the day that ages are counted to."""

    book: PriceBook
    today: date
    assumptions: Assumptions = field(default_factory=Assumptions)
