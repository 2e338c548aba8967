"""The cost as Markdown, for a comment on a pull request: names can neither format nor link."""

import re
from collections.abc import Iterator
from typing import Final

from mlguard.cost.budget import Standing
from mlguard.cost.costing import Compared, Costing
from mlguard.cost.estimate import USD, Estimate, Line
from mlguard.cost.grouping import Group
from mlguard.reporters.escaping import printable
from mlguard.reporters.money import amount, change, ends, known

_ACTS: Final = re.compile(r"([\\`*_\[\]<>!|~&$]|^[-+=])")
_LINKS: Final = re.compile(r"[@#]|://|www\.|^\d+\.", re.IGNORECASE)
_SEVERAL: Final = 2
_TICKS: Final = re.compile(r"`+")


def render(costing: Costing) -> str:
    """Return the costing as GitHub Flavored Markdown; nothing where no change was asked for."""
    return "".join(f"{line}\n" for line in _lines(costing)) if not costing.silent else ""


def escaped(text: str) -> str:
    """Return a text as Markdown that shows just that text, on one line.

    CommonMark, "Backslash escapes": any ASCII punctuation may be escaped. What GitHub makes a
    mention, a reference or a link of, however it is escaped, stands in a code span, where it does
    not; a pipe there would end a cell of a table, and is shown as an escape.
    """
    plain = printable(text)
    if not _LINKS.search(plain):
        return _ACTS.sub(r"\\\1", plain)
    fence = "`" * (1 + max((len(run) for run in _TICKS.findall(plain)), default=0))
    inner = plain.replace("|", r"\x7c")
    pad = " " if "`" in (inner[:1], inner[-1:]) else ""
    return f"{fence}{pad}{inner}{pad}{fence}"


def _lines(costing: Costing) -> Iterator[str]:
    compared = costing.compared
    if compared is not None:
        yield from _changes(compared)
        if compared.changes_only:
            yield from _budget(costing)
            return
        yield ""
    yield from _summary(costing)
    if costing.bill.estimates:
        yield ""
        yield from _table(costing)
        yield ""
        yield from _details(costing.bill.estimates)
    yield from _groups("Pipeline", costing.pipelines)
    yield from _groups("Owner", costing.owners)
    if costing.advice:
        yield ""
        yield "**What would be cheaper:**"
        yield ""
        for one in costing.advice:
            yield f"- {escaped(one.name)} ({escaped(one.part)}): {escaped(one.verdict)}"
    if costing.bill.doubts:
        yield ""
        yield "**Not known, and on top of this:**"
        yield ""
        yield from (f"- {escaped(doubt)}" for doubt in costing.bill.doubts)


def _summary(costing: Costing) -> Iterator[str]:
    now, blank = costing.bill.monthly_usd, costing.bill.blank
    yield "### Cost: " + (
        "not known" if blank else f"{amount(now.expected)} USD a month{ends(now)}"
    )
    yield ""
    for wish in costing.wishes:
        yield f"What if {escaped(wish)}  "
    if not blank:
        after, saving = amount(costing.after), amount(costing.saving)
        yield f"After all fixes {after} USD a month, saving {saving}."
    yield from _budget(costing)


def _budget(costing: Costing) -> Iterator[str]:
    budget = costing.budget
    if budget is None:
        return
    standing = budget.judge(costing.bill)
    said = {
        Standing.OVER: "**over**",
        Standing.WITHIN: "kept",
        Standing.NOT_KNOWN: "**not known** whether it is kept",
    }
    reached = amount(budget.amount(costing.bill))
    yield ""
    yield (
        f"Budget {amount(budget.monthly_usd)} USD a month: {said[standing]} "
        f"({budget.measure.value}: {reached})."
    )


def _table(costing: Costing) -> Iterator[str]:
    yield "| Resource | Kind | Min | Expected | Max |"
    yield "| --- | --- | ---: | ---: | ---: |"
    for one in costing.bill.estimates:
        yield _row(one)
    if costing.bill.blank:
        yield "| **all** | |  | **?** |  |"
        return
    total = costing.bill.monthly_usd
    more = " + ?" if costing.bill.doubts else ""
    yield (
        f"| **all** | | **{amount(total.min)}** | **{amount(total.expected)}{more}** "
        f"| **{amount(total.max)}** |"
    )


def _groups(title: str, groups: tuple[Group, ...]) -> Iterator[str]:
    if len(groups) < _SEVERAL:
        return
    yield ""
    yield f"| {title} | Resources | Min | Expected | Max |"
    yield "| --- | ---: | ---: | ---: | ---: |"
    for group in groups:
        span, more = group.monthly_usd, " + ?" if group.unknown else ""
        cells = (amount(span.min), f"{amount(span.expected)}{more}", amount(span.max))
        if group.blank:
            cells = ("", "?", "")
        yield f"| {escaped(group.name)} | {len(group.estimates)} | {' | '.join(cells)} |"


def _row(one: Estimate) -> str:
    span = one.known()
    cells = (amount(span.min), known(one), amount(span.max))
    if not any(line.monthly is not None and line.currency == USD for line in one.lines):
        cells = ("", known(one), "")
    return f"| {escaped(one.name)} | {one.kind} | {' | '.join(cells)} |"


def _details(estimates: tuple[Estimate, ...]) -> Iterator[str]:
    yield "<details><summary>Each line, and what it assumes</summary>"
    yield ""
    for one in estimates:
        yield f"- **{escaped(one.name)}** ({one.kind})"
        for line in one.lines:
            yield f"  - {_line(line)}"
            yield from (f"    - {escaped(assumption)}" for assumption in line.assumptions)
    yield ""
    yield "</details>"


def _line(line: Line) -> str:
    if line.monthly is None:
        return f"{escaped(line.what)}: **not known**: {escaped(line.unknown or '')}"
    monthly = f"{amount(line.monthly.expected)} {line.currency}{ends(line.monthly)}"
    return f"{escaped(line.what)}: {monthly}"


def _changes(compared: Compared) -> Iterator[str]:
    found = compared.difference
    before, after = found.before.monthly_usd.expected, found.after.monthly_usd.expected
    yield (f"### Cost: {change(found.delta_usd)} USD a month ({amount(before)} → {amount(after)})")
    yield ""
    yield f"Against {escaped(compared.to)}."
    if found.changes:
        yield ""
        yield "| Resource | Kind | Before | After | Change |"
        yield "| --- | --- | ---: | ---: | ---: |"
    for one in found.changes:
        delta = "?" if one.delta_usd is None else change(one.delta_usd)
        sides = f"{_side(one.before)} | {_side(one.after)}"
        yield f"| {escaped(one.estimate.name)} | {one.estimate.kind} | {sides} | {delta} |"
    reasons = [f"{one.estimate.name}: {why}" for one in found.changes for why in one.reasons]
    unread = [f"not read: {gap.operation}: {gap.detail}" for gap in found.gaps]
    if reasons or unread:
        yield ""
        yield from (f"- {escaped(text)}" for text in (*reasons, *unread))


def _side(estimate: Estimate | None) -> str:
    return "" if estimate is None else known(estimate)
