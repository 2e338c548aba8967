"""What is known of a snapshot as a whole: worked out when first asked, then kept."""

from collections.abc import Mapping
from datetime import date
from functools import cached_property

from mlguard.cost.bill import Bill, bill
from mlguard.cost.hosted import Hosted
from mlguard.cost.prices import PriceBook
from mlguard.cost.terms import Terms
from mlguard.escalations import Escalations, find
from mlguard.iam.escalation.chain import PrincipalPaths
from mlguard.iam.language.documents import Documents
from mlguard.principals import Principals, principals
from mlguard.snapshot import Inventory, Snapshot


class Engine:
    """The principals of a snapshot, what they may do and can make of it; what it all costs."""

    def __init__(self, snapshot: Snapshot, *, today: date, terms: Terms | None = None) -> None:
        self._snapshot = snapshot
        self.today = today
        self.terms = terms or Terms(book=PriceBook(today=today), today=today)
        self.documents = Documents()

    @cached_property
    def principals(self) -> Principals:
        """Every role and user with the policies that bear on it."""
        return principals(self._snapshot, self.documents)

    @cached_property
    def escalations(self) -> Escalations:
        """Every way to more permissions."""
        return find(self._snapshot, today=self.today, known=self.principals)

    @cached_property
    def paths(self) -> Mapping[str, PrincipalPaths]:
        """The ways to more permissions, by the ARN of whose they are."""
        return {one.arn: one for one in self.escalations.principals}

    @cached_property
    def bill(self) -> Bill:
        """What everything costs a month."""
        return bill(self._snapshot, self.terms)

    @cached_property
    def hosted(self) -> Hosted:
        """What stands around each endpoint."""
        return Hosted(Inventory(self._snapshot), self.terms)
