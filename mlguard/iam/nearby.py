"""Which statements can be about an action at all, and by which of their patterns."""

from collections.abc import Iterable
from dataclasses import dataclass, replace
from functools import lru_cache
from typing import Self

from mlguard.iam.pattern_algebra import Glob
from mlguard.iam.region import Box, Entries
from mlguard.iam.wildcard import meets


@dataclass(frozen=True, slots=True)
class _Index:
    """The patterns of one element by service; those of any service stand under `*`."""

    exact: dict[str, Glob]
    wild: dict[str, tuple[Glob, ...]]
    services: dict[str, tuple[Glob, ...]]

    @classmethod
    def of(cls, globs: tuple[Glob, ...]) -> Self:
        exact = {glob.text: glob for glob in globs if not _is_wild(glob.text)}
        return cls(
            exact,
            _by_service(glob for glob in globs if _is_wild(glob.text)),
            _by_service(globs),
        )

    def near(self, action: Glob) -> tuple[Glob, ...]:
        """Return the patterns that share an action with this one."""
        service = _service(action.text)
        if _is_wild(action.text):
            found = self.services.get(service, ())
        else:
            same = self.exact.get(action.text)
            found = (*(() if same is None else (same,)), *self.wild.get(service, ()))
        anywhere = self.wild.get("*", ())
        return tuple(glob for glob in (*found, *anywhere) if meets(glob.text, action.text))


class Shelf:
    """Boxes, kept so that those about an action are found without looking at the others."""

    def __init__(self, boxes: Iterable[Box]) -> None:
        self.boxes = tuple(dict.fromkeys(boxes))
        self._exact: dict[str, set[int]] = {}
        self._wild: dict[str, set[int]] = {}
        self._services: dict[str, set[int]] = {}
        self._excluding: set[int] = set()
        for place, box in enumerate(self.boxes):
            if box.actions.excluded:
                self._excluding.add(place)
                continue
            for glob in box.actions.globs:
                service = _service(glob.text)
                self._services.setdefault(service, set()).add(place)
                if _is_wild(glob.text):
                    self._wild.setdefault(service, set()).add(place)
                else:
                    self._exact.setdefault(glob.text, set()).add(place)

    def near(self, actions: Entries) -> list[Box]:
        """Return the boxes that share an action with an element, and of theirs only those shared.

        The element is one pattern, or all but some; then the boxes are returned as they are.
        """
        if actions.excluded or len(actions.globs) != 1:
            return list(self.boxes)
        action = actions.globs[0]
        service = _service(action.text)
        if service == "*":
            return list(self.boxes)
        if _is_wild(action.text):
            found = self._services.get(service, set())
        else:
            found = self._exact.get(action.text, set()) | self._wild.get(service, set())
        places = found | self._wild.get("*", set()) | self._excluding
        cut = (_cut(self.boxes[place], action) for place in sorted(places))
        return list(dict.fromkeys(box for box in cut if box is not None))


def _cut(box: Box, action: Glob) -> Box | None:
    found = _index(box.actions.globs).near(action)
    if not found and not box.actions.excluded:
        return None
    return replace(box, actions=Entries(found, box.actions.excluded))


_index = lru_cache(maxsize=1024)(_Index.of)


def _by_service(globs: Iterable[Glob]) -> dict[str, tuple[Glob, ...]]:
    found: dict[str, list[Glob]] = {}
    for glob in globs:
        found.setdefault(_service(glob.text), []).append(glob)
    return {service: tuple(several) for service, several in found.items()}


def _service(action: str) -> str:
    """Return the prefix of an action, or `*` if it is a wildcard."""
    prefix, colon, _ = action.partition(":")
    return "*" if _is_wild(prefix) or not colon else prefix


def _is_wild(text: str) -> bool:
    return "*" in text or "?" in text
