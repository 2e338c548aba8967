"""EBS volumes: what each costs a month, by its size and by what was provisioned beyond."""

from collections.abc import Iterator
from typing import Final

from mlguard.cost.estimate import Line, line, unknown
from mlguard.cost.span import Span
from mlguard.cost.terms import Terms
from mlguard.resources.instances import Volume

# EBS User Guide, "General Purpose SSD volumes": what every gp3 volume includes.
_INCLUDED_IOPS: Final = 3000
_INCLUDED_MIBPS: Final = 125

_BY_SIZE_ALONE: Final = frozenset({"gp2", "sc1", "st1"})


def lines(volume: Volume, terms: Terms) -> Iterator[Line]:
    """Yield what is billed for a volume, in use or not, for as long as it is there.

    gp3 is billed for IOPS and throughput beyond the 3000 and 125 MiB/s that are included. io1,
    io2 and magnetic volumes are billed in ways that the shipped prices know nothing of.
    """
    kind, size = volume.volume_type, volume.size_gb
    if kind not in _BY_SIZE_ALONE | {"gp3"}:
        reason = f"the price of {kind} volumes in {volume.region} is not known"
        yield unknown(f"{size} GB {kind} volume", reason)
        return
    yield _charged(volume, f"{size} GB {kind} volume", f"EBS {kind}", size, terms)
    if kind != "gp3":
        return
    more = max((volume.iops or 0) - _INCLUDED_IOPS, 0)
    if more:
        yield _charged(volume, f"{more} IOPS beyond 3000", "EBS gp3 IOPS >3000", more, terms)
    more = max((volume.throughput or 0) - _INCLUDED_MIBPS, 0)
    if more:
        charge = "EBS gp3 throughput >125MB/s"
        yield _charged(volume, f"{more} MiB/s beyond 125", charge, more, terms)


def _charged(volume: Volume, what: str, charge: str, units: int, terms: Terms) -> Line:
    return line(
        what,
        terms.book.charge(volume.region, charge),
        Span.exactly(units),
        book=terms.book,
        lacking=f"the price of {charge} in {volume.region} is not known",
    )
