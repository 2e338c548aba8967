"""Doubled keys: JSON parsers keep one of the two in silence, and the other may be the worse."""

import json
from collections.abc import Iterator
from contextlib import suppress
from typing import Any, Final

import msgspec

from mlguard.errors import FileError

_CURE: Final = "a key stands twice: which of the two is meant? write the file again"
_ANY: Final[msgspec.json.Decoder[Any]] = msgspec.json.Decoder()


def refuse_doubled(
    text: bytes,
    name: str,
    *,
    but: frozenset[str] = frozenset(),
    usual: msgspec.json.Decoder[Any] = _ANY,
) -> None:
    """Raise FileError, with the JSON path, if an object in the text has a key twice.

    Members named in `but` are left alone: somebody else reads them as strictly. The text is JSON;
    `usual` reads what such a text usually holds, and no object as msgspec.Raw but those.
    """
    # What comes out as it went in, has lost nothing; this is quick, and nearly always enough.
    dense = msgspec.json.format(text, indent=-1)
    with suppress(msgspec.ValidationError):
        if msgspec.json.encode(usual.decode(dense)) == dense:
            return
    root = json.loads(text, object_pairs_hook=_Pairs)
    for path in _doubled(root, "", but):
        raise FileError(f"{name}: {path}: {_CURE}")


class _Pairs(list[tuple[str, object]]):
    """The members of an object, in order, doubled ones too."""


def _doubled(value: object, path: str, but: frozenset[str]) -> Iterator[str]:
    if isinstance(value, _Pairs):
        seen: set[str] = set()
        for key, member in value:
            here = f"{path}.{key}" if path else key
            if key in seen:
                yield here
            seen.add(key)
            if key not in but:
                yield from _doubled(member, here, but)
    elif isinstance(value, list):
        for at, entry in enumerate(value):
            yield from _doubled(entry, f"{path}[{at}]", but)
