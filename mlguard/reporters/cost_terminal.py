"""The cost in a terminal: what it costs and would cost first, then of what, then what is unsure."""

from collections.abc import Iterator
from enum import Enum

from mlguard.cost.budget import Budget, Standing
from mlguard.cost.costing import Compared, Costing
from mlguard.cost.difference import Change
from mlguard.cost.estimate import Estimate, Line
from mlguard.cost.grouping import Group
from mlguard.cost.prices_used import PricesUsed
from mlguard.data.prices import PriceStatus
from mlguard.reporters.cost_advice import write_advice
from mlguard.reporters.cost_table import NOT_KNOWN, write_table
from mlguard.reporters.money import amount, change, ends, exact, known
from mlguard.reporters.terminal_findings import COMMAND, MONEY, counted
from mlguard.reporters.terminal_layout import Page, Span

_NAME = "mlguard cost  "
_LOUD = "bold magenta"
_SEVERAL = 2


class Detail(Enum):
    """How much is shown: sums and table alone, what else there is too, and each line of it."""

    BRIEF = "brief"
    USUAL = "usual"
    EXPLAINED = "explained"


def render(
    costing: Costing, *, width: int = 100, colour: bool = False, detail: Detail = Detail.USUAL
) -> str:
    """Return the costing for a reader at a terminal of so many columns.

    Nothing at all where only changes are asked for, and there is none.
    """
    page = Page(width)
    if costing.silent:
        return ""
    page.parts(_header(costing), hang=len(_NAME))
    page.blank()
    if costing.compared is not None and costing.compared.changes_only:
        _write_changes(costing.compared, page)
        _write_budget(costing, page)
        return page.render(colour=colour)
    _write_summary(costing, page)
    if costing.compared is not None:
        _write_changes(costing.compared, page)
    if costing.bill.estimates:
        page.rule(
            f"BY RESOURCE, {counted(len(costing.bill.estimates), 'resource')}",
            "USD a month",
            "bold",
        )
        write_table(costing.bill, page, width=width)
    if detail is not Detail.BRIEF:
        _write_beyond(costing, page, width=width, explained=detail is Detail.EXPLAINED)
    _write_doubts(costing, page)
    _write_prices(costing.prices, page)
    if costing.bill.estimates and detail is not Detail.EXPLAINED:
        page.prose(
            ("mlguard cost --explain", COMMAND), (" shows each line, and what it assumes", "dim")
        )
    return page.render(colour=colour)


def _write_beyond(costing: Costing, page: Page, *, width: int, explained: bool) -> None:
    """Write the totals of groups, what would be cheaper, and each line if that is asked for."""
    _write_groups("BY PIPELINE", costing.pipelines, page)
    _write_groups("BY OWNER", costing.owners, page)
    write_advice(costing.advice, page, width=width, whole=explained)
    if explained:
        _write_lines(costing.bill.estimates, page)


def _header(costing: Costing) -> Iterator[tuple[Span, ...]]:
    accounts = "account" if len(costing.accounts) == 1 else "accounts"
    made_up = " (made up in memory)" if costing.source == "demo" else ""
    names = ", ".join(costing.accounts) or "unknown"
    yield ((_NAME, "bold"), f"{accounts} ", (names, "bold"), made_up)
    if costing.regions:
        yield (", ".join(costing.regions),)
    yield (costing.taken_at.strftime("%Y-%m-%d %H:%M UTC"),)


def _write_summary(costing: Costing, page: Page) -> None:
    bill = costing.bill
    for wish in costing.wishes:
        page.prose(("what if  ", "bold"), wish, hang=9)
    if costing.wishes:
        page.prose(("what was measured is taken to stay as it is", "dim"), indent=9)
    now = bill.monthly_usd
    figures: tuple[tuple[str, str], ...] = (
        ("now", f"{amount(now.expected)} USD a month{ends(now)}"),
        ("after all fixes", f"{amount(costing.after)} USD a month"),
        ("saving", f"{amount(costing.saving)} USD a month"),
    )
    if bill.blank:
        figures = (("now", "not known"),)
    for label, text in figures if bill.covered else ():
        page.prose((f"{label:<17}", "bold"), (text, MONEY if label == "saving" else ""))
    for currency, span in sorted(bill.currencies.items()):
        if currency != "USD":
            page.prose(" " * 17, f"and {amount(span.expected)} {currency} a month{ends(span)}")
    if bill.doubts:
        number = counted(len(bill.doubts), "thing")
        come = "comes" if len(bill.doubts) == 1 else "come"
        top = "" if bill.blank else f", which {come} on top"
        page.prose(
            ("NOT complete: ", _LOUD),
            f"{number} not known{top}; see NOT KNOWN below",
        )
    _write_budget(costing, page)


def _write_budget(costing: Costing, page: Page) -> None:
    if costing.budget is not None:
        page.prose((f"{'budget':<17}", "bold"), *_budget(costing.budget, costing), hang=17)


