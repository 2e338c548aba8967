"""What is kept warm of a function: its provisioned concurrency, and what that costs."""

from decimal import Decimal

from mlguard.check import Context
from mlguard.cost.invocations import SECONDS_A_MONTH
from mlguard.cost.provisioned import Provisioned, kept
from mlguard.resources.functions import (
    Function,
    FunctionAlias,
    FunctionVersion,
    ProvisionedConcurrency,
)


def provisioned_of(function: Function, context: Context) -> tuple[ProvisionedConcurrency, ...]:
    """Return what is provisioned for each version and alias of the function."""
    if function.capacity_provider is not None:
        return ()
    return context.of_function(ProvisionedConcurrency, function)


def total_of(provisioned: tuple[ProvisionedConcurrency, ...]) -> int:
    """Return how many environments are asked for in all."""
    return sum(entry.requested for entry in provisioned)


def listed(provisioned: tuple[ProvisionedConcurrency, ...]) -> str:
    """Return "6 (live: 4, prod: 2)"."""
    return f"{total_of(provisioned)} ({parts(provisioned)})"


def parts(provisioned: tuple[ProvisionedConcurrency, ...]) -> str:
    """Return "live: 4, prod: 2"."""
    return ", ".join(f"{entry.qualifier}: {entry.requested}" for entry in provisioned)


def warm(function: Function, entry: ProvisionedConcurrency, context: Context) -> Provisioned:
    """Return what an entry keeps warm, of the size of its version where that was read.

    The check has to declare FunctionAlias and FunctionVersion, as optional.
    """
    aliases: tuple[FunctionAlias, ...] = ()
    versions: tuple[FunctionVersion, ...] = ()
    if context.covers(FunctionAlias):
        aliases = context.of_function(FunctionAlias, function)
    if context.covers(FunctionVersion):
        versions = context.of_function(FunctionVersion, function)
    return kept(function, entry, aliases=aliases, versions=versions)


def each_usd(function: Function, entry: ProvisionedConcurrency, context: Context) -> Decimal | None:
    """Return what one environment of an entry costs a month while nobody calls it.

    None where the price is unknown, or not in USD. AWS Lambda pricing: charged for memory and
    time configured, used or not.
    """
    found = warm(function, entry, context)
    price = context.prices.provisioned_concurrency(function.region, found.architecture)
    if price is None or price.currency != "USD":
        return None
    return found.memory_mb.expected / 1024 * SECONDS_A_MONTH * price.amount


def entries_usd(
    function: Function, entries: tuple[ProvisionedConcurrency, ...], context: Context
) -> Decimal | None:
    """Return what entries cost a month while nobody calls them, None if unknown."""
    amounts = [each_usd(function, entry, context) for entry in entries]
    known = [
        amount * entry.requested
        for amount, entry in zip(amounts, entries, strict=True)
        if amount is not None
    ]
    return sum(known, Decimal(0)) if len(known) == len(entries) else None
