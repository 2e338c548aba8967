"""Instance types: which SageMaker surface takes which, and what hardware they are.

Legality is what the API model accepts. It is neither regional availability nor quota, and a legal
type need not be for sale.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from functools import cache

from mlguard.data.files import read

_SAGEMAKER_PREFIX = "ml."


class Surface(StrEnum):
    """A part of SageMaker that runs instances, with a list of its own of the types it takes."""

    NOTEBOOK = "notebook"
    TRAINING = "training"  # tuning jobs too: they are made of training jobs
    PROCESSING = "processing"
    TRANSFORM = "transform"
    ENDPOINT = "endpoint"


@dataclass(frozen=True, slots=True, kw_only=True)
class Hardware:
    """What an instance is made of; a type with a part of a GPU (g6f) has 0 whole `gpus`."""

    vcpu: int
    memory_mib: int
    gpus: int
    burstable: bool


def legal_types(surface: Surface) -> frozenset[str]:
    """Return every instance type that the API accepts on this surface."""
    return _types_of_surface()[surface]


def surfaces_of(instance_type: str) -> tuple[Surface, ...]:
    """Return the surfaces that take the type, in the order of Surface; none for t2.micro."""
    return tuple(surface for surface in Surface if instance_type in legal_types(surface))


def ec2_types() -> frozenset[str]:
    """Return every instance type that the EC2 API knows."""
    return _ec2_types()


def hardware(instance_type: str) -> Hardware | None:
    """Return what the type is made of, or None where that is not known.

    `ml.m5.large` is the hardware of `m5.large`. That hardware is known does not make the type
    legal: ask `surfaces_of` or `ec2_types`.
    """
    return _hardware().get(_ec2_name(instance_type))


def is_burstable(instance_type: str) -> bool:
    """Tell whether the type runs on CPU credits: the families T2, T3, T3a, T4g and their heirs.

    EC2 User Guide, "Burstable performance instances". Neither trn1 nor t1, which has no credits.
    """
    family = _ec2_name(instance_type).partition(".")[0]
    return family[:1] == "t" and family[1:2].isdigit() and family != "t1"


def botocore_version() -> str:
    """Return the version of botocore whose enums the legality was made from."""
    return str(read("instance_types.json")["botocore"])


def _ec2_name(instance_type: str) -> str:
    return instance_type.removeprefix(_SAGEMAKER_PREFIX)


@cache
def _types_of_surface() -> Mapping[Surface, frozenset[str]]:
    rows = read("instance_types.json")["sagemaker"]
    return {
        surface: frozenset(name for name, *surfaces in rows if surface.value in surfaces)
        for surface in Surface
    }


@cache
def _ec2_types() -> frozenset[str]:
    return frozenset(read("instance_types.json")["ec2"])


@cache
def _hardware() -> Mapping[str, Hardware]:
    return {
        name: Hardware(vcpu=vcpu, memory_mib=memory_mib, gpus=gpus, burstable=is_burstable(name))
        for name, vcpu, memory_mib, gpus in read("hardware.json")["rows"]
    }
