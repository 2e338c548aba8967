"""Lines: so many units at a price, in a month of any length, or unknown for a reason."""

from decimal import Decimal

import pytest

from mlguard.cost.estimate import Line, line
from mlguard.cost.prices import PriceBook
from mlguard.cost.span import Span
from mlguard.data.instance_types import Surface
from mlguard.data.prices import Price
from tests.builders.account import NOW

REGION = "us-east-1"
BOOK = PriceBook(today=NOW.date())


def of(price: Price | None, units: Decimal | int | None) -> Line:
    span = None if units is None else Span.exactly(units)
    return line("something", price, span, book=BOOK, lacking="nobody knows")


def test_a_host_in_a_month_of_31_days() -> None:
    host = BOOK.sagemaker(REGION, "ml.t2.medium", Surface.ENDPOINT)
    assert of(host, 744).monthly == Span.exactly(Decimal("41.664"))


def test_an_environment_of_128_mb_kept_warm_for_30_days() -> None:
    warm = BOOK.function(REGION, "x86_64", "ProvisionedConcurrency")
    seconds = 30 * 24 * 3600
    monthly = of(warm, Decimal("0.125") * seconds).monthly
    assert monthly is not None
    assert round(monthly.expected, 5) == Decimal("1.35001")


@pytest.mark.parametrize(("known", "units"), [(False, 1), (True, None)])
def test_a_price_or_a_number_that_nobody_knows_is_no_zero(known: bool, units: int | None) -> None:  # noqa: FBT001
    host = BOOK.sagemaker(REGION, "ml.t2.medium", Surface.ENDPOINT) if known else None
    found = of(host, units)
    assert (found.monthly, found.unknown) == (None, "nobody knows")


def test_a_span_out_of_order_is_refused() -> None:
    with pytest.raises(ValueError, match="not in order"):
        Span(Decimal(2), Decimal(1), Decimal(3))
