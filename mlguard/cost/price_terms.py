"""What a team pays instead of AWS's list prices: prices of its own, Savings Plans, agreements."""

import re
from collections.abc import Mapping
from decimal import Decimal
from enum import StrEnum
from typing import Final

from msgspec import Struct

from mlguard.data.price_file import REGION, currency_of, positive
from mlguard.data.prices import (
    ANY_ARCHITECTURE,
    FIRST_TIER,
    Component,
    Key,
    Price,
    PriceStatus,
    PriceTable,
    shipped,
)
from mlguard.iam.language.wildcard import matches

_TYPES: Final[Mapping[PriceTable, re.Pattern[str]]] = {
    PriceTable.SAGEMAKER: re.compile(
        r"ml\.[a-z0-9-]+\.[a-z0-9-]+|serverless(-\d+MB)?|ml-storage-.+"
    ),
    PriceTable.EC2: re.compile(r"(?!ml\.)[a-z0-9-]+\.[a-z0-9-]+"),
}
_NEEDS: Final[Mapping[PriceTable, frozenset[str]]] = {
    PriceTable.SAGEMAKER: frozenset({"type", "component"}),
    PriceTable.EC2: frozenset({"type"}),
    PriceTable.LAMBDA: frozenset({"charge"}),
    PriceTable.CHARGES: frozenset({"charge"}),
}
_HUNDRED: Final = Decimal(100)


