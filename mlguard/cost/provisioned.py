"""Provisioned concurrency of a function: how many environments, of what size, at what price."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from decimal import Decimal

from mlguard.cost.span import Span
from mlguard.resources.functions import (
    Function,
    FunctionAlias,
    FunctionVersion,
    ProvisionedConcurrency,
)
from mlguard.resources.scaling import ScalableTarget, ScheduledAction
from mlguard.snapshot import Inventory

_FAILED = "FAILED"


@dataclass(frozen=True, slots=True, kw_only=True)
class Provisioned:
    """What is kept warm for one qualifier: so many environments of so much memory."""

    arn: str
    qualifier: str
    architecture: str
    count: Span
    memory_mb: Span
    assumptions: tuple[str, ...] = ()

    def gigabytes(self) -> Span:
        """Return the memory of all of them together."""
        return product(self.count, self.memory_mb) * (1 / Decimal(1024))


@dataclass(frozen=True, kw_only=True)
class Published:
    """What is published of the functions of a snapshot, and what scales it."""

    inventory: Inventory
    targets: Mapping[tuple[str, str, str], ScalableTarget] = field(default_factory=dict)
    actions: Mapping[tuple[str, str, str], tuple[ScheduledAction, ...]] = field(
        default_factory=dict
    )

    @classmethod
    def of(cls, inventory: Inventory) -> "Published":
        """Return what the snapshot holds."""
        return cls(
            inventory=inventory,
            targets={
                (one.account, one.region, one.resource_id): one
                for one in inventory.of(ScalableTarget)
                if one.service_namespace == "lambda"
            },
            actions=_to_come(inventory),
        )

    def sizes(self, function: Function) -> Span:
        """Return the memory, in MB, of what callers may reach: $LATEST, and what aliases name."""
        named = {
            version
            for alias in self.inventory.of_function(FunctionAlias, function.arn)
            for version in (alias.version, *alias.routed_versions)
        }
        found = [
            version.memory_mb
            for version in self.inventory.of_function(FunctionVersion, function.arn)
            if version.version in named
        ]
        return _around(function.memory_mb, found)

    def provisioned(self, function: Function) -> tuple[Provisioned, ...]:
        """Return what is kept warm of a function; nothing for one on managed instances."""
        if function.capacity_provider is not None:
            return ()
        return tuple(
            kept(
                function,
                entry,
                aliases=self.inventory.of_function(FunctionAlias, function.arn),
                versions=self.inventory.of_function(FunctionVersion, function.arn),
                target=self.targets.get(_place(function, entry.qualifier)),
                actions=self.actions.get(_place(function, entry.qualifier), ()),
            )
            for entry in self.entries(function)
        )

    def scales(self, function: Function) -> bool:
        """Return whether anything may move what is kept warm of a function."""
        return any(
            _place(function, entry.qualifier) in self.targets for entry in self.entries(function)
        )

    def entries(self, function: Function) -> tuple[ProvisionedConcurrency, ...]:
        """Return what is provisioned for each version and alias of a function."""
        return self.inventory.of_function(ProvisionedConcurrency, function.arn)


def kept(
    function: Function,
    entry: ProvisionedConcurrency,
    *,
    aliases: Iterable[FunctionAlias] = (),
    versions: Iterable[FunctionVersion] = (),
    target: ScalableTarget | None = None,
    actions: tuple[ScheduledAction, ...] = (),
) -> Provisioned:
    """Return what an entry keeps warm: its version's own memory, not that of $LATEST.

    Where the version is not known, $LATEST stands for it. A scalable target, and the scheduled
    actions that move its bounds, say how few and how many there may be.
    """
    alias = next((one for one in aliases if one.name == entry.qualifier), None)
    wanted = (alias.version, *alias.routed_versions) if alias else (entry.qualifier,)
    by_number = {one.version: one for one in versions}
    found = [by_number[number] for number in wanted if number in by_number]
    main = by_number.get(wanted[0])
    notes = [] if main else [f"the version behind {entry.qualifier} is taken to be as $LATEST is"]
    count = Decimal((entry.allocated or 0) if entry.status == _FAILED else entry.requested)
    counts = Span.exactly(count)
    if target is not None:
        bounds = [target.min_capacity, target.max_capacity]
        for action in actions:
            bounds.extend(
                end for end in (action.min_capacity, action.max_capacity) if end is not None
            )
        counts = _around(count, bounds)
        notes.append(
            f"Application Auto Scaling moves it between {min(bounds)} "
            f"and {max(bounds)}; it is {count} now"
        )
    return Provisioned(
        arn=entry.arn,
        qualifier=entry.qualifier,
        architecture=main.architecture if main else function.architecture,
        count=counts,
        memory_mb=_around(
            main.memory_mb if main else function.memory_mb, [one.memory_mb for one in found]
        ),
        assumptions=tuple(notes),
    )


def product(one: Span, other: Span) -> Span:
    """Return the product of two spans that are not negative, each end by itself."""
    return Span(one.min * other.min, one.expected * other.expected, one.max * other.max)


def _place(function: Function, qualifier: str) -> tuple[str, str, str]:
    """Return by what Application Auto Scaling finds the provisioned concurrency of a qualifier."""
    return function.account, function.region, f"function:{function.name}:{qualifier}"


def _to_come(inventory: Inventory) -> dict[tuple[str, str, str], tuple[ScheduledAction, ...]]:
    now = inventory.snapshot.taken_at
    found: dict[tuple[str, str, str], list[ScheduledAction]] = {}
    for one in inventory.of(ScheduledAction):
        if one.service_namespace == "lambda" and (one.end_at is None or one.end_at > now):
            found.setdefault((one.account, one.region, one.resource_id), []).append(one)
    return {place: tuple(actions) for place, actions in found.items()}


def _around(expected: Decimal | int, others: Iterable[Decimal | int]) -> Span:
    every = [Decimal(expected), *(Decimal(one) for one in others)]
    return Span(min(every), Decimal(expected), max(every))
