"""What `mlguard cost` answers: a bill, what mending saves, the budget, and what has changed."""

from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal

from mlguard.cost.advice import Advice
from mlguard.cost.bill import Bill
from mlguard.cost.budget import Budget
from mlguard.cost.difference import Difference
from mlguard.cost.grouping import Group
from mlguard.cost.prices_used import PricesUsed


@dataclass(frozen=True, kw_only=True)
class Compared:
    """What changed, and against what: a file, or the source as it is without `--what-if`."""

    to: str
    difference: Difference
    changes_only: bool


@dataclass(frozen=True, kw_only=True)
class Costing:
    """The whole answer: reporters draw it, the command line exits by its budget.

    `saving` is what mending every finding that has a price saves a month; `after` what is known
    to be left of the bill then, as expected. `wishes` are the `--what-if`s, as they were written.
    `prices` is None where none was used.
    """

    source: str
    accounts: tuple[str, ...]
    regions: tuple[str, ...]
    taken_at: datetime
    bill: Bill
    saving: Decimal
    after: Decimal
    budget: Budget | None = None
    wishes: tuple[str, ...] = ()
    compared: Compared | None = None
    pipelines: tuple[Group, ...] = ()
    owners: tuple[Group, ...] = ()
    advice: tuple[Advice, ...] = ()
    prices: PricesUsed | None = None

    @property
    def silent(self) -> bool:
        """True if only changes are asked for, and there is none."""
        compared = self.compared
        return compared is not None and compared.changes_only and compared.difference.silent
