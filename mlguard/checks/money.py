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


def told(usd: Decimal) -> str:
    """Return an amount as messages tell it."""
    return f"{usd:,.2f} USD"


def expected_usd(estimate: Estimate | None) -> Decimal | None:
    """Return what is expected to be spent a month on it in USD, None where that is not known."""
    if estimate is None or estimate.monthly_usd is None:
        return None
    return estimate.known(USD).expected
