"""The cost as JSON, for programs: the shape is a contract, changed only with its version."""

import json
from collections.abc import Mapping
from typing import Final, TypeAlias

from mlguard.cost.advice import Advice
from mlguard.cost.bill import Bill
from mlguard.cost.costing import Compared, Costing
from mlguard.cost.difference import Change
from mlguard.cost.estimate import USD, Estimate, Line
from mlguard.cost.grouping import Group
from mlguard.cost.prices_used import PricesUsed
from mlguard.cost.sizing.curve import Curve
from mlguard.cost.sizing.option import Option
from mlguard.cost.span import Span
from mlguard.data.prices import Price
from mlguard.reporters.money import exact
from mlguard.snapshot import Gap

SCHEMA_VERSION: Final = 1

Json: TypeAlias = "str | int | bool | list[Json] | Mapping[str, Json] | None"


def render(costing: Costing) -> str:
    """Return the costing as JSON: ASCII, the same bytes for the same costing."""
    bill = costing.bill
    root: Json = {
        "schema_version": SCHEMA_VERSION,
        "source": costing.source,
        "accounts": list(costing.accounts),
        "regions": list(costing.regions),
        "taken_at": costing.taken_at.isoformat(),
        "today": bill.as_of.isoformat(),
        "what_if": list(costing.wishes),
        "estimate": estimate_of(bill),
        "saving_monthly_usd": exact(costing.saving),
        "after_fixes_monthly_usd": None if bill.blank else exact(costing.after),
        "budget": _budget(costing),
        "resources": [_resource(one) for one in bill.estimates],
        "gaps": [_gap(gap) for gap in bill.gaps],
        "pipelines": [_group(group) for group in costing.pipelines],
        "owners": [_group(group) for group in costing.owners],
        "advice": [_advice(one) for one in costing.advice],
        "prices": None if costing.prices is None else _used(costing.prices),
        "compared": None if costing.compared is None else _compared(costing.compared),
    }
    return json.dumps(root, indent=2) + "\n"


def estimate_of(bill: Bill) -> dict[str, Json]:
    """Return a bill in short: what is known of it in USD, in other currencies, and the doubts.

    Where nothing is known there is no amount: 0 would be one.
    """
    others = {name: _span(span) for name, span in bill.currencies.items() if name != USD}
    return {
        "monthly_usd": None if bill.blank else _span(bill.monthly_usd),
        "other_currencies": others,
        "complete": not bill.doubts,
        "unknown": len(bill.doubts),
        "doubts": list(bill.doubts),
    }


def _budget(costing: Costing) -> Json:
    budget = costing.budget
    if budget is None:
        return None
    return {
        "monthly_usd": exact(budget.monthly_usd),
        "held_against": budget.measure.value,
        "known_monthly_usd": exact(budget.amount(costing.bill)),
        "standing": budget.judge(costing.bill).value,
    }


def _resource(one: Estimate) -> Json:
    return {
        "resource": one.arn,
        "kind": one.kind,
        "name": one.name,
        "account": one.account,
        "region": one.region,
        "tags": dict(one.tags),
        "monthly_usd": None if one.monthly_usd is None else _span(one.monthly_usd),
        "known_monthly_usd": _span(one.known()),
        "per_run_usd": None if one.per_run is None else exact(one.per_run),
        "per_run_max_usd": None if one.per_run_max is None else exact(one.per_run_max),
        "lines": [_line(line) for line in one.lines],
    }


def _line(line: Line) -> Json:
    return {
        "what": line.what,
        "currency": line.currency,
        "monthly": None if line.monthly is None else _span(line.monthly),
        "units": None if line.units is None else _span(line.units),
        "price": None if line.price is None else _price(line.price),
        "assumptions": list(line.assumptions),
        "unknown": line.unknown,
    }


def _price(price: Price) -> Json:
    return {
        "amount": f"{price.amount:f}",
        "currency": price.currency,
        "unit": price.unit,
        "status": price.status.value,
        "source": price.source,
        "source_date": price.source_date,
    }


def _group(group: Group) -> Json:
    return {
        "name": group.name,
        "basis": group.basis.name.lower(),
        "monthly_usd": None if group.blank else _span(group.monthly_usd),
        "unknown": group.unknown,
        "resources": [one.arn for one in group.estimates],
    }


def _advice(one: Advice) -> Json:
    return {
        "resource": one.arn,
        "kind": one.kind,
        "name": one.name,
        "part": one.part,
        "verdict": one.verdict,
        "weighed": [_option(option) for option in one.weighed],
        "curve": None if one.curve is None else _curve(one.curve),
    }


def _option(option: Option) -> Json:
    point = option.break_even
    day = None if point is None else point.requests_per_day
    return {
        "what": option.what,
        "form": option.kind.value,
        "fit": option.fit.name.lower(),
        "currency": option.currency,
        "monthly": None if option.monthly is None else _span(option.monthly),
        "why": list(option.why),
        "unknown": option.lacking,
        "break_even_requests_per_day": None if day is None else exact(day),
        "break_even_seconds_per_month": None if point is None else exact(point.seconds_per_month),
    }


def _curve(curve: Curve) -> Json:
    return {
        "currency": curve.currency,
        "at_requests_per_day": exact(curve.at),
        "requests_per_day": [exact(point) for point in curve.requests_per_day],
        "lines": [
            {
                "what": line.what,
                "monthly": [exact(value) for value in line.monthly],
                "crossing_requests_per_day": None
                if line.crossing is None
                else exact(line.crossing),
            }
            for line in curve.lines
        ],
    }


def _used(used: PricesUsed) -> Json:
    return {
        "count": used.count,
        "oldest": used.oldest or None,
        "newest": used.newest or None,
        "by_status": {status.value: used.by_status[status] for status in sorted(used.by_status)},
    }


def _span(span: Span) -> dict[str, Json]:
    return {"min": exact(span.min), "expected": exact(span.expected), "max": exact(span.max)}


def _gap(gap: Gap) -> Json:
    return {
        "operation": gap.operation,
        "reason": gap.reason.value,
        "detail": gap.detail,
        "account": gap.account,
        "region": gap.region,
        "resource": gap.subject,
    }


def _compared(compared: Compared) -> Json:
    found = compared.difference
    return {
        "to": compared.to,
        "before_monthly_usd": _span(found.before.monthly_usd),
        "after_monthly_usd": _span(found.after.monthly_usd),
        "delta_monthly_usd": exact(found.delta_usd),
        "not_known": found.not_known,
        "changes": [_change(change) for change in found.changes],
        "gaps": [_gap(gap) for gap in found.gaps],
    }


def _change(change: Change) -> Json:
    delta = change.delta_usd
    return {
        "resource": change.estimate.arn,
        "kind": change.estimate.kind,
        "name": change.estimate.name,
        "before_monthly_usd": None if change.before is None else _span(change.before.known()),
        "after_monthly_usd": None if change.after is None else _span(change.after.known()),
        "delta_monthly_usd": None if delta is None else exact(delta),
        "not_known": list(change.reasons),
    }
