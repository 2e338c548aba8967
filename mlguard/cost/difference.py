"""What a change makes dearer or cheaper: one bill against another, resource by resource."""

from collections import Counter
from collections.abc import Container, Iterator
from dataclasses import dataclass
from decimal import Decimal

from mlguard.cost.bill import Bill
from mlguard.cost.estimate import USD, Estimate
from mlguard.snapshot import Gap


@dataclass(frozen=True, slots=True, kw_only=True)
class Change:
    """A resource whose estimate is not what it was; None: it is not on that bill."""

    before: Estimate | None
    after: Estimate | None

    @property
    def estimate(self) -> Estimate:
        """The estimate that names the resource: the new one, if there is one."""
        found = self.after or self.before
        if found is None:
            raise ValueError("a change of nothing")
        return found

    @property
    def delta_usd(self) -> Decimal | None:
        """What it adds a month in USD, as expected; None where either side is not known whole."""
        sides = (self.before, self.after)
        if any(one is not None and one.monthly_usd is None for one in sides):
            return None
        return _expected(self.after) - _expected(self.before)

    @property
    def reasons(self) -> tuple[str, ...]:
        """Why it is not known what it adds."""
        sides = (("before", self.before), ("after", self.after))
        unknown = (
            f"{when}: {reason}"
            for when, one in sides
            if one is not None
            for reason in one.unknown or _foreign(one)
        )
        return tuple(unknown)


@dataclass(frozen=True, slots=True, kw_only=True)
class Difference:
    """What changed between two bills, what costs most more first, and what is newly unread."""

    changes: tuple[Change, ...]
    before: Bill
    after: Bill
    gaps: tuple[Gap, ...] = ()

    @property
    def silent(self) -> bool:
        """True if nothing changed that is known, and nothing hides a change that is new."""
        return not self.changes and not self.gaps

    @property
    def delta_usd(self) -> Decimal:
        """What is known to be added a month, in USD, as expected."""
        return self.after.monthly_usd.expected - self.before.monthly_usd.expected

    @property
    def not_known(self) -> int:
        """How many of the changes cannot be said in USD."""
        return sum(change.delta_usd is None for change in self.changes)


def difference(before: Bill, after: Bill) -> Difference:
    """Return what changed from one bill to another.

    Resources are the same by ARN; of the rest by kind and name, since an account or a region may
    be another.
    """
    changes = [change for change in _paired(before, after) if _differs(change)]
    known = set(before.gaps)
    return Difference(
        changes=tuple(sorted(changes, key=_dearest_first)),
        before=before,
        after=after,
        gaps=tuple(gap for gap in after.gaps if gap not in known),
    )


def _paired(before: Bill, after: Bill) -> Iterator[Change]:
    same = {one.arn for one in before.estimates} & {one.arn for one in after.estimates}
    for arn in sorted(same):
        yield Change(before=before.of(arn), after=after.of(arn))
    old, new = _by_name(before, same), _by_name(after, same)
    for key in sorted(old.keys() | new.keys()):
        yield Change(before=old.get(key), after=new.get(key))


def _by_name(bill: Bill, but: Container[str]) -> dict[tuple[str, ...], Estimate]:
    """Return the estimates by kind and name; by ARN too where several have one name."""
    left = [one for one in bill.estimates if one.arn not in but]
    names = Counter((one.kind, one.name) for one in left)
    return {
        (one.kind, one.name) if names[one.kind, one.name] == 1 else (one.kind, one.arn): one
        for one in left
    }


def _differs(change: Change) -> bool:
    return _said(change.before) != _said(change.after)


def _said(estimate: Estimate | None) -> object:
    if estimate is None:
        return None
    currencies = {line.currency for line in estimate.lines if line.monthly is not None}
    return ({name: estimate.known(name) for name in currencies}, estimate.unknown)


def _expected(estimate: Estimate | None) -> Decimal:
    return Decimal(0) if estimate is None else estimate.known().expected


def _foreign(estimate: Estimate) -> tuple[str, ...]:
    found = sorted({line.currency for line in estimate.lines if line.currency != USD})
    return tuple(f"is in {currency}, not in {USD}" for currency in found)


def _dearest_first(change: Change) -> tuple[object, ...]:
    delta = change.delta_usd
    known = (1, Decimal(0)) if delta is None else (0, -delta)
    return (*known, change.estimate.kind, change.estimate.name, change.estimate.arn)
