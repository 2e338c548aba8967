"""What hosting a variant another way would cost: every option, with what speaks for and against."""

from collections.abc import Iterator
from dataclasses import dataclass
from decimal import Decimal
from typing import Final

from mlguard.cost.hosted import Hosted
from mlguard.cost.hosting import Seat, fleet, instance_type, seats
from mlguard.cost.load import Load, Unmeasured
from mlguard.cost.prices import HOURS_A_MONTH
from mlguard.cost.scaled import GONE
from mlguard.cost.serverless import second_of
from mlguard.cost.sizing.by_use import asynchronous_option, batch_option, serverless_options
from mlguard.cost.sizing.curve import Curve, curve
from mlguard.cost.sizing.need import Need, is_accelerated, is_arm, need
from mlguard.cost.sizing.option import Fit, Kind, Option
from mlguard.cost.sizing.real_time import cheaper_types, sustains
from mlguard.cost.span import Span
from mlguard.data.instance_types import Surface, hardware, is_burstable, legal_types
from mlguard.data.prices import Price
from mlguard.resources.capacity import Serverless
from mlguard.resources.hosting import Endpoint

_UNSURE_AT_MOST: Final = 5
"""How many cheaper types are named that may do or not, cheapest first."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Sizing:
    """A variant as it is hosted now, and the other ways; `load` is what they are judged for.

    `curve` is None where nobody knows the traffic and how long a request takes.
    """

    endpoint: Endpoint
    variant: str
    load: Load | Unmeasured
    present: Option
    options: tuple[Option, ...]
    curve: Curve | None = None

    @property
    def cheaper(self) -> tuple[Option, ...]:
        """The options that would do for certain and cost less than now, cheapest first."""
        now = self.present.monthly
        if now is None:
            return ()
        found = [
            (option.monthly.expected, option)
            for option in self.options
            if option.fit is Fit.YES
            and option.monthly is not None
            and option.currency == self.present.currency
            and option.monthly.expected < now.expected
        ]
        return tuple(option for _, option in sorted(found, key=lambda one: one[0]))

    @property
    def cheapest(self) -> Option:
        """The cheapest that would do for certain: what there is now, if nothing is cheaper."""
        return next(iter(self.cheaper), self.present)

    @property
    def verdict(self) -> str:
        """Whether what there is now is the cheapest that would do, in one sentence."""
        now, best = self.present, self.cheapest
        if now.monthly is None:
            return f"what {now.what} costs is not known: {now.lacking}"
        price = _money(now.monthly.expected, now.currency)
        if best is not now and best.monthly is not None:
            less = _money(best.monthly.expected, best.currency)
            return f"{now.what} at {price} is not the cheapest: {best.what} would be {less}"
        if isinstance(self.load, Unmeasured):
            return f"whether {now.what} at {price} is the cheapest is not known: {self.load.reason}"
        return f"{now.what} at {price}: nothing that would do for certain is cheaper"


def sizings(endpoint: Endpoint, hosted: Hosted) -> Iterator[Sizing]:
    """Yield the sizing of each production variant whose price now is known.

    None of an endpoint that failed or is being deleted, nor where its configuration is missing.
    """
    config = hosted.config(endpoint)
    if config is None or endpoint.status in GONE:
        return
    for seat in seats(endpoint, config, hosted):
        if not seat.shadow:
            yield from _sized(seat, hosted)


def _sized(seat: Seat, hosted: Hosted) -> Iterator[Sizing]:
    wanted, capacity = need(seat, hosted), seat.variant.capacity
    if isinstance(capacity, Serverless):
        present = _as_serverless(wanted, capacity, hosted)
        count, hour = Span.exactly(1), None
    else:
        name, instances = instance_type(capacity), fleet(seat, hosted)
        if name is None or instances is None:
            return
        count = instances.count
        hour = hosted.terms.book.sagemaker(wanted.region, name, Surface.ENDPOINT)
        present = _as_instances(wanted, name, count, hour)
    options = tuple(_options(seat, wanted, present, count, hour=hour, hosted=hosted))
    yield Sizing(
        endpoint=seat.endpoint,
        variant=seat.variant.name,
        load=seat.load,
        present=present,
        options=options,
        curve=curve(seat, present, options, hosted=hosted),
    )


def _as_instances(wanted: Need, name: str, count: Span, hour: Price | None) -> Option:
    credits_last = sustains(name, wanted, count.expected)
    return Option(
        kind=Kind.REAL_TIME,
        what=name,
        monthly=None if hour is None else count * HOURS_A_MONTH * hour.amount,
        currency="USD" if hour is None else hour.currency,
        fit=Fit.YES if credits_last is None else credits_last.fit,
        why=() if credits_last is None else (credits_last.text,),
        lacking=f"no price of {name} is known in {wanted.region}" if hour is None else None,
    )


def _as_serverless(wanted: Need, capacity: Serverless, hosted: Hosted) -> Option:
    price = second_of(wanted.region, capacity.memory_mb, hosted.terms.book)
    load = wanted.load
    seconds = load.seconds_per_month if isinstance(load, Load) else None
    lacking = None
    if capacity.provisioned_concurrency or price is None:
        price, lacking = None, "its price is not known"
    elif seconds is None:
        lacking = load.reason if isinstance(load, Unmeasured) else "its latency is not known"
    return Option(
        kind=Kind.SERVERLESS,
        what=f"serverless {capacity.memory_mb} MB",
        monthly=None if price is None or seconds is None else Span.exactly(price.amount * seconds),
        currency="USD" if price is None else price.currency,
        fit=Fit.YES,
        lacking=lacking,
    )


def _options(
    seat: Seat, wanted: Need, present: Option, count: Span, *, hour: Price | None, hosted: Hosted
) -> Iterator[Option]:
    book = hosted.terms.book
    fixed = None if present.monthly is None else present.monthly.expected
    if fixed is not None:
        below = fixed / HOURS_A_MONTH if hour is None else hour.amount
        types = cheaper_types(wanted, count, below=below, currency=present.currency, book=book)
        yield from _telling(tuple(types))
    if present.kind is not Kind.SERVERLESS:
        yield from serverless_options(wanted, fixed=fixed, currency=present.currency, book=book)
    if not seat.config.asynchronous:
        yield asynchronous_option(wanted, _stand_in(seat, wanted, hosted), book=book)
    yield batch_option(wanted, _stand_in(seat, wanted, hosted, Surface.TRANSFORM), book=book)


def _telling(options: tuple[Option, ...]) -> Iterator[Option]:
    """Yield those that would do, a few that may, and the burstable ones that would not."""
    by_price = sorted(
        options, key=lambda one: Decimal(0) if one.monthly is None else one.monthly.max
    )
    yield from (one for one in by_price if one.fit is Fit.YES)
    yield from [one for one in by_price if one.fit is Fit.UNKNOWN][:_UNSURE_AT_MOST]
    yield from (one for one in by_price if one.fit is Fit.NO and is_burstable(one.what))


def _dearest(option: Option) -> Decimal:
    return Decimal(0) if option.monthly is None else option.monthly.max


def _stand_in(seat: Seat, wanted: Need, hosted: Hosted, surface: Surface = Surface.ENDPOINT) -> str:
    """Return the type of now, or where it can neither scale nor run there the cheapest like it."""
    name = instance_type(seat.variant.capacity)
    legal = legal_types(surface)
    if name is not None and name in legal and not is_burstable(name):
        return name
    found = [
        (price.amount, other)
        for other in legal
        if not is_burstable(other)
        and (built := hardware(other)) is not None
        and built.memory_mib >= (wanted.memory_mib or 0)
        and built.vcpu >= (wanted.vcpu or 0)
        and built.gpus >= wanted.gpus
        and is_arm(other) == wanted.arm
        and is_accelerated(other) == wanted.accelerated
        and (price := hosted.terms.book.sagemaker(wanted.region, other, Surface.ENDPOINT))
    ]
    return min(found)[1] if found else name or "an instance"


def _money(amount: Decimal, currency: str) -> str:
    return f"{amount.quantize(Decimal('0.01'))} {currency}"
