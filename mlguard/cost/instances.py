"""EC2: an instance with what hangs on it, and volumes that hang on nothing."""

from collections.abc import Iterable, Iterator
from decimal import Decimal
from typing import Final

from mlguard.cost import volumes
from mlguard.cost.estimate import Estimate, Line, line, unknown
from mlguard.cost.prices import HOURS_A_MONTH
from mlguard.cost.sizing.credits import Burstable, burstable
from mlguard.cost.span import Span
from mlguard.cost.terms import Terms
from mlguard.resources.instances import Instance, Volume
from mlguard.resources.metrics import MetricSeries
from mlguard.snapshot import Inventory

GONE: Final = frozenset({"shutting-down", "terminated"})
RUNNING: Final = frozenset({"pending", "running"})

_LINUX: Final = "Linux, on demand, shared tenancy: the snapshot does not tell the platform"
_ALL_MONTH: Final = "it runs all month, 730 hours"


class Hanging:
    """Which volume is billed with which instance: that it is attached to, the first of several."""

    def __init__(self, there: Iterable[Instance], inventory: Inventory) -> None:
        by_id = {_key(one, _id(one.arn)): one.arn for one in there}
        claimed = {_key(one, volume): one.arn for one in there for volume in one.volumes}
        self._read = {_key(one, _id(one.arn)) for one in inventory.of(Volume)}
        self._of: dict[str, list[Volume]] = {}
        self.loose: list[Volume] = []
        for volume in inventory.of(Volume):
            named = [by_id.get(_key(volume, name)) for name in volume.attached_to]
            owners = sorted(
                arn for arn in (*named, claimed.get(_key(volume, _id(volume.arn)))) if arn
            )
            mine = self._of.setdefault(owners[0], []) if owners else self.loose
            mine.append(volume)

    def of(self, instance: Instance) -> tuple[Volume, ...]:
        """Return the volumes that are billed with the instance."""
        return tuple(self._of.get(instance.arn, ()))

    def read(self, instance: Instance, volume_id: str) -> bool:
        """Return whether the snapshot holds a volume of that id, beside the instance."""
        return _key(instance, volume_id) in self._read


def estimates(inventory: Inventory, terms: Terms) -> Iterator[Estimate]:
    """Yield an estimate for each instance that is there, and for each volume on none of them.

    A running instance is billed for its hours, a stopped one is not (EC2 User Guide, "Instance
    lifecycle"); its volumes and an Elastic IP address are, in either state. The volumes are part
    of its estimate: one on several instances belongs to the first of them.
    """
    there = [one for one in inventory.of(Instance) if one.state not in GONE]
    hanging = Hanging(there, inventory)
    for instance in there:
        lines = (
            *_compute(instance, inventory, terms),
            *_address(instance, inventory, terms),
            *_volumes(instance, hanging, terms),
        )
        yield Estimate.of(instance, lines)
    for volume in hanging.loose:
        yield Estimate.of(volume, tuple(volumes.lines(volume, terms)))


def cpu_load(instance: Instance, inventory: Inventory) -> Decimal | None:
    """Return the mean part of its vCPUs that was in use, None where nobody measured.

    CloudWatch `AWS/EC2` `CPUUtilization`: per cent of all vCPUs together.
    """
    values = [
        value
        for series in inventory.measured(instance.arn)
        if _is_load(series)
        for value in series.values
    ]
    return Decimal(str(sum(values) / len(values))) / 100 if values else None


def _is_load(series: MetricSeries) -> bool:
    return series.metric == "CPUUtilization" and series.statistic == "Average"


def _compute(instance: Instance, inventory: Inventory, terms: Terms) -> Iterator[Line]:
    hours, assumption = _hours(instance, terms)
    if hours == 0:
        return
    name, region = instance.instance_type, instance.region
    machine = burstable(name)
    standard = () if machine is None or machine.unlimited_by_default else _standard(machine)
    price = terms.book.ec2(region, name)
    if instance.spot:
        bound = (
            "" if price is None else f"; on demand it is {price.amount} {price.currency} an hour"
        )
        reason = f"spot prices change by the hour, and the snapshot does not tell them{bound}"
        yield unknown(f"{name} instance", reason, while_running=True)
    else:
        yield line(
            f"{name} instance",
            price,
            Span.exactly(hours),
            book=terms.book,
            lacking=f"the price of {name} in {region} is not known",
            assumptions=(assumption, _LINUX, *standard),
            while_running=True,
        )
    if machine is not None:
        yield from _credits(instance, machine, hours, inventory, terms)


