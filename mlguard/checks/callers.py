"""Who calls a function by its bare name, past the alias or version that is kept warm."""

from collections.abc import Iterator
from dataclasses import dataclass

from mlguard.check import Confidence, Context, Unread
from mlguard.iam.language.document import Document, Effect
from mlguard.resources.base import Resource
from mlguard.resources.functions import (
    EventSource,
    Function,
    FunctionPolicy,
    FunctionUrl,
    ProvisionedConcurrency,
)
from mlguard.resources.metrics import MetricSeries

_LATEST = "$LATEST"


@dataclass(frozen=True, slots=True, kw_only=True)
class Bypass:
    """One way past: what was seen, where, and how sure it is."""

    message: str
    at: str
    locator: str
    confidence: Confidence | None = None


def bypasses(function: Function, context: Context) -> Iterator[Bypass]:
    """Yield each trigger of the bare function, then what the metrics say.

    Kinds that the source does not read are passed over; what it could not read is a gap of the
    context, or raises Unread.
    """
    if context.covers(EventSource):
        yield from _event_sources(function, context)
    if context.covers(FunctionUrl):
        yield from _urls(function, context)
    if context.covers(FunctionPolicy):
        yield from _permissions(function, context)
    if context.covers(MetricSeries):
        yield from _unused(function, context)


def _event_sources(function: Function, context: Context) -> Iterator[Bypass]:
    # They are listed for all functions at once: what is missing may be this one's.
    context.all(EventSource, account=function.account, region=function.region)
    for source in context.of_function(EventSource, function):
        if source.state.startswith("Disab") or not _is_bare(source):
            continue
        origin = source.event_source_arn or source.name
        yield Bypass(
            message=f"event source {origin} calls {_called(source)}",
            at="EventSourceMappings[].FunctionArn",
            locator=source.arn,
        )


def _urls(function: Function, context: Context) -> Iterator[Bypass]:
    for url in context.of_function(FunctionUrl, function):
        if _is_bare(url):
            yield Bypass(
                message=f"the function URL {url.url} calls {_called(url)}",
                at="FunctionUrlConfigs[].FunctionArn",
                locator=url.url,
            )


def _permissions(function: Function, context: Context) -> Iterator[Bypass]:
    """Yield the services that may call the bare function; whether they do is not known."""
    for policy in context.of_function(FunctionPolicy, function):
        if not _is_bare(policy):
            continue
        try:
            document = context.parse(policy.document, of=policy, at="lambda:GetPolicy")
        except Unread as stop:
            context.met.append(stop.gap)
            continue
        yield from _services(document)


def _services(document: Document) -> Iterator[Bypass]:
    for statement in {one.locator: one for one in document.statements}.values():
        services = statement.principals.service if statement.principals else ()
        if statement.effect is Effect.ALLOW and services:
            yield Bypass(
                message=f"{', '.join(services)} may call the bare function",
                at=f"Policy.Statement[{statement.index}].Resource",
                locator=f"policy/{statement.locator}",
                confidence=Confidence.MEDIUM,
            )


def _unused(function: Function, context: Context) -> Iterator[Bypass]:
    calls = _sum(function, "Invocations", context)
    if calls == 0:
        return
    kept_warm = context.of_function(ProvisionedConcurrency, function)
    warm = sum(_sum(one, "ProvisionedConcurrencyInvocations", context) for one in kept_warm)
    if warm == 0:
        yield Bypass(
            message=f"none of {calls:.0f} invocations used it",
            at="ProvisionedConcurrencyInvocations",
            locator="ProvisionedConcurrencyInvocations",
        )


def _sum(measured: Resource, metric: str, context: Context) -> float:
    return sum(series.total for series in context.metric(measured, metric, "Sum"))


def _is_bare(caller: EventSource | FunctionUrl | FunctionPolicy) -> bool:
    return caller.qualifier in (None, _LATEST)


def _called(caller: EventSource | FunctionUrl) -> str:
    return caller.qualifier or "the bare function"
