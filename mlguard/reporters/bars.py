"""Costs as bars of block characters: solid is at least, shaded as expected, a whisker at most."""

from decimal import ROUND_HALF_UP, Decimal

from mlguard.cost.span import Span

LEGEND = "█ at least   ▒ as expected   ─┤ at most"


def bar(span: Span, *, most: Decimal, width: int) -> str:
    """Return a bar of at most `width` cells, on a scale where `most` takes all of them.

    What costs anything shows at least one cell; nothing shows none.
    """
    if not most or not span.max:
        return ""
    least, expected, end = (_cells(end, most, width) for end in (span.min, span.expected, span.max))
    if span.expected:
        expected = max(expected, 1)
    solid = "█" * min(least, expected)
    shaded = ("█" if span.certain else "▒") * (expected - len(solid))
    if span.max == span.expected:
        return solid + shaded
    whisker = max(end - expected, 1)
    drawn = solid + shaded + "─" * (whisker - 1) + "┤"
    return drawn if len(drawn) <= width else f"{drawn[: width - 1]}┤"


def _cells(amount: Decimal, most: Decimal, width: int) -> int:
    return int((amount / most * width).quantize(Decimal(1), ROUND_HALF_UP))
