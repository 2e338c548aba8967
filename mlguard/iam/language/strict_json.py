"""JSON read strictly: no key twice, numbers as written, and the path of whatever is wrong."""

import json
from math import isfinite
from typing import Final, TypeGuard

from mlguard.errors import DocumentError

ROOT = "$"
_LONGEST_STEP = 128


class Number(str):
    """A JSON number, as it was written."""

    __slots__ = ()


class _Doubled(dict[str, object]):
    """A JSON object in which `key` stands twice."""

    __slots__ = ("key",)

    def __init__(self, key: str) -> None:
        super().__init__()
        self.key = key


def loads(text: str) -> object:
    """Return the value that `text` is; a doubled key is refused where `mapping` reads it."""
    try:
        return _DECODER.decode(text)
    except json.JSONDecodeError as error:
        reason = f"not JSON: {error.msg} at line {error.lineno} column {error.colno}"
        raise DocumentError(ROOT, reason) from error
    except RecursionError as error:
        raise DocumentError(ROOT, "nested too deeply") from error


def _unique(pairs: list[tuple[str, object]]) -> dict[str, object]:
    members = dict(pairs)
    if len(members) == len(pairs):
        return members
    seen: set[str] = set()
    for key, _ in pairs:
        if key in seen:
            return _Doubled(key)
        seen.add(key)
    return members


# One for all texts: to make one takes longer than to read a short policy.
_DECODER: Final = json.JSONDecoder(object_pairs_hook=_unique, parse_int=Number, parse_float=Number)


def mapping(value: object, path: str) -> dict[str, object]:
    """Return the object that stands at `path`."""
    if isinstance(value, _Doubled):
        raise DocumentError(below(path, value.key), "stands twice")
    if isinstance(value, dict):
        return value
    raise refusal(value, path, "an object")


def plain(value: object) -> TypeGuard[str]:
    """Return whether the value is a string in which nothing can be wrong."""
    return type(value) is str and value.isascii()


def string(value: object, path: str) -> str:
    """Return the string that stands at `path`."""
    if type(value) is not str:
        raise refusal(value, path, "a string")
    if not value.isascii():
        _refuse_half_characters(value, path)
    return value


def strings(value: object, path: str) -> tuple[str, ...]:
    """Return the string or strings that stand at `path`: at least one, and none of them empty."""
    if not isinstance(value, list):
        return (_filled(value, path),)
    if not value:
        raise DocumentError(path, "must not be empty")
    for at, entry in enumerate(value):
        # The path is only worth its time where there is a fault to name.
        if type(entry) is not str or not entry or not entry.isascii():
            _filled(entry, f"{path}[{at}]")
    return tuple(value)


def _filled(value: object, path: str) -> str:
    found = string(value, path)
    if not found:
        raise DocumentError(path, "must not be empty")
    return found


def scalar(value: object, path: str) -> str:
    """Return the string, number or Boolean that stands at `path`, as the text AWS compares."""
    if type(value) is str:
        return string(value, path)
    if value is True:
        return "true"
    if value is False:
        return "false"
    if isinstance(value, Number):
        return str(value)
    if isinstance(value, int) or (isinstance(value, float) and isfinite(value)):
        return json.dumps(value)
    raise refusal(value, path, "a string, a number or a Boolean")


def below(path: str, key: str) -> str:
    """Return the path of the member `key` of the object at `path`."""
    if not key or len(key) > _LONGEST_STEP or not key.isprintable():
        return f"{path}[{key!r:.80}]"
    return f"{path}.{key}" if path not in ("", ROOT) else key


def refusal(value: object, path: str, wanted: str) -> DocumentError:
    """Return the error that says what stands at `path` and what should."""
    return DocumentError(path, f"must be {wanted}, not {_kind(value)}")


def _kind(value: object) -> str:
    if value is None:
        return "null"
    if isinstance(value, bool):
        return "a Boolean"
    if isinstance(value, float) and not isfinite(value):
        return "NaN or Infinity, which is not JSON"
    if isinstance(value, Number | int | float):
        return "a number"
    if isinstance(value, str):
        return "a string"
    return "a list" if isinstance(value, list) else "an object"


def _refuse_half_characters(text: str, path: str) -> None:
    """Refuse half of a surrogate pair: it could be neither hashed nor printed."""
    try:
        text.encode()
    except UnicodeEncodeError as error:
        raise DocumentError(path, "holds half of a surrogate pair") from error
