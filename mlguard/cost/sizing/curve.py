"""The break-even curve as data: what each option costs by the number of requests in a day."""

from dataclasses import dataclass, replace
from decimal import Decimal
from typing import Final

from mlguard.cost.hosted import Hosted
from mlguard.cost.hosting import Seat, fleet
from mlguard.cost.load import DAYS_A_MONTH, Load, Rate, Unmeasured
from mlguard.cost.sizing.option import Fit, Kind, Option

STEPS: Final = 24
_MINUTES_A_DAY: Final = 24 * 60
_MOVES_AT_MOST: Final = 100


@dataclass(frozen=True, slots=True, kw_only=True)
class CurveLine:
    """What one option costs a month at each point; `crossing`: requests a day as dear as now."""

    what: str
    monthly: tuple[Decimal, ...]
    crossing: Decimal | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Curve:
    """Lines over `requests_per_day`, the first of them what there is now; `at` is the traffic now.

    `currency` is that of all lines.
    """

    requests_per_day: tuple[Decimal, ...]
    lines: tuple[CurveLine, ...]
    at: Decimal
    currency: str


def curve(
    seat: Seat, present: Option, options: tuple[Option, ...], *, hosted: Hosted
) -> Curve | None:
    """Return the curve of a variant on instances against serverless, None where it is not known.

    More traffic is taken to come at the same hours as now; each point is priced under the
    variant's own scaling.
    """
    load = seat.load
    if isinstance(load, Unmeasured) or not load.latency_s or not present.monthly:
        return None
    now = _Now(seat=seat, load=load, hosted=hosted, each=_each(seat, present, hosted))
    rivals = [
        (option.what, option.break_even.per_request)
        for option in options
        if _rival(option, present)
        and option.break_even is not None
        and option.break_even.per_request is not None
    ]
    if not now.each or not rivals:
        return None
    crossings = [now.crossing(each) for _, each in rivals]
    end = 2 * max(load.requests_per_day, min(crossings))
    points = tuple(end * step / STEPS for step in range(STEPS + 1))
    return Curve(
        requests_per_day=points,
        lines=(
            CurveLine(what=present.what, monthly=tuple(now.monthly(point) for point in points)),
            *(
                CurveLine(
                    what=what,
                    monthly=tuple(each * point * DAYS_A_MONTH for point in points),
                    crossing=crossing,
                )
                for (what, each), crossing in zip(rivals, crossings, strict=True)
            ),
        ),
        at=load.requests_per_day,
        currency=present.currency,
    )


def at_rate(load: Load, requests_per_day: Decimal) -> Load:
    """Return the load with so many requests a day, at the hours at which they come now."""
    now = load.requests_per_day
    if not now:
        flat = Rate(load.weight, requests_per_day / _MINUTES_A_DAY)
        return replace(load, rates=(flat,))
    factor = requests_per_day / now
    return replace(
        load, rates=tuple(Rate(rate.weight, rate.per_minute * factor) for rate in load.rates)
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class _Now:
    """The variant as it is hosted: what an instance of it costs a month, and how many there are."""

    seat: Seat
    load: Load
    hosted: Hosted
    each: Decimal

    def monthly(self, requests_per_day: Decimal) -> Decimal:
        """Return what it costs at so many requests a day."""
        load = at_rate(self.load, requests_per_day)
        found = fleet(replace(self.seat, load=load), self.hosted)
        return Decimal(0) if found is None else found.count.expected * self.each

    def crossing(self, per_request: Decimal) -> Decimal:
        """Return the fewest requests a day at which a rival is no longer cheaper.

        From no request on upwards: what scaling adds moves the point on, never back.
        """
        point = self.monthly(Decimal(0)) / (per_request * DAYS_A_MONTH)
        for _ in range(_MOVES_AT_MOST):
            beyond = self.monthly(point) / (per_request * DAYS_A_MONTH)
            if beyond <= point:
                break
            point = beyond
        return point


def _each(seat: Seat, present: Option, hosted: Hosted) -> Decimal:
    """Return what one instance costs a month, 0 where none runs or it is not on instances."""
    now = fleet(seat, hosted) if present.kind is Kind.REAL_TIME else None
    if now is None or present.monthly is None or not now.count.expected:
        return Decimal(0)
    return present.monthly.expected / now.count.expected


def _rival(option: Option, present: Option) -> bool:
    return (
        option.kind is Kind.SERVERLESS
        and option.fit is not Fit.NO
        and option.currency == present.currency
    )
