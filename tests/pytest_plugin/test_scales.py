"""assert_scales: a target, a policy, room to move, and nothing that was not read."""

from collections.abc import Callable, Sequence
from typing import TypeAlias

import pytest

from mlguard.resources.capacity import Serverless
from mlguard.resources.hosting import Endpoint, ManagedScaling, Variant
from mlguard.resources.kinds import KINDS, AnyResource
from mlguard.snapshot import Gap
from mlguard_pytest import Mlguard, NotEvaluatedError, assert_scales
from mlguard_pytest.account import Held
from mlguard_pytest.subjects import EndpointView
from tests.builders.account import gap, snapshot
from tests.builders.hosting import endpoint, endpoint_config, variant
from tests.builders.scaling import scalable_target, scaling_policy

Part: TypeAlias = Callable[..., AnyResource]

LARGE = variant("ml.m5.large")


def view(
    *resources: AnyResource,
    gaps: tuple[Gap, ...] = (),
    covers: Sequence[str] = tuple(KINDS),
) -> EndpointView:
    held = snapshot(*resources, gaps=gaps, covers=tuple(covers))
    found = next(one for one in resources if isinstance(one, Endpoint))
    return Mlguard(lambda: Held(held)).endpoint(found.arn)


def sound(one: Variant = LARGE) -> tuple[AnyResource, ...]:
    return (endpoint(), endpoint_config(one), scalable_target(), scaling_policy())


def test_a_target_with_a_policy_scales() -> None:
    assert_scales(view(*sound()))


@pytest.mark.parametrize(
    "scaling_by_itself",
    [
        variant(capacity=Serverless(memory_mb=2048, max_concurrency=5)),
        variant("ml.m5.large", managed_scaling=ManagedScaling(status="ENABLED")),
    ],
    ids=["serverless", "managed"],
)
def test_what_scales_by_itself_needs_no_target(scaling_by_itself: Variant) -> None:
    assert_scales(view(endpoint(), endpoint_config(scaling_by_itself)))


@pytest.mark.parametrize(
    ("resources", "says"),
    [
        (sound()[:2], "variant AllTraffic has neither a scalable target nor"),
        (sound()[:3], "with no scaling policy and no scheduled action"),
        (sound(variant())[:2], "runs on ml.t2.medium, which is burstable"),
        (sound(variant()), "runs on ml.t2.medium, which is burstable"),
        (
            (*sound()[:2], scalable_target(min_capacity=2, max_capacity=2), scaling_policy()),
            "MinCapacity and MaxCapacity are both 2",
        ),
        (
            (*sound()[:2], scalable_target(min_capacity=0), scaling_policy()),
            "MinCapacity is 0",
        ),
        (
            (
                *sound()[:2],
                scalable_target(suspended=("DynamicScalingOutSuspended",)),
                scaling_policy(),
            ),
            "scaling out is suspended",
        ),
        (
            (
                endpoint(),
                endpoint_config(LARGE, variant("ml.m5.large", name="Second")),
                *sound()[2:],
            ),
            "variant Second has neither",
        ),
        (
            (endpoint(status="Updating"), *sound()[1:2]),
            "variant AllTraffic has neither",
        ),
    ],
    ids=lambda value: value if isinstance(value, str) else "",
)
def test_what_does_not_scale_is_named(resources: tuple[AnyResource, ...], says: str) -> None:
    with pytest.raises(AssertionError, match=says) as failed:
        assert_scales(view(*resources))
    assert not isinstance(failed.value, NotEvaluatedError)
    assert str(failed.value).startswith("breeds does not scale: ")


def test_another_endpoint_does_not_matter() -> None:
    other = endpoint(name="other", arn=endpoint().arn.replace("breeds", "other"))
    assert_scales(view(*sound(), other, scalable_target(arn="x", name="y", resource_id="z/1")))


@pytest.mark.parametrize("kind", ["ScalableTarget", "ScalingPolicy", "EndpointConfig"])
def test_what_was_not_read_is_no_pass(kind: str) -> None:
    resources = [one for one in sound() if type(one).__name__ != kind]
    if kind == "ScalableTarget":
        resources = resources[:2]
    with pytest.raises(NotEvaluatedError, match="not authorized to perform it"):
        assert_scales(view(*resources, gaps=(gap(kind),)))


@pytest.mark.parametrize("kind", ["ScalableTarget", "ScalingPolicy"])
def test_what_was_read_is_no_pass_while_the_rest_was_not(kind: str) -> None:
    with pytest.raises((NotEvaluatedError, AssertionError)):
        assert_scales(view(*sound()[:2], gaps=(gap(kind),)))


def test_a_source_that_does_not_tell_of_scaling_is_no_pass() -> None:
    covers = [kind for kind in KINDS if kind not in {"ScalableTarget", "ScalingPolicy"}]
    with pytest.raises(NotEvaluatedError, match="'test' does not tell of ScalableTarget"):
        assert_scales(view(*sound()[:2], covers=covers))


def test_a_configuration_that_is_gone_is_no_pass() -> None:
    with pytest.raises(NotEvaluatedError, match="configuration breeds-1 was not found"):
        assert_scales(view(endpoint()))
