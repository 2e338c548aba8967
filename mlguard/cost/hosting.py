"""Endpoints: what every variant and shadow variant of each costs a month."""

from collections.abc import Iterator
from dataclasses import dataclass

from mlguard.cost.estimate import Estimate, Line, line, unknown
from mlguard.cost.hosted import INSTANCES, Hosted
from mlguard.cost.load import Load, Unmeasured
from mlguard.cost.prices import HOURS_A_MONTH
from mlguard.cost.scaled import GONE, Fleet, managed, running_now, scaled, unbounded
from mlguard.cost.serverless import data_lines, data_note, serverless_lines
from mlguard.cost.span import Span
from mlguard.cost.terms import Terms
from mlguard.data.instance_types import Surface
from mlguard.data.prices import Component
from mlguard.resources.base import Resource
from mlguard.resources.capacity import (
    Capacity,
    InstanceGroups,
    InstancePool,
    Instances,
    Serverless,
    Unspecified,
)
from mlguard.resources.hosting import Endpoint, EndpointConfig, Variant
from mlguard.resources.scaling import ScalableTarget, ScalingPolicy, ScheduledAction
from mlguard.snapshot import Inventory


@dataclass(frozen=True, slots=True, kw_only=True)
class Seat:
    """A variant of an endpoint, with the traffic that it answers."""

    endpoint: Endpoint
    config: EndpointConfig
    variant: Variant
    shadow: bool
    load: Load | Unmeasured

    @property
    def what(self) -> str:
        """What a line calls it."""
        return f"{'shadow ' if self.shadow else ''}variant {self.variant.name}"


def estimates(inventory: Inventory, terms: Terms) -> Iterator[Estimate]:
    """Yield an estimate for each endpoint."""
    hosted = Hosted(inventory, terms)
    for endpoint in inventory.of(Endpoint):
        yield Estimate.of(endpoint, tuple(_lines(endpoint, hosted)))


def seats(endpoint: Endpoint, config: EndpointConfig, hosted: Hosted) -> Iterator[Seat]:
    """Yield every variant of an endpoint, production variants first."""
    for shadow, variants in ((False, config.variants), (True, config.shadow_variants)):
        for variant in variants:
            yield Seat(
                endpoint=endpoint,
                config=config,
                variant=variant,
                shadow=shadow,
                load=hosted.load(endpoint, variant, shadow=shadow),
            )


def instance_type(capacity: Capacity) -> str | None:
    """Return the one type that the capacity runs on, None where there is a choice or none."""
    match capacity:
        case Instances():
            return capacity.instance_type
        case InstancePool():
            return capacity.types[0].instance_type if len(capacity.types) == 1 else None
        case InstanceGroups() | Serverless() | Unspecified():
            return None


def fleet(seat: Seat, hosted: Hosted) -> Fleet | None:
    """Return how many instances of a variant run; None where nobody says."""
    endpoint, variant, capacity = seat.endpoint, seat.variant, seat.variant.capacity
    configured = capacity.count if isinstance(capacity, Instances | InstancePool) else None
    if configured is None and variant.managed_scaling is not None:
        configured = variant.managed_scaling.min_instances
    now = running_now(configured, hosted.running(endpoint, variant), endpoint.status)
    if now is None or endpoint.status in GONE:
        return now
    return scaled(
        managed(now, variant.managed_scaling),
        hosted.scaler(endpoint, variant, INSTANCES),
        seat.load,
        instance_type=instance_type(capacity) or "",
        asynchronous=seat.config.asynchronous,
    )


def _lines(endpoint: Endpoint, hosted: Hosted) -> Iterator[Line]:
    config = hosted.config(endpoint)
    if config is None:
        unread = hosted.unread(EndpointConfig, endpoint)
        why = f"could not be read: {unread}" if unread else "was not found"
        yield unknown("instances", f"the configuration {endpoint.config_name} {why}")
        return
    for seat in seats(endpoint, config, hosted):
        capacity = seat.variant.capacity
        if isinstance(capacity, Serverless):
            yield from serverless_lines(
                seat.what, capacity, seat.load, region=endpoint.region, book=hosted.terms.book
            )
        else:
            yield from _of_instances(seat, hosted)


def _of_instances(seat: Seat, hosted: Hosted) -> Iterator[Line]:
    runs_on, instances = instance_type(seat.variant.capacity), fleet(seat, hosted)
    if runs_on is None:
        yield unknown(seat.what, _typeless(seat.variant.capacity))
        return
    if instances is None:
        yield unknown(f"{seat.what}: {runs_on}", "nobody says how many instances run")
        return
    region, book = seat.endpoint.region, hosted.terms.book
    what = f"{seat.what}: {runs_on}"
    if not instances.count.max:
        yield Line(what=what, monthly=Span.exactly(0), assumptions=instances.said)
        yield from _unread_scaling(seat, hosted)
        return
    yield line(
        what,
        book.sagemaker(region, runs_on, Surface.ENDPOINT),
        instances.count * HOURS_A_MONTH,
        book=book,
        lacking=f"no price of {runs_on} as a host is known in {region}",
        assumptions=(*instances.said, *data_note(seat.load, region=region, book=book)),
    )
    if isinstance(seat.load, Load):
        yield from data_lines(seat.what, seat.load, region=region, book=book)
    yield from _volume(seat, instances, hosted)
    yield from _unread_scaling(seat, hosted)


def _volume(seat: Seat, instances: Fleet, hosted: Hosted) -> Iterator[Line]:
    """Yield the storage volumes, where the configuration gives them a size.

    API reference, "ProductionVariant", VolumeSizeInGB: attached to each instance, EBS gp2. What
    comes with a type that has storage of its own is not billed apart.
    """
    size = seat.variant.volume_size_gb
    if not size:
        return
    region, book = seat.endpoint.region, hosted.terms.book
    yield line(
        f"{seat.what}: {size} GB storage for each instance",
        book.component(region, "ml-storage-gp2", Component.STORAGE),
        instances.count * size,
        book=book,
        lacking=f"no price of SageMaker storage is known in {region}",
    )


def _unread_scaling(seat: Seat, hosted: Hosted) -> Iterator[Line]:
    """Yield that there may be more instances, where nobody could read what scales them, or how far.

    Without MaxInstanceCount, ManagedInstanceScaling has no bound that is known.
    """
    if seat.endpoint.status in GONE:
        return
    what = f"{seat.what}: scaling"
    if unbounded(seat.variant.managed_scaling):
        yield unknown(what, "ManagedInstanceScaling has no MaxInstanceCount: nobody knows the most")
    registered = hosted.scaler(seat.endpoint, seat.variant, INSTANCES)
    kinds: tuple[type[Resource], ...]
    kinds = (ScalableTarget,) if registered is None else (ScalingPolicy, ScheduledAction)
    for kind in kinds:
        unread = hosted.unread(kind, seat.endpoint)
        if unread is not None:
            yield unknown(what, f"what scales it could not be read: {unread}")
            return


def _typeless(capacity: Capacity) -> str:
    if isinstance(capacity, InstancePool):
        types = ", ".join(choice.instance_type for choice in capacity.types)
        return f"nobody says which of {types} runs"
    return "the configuration names no instance type"
