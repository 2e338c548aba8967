"""What a host has to have for a variant: hardware, throughput, features of SageMaker."""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from decimal import Decimal
from typing import Final

from mlguard.cost.hosted import INSTANCES, Hosted
from mlguard.cost.hosting import Seat, instance_type
from mlguard.cost.load import Load, Unmeasured
from mlguard.data.instance_types import hardware
from mlguard.resources.capacity import Serverless
from mlguard.resources.hosting import Model

_ARM: Final = re.compile(r"^[a-z]+\d+[a-z]*g[a-z]*$")
_ACCELERATED: Final = ("inf", "trn", "dl")


@dataclass(frozen=True, slots=True, kw_only=True)
class Need:
    """What a variant has now, which is taken to be enough, and what it is asked for.

    How much memory it really uses nobody measures: less than it has may be enough or not.
    `obstacles` are why serverless inference would not take it, `unseen` what may be one: the
    snapshot does not hold the model.
    """

    region: str
    load: Load | Unmeasured
    memory_mib: int | None
    vcpu: int | None
    gpus: int
    arm: bool
    accelerated: bool
    scaled: bool
    obstacles: tuple[str, ...]
    unseen: str | None = None

    @property
    def busy_vcpu(self) -> Decimal | None:
        """CPU-seconds a second on average, each request keeping one vCPU busy; None: unknown."""
        if isinstance(self.load, Unmeasured):
            return None
        seconds = self.load.seconds_per_month
        return None if seconds is None else seconds / (730 * 3600)

    @property
    def peak_vcpu(self) -> Decimal | None:
        """The same at the highest rate of requests."""
        if isinstance(self.load, Unmeasured) or self.load.latency_s is None:
            return None
        return self.load.peak_rps * self.load.latency_s


def need(seat: Seat, hosted: Hosted) -> Need:
    """Return what a variant needs."""
    capacity = seat.variant.capacity
    name = instance_type(capacity)
    built = None if name is None else hardware(name)
    memory = built.memory_mib if built else None
    if isinstance(capacity, Serverless):
        memory = capacity.memory_mb
    return Need(
        region=seat.endpoint.region,
        load=seat.load,
        memory_mib=memory,
        vcpu=built.vcpu if built else None,
        gpus=built.gpus if built else 0,
        arm=name is not None and is_arm(name),
        accelerated=name is not None and is_accelerated(name),
        scaled=hosted.scaler(seat.endpoint, seat.variant, INSTANCES) is not None,
        obstacles=tuple(_obstacles(seat, hosted)),
        unseen=_unseen(seat, hosted),
    )


def is_arm(name: str) -> bool:
    """Tell whether a type has Graviton processors, which need images built for arm64."""
    family = name.removeprefix("ml.").partition(".")[0]
    return bool(_ARM.match(family)) and not is_accelerated(name)


def is_accelerated(name: str) -> bool:
    """Tell whether a type has accelerators of its own, which models are compiled for."""
    return name.removeprefix("ml.").startswith(_ACCELERATED)


def _obstacles(seat: Seat, hosted: Hosted) -> Iterator[str]:
    """Yield what serverless inference does not have.

    SageMaker Developer Guide, "Deploy models with Amazon SageMaker Serverless Inference":
    feature exclusions.
    """
    config = seat.config
    if len(config.variants) > 1 or config.shadow_variants:
        yield "serverless takes one production variant and no shadow variant"
    if config.asynchronous:
        yield "serverless does not queue requests"
    if config.data_capture:
        yield "serverless captures no data"
    if seat.variant.model_name is None:
        yield "serverless hosts no inference components"
    model = hosted.model(seat.endpoint, seat.variant)
    if model is not None:
        yield from _of_model(model)


def _unseen(seat: Seat, hosted: Hosted) -> str | None:
    name = seat.variant.model_name
    if name is None or hosted.model(seat.endpoint, seat.variant) is not None:
        return None
    return f"the model {name} was not read: whether it needs a VPC or isolation is not known"


def _of_model(model: Model) -> Iterator[str]:
    if model.subnets:
        yield "serverless runs in no VPC of yours"
    if model.network_isolation:
        yield "serverless has no network isolation"
    if len(model.containers) > 1:
        yield "serverless runs no inference pipeline"
    if any(container.multi_model for container in model.containers):
        yield "serverless hosts no multi-model endpoint"
