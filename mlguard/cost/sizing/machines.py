"""EC2 instances whose CPU was measured: the cheapest type that would be enough for what they do."""

from collections.abc import Iterator
from dataclasses import dataclass
from decimal import ROUND_CEILING, Decimal
from typing import Final

from mlguard.cost.instances import RUNNING, cpu_load
from mlguard.cost.prices import HOURS_A_MONTH
from mlguard.cost.sizing.need import is_accelerated, is_arm
from mlguard.cost.sizing.smallest import Need, smallest
from mlguard.cost.terms import Terms
from mlguard.data.instance_types import Hardware, hardware
from mlguard.resources.instances import Instance
from mlguard.snapshot import Inventory

HEADROOM: Final = Decimal("1.2")
"""What is left above the highest CPU that was measured, as AWS Compute Optimizer has it.

Compute Optimizer User Guide, "Rightsizing recommendation preferences": CPU headroom of 20 %.
"""


@dataclass(frozen=True, slots=True, kw_only=True)
class MachineSizing:
    """A sentence on the type of an instance, with what it rests on."""

    instance: Instance
    verdict: str


def machine_sizings(inventory: Inventory, terms: Terms) -> Iterator[MachineSizing]:
    """Yield what each running instance could do with; nothing where its CPU was not measured.

    Nor of one with a GPU or another accelerator: whether the work runs on another kind of it, and
    how much of it is used, nobody measured.
    """
    for instance in inventory.of(Instance):
        verdict = _verdict(instance, inventory, terms) if instance.state in RUNNING else None
        if verdict is not None:
            yield MachineSizing(instance=instance, verdict=verdict)


def _verdict(instance: Instance, inventory: Inventory, terms: Terms) -> str | None:
    name, region = instance.instance_type, instance.region
    built, price = hardware(name), terms.book.ec2(region, name)
    load, peak = cpu_load(instance, inventory), _peak(instance, inventory)
    if built is None or price is None or load is None or peak is None or instance.spot:
        return None
    if built.gpus or is_accelerated(name):
        return None
    need = Need(
        vcpu=_vcpu(peak, built),
        memory_mib=built.memory_mib,
        sustained_vcpu=(load * built.vcpu).quantize(Decimal("0.001")),
        arm=is_arm(name),
    )
    offer = smallest(need, region=region, surface=None, book=terms.book).offer
    told = (
        f"{load:.1%} of its {built.vcpu} vCPU is in use, {peak:.1%} at most; with as much memory "
        f"as now, {built.memory_mib / 1024:g} GiB, since nobody measured it"
    )
    if offer is None or offer.price.currency != price.currency:
        return None
    if offer.price.amount >= price.amount:
        return f"{told}, no type with a known price in {region} is cheaper than {name}"
    less = (price.amount - offer.price.amount) * HOURS_A_MONTH
    return f"{told}, {offer.instance_type} would do for {less:.2f} {price.currency} a month less"


def _vcpu(peak: Decimal, built: Hardware) -> int:
    return max(1, int((peak * built.vcpu * HEADROOM).to_integral_value(ROUND_CEILING)))


def _peak(instance: Instance, inventory: Inventory) -> Decimal | None:
    """Return the highest part of its vCPUs that was in use, None where nobody measured."""
    peaks = [
        peak
        for series in inventory.measured(instance.arn)
        if (series.metric, series.statistic) == ("CPUUtilization", "Maximum")
        and (peak := series.peak) is not None
    ]
    return Decimal(str(max(peaks))) / 100 if peaks else None
