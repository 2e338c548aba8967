"""What a check is: declared by a decorator, handed a resource and a Context, yields Evidence."""

import inspect
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from decimal import Decimal
from enum import IntEnum
from typing import Any, TypeAlias, TypeVar

from mlguard.cost.bill import Bill
from mlguard.cost.estimate import Estimate
from mlguard.cost.sizing.hosting import Sizing, sizings
from mlguard.engine import Engine
from mlguard.errors import DocumentError
from mlguard.iam.escalation.chain import PrincipalPaths
from mlguard.iam.language.document import Document
from mlguard.iam.language.excerpt import Excerpt
from mlguard.iam.permissions.effective import Effective
from mlguard.policy import Policy
from mlguard.principals import KINDS as PRINCIPAL_KINDS
from mlguard.principals import Principals
from mlguard.resources.base import Resource
from mlguard.resources.functions import Function, FunctionEnvironment
from mlguard.resources.hosting import Endpoint
from mlguard.resources.iam import Role, User
from mlguard.resources.metrics import MetricSeries
from mlguard.snapshot import Gap, GapReason, Inventory, Snapshot

R = TypeVar("R", bound=Resource)
K = TypeVar("K", bound=Resource)
V = TypeVar("V")


class Severity(IntEnum):
    """How bad: the labels of the AWS Security Finding Format, in order."""

    INFORMATIONAL = 0
    LOW = 1
    MEDIUM = 2
    HIGH = 3
    CRITICAL = 4


class Confidence(IntEnum):
    """How sure we are that the finding is true."""

    LOW = 0
    MEDIUM = 1
    HIGH = 2


@dataclass(frozen=True, slots=True, kw_only=True)
class Evidence:
    """What a check saw.

    `at` is the field path that a reader looks up; `locator` identifies the place where a path
    would move (a Sid, a hash of a statement). `absence` says that the evidence rests on something
    not being there, so that a Gap in what was read takes it back. `values` fill the placeholders
    of the check's remediation.
    """

    message: str
    at: str
    locator: str | None = None
    severity: Severity | None = None
    confidence: Confidence | None = None
    monthly_usd: Decimal | None = None
    absence: bool = False
    excerpt: Excerpt | None = None
    values: Mapping[str, str] = field(default_factory=dict)


class Unread(Exception):  # noqa: N818  # the auditor's word for "not evaluated", no error
    """What a check needs is a Gap: the subject cannot be judged."""

    def __init__(self, gap: Gap) -> None:
        super().__init__(gap.detail)
        self.gap = gap