def _standard(machine: Burstable) -> tuple[str, ...]:
    """Return what standard mode means: it costs nothing more, and slows down instead."""
    lasts = machine.full_speed_hours(machine.rates.max_credits)
    left = f"from then on {machine.rates.baseline:.0%} of each vCPU is left"
    return (
        f"standard mode, the default of {machine.family}: CPU credits cost nothing more",
        f"flat out a full balance of credits lasts {lasts:.1f} hours, and {left}",
    )


def _hours(instance: Instance, terms: Terms) -> tuple[Decimal, str]:
    stated = terms.assumptions.hours_of(instance.name)
    if stated is not None:
        return stated, f"it runs for {stated:.6g} hours a month, as stated"
    return (HOURS_A_MONTH if instance.state in RUNNING else Decimal(0)), _ALL_MONTH


def _credits(
    instance: Instance, machine: Burstable, hours: Decimal, inventory: Inventory, terms: Terms
) -> Iterator[Line]:
    """Yield what unlimited mode may charge; nothing for T2, which AWS launches in standard mode."""
    if not machine.unlimited_by_default:
        return
    load = cpu_load(instance, inventory)
    most = machine.surplus_a_month(Decimal(1), hours)
    expected = Decimal(0) if load is None else machine.surplus_a_month(min(load, Decimal(1)), hours)
    baseline = f"{machine.rates.baseline:.0%} of each vCPU"
    measured = (
        f"CPU was not measured: as expected it stays under the baseline, {baseline}"
        if load is None
        else f"{load:.0%} of its CPU was in use on average; the baseline is {baseline}"
    )
    yield line(
        "CPU credits beyond those earned",
        terms.book.charge(instance.region, f"CPU credits {machine.family}"),
        Span(Decimal(0), expected, most),
        book=terms.book,
        lacking=f"the price of CPU credits of {machine.family} in {instance.region} is not known",
        assumptions=(f"unlimited mode, the default of {machine.family}", measured),
        while_running=True,
    )


def _address(instance: Instance, inventory: Inventory, terms: Terms) -> Iterator[Line]:
    """Yield its public IPv4 address: one that a stopped instance keeps is an Elastic IP.

    A plan tells of no address: the subnet gives one, or does not. Default subnets do unless that
    was changed, others do not (EC2 User Guide, "Public IPv4 addresses").
    """
    hours, _ = _hours(instance, terms)
    if instance.public_ip is not None:
        kept = instance.state not in RUNNING
        least = HOURS_A_MONTH if kept else min(hours, HOURS_A_MONTH)
        told = () if kept or least == HOURS_A_MONTH else (_RELEASED,)
        paid = Span(least, least, HOURS_A_MONTH)
    elif inventory.snapshot.source == _PLAN and hours:
        given = instance.subnet_id is None
        told = (_BY_DEFAULT if given else _BY_SUBNET,)
        paid = Span(Decimal(0), hours if given else Decimal(0), hours)
    else:
        return
    yield line(
        "public IPv4 address",
        terms.book.charge(instance.region, "Public IPv4"),
        paid,
        book=terms.book,
        lacking=f"the price of public IPv4 addresses in {instance.region} is not known",
        assumptions=told,
    )


_PLAN: Final = "pipeline"
_BY_DEFAULT: Final = (
    "no subnet is planned: a default one gives an address, unless it was told not to"
)
_BY_SUBNET: Final = "whether the planned subnet gives one is not known: as expected it does not"
_RELEASED: Final = "it gives the address back when it is stopped, unless that is an Elastic IP"


def _volumes(instance: Instance, hanging: Hanging, terms: Terms) -> Iterator[Line]:
    ours = hanging.of(instance)
    for volume in ours:
        yield from volumes.lines(volume, terms)
    for volume_id in instance.volumes:
        if not hanging.read(instance, volume_id):
            yield unknown(f"volume {volume_id}", "the volume was not read: its size is not known")
    if not ours and not instance.volumes:
        yield unknown("root volume", "the snapshot tells of no volume of the instance")


def _key(near: Instance | Volume, name: str) -> tuple[str, str, str]:
    return (near.account, near.region, name)


def _id(arn: str) -> str:
    return arn.rpartition("/")[2]
