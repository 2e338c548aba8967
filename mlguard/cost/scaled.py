"""How many instances of a variant run: at least, on average through a month, at most."""

from collections.abc import Iterator
from dataclasses import dataclass
from decimal import ROUND_CEILING, Decimal
from typing import Final

from mlguard.cost.hosted import Scaler
from mlguard.cost.load import Load, Unmeasured
from mlguard.cost.span import Span
from mlguard.data.instance_types import is_burstable
from mlguard.resources.hosting import ManagedScaling, RunningVariant
from mlguard.resources.scaling import ScalingPolicy

TRACKED: Final = "SageMakerVariantInvocationsPerInstance"
"""The predefined metric that counts calls a minute for each instance."""

GONE: Final = frozenset({"Failed", "Deleting"})
"""Statuses of an endpoint that is taken to run nothing."""

_ENABLED: Final = "ENABLED"


@dataclass(frozen=True, slots=True, kw_only=True)
class Fleet:
    """Instances of one variant; `said` is what their number rests on, a sentence each."""

    count: Span
    said: tuple[str, ...] = ()


def running_now(configured: int | None, now: RunningVariant | None, status: str) -> Fleet | None:
    """Return how many run by the endpoint's status, None where neither it nor the config says.

    AWS tells nowhere which statuses are billed. An endpoint that failed or is being deleted is
    taken to cost nothing, or at most what it still names; one that is being created, what it is
    created for.
    """
    told = () if now is None else (now.desired_count, now.current_count)
    counts = [Decimal(count) for count in told if count is not None]
    if status in GONE:
        most = max(counts, default=Decimal(0))
        said = f"the endpoint is {status}: taken as not billed, which AWS does not document"
        return Fleet(count=Span(Decimal(0), Decimal(0), most), said=(said,))
    if status == "Creating":
        said = "the endpoint is being created: priced as if it were in service all month"
        started = counts[:1] if configured is None else [Decimal(configured)]
        return Fleet(count=Span.exactly(started[0]), said=(said,)) if started else None
    if counts:
        said = "" if status == "InService" else f"the endpoint is {status}: taken as billed"
        span = Span(min(counts), counts[0], max(counts))
        return Fleet(count=span, said=(said,) if said else ())
    return None if configured is None else Fleet(count=Span.exactly(configured))


def managed(fleet: Fleet, scaling: ManagedScaling | None) -> Fleet:
    """Return the fleet within the bounds of ManagedInstanceScaling, if that is enabled."""
    if scaling is None or scaling.status != _ENABLED:
        return fleet
    low, high = scaling.min_instances, scaling.max_instances
    expected = fleet.count.expected
    least = expected if low is None else Decimal(low)
    most = expected if high is None else Decimal(high)
    said = f"ManagedInstanceScaling: {_end(low)} to {_end(high)} instances; as many as now"
    return _within(fleet, least, most, expected, said)


def unbounded(scaling: ManagedScaling | None) -> bool:
    """Return whether a variant scales by itself, and nobody says how far."""
    if scaling is None or scaling.status != _ENABLED:
        return False
    return scaling.max_instances is None


def scaled(
    fleet: Fleet,
    scaler: Scaler | None,
    load: Load | Unmeasured,
    *,
    instance_type: str,
    asynchronous: bool,
) -> Fleet:
    """Return the fleet between the bounds of its scalable target, by its policy and traffic."""
    if scaler is None:
        return fleet
    low, high = _bounds(scaler, least=0 if asynchronous else 1)
    mean = _by_traffic(scaler, load, low, high, asynchronous=asynchronous)
    expected = fleet.count.expected if isinstance(mean, str) else mean
    why = mean if isinstance(mean, str) else _told(load)
    if is_burstable(instance_type):
        # Nothing takes away what runs now.
        expected = max(expected, fleet.count.expected)
    notes = _notes(scaler, instance_type, asynchronous=asynchronous)
    said = (f"scales between {low} and {high} instances; {why}", *notes)
    return _within(fleet, low, high, expected, *said)


def target_of(scaler: Scaler) -> Decimal | None:
    """Return the calls a minute that a target-tracking policy allows each instance."""
    tracking = [policy for policy in scaler.policies if _tracks(policy)]
    # Of several policies the one that wants most capacity wins: Application Auto Scaling User
    # Guide, "Target tracking scaling policies".
    return min((Decimal(str(policy.target_value)) for policy in tracking), default=None)


