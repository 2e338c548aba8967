"""Lambda functions: what each costs a month, provisioned concurrency with it."""

from collections.abc import Iterator
from decimal import Decimal
from typing import Final

from mlguard.cost.estimate import Estimate, Line, line, unknown
from mlguard.cost.function_allowances import Paid, paid
from mlguard.cost.function_usage import Usage, usages
from mlguard.cost.invocations import SECONDS_A_MONTH
from mlguard.cost.provisioned import Provisioned
from mlguard.cost.span import Span
from mlguard.cost.terms import Terms
from mlguard.resources.functions import Function
from mlguard.snapshot import Inventory

_FREE_STORAGE_MB: Final = 512
"""AWS Lambda pricing, "Lambda Ephemeral Storage Pricing"."""

_FREE: Final = (
    "the free tier is taken off, as if nobody else used it: other regions, functions of unknown "
    "traffic and accounts billed together share it"
)
_NOT_FREE: Final = "the free tier does not apply where concurrency is provisioned"
_MANAGED: Final = "it runs on managed instances: their price, and the fee for them, are not known"
_COLD: Final = (
    "what starting cold takes, and /tmp beyond 512 MB, are billed too, and not counted here"
)


def estimates(inventory: Inventory, terms: Terms) -> Iterator[Estimate]:
    """Yield an estimate for each function.

    Provisioned concurrency belongs to the estimate of its function. What is not known of the
    calls is an unknown line, never nothing.
    """
    known = tuple(usages(inventory, terms))
    shared = paid(known, terms)
    for usage in known:
        yield Estimate.of(usage.function, tuple(_lines(usage, shared, terms)))
    for function in inventory.of(Function):
        if function.capacity_provider is not None:
            yield Estimate.of(function, (unknown("managed instances", _MANAGED),))


def _lines(usage: Usage, shared: Paid, terms: Terms) -> Iterator[Line]:
    yield _requests(usage, shared, terms)
    yield from _on_demand(usage, shared, terms)
    yield from _storage(usage, terms)
    for entry in usage.provisioned:
        yield from _provisioned(usage, entry, terms)
    if usage.unread is not None:
        yield unknown("provisioned concurrency", usage.unread)
    for reason in usage.hidden:
        yield unknown("what is not read", reason)


def _requests(usage: Usage, shared: Paid, terms: Terms) -> Line:
    function = usage.function
    units = shared.requests.get(function.arn)
    return line(
        "requests",
        terms.book.function(function.region, function.architecture, "Requests"),
        units,
        book=terms.book,
        lacking=usage.lacking if units is None else _no_price("a request", function),
        assumptions=(*usage.calls.assumptions, *_free(usage, terms)),
    )


def _on_demand(usage: Usage, shared: Paid, terms: Terms) -> Iterator[Line]:
    """Yield a line for each tier that the function's duration reaches, the first at any rate."""
    function = usage.function
    if usage.on_demand_gb_s is None:
        yield unknown("duration", usage.lacking)
        return
    said = (*usage.calls.timed, *usage.notes, *_sized(usage), *_free(usage, terms))
    if usage.calls.busy_s is not None and usage.calls.busy_s.max > 0:
        said = (*said, _COLD)
    tiers = shared.tiers.get(function.arn, ())
    if not tiers:
        yield unknown("duration", _no_price("a GB-second", function))
    for share in tiers:
        if share.tier.begins and not share.gb_s.max:
            continue
        begins = f", from {share.tier.begins:,f} GB-seconds on" if share.tier.begins else ""
        yield line(
            f"duration{begins}",
            share.tier.price,
            share.gb_s,
            book=terms.book,
            lacking="",
            assumptions=said,
        )


def _storage(usage: Usage, terms: Terms) -> Iterator[Line]:
    """Yield what of /tmp is not free: that is billed for as long as calls run."""
    function, busy_s = usage.function, usage.calls.busy_s
    beyond_mb = function.ephemeral_storage_mb - _FREE_STORAGE_MB
    if beyond_mb <= 0:
        return
    units = None if busy_s is None else busy_s * (Decimal(beyond_mb) / 1024)
    yield line(
        f"ephemeral storage beyond {_FREE_STORAGE_MB} MB",
        terms.book.function(function.region, function.architecture, "EphemeralStorage >512MB"),
        units,
        book=terms.book,
        lacking=usage.lacking if units is None else _no_price("a GB-second of storage", function),
        assumptions=usage.calls.timed,
    )


def _provisioned(usage: Usage, entry: Provisioned, terms: Terms) -> Iterator[Line]:
    """Yield what is kept warm, in use and idle apart, and what ran on it."""
    region, book = usage.function.region, terms.book
    kept = book.function(region, entry.architecture, "ProvisionedConcurrency")
    ran = book.function(region, entry.architecture, "ProvisionedDuration")
    configured = entry.gigabytes() * SECONDS_A_MONTH
    name = f"provisioned concurrency of {entry.qualifier}"
    lacking = _no_price("a GB-second of provisioned concurrency", usage.function)
    warm = usage.warm_gb_s.get(entry.arn)
    if warm is None:
        yield line(
            name, kept, configured, book=book, lacking=lacking, assumptions=entry.assumptions
        )
        yield unknown(f"duration on {entry.qualifier}", usage.lacking)
        return
    in_use = min(warm.expected, configured.min)
    idle = Span(configured.min - in_use, configured.expected - in_use, configured.max - in_use)
    said = (*entry.assumptions, "what is in use is that of the expected case")
    for part, units in (("in use", Span.exactly(in_use)), ("idle", idle)):
        yield line(f"{name}, {part}", kept, units, book=book, lacking=lacking, assumptions=said)
    yield line(
        f"duration on {entry.qualifier}",
        ran,
        warm,
        book=book,
        lacking=_no_price("a GB-second on provisioned concurrency", usage.function),
        assumptions=(*usage.calls.timed, *usage.notes),
    )


def _sized(usage: Usage) -> tuple[str, ...]:
    """Return what is assumed of the memory where callers may reach versions of other sizes."""
    sizes = usage.sizes
    if sizes.certain:
        return ()
    between = f"{sizes.min} to {sizes.max} MB"
    return (f"which versions are called was not measured: they have {between}",)


def _free(usage: Usage, terms: Terms) -> tuple[str, ...]:
    if not terms.assumptions.free_tier:
        return ()
    return (_FREE,) if usage.may_be_free else (_NOT_FREE,)


def _no_price(unit: str, function: Function) -> str:
    return f"the price of {unit} in {function.region} on {function.architecture} is not known"
