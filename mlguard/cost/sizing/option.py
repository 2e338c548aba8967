"""A way of hosting a model: what it costs a month, whether it would do, and why."""

from collections.abc import Iterable
from dataclasses import dataclass
from enum import IntEnum, StrEnum

from mlguard.cost.sizing.break_even import BreakEven
from mlguard.cost.span import Span


class Kind(StrEnum):
    """How a model is hosted."""

    REAL_TIME = "real-time"
    SERVERLESS = "serverless"
    ASYNCHRONOUS = "asynchronous"
    BATCH = "batch transform"


class Fit(IntEnum):
    """Whether it would do what the endpoint does now."""

    YES = 0
    UNKNOWN = 1  # what has to be known for an answer is not in the snapshot
    NO = 2


@dataclass(frozen=True, slots=True)
class Reason:
    """One thing that speaks for or against an option."""

    fit: Fit
    text: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Option:
    """A way of hosting; `monthly` is in `currency`, None where `lacking` says what is unknown.

    Data in and out is in none of them: AWS bills it alike for each. `break_even` is where it
    costs as much as what there is now.
    """

    kind: Kind
    what: str
    monthly: Span | None
    fit: Fit
    why: tuple[str, ...] = ()
    currency: str = "USD"
    lacking: str | None = None
    break_even: BreakEven | None = None


def judged(reasons: Iterable[Reason]) -> tuple[Fit, tuple[str, ...]]:
    """Return the worst of the reasons, and all of their texts."""
    known = tuple(reasons)
    worst = max((reason.fit for reason in known), default=Fit.YES)
    return worst, tuple(reason.text for reason in known)