class Context:
    """What one check may look up while it judges one subject; it remembers the gaps it met.

    `met` begins anew for each subject.
    """

    def __init__(
        self,
        *,
        inventory: Inventory,
        engine: Engine,
        policy: Policy,
        check: "Check",
        budget_usd: Decimal | None = None,
    ) -> None:
        self._inventory = inventory
        self._engine = engine
        self._check = check
        self._kinds = frozenset(check.kinds)
        self.policy = policy
        self.prices = engine.terms.book
        self.today = engine.today
        self.budget_usd = budget_usd
        self.met: list[Gap] = []

    @property
    def snapshot(self) -> Snapshot:
        """The snapshot under audit."""
        return self._inventory.snapshot

    def covers(self, kind: type[Resource]) -> bool:
        """Return whether the source reads this kind at all."""
        self._declared(kind)
        return kind.__name__ in self.snapshot.covers

    def all(
        self,
        kind: type[K],
        *,
        account: str | None = None,
        region: str | None = None,
        about: str | None = None,
    ) -> tuple[K, ...]:
        """Return the resources of a kind; gaps among them are remembered.

        With `about`, the ARN of what they belong to, gaps of other subjects do not matter.
        """
        self._declared(kind)
        self._meet(self._inventory.gaps(kind, account=account, region=region), about)
        return self._inventory.of(kind, account=account, region=region)

    def of_function(self, kind: type[K], function: Function) -> tuple[K, ...]:
        """Return what belongs to the function; gaps in that are remembered."""
        self.all(kind, account=function.account, region=function.region, about=function.arn)
        return self._inventory.of_function(kind, function.arn)

    def first(
        self,
        kind: type[K],
        where: Callable[[K], bool],
        *,
        account: str | None = None,
        region: str | None = None,
        about: str | None = None,
    ) -> K | None:
        """Return one resource that answers; gaps are remembered only where none does."""
        self._declared(kind)
        for resource in self._inventory.of(kind, account=account, region=region):
            if where(resource):
                return resource
        self._meet(self._inventory.gaps(kind, account=account, region=region), about)
        return None

    def named(self, kind: type[K], name: str | None, *, near: Resource) -> K | None:
        """Return the resource of this name beside another; gaps are remembered where none is."""
        self._declared(kind)
        found = self._inventory.named(kind, name, near=near)
        if found:
            return found[0]
        self._meet(self._inventory.gaps(kind, account=near.account, region=near.region), None)
        return None

    def called(self, kind: type[K], names: Iterable[str], *, near: Resource) -> K | None:
        """Return the first of these names or ARNs that is beside another resource.

        Gaps are remembered where none is.
        """
        self._declared(kind)
        for name in names:
            found = self._inventory.get(kind, name)
            if found is not None and (found.account, found.region) == (near.account, near.region):
                return found
            beside = self._inventory.named(kind, name, near=near)
            if beside:
                return beside[0]
        self._meet(self._inventory.gaps(kind, account=near.account, region=near.region), None)
        return None

    def environment(self, function: Function) -> FunctionEnvironment | None:
        """Return the function's environment; gaps about it are remembered where it has none."""
        self._declared(FunctionEnvironment)
        found = self._inventory.get(FunctionEnvironment, function.arn)
        if found is None:
            self._meet(self._inventory.gaps(FunctionEnvironment), function.arn)
        return found

    def get(self, kind: type[K], arn: str, *, near: Resource) -> K | None:
        """Return the resource with this ARN, None if it does not exist.

        `near` is the resource that refers to it: a Gap in the same account that may hide it
        raises Unread.
        """
        self._declared(kind)
        found = self._inventory.get(kind, arn)
        if found is not None:
            return found
        for gap in self._inventory.gaps(kind, account=near.account):
            if gap.subject in (None, arn) and gap.region in (near.region, "global"):
                raise Unread(gap)
        return None

    def principals(self) -> Principals:
        """Return every role and user with the policies that bear on it."""
        if not self._kinds.issuperset(PRINCIPAL_KINDS):
            for kind in PRINCIPAL_KINDS:
                self._declared(kind)
        return self._engine.principals

    def effective(self, principal: Role | User) -> Effective:
        """Return what a role or user may do; what could not be read of its policies is met."""
        account = self.principals()
        self.met.extend(account.subject(principal.arn).gaps)
        return account.effective[principal.arn]

    def escalations(self, principal: Role | User) -> PrincipalPaths:
        """Return the ways of a role or user to more permissions.

        Where there is none, what could not be read of anybody's policies is met: it may hide one;
        and so is what of its own ways was not looked at.
        """
        self.principals()
        found = self._engine.paths[principal.arn]
        self.met.extend(self._engine.escalations.hiding(found))
        return found

    @property
    def bill(self) -> Bill:
        """What everything costs a month."""
        return self._engine.bill

    def estimate(self, resource: Resource) -> Estimate | None:
        """Return what the resource costs a month, None if nothing is billed for it."""
        return self._engine.bill.of(resource.arn)

    def sizings(self, endpoint: Endpoint) -> tuple[Sizing, ...]:
        """Return what hosting each variant of an endpoint another way would cost."""
        return tuple(sizings(endpoint, self._engine.hosted))

    def metric(self, subject: Resource, metric: str, statistic: str) -> tuple[MetricSeries, ...]:
        """Return what was measured of a resource; raises Unread where nobody measured."""
        self._declared(MetricSeries)
        found = tuple(
            series
            for series in self._inventory.measured(subject.arn)
            if series.metric == metric and series.statistic == statistic
        )
        gaps = self._inventory.gaps(MetricSeries, account=subject.account, region=subject.region)
        for gap in gaps:
            if gap.subject in (None, subject.arn):
                raise Unread(gap)
        if found:
            return found
        raise Unread(
            Gap(
                kinds=(MetricSeries.__name__,),
                account=subject.account,
                region=subject.region,
                operation="cloudwatch:GetMetricData",
                reason=GapReason.INCOMPLETE,
                detail=f"the snapshot holds no {statistic} of {metric}",
                subject=subject.arn,
            )
        )

    def parse(self, text: str, *, of: Resource, at: str) -> Document:
        """Return the policy document; raises Unread where AWS would not take it."""
        try:
            return self._engine.documents.parse(text)
        except DocumentError as error:
            gap = Gap(
                kinds=(type(of).__name__,),
                account=of.account,
                region=of.region,
                operation=at,
                reason=GapReason.INVALID,
                detail=f"the policy document cannot be read: {error}",
                subject=of.arn,
            )
            raise Unread(gap) from error

    def said(self, of: Callable[[Document], V], document: Document) -> V:
        """Return what a function says of a document: it is asked once for each of an account."""
        return self._engine.documents.said(of, document)

    def _meet(self, gaps: tuple[Gap, ...], about: str | None) -> None:
        """Remember the gaps that concern what `about` names, or parts of it."""
        for gap in gaps:
            whole = about is None or gap.subject is None
            if whole or gap.subject == about or str(gap.subject).startswith(f"{about}:"):
                self.met.append(gap)

    def _declared(self, kind: type[Resource]) -> None:
        if kind not in self._kinds:
            raise LookupError(f"{self._check.id} looks up {kind.__name__} without declaring it")


