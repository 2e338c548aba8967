"""Permissions as tests write them: `s3:GetObject on arn:aws:s3:::data/*`, `logs:*`."""

import difflib
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Final

from mlguard.errors import ArnError, DocumentError
from mlguard.iam.language.actions import actions
from mlguard.iam.language.arn import Arn
from mlguard.iam.language.document import Document, from_json

ANY: Final = "*"
_ON: Final = " on "
_FORM: Final = 'write it as "s3:GetObject" or "s3:GetObject on arn:aws:s3:::bucket/*"'


@dataclass(frozen=True, slots=True)
class Entry:
    """An action on a resource; both may be patterns."""

    action: str
    resource: str = ANY

    def __str__(self) -> str:
        return f"{self.action}{_ON}{self.resource}"

    @property
    def wild(self) -> bool:
        """Whether the action is a pattern."""
        return not {ANY, "?"}.isdisjoint(self.action)


def entry_of(text: object) -> Entry:
    """Return the entry that a text is; raises ValueError that says how to write one."""
    __tracebackhide__ = True
    if not isinstance(text, str):
        raise ValueError(f"{text!r} is no permission: {_FORM}")  # noqa: TRY004  # one error for all
    action, on, resource = text.strip().partition(_ON)
    found = Entry(action.strip(), resource.strip() if on else ANY)
    if any(letter.isspace() for letter in found.action):
        raise ValueError(f"{text!r} is no permission: {_FORM}")
    if not _is_resource(found.resource):
        raise ValueError(f"{text!r}: {found.resource!r} is no ARN: {_FORM}")
    try:
        _document([found])
    except DocumentError as error:
        raise ValueError(f"{text!r} is no permission: {error.reason}; {_FORM}") from None
    return found


def entries_of(texts: Iterable[object]) -> tuple[Entry, ...]:
    """Return the entries of a set of texts; raises ValueError."""
    __tracebackhide__ = True
    if isinstance(texts, str):
        raise ValueError(f"{texts!r} is one text: write a set, {{{texts!r}}}")  # noqa: TRY004
    return tuple(sorted(map(entry_of, texts), key=str))


def documents_of(entries: Iterable[Entry]) -> tuple[Document, ...]:
    """Return policies that allow just these; none allow nothing."""
    entries = tuple(entries)
    return (_document(entries),) if entries else ()


def refuse_unknown(entry: Entry) -> None:
    """Refuse an action that nobody knows: that it is not allowed would say nothing.

    Raises ValueError with what it may have been meant to be.
    """
    __tracebackhide__ = True
    if actions().mask(entry.action):
        return
    near = difflib.get_close_matches(entry.action, actions().names, n=2)
    hint = f": did you mean {' or '.join(near)}?" if near else ""
    raise ValueError(f"no action is called {entry.action!r}{hint}")


def _is_resource(text: str) -> bool:
    if text == ANY:
        return True
    try:
        Arn.parse(text)
    except ArnError:
        # A star at the end may stand for further parts: arn:aws:s3:*
        return text.startswith("arn:") and text.endswith(ANY)
    return True


def _document(entries: Iterable[Entry]) -> Document:
    by_resource: dict[str, list[str]] = {}
    for entry in entries:
        by_resource.setdefault(entry.resource, []).append(entry.action)
    statements = [
        {"Effect": "Allow", "Action": several, "Resource": resource}
        for resource, several in by_resource.items()
    ]
    return from_json({"Version": "2012-10-17", "Statement": statements})
