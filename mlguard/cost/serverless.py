"""Serverless inference: seconds by memory, data in and out, and concurrency kept warm."""

from collections.abc import Iterator
from typing import Final

from mlguard.cost.estimate import Line, line, unknown
from mlguard.cost.load import Load, Unmeasured
from mlguard.cost.prices import HOURS_A_MONTH, PriceBook
from mlguard.cost.span import Span
from mlguard.data.prices import Component, Price
from mlguard.resources.capacity import Serverless

MEMORY_SIZES_MB: Final = (1024, 2048, 3072, 4096, 5120, 6144)
"""SageMaker API reference, "ProductionVariantServerlessConfig": 1 GB steps, 6 GB at most."""

_SECONDS_A_MONTH: Final = HOURS_A_MONTH * 3600
_MB_PER_GB: Final = 1024


def second_of(region: str, memory_mb: int, book: PriceBook) -> Price | None:
    """Return the price of a second of inference at this memory, None if unknown there."""
    return book.component(region, f"serverless-{memory_mb}MB", Component.SERVERLESS)


def serverless_lines(
    what: str, seat: Serverless, load: Load | Unmeasured, *, region: str, book: PriceBook
) -> Iterator[Line]:
    """Yield what a serverless variant is billed for; without traffic it costs nothing.

    Where requests are answered by provisioned concurrency a second has another price, which is
    not among the prices: both lines are unknown then.
    """
    if seat.provisioned_concurrency:
        yield unknown(
            f"{what}: provisioned concurrency",
            f"no price of serverless provisioned concurrency is known in {region}",
        )
        return
    size = f"{what}: serverless {seat.memory_mb} MB"
    if isinstance(load, Unmeasured):
        yield unknown(size, load.reason)
        return
    yield _compute(size, seat, load, region=region, book=book)
    yield from data_lines(what, load, region=region, book=book)


def data_lines(what: str, load: Load, *, region: str, book: PriceBook) -> Iterator[Line]:
    """Yield what is billed for the data that goes in and out, where its size is stated."""
    if load.payload_mb is None or not load.requests_per_month:
        return
    gigabytes = load.requests_per_month * load.payload_mb / _MB_PER_GB
    yield line(
        f"{what}: data in and out",
        book.component(region, "serverless", Component.DATA),
        Span.exactly(gigabytes),
        book=book,
        lacking=f"no price of data in and out of an endpoint is known in {region}",
        assumptions=(f"{load.payload_mb} MB in and out with each request, as stated",),
    )


def data_note(load: Load | Unmeasured, *, region: str, book: PriceBook) -> tuple[str, ...]:
    """Return what is to be said where data in and out is billed, but its size is not known."""
    silent = isinstance(load, Load) and not load.requests_per_month
    if silent or (isinstance(load, Load) and load.payload_mb is not None):
        return ()
    price = book.component(region, "serverless", Component.DATA)
    if price is None:
        return ("data in and out comes on top: neither its size nor its price is known",)
    each = f"{price.amount.normalize():f} {price.currency}"
    return (f"data in and out comes on top, {each} a GB: how much it is nobody measures",)


def _compute(what: str, seat: Serverless, load: Load, *, region: str, book: PriceBook) -> Line:
    seconds = load.seconds_per_month
    price = second_of(region, seat.memory_mb, book)
    lacking = (
        "how long a request takes was neither measured nor stated"
        if seconds is None
        else f"no price of serverless inference at {seat.memory_mb} MB is known in {region}"
    )
    ceiling = _SECONDS_A_MONTH * seat.max_concurrency
    busy = None if seconds is None else min(seconds, ceiling)
    said = load.said
    if seconds is not None and seconds > ceiling:
        said = (*said, f"MaxConcurrency {seat.max_concurrency} does not keep up with the traffic")
    return line(
        what,
        price,
        None if busy is None else Span.exactly(busy),
        book=book,
        lacking=lacking,
        assumptions=(*said, *data_note(load, region=region, book=book)),
    )
