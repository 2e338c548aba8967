"""Values to try a context key with: enough of them that one fits, if any does.

For each type of condition operator, the values that a policy names cut the values there are into
finitely many classes; one of each class is enough.
"""

from base64 import b64encode
from collections.abc import Callable, Iterable, Iterator
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from enum import Enum
from ipaddress import IPv4Network, IPv6Network, ip_address, ip_network
from itertools import count, islice, pairwise
from typing import Final

from mlguard.iam.evaluation.condition_operators import instant, number

_DATE_LENGTH: Final = 5
_EPOCH: Final = datetime(1970, 1, 1, tzinfo=UTC)
_YEAR_ONE: Final = -62135596800
_LAST_YEAR: Final = 253402300800  # 10000-01-01, which no date can be written for


class Family(Enum):
    """The type that an operator compares."""

    TEXT = "text"
    BOOL = "bool"
    NUMBER = "number"
    DATE = "date"
    ADDRESS = "address"
    BINARY = "binary"


def family_of(operator: str) -> Family:
    """Return the family of a bare operator other than Null."""
    if operator == "Bool":
        return Family.BOOL
    if operator.startswith("Numeric"):
        return Family.NUMBER
    if operator.startswith("Date"):
        return Family.DATE
    if operator.endswith("IpAddress"):
        return Family.ADDRESS
    return Family.BINARY if operator.startswith("Binary") else Family.TEXT


def family_of_key(operators: Iterable[str]) -> Family | None:
    """Return the type of a key that these bare operators ask about; None if it is unclear.

    IAM User Guide, "Boolean condition operators": a key of theirs is true or false, whatever
    string operators stand beside them.
    """
    families = {family_of(operator) for operator in operators if operator != "Null"}
    if Family.BOOL in families:
        return Family.BOOL
    return families.pop() if len(families) == 1 else None


def candidates(family: Family, named: Iterable[str]) -> tuple[str, ...]:
    """Return one value of each class that the values a policy named can tell apart.

    TEXT has too many classes for that: patterns are solved, not tried.
    """
    return tuple(dict.fromkeys(_PROPOSALS[family](tuple(named))))


def _booleans(_: tuple[str, ...]) -> Iterator[str]:
    yield from ("true", "false")


def _between(points: Iterable[Decimal]) -> Iterator[Decimal]:
    """Return the points, one between each two neighbours, and one beyond each end."""
    ordered = sorted(set(points)) or [Decimal(0)]
    yield from ordered
    yield from ((low + high) / 2 for low, high in pairwise(ordered))
    yield from (ordered[0] - 1, ordered[-1] + 1)


def _numbers(named: tuple[str, ...]) -> Iterator[str]:
    points = _between(value for value in map(number, named) if value is not None)
    return (format(value.normalize(), "f") for value in points)


def _dates(named: tuple[str, ...]) -> Iterator[str]:
    points = _between(value for value in map(instant, named) if value is not None)
    return (_date(value) for value in points if value > _YEAR_ONE)


def _date(seconds: Decimal) -> str:
    whole = seconds.to_integral_value()
    if whole < _LAST_YEAR and (whole == seconds or seconds < 0):
        return f"{(_EPOCH + timedelta(seconds=int(whole))).isoformat()}".replace("+00:00", "Z")
    # Epoch seconds, of which four digits or fewer would be a year.
    return format(seconds, "f").zfill(_DATE_LENGTH)


def _addresses(named: tuple[str, ...]) -> Iterator[str]:
    networks = [network for network in map(_network, named) if network is not None]
    for network in networks:
        yield str(network.network_address)
    for network in networks:
        after = int(network.broadcast_address) + 1
        if after < 1 << network.max_prefixlen:
            yield str(type(network.broadcast_address)(after))
    yield from (str(ip_address(text)) for text in ("203.0.113.5", "0.0.0.0", "::"))  # noqa: S104


def _network(text: str) -> IPv4Network | IPv6Network | None:
    try:
        return ip_network(text, strict=False)
    except ValueError:
        return None


def _binaries(named: tuple[str, ...]) -> Iterator[str]:
    yield from named
    # More of them than are named: one at least is another.
    fresh = (b64encode(str(at).encode()).decode() for at in count())
    yield from islice(fresh, len(named) + 1)


_PROPOSALS: Final[dict[Family, Callable[[tuple[str, ...]], Iterator[str]]]] = {
    Family.TEXT: iter,
    Family.BOOL: _booleans,
    Family.NUMBER: _numbers,
    Family.DATE: _dates,
    Family.ADDRESS: _addresses,
    Family.BINARY: _binaries,
}