class PriceOverride(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """What one unit costs the team in one region: `[[tool.mlguard.cost.prices]]`.

    It is what is paid: no discount is taken off it. The unit is the one that AWS's price list has
    for it, the currency that of the region. A `service` needs: "sagemaker" `type` and `component`
    (see Component), "ec2" `type`, "lambda" `charge` (and `architecture`, else it is for both),
    "charges" `charge`. Raises ValueError for anything else.
    """

    service: PriceTable
    region: str
    amount: Decimal
    type: str | None = None
    component: str | None = None
    charge: str | None = None
    architecture: str | None = None

    def __post_init__(self) -> None:
        """Refuse what could be the price of nothing."""
        _refuse_region(self.region)
        positive(str(self.amount))
        needed = _NEEDS[self.service]
        said = {name for name in ("type", "component", "charge") if getattr(self, name) is not None}
        if said != needed or (self.architecture and self.service is not PriceTable.LAMBDA):
            raise ValueError(f"a price of {self.service} is of {' and '.join(sorted(needed))}")
        if self.type is not None:
            _refuse_type(self.service, self.type)
        if self.unit is None:
            known = ", ".join(sorted(self._kinds()))
            raise ValueError(f"no price of {self.service} is of {self._kind!r}: known: {known}")

    @property
    def keys(self) -> tuple[Key, ...]:
        """The keys of the prices that it stands for."""
        if self.service is PriceTable.SAGEMAKER:
            return ((self.region, self.type or "", self.component or ""),)
        if self.service is PriceTable.EC2:
            return ((self.region, self.type or ""),)
        if self.service is PriceTable.CHARGES:
            return ((self.region, self.charge or ""),)
        both = (self.architecture,) if self.architecture else ("x86_64", "arm64", ANY_ARCHITECTURE)
        return tuple((self.region, one, self.charge or "", FIRST_TIER) for one in both)

    @property
    def unit(self) -> str | None:
        """The unit that the price list has for it, None if it has nothing of the kind."""
        return self._kinds().get(self._kind)

    @property
    def price(self) -> Price:
        """The price as said."""
        return Price(
            amount=self.amount,
            currency=currency_of(self.region),
            unit=self.unit or "",
            status=PriceStatus.GIVEN,
            source="the configuration",
            source_date="",
        )

    @property
    def _kind(self) -> str:
        return self.component or self.charge or ""

    def _kinds(self) -> Mapping[str, str]:
        place = {PriceTable.EC2: None, PriceTable.CHARGES: 1}.get(self.service, 2)
        rows = shipped(self.service).items()
        return {key[place] if place else "": price.unit for key, price in rows}


class DiscountKind(StrEnum):
    """Whose discount it is: of each kind, and of several agreements, one comes after the other."""

    SAVINGS_PLAN = "savings-plan"
    AGREEMENT = "agreement"


class Discount(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """What is taken off list prices, and off which: `[[tool.mlguard.cost.discounts]]`.

    `percent` off, or, of a Savings Plan for one type in one region, the `rate` of an hour.
    `region`, `type` and `component` are globs; the component of a Lambda price or of a charge is
    that charge. A Savings Plan is taken to cover all that it is for, first come of those listed;
    then each agreement, such as an Enterprise Discount Program, is taken off what is left. Raises
    ValueError for what makes no sense.
    """

    name: str
    kind: DiscountKind = DiscountKind.AGREEMENT
    percent: Decimal | None = None
    rate: Decimal | None = None
    service: PriceTable | None = None
    region: str = "*"
    type: str | None = None
    component: str | None = None

    def __post_init__(self) -> None:
        """Refuse a discount that is none, or of which nobody can tell what it is off."""
        if not self.name.strip():
            raise ValueError("a discount needs a name: reports say whose it is")
        if (self.percent is None) == (self.rate is None):
            raise ValueError("give either percent or rate")
        percent = self.percent
        if percent is not None and not (percent.is_finite() and 0 < percent < _HUNDRED):
            raise ValueError(f"percent {percent} is not between 0 and 100")
        plan = self.kind is DiscountKind.SAVINGS_PLAN
        if plan and self.service not in _COVERED:
            raise ValueError(f"a Savings Plan is of a service: {', '.join(sorted(_COVERED))}")
        if self.rate is not None:
            self._refuse_loose_rate(self.rate)

    def _refuse_loose_rate(self, rate: Decimal) -> None:
        positive(str(rate))
        if self.kind is not DiscountKind.SAVINGS_PLAN or self.service not in _TYPES:
            raise ValueError("a rate is that of a savings-plan, for an hour of sagemaker or ec2")
        _refuse_region(self.region)
        if self.type is None:
            raise ValueError("a rate is that of one type: name it")
        _refuse_type(self.service, self.type)
        if self.service is PriceTable.SAGEMAKER and self.component not in set(Component):
            raise ValueError(f"a rate is that of one component: {', '.join(Component)}")

    def covers(self, table: PriceTable, key: Key, price: Price) -> bool:
        """Return whether it is taken off the list price with this key."""
        if self.service not in (None, table) or not matches(self.region, key[0]):
            return False
        if self.kind is DiscountKind.SAVINGS_PLAN and not _COVERED[table](key, price):
            return False
        named = _named(table, key)
        wanted = {"type": self.type, "component": self.component}
        return all(
            glob is None or (name in named and matches(glob, named[name]))
            for name, glob in wanted.items()
        )

    def off(self, amount: Decimal) -> Decimal:
        """Return what is left of an amount."""
        if self.rate is not None:
            return self.rate
        return amount * (1 - (self.percent or Decimal(0)) / _HUNDRED)

    @property
    def said(self) -> str:
        """The name and how much it is."""
        return (
            f"{self.name} ({self.rate} an hour)" if self.rate else f"{self.name} ({self.percent} %)"
        )


def discounted(
    price: Price, discounts: tuple[Discount, ...], *, table: PriceTable, key: Key
) -> Price:
    """Return the price after what is taken off it; the price itself where nothing is."""
    found = [one for one in discounts if one.covers(table, key, price)]
    plans = [one for one in found if one.kind is DiscountKind.SAVINGS_PLAN][:1]
    taken = [*plans, *(one for one in found if one.kind is DiscountKind.AGREEMENT)]
    if not taken:
        return price
    amount = price.amount
    for one in taken:
        amount = one.off(amount)
    return Price(
        amount=amount,
        currency=price.currency,
        unit=price.unit,
        status=price.status,
        source=price.source,
        source_date=price.source_date,
        list_amount=price.amount,
        discounts=tuple(one.said for one in taken),
    )


def _instance_hour(_: Key, price: Price) -> bool:
    return price.unit == "Hrs"


def _compute_of_lambda(key: Key, _: Price) -> bool:
    return key[2] in ("Duration", "ProvisionedConcurrency", "ProvisionedDuration")


# Savings Plans user guide, "Plan types": instance usage of SageMaker and EC2, and of Lambda its
# duration and provisioned concurrency; no storage, no requests, no addresses. Whether the
# seconds of serverless inference are covered is told either way, so they are not taken to be.
_COVERED: Final = {
    PriceTable.SAGEMAKER: _instance_hour,
    PriceTable.EC2: _instance_hour,
    PriceTable.LAMBDA: _compute_of_lambda,
}


def _named(table: PriceTable, key: Key) -> Mapping[str, str]:
    match table:
        case PriceTable.SAGEMAKER:
            return {"type": key[1], "component": key[2]}
        case PriceTable.EC2:
            return {"type": key[1]}
        case PriceTable.LAMBDA:
            return {"component": key[2]}
        case PriceTable.CHARGES:
            return {"component": key[1]}


def _refuse_region(region: str) -> None:
    if not REGION.fullmatch(region):
        raise ValueError(f"{region!r} is no region such as us-east-1: a price is of one region")


def _refuse_type(service: PriceTable | None, name: str) -> None:
    if service is not None and not _TYPES[service].fullmatch(name):
        example = "ml.m5.large" if service is PriceTable.SAGEMAKER else "m5.large"
        raise ValueError(f"{name!r} is no type of {service} such as {example}")
