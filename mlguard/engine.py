"""What the IAM engine says of one snapshot: worked out when first asked, then kept."""

from collections.abc import Mapping
from datetime import date
from functools import cached_property

from mlguard.escalations import Escalations, find
from mlguard.iam.escalation.chain import PrincipalPaths
from mlguard.iam.language.documents import Documents
from mlguard.principals import Principals, principals
from mlguard.snapshot import Snapshot


class Engine:
    """The principals of a snapshot, what they may do, and what they can make of it."""

    def __init__(self, snapshot: Snapshot, *, today: date) -> None:
        self._snapshot = snapshot
        self.today = today
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
