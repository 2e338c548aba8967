"""Whether an endpoint scales: each of its variants has a target, and something that moves it."""

from collections.abc import Iterator
from typing import Final

from msgspec.structs import replace

from mlguard.auditor import audit
from mlguard.checks.machines import seats
from mlguard.checks.scaling import CHECKS
from mlguard.checks.waking import INSTANCES
from mlguard.data.instance_types import is_burstable
from mlguard.report import Outcome, Result
from mlguard.reporters.escaping import printable
from mlguard.resources.base import Resource
from mlguard.resources.capacity import Serverless
from mlguard.resources.hosting import Endpoint, EndpointConfig, Variant
from mlguard.resources.scaling import ScalableTarget
from mlguard.snapshot import Snapshot
from mlguard_pytest.doubt import NotEvaluatedError, gap_in_words
from mlguard_pytest.subjects import EndpointView

_NEEDED: Final[tuple[type[Resource], ...]] = (EndpointConfig, ScalableTarget)
_MANAGED: Final = "ENABLED"
_OUT: Final = "DynamicScalingOutSuspended"


def assert_scales(endpoint: EndpointView) -> None:
    """Fail if a variant of the endpoint does not scale with its load.

    Each has a scalable target with a policy or schedule and room to move, or managed scaling, or is
    serverless; and none of the scaling checks finds a fault with the endpoint or its targets.
    What was not read is no pass: NotEvaluatedError.
    """
    __tracebackhide__ = True
    snapshot, subject = endpoint.account.snapshot, endpoint.resource
    name = printable(subject.name)
    results = [one for one in _judged(endpoint) if _concerns(one, subject)]
    found = [finding for result in results for finding in result.findings]
    faults = [
        printable(f"{finding.message} ({finding.check}); {finding.remediation}")
        for finding in found
    ]
    unread = [
        f"{result.check}: {gap_in_words(gap)}"
        for result in results
        if result.outcome is Outcome.NOT_EVALUATED
        for gap in result.gaps
    ]
    config = _config(snapshot, subject)
    if config is not None:
        said = {finding.message for finding in found}
        more_faults = (fault for fault in _faults(snapshot, subject, config) if fault not in said)
        faults += map(printable, more_faults)
    if faults:
        more = f" (and {len(faults) - 1} more)" if len(faults) > 1 else ""
        raise AssertionError(f"{name} does not scale: {faults[0]}{more}")
    missing = [kind.__name__ for kind in _NEEDED if kind.__name__ not in snapshot.covers]
    if missing:
        unread.append(f"{snapshot.source!r} does not tell of {' or '.join(missing)}")
    elif config is None and not unread:
        unread.append(f"its configuration {subject.config_name!r} is not there")
    if unread:
        raise NotEvaluatedError(f"whether {name} scales cannot be told: {printable(unread[0])}")


def _judged(endpoint: EndpointView) -> tuple[Result, ...]:
    """Return what the scaling checks say; what a team accepted for its audit does not count."""
    config = replace(endpoint.account.config, select=("*",), ignore=(), suppressions=())
    return audit(endpoint.account.snapshot, CHECKS, config).results


def _concerns(result: Result, endpoint: Endpoint) -> bool:
    subject = result.subject
    if (subject.account, subject.region) != (endpoint.account, endpoint.region):
        return False
    of_all = subject.arn.endswith("/*")
    return of_all or subject.arn == endpoint.arn or _is_of(subject.name, endpoint)


def _is_of(resource_id: str, endpoint: Endpoint) -> bool:
    return resource_id.startswith(f"endpoint/{endpoint.name}/variant/")


def _config(snapshot: Snapshot, endpoint: Endpoint) -> EndpointConfig | None:
    for config in snapshot.of(EndpointConfig):
        here = (config.account, config.region) == (endpoint.account, endpoint.region)
        if here and config.name == endpoint.config_name:
            return config
    return None


def _faults(snapshot: Snapshot, endpoint: Endpoint, config: EndpointConfig) -> Iterator[str]:
    """Yield what the checks leave alone, because it may be meant: not by who asks here."""
    for variant, seat in zip(config.variants, seats(config), strict=False):
        if isinstance(variant.capacity, Serverless) or _is_managed(variant):
            continue
        burstable = [
            one.instance_type for one in seat.machines() if is_burstable(one.instance_type)
        ]
        if burstable:
            yield (
                f"variant {variant.name} runs on {burstable[0]}, which is burstable: SageMaker "
                "does not scale it; move it to a type such as ml.m5.large, or to serverless"
            )
            continue
        targets = [one for one in snapshot.of(ScalableTarget) if _aims_at(one, endpoint, variant)]
        if not targets and _whole(snapshot, ScalableTarget):
            yield f"variant {variant.name} has neither a scalable target nor managed scaling"
        for target in targets:
            if _OUT in target.suspended:
                yield f"variant {variant.name}: scaling out is suspended; resume it"


def _aims_at(target: ScalableTarget, endpoint: Endpoint, variant: Variant) -> bool:
    return (
        (target.account, target.region) == (endpoint.account, endpoint.region)
        and target.resource_id == f"endpoint/{endpoint.name}/variant/{variant.name}"
        and target.dimension == INSTANCES
    )


def _whole(snapshot: Snapshot, kind: type[Resource]) -> bool:
    """Return whether all of a kind was read, so that what is not there does not exist."""
    name = kind.__name__
    return name in snapshot.covers and not any(name in gap.kinds for gap in snapshot.gaps)


def _is_managed(variant: Variant) -> bool:
    return variant.managed_scaling is not None and variant.managed_scaling.status == _MANAGED
