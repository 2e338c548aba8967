"""What a resource costs a month: line by line, with what was assumed and how far prices hold."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from decimal import Decimal
from functools import cached_property
from typing import Final

from mlguard.cost.prices import PriceBook
from mlguard.cost.span import Span
from mlguard.data.prices import Price
from mlguard.resources.base import Resource

USD = "USD"

_NEGATIVE: Final = "the source tells of less than nothing of it"


@dataclass(frozen=True, slots=True, kw_only=True)
class Line:
    """One thing that AWS bills for a resource: `monthly` in `currency`, or `unknown` says why not.

    `units` of the price's own unit are what `monthly` is the price of. `assumptions` say what the
    span rests on and what is amiss with the price, a sentence each. What is billed only
    `while_running` ends when the resource is stopped.
    """

    what: str
    monthly: Span | None
    currency: str = USD
    units: Span | None = None
    price: Price | None = None
    assumptions: tuple[str, ...] = ()
    unknown: str | None = None
    while_running: bool = False


@dataclass(frozen=True, kw_only=True)
class Estimate:
    """What one resource costs a month.

    For a job, `per_run` is what one run of it costs in USD, None where nobody knows how long it
    takes; `per_run_max` is the most that one may cost, None where nothing limits it.
    """

    kind: str
    arn: str
    account: str
    region: str
    name: str
    lines: tuple[Line, ...]
    tags: Mapping[str, str] = field(default_factory=dict)
    per_run: Decimal | None = None
    per_run_max: Decimal | None = None

    @classmethod
    def of(
        cls,
        resource: Resource,
        lines: tuple[Line, ...],
        *,
        per_run: Decimal | None = None,
        per_run_max: Decimal | None = None,
    ) -> "Estimate":
        """Return the estimate of a resource."""
        return cls(
            kind=type(resource).__name__,
            arn=resource.arn,
            account=resource.account,
            region=resource.region,
            name=resource.name,
            lines=lines,
            tags=resource.tags,
            per_run=per_run,
            per_run_max=per_run_max,
        )

    @cached_property
    def monthly_usd(self) -> Span | None:
        """What it costs in USD a month; None if any line of it is unknown, or not in USD."""
        known = [line.monthly for line in self.lines if line.currency == USD]
        if len(known) < len(self.lines) or None in known:
            return None
        return Span.total(span for span in known if span is not None)

    def known(self, currency: str = USD) -> Span:
        """Return the sum of the lines in a currency that are known: the least that it may be."""
        return Span.total(
            line.monthly
            for line in self.lines
            if line.currency == currency and line.monthly is not None
        )

    @cached_property
    def running_usd(self) -> Decimal | None:
        """What is expected to be saved in USD a month by stopping it; None if that is unknown."""
        spans = [
            None if line.currency != USD else line.monthly
            for line in self.lines
            if line.while_running
        ]
        known = [span.expected for span in spans if span is not None]
        return sum(known, Decimal(0)) if len(known) == len(spans) else None

    @property
    def unknown(self) -> tuple[str, ...]:
        """Why it is not known whole, a reason for each line that is not."""
        return tuple(line.unknown for line in self.lines if line.unknown is not None)


def line(
    what: str,
    price: Price | None,
    units: Span | None,
    *,
    book: PriceBook,
    lacking: str,
    assumptions: tuple[str, ...] = (),
    while_running: bool = False,
) -> Line:
    """Return the line of so many units at a price.

    Where either is None, `lacking` names it in words: the line is unknown for that reason. So is
    one of less than nothing: AWS says no such thing, and it would hide what others cost.
    """
    if units is not None and units.min < 0:
        return unknown(what, _NEGATIVE, while_running=while_running)
    if price is None or units is None:
        return Line(
            what=what,
            monthly=None,
            units=units,
            price=price,
            unknown=lacking,
            assumptions=assumptions,
            while_running=while_running,
        )
    return Line(
        what=what,
        monthly=units * price.amount,
        currency=price.currency,
        units=units,
        price=price,
        assumptions=(*assumptions, *book.notes(price)),
        while_running=while_running,
    )


def unknown(what: str, reason: str, *, while_running: bool = False) -> Line:
    """Return the line of something that cannot be priced, with the reason."""
    return Line(what=what, monthly=None, unknown=reason, while_running=while_running)
