"""What a thing costs a month while it stands, from a dated table, or "unknown": never a guess."""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal
from functools import cache
from importlib.resources import files
from typing import Any, Final

from deploy.account import Account
from deploy.errors import DeployError
from deploy.kind import Cost
from deploy.thing import Thing, pick, read

FILE: Final = "prices.json"

# 365 * 24 / 12, as AWS's calculator has it: https://calculator.aws/
_HOURS: Final = 730
_SECONDS: Final = _HOURS * 3600
_MIB_PER_GB: Final = 1024


@dataclass(frozen=True, slots=True, kw_only=True)
class Standing:
    """What is paid a month while a thing stands; None if a part of it has no known price."""

    monthly_usd: Decimal | None
    text: str


def standing(account: Account, thing: Thing) -> Standing:
    """Return what a thing costs in the account's region; another region's price is not its own."""
    if isinstance(thing.kind.cost, Cost):
        nothing = thing.kind.cost is Cost.NOTHING
        return Standing(monthly_usd=Decimal(0) if nothing else None, text=thing.kind.cost.value)
    try:
        items = _items(account, thing)
    except DeployError as error:
        return Standing(monthly_usd=None, text=f"unknown: {error}")
    parts = [_monthly(account.region, item) for item in items]
    if not items or None in parts:
        names = ", ".join(f"{item['component']} {item['type']}" for item in items)
        where = f"no price of {names} in {account.region}" if items else "it is not shown"
        return Standing(monthly_usd=None, text=f"unknown: {where}")
    monthly = sum((part for part in parts if part is not None), Decimal(0))
    return Standing(monthly_usd=monthly, text=f"${monthly:.2f} a month")


def _items(account: Account, thing: Thing) -> list[Mapping[str, Any]]:
    if isinstance(thing.kind.cost, Cost):
        return []
    scope = thing.scope
    if thing.kind.cost.read is not None:
        scope = {**scope, "read": read(account, thing.kind.cost.read, scope)}
    return list(pick(thing.kind.cost.items, scope) or ())


def _monthly(region: str, item: Mapping[str, Any]) -> Decimal | None:
    price = prices().get((region, item["component"], item["type"]))
    if price is None or item.get("count") is None:
        return None
    usd, unit = price
    count = Decimal(item["count"])
    if unit == "hour":
        return usd * _HOURS * count
    if unit == "GB-second":
        return usd * _SECONDS * count * Decimal(item["mib"]) / _MIB_PER_GB
    return usd * count


@cache
def prices() -> Mapping[tuple[str, str, str], tuple[Decimal, str]]:
    """Return USD and unit by region, component and type."""
    content = json.loads(files("deploy").joinpath(FILE).read_text(encoding="utf-8"))
    rows = (dict(zip(content["columns"], row, strict=True)) for row in content["rows"])
    return {
        (row["region"], row["component"], row["type"]): (Decimal(row["usd"]), row["unit"])
        for row in rows
    }
