"""The break-even curve as text: letters on a grid, right at 80 columns and without colour."""

from collections.abc import Sequence
from decimal import Decimal
from typing import Final

from mlguard.cost.sizing.curve import Curve, CurveLine
from mlguard.reporters.money import amount

PRESENT: Final = "*"
HERE: Final = "@"
RIVALS: Final = "abc"
_HEIGHT: Final = 9
_WIDEST: Final = 64
_NARROWEST: Final = 16
# A rival that is dearer than this many times what there is now leaves the picture at the top.
_HEADROOM: Final = Decimal("1.6")


def plot(curve: Curve, *, width: int) -> tuple[str, ...]:
    """Return the lines of the picture: the grid with its axes, then what each letter is.

    `*` is what there is now, `@` the traffic of now on it, letters are its rivals.
    """
    lines = (curve.lines[0], *_shown(curve.lines[1:]))
    most = max(curve.lines[0].monthly) * _HEADROOM
    top = amount(most)
    columns = max(min(width - len(top) - 4, _WIDEST), _NARROWEST)
    end = curve.requests_per_day[-1]
    if not most or not end:
        return ()
    grid = [[" "] * columns for _ in range(_HEIGHT)]
    for mark, line in reversed(tuple(zip(PRESENT + RIVALS, lines, strict=False))):
        for column in range(columns):
            point = end * column / (columns - 1)
            _put(grid, column, _at(curve, line, point), most, mark)
    here = int(curve.at / end * (columns - 1))
    _put(grid, here, _at(curve, lines[0], curve.at), most, HERE)
    return (*_framed(grid, top), *_below(end, columns, len(top)), *_legend(curve, lines))


def _shown(rivals: Sequence[CurveLine]) -> tuple[CurveLine, ...]:
    """Return at most three rivals: the first, the last and one between them."""
    if len(rivals) <= len(RIVALS):
        return tuple(rivals)
    return (rivals[0], rivals[len(rivals) // 2], rivals[-1])


def _at(curve: Curve, line: CurveLine, point: Decimal) -> Decimal:
    """Return what a line costs at a point, straight between the points that are known."""
    known = curve.requests_per_day
    after = next(at for at, value in enumerate(known) if value >= point or at == len(known) - 1)
    if not after or known[after] <= point:
        return line.monthly[after]
    before = after - 1
    part = (point - known[before]) / (known[after] - known[before])
    return line.monthly[before] + part * (line.monthly[after] - line.monthly[before])


def _put(grid: list[list[str]], column: int, value: Decimal, most: Decimal, mark: str) -> None:
    row = int(value / most * (_HEIGHT - 1) + Decimal("0.5"))
    if row < _HEIGHT:
        grid[_HEIGHT - 1 - row][column] = mark


def _framed(grid: list[list[str]], top: str) -> tuple[str, ...]:
    labels = {0: top, len(grid) - 1: amount(Decimal(0))}
    return tuple(
        f"{labels.get(at, ''):>{len(top)}} │{''.join(row)}".rstrip() for at, row in enumerate(grid)
    )


def _below(end: Decimal, columns: int, margin: int) -> tuple[str, ...]:
    last, middle = f"{end:,.0f}", "requests a day"
    room = columns - len(last) - 1
    between = f"{middle if room > len(middle) else '':^{room}}"
    return (f"{' ' * margin} └{'─' * columns}", f"{' ' * margin}  0{between}{last}")


def _legend(curve: Curve, lines: Sequence[CurveLine]) -> tuple[str, ...]:
    said = [f"{HERE} now: {curve.at:,.0f} requests a day", f"{PRESENT} {lines[0].what}, as it is"]
    for mark, line in zip(RIVALS, lines[1:], strict=False):
        dearer = "" if line.crossing is None else f": cheaper below {line.crossing:,.0f} a day"
        said.append(f"{mark} {line.what}{dearer}")
    return tuple(said)
