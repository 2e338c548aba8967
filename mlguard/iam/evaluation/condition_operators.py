"""The condition operators: how one value of a policy is compared with one of the request.

IAM User Guide, "IAM JSON policy elements: Condition operators". A value that is not of the
operator's type (a Numeric test of a word) matches nothing; so its negation holds.
"""

from base64 import b64decode
from binascii import Error as Base64Error
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from decimal import Decimal, InvalidOperation
from functools import lru_cache
from ipaddress import IPv4Address, IPv4Network, IPv6Address, IPv6Network, ip_address, ip_network
from operator import eq, ge, gt, le, lt
from types import MappingProxyType
from typing import Final, TypeAlias

from mlguard.iam.language.wildcard import matches

Compare: TypeAlias = Callable[[str, str], bool]

_ARN_PARTS: Final = 6
_EPOCH: Final = datetime(1970, 1, 1, tzinfo=UTC)
_YEAR: Final = len("2020")
_MONTH: Final = len("2020-01")
_DAY: Final = len("2020-01-01")
_NUMBER: Final = frozenset("0123456789+-.eE")
_SECONDS: Final = frozenset("0123456789.")
_INSTANT: Final = frozenset("0123456789-:.+TZ")


@dataclass(frozen=True, slots=True, kw_only=True)
class Operator:
    """An operator: `compare` takes the policy's value, then the request's.

    `variables` tells whether `${...}` may stand in its values, `pattern` whether wildcards may.
    """

    compare: Compare
    negated: bool = False
    variables: bool = False
    pattern: bool = False


def is_whole_arn(pattern: str) -> bool:
    """Return whether a value of an Arn operator has the six parts that it needs to match."""
    return len(pattern.split(":", _ARN_PARTS - 1)) == _ARN_PARTS


def _equals_ignoring_case(value: str, given: str) -> bool:
    return value.lower() == given.lower()


def _arn_like(pattern: str, given: str) -> bool:
    """Compare part by part: a wildcard stays within its part, but for the last one."""
    patterns = pattern.split(":", _ARN_PARTS - 1)
    parts = given.split(":", _ARN_PARTS - 1)
    if len(patterns) != _ARN_PARTS or len(parts) != _ARN_PARTS:
        return False
    return all(matches(one, part) for one, part in zip(patterns, parts, strict=True))


def _bool(value: str, given: str) -> bool:
    folded = value.lower()
    return folded in ("true", "false") and folded == given.lower()


def _binary(value: str, given: str) -> bool:
    """Compare what the two Base64 texts stand for."""
    expected = _decoded(value)
    return expected is not None and expected == _decoded(given)


def _decoded(text: str) -> bytes | None:
    try:
        return b64decode(text, validate=True)
    except (Base64Error, ValueError):
        return None


@lru_cache(maxsize=4096)
def number(text: str) -> Decimal | None:
    """Return the integer or decimal that the text is."""
    if not text or not _NUMBER.issuperset(text):
        return None
    try:
        found = Decimal(text)
    except InvalidOperation:
        return None
    return found if found.is_finite() else None


@lru_cache(maxsize=4096)
def instant(text: str) -> Decimal | None:
    """Return the seconds since 1970 (UTC) of a W3C date or of epoch seconds.

    Four digits are a year. A date without a zone is UTC; one without a time begins the day.
    """
    if len(text) > _YEAR and _SECONDS.issuperset(text):
        return number(text)
    if not text or not _INSTANT.issuperset(text):
        return None
    try:
        found = datetime.fromisoformat(_whole_date(text))
    except ValueError:
        return None
    zoned = found if found.tzinfo else found.replace(tzinfo=UTC)
    return Decimal((zoned - _EPOCH) // timedelta(microseconds=1)).scaleb(-6)


def _whole_date(text: str) -> str:
    if len(text) in (_YEAR, _MONTH):
        return text + "-01-01"[len(text) - _YEAR :]
    # What W3C's profile lacks of ISO 8601 (20130930T231548Z), IAM does not promise to read.
    dashed = text[_YEAR : _YEAR + 1] == text[_MONTH : _MONTH + 1] == "-"
    return text if dashed and text[_DAY : _DAY + 1] in ("", "T") else ""


def _compared(
    read: Callable[[str], Decimal | None], relation: Callable[[Decimal, Decimal], bool]
) -> Compare:
    def compare(value: str, given: str) -> bool:
        right, left = read(value), read(given)
        return left is not None and right is not None and relation(left, right)

    return compare


@lru_cache(maxsize=4096)
def _network(text: str) -> IPv4Network | IPv6Network | None:
    _, _, prefix = text.partition("/")
    if prefix and not (prefix.isascii() and prefix.isdigit()):
        return None  # ipaddress would take a netmask: IAM takes CIDR only
    try:
        return ip_network(text, strict=False)
    except ValueError:
        return None


@lru_cache(maxsize=4096)
def _address(text: str) -> IPv4Address | IPv6Address | None:
    try:
        return ip_address(text)
    except ValueError:
        return None


def _ip(value: str, given: str) -> bool:
    network, address = _network(value), _address(given)
    return network is not None and address is not None and address in network


def _ordered(prefix: str, read: Callable[[str], Decimal | None]) -> dict[str, Operator]:
    equals = _compared(read, eq)
    return {
        f"{prefix}Equals": Operator(compare=equals),
        f"{prefix}NotEquals": Operator(compare=equals, negated=True),
        f"{prefix}LessThan": Operator(compare=_compared(read, lt)),
        f"{prefix}LessThanEquals": Operator(compare=_compared(read, le)),
        f"{prefix}GreaterThan": Operator(compare=_compared(read, gt)),
        f"{prefix}GreaterThanEquals": Operator(compare=_compared(read, ge)),
    }


def _both(
    positive: str, negative: tuple[str, ...], compare: Compare, *, pattern: bool = False
) -> dict[str, Operator]:
    """Return an operator of strings or ARNs and its negations, all of which take variables."""
    yes = Operator(compare=compare, variables=True, pattern=pattern)
    no = Operator(compare=compare, variables=True, pattern=pattern, negated=True)
    return {positive: yes, **dict.fromkeys(negative, no)}


# All but Null, which looks at no value.
OPERATORS: Final[Mapping[str, Operator]] = MappingProxyType(
    {
        **_both("StringEquals", ("StringNotEquals",), eq),
        **_both("StringEqualsIgnoreCase", ("StringNotEqualsIgnoreCase",), _equals_ignoring_case),
        **_both("StringLike", ("StringNotLike",), matches, pattern=True),
        # "The ArnEquals and ArnLike condition operators behave identically."
        **_both("ArnLike", ("ArnNotLike",), _arn_like, pattern=True),
        **_both("ArnEquals", ("ArnNotEquals",), _arn_like, pattern=True),
        **_ordered("Numeric", number),
        **_ordered("Date", instant),
        "Bool": Operator(compare=_bool, variables=True),
        "BinaryEquals": Operator(compare=_binary),
        "IpAddress": Operator(compare=_ip),
        "NotIpAddress": Operator(compare=_ip, negated=True),
    }
)
