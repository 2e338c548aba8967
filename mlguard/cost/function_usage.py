"""What each function uses in a month: requests, and GB-seconds on demand and kept warm."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace
from decimal import Decimal

from mlguard.cost.invocations import Invocations, capped, count_of, invocations
from mlguard.cost.provisioned import Provisioned, Published, product
from mlguard.cost.span import Span
from mlguard.cost.terms import Terms
from mlguard.resources.base import Resource
from mlguard.resources.functions import (
    Function,
    FunctionAlias,
    FunctionVersion,
    LambdaAccount,
    ProvisionedConcurrency,
)
from mlguard.resources.scaling import ScalableTarget, ScheduledAction
from mlguard.snapshot import Inventory

_UNSPLIT = "what share of the calls ran on provisioned concurrency was not measured"
_EVENLY = (
    "calls are taken to come evenly and to name what is kept warm: bursts beyond it run on demand, "
    "which is dearer"
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Usage:
    """What one function uses in a month; None where that is not known, and `lacking` says why.

    `warm_gb_s` is what runs on each entry of provisioned concurrency, by ARN; `on_demand_gb_s`
    is the rest. `unread` says why nobody knows what is provisioned, `hidden` what else was not read
    and may make it more.
    """

    function: Function
    calls: Invocations
    provisioned: tuple[Provisioned, ...] = ()
    on_demand_gb_s: Span | None = None
    warm_gb_s: Mapping[str, Span] = field(default_factory=dict)
    sizes: Span
    lacking: str = ""
    unread: str | None = None
    hidden: tuple[str, ...] = ()
    notes: tuple[str, ...] = ()

    @property
    def requests(self) -> Span | None:
        """How often it is called."""
        return self.calls.requests

    @property
    def may_be_free(self) -> bool:
        """Whether the free tier applies: not where concurrency is provisioned, or may be."""
        return not self.provisioned and self.unread is None


def usages(inventory: Inventory, terms: Terms) -> Iterator[Usage]:
    """Yield what each function uses that does not run on managed instances."""
    published = Published.of(inventory)
    limits = {(one.account, one.region): one for one in inventory.of(LambdaAccount)}
    for function in inventory.of(Function):
        if function.capacity_provider is None:
            usage = _usage(
                function,
                inventory,
                terms,
                published=published,
                limit=_limit(function, limits.get((function.account, function.region))),
            )
            yield replace(usage, hidden=_hidden(function, published, inventory))


def _limit(function: Function, account: LambdaAccount | None) -> int | None:
    """Return how many may run at once: what is reserved, or what all without share."""
    if function.reserved_concurrency is not None:
        return function.reserved_concurrency
    return None if account is None else account.unreserved_concurrent_executions


def _usage(
    function: Function,
    inventory: Inventory,
    terms: Terms,
    *,
    published: Published,
    limit: int | None,
) -> Usage:
    calls = invocations(
        function,
        traffic=terms.assumptions.traffic_of(function.name),
        measured=inventory.measured(function.arn),
        taken_at=inventory.snapshot.taken_at,
        limit=limit,
    )
    unread = _unread(function, inventory)
    kept = published.provisioned(function)
    sizes = published.sizes(function)
    if calls.busy_s is None or unread is not None:
        return Usage(
            function=function,
            calls=calls,
            provisioned=kept,
            sizes=sizes,
            lacking=_lacking(calls, unread),
            unread=unread,
        )
    ran = _ran(function, calls, calls.busy_s, kept, inventory)
    if ran is None:
        return Usage(
            function=function, calls=calls, provisioned=kept, sizes=sizes, lacking=_UNSPLIT
        )
    return Usage(
        function=function,
        calls=calls,
        provisioned=kept,
        on_demand_gb_s=gb_s(ran.on_demand_s, sizes),
        warm_gb_s={one.arn: gb_s(ran.warm_s[one.arn], one.memory_mb) for one in kept},
        sizes=sizes,
        notes=ran.notes,
    )


def gb_s(busy_s: Span, memory_mb: Span) -> Span:
    """Return the GB-seconds of so many seconds in so much memory."""
    return product(busy_s, memory_mb) * (1 / Decimal(1024))


@dataclass(frozen=True, slots=True, kw_only=True)
class _Ran:
    """Where the seconds ran: on each entry of provisioned concurrency, and on demand."""

    warm_s: Mapping[str, Span]
    on_demand_s: Span
    notes: tuple[str, ...] = ()


def _ran(
    function: Function,
    calls: Invocations,
    busy_s: Span,
    kept: tuple[Provisioned, ...],
    inventory: Inventory,
) -> _Ran | None:
    """Return where the seconds ran; None where the calls were measured, but not where they ran."""
    if busy_s.max == 0 or not kept:
        idle = {one.arn: Span.exactly(0) for one in kept}
        return _Ran(warm_s=idle, on_demand_s=busy_s)
    if calls.stated:
        return _spread(calls, busy_s, kept)
    total = count_of(inventory.measured(function.arn), "Invocations")
    shares: dict[str, Decimal] = {}
    for one in kept:
        warm = count_of(inventory.measured(one.arn), "ProvisionedConcurrencyInvocations")
        if warm is None or not total:
            return None
        shares[one.arn] = warm / total
    whole = sum(shares.values(), Decimal(0))
    if whole > 1:
        # The two counters are read one after the other.
        shares = {arn: share / whole for arn, share in shares.items()}
    return _Ran(
        warm_s={arn: busy_s * share for arn, share in shares.items()},
        on_demand_s=busy_s * max(1 - whole, Decimal(0)),
    )


def _spread(calls: Invocations, busy_s: Span, kept: tuple[Provisioned, ...]) -> _Ran:
    """Return where calls run that come evenly: warm, as far as there are environments for them."""
    counts = {one.arn: one.count.expected for one in kept}
    whole = sum(counts.values(), Decimal(0))
    room = whole * calls.active_s
    warm = capped(busy_s, room)
    spilled = (max(end - room, Decimal(0)) for end in (busy_s.min, busy_s.expected, busy_s.max))
    return _Ran(
        warm_s={arn: warm * (count / whole if whole else 0) for arn, count in counts.items()},
        on_demand_s=Span(*spilled),
        notes=(_EVENLY,),
    )


def _unread(function: Function, inventory: Inventory) -> str | None:
    """Return why nobody knows what is provisioned for the function, None if somebody does."""
    if ProvisionedConcurrency.__name__ not in inventory.snapshot.covers:
        return "provisioned concurrency is not read from this source"
    return _refused(ProvisionedConcurrency, "provisioned concurrency", function, inventory)


def _hidden(function: Function, published: Published, inventory: Inventory) -> tuple[str, ...]:
    """Return what was not read, and may say of more memory or more environments than is known."""
    found = [
        _refused(FunctionVersion, "what memory its versions have", function, inventory),
        _refused(FunctionAlias, "which versions its aliases name", function, inventory),
    ]
    if published.entries(function):
        kind = ScheduledAction if published.scales(function) else ScalableTarget
        found.append(_refused(kind, "what scales provisioned concurrency", function, inventory))
    return tuple(reason for reason in found if reason is not None)


def _refused(
    kind: type[Resource], what: str, function: Function, inventory: Inventory
) -> str | None:
    """Return that something of a function could not be read, None if there is no gap in it."""
    for gap in inventory.gaps(kind, account=function.account, region=function.region):
        mine = gap.subject in (None, function.arn)
        if mine or str(gap.subject).startswith(f"{function.arn}:"):
            return f"{what} could not be read ({gap.operation})"
    return None


def _lacking(calls: Invocations, unread: str | None) -> str:
    if calls.requests is None:
        return "nobody measured or said how often it is called"
    if calls.busy_s is None:
        return "nobody measured or said how long a call runs"
    return unread or ""
