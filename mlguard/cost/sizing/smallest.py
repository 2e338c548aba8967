"""The smallest instance: the cheapest type that AWS takes there and that is enough.

A type is enough that has the memory, the GPUs and the vCPUs, and that keeps up with the steady load
at 70 % of what it can go on giving: of a burstable type that is its baseline, not its vCPUs.
"""

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from decimal import Decimal
from typing import Final

from mlguard.cost.prices import PriceBook
from mlguard.cost.sizing.credits import burstable
from mlguard.data.instance_types import Hardware, Surface, ec2_types, hardware, legal_types
from mlguard.data.prices import Price

TARGET_LOAD: Final = Decimal("0.7")
"""The part of what a type sustains that a steady load may take: the rest is for its peaks."""

# EC2 User Guide, "Instance type naming conventions": after the generation, g is for Graviton.
_GRAVITON: Final = re.compile(r"[a-z]+\d+[a-z]*g[a-z]*\.|a1\.")


@dataclass(frozen=True, slots=True, kw_only=True)
class Need:
    """What the work needs of a machine; `sustained_vcpu` are CPU-seconds a second, all day long.

    `arm` allows Graviton too: what was built for x86 does not run there.
    """

    vcpu: int = 1
    memory_mib: int = 0
    gpus: int = 0
    sustained_vcpu: Decimal = Decimal(0)
    arm: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Offer:
    """An instance type that is enough, and what an hour of it costs."""

    instance_type: str
    built: Hardware
    price: Price


@dataclass(frozen=True, slots=True, kw_only=True)
class Smallest:
    """The answer: `offer` is None where no type is enough and has a known price.

    `unpriced` are types that are enough too, but whose price there nobody knows: one of them may
    be cheaper. `reasons` tell how it came out, a sentence each.
    """

    offer: Offer | None
    unpriced: tuple[str, ...]
    reasons: tuple[str, ...]


def smallest(
    need: Need, *, region: str, surface: Surface | None, book: PriceBook, among: Iterable[str] = ()
) -> Smallest:
    """Return the cheapest type that is enough, on a SageMaker surface or, for None, on EC2.

    `among`, if given, are the only types to choose from: those that a policy allows.
    """
    legal = ec2_types() if surface is None else legal_types(surface)
    allowed = frozenset(among)
    names = sorted(legal & allowed if allowed else legal)
    known = {name: built for name in names if (built := hardware(name)) is not None}
    fitting = {name: built for name, built in known.items() if _fits(name, built, need)}
    lasting = {name: built for name, built in fitting.items() if lasts(name, built, need)}
    prices = {name: _price(book, region, surface, name) for name in lasting}
    offers = [
        Offer(instance_type=name, built=lasting[name], price=price)
        for name, price in prices.items()
        if price is not None
    ]
    offer = min(offers, key=_cheapest_first, default=None)
    unpriced = tuple(name for name, price in prices.items() if price is None)
    counts = (len(names), len(names) - len(known), len(fitting), len(lasting), len(unpriced))
    where = "EC2" if surface is None else f"SageMaker {surface.value}"
    return Smallest(
        offer=offer,
        unpriced=unpriced,
        reasons=tuple(_reasons(need, offer, counts, where=where, region=region)),
    )


def lasts(name: str, built: Hardware, need: Need) -> bool:
    """Return whether the type keeps up with the steady load for ever, at the target load."""
    machine = burstable(name)
    if machine is None:
        # A burstable type whose credits are not known may last or not: it is left out.
        gives = Decimal(0 if built.burstable else built.vcpu)
    else:
        gives = machine.sustained_vcpu
    return need.sustained_vcpu <= gives * TARGET_LOAD


def _fits(name: str, built: Hardware, need: Need) -> bool:
    runs = need.arm or not _GRAVITON.match(name.removeprefix("ml."))
    return (
        runs
        and built.vcpu >= need.vcpu
        and built.memory_mib >= need.memory_mib
        and built.gpus >= need.gpus
    )


def _price(book: PriceBook, region: str, surface: Surface | None, name: str) -> Price | None:
    return book.ec2(region, name) if surface is None else book.sagemaker(region, name, surface)


def _cheapest_first(offer: Offer) -> tuple[Decimal, int, int, str]:
    built = offer.built
    return (offer.price.amount, built.vcpu, built.memory_mib, offer.instance_type)


def _reasons(
    need: Need, offer: Offer | None, counts: tuple[int, ...], *, where: str, region: str
) -> Iterator[str]:
    names, hidden, fitting, lasting, unpriced = counts
    gpus = f", {need.gpus} GPU" if need.gpus else ""
    yield (
        f"{fitting} of {names} types of {where} have {need.vcpu} vCPU, "
        f"{need.memory_mib} MiB{gpus} or more"
    )
    if hidden:
        yield f"the hardware of {hidden} types is not known: they are left out"
    if need.sustained_vcpu:
        yield (
            f"{lasting} of those sustain {need.sustained_vcpu} vCPU at {TARGET_LOAD:.0%} load: "
            "burstable types count with their baseline"
        )
    if unpriced:
        yield f"{unpriced} of those have no known price in {region}: one of them may be cheaper"
    if offer is None:
        yield f"no type of {where} that is enough has a known price in {region}"
    else:
        price = f"{offer.price.amount} {offer.price.currency} an hour"
        yield f"the cheapest of the others is {offer.instance_type}, at {price}"
