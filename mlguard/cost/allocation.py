"""What many share, divided among them: a free allowance, the tiers of a price."""

from collections.abc import Callable, Mapping
from decimal import Decimal

from mlguard.cost.span import Span


def allocate(usage: Mapping[str, Span], part: Callable[[Decimal], Decimal]) -> dict[str, Span]:
    """Return each one's share of what `part` makes of the usage of all together.

    `part` must not fall where usage rises, and be zero for none. The least that all may use is
    divided by what each uses then; what comes on top, by what each uses more. So the shares of
    each end add up to `part` of that end, and nobody's least is above its most: dividing each
    end by itself would give one whose usage is certain less, as others use more.
    """
    whole = Span.total(usage.values())
    shares = {name: _ratio(one.min, whole.min) * part(whole.min) for name, one in usage.items()}
    steps = (
        (whole.min, whole.expected, {name: one.expected - one.min for name, one in usage.items()}),
        (whole.expected, whole.max, {name: one.max - one.expected for name, one in usage.items()}),
    )
    ends = [shares]
    for low, high, more in steps:
        rise = part(high) - part(low)
        ends.append({name: ends[-1][name] + _ratio(more[name], high - low) * rise for name in more})
    return {name: Span(*(end[name] for end in ends)) for name in usage}


def beyond(allowance: Decimal) -> Callable[[Decimal], Decimal]:
    """Return what is left of a usage once an allowance is used up: never less than nothing."""
    return lambda used: max(used - allowance, Decimal(0))


def between(begins: Decimal, ends: Decimal | None) -> Callable[[Decimal], Decimal]:
    """Return how much of a usage lies in a tier; `ends` None: it has no end."""
    if ends is None:
        return beyond(begins)
    return lambda used: min(max(used - begins, Decimal(0)), ends - begins)


def _ratio(one: Decimal, of: Decimal) -> Decimal:
    return one / of if of else Decimal(0)
