"""Provisioned concurrency that is paid for in vain: passed by, forgotten, or too seldom in use."""

from collections.abc import Iterator
from typing import Final

from mlguard.check import Confidence, Context, Evidence, Severity, Unread, check
from mlguard.checks.callers import bypasses
from mlguard.checks.money import by_dollars, cents, told
from mlguard.checks.utilisation import InUse, in_use
from mlguard.checks.warm import entries_usd, listed, provisioned_of
from mlguard.resources.functions import (
    EventSource,
    Function,
    FunctionAlias,
    FunctionPolicy,
    FunctionUrl,
    FunctionVersion,
    ProvisionedConcurrency,
)
from mlguard.resources.metrics import MetricSeries

_GUIDE: Final = "https://docs.aws.amazon.com/lambda/latest/dg/"
_PRICES: Final = "https://aws.amazon.com/lambda/pricing/"
_REQUESTED: Final = "ProvisionedConcurrencyConfigs[].RequestedProvisionedConcurrentExecutions"
_DELETE: Final = (
    "aws lambda delete-provisioned-concurrency-config --function-name {name} "
    "--qualifier {qualifier} --region {region}"
)


@check(
    "concurrency-provisioned-bypassed",
    "Provisioned concurrency that callers pass by",
    on=Function,
    reads=(ProvisionedConcurrency,),
    optional=(
        *(EventSource, FunctionUrl, FunctionPolicy, MetricSeries),
        *(FunctionAlias, FunctionVersion),
    ),
    severity=Severity.LOW,
    remediation=(
        "Have the callers name {target} instead of the bare function, or stop paying: `aws lambda "
        "delete-provisioned-concurrency-config --function-name {name} --qualifier {qualifier} "
        "--region {region}`."
    ),
    references=(
        _GUIDE + "provisioned-concurrency.html",
        _GUIDE + "monitoring-concurrency.html",
    ),
    bad="FunctionArn of the event source: ...:function:predict",
    good="FunctionArn of the event source: ...:function:predict:prod",
)
def concurrency_provisioned_bypassed(function: Function, context: Context) -> Iterator[Evidence]:
    """Money is spent by the second, and every call still starts cold.

    Provisioned concurrency belongs to one alias or version; who calls the bare function gets
    $LATEST, which has none. The finding is as severe as that is dear, and low at the least: what
    the money was spent for is not had.
    """
    ready = tuple(one for one in provisioned_of(function, context) if one.status == "READY")
    if not ready:
        return
    largest = max(ready, key=lambda one: one.requested)
    for bypass in bypasses(function, context):
        spent = entries_usd(function, ready, context)
        yield Evidence(
            message=f"{listed(ready)} provisioned, but {bypass.message}",
            at=bypass.at,
            locator=bypass.locator,
            confidence=bypass.confidence,
            severity=None if spent is None else max(by_dollars(spent), Severity.LOW),
            monthly_usd=None if spent is None else cents(spent),
            values={"target": largest.arn, "qualifier": largest.qualifier},
        )


@check(
    "concurrency-provisioned-orphaned-version",
    "Provisioned concurrency on a version that no alias points at",
    on=Function,
    reads=(ProvisionedConcurrency, FunctionAlias),
    optional=(EventSource, FunctionUrl, FunctionPolicy, FunctionVersion, MetricSeries),
    severity=Severity.MEDIUM,
    remediation=_DELETE,
    references=(
        _GUIDE + "provisioned-concurrency.html",
        "https://docs.aws.amazon.com/lambda/latest/api/API_DeleteProvisionedConcurrencyConfig.html",
    ),
    bad="Qualifier: 2, while the alias prod points at version 3",
    good="Qualifier: prod",
    confidence=Confidence.MEDIUM,
)
def concurrency_provisioned_orphaned_version(
    function: Function, context: Context
) -> Iterator[Evidence]:
    """Nobody calls it any more: a deployment left it behind, and it is billed by the second.

    It counts against what is reserved, too. A version that is called by its number, or that a
    trigger or a policy names, is not meant. The finding is as severe as it is dear.
    """
    for entry in provisioned_of(function, context):
        if not entry.qualifier.isdecimal() or _is_named(entry, function, context):
            continue
        spent = entries_usd(function, (entry,), context)
        cost = "at an unknown price" if spent is None else f"for {told(spent)} a month"
        yield Evidence(
            message=f"{entry.requested} provisioned for version {entry.qualifier} {cost}: "
            "no alias points at it",
            at="ProvisionedConcurrencyConfigs[].FunctionArn",
            locator=entry.qualifier,
            severity=None if spent is None else by_dollars(spent),
            monthly_usd=None if spent is None else cents(spent),
            absence=True,
            values={"qualifier": entry.qualifier},
        )