Judge: TypeAlias = Callable[[R, Context], Iterator[Evidence]]
"""What a check does: look at a resource, yield what is wrong with it."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Check:
    """A rule about one kind of resource, or about several that share a fault.

    `reads` are kinds without which the check cannot judge, `optional` such as make it sharper.
    `remediation` is a command or an act; `{name}`, `{arn}`, `{account}`, `{region}` and the
    values of the evidence are filled in, quoted for a shell. `judge` takes a resource of a kind
    in `on`: the decorator saw to it. `needs_key` names the key of the configuration without which
    there is nothing to hold anything against: where it is not set, the check is not run.
    """

    id: str
    title: str
    on: tuple[type[Resource], ...]
    severity: Severity
    remediation: str
    references: tuple[str, ...]
    reason: str
    bad: str
    good: str
    judge: Judge[Any]
    reads: tuple[type[Resource], ...] = ()
    optional: tuple[type[Resource], ...] = ()
    confidence: Confidence = Confidence.HIGH
    needs_key: str | None = None

    @property
    def kinds(self) -> tuple[type[Resource], ...]:
        """Every kind that the check may look at."""
        return (*self.on, *self.reads, *self.optional)


def check(
    check_id: str,
    title: str,
    *,
    on: type[R] | tuple[type[R], ...],
    severity: Severity,
    remediation: str,
    references: tuple[str, ...],
    bad: str,
    good: str,
    reads: tuple[type[Resource], ...] = (),
    optional: tuple[type[Resource], ...] = (),
    confidence: Confidence = Confidence.HIGH,
    needs_key: str | None = None,
) -> Callable[[Judge[Any]], Check]:
    """Declare a check: the decorated function judges, its docstring is the reader's reason.

    `bad` and `good` show the setting that fires and the one that does not.
    """

    def declare(judge: Judge[Any]) -> Check:
        return Check(
            id=check_id,
            title=title,
            on=on if isinstance(on, tuple) else (on,),
            severity=severity,
            remediation=remediation,
            references=references,
            reason=inspect.cleandoc(judge.__doc__ or ""),
            bad=bad,
            good=good,
            judge=judge,
            reads=reads,
            optional=optional,
            confidence=confidence,
            needs_key=needs_key,
        )

    return declare
