"""The machines that a resource runs on: each instance type it names, where, and what it costs."""

from collections.abc import Iterator
from dataclasses import dataclass
from decimal import Decimal

from mlguard.check import Context, Unread
from mlguard.data.instance_types import Surface
from mlguard.resources.base import Resource
from mlguard.resources.capacity import (
    Capacity,
    InstanceGroups,
    InstancePool,
    Instances,
    Serverless,
    Unspecified,
)
from mlguard.resources.hosting import EndpointConfig
from mlguard.resources.jobs import ProcessingJob, TrainingJob, TransformJob, TuningJob
from mlguard.resources.notebooks import NotebookInstance
from mlguard.snapshot import Gap, GapReason


@dataclass(frozen=True, slots=True, kw_only=True)
class Machine:
    """An instance type that a resource runs on, or may; `count` None where nobody says."""

    surface: Surface
    instance_type: str
    at: str
    locator: str
    count: int | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Seat:
    """A place in a resource that asks for machines.

    `at` is the field path in front of `InstanceType`, `owner` the name of the variant or the
    definition that the place belongs to: a name stays where an index moves.
    """

    surface: Surface
    capacity: Capacity
    at: str = ""
    owner: str = ""

    def machines(self) -> tuple[Machine, ...]:
        """Return every instance type asked for here; none where AWS chooses or there are none."""
        capacity = self.capacity
        match capacity:
            case Instances():
                return (self._machine("", capacity.instance_type, capacity.count),)
            case InstanceGroups():
                return tuple(
                    self._machine(f"InstanceGroups[{index}].", group.instance_type, group.count)
                    for index, group in enumerate(capacity.groups)
                )
            case InstancePool():
                # Several choices: nobody says which of them runs.
                count = capacity.count if len(capacity.types) == 1 else None
                return tuple(
                    self._machine(f"{self._pool}[{index}].", choice.instance_type, count)
                    for index, choice in enumerate(capacity.types)
                )
            case Serverless() | Unspecified():
                return ()

    @property
    def _pool(self) -> str:
        return "InstancePools" if self.surface is Surface.ENDPOINT else "InstancePreferences"

    def _machine(self, path: str, instance_type: str, count: int | None) -> Machine:
        return Machine(
            surface=self.surface,
            instance_type=instance_type,
            at=f"{self.at}{path}InstanceType",
            locator=f"{self.owner}/{path}{instance_type}",
            count=count,
        )


def seats(resource: Resource) -> tuple[Seat, ...]:
    """Return every place in a SageMaker resource that asks for machines."""
    match resource:
        case NotebookInstance():
            one = Instances(instance_type=resource.instance_type, count=1)
            return (Seat(surface=Surface.NOTEBOOK, capacity=one),)
        case EndpointConfig():
            return tuple(_of_config(resource))
        case TuningJob():
            return tuple(_of_tuning(resource))
        case TrainingJob() | ProcessingJob() | TransformJob():
            return (_of_job(resource),)
        case _:
            return ()


def definition_paths(job: TuningJob) -> tuple[str, ...]:
    """Return the field path of each definition: the API has one field for one, a list for many."""
    if len(job.definitions) == 1:
        return ("TrainingJobDefinition",)
    return tuple(f"TrainingJobDefinitions[{index}]" for index in range(len(job.definitions)))


def saving(machine: Machine, *, region: str, context: Context) -> Decimal | None:
    """Return what the cheapest type that the policy allows would save a month.

    None where a price is not known, or how many machines run.
    """
    surface, count, prices = machine.surface, machine.count, context.prices
    if count is None:
        return None
    own = prices.monthly_sagemaker(region, machine.instance_type, surface, count=count)
    allowed = (
        prices.monthly_sagemaker(region, instance_type, surface, count=count)
        for instance_type in context.policy.types(surface)
    )
    cheapest = min((price for price in allowed if price is not None), default=None)
    return None if own is None or cheapest is None else max(own - cheapest, Decimal(0))


def unread(resource: Resource, *, operation: str, detail: str) -> Unread:
    """Return what a check raises that cannot see what it must judge."""
    return Unread(
        Gap(
            kinds=(type(resource).__name__,),
            account=resource.account,
            region=resource.region,
            operation=operation,
            reason=GapReason.INCOMPLETE,
            detail=detail,
            subject=resource.arn,
        )
    )


def _of_job(job: TrainingJob | ProcessingJob | TransformJob) -> Seat:
    match job:
        case TrainingJob():
            surface, capacity, at = Surface.TRAINING, job.spec.capacity, "ResourceConfig."
        case ProcessingJob():
            surface, capacity = Surface.PROCESSING, job.capacity
            at = "ProcessingResources.ClusterConfig."
        case TransformJob():
            surface, capacity, at = Surface.TRANSFORM, job.capacity, "TransformResources."
    return Seat(surface=surface, capacity=capacity, at=at)


def _of_tuning(job: TuningJob) -> Iterator[Seat]:
    for path, definition in zip(definition_paths(job), job.definitions, strict=True):
        yield Seat(
            surface=Surface.TRAINING,
            capacity=definition.capacity,
            at=f"{path}.ResourceConfig.",
            owner=path,
        )


def _of_config(config: EndpointConfig) -> Iterator[Seat]:
    fields = {
        "ProductionVariants": config.variants,
        "ShadowProductionVariants": config.shadow_variants,
    }
    for field, variants in fields.items():
        for index, variant in enumerate(variants):
            yield Seat(
                surface=Surface.ENDPOINT,
                capacity=variant.capacity,
                at=f"{field}[{index}].",
                owner=variant.name,
            )
