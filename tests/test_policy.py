"""The policy: its defaults are the user's, and elsewhere the cheapest that AWS takes."""

from decimal import Decimal

import pytest

from mlguard.cost.prices import PriceBook
from mlguard.data.instance_types import Surface, legal_types
from mlguard.errors import ConfigError
from mlguard.policy import Policy

# SageMaker's instances cost 1.2 times EC2's, those with accelerators more: the prices in
# mlguard/data say so, and tests/data holds them to it.
MARKUP = Decimal("1.2")


def derived(instance_type: str) -> Decimal | None:
    price = PriceBook().ec2("us-east-1", instance_type.removeprefix("ml."))
    return None if price is None else price.amount * MARKUP


@pytest.mark.parametrize("surface", [Surface.TRAINING, Surface.PROCESSING, Surface.TRANSFORM])
def test_the_default_of_a_job_is_the_cheapest_type_that_is_legal_there(surface: Surface) -> None:
    prices = {one: derived(one) for one in legal_types(surface)}
    cheapest = min(price for price in prices.values() if price is not None)
    (default,) = Policy().types(surface)
    assert prices[default] == cheapest


@pytest.mark.parametrize("surface", list(Surface))
def test_every_default_is_legal(surface: Surface) -> None:
    assert set(Policy().types(surface)) <= legal_types(surface)


def test_an_illegal_type_is_refused_with_the_nearest_legal_ones() -> None:
    with pytest.raises(ConfigError, match=r"did you mean .*ml\.t3\.medium"):
        Policy(training=("ml.t2.medium",))
