"""How severe a finding is by what it costs a month."""

from decimal import Decimal
from typing import Final

from mlguard.check import Severity

_STEPS_USD: Final = (Decimal(5), Decimal(50), Decimal(500))
_SEVERITIES: Final = (Severity.INFORMATIONAL, Severity.LOW, Severity.MEDIUM)


def severity_of(monthly_usd: Decimal | None) -> Severity:
    """Return the severity of so much money: INFORMATIONAL below 5 USD, HIGH from 500 on.

    LOW where the price is unknown.
    """
    if monthly_usd is None:
        return Severity.LOW
    steps = zip(_STEPS_USD, _SEVERITIES, strict=True)
    return next((severity for below, severity in steps if monthly_usd < below), Severity.HIGH)


def cents(monthly_usd: Decimal) -> Decimal:
    """Return an amount as findings show it."""
    return monthly_usd.quantize(Decimal("0.01"))
