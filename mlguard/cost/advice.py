"""Advice on endpoints, functions and instances: whether they are the cheapest that would do."""

from dataclasses import dataclass

from mlguard.cost.hosted import Hosted
from mlguard.cost.sizing.curve import Curve
from mlguard.cost.sizing.functions import function_sizings
from mlguard.cost.sizing.hosting import Sizing, sizings
from mlguard.cost.sizing.machines import machine_sizings
from mlguard.cost.sizing.option import Fit, Option
from mlguard.cost.sizing.target import target_sizings
from mlguard.cost.terms import Terms
from mlguard.resources.base import Resource
from mlguard.resources.hosting import Endpoint
from mlguard.snapshot import Inventory


@dataclass(frozen=True, kw_only=True)
class Advice:
    """A sentence on one resource, the ways that were weighed for it, and how they cross.

    `weighed` are those that would do, or may, the cheapest first; each says what speaks for and
    against it.
    """

    kind: str
    arn: str
    name: str
    part: str
    verdict: str
    weighed: tuple[Option, ...]
    curve: Curve | None = None


def advice(inventory: Inventory, terms: Terms) -> tuple[Advice, ...]:
    """Return the advice on every resource that other ways are known of.

    Endpoints come first, the dearest of them at the head, then functions and instances.
    """
    hosted = Hosted(inventory, terms)
    found = [sizing for endpoint in inventory.of(Endpoint) for sizing in sizings(endpoint, hosted)]
    hosting = [_advice(sizing) for sizing in sorted(found, key=_dearest_first)]
    targets = [
        _said(one.endpoint, f"{one.variant}, scaling target", one.verdict)
        for endpoint in inventory.of(Endpoint)
        for one in target_sizings(endpoint, hosted)
    ]
    functions = [
        _said(one.function, one.part, one.verdict) for one in function_sizings(inventory, terms)
    ]
    machines = [
        _said(one.instance, one.instance.instance_type, one.verdict)
        for one in machine_sizings(inventory, terms)
    ]
    return (*hosting, *targets, *functions, *machines)


def _advice(sizing: Sizing) -> Advice:
    return Advice(
        kind=type(sizing.endpoint).__name__,
        arn=sizing.endpoint.arn,
        name=sizing.endpoint.name,
        part=sizing.variant,
        verdict=sizing.verdict,
        weighed=_weighed(sizing),
        curve=sizing.curve,
    )


def _said(resource: Resource, part: str, verdict: str) -> Advice:
    return Advice(
        kind=type(resource).__name__,
        arn=resource.arn,
        name=resource.name,
        part=part,
        verdict=verdict,
        weighed=(),
    )


def _weighed(sizing: Sizing) -> tuple[Option, ...]:
    """Return what is cheaper for certain, then what may be; what has no known price last."""
    now = sizing.present.monthly
    left = [
        option
        for option in sizing.options
        if option.fit is not Fit.NO and option not in sizing.cheaper
        if option.monthly is None or now is None or option.monthly.min < now.expected
    ]
    return (*sizing.cheaper, *sorted(left, key=_cheapest_first))


def _cheapest_first(option: Option) -> tuple[object, ...]:
    monthly = option.monthly
    return (1,) if monthly is None else (0, monthly.expected, monthly.max)


def _dearest_first(sizing: Sizing) -> tuple[object, ...]:
    monthly = sizing.present.monthly
    return (0 if monthly is None else -monthly.expected, sizing.endpoint.arn, sizing.variant)
