"""What holds of the estimate of any endpoint, whatever its size, scaling and traffic."""

from decimal import Decimal

from hypothesis import given
from hypothesis import strategies as st

from mlguard.cost.assumptions import Traffic
from mlguard.cost.estimate import Estimate
from mlguard.cost.span import Span
from mlguard.resources.hosting import RunningVariant
from tests.builders.hosting import endpoint, endpoint_config, invocations, variant
from tests.builders.scaling import scalable_target, scaling_policy
from tests.cost.estimating import estimate, terms

PRICED = ["ml.t2.medium", "ml.m5.large", "ml.c5.large", "ml.g4dn.xlarge"]
counts = st.integers(0, 50)
rates = st.decimals("0", "500", places=2)
hours = st.decimals("0", "24", places=1)


@st.composite
def traffic(draw: st.DrawFn) -> Traffic:
    latency = draw(st.decimals("0.01", "60", places=2))
    return Traffic(rps=draw(rates), hours_per_day=draw(hours), latency_s=latency)


@st.composite
def bounds(draw: st.DrawFn) -> tuple[int, int]:
    low = draw(st.integers(0, 20))
    return low, draw(st.integers(low, 40))


def scaled(
    said: Traffic,
    between: tuple[int, int],
    *,
    instance_type: str = "ml.m5.large",
    target: float = 70.0,
    asynchronous: bool = False,
) -> Estimate:
    low, high = between
    return estimate(
        endpoint(),
        endpoint_config(variant(instance_type), asynchronous=asynchronous),
        scalable_target(min_capacity=low, max_capacity=high),
        scaling_policy(target_value=target),
        under=terms(breeds=said),
    )


def whole(one: Estimate) -> Span:
    assert one.monthly_usd is not None
    return one.monthly_usd


@given(traffic(), bounds(), st.booleans())
def test_in_order_and_the_sum_of_its_lines(
    said: Traffic,
    between: tuple[int, int],
    asynchronous: bool,  # noqa: FBT001  # drawn
) -> None:
    found = scaled(said, between, asynchronous=asynchronous)
    total = whole(found)
    assert total.min <= total.expected <= total.max
    known = [line.monthly for line in found.lines if line.monthly is not None]
    assert total == Span.total(known)


@given(traffic(), rates, bounds())
def test_more_traffic_is_never_cheaper(
    said: Traffic, more: Decimal, between: tuple[int, int]
) -> None:
    heavier = Traffic(
        rps=said.rps + more, hours_per_day=said.hours_per_day, latency_s=said.latency_s
    )
    light, heavy = whole(scaled(said, between)), whole(scaled(heavier, between))
    assert light.expected <= heavy.expected
    assert (light.min, light.max) == (heavy.min, heavy.max)


@given(traffic(), hours, bounds())
def test_more_hours_are_never_cheaper(
    said: Traffic, other: Decimal, between: tuple[int, int]
) -> None:
    short, long = sorted((said.hours_per_day, other))
    brief = Traffic(rps=said.rps, hours_per_day=short)
    lasting = Traffic(rps=said.rps, hours_per_day=long)
    assert whole(scaled(brief, between)).expected <= whole(scaled(lasting, between)).expected


@given(traffic(), bounds(), st.floats(1, 1000), st.floats(1, 1000))
def test_a_higher_target_never_needs_more_instances(
    said: Traffic, between: tuple[int, int], one: float, other: float
) -> None:
    low, high = sorted((one, other))
    tight, loose = (scaled(said, between, target=target) for target in (low, high))
    assert whole(loose).expected <= whole(tight).expected


@given(counts, counts, st.sampled_from(PRICED))
def test_more_instances_are_never_cheaper(few: int, more: int, instance_type: str) -> None:
    def cost(count: int) -> Decimal:
        now = RunningVariant(name="AllTraffic", current_count=count, desired_count=count)
        config = endpoint_config(variant(instance_type, max(count, 1)))
        return whole(estimate(endpoint(variants=(now,)), config)).expected

    low, high = sorted((few, more))
    assert cost(low) <= cost(high)
    assert (cost(low) < cost(high)) == (low < high)


@given(traffic(), bounds())
def test_a_dearer_type_is_dearer(said: Traffic, between: tuple[int, int]) -> None:
    cheap = whole(scaled(said, between, instance_type="ml.c5.large"))
    dear = whole(scaled(said, between, instance_type="ml.m5.large"))
    assert cheap.min <= dear.min
    assert cheap.expected <= dear.expected
    assert cheap.max <= dear.max


@given(st.lists(st.floats(0, 1e9), max_size=14), bounds())
def test_what_was_observed_lies_between_the_bounds(
    calls: list[float], between: tuple[int, int]
) -> None:
    low, high = between
    found = estimate(
        endpoint(),
        endpoint_config(variant("ml.m5.large")),
        scalable_target(min_capacity=low, max_capacity=high),
        scaling_policy(),
        invocations(*calls),
    )
    total = whole(found)
    hour = Decimal("0.115") * 730
    assert total.min == hour * max(low, 1)
    assert total.max == hour * max(high, 1)
    assert total.min <= total.expected <= total.max
