"""Which machines a job or a variant asks for, in any of the ways that SageMaker has."""

from collections.abc import Iterable, Mapping
from typing import Any

from mlguard.resources.capacity import (
    Capacity,
    InstanceGroup,
    InstanceGroups,
    InstancePool,
    Instances,
    Serverless,
    Unspecified,
)

Raw = Mapping[str, Any]


def training_capacity(raw: Raw) -> Capacity:
    """Return what a ResourceConfig asks for; an empty one is a serverless job's."""
    selected = raw.get("SelectedInstanceType")
    if selected:
        # "The job is billed for this instance type and count": API reference, "ResourceConfig".
        return _of_one_type(selected, raw.get("SelectedInstanceCount"))
    if raw.get("InstanceGroups"):
        return InstanceGroups(groups=_groups(raw["InstanceGroups"]))
    if raw.get("InstancePreferences"):
        return _pool(raw["InstancePreferences"], raw.get("InstanceCount"))
    if raw.get("InstanceType"):
        return _of_one_type(raw["InstanceType"], raw.get("InstanceCount"))
    return Unspecified()


def tuning_capacity(raw: Raw) -> Capacity:
    """Return what a HyperParameterTuningResourceConfig asks for."""
    if raw.get("InstanceConfigs"):
        return _pool(raw["InstanceConfigs"], None)
    return training_capacity(raw)


def processing_capacity(raw: Raw) -> Capacity:
    """Return what a processing job's ClusterConfig asks for."""
    if raw.get("InstanceType"):
        # "The default value is 1": API reference, "ProcessingClusterConfig".
        return Instances(instance_type=raw["InstanceType"], count=raw.get("InstanceCount", 1))
    return training_capacity(raw)


def transform_capacity(raw: Raw) -> Capacity:
    """Return what TransformResources ask for."""
    return Instances(instance_type=raw["InstanceType"], count=raw["InstanceCount"])


def variant_capacity(raw: Raw) -> Capacity:
    """Return what a ProductionVariant asks for."""
    serverless = raw.get("ServerlessConfig")
    if serverless:
        return Serverless(
            memory_mb=serverless["MemorySizeInMB"],
            max_concurrency=serverless["MaxConcurrency"],
            provisioned_concurrency=serverless.get("ProvisionedConcurrency"),
        )
    if raw.get("InstancePools"):
        # 1 is the highest priority: API reference, "InstancePool".
        pools = sorted(raw["InstancePools"], key=lambda pool: int(pool["Priority"]))
        return _pool(pools, raw.get("InitialInstanceCount"))
    if raw.get("InstanceType"):
        return _of_one_type(raw["InstanceType"], raw.get("InitialInstanceCount"))
    return Unspecified()


def _of_one_type(instance_type: str, count: int | None) -> Capacity:
    if count is None:
        # AWS leaves the count out where managed scaling decides it: a pool of one type.
        return InstancePool(types=(InstanceGroup(instance_type=instance_type),))
    return Instances(instance_type=instance_type, count=count)


def _pool(raws: Iterable[Raw], count: int | None) -> Capacity:
    types = _groups(raws)
    counts = {choice.count for choice in types}
    if count is None and len(counts) == 1:
        count = counts.pop()
    return InstancePool(types=types, count=count)


def _groups(raws: Iterable[Raw]) -> tuple[InstanceGroup, ...]:
    return tuple(
        InstanceGroup(
            instance_type=raw["InstanceType"],
            count=raw.get("InstanceCount"),
            name=raw.get("InstanceGroupName"),
        )
        for raw in raws
    )
