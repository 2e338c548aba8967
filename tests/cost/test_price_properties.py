"""What holds of any discount: it never raises a price, makes none up, and is told."""

from decimal import Decimal

from hypothesis import given
from hypothesis import strategies as st

from mlguard.cost.price_terms import Discount, DiscountKind
from mlguard.cost.prices import PriceBook
from mlguard.data.instance_types import Surface
from mlguard.data.prices import Price, PriceTable, shipped

KEYS = st.sampled_from(sorted(shipped(PriceTable.SAGEMAKER)))
PERCENTS = st.decimals("0.01", "99.99", places=2)
DISCOUNTS = st.lists(
    st.builds(
        Discount,
        name=st.sampled_from(["a", "b"]),
        kind=st.sampled_from(DiscountKind),
        percent=PERCENTS,
        service=st.just(PriceTable.SAGEMAKER),
        region=st.sampled_from(["*", "us-*", "us-east-1", "nowhere-*"]),
        type=st.none() | st.sampled_from(["ml.m5.*", "ml.*", "*"]),
        component=st.none() | st.sampled_from(["Hosting", "T*"]),
    ),
    max_size=4,
).map(tuple)


def price(book: PriceBook, key: tuple[str, ...]) -> Price | None:
    region, name, _ = key
    return book.sagemaker(region, name, Surface.ENDPOINT)


@given(KEYS, DISCOUNTS)
def test_a_discount_lowers_a_price_or_leaves_it_and_says_which(
    key: tuple[str, ...], discounts: tuple[Discount, ...]
) -> None:
    book = PriceBook(discounts=discounts)
    listed, paid = price(PriceBook(), key), price(book, key)
    assert (listed is None) == (paid is None)
    if listed is None or paid is None:
        return
    assert 0 < paid.amount <= listed.amount
    assert (paid.list_amount is None) == (paid == listed) == (not paid.discounts)
    assert paid.list_amount in (None, listed.amount)
    assert any("off the list price" in note for note in book.notes(paid)) == (paid != listed)


@given(KEYS, DISCOUNTS, PERCENTS)
def test_one_more_agreement_never_costs_more(
    key: tuple[str, ...], discounts: tuple[Discount, ...], percent: Decimal
) -> None:
    more = (*discounts, Discount(name="c", percent=percent))
    before, after = (
        price(PriceBook(discounts=discounts), key),
        price(PriceBook(discounts=more), key),
    )
    assert before is None or (after is not None and after.amount < before.amount)
