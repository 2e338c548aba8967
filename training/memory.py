"""What training takes of a machine's memory, and whether a t2.micro has it.

An estimate of float32 training on a CPU: weights, gradients and momentum, and for each image what
the backward pass keeps of it: the outputs of the convolutions, and of what normalises them.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Final

from training.options import Hyperparameters

_MIB: Final = 2**20
_FLOAT: Final = 4

# AWS, "Amazon EC2 instance types": t2.micro has 1 GiB. The operating system, Python and torch
# take about half of it.
_TAKEN_MIB: Final = 500
_MEMORY_MIB: Final[Mapping[str, int]] = MappingProxyType(
    {"t2.micro": 1024, "t3.micro": 1024, "t2.small": 2048, "t3.small": 2048}
)


@dataclass(frozen=True, slots=True)
class Size:
    """Parameters (1000 classes), and outputs of all convolutions for an image of 224 pixels."""

    parameters: int
    outputs: int


SIZES: Final[Mapping[str, Size]] = MappingProxyType(
    {
        "resnet18": Size(11_689_512, 2_483_712),
        "resnet34": Size(21_797_672, 3_738_112),
        "resnet50": Size(25_557_032, 11_113_984),
    }
)


def training_mib(wanted: Hyperparameters) -> int:
    """Return what a step takes, in MiB, besides the operating system, Python and torch."""
    size = SIZES[wanted.arch]
    weights = size.parameters * _FLOAT / _MIB
    if wanted.freeze:
        # Nothing of the backbone is kept; two layers' outputs at a time are alive.
        return round(weights + wanted.batch_size * _image_mib(wanted) / 10)
    return round(3 * weights + wanted.batch_size * _image_mib(wanted))


def warning(instance_type: str, wanted: Hyperparameters) -> str | None:
    """Return why the machine is too small for it and what to do; None if it may do, or unknown."""
    if instance_type not in _MEMORY_MIB:
        return None
    memory, needed = _MEMORY_MIB[instance_type], training_mib(wanted) + _TAKEN_MIB
    if needed <= memory:
        return None
    return (
        f"{instance_type} has {memory} MiB, and {wanted.arch} at {wanted.image_size} pixels in "
        f"batches of {wanted.batch_size} takes about {needed}: the kernel would kill it. "
        f"{_cure(memory, wanted)}"
    )


def _cure(memory: int, wanted: Hyperparameters) -> str:
    if wanted.freeze:
        return "Lower --batch-size, or take a larger --instance-type"
    left = memory - _TAKEN_MIB - 3 * SIZES[wanted.arch].parameters * _FLOAT / _MIB
    fits = int(left / _image_mib(wanted))
    lower = f"give --batch-size {fits} or less, " if fits > 1 else ""
    return f"Give --freeze (the head alone learns), {lower}or a larger --instance-type"


def _image_mib(wanted: Hyperparameters) -> float:
    return 2 * SIZES[wanted.arch].outputs * _FLOAT / _MIB * (wanted.image_size / 224) ** 2
