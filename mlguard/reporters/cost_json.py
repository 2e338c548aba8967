"""The cost as JSON, for programs: the shape is a contract, changed only with its version."""

import json
from collections.abc import Mapping
from typing import Final, TypeAlias

from mlguard.cost.bill import Bill
from mlguard.cost.costing import Compared, Costing
from mlguard.cost.difference import Change
from mlguard.cost.estimate import USD, Estimate, Line
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
        "after_fixes_monthly_usd": exact(costing.after),
        "budget": _budget(costing),
        "resources": [_resource(one) for one in bill.estimates],
        "gaps": [_gap(gap) for gap in bill.gaps],
        "compared": None if costing.compared is None else _compared(costing.compared),
    }
    return json.dumps(root, indent=2) + "\n"


def estimate_of(bill: Bill) -> dict[str, Json]:
    """Return a bill in short: what is known of it in USD, in other currencies, and the doubts."""
    others = {name: _span(span) for name, span in bill.currencies.items() if name != USD}
    return {
        "monthly_usd": _span(bill.monthly_usd),
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
