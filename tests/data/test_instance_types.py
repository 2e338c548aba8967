"""The shipped legality is held against the enums of the botocore that is installed."""

from functools import cache

import botocore
import pytest
from botocore.session import Session
from moto.ec2.models.instance_types import INSTANCE_TYPES

from mlguard.data.instance_types import (
    Hardware,
    Surface,
    botocore_version,
    ec2_types,
    hardware,
    is_burstable,
    legal_types,
    surfaces_of,
)

SHAPES = {
    Surface.NOTEBOOK: "InstanceType",
    Surface.TRAINING: "TrainingInstanceType",
    Surface.PROCESSING: "ProcessingInstanceType",
    Surface.TRANSFORM: "TransformInstanceType",
    Surface.ENDPOINT: "ProductionVariantInstanceType",
}


@cache
def enum(service: str, shape: str) -> frozenset[str]:
    return frozenset(Session().get_service_model(service).shape_for(shape).enum)


def assert_agrees(ours: frozenset[str], theirs: frozenset[str], union: frozenset[str]) -> None:
    if botocore_version() == botocore.__version__:
        assert ours == theirs
        return
    unknown = sorted(ours - union)
    assert not unknown, f"botocore {botocore.__version__} does not know {', '.join(unknown)}"


@pytest.mark.parametrize("surface", Surface)
def test_the_legal_types_of_a_surface_are_those_of_the_api(surface: Surface) -> None:
    union = frozenset().union(*(enum("sagemaker", shape) for shape in SHAPES.values()))

    assert_agrees(legal_types(surface), enum("sagemaker", SHAPES[surface]), union)


def test_the_ec2_types_are_those_of_the_api() -> None:
    theirs = enum("ec2", "InstanceType")

    assert_agrees(ec2_types(), theirs, theirs)


def test_every_surface_takes_something() -> None:
    assert all(len(legal_types(surface)) > 100 for surface in Surface)


@pytest.mark.parametrize("size", ["medium", "large", "xlarge", "2xlarge"])
def test_t2_is_legal_for_notebooks_and_endpoints_only(size: str) -> None:
    assert surfaces_of(f"ml.t2.{size}") == (Surface.NOTEBOOK, Surface.ENDPOINT)


@pytest.mark.parametrize("size", ["medium", "large", "xlarge", "2xlarge"])
def test_t3_is_legal_for_notebooks_training_and_processing_only(size: str) -> None:
    expected = (Surface.NOTEBOOK, Surface.TRAINING, Surface.PROCESSING)

    assert surfaces_of(f"ml.t3.{size}") == expected


@pytest.mark.parametrize("instance_type", ["t2.micro", "ml.t2.micro", "ml.t3.micro", "", "ml."])
def test_no_surface_takes_a_micro_type_or_none(instance_type: str) -> None:
    assert surfaces_of(instance_type) == ()


def test_a_type_of_sagemaker_is_no_type_of_ec2() -> None:
    assert "t2.micro" in ec2_types()
    assert "ml.t2.medium" not in ec2_types()


def test_no_burstable_type_is_legal_for_transform() -> None:
    assert not [name for name in legal_types(Surface.TRANSFORM) if is_burstable(name)]


def test_t2_micro_is_one_burstable_vcpu_with_a_gibibyte() -> None:
    assert hardware("t2.micro") == Hardware(vcpu=1, memory_mib=1024, gpus=0, burstable=True)


def test_a_type_of_sagemaker_has_the_hardware_of_its_ec2_type() -> None:
    assert hardware("ml.g4dn.12xlarge") == hardware("g4dn.12xlarge")
    assert hardware("ml.g4dn.12xlarge") == Hardware(
        vcpu=48, memory_mib=196_608, gpus=4, burstable=False
    )


@pytest.mark.parametrize("instance_type", ["ml.p9.large", "", "ml.ml.t2.micro"])
def test_the_hardware_of_an_unknown_type_is_none(instance_type: str) -> None:
    assert hardware(instance_type) is None


def test_the_hardware_is_what_describe_instance_types_says() -> None:
    """Moto carries answers of ec2:DescribeInstanceTypes, which our table was not made from."""
    compared = 0
    for name, answer in INSTANCE_TYPES.items():
        ours = hardware(name)
        if ours is None:
            continue
        compared += 1
        gpus = answer.get("GpuInfo", {}).get("Gpus", [])
        assert (name, ours) == (
            name,
            Hardware(
                vcpu=answer["VCpuInfo"]["DefaultVCpus"],
                memory_mib=answer["MemoryInfo"]["SizeInMiB"],
                gpus=sum(gpu.get("Count", 0) for gpu in gpus),
                burstable=answer["BurstablePerformanceSupported"],
            ),
        )
    assert compared > 1000


@pytest.mark.parametrize(
    "instance_type", ["t2.micro", "t3a.nano", "t4g.small", "t8i.micro", "ml.t2.medium"]
)
def test_a_t_type_is_burstable(instance_type: str) -> None:
    assert is_burstable(instance_type)


@pytest.mark.parametrize(
    "instance_type", ["ml.trn1.2xlarge", "trn2.48xlarge", "t1.micro", "ml.m5.large", "t", "ml."]
)
def test_what_has_no_cpu_credits_is_not_burstable(instance_type: str) -> None:
    assert not is_burstable(instance_type)
