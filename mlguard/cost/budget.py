"""A budget, and whether a bill keeps it: over, within, or nobody can tell."""

from dataclasses import dataclass
from decimal import Decimal
from enum import Enum, StrEnum
from typing import assert_never

from mlguard.cost.bill import Bill


class Measure(StrEnum):
    """Which end of an estimate a budget is held against."""

    EXPECTED = "expected"
    MAX = "max"


class Standing(Enum):
    """What becomes of a budget. What is not known has not been kept."""

    WITHIN = "within"
    OVER = "over"
    NOT_KNOWN = "not known"


@dataclass(frozen=True, slots=True, kw_only=True)
class Budget:
    """What may be spent in a month."""

    monthly_usd: Decimal
    measure: Measure = Measure.EXPECTED

    def amount(self, bill: Bill) -> Decimal:
        """Return what is known of the bill, in USD a month, at the end that counts."""
        match self.measure:
            case Measure.EXPECTED:
                return bill.monthly_usd.expected
            case Measure.MAX:
                return bill.monthly_usd.max
            case _:
                assert_never(self.measure)

    def judge(self, bill: Bill) -> Standing:
        """Return whether the bill keeps the budget.

        What is known may exceed it already; under it, anything unknown, unread or in another
        currency may take the rest.
        """
        if self.amount(bill) > self.monthly_usd:
            return Standing.OVER
        return Standing.NOT_KNOWN if bill.doubts else Standing.WITHIN
