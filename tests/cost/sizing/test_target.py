"""Whether an instance is overrun before its scaling policy starts another one."""

from decimal import Decimal

import pytest

from mlguard.cost.assumptions import Traffic
from mlguard.cost.hosted import Hosted
from mlguard.cost.sizing.target import target_sizings
from mlguard.resources.hosting import Endpoint
from mlguard.resources.kinds import AnyResource
from mlguard.snapshot import Inventory
from tests.builders.account import snapshot
from tests.builders.hosting import endpoint, endpoint_config, variant
from tests.builders.scaling import scalable_target, scaling_policy
from tests.cost.estimating import terms


def verdicts(*resources: AnyResource, latency_s: str | None = "0.985") -> tuple[str, ...]:
    latency = None if latency_s is None else Decimal(latency_s)
    under = terms(breeds=Traffic(rps=Decimal(1), latency_s=latency))
    hosted = Hosted(Inventory(snapshot(*resources)), under)
    (one,) = hosted.inventory.of(Endpoint)
    return tuple(sizing.verdict for sizing in target_sizings(one, hosted))


def scaled(target: float, instance_type: str = "ml.m5.large") -> tuple[AnyResource, ...]:
    return (
        endpoint(),
        endpoint_config(variant(instance_type)),
        scalable_target(),
        scaling_policy(target_value=target),
    )


def test_a_target_beyond_what_an_instance_answers_never_scales_in_time() -> None:
    # 2 vCPUs of ml.m5.large, 0.985 s each: 121.8 a minute, of which half is 60.9.
    (said,) = verdicts(*scaled(1000))
    assert "beyond 1000 calls a minute" in said
    assert "at most 122 of 0.985 s" in said
    assert "overrun before it scales" in said
    assert said.endswith("61 at most")


def test_a_target_within_it_is_told_as_a_part_of_it() -> None:
    (said,) = verdicts(*scaled(60))
    assert said.endswith("of which the target is 49%")


@pytest.mark.parametrize(
    "resources",
    [
        scaled(1000, "ml.g4dn.xlarge"),
        scaled(1000)[:2],
        (*scaled(1000)[:3], scaling_policy(predefined_metric=None, custom_metric="CPU")),
    ],
    ids=["a GPU works on several at once", "nothing scales it", "another metric"],
)
def test_of_what_nobody_can_tell_nothing_is_said(resources: tuple[AnyResource, ...]) -> None:
    assert verdicts(*resources) == ()


def test_without_a_latency_nothing_is_said() -> None:
    assert verdicts(*scaled(1000), latency_s=None) == ()
