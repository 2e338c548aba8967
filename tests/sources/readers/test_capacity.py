from typing import Any

import pytest

from mlguard.resources.capacity import (
    Capacity,
    InstanceGroup,
    InstanceGroups,
    InstancePool,
    Instances,
    Serverless,
    Unspecified,
)
from mlguard.sources.readers.capacity import (
    processing_capacity,
    training_capacity,
    transform_capacity,
    tuning_capacity,
    variant_capacity,
)

LARGE, XLARGE = "ml.m5.large", "ml.m5.xlarge"


def choice(instance_type: str, count: int | None = None) -> InstanceGroup:
    return InstanceGroup(instance_type=instance_type, count=count)


@pytest.mark.parametrize(
    ("raw", "expected"),
    [
        (
            {"InstanceType": LARGE, "InstanceCount": 2},
            Instances(instance_type=LARGE, count=2),
        ),
        ({"InstanceType": LARGE}, InstancePool(types=(choice(LARGE),))),
        ({"VolumeSizeInGB": 30}, Unspecified()),
        ({}, Unspecified()),
        (
            {
                "InstanceGroups": [
                    {"InstanceType": LARGE, "InstanceCount": 1, "InstanceGroupName": "head"},
                    {"InstanceType": XLARGE, "InstanceCount": 3, "InstanceGroupName": "body"},
                ]
            },
            InstanceGroups(
                groups=(
                    InstanceGroup(instance_type=LARGE, count=1, name="head"),
                    InstanceGroup(instance_type=XLARGE, count=3, name="body"),
                )
            ),
        ),
        (
            {
                "InstancePreferences": [{"InstanceType": LARGE}, {"InstanceType": XLARGE}],
                "InstanceCount": 2,
            },
            InstancePool(types=(choice(LARGE), choice(XLARGE)), count=2),
        ),
        (
            {
                "InstancePreferences": [
                    {"InstanceType": LARGE, "InstanceCount": 4},
                    {"InstanceType": XLARGE, "InstanceCount": 2},
                ]
            },
            InstancePool(types=(choice(LARGE, 4), choice(XLARGE, 2))),
        ),
        (
            {
                "InstancePreferences": [{"InstanceType": LARGE}, {"InstanceType": XLARGE}],
                "InstanceCount": 2,
                "SelectedInstanceType": XLARGE,
                "SelectedInstanceCount": 2,
            },
            Instances(instance_type=XLARGE, count=2),
        ),
    ],
)
def test_a_training_job_asks_in_any_of_these_ways(raw: dict[str, Any], expected: Capacity) -> None:
    assert training_capacity(raw) == expected


def test_a_tuning_job_may_choose_among_configurations() -> None:
    raw = {
        "AllocationStrategy": "Prioritized",
        "InstanceConfigs": [
            {"InstanceType": LARGE, "InstanceCount": 1, "VolumeSizeInGB": 30},
            {"InstanceType": XLARGE, "InstanceCount": 1, "VolumeSizeInGB": 30},
        ],
    }
    expected = InstancePool(types=(choice(LARGE, 1), choice(XLARGE, 1)), count=1)
    assert tuning_capacity(raw) == expected


def test_a_processing_job_runs_on_one_instance_unless_it_says_otherwise() -> None:
    assert processing_capacity({"InstanceType": LARGE}) == Instances(instance_type=LARGE, count=1)
    asked = {"InstanceType": LARGE, "InstanceCount": 3}
    assert processing_capacity(asked) == Instances(instance_type=LARGE, count=3)


def test_a_processing_job_may_have_preferences() -> None:
    raw = {"InstancePreferences": [{"InstanceType": LARGE, "InstanceCount": 1}]}
    assert processing_capacity(raw) == InstancePool(types=(choice(LARGE, 1),), count=1)


def test_a_transform_job_without_a_type_is_malformed() -> None:
    with pytest.raises(KeyError, match="InstanceType"):
        transform_capacity({"InstanceCount": 1})


@pytest.mark.parametrize(
    ("raw", "expected"),
    [
        (
            {"InstanceType": LARGE, "InitialInstanceCount": 2},
            Instances(instance_type=LARGE, count=2),
        ),
        (
            {"ServerlessConfig": {"MemorySizeInMB": 2048, "MaxConcurrency": 5}},
            Serverless(memory_mb=2048, max_concurrency=5),
        ),
        (
            {
                "ServerlessConfig": {
                    "MemorySizeInMB": 2048,
                    "MaxConcurrency": 5,
                    "ProvisionedConcurrency": 1,
                }
            },
            Serverless(memory_mb=2048, max_concurrency=5, provisioned_concurrency=1),
        ),
        (
            {
                "InstancePools": [
                    {"InstanceType": XLARGE, "Priority": 2},
                    {"InstanceType": LARGE, "Priority": 1},
                ],
                "InitialInstanceCount": 1,
            },
            InstancePool(types=(choice(LARGE), choice(XLARGE)), count=1),
        ),
        (
            {"InstanceType": LARGE, "ManagedInstanceScaling": {"Status": "ENABLED"}},
            InstancePool(types=(choice(LARGE),)),
        ),
        ({}, Unspecified()),
    ],
)
def test_a_variant_asks_in_any_of_these_ways(raw: dict[str, Any], expected: Capacity) -> None:
    assert variant_capacity(raw) == expected
