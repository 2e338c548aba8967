"""The price book: what an hour of it costs there, or None; never another region's price."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from functools import cached_property
from typing import Final

from mlguard.cost.price_terms import Discount, PriceOverride, discounted
from mlguard.data.instance_types import Surface
from mlguard.data.price_dates import earliest, months_between
from mlguard.data.price_file import PriceFile
from mlguard.data.prices import (
    Component,
    Key,
    Price,
    PriceStatus,
    PriceTable,
    Tier,
    better,
    is_tier,
    lambda_keys,
    shipped,
)

HOURS_A_MONTH: Final = Decimal(730)
"""AWS's pricing calculator: 730 hours in a month."""

_COMPONENT: Final = {
    Surface.NOTEBOOK: Component.NOTEBOOK,
    Surface.TRAINING: Component.TRAINING,
    Surface.PROCESSING: Component.PROCESSING,
    Surface.TRANSFORM: Component.TRANSFORM,
    Surface.ENDPOINT: Component.HOSTING,
}

_TOLD: Final = {
    PriceStatus.DERIVED: "the price is derived from another",
    PriceStatus.SECONDARY: "the price is told by others than AWS",
    PriceStatus.GIVEN: "the price is the configuration's",
}


@dataclass(frozen=True)
class PriceBook:
    """What a unit costs: the shipped prices, with what was fetched or agreed since.

    Shipped and `refreshed` prices stand side by side: an observed one beats a derived one, then
    the newer wins. `overrides` are what the team pays for certain; `discounts` are taken off all
    others. `today` is what the age of a price is counted to; None: ages are not told.
    """

    today: date | None = None
    stale_after_months: int = 12
    refreshed: PriceFile | None = None
    overrides: tuple[PriceOverride, ...] = ()
    discounts: tuple[Discount, ...] = ()

    def sagemaker(self, region: str, instance_type: str, surface: Surface) -> Price | None:
        """Return the hourly price of a SageMaker instance, None if unknown in that region."""
        return self.component(region, instance_type, _COMPONENT[surface])

    def component(self, region: str, instance_type: str, component: Component) -> Price | None:
        """Return the price of a unit of what SageMaker bills as that component there."""
        return self._find(PriceTable.SAGEMAKER, (region, instance_type, component.value))

    def function(self, region: str, architecture: str, charge: str) -> Price | None:
        """Return the price of a Lambda charge there, in its first tier.

        `architecture` is "x86_64" or "arm64"; `charge` is "Requests", "Duration",
        "ProvisionedConcurrency", "ProvisionedDuration" or "EphemeralStorage >512MB".
        """
        return self._find(PriceTable.LAMBDA, *lambda_keys(region, architecture, charge))

    def function_tiers(self, region: str, architecture: str, charge: str) -> tuple[Tier, ...]:
        """Return the tiers of a Lambda charge, the first of them first; none if unknown.

        A price of the team's own is that of every tier.
        """
        first = self.function(region, architecture, charge)
        if first is not None and first.status is PriceStatus.GIVEN:
            return (Tier(begins=Decimal(0), price=first),)
        known = {*shipped(PriceTable.LAMBDA)}
        if self.refreshed is not None:
            known.update(self.refreshed.tables.get(PriceTable.LAMBDA, {}))
        found = (
            Tier(begins=Decimal(key[-1]), price=price)
            for key in known
            if is_tier(key, region, architecture, charge)
            and (price := self._find(PriceTable.LAMBDA, key)) is not None
        )
        return tuple(sorted(found, key=lambda tier: tier.begins))

    def charge(self, region: str, charge: str) -> Price | None:
        """Return the price of what belongs to no instance type, such as "EBS gp3"."""
        return self._find(PriceTable.CHARGES, (region, charge))

    def note(self, price: Price) -> str | None:
        """Return what a reader has to know of a price before relying on it, None if nothing."""
        return "; ".join(self.notes(price)) or None

    def notes(self, price: Price) -> tuple[str, ...]:
        """Return the same, a sentence for each thing: how it is known, how old, what is off it."""
        told = list(_how_known(price))
        if price.status is not PriceStatus.GIVEN and self.today is not None:
            first = earliest(price.source_date)
            if first > self.today:
                told.append(f"the price is of {price.source_date}, a day that is yet to come")
            months = months_between(first, self.today)
            if months >= self.stale_after_months:
                told.append(f"the price is of {price.source_date}, up to {months} months old")
        if price.list_amount is not None:
            listed = f"{price.list_amount:f} {price.currency}"
            verb = "is" if len(price.discounts) == 1 else "are"
            told.append(f"{' and '.join(price.discounts)} {verb} off the list price of {listed}")
        return tuple(told)

    def _find(self, table: PriceTable, *keys: Key) -> Price | None:
        """Return the price with the first of these keys that has one."""
        for key in keys:
            given = self._given.get((table, key))
            if given is not None:
                return given
            known = self._listed(table, key)
            if known is not None:
                return discounted(known, self.discounts, table=table, key=key)
        return None

    def _listed(self, table: PriceTable, key: Key) -> Price | None:
        known = shipped(table).get(key)
        fetched = None if self.refreshed is None else self.refreshed.get(table, key)
        return known if fetched is None else better(known, fetched)

    @cached_property
    def _given(self) -> Mapping[tuple[PriceTable, Key], Price]:
        return {(one.service, key): one.price for one in self.overrides for key in one.keys}

    def ec2(self, region: str, instance_type: str) -> Price | None:
        """Return the hourly Linux price of an EC2 instance, None if unknown in that region."""
        return self._find(PriceTable.EC2, (region, instance_type))

    def provisioned_concurrency(self, region: str, architecture: str) -> Price | None:
        """Return the price of a GB-second of provisioned concurrency, None if unknown."""
        return self.function(region, architecture, "ProvisionedConcurrency")

    def monthly_sagemaker(
        self, region: str, instance_type: str, surface: Surface, *, count: int = 1
    ) -> Decimal | None:
        """Return what `count` instances cost if they run all month, None if unknown."""
        price = self.sagemaker(region, instance_type, surface)
        return None if price is None else _usd(price, HOURS_A_MONTH * count)

    def monthly_ec2(self, region: str, instance_type: str) -> Decimal | None:
        """Return what an EC2 instance costs if it runs all month, None if unknown."""
        price = self.ec2(region, instance_type)
        return None if price is None else _usd(price, HOURS_A_MONTH)


def _how_known(price: Price) -> Iterator[str]:
    if price.status in _TOLD:
        rule = " by a rule that is unverified" if "UNVERIFIED" in price.source else ""
        yield _TOLD[price.status] + rule


def _usd(price: Price, units: Decimal) -> Decimal | None:
    if price.currency != "USD":
        return None
    return (price.amount * units).quantize(Decimal("0.01"))
