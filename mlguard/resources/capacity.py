"""How a job or a variant asks for machines: by type, in groups, from a pool, or not at all.

SageMaker lets InstanceType be absent in several ways; each is a case of its own here, so that
nobody reads an absent type as a cheap one.
"""

from msgspec import Struct


class Instances(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True, tag_field="form"):
    """`count` machines of one type."""

    instance_type: str
    count: int


class InstanceGroup(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A named group of a heterogeneous cluster; `count` is None where the API gives none."""

    instance_type: str
    count: int | None = None
    name: str | None = None


class InstanceGroups(
    Struct, frozen=True, kw_only=True, forbid_unknown_fields=True, tag_field="form"
):
    """A heterogeneous cluster: all of the groups at once (ResourceConfig.InstanceGroups)."""

    groups: tuple[InstanceGroup, ...]


class InstancePool(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True, tag_field="form"):
    """Any of these types, in order of preference (InstancePools, InstancePreferences)."""

    types: tuple[InstanceGroup, ...]
    count: int | None = None


class Serverless(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True, tag_field="form"):
    """No instances: a serverless variant."""

    memory_mb: int
    max_concurrency: int
    provisioned_concurrency: int | None = None


class Unspecified(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True, tag_field="form"):
    """AWS names no machines here: a serverless job, or capacity that AWS chooses."""


Capacity = Instances | InstanceGroups | InstancePool | Serverless | Unspecified


def instance_types(capacity: Capacity) -> tuple[str, ...]:
    """Return every instance type that the capacity may run on, in the order given."""
    match capacity:
        case Instances():
            return (capacity.instance_type,)
        case InstanceGroups():
            return tuple(group.instance_type for group in capacity.groups)
        case InstancePool():
            return tuple(choice.instance_type for choice in capacity.types)
        case Serverless() | Unspecified():
            return ()


def instance_count(capacity: Capacity) -> int | None:
    """Return how many instances run at once, None where the API does not say."""
    match capacity:
        case Instances() | InstancePool():
            return capacity.count
        case InstanceGroups():
            counts = [group.count for group in capacity.groups]
            return None if None in counts else sum(count or 0 for count in counts)
        case Serverless():
            return 0
        case Unspecified():
            return None
