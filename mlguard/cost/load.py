"""Load: how many requests a minute come in which part of the time, and how long each takes."""

from dataclasses import dataclass
from decimal import Decimal
from typing import Final

from mlguard.cost.assumptions import Traffic
from mlguard.cost.prices import HOURS_A_MONTH

HOURS_A_DAY: Final = Decimal(24)
MINUTES_A_MONTH: Final = HOURS_A_MONTH * 60
DAYS_A_MONTH: Final = HOURS_A_MONTH / HOURS_A_DAY


@dataclass(frozen=True, slots=True)
class Rate:
    """So many requests a minute for `weight` parts of the time: a load adds up its weights."""

    weight: Decimal
    per_minute: Decimal


@dataclass(frozen=True, slots=True, kw_only=True)
class Load:
    """Requests to one variant; `latency_s` and `payload_mb` are None where nobody knows them.

    `said` is where it comes from and what it takes for granted, a sentence each. A payload is
    what goes in and out together.
    """

    rates: tuple[Rate, ...]
    latency_s: Decimal | None = None
    payload_mb: Decimal | None = None
    said: tuple[str, ...] = ()

    def __post_init__(self) -> None:
        """Refuse a load of no time at all: it has no mean."""
        if not sum(rate.weight for rate in self.rates):
            raise ValueError("a load needs a rate that holds for some time")

    @classmethod
    def stated(cls, traffic: Traffic, *, share: Decimal = Decimal(1)) -> "Load":
        """Return the load that the user states, or the share of it that a variant gets."""
        busy = min(traffic.hours_per_day, HOURS_A_DAY)
        rates = (
            Rate(busy, traffic.rps * 60 * share),
            Rate(HOURS_A_DAY - busy, Decimal(0)),
        )
        return cls(
            rates=tuple(rate for rate in rates if rate.weight),
            latency_s=traffic.latency_s,
            payload_mb=traffic.payload_mb,
            said=(f"traffic as stated: {traffic.rps} requests a second, {busy} hours a day",),
        )

    @property
    def requests_per_month(self) -> Decimal:
        """Requests in a month of 730 hours."""
        weighted = sum((rate.weight * rate.per_minute for rate in self.rates), Decimal(0))
        return weighted * MINUTES_A_MONTH / self.weight

    @property
    def requests_per_day(self) -> Decimal:
        """Requests in a day, on average."""
        return self.requests_per_month / DAYS_A_MONTH

    @property
    def seconds_per_month(self) -> Decimal | None:
        """Seconds of inference in a month, None where nobody knows how long a request takes."""
        if not self.requests_per_month:
            return Decimal(0)
        return None if self.latency_s is None else self.requests_per_month * self.latency_s

    @property
    def weight(self) -> Decimal:
        """What the weights of the rates add up to."""
        return sum((rate.weight for rate in self.rates), Decimal(0))

    @property
    def peak_rps(self) -> Decimal:
        """The highest mean rate of requests a second."""
        return max(rate.per_minute for rate in self.rates) / 60


@dataclass(frozen=True, slots=True)
class Unmeasured:
    """Why a load is not known: nobody measured it, and nobody stated it."""

    reason: str