def instances_for(per_minute: Decimal, target: Decimal, low: Decimal, high: Decimal) -> Decimal:
    """Return `clamp(ceil(calls a minute / target), low, high)`: what target tracking settles on."""
    wanted = (per_minute / target).to_integral_value(ROUND_CEILING)
    return min(max(wanted, low), high)


def _by_traffic(
    scaler: Scaler, load: Load | Unmeasured, low: Decimal, high: Decimal, *, asynchronous: bool
) -> Decimal | str:
    """Return the mean number of instances, or why it is taken to be what runs now."""
    if low == high:
        return low
    if isinstance(load, Unmeasured) or not scaler.policies or _stuck(scaler):
        return _as_now(scaler, load)
    target = target_of(scaler)
    if target is not None:
        counts = [
            (rate.weight, instances_for(rate.per_minute, target, low, high)) for rate in load.rates
        ]
        if _never_shrinks(scaler):
            return max(count for _, count in counts)
        return _mean(counts, load.weight)
    if asynchronous:
        return _mean(list(_queued(load, low, high)), load.weight)
    return "its policy does not track calls: as many as now"


def _as_now(scaler: Scaler, load: Load | Unmeasured) -> str:
    if not scaler.policies:
        return "no policy drives it: as many as now"
    if _stuck(scaler) or isinstance(load, Load):
        return "scaling out is suspended: as many as now"
    return f"as many as now: {load.reason}"


def _stuck(scaler: Scaler) -> bool:
    return "DynamicScalingOutSuspended" in scaler.target.suspended


def _queued(load: Load, low: Decimal, high: Decimal) -> Iterator[tuple[Decimal, Decimal]]:
    """Yield the instances of an asynchronous variant: enough for its requests while any come."""
    for rate in load.rates:
        at_once = rate.per_minute / 60 * (load.latency_s or Decimal(0))
        wanted = max(at_once.to_integral_value(ROUND_CEILING), Decimal(1))
        yield rate.weight, min(max(wanted if rate.per_minute else low, low), high)


def _mean(counts: list[tuple[Decimal, Decimal]], weight: Decimal) -> Decimal:
    return sum((each * count for each, count in counts), Decimal(0)) / weight


def _bounds(scaler: Scaler, *, least: int) -> tuple[Decimal, Decimal]:
    """Return the widest bounds that the target, or a scheduled action of it, sets."""
    lows = [scaler.target.min_capacity, *(one.min_capacity for one in scaler.actions)]
    highs = [scaler.target.max_capacity, *(one.max_capacity for one in scaler.actions)]
    return (
        Decimal(max(least, min(low for low in lows if low is not None))),
        Decimal(max(least, *(high for high in highs if high is not None))),
    )


def _notes(scaler: Scaler, instance_type: str, *, asynchronous: bool) -> Iterator[str]:
    if scaler.target.min_capacity < 1 and not asynchronous:
        yield "MinCapacity is 0, but a real-time variant keeps one instance"
    for action in scaler.actions:
        bounds = f"{_bound(action.min_capacity)} to {_bound(action.max_capacity)}"
        yield f"scheduled action {action.name} sets {bounds} at {action.schedule}"
    if is_burstable(instance_type):
        yield f"SageMaker does not scale burstable types such as {instance_type}"
    if _never_shrinks(scaler):
        yield "scale-in is disabled or suspended: capacity that was added stays"


def _never_shrinks(scaler: Scaler) -> bool:
    if "DynamicScalingInSuspended" in scaler.target.suspended:
        return True
    return bool(scaler.policies) and all(one.scale_in_disabled for one in scaler.policies)


def _end(count: int | None) -> str:
    return "a number not given" if count is None else str(count)


def _bound(capacity: int | None) -> str:
    return "as it is" if capacity is None else str(capacity)


def _told(load: Load | Unmeasured) -> str:
    return "; ".join(load.said) if isinstance(load, Load) else "whatever the traffic"


def _tracks(policy: ScalingPolicy) -> bool:
    return policy.predefined_metric == TRACKED and bool(policy.target_value)


def _within(fleet: Fleet, low: Decimal, high: Decimal, mean: Decimal, *said: str) -> Fleet:
    """Return the fleet between bounds, which what runs now may lie outside of."""
    return Fleet(
        count=Span(min(low, mean), mean, max(high, mean)),
        said=(*said, *fleet.said),
    )
