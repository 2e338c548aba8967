"""The policy documents of an account: each is read once, wherever it stands."""

from collections.abc import Callable
from typing import TypeVar

from mlguard.iam.language.document import Document, parse

V = TypeVar("V")


class Documents:
    """Documents by their texts, and what was said of them."""

    def __init__(self) -> None:
        self._found: dict[str, Document] = {}
        # Keyed by identity; the documents are kept so that no other takes their place.
        self._said: dict[tuple[object, int], tuple[Document, object]] = {}

    def parse(self, text: str) -> Document:
        """Return the document that the JSON `text` is, or raise DocumentError."""
        found = self._found.get(text)
        if found is None:
            found = self._found[text] = parse(text)
        return found

    def said(self, of: Callable[[Document], V], document: Document) -> V:
        """Return what a function says of the document: it is asked once."""
        key = (of, id(document))
        found = self._said.get(key)
        if found is None:
            found = self._said[key] = (document, of(document))
        return found[1]  # type: ignore[return-value]  # keyed by the function
