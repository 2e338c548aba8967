"""`mlguard cost`: read, estimate, show, hold against a budget."""

import sys
from datetime import UTC, datetime
from pathlib import Path
from typing import Final

import click
from msgspec.structs import replace

from mlguard.auditor import audit
from mlguard.check import Check
from mlguard.checks.catalogue import CATALOGUE
from mlguard.cli.collection import no_collection
from mlguard.cli.cost_prices import Refresh, refresh_options
from mlguard.cli.cost_prices import refresh_prices as write_prices
from mlguard.cli.formats import Render, colour, configured, day, show, target, width
from mlguard.cli.source import Place, source_options, take
from mlguard.config import Config
from mlguard.cost import stated
from mlguard.cost.advice import advice
from mlguard.cost.bill import BILLED, Bill, bill
from mlguard.cost.budget import Budget, Measure, Standing
from mlguard.cost.costing import Compared, Costing
from mlguard.cost.difference import difference
from mlguard.cost.grouping import by_owner, by_pipeline
from mlguard.cost.prices_used import prices_used
from mlguard.cost.settings import stated_too
from mlguard.cost.what_if import what_if
from mlguard.cost.wish import parse
from mlguard.errors import ConfigError
from mlguard.iam.language.wildcard import matches
from mlguard.reporters import cost_json, cost_markdown, cost_terminal
from mlguard.reporters.cost_terminal import Detail
from mlguard.resources.scaling import ScalableTarget, ScalingPolicy
from mlguard.snapshot import Inventory, Snapshot
from mlguard.sources.by_content import snapshot_of
from mlguard.sources.files import read

WITHIN, OVER, NOT_KNOWN = 0, 1, 3

FORMATS: Final = ("table", "json", "markdown")

FORMAT_OF: Final = {".json": "json", ".md": "markdown", ".txt": "table"}

# What mending saves is told by checks on what costs money, and on what says how much of it runs.
_TELLING: Final = frozenset((*BILLED, ScalableTarget, ScalingPolicy))


@click.command("cost")
@source_options
@refresh_options
@click.option("--config", "config_file", metavar="FILE", help="Instead of the nearest one.")
@click.option("--today", metavar="DATE", help="Count ages to this day (YYYY-MM-DD), not today.")
@click.option(
    "--what-if",
    "wishes",
    multiple=True,
    metavar="NAME=TYPE",
    help="As if it ran on that: endpoint=ml.m5.large, breeds=2xml.m5.large, score=1024MB, "
    "score=provisioned:2. NAME is a kind, a name or a glob; repeatable.",
)
@click.option(
    "--traffic",
    multiple=True,
    metavar="[NAME:] rps=N, ...",
    help='"rps=2, latency=0.985, hours=6/day", instead of what was measured; repeatable.',
)
@click.option(
    "--hours", multiple=True, metavar="[NAME=]N", help="Run N hours a month, or 8/day; repeatable."
)
@click.option(
    "--runs", multiple=True, metavar="[NAME=]N", help="Jobs run N times a month; repeatable."
)
@click.option("--free-tier", is_flag=True, help="Subtract what Lambda gives for nothing.")
@click.option(
    "--compare-to",
    metavar="SOURCE",
    help="Only what changed against a snapshot, a pipeline file or authorization details.",
)
@click.option("--max-monthly-usd", metavar="N", help="The budget: exit 1 over it.")
@click.option(
    "--gate",
    type=click.Choice([measure.value for measure in Measure]),
    help="What is held against the budget (default: expected).",
)
@click.option("--allow-gaps", is_flag=True, help="Exit 0 even if something is not known.")
@click.option("--explain", is_flag=True, help="Show each line of the table, and what it assumes.")
@click.option("--brief", is_flag=True, help="Show the sums, the table and what is not known alone.")
@click.option("--format", "shown", type=click.Choice(FORMATS), default="table", show_default=True)
@click.option(
    "-o", "--output", "outputs", multiple=True, metavar="[FORMAT=]PATH", help="Write; repeatable."
)
def command(
    *,
    config_file: str | None,
    today: str | None,
    wishes: tuple[str, ...],
    traffic: tuple[str, ...],
    hours: tuple[str, ...],
    runs: tuple[str, ...],
    free_tier: bool,
    compare_to: str | None,
    max_monthly_usd: str | None,
    gate: str | None,
    allow_gaps: bool,
    explain: bool,
    brief: bool,
    shown: str,
    outputs: tuple[str, ...],
    refresh_prices: str | None,
    from_offer: tuple[str, ...],
    demo: bool,
    snapshot: str | None,
    authorization_details: str | None,
    pipeline: str | None,
    profile: str | None,
    regions: tuple[str, ...],
) -> None:
    """Estimate what a source costs a month: at least, as expected, at most.

    Prices ship with mlguard, dated; what has no known price is unknown, and never nothing. With
    --compare-to only what changed is shown, and nothing where nothing did.

    Exit: 0 within the budget or without one, 1 over it, 2 usage or configuration, 3 under it but
    something that costs money is not known, 4 no source could be read.
    """
    place = Place(
        demo=demo,
        snapshot=snapshot,
        authorization_details=authorization_details,
        pipeline=pipeline,
        profile=profile,
        regions=regions,
    )
    if refresh_prices or from_offer:
        _refresh(refresh_prices, from_offer, place)
        return
    config = configured(config_file)
    config = replace(
        config,
        allow_gaps=allow_gaps or config.allow_gaps,
        today=day(today) or config.today or datetime.now(UTC).date(),
        cost=stated_too(config.cost, traffic=traffic, hours=hours, runs=runs, free_tier=free_tier),
    )
    budget = _budget(max_monthly_usd, config, gate)
    asked = tuple(parse(wish) for wish in wishes)
    if brief and explain:
        raise click.UsageError("--brief and --explain: give one of them")
    detail = Detail.BRIEF if brief else Detail.EXPLAINED if explain else Detail.USUAL
    written = _renders(columns=100, coloured=False, detail=detail)
    targets = [target(one, renders=written, of_suffix=FORMAT_OF) for one in outputs]
    if compare_to == "-" and "-" in (snapshot, authorization_details, pipeline):
        raise click.UsageError("only one of the source and --compare-to can be `-`, standard input")
    base = None if compare_to is None else _read(compare_to)
    found = take(place)
    there = [one for one in (found, base) if one is not None]
    for option, texts, name_of in (
        ("--traffic", traffic, stated.named_traffic),
        ("--hours", hours, stated.named_hours),
        ("--runs", runs, stated.named_runs),
    ):
        for text in texts:
            _refuse_unmeant(option, name_of(text, option)[0], there)
    with no_collection():
        wished = what_if(found, asked)
        if base is not None:
            compared: tuple[str, Bill] | None = (str(compare_to), _bill(base, config))
        else:
            compared = ("what is there", _bill(found, config)) if asked else None
        costing = _costing(wished, config, budget=budget, wishes=wishes, compared=compared)
        printed = _renders(columns=width(), coloured=colour(), detail=detail)[shown]
        for render, path in (*targets, (printed, None)):
            show(costing, render, path)
    sys.exit(exit_code(costing, config))


