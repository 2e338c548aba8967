"""Money: how bad a sum is that is spent every month, and how it is told."""

from decimal import Decimal
from typing import Final

from mlguard.check import Severity
from mlguard.cost.estimate import USD, Estimate

_STEPS_USD: Final = (Decimal(5), Decimal(50), Decimal(500))
_SEVERITIES: Final = (Severity.INFORMATIONAL, Severity.LOW, Severity.MEDIUM)


def by_dollars(usd: Decimal) -> Severity:
    """Return how bad it is to spend so much a month for nothing: from 500 USD on it is HIGH."""
    steps = zip(_STEPS_USD, _SEVERITIES, strict=True)
    return next((severity for below, severity in steps if usd < below), Severity.HIGH)


def cents(usd: Decimal) -> Decimal:
    """Return an amount as findings carry it."""
    return usd.quantize(Decimal("0.01"))


def told(usd: Decimal) -> str:
    """Return an amount as messages tell it."""
    return f"{usd:,.2f} USD"


def run_usd(estimate: Estimate | None) -> Decimal | None:
    """Return what a run of a job costs, or may cost at most; None where neither is known."""
    if estimate is None:
        return None
    return estimate.per_run_max if estimate.per_run is None else estimate.per_run


def told_run(estimate: Estimate | None) -> str:
    """Return what a run costs, or may cost, in words that go on a message; "" if nobody knows."""
    if estimate is None:
        return ""
    if estimate.per_run is not None:
        return f"; a run costs {told(estimate.per_run)}"
    if estimate.per_run_max is not None:
        return f"; a run costs at most {told(estimate.per_run_max)}"
    return ""


def told_month(estimate: Estimate | None) -> str:
    """Return what it costs a month, in words that go on a message; "" if nobody knows."""
    usd = expected_usd(estimate)
    return "" if usd is None else f"; it costs {told(usd)} a month"


def expected_usd(estimate: Estimate | None) -> Decimal | None:
    """Return what is expected to be spent a month on it in USD, None where that is not known."""
    if estimate is None or estimate.monthly_usd is None:
        return None
    return estimate.known(USD).expected
