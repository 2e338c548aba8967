"""What stands around an endpoint: its configuration, what scales it, and its traffic."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from decimal import Decimal
from functools import cached_property
from typing import Final

from mlguard.cost.load import Load, Unmeasured
from mlguard.cost.observed import observed_load
from mlguard.cost.terms import Terms
from mlguard.resources.base import Resource
from mlguard.resources.hosting import Endpoint, EndpointConfig, Model, RunningVariant, Variant
from mlguard.resources.scaling import ScalableTarget, ScalingPolicy, ScheduledAction
from mlguard.snapshot import Inventory

INSTANCES: Final = "sagemaker:variant:DesiredInstanceCount"

_COPY: Final = "the shadow variant taken to get a copy of all the stated traffic"

Key = tuple[str, str, str, str]
"""Account, region, and what AWS calls a scalable target: resource id and dimension."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Scaler:
    """A scalable target, the policies that move it, and the scheduled actions to come."""

    target: ScalableTarget
    policies: tuple[ScalingPolicy, ...] = ()
    actions: tuple[ScheduledAction, ...] = ()


class Hosted:
    """The inventory, indexed for the questions that the price of an endpoint asks."""

    def __init__(self, inventory: Inventory, terms: Terms) -> None:
        self.inventory = inventory
        self.terms = terms

    def config(self, endpoint: Endpoint) -> EndpointConfig | None:
        """Return the endpoint's configuration, None where the snapshot has none."""
        return self._configs.get((endpoint.account, endpoint.region, endpoint.config_name or ""))

    def model(self, endpoint: Endpoint, variant: Variant) -> Model | None:
        """Return the model behind a variant, None where the snapshot has none."""
        return self._models.get((endpoint.account, endpoint.region, variant.model_name or ""))

    def running(self, endpoint: Endpoint, variant: Variant) -> RunningVariant | None:
        """Return the variant as it runs now, None where AWS does not say."""
        return next((one for one in endpoint.variants if one.name == variant.name), None)

    def scaler(self, endpoint: Endpoint, variant: Variant, dimension: str) -> Scaler | None:
        """Return what scales a dimension of a variant, None if it is not registered."""
        resource_id = f"endpoint/{endpoint.name}/variant/{variant.name}"
        target = self._targets.get((endpoint.account, endpoint.region, resource_id, dimension))
        if target is None:
            return None
        key, now = _key(target), self.inventory.snapshot.taken_at
        return Scaler(
            target=target,
            policies=self._policies.get(key, ()),
            actions=tuple(
                action
                for action in self._actions.get(key, ())
                if action.end_at is None or action.end_at > now
            ),
        )

    def unread(self, kind: type[Resource], endpoint: Endpoint) -> str | None:
        """Return why not all of a kind around the endpoint was read, None if it was."""
        gaps = self.inventory.gaps(kind, account=endpoint.account, region=endpoint.region)
        return gaps[0].detail if gaps else None

    def load(self, endpoint: Endpoint, variant: Variant, *, shadow: bool) -> Load | Unmeasured:
        """Return the traffic of a variant: as stated, or else as observed.

        What is stated is the endpoint's: production variants share it by their weights, and a
        shadow variant is taken to get a copy of all of it.
        """
        traffic = self.terms.assumptions.traffic_of(endpoint.name)
        if traffic is None:
            return observed_load(endpoint, variant.name, self.inventory)
        if shadow:
            return replace(Load.stated(traffic), said=(_COPY,))
        config = self.config(endpoint)
        others = () if config is None else config.variants
        weights = [_weight(one) for one in others]
        if len(others) < 2 or not sum(weights):  # noqa: PLR2004  # nothing to share
            return Load.stated(traffic)
        return Load.stated(traffic, share=_weight(variant) / sum(weights, Decimal(0)))

    @cached_property
    def _configs(self) -> Mapping[tuple[str, str, str], EndpointConfig]:
        found = self.inventory.of(EndpointConfig)
        return {(one.account, one.region, one.name): one for one in found}

    @cached_property
    def _models(self) -> Mapping[tuple[str, str, str], Model]:
        found = self.inventory.of(Model)
        return {(one.account, one.region, one.name): one for one in found}

    @cached_property
    def _targets(self) -> Mapping[Key, ScalableTarget]:
        found = self.inventory.of(ScalableTarget)
        return {_key(one): one for one in found if one.service_namespace == "sagemaker"}

    @cached_property
    def _policies(self) -> Mapping[Key, tuple[ScalingPolicy, ...]]:
        found: dict[Key, tuple[ScalingPolicy, ...]] = {}
        for one in self.inventory.of(ScalingPolicy):
            found[_key(one)] = (*found.get(_key(one), ()), one)
        return found

    @cached_property
    def _actions(self) -> Mapping[Key, tuple[ScheduledAction, ...]]:
        found: dict[Key, tuple[ScheduledAction, ...]] = {}
        for one in self.inventory.of(ScheduledAction):
            found[_key(one)] = (*found.get(_key(one), ()), one)
        return found


def _key(one: ScalableTarget | ScalingPolicy | ScheduledAction) -> Key:
    return (one.account, one.region, one.resource_id, one.dimension)


def _weight(variant: Variant) -> Decimal:
    """Return the variant's weight: 1 where none is given (API reference, "ProductionVariant")."""
    return Decimal(1) if variant.weight is None else Decimal(str(variant.weight))
