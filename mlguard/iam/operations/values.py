"""What the parameters of a call say: values by path, as parts of an ARN."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Final

from mlguard.errors import ArnError
from mlguard.iam.language.arn import Arn

_KEYS: Final = "@keys"
_SELF: Final = "@"
_ANY: Final = "*"
# What of an ARN no wildcard may stand in, and no name from a call may fill.
_HEAD: Final = "*?${}"

Values = Mapping[str, object]


@dataclass(frozen=True, slots=True, kw_only=True)
class Place:
    """Where a call is made: what an ARN says before its resource."""

    partition: str
    region: str
    account: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Piece:
    """A part of a resource as a policy writes it; `doubt` is why it may not be what AWS asks.

    A piece that is a `whole` ARN takes the place of all that stands before it.
    """

    text: str
    doubt: str | None = None
    whole: bool = False


def escape(text: str) -> str:
    """Return a name for a policy's Resource, its wildcards meaning themselves.

    IAM User Guide, "Policy variables": `${*}`, `${?}` and `${$}` in version 2012-10-17.
    """
    if not any(mark in text for mark in "*?$"):
        return text
    return "".join(f"${{{mark}}}" if mark in "*?$" else mark for mark in text)


def values_at(path: str, scope: Values) -> tuple[str, ...]:
    """Return the texts at a path like `Delete.Objects[].Key`; what is not given has none.

    `[]` is every element of a list, `*` every value of a map, `@keys` its keys.
    """
    return tuple(text for found in elements_at(path, scope) if (text := _text(found)))


def elements_at(path: str, scope: Values) -> Iterator[object]:
    """Give whatever stands at a path, texts and structures."""
    yield from _walk(path.split("."), scope)


def _walk(steps: list[str], found: object) -> Iterator[object]:
    if not steps:
        yield found
        return
    step, rest = steps[0], steps[1:]
    if not isinstance(found, Mapping):
        return
    if step == _KEYS:
        inner: Iterator[object] = iter(found)
    elif step == _ANY:
        inner = iter(found.values())
    elif step.endswith("[]"):
        listed = found.get(step[:-2])
        inner = iter(listed) if isinstance(listed, list | tuple) else iter(())
    else:
        inner = iter((found[step],)) if found.get(step) is not None else iter(())
    for one in inner:
        yield from _walk(rest, one)


def scope_of(element: object, outer: Values) -> Values:
    """Return the values that an element of a list adds to those around it; `@` is itself."""
    inner = element if isinstance(element, Mapping) else {}
    return {**outer, **inner, _SELF: element}


def _text(value: object) -> str:
    if isinstance(value, bool):
        return str(value).lower()
    return value if isinstance(value, str) else str(value) if isinstance(value, int) else ""


def arn_of(text: str, service: str) -> Piece | None:
    """Return the piece for a value that is an ARN of the service; its name is escaped."""
    try:
        arn = Arn.parse(text)
    except ArnError:
        return None
    head = (arn.partition, arn.service, arn.region, arn.account)
    if arn.service != service or any(mark in part for part in head for mark in _HEAD):
        return None
    return Piece(text=f"arn:{':'.join(head)}:{escape(arn.resource)}", whole=True)