def _budget(budget: Budget, costing: Costing) -> tuple[Span, ...]:
    reached = budget.amount(costing.bill)
    said = f"{amount(budget.monthly_usd)} USD a month: "
    of = f" ({budget.measure.value}: {amount(reached)})"
    match budget.judge(costing.bill):
        case Standing.OVER:
            return said, (f"OVER by {amount(reached - budget.monthly_usd)}", "bold red"), of
        case Standing.NOT_KNOWN:
            return said, ("NOT KNOWN whether it is kept", _LOUD), of
        case Standing.WITHIN:
            return said, ("kept", "bold green"), of


def _write_changes(compared: Compared, page: Page) -> None:
    found = compared.difference
    page.rule("CHANGES", f"against {compared.to}", "bold")
    for one in found.changes:
        _write_change(one, page)
    for gap in found.gaps:
        page.prose(("not read, and may hide a change: ", _LOUD), gap.operation, ": ", gap.detail)
    before, after = found.before.monthly_usd, found.after.monthly_usd
    more = f", and {counted(found.not_known, 'change')} not known" if found.not_known else ""
    page.prose(
        ("all  ", "bold"),
        f"{amount(before.expected)} → {amount(after.expected)} USD a month  ",
        (f"{change(found.delta_usd)}{more}", "bold"),
    )


def _write_change(one: Change, page: Page) -> None:
    delta = one.delta_usd
    sign = "?" if delta is None else change(delta)
    style = "bold red" if delta is not None and delta > 0 else "bold green"
    page.prose(
        (f"{sign:>10}  ", style),
        (one.estimate.name, "bold"),
        f" ({one.estimate.kind})  {_side(one.before)} → {_side(one.after)}",
        hang=12,
    )
    for reason in one.reasons:
        page.prose(reason, indent=12)


def _side(estimate: Estimate | None) -> str:
    if estimate is None:
        return "none"
    span = estimate.monthly_usd
    return known(estimate) if span is None else f"{amount(span.expected)}{ends(span)}"


def _write_groups(title: str, groups: tuple[Group, ...], page: Page) -> None:
    """Write the totals of groups; of a single one it is the total already written."""
    if len(groups) < _SEVERAL:
        return
    page.rule(title, counted(len(groups), "group"), "bold")
    longest = max(len(amount(group.monthly_usd.expected)) for group in groups)
    for group in groups:
        span = group.monthly_usd
        expected = NOT_KNOWN if group.blank else amount(span.expected)
        more = " +?" if group.unknown and not group.blank else "   "
        why = f"  {counted(len(group.estimates), 'resource')}, {group.basis.value}"
        page.prose(
            f"{expected:>{longest}}{more}  ",
            (group.name, "bold"),
            ends(span),
            (why, "dim"),
            indent=2,
            hang=longest + 5,
        )


def _write_prices(used: PricesUsed | None, page: Page) -> None:
    """Write how old the prices are, and how far they can be trusted."""
    if used is None:
        return
    page.blank()
    dates = [used.oldest, used.newest] if used.oldest != used.newest else [used.newest]
    of = f" of {' to '.join(dates)}" if used.newest else ""
    told = ", ".join(
        f"{used.by_status[status]} {status.value}"
        for status in PriceStatus
        if used.by_status.get(status)
    )
    page.prose((f"{counted(used.count, 'price')}{of}: {told}", "dim"))


def _write_lines(estimates: tuple[Estimate, ...], page: Page) -> None:
    page.rule("EXPLAINED", "", "bold")
    for one in estimates:
        page.blank()
        page.parts((((one.name, "bold"), f" ({one.kind})"), ((one.arn, "dim"),)), indent=2)
        for line in one.lines:
            _write_line(line, page)
        if one.per_run is not None:
            page.prose(f"a run of it costs {amount(one.per_run)} USD", indent=4)
        elif one.per_run_max is not None:
            page.prose(f"a run of it costs at most {amount(one.per_run_max)} USD", indent=4)


def _write_line(line: Line, page: Page) -> None:
    if line.monthly is None:
        page.prose(f"{line.what}: ", ("not known", _LOUD), f": {line.unknown}", indent=4, hang=2)
    else:
        said = f"{amount(line.monthly.expected)} {line.currency}{ends(line.monthly)}"
        page.prose(f"{line.what}: ", (said, MONEY), *_sum(line), indent=4, hang=2)
    for assumption in line.assumptions:
        page.prose(("· ", "dim"), (assumption, "dim"), indent=6, hang=2)


def _sum(line: Line) -> Iterator[Span]:
    """Yield what the amount is the product of."""
    if line.units is None or line.price is None:
        return
    price = line.price
    yield (
        f" = {exact(line.units.expected)} {price.unit} at {price.amount:f} {price.currency}",
        "dim",
    )


def _write_doubts(costing: Costing, page: Page) -> None:
    doubts = costing.bill.doubts
    if not doubts:
        return
    page.rule("NOT KNOWN", counted(len(doubts), "thing"), _LOUD)
    for doubt in doubts:
        page.prose(doubt, hang=2)
