"""The bill as a table with bars: a row for each resource, the dearest first."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from decimal import Decimal
from typing import Final

from rich.cells import cell_len

from mlguard.cost.bill import Bill
from mlguard.cost.estimate import USD, Estimate
from mlguard.cost.span import Span
from mlguard.cost.wish import WORDS
from mlguard.reporters.bars import LEGEND, bar
from mlguard.reporters.escaping import printable
from mlguard.reporters.money import amount
from mlguard.reporters.terminal_layout import Page

NOT_KNOWN: Final = "?"
_AND_MORE: Final = "+?"
_INDENT: Final = 2
_GAP: Final = 2
_LONGEST_NAME: Final = 34
_SHORTEST_BAR: Final = 8
_LONGEST_BAR: Final = 40
_ENDS: Final = ("min", "expected", "max")
_WORDS: Final = {kind.__name__: word for word, kind in WORDS.items()}


@dataclass(frozen=True, slots=True, kw_only=True)
class _Row:
    name: str
    kind: str
    cells: tuple[str, str, str]
    mark: str
    span: Span | None

    @property
    def label(self) -> str:
        return f"{_WORDS.get(self.kind, self.kind)} {self.name}".lstrip()


def write_table(bill: Bill, page: Page, *, width: int) -> None:
    """Write min, expected and max of each resource and of all, with bars where there is room."""
    rows = [row for one in bill.estimates for row in _rows(one)]
    totals = list(_totals(bill))
    columns = [
        max(cell_len(name), *(cell_len(row.cells[at]) for row in (*rows, *totals)))
        for at, name in enumerate(_ENDS)
    ]
    marks = max((cell_len(row.mark) for row in (*rows, *totals)), default=0)
    longest = max((cell_len(row.label) for row in (*rows, *totals)), default=0)
    room = min(longest, max(_LONGEST_NAME, width * 2 // 5), max(width - 40, 8))
    taken = _INDENT + room + sum(columns) + _GAP * len(columns) + (marks + 1 if marks else 0) + _GAP
    bars = min(width - taken, _LONGEST_BAR)
    layout = _Layout(
        name=room,
        columns=tuple(columns),
        mark=marks,
        bar=bars if bars >= _SHORTEST_BAR else 0,
        most=max((row.span.max for row in rows if row.span is not None), default=Decimal(0)),
    )
    page.whole((layout.heading(), "dim"))
    for row in rows:
        layout.write(row, page)
    for row in totals:
        layout.write(row, page, style="bold")
    if layout.bar and any(row.span is not None and not row.span.certain for row in rows):
        page.prose((LEGEND, "dim"), indent=_INDENT)


@dataclass(frozen=True, slots=True, kw_only=True)
class _Layout:
    name: int
    columns: tuple[int, ...]
    mark: int
    bar: int
    most: Decimal

    def heading(self) -> str:
        """Return the line that names the columns."""
        cells = self._cells(_ENDS, "")
        return f"{' ' * (_INDENT + self.name)}{cells}".rstrip()

    def write(self, row: _Row, page: Page, *, style: str = "") -> None:
        """Write a row; a name that is too long stands on a line of its own."""
        label = printable(row.label)
        if cell_len(label) > self.name:
            page.whole((label, style), indent=_INDENT)
            label = ""
        padded = label + " " * (self.name - cell_len(label))
        drawn = "" if row.span is None else bar(row.span, most=self.most, width=self.bar)
        cells = self._cells(row.cells, row.mark)
        text = f"{padded}{cells}"
        if drawn and self.bar:
            page.whole((text, style), " " * _GAP, (drawn, "cyan"), indent=_INDENT)
        else:
            page.whole((text.rstrip(), style), indent=_INDENT)

    def _cells(self, cells: Iterable[str], mark: str) -> str:
        aligned = "".join(
            f"{' ' * _GAP}{cell:>{width}}" for cell, width in zip(cells, self.columns, strict=True)
        )
        return f"{aligned} {mark:<{self.mark}}" if self.mark else aligned


def _rows(one: Estimate) -> Iterator[_Row]:
    """Yield a row for each currency of an estimate; one that is not known at all has no amount."""
    currencies = sorted({line.currency for line in one.lines if line.monthly is not None})
    if not currencies:
        cells = (NOT_KNOWN,) * 3 if one.unknown else (amount(Decimal(0)),) * 3
        yield _Row(name=one.name, kind=one.kind, cells=cells, mark="", span=None)
    for currency in currencies:
        span = one.known(currency)
        marks = (currency if currency != USD else "", _AND_MORE if one.unknown else "")
        yield _Row(
            name=one.name,
            kind=one.kind,
            cells=_amounts(span),
            mark=" ".join(filter(None, marks)),
            span=span if currency == USD else None,
        )


def _totals(bill: Bill) -> Iterator[_Row]:
    cells = (NOT_KNOWN,) * 3 if bill.blank else _amounts(bill.monthly_usd)
    mark = _AND_MORE if bill.doubts and not bill.blank else ""
    yield _Row(name="all", kind="", cells=cells, mark=mark, span=None)
    for currency, span in sorted(bill.currencies.items()):
        if currency != USD:
            yield _Row(name="all", kind="", cells=_amounts(span), mark=currency, span=None)


def _amounts(span: Span) -> tuple[str, str, str]:
    return amount(span.min), amount(span.expected), amount(span.max)
