"""Amounts of money as texts: rounded here, where they are shown, and nowhere else."""

from decimal import ROUND_HALF_UP, Context, Decimal
from typing import Final

from mlguard.cost.estimate import USD, Estimate
from mlguard.cost.span import Span

_CENT: Final = Decimal("0.01")
_MILLIONTH: Final = Decimal("0.000001")

# A count from a file may have any number of digits: an amount is shown with all of them.
_WIDE: Final = Context(prec=1000)


def amount(value: Decimal) -> str:
    """Return an amount to the cent, with commas between thousands; `<0.01` is not nothing."""
    if 0 < value < _CENT / 2:
        return "<0.01"
    return f"{value.quantize(_CENT, ROUND_HALF_UP, _WIDE):,f}"


def change(value: Decimal) -> str:
    """Return by how much something changes, to the cent, with its sign."""
    sign = "+" if value > 0 else "-" if value < 0 else "±"
    return sign + amount(abs(value))


def ends(span: Span) -> str:
    """Return what a span lies between, where it is not certain: ` (40.88 to 163.52)`."""
    return "" if span.certain else f" ({amount(span.min)} to {amount(span.max)})"


def known(estimate: Estimate) -> str:
    """Return what is known of an estimate, as expected, by currency; `?` where that is not all."""
    currencies = sorted({line.currency for line in estimate.lines if line.monthly is not None})
    parts = [
        f"{amount(estimate.known(name).expected)}{'' if name == USD else f' {name}'}"
        for name in currencies
    ]
    return " + ".join((*parts, *(("?",) if estimate.unknown else ()))) or amount(Decimal(0))


def exact(value: Decimal) -> str:
    """Return an amount for programs: to the millionth, no exponent, no zeros at the end."""
    text = f"{value.quantize(_MILLIONTH, ROUND_HALF_UP, _WIDE):f}"
    return text.rstrip("0").rstrip(".")
