"""A page for a terminal: lines of styled text, broken between words, escaped without exception."""

import re
from collections.abc import Iterable, Iterator
from io import StringIO
from typing import Final, TypeAlias

from rich.cells import cell_len, set_cell_size
from rich.console import Console
from rich.text import Text

from mlguard.reporters.escaping import printable

Span: TypeAlias = "str | tuple[str, str]"
"""Text, or text and its style."""

DOT: Final = " · "
_NARROWEST: Final = 40
_FOLD: Final = "    "
_JOINTS: Final = " /:,"


class Page:
    """Lines to print, of at most `width` cells but for words (ARNs) and commands, which stay whole.

    Whatever is written passes through `printable` and never through rich's markup.
    """

    def __init__(self, width: int) -> None:
        self._width = max(width, _NARROWEST)
        self._lines: list[Text] = []

    def blank(self) -> None:
        """Add an empty line, unless one stands there already."""
        if self._lines and self._lines[-1].plain:
            self._lines.append(Text())

    def whole(self, *spans: Span, indent: int = 0) -> None:
        """Add one line that is never broken: what is copied and pasted must stay in one piece."""
        self._add(_text(*spans), indent)

    def prose(self, *spans: Span, indent: int = 0, hang: int = 0) -> None:
        """Add text, broken between words; `hang` indents the lines after the first."""
        for number, line in enumerate(_wrapped(_text(*spans), self._width - indent, hang)):
            self._add(line, indent + (hang if number else 0))

    def parts(self, parts: Iterable[tuple[Span, ...]], *, indent: int = 0, hang: int = 0) -> None:
        """Add parts with dots between them, broken between parts where that can be."""
        line = Text()
        margin = indent
        for spans in parts:
            part = _text(*spans)
            joined = Text.assemble(line, (DOT, "dim"), part) if line else part
            if not line or joined.cell_len <= self._width - margin:
                line = joined
                continue
            margin = self._flush(line, margin, indent + hang)
            line = part
        if line:
            self._flush(line, margin, indent + hang)

    def code(self, gutter: tuple[str, str], text: str, style: str, *, indent: int) -> None:
        """Add a line of code behind a gutter, folded where it is too long."""
        mark, mark_style = gutter
        room = self._width - indent - cell_len(mark)
        for number, piece in enumerate(_folded(printable(text), room)):
            shown = re.sub("[^│]", " ", mark) if number else mark
            self._add(_text((shown, mark_style), (piece, style)), indent)

    def rule(self, title: str, note: str, style: str) -> None:
        """Add a heading that runs over the width, with a note at its end."""
        self.blank()
        tail = f" {note}" if note else ""
        line = "─" * (self._width - cell_len(title) - cell_len(tail) - 1)
        self.whole((title, style), (f" {line}", "dim"), tail)
        self.blank()

    def render(self, *, colour: bool) -> str:
        """Return the page as one string; with `colour`, in the sixteen colours of a theme."""
        console = Console(
            file=(out := StringIO()),
            width=self._width,
            color_system="standard" if colour else None,
            force_terminal=colour,
            no_color=not colour,
            legacy_windows=False,
            # In a notebook rich would show the page there and return nothing.
            force_jupyter=False,
            highlight=False,
            markup=False,
            emoji=False,
        )
        console.print(Text("\n").join(self._lines), soft_wrap=True)
        return out.getvalue()

    def _flush(self, line: Text, margin: int, rest: int) -> int:
        for piece in _wrapped(line, self._width - margin, 0):
            self._add(piece, margin)
            margin = rest
        return rest

    def _add(self, line: Text, indent: int) -> None:
        self._lines.append(Text(" " * indent).append_text(line))


def _text(*spans: Span) -> Text:
    pairs = ((span, "") if isinstance(span, str) else span for span in spans)
    return Text.assemble(*((printable(text), style) for text, style in pairs))


def _wrapped(text: Text, width: int, hang: int) -> Iterator[Text]:
    """Yield the lines of a text broken between words; a word too long for a line stays whole."""
    breaks: list[int] = []
    used = 0
    for word in re.finditer(r" *[^ ]+", text.plain):
        long = cell_len(word.group())
        if used and used + long > width:
            breaks.append(word.start())
            width = width if len(breaks) > 1 else width - hang
            used = cell_len(word.group().lstrip())
        else:
            used += long
    for number, line in enumerate(text.divide(breaks)):
        line.rstrip()
        yield line[len(line.plain) - len(line.plain.lstrip()) :] if number else line


def _folded(text: str, width: int) -> Iterator[str]:
    """Yield the pieces of a line, cut behind a joint (of an ARN, a list) where there is one."""
    lead = text[: len(text) - len(text.lstrip())] + _FOLD
    while cell_len(text) > width:
        fits = len(set_cell_size(text, width).rstrip())
        joint = max(text.rfind(mark, len(lead), fits) for mark in _JOINTS) + 1
        cut = joint or max(fits, len(lead) + 1)
        yield text[:cut]
        text = lead + text[cut:]
    yield text