@check(
    "concurrency-pc-utilisation",
    "Provisioned concurrency that is too seldom in use to pay",
    on=Function,
    reads=(ProvisionedConcurrency, MetricSeries),
    optional=(FunctionAlias, FunctionVersion),
    severity=Severity.MEDIUM,
    remediation=(
        "Unless cold starts are not to be borne, stop paying: "
        "`aws lambda delete-provisioned-concurrency-config --function-name {name} "
        "--qualifier {qualifier} --region {region}`. If they are not for part of the day alone, "
        "schedule it with `aws application-autoscaling put-scheduled-action`."
    ),
    references=(_PRICES, _GUIDE + "monitoring-concurrency.html"),
    bad="1 provisioned, in use 0.2 of the time",
    good="1 provisioned, in use 0.7 of the time",
    confidence=Confidence.MEDIUM,
)
def concurrency_pc_utilisation(function: Function, context: Context) -> Iterator[Evidence]:
    """Kept warm, a function costs all the time, and only a little less while it runs.

    Below a mean utilisation that follows from the prices (about 0.6) the same calls cost less on
    demand. What that is a month says how severe the finding is; whether it is worth it for the
    sake of latency, nobody sees from outside. A function that was changed within the window is
    taken for one in the making.
    """
    for entry in provisioned_of(function, context):
        found = in_use(function, entry, context) if entry.status == "READY" else None
        if found is not None and found.utilisation < found.break_even:
            yield _seldom_used(entry, found)


def _seldom_used(entry: ProvisionedConcurrency, found: InUse) -> Evidence:
    return Evidence(
        message=(
            f"{entry.requested} provisioned for {entry.qualifier} were in use "
            f"{'at most ' if found.at_most else ''}{found.utilisation:.1%} of the time "
            f"and pay from {found.break_even:.0%} on: {found.wasted.because}"
        ),
        at=_REQUESTED,
        locator=entry.qualifier,
        severity=by_dollars(found.wasted.amount),
        monthly_usd=cents(found.wasted.amount),
        values={"qualifier": entry.qualifier},
    )


def _is_named(entry: ProvisionedConcurrency, function: Function, context: Context) -> bool:
    """Return whether an alias, a trigger or a policy names the version, or somebody called it."""
    for alias in context.of_function(FunctionAlias, function):
        if entry.qualifier in (alias.version, *alias.routed_versions):
            return True
    for kind in (EventSource, FunctionUrl, FunctionPolicy):
        if context.covers(kind) and _named_by(kind, entry, function, context):
            return True
    return _was_called(entry, context)


def _named_by(
    kind: type[EventSource] | type[FunctionUrl] | type[FunctionPolicy],
    entry: ProvisionedConcurrency,
    function: Function,
    context: Context,
) -> bool:
    found = context.of_function(kind, function)
    return any(one.qualifier == entry.qualifier for one in found)


def _was_called(entry: ProvisionedConcurrency, context: Context) -> bool:
    if not context.covers(MetricSeries):
        return False
    try:
        measured = context.metric(entry, "ProvisionedConcurrencyInvocations", "Sum")
    except Unread as stop:
        context.met.append(stop.gap)
        return False
    return any(series.total > 0 for series in measured)


CHECKS = (
    concurrency_provisioned_bypassed,
    concurrency_provisioned_orphaned_version,
    concurrency_pc_utilisation,
)
