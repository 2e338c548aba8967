"""What the functions of an account share: the free tier, and the tiers of duration."""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from decimal import Decimal
from typing import Final

from mlguard.cost.allocation import allocate, between, beyond
from mlguard.cost.function_usage import Usage
from mlguard.cost.span import Span
from mlguard.cost.terms import Terms
from mlguard.data.prices import Tier

FREE_REQUESTS: Final = Decimal(1_000_000)
FREE_GB_S: Final = Decimal(400_000)
"""AWS Lambda pricing, "Free Tier": each month, for all functions of an account together."""


@dataclass(frozen=True, slots=True, kw_only=True)
class InTier:
    """What a function has to pay for at the price of one tier."""

    tier: Tier
    gb_s: Span


@dataclass(frozen=True, kw_only=True)
class Paid:
    """What each function has to pay for, by ARN; one of which that is not known has no entry.

    `duration` is what runs on demand, in GB-seconds, all tiers together.
    """

    requests: Mapping[str, Span]
    duration: Mapping[str, Span]
    tiers: Mapping[str, tuple[InTier, ...]]


def paid(known: Iterable[Usage], terms: Terms) -> Paid:
    """Return what each function has to pay for; what is shared is divided among them.

    The free tier is an account's, in all regions; the tiers of duration are those of an account,
    a region and an architecture: AWS Lambda pricing.
    """
    everybody = tuple(known)
    duration = _beyond_free(everybody, lambda one: one.on_demand_gb_s, FREE_GB_S, terms)
    return Paid(
        requests=_beyond_free(everybody, lambda one: one.requests, FREE_REQUESTS, terms),
        duration=duration,
        tiers=_tiers(everybody, duration, terms),
    )


def _beyond_free(
    everybody: Iterable[Usage],
    used: Callable[[Usage], Span | None],
    free: Decimal,
    terms: Terms,
) -> dict[str, Span]:
    found: dict[str, Span] = {}
    accounts: dict[str, dict[str, Span]] = {}
    for usage in everybody:
        amount, function = used(usage), usage.function
        if amount is None:
            continue
        if terms.assumptions.free_tier and usage.may_be_free:
            accounts.setdefault(function.account, {})[function.arn] = amount
        else:
            found[function.arn] = amount
    for amounts in accounts.values():
        found.update(allocate(amounts, beyond(free)))
    return found


def _tiers(
    everybody: Iterable[Usage], duration: Mapping[str, Span], terms: Terms
) -> dict[str, tuple[InTier, ...]]:
    pools: dict[tuple[str, str, str], dict[str, Span]] = {}
    for usage in everybody:
        one = usage.function
        if one.arn in duration:
            pool = pools.setdefault((one.account, one.region, one.architecture), {})
            pool[one.arn] = duration[one.arn]
    found: dict[str, list[InTier]] = {}
    for (_, region, architecture), pool in pools.items():
        tiers = terms.book.function_tiers(region, architecture, "Duration")
        ends = [*(tier.begins for tier in tiers[1:]), None]
        for tier, end in zip(tiers, ends, strict=False):
            for arn, share in allocate(pool, between(tier.begins, end)).items():
                found.setdefault(arn, []).append(InTier(tier=tier, gb_s=share))
    return {arn: tuple(shares) for arn, shares in found.items()}
