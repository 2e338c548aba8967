"""The endpoint as it was made: whether it scales, where the configuration says so."""

from typing import TYPE_CHECKING

import pytest

from mlguard_pytest.scaling import assert_scales
from tests.deploy.plans import VARIANTS
from tests.deploy.recorded import NAMES, make

if TYPE_CHECKING:
    import boto3

    from mlguard_pytest.facade import Mlguard


def test_an_endpoint_with_autoscaling_scales(
    mlguard_moto: "boto3.Session", mlguard: "Mlguard"
) -> None:
    make(mlguard_moto, VARIANTS["scaled"])
    assert_scales(mlguard.endpoint(NAMES.endpoint))


def test_the_cheapest_endpoint_does_not(mlguard_moto: "boto3.Session", mlguard: "Mlguard") -> None:
    make(mlguard_moto, VARIANTS["as it comes"])
    with pytest.raises(AssertionError, match=r"ml\.t2\.medium"):
        assert_scales(mlguard.endpoint(NAMES.endpoint))
