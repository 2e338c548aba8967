"""What a step asks for, against what AWS shows: the same, or where they differ.

AWS shows more than it was asked for (defaults, dates, its own names), so that only what a
step asks for is compared. Policy documents are compared as what they mean: one text, a list
of one, and another order of a list are the same.
"""

import json
from base64 import b64encode
from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal, InvalidOperation
from hashlib import sha256
from typing import Any, Final

_OFF: Final[tuple[Any, ...]] = (None, False, "", "Disabled", [], {})


@dataclass(frozen=True, slots=True, kw_only=True)
class Difference:
    """A parameter for which AWS shows something else than the step asks for."""

    field: str
    asked: Any
    found: Any

    def __str__(self) -> str:
        """Return both, shortened: `InstanceType: asked 'a', found 'b'`."""
        return f"{self.field}: asked {_short(self.asked)}, found {_short(self.found)}"


def same(asked: Any, found: Any, *, exact: bool = False) -> bool:
    """Return whether what was asked for is there; with `exact`, and nothing besides."""
    if asked in _OFF and found in _OFF:
        return True
    if isinstance(asked, bytes):
        return bool(found == fingerprint(asked))
    asked, found, document = *_documents(asked, found), _is_document(asked)
    if isinstance(asked, Mapping) and isinstance(found, Mapping):
        return _same_mappings(asked, found, exact=exact or document)
    if isinstance(asked, list) or isinstance(found, list):
        return _same_lists(_listed(asked), _listed(found), exact=exact or document)
    return bool(asked == found) or _same_numbers(asked, found)


def fingerprint(content: bytes) -> str:
    """Return the SHA-256 of code as Lambda shows it: API reference, "CodeSha256"."""
    return b64encode(sha256(content).digest()).decode("ascii")


def _same_mappings(asked: Mapping[str, Any], found: Mapping[str, Any], *, exact: bool) -> bool:
    if exact and asked.keys() != found.keys():
        return False
    return all(same(value, found.get(key), exact=exact) for key, value in asked.items())


def _same_lists(asked: list[Any], found: list[Any], *, exact: bool) -> bool:
    left = list(found)
    for one in asked:
        match = next((other for other in left if same(one, other, exact=exact)), None)
        if match is None:
            return False
        left.remove(match)
    return not left


def _same_numbers(asked: Any, found: Any) -> bool:
    # AWS writes amounts as texts, and in its own way: "10" comes back as "10.0".
    if not (isinstance(asked, str) and isinstance(found, str)):
        return False
    try:
        return Decimal(asked) == Decimal(found)
    except InvalidOperation:
        return False


def _documents(asked: Any, found: Any) -> tuple[Any, Any]:
    if not _is_document(asked):
        return asked, found
    return json.loads(asked), json.loads(found) if _is_document(found) else found


def _is_document(value: Any) -> bool:
    if not isinstance(value, str) or not value.lstrip().startswith(("{", "[")):
        return False
    try:
        json.loads(value)
    except ValueError:
        return False
    return True


def _listed(value: Any) -> list[Any]:
    return value if isinstance(value, list) else [value]


def _short(value: Any) -> str:
    if isinstance(value, bytes):
        return f"code of SHA-256 {fingerprint(value)}"
    text = repr(value)
    return text if len(text) <= 120 else f"{text[:117]}..."  # noqa: PLR2004  # a line
