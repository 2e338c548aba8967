"""Why a comparison of permissions failed, as lines that pytest shows under the assertion."""

import os
from collections.abc import Iterator, Sequence
from typing import Final

from mlguard_pytest.permissions import Permissions

# pytest cuts explanations of more than 8 lines or 640 characters, unless told -vv or in CI: three
# lines are ours, and stay.
_LINES: Final = 5
_LETTERS: Final = 600
_MORE: Final = 40
_VERBOSE: Final = 2
_MIRRORED: Final = {"<=": ">=", ">=": "<=", "==": "=="}


def explain(op: str, left: object, right: object, *, verbosity: int) -> list[str] | None:
    """Return what pytest is to show for a comparison that was false, None if it is not ours."""
    if op in ("in", "not in") and isinstance(right, Permissions):
        return list(_membership(op, left, right))
    if op not in _MIRRORED:
        return None
    if not isinstance(left, Permissions):
        left, right, op = right, left, _MIRRORED[op]
    if not isinstance(left, Permissions) or not _is_comparable(right):
        return None
    whole = verbosity >= _VERBOSE or bool(os.environ.get("CI") or os.environ.get("BUILD_NUMBER"))
    lines: list[str] = []
    if op in ("<=", "=="):
        lines += _beyond(left, right, whole=whole)
    if op in (">=", "=="):
        lines += _lacking(left, right, whole=whole)
    return lines or None


def _is_comparable(other: object) -> bool:
    return isinstance(other, Permissions | set | frozenset | list | tuple)


def _beyond(role: Permissions, allowed: object, *, whole: bool) -> Iterator[str]:
    found = role.beyond(allowed)  # type: ignore[arg-type]  # it was compared already
    if found:
        title = f"{role!r} go beyond {_said(allowed)}:"
        cure = f'to mend: narrow these statements, or allow "{found[0].entry}" here'
        yield title
        letters = None if whole else _LETTERS - len(title) - len(cure)
        yield from _some([str(one) for one in found], letters)
        yield cure


def _lacking(role: Permissions, wanted: object, *, whole: bool) -> Iterator[str]:
    found = role.lacking(wanted)  # type: ignore[arg-type]  # it was compared already
    if found:
        title = f"{role!r} lack, or have under conditions only, of {_said(wanted)}:"
        yield title
        yield from _some(found, None if whole else _LETTERS - len(title))


def _membership(op: str, entry: object, role: Permissions) -> Iterator[str]:
    if op == "not in":
        yield f"{role!r} have all of {entry!r}"
    else:
        yield f"{role!r} have nothing of {entry!r}"


def _some(lines: Sequence[str], letters: int | None) -> Iterator[str]:
    """Yield as many lines as fit, at least one, and how many there are besides; None is all."""
    used = _MORE
    for shown, line in enumerate(lines):
        used += len(line) + 2
        if shown and letters is not None and (shown >= _LINES or used > letters):
            yield f"  and {len(lines) - shown} more (-vv shows all)"
            return
        yield f"  {line}"


def _said(other: object) -> str:
    if isinstance(other, Permissions):
        return f"the {other!r}".replace("<", "").replace(">", "")
    entries = len(other)  # type: ignore[arg-type]  # a collection: it is comparable
    return f"the {entries} entries" if entries != 1 else "the one entry"
