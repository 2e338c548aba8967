"""A statement as lines of JSON, with the elements that a report points at marked."""

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace
from functools import cached_property
from typing import TypeAlias

Json: TypeAlias = "str | tuple[str, ...] | Mapping[str, Json]"

_INDENT = "  "


@dataclass(frozen=True, kw_only=True)
class Excerpt:
    """A statement and the marks on it; drawn when somebody looks, as few reports show it."""

    statement: Mapping[str, Json] = field(hash=False)
    marks: tuple[str, ...]

    @property
    def lines(self) -> tuple[str, ...]:
        """Lines of JSON, all of it ASCII."""
        return tuple(line.text for line in self._drawn)

    @property
    def marked(self) -> frozenset[int]:
        """The numbers of the marked lines, from 0."""
        marks = set(self.marks)
        return frozenset(
            at for at, line in enumerate(self._drawn) if not marks.isdisjoint(line.within)
        )

    @cached_property
    def _drawn(self) -> "tuple[_Line, ...]":
        return tuple(_object(self.statement, "", _Line(text="", within=())))


@dataclass(frozen=True, slots=True, kw_only=True)
class _Line:
    text: str
    # The paths of the element on this line and of all that it stands in.
    within: tuple[str, ...]


def draw(statement: Mapping[str, Json], marks: tuple[str, ...]) -> Excerpt:
    """Return the statement drawn as JSON; a mark such as `Action[0]` flags its lines.

    An element's mark flags all that stands in it. A single value answers to `Action` and to
    `Action[0]`. A mark that names nothing flags nothing.
    """
    return Excerpt(statement=statement, marks=marks)


def _drawn(element: Json, path: str, start: _Line) -> Iterator[_Line]:
    if isinstance(element, str):
        within = (*start.within, path, f"{path}[0]")
        yield _Line(text=start.text + json.dumps(element), within=within)
    elif isinstance(element, tuple):
        yield from _array(element, path, start)
    else:
        yield from _object(element, path, start)


def _array(values: tuple[str, ...], path: str, start: _Line) -> Iterator[_Line]:
    within = (*start.within, path)
    lead = _lead(start)
    yield _Line(text=f"{start.text}[", within=within)
    for at, value in enumerate(values):
        comma = "," if at < len(values) - 1 else ""
        text = f"{lead}{_INDENT}{json.dumps(value)}{comma}"
        yield _Line(text=text, within=(*within, f"{path}[{at}]"))
    yield _Line(text=f"{lead}]", within=within)


def _object(elements: Mapping[str, Json], path: str, start: _Line) -> Iterator[_Line]:
    within = (*start.within, path) if path else ()
    lead = _lead(start)
    yield _Line(text=f"{start.text}{{", within=within)
    for number, (key, element) in enumerate(elements.items(), start=1):
        label = _Line(text=f"{lead}{_INDENT}{json.dumps(key)}: ", within=within)
        *lines, last = _drawn(element, f"{path}.{key}" if path else key, label)
        yield from lines
        yield replace(last, text=last.text + ",") if number < len(elements) else last
    yield _Line(text=f"{lead}}}", within=within)


def _lead(start: _Line) -> str:
    """Return the indent of the line that `start` begins."""
    return start.text[: len(start.text) - len(start.text.lstrip())]