def exit_code(costing: Costing, config: Config) -> int:
    """Return the exit code of a costing: that of its budget; without one there is nothing to fail.

    Over it is over it, whatever else is not known.
    """
    if costing.budget is None:
        return WITHIN
    match costing.budget.judge(costing.bill):
        case Standing.OVER:
            return OVER
        case Standing.NOT_KNOWN:
            return WITHIN if config.allow_gaps else NOT_KNOWN
        case Standing.WITHIN:
            return WITHIN


def _costing(
    snapshot: Snapshot,
    config: Config,
    *,
    budget: Budget | None,
    wishes: tuple[str, ...],
    compared: tuple[str, Bill] | None,
) -> Costing:
    inventory = Inventory(snapshot)
    report = audit(snapshot, tuple(filter(_tells, CATALOGUE)), config)
    change = compared and Compared(
        to=compared[0],
        difference=difference(compared[1], report.bill),
        changes_only=not wishes,
    )
    return Costing(
        source=report.source,
        accounts=report.accounts,
        regions=report.regions,
        taken_at=report.taken_at,
        bill=report.bill,
        saving=report.saving,
        after=report.after,
        budget=budget,
        wishes=wishes,
        compared=change,
        pipelines=by_pipeline(inventory, report.bill),
        owners=by_owner(inventory, report.bill),
        advice=advice(inventory, config.terms(snapshot.taken_at.date())),
        prices=prices_used(report.bill),
    )


def _refresh(path: str | None, offers: tuple[str, ...], place: Place) -> None:
    """Write a prices file, and tell what is in it; nothing is estimated."""
    if path is None:
        raise click.UsageError("--from-offer is for --refresh-prices FILE: name the file to write")
    if place.named:
        raise click.UsageError(f"--refresh-prices estimates nothing: leave {place.named[0]} out")
    wanted = Refresh(
        path=Path(path),
        offers=tuple(map(Path, offers)),
        regions=place.regions,
        profile=place.profile,
    )
    for told in write_prices(wanted):
        click.echo(told)


def _refuse_unmeant(option: str, name: str, snapshots: list[Snapshot]) -> None:
    """Refuse what is stated of a name that nothing has: it would change nothing, and say nothing.

    The configuration may name what another account has; an option is about what is read now.
    """
    names = {one.name for found in snapshots for kind in BILLED for one in found.of(kind)}
    if name != stated.EVERYTHING and not any(matches(name, one) for one in names):
        fault = stated.nothing_called(name, names, else_="nothing that costs money")
        raise ConfigError(f"{option} {name}: {fault}")


def _tells(check: Check) -> bool:
    return not _TELLING.isdisjoint(check.on)


def _bill(snapshot: Snapshot, config: Config) -> Bill:
    return bill(snapshot, config.terms(snapshot.taken_at.date()))


def _budget(stated_usd: str | None, config: Config, gate: str | None) -> Budget | None:
    usd = config.cost.monthly_budget_usd
    if stated_usd is not None:
        usd = stated.money(stated_usd, "--max-monthly-usd")
    if usd is None and gate is not None:
        raise click.UsageError(f"--gate {gate} holds a budget: give --max-monthly-usd N")
    measure = Measure.EXPECTED if gate is None else Measure(gate)
    return None if usd is None else Budget(monthly_usd=usd, measure=measure)


def _read(path: str) -> Snapshot:
    now = datetime.now(UTC).replace(microsecond=0)
    return snapshot_of(read(path), name=path, taken_at=now)


def _renders(*, columns: int, coloured: bool, detail: Detail) -> dict[str, Render[Costing]]:
    """Return how each format is drawn for a terminal, or a file, of so many columns."""

    def table(found: Costing) -> tuple[str]:
        return (cost_terminal.render(found, width=columns, colour=coloured, detail=detail),)

    return {
        "table": table,
        "json": lambda found: (cost_json.render(found),),
        "markdown": lambda found: (cost_markdown.render(found),),
    }
