"""What if it were otherwise: a snapshot with some resources changed, to be priced anew.

What was measured stays: requests, durations and run times are taken to be as they were.
"""

from collections.abc import Iterable, Iterator

from msgspec.structs import replace

from mlguard.cost.stated import nothing_called
from mlguard.cost.wish import WORDS, Wish
from mlguard.resources.base import Resource
from mlguard.resources.capacity import Capacity, Instances, Serverless, instance_count
from mlguard.resources.functions import Function, FunctionVersion, ProvisionedConcurrency
from mlguard.resources.hosting import Endpoint, EndpointConfig, RunningVariant, Variant
from mlguard.resources.instances import Instance
from mlguard.resources.jobs import ProcessingJob, TrainingJob, TransformJob, TuningJob
from mlguard.resources.kinds import AnyResource
from mlguard.resources.notebooks import NotebookInstance
from mlguard.snapshot import Snapshot, ordered

_COPY = "-what-if"


def what_if(snapshot: Snapshot, wishes: Iterable[Wish]) -> Snapshot:
    """Return the snapshot with each wish granted, in turn.

    Raises ConfigError where a wish means nothing that is there, or what AWS would not take.
    """
    for wish in wishes:
        snapshot = _granted(snapshot, wish)
    return snapshot


def _granted(snapshot: Snapshot, wish: Wish) -> Snapshot:
    named = [resource for resource in snapshot.resources if wish.means(resource)]
    if not named:
        raise wish.error(_nothing(snapshot, wish))
    # An endpoint and the function that calls it may have one name: it is plain which is meant.
    meant = [resource for resource in named if wish.fits(resource)] or named
    for resource in meant:
        wish.refuse_illegal(resource)
    changed: dict[tuple[type[Resource], str], AnyResource | None] = {}
    for resource in meant:
        for old, new in _changes(snapshot, resource, wish):
            changed[type(old), old.arn] = new
    kept = (changed.get((type(one), one.arn), one) for one in snapshot.resources)
    there = {(type(one), one.arn) for one in snapshot.resources}
    added = (new for key, new in changed.items() if key not in there)
    return replace(snapshot, resources=ordered(one for one in (*kept, *added) if one is not None))


def _nothing(snapshot: Snapshot, wish: Wish) -> str:
    if wish.name in WORDS:
        return f"the source has no {WORDS[wish.name].__name__}"
    kinds = tuple(WORDS.values())
    names = (one.name for one in snapshot.resources if isinstance(one, kinds))
    return nothing_called(wish.name, names, else_="nothing that could be changed")


def _changes(
    snapshot: Snapshot, resource: AnyResource, wish: Wish
) -> Iterator[tuple[AnyResource, AnyResource | None]]:
    """Yield what a wish changes, each as it was and as it would be; None: it would be gone."""
    match resource:
        case NotebookInstance() | Instance():
            yield resource, replace(resource, instance_type=wish.instance_type)
        case TrainingJob():
            capacity = _capacity(resource.spec.capacity, wish)
            yield resource, replace(resource, spec=replace(resource.spec, capacity=capacity))
        case TuningJob():
            definitions = tuple(
                replace(spec, capacity=_capacity(spec.capacity, wish))
                for spec in resource.definitions
            )
            yield resource, replace(resource, definitions=definitions)
        case ProcessingJob() | TransformJob():
            yield resource, replace(resource, capacity=_capacity(resource.capacity, wish))
        case Endpoint():
            yield from _endpoint(snapshot, resource, wish)
        case Function():
            yield from _function(snapshot, resource, wish)


def _endpoint(
    snapshot: Snapshot, endpoint: Endpoint, wish: Wish
) -> Iterator[tuple[AnyResource, AnyResource | None]]:
    """Yield the endpoint and its configuration: a copy where other endpoints run the same."""
    config = next(
        (one for one in snapshot.of(EndpointConfig) if _runs(endpoint, one)),
        None,
    )
    if config is None:
        raise wish.error(f"the configuration of {endpoint.name} was not read")
    new = replace(
        config,
        variants=tuple(_variant(one, wish) for one in config.variants),
        shadow_variants=tuple(_variant(one, wish) for one in config.shadow_variants),
    )
    others = [
        one for one in snapshot.of(Endpoint) if one.arn != endpoint.arn and _runs(one, config)
    ]
    if any(not wish.means(one) for one in others):
        new = replace(new, name=f"{config.name}{_COPY}", arn=f"{config.arn}{_COPY}")
    yield new if new.arn != config.arn else config, new
    counts = {
        one.name: instance_count(one.capacity) for one in (*new.variants, *new.shadow_variants)
    }
    serverless = {one.name for one in new.variants if isinstance(one.capacity, Serverless)}
    running = tuple(
        _running(one, None if one.name in serverless else counts.get(one.name), wish)
        for one in endpoint.variants
    )
    yield endpoint, replace(endpoint, config_name=new.name, variants=running)


def _runs(endpoint: Endpoint, config: EndpointConfig) -> bool:
    place = (endpoint.account, endpoint.region, endpoint.config_name)
    return place == (config.account, config.region, config.name)


def _variant(variant: Variant, wish: Wish) -> Variant:
    return replace(variant, capacity=_capacity(variant.capacity, wish))


def _running(variant: RunningVariant, count: int | None, wish: Wish) -> RunningVariant:
    """Return how a variant would run: as many as it does, unless the wish counts anew."""
    if wish.count is None and variant.current_count is not None:
        return variant
    return replace(variant, current_count=count, desired_count=count)


def _capacity(capacity: Capacity, wish: Wish) -> Capacity:
    """Return the capacity as wished: of one type, or serverless with another memory."""
    if wish.memory_mb is not None:
        if not isinstance(capacity, Serverless):
            raise wish.error("it is not serverless: give an instance type")
        return replace(capacity, memory_mb=wish.memory_mb)
    if wish.instance_type is not None:
        count = wish.count or instance_count(capacity) or 1
        return Instances(instance_type=wish.instance_type, count=count)
    if not isinstance(capacity, Instances):
        raise wish.error("it names no one type that could be counted: give 2xTYPE")
    return replace(capacity, count=wish.count)


def _function(
    snapshot: Snapshot, function: Function, wish: Wish
) -> Iterator[tuple[AnyResource, AnyResource | None]]:
    if wish.memory_mb is not None:
        yield function, replace(function, memory_mb=wish.memory_mb)
        for version in snapshot.of(FunctionVersion):
            if version.function_arn == function.arn:
                yield version, replace(version, memory_mb=wish.memory_mb)
    if wish.provisioned is not None:
        yield from _provisioned(snapshot, function, wish.provisioned)


def _provisioned(
    snapshot: Snapshot, function: Function, count: int
) -> Iterator[tuple[AnyResource, AnyResource | None]]:
    """Yield the function's provisioned concurrency: all of it on one qualifier."""
    found = [one for one in snapshot.of(ProvisionedConcurrency) if one.function_arn == function.arn]
    first = found[0] if found else _none_yet(function)
    if count:
        yield (
            first,
            replace(first, requested=count, allocated=count, available=count, status="READY"),
        )
    for one in found[1 if count else 0 :]:
        yield one, None


def _none_yet(function: Function) -> ProvisionedConcurrency:
    return ProvisionedConcurrency(
        arn=f"{function.arn}:what-if",
        account=function.account,
        region=function.region,
        name=function.name,
        function_arn=function.arn,
        qualifier="what-if",
        requested=0,
        status="READY",
    )
