"""What else there is for endpoints and functions, in a terminal: weighed, and as a curve."""

from collections.abc import Iterator

from mlguard.cost.advice import Advice
from mlguard.cost.sizing.option import Fit, Kind, Option
from mlguard.reporters.curve_plot import plot
from mlguard.reporters.money import amount, ends
from mlguard.reporters.terminal_findings import MONEY, counted
from mlguard.reporters.terminal_layout import Page

_FITS = {Fit.YES: "would do", Fit.UNKNOWN: "may do", Fit.NO: "would not do"}


def write_advice(every: tuple[Advice, ...], page: Page, *, width: int, whole: bool) -> None:
    """Write the advice on each resource; unless `whole`, the first way of each form alone."""
    if not every:
        return
    of_endpoints = all(one.kind == "Endpoint" for one in every)
    noun = "endpoint variant" if of_endpoints else "place"
    page.rule("WHAT WOULD BE CHEAPER", counted(len(every), noun), "bold")
    for one in every:
        page.blank()
        page.prose((one.name, "bold"), f" ({one.part}): {one.verdict}", indent=2, hang=2)
        shown = one.weighed if whole else _first_of_each(one.weighed)
        for option in shown:
            _write_option(option, page)
        left = len(one.weighed) - len(shown)
        if left:
            page.prose((f"and {counted(left, 'other way')}", "dim"), indent=4)
    _write_curves(every, page, width=width, whole=whole)


def _first_of_each(weighed: tuple[Option, ...]) -> tuple[Option, ...]:
    first: dict[Kind, Option] = {}
    for option in weighed:
        first.setdefault(option.kind, option)
    return tuple(first.values())


def _write_option(option: Option, page: Page) -> None:
    if option.monthly is None:
        price = f"not known: {option.lacking}"
    else:
        price = f"{amount(option.monthly.expected)} {option.currency}{ends(option.monthly)}"
    page.prose(f"{option.what}: ", (price, MONEY), f", {_FITS[option.fit]}", indent=4, hang=2)
    for reason in _reasons(option):
        page.prose(("· ", "dim"), (reason, "dim"), indent=6, hang=2)


def _reasons(option: Option) -> Iterator[str]:
    yield from option.why
    point = option.break_even
    if point is None:
        return
    if point.requests_per_day is not None:
        yield f"costs as much as now at {point.requests_per_day:,.0f} requests a day"
    else:
        yield f"costs as much as now at {point.seconds_per_month:,.0f} s of inference a month"


def _write_curves(every: tuple[Advice, ...], page: Page, *, width: int, whole: bool) -> None:
    drawn = [(one, plot(one.curve, width=width - 2)) for one in every if one.curve is not None]
    for one, lines in drawn if whole else drawn[:1]:
        if lines:
            currency = one.curve.currency if one.curve else ""
            page.rule("BREAK-EVEN", f"{one.name} ({one.part}), {currency} a month", "bold")
        for line in lines:
            page.whole(line, indent=2)
