"""What a user states of how things are used, as text: traffic, hours in a month, runs in a month.

`NAME` is a glob over names of resources. Each function raises ConfigError with place and cure.
"""

import difflib
from collections.abc import Callable, Iterable, Mapping
from decimal import Decimal, InvalidOperation
from typing import Final

from mlguard.cost.assumptions import Traffic
from mlguard.cost.prices import HOURS_A_MONTH
from mlguard.errors import ConfigError

EVERYTHING: Final = "*"

_HOURS_A_DAY: Final = Decimal(24)
_NEAR: Final = 5
_TOO_MUCH: Final = Decimal(10) ** 12
_TRAFFIC_FORM: Final = "write rps=2, latency=0.985, hours=6/day, payload=0.5"


def nothing_called(name: str, names: Iterable[str], *, else_: str) -> str:
    """Return that nothing has a name, with those that come nearest; `else_` where there is none."""
    known = sorted(set(names))
    if not known:
        return f"nothing is called {name!r}: there is {else_}"
    near = difflib.get_close_matches(name, known, n=_NEAR, cutoff=0.0)
    left = f" and {len(known) - len(near)} more" if len(known) > len(near) else ""
    return f"nothing is called {name!r}: there is {', '.join(near)}{left}"


def named_traffic(text: str, where: str) -> tuple[str, Traffic]:
    """Return the name and the traffic of `[NAME:] rps=2, latency=0.985, hours=6/day`.

    Without a name it is that of everything. `latency` is in seconds or `985ms`, `payload` in MB.
    """
    name, colon, stated = text.rpartition(":")
    if colon and not name.strip():
        raise ConfigError(f"{where}: {text!r} names nothing before the colon: {_TRAFFIC_FORM}")
    return name.strip() or EVERYTHING, traffic(stated, where)


def traffic(text: str, where: str) -> Traffic:
    """Return the traffic that a text states: `rps` is needed, the rest may be left out."""
    found: dict[str, Decimal] = {}
    for part in text.split(","):
        key, equals, value = (piece.strip() for piece in part.partition("="))
        if not equals or not value:
            raise ConfigError(f"{where}: {part.strip()!r} states nothing: {_TRAFFIC_FORM}")
        if key not in _READ:
            near = difflib.get_close_matches(key, _READ, n=1)
            hint = f"did you mean {near[0]!r}?" if near else f"known: {', '.join(_READ)}"
            raise ConfigError(f"{where}: unknown key {key!r}: {hint}")
        if key in found:
            raise ConfigError(f"{where}: {key} stands twice: keep one")
        found[key] = _READ[key](value, f"{where}: {key}")
    if "rps" not in found:
        raise ConfigError(f"{where}: rps is missing: {_TRAFFIC_FORM}")
    return Traffic(
        rps=found["rps"],
        latency_s=found.get("latency"),
        hours_per_day=found.get("hours", _HOURS_A_DAY),
        payload_mb=found.get("payload"),
    )


def named_hours(text: str, where: str) -> tuple[str, Decimal]:
    """Return the name and the hours in a month of `[NAME=]168` or `[NAME=]8/day`."""
    name, value = _named(text, where, "write NAME=168, or NAME=8/day")
    return name, hours(value, where)


def hours(text: str, where: str) -> Decimal:
    """Return hours in a month: `168`, `168/month` or `8/day`."""
    amount, _, per = text.partition("/")
    number = _number(amount, where)
    match per.strip():
        case "" | "month":
            return _at_most(number, HOURS_A_MONTH, where, "hours in a month")
        case "day":
            return _of_days(_at_most(number, _HOURS_A_DAY, where, "hours in a day"))
        case _:
            raise ConfigError(f"{where}: {text!r}: write 168 (a month) or 8/day")


def named_runs(text: str, where: str) -> tuple[str, Decimal]:
    """Return the name and the runs in a month of `[NAME=]30` or `[NAME=]1/day`."""
    name, value = _named(text, where, "write NAME=30, or NAME=1/day")
    return name, runs(value, where)


def runs(text: str, where: str) -> Decimal:
    """Return runs in a month: `30`, `30/month` or `1/day`."""
    amount, _, per = text.partition("/")
    number = _number(amount, where)
    match per.strip():
        case "" | "month":
            return number
        case "day":
            return _of_days(number)
        case _:
            raise ConfigError(f"{where}: {text!r}: write 30 (a month) or 1/day")


def money(text: str, where: str) -> Decimal:
    """Return an amount of USD that is not negative."""
    return _number(text, where)


def _named(text: str, where: str, form: str) -> tuple[str, str]:
    name, equals, value = text.rpartition("=")
    if equals and not name.strip():
        raise ConfigError(f"{where}: {text!r} names nothing before the equals sign: {form}")
    return name.strip() or EVERYTHING, value


def _number(text: str, where: str) -> Decimal:
    try:
        number = Decimal(text.strip())
    except InvalidOperation:
        raise ConfigError(f"{where}: {text.strip()!r} is not a number: write 2 or 0.5") from None
    if not number.is_finite() or number < 0:
        raise ConfigError(f"{where}: {text.strip()}: give a number that is 0 or more")
    if number >= _TOO_MUCH:
        raise ConfigError(f"{where}: {text.strip()}: give a number below {_TOO_MUCH:,f}")
    return number


def _of_days(a_day: Decimal) -> Decimal:
    return a_day * HOURS_A_MONTH / _HOURS_A_DAY


def _at_most(number: Decimal, most: Decimal, where: str, what: str) -> Decimal:
    if number > most:
        raise ConfigError(f"{where}: {number}: there are {most} {what}")
    return number


def _latency(text: str, where: str) -> Decimal:
    if text.endswith("ms"):
        return _number(text.removesuffix("ms"), where) / 1000
    return _number(text.removesuffix("s"), where)


def _hours_a_day(text: str, where: str) -> Decimal:
    amount, _, per = text.partition("/")
    if per.strip() not in ("", "day"):
        raise ConfigError(f"{where}: {text!r}: write hours=6/day")
    return _at_most(_number(amount, where), _HOURS_A_DAY, where, "hours in a day")


def _payload(text: str, where: str) -> Decimal:
    return _number(text.removesuffix("MB"), where)


_READ: Final[Mapping[str, Callable[[str, str], Decimal]]] = {
    "rps": _number,
    "latency": _latency,
    "hours": _hours_a_day,
    "payload": _payload,
}
