"""SageMaker bills an instance at EC2's price times a fixed markup: two tables check each other."""

from collections.abc import Iterator
from decimal import ROUND_HALF_UP, Decimal

import pytest

from mlguard.cost.prices import PriceBook
from mlguard.data.files import read
from mlguard.data.prices import Component, PriceStatus, PriceTable, shipped

HOME = "us-east-1"
INSTANCES = frozenset(
    {
        Component.NOTEBOOK,
        Component.STUDIO,
        Component.TRAINING,
        Component.PROCESSING,
        Component.TRANSFORM,
        Component.HOSTING,
    }
)
EXCEPTIONS = {
    "ml.p3.2xlarge": "1.25",
    "ml.p3.8xlarge": "1.20",
    "ml.p3.16xlarge": "1.15",
    "ml.inf2.xlarge": "1.30",
}


def markup(name: str) -> Decimal | None:
    """Return what SageMaker's price is of EC2's, None where no rule is known for the family.

    That of g6e is unverified: no price of it was seen.
    """
    _, family, size = name.split(".")
    if name in EXCEPTIONS:
        return Decimal(EXCEPTIONS[name])
    if family in ("g4dn", "g5", "g6", "g6e"):
        return Decimal("1.40") if size == "xlarge" else Decimal("1.25")
    if family in ("p3dn", "p4d", "p5"):
        return Decimal("1.15")
    if family == "inf2" or family in ("t2", "t3") or family[0] in "mcr":
        return Decimal("1.20")
    return None


def rounded(amount: Decimal) -> Decimal:
    return amount.quantize(Decimal("0.001"), ROUND_HALF_UP)


def observed() -> Iterator[tuple[str, Decimal, Decimal]]:
    """Yield the type, EC2's price and SageMaker's as a component, where both were seen."""
    for (region, name, component), price in shipped(PriceTable.SAGEMAKER).items():
        if price.status is PriceStatus.OBSERVED and component in INSTANCES:
            on_ec2 = shipped(PriceTable.EC2).get((region, name.removeprefix("ml.")))
            if on_ec2 is not None:
                yield name, on_ec2.amount, price.amount


def test_what_was_seen_on_sagemaker_is_what_was_seen_on_ec2_times_the_markup() -> None:
    known = [(name, on_ec2, amount) for name, on_ec2, amount in observed() if markup(name)]
    off = {
        name
        for name, on_ec2, amount in known
        if abs(on_ec2 * (markup(name) or 0) / amount - 1) > Decimal("0.01")
    }
    assert len(known) == 111
    assert off == set()
    # trn1 was seen once, at a markup of its own.
    assert {name for name, *_ in observed()} - {name for name, *_ in known} == {"ml.trn1.32xlarge"}


NOTEBOOK_AT_EC2_S_PRICE = ("ml.t2.medium", Component.NOTEBOOK)

# Seen in bills and price lists of other regions, so that the markups were not fitted on them.
ELSEWHERE = [
    ("ap-south-1", "ml.r6i.4xlarge", "1.04", "1.248"),
    ("ap-south-1", "ml.r7i.4xlarge", "1.092", "1.3104"),
    ("ap-south-1", "ml.c6i.8xlarge", "1.36", "1.632"),
    ("ap-south-1", "ml.m6i.4xlarge", ".808", ".970"),
    ("ap-south-1", "ml.g4dn.xlarge", ".579", ".811"),
    ("ap-south-1", "ml.g5.xlarge", "1.208", "1.691"),
    ("ap-south-1", "ml.g6.xlarge", ".9664", "1.353"),
    ("us-east-1", "ml.p4d.24xlarge", "21.9576", "25.251"),
]
# The EC2 side of these is remembered and has no source: they agree, and prove less.
UNVERIFIED = [
    ("eu-west-1", "ml.m5.xlarge", ".214", ".257"),
    ("eu-west-1", "ml.g4dn.xlarge", ".587", ".822"),
    ("eu-west-1", "ml.g5.12xlarge", "6.328", "7.91"),
    ("eu-west-1", "ml.t3.medium", ".0456", ".055"),
]


@pytest.mark.parametrize(("region", "name", "on_ec2", "expected"), [*ELSEWHERE, *UNVERIFIED])
def test_the_markup_holds_where_it_was_not_fitted(
    region: str, name: str, on_ec2: str, expected: str
) -> None:
    billed = Decimal(on_ec2) * (markup(name) or 0)
    assert rounded(billed) == rounded(Decimal(expected)), region


def derived() -> Iterator[tuple[str, str, str, Decimal, str]]:
    table = read("prices_sagemaker.json")
    for region, name, component, amount, _, _, status, source, _ in table["rows"]:
        if status == PriceStatus.DERIVED and component in INSTANCES:
            yield region, name, component, Decimal(amount), table["sources"][source]


def test_every_derived_price_is_ec2_s_times_the_markup() -> None:
    wrong = []
    for region, name, component, amount, source in derived():
        on_ec2 = shipped(PriceTable.EC2).get((region, name.removeprefix("ml.")))
        if (name, component) == NOTEBOOK_AT_EC2_S_PRICE:
            assert "UNVERIFIED" in source
            by_rule = None if on_ec2 is None else on_ec2.amount
        else:
            by_rule = None if on_ec2 is None else rounded(on_ec2.amount * (markup(name) or 0))
        if by_rule != amount:
            wrong.append((region, name, component, amount, by_rule))
    assert wrong == []


def test_a_rule_that_nobody_verified_says_so_wherever_its_price_is_used() -> None:
    book = PriceBook()
    told = book.component("eu-west-1", "ml.t2.medium", Component.NOTEBOOK)
    assert told is not None
    assert book.notes(told) == ("the price is derived from another by a rule that is unverified",)


def test_no_derived_price_is_told_without_saying_so() -> None:
    book = PriceBook()
    for table in PriceTable:
        for price in shipped(table).values():
            assert (book.note(price) is None) == (price.status is PriceStatus.OBSERVED)
