"""The price book: what an hour of it costs there, or None; never another region's price."""

from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Final

from mlguard.data import prices
from mlguard.data.instance_types import Surface
from mlguard.data.prices import Component, Price, PriceStatus, Tier

HOURS_A_MONTH: Final = Decimal(730)
"""AWS's pricing calculator: 730 hours in a month."""

_SECONDS_A_MONTH: Final = HOURS_A_MONTH * 3600

_COMPONENT: Final = {
    Surface.NOTEBOOK: Component.NOTEBOOK,
    Surface.TRAINING: Component.TRAINING,
    Surface.PROCESSING: Component.PROCESSING,
    Surface.TRANSFORM: Component.TRANSFORM,
    Surface.ENDPOINT: Component.HOSTING,
}


@dataclass(frozen=True, slots=True)
class PriceBook:
    """The shipped prices: dated rows, each observed or derived, as `data/` holds them.

    `today` is what the age of a price is counted to; None: ages are not told.
    """

    today: date | None = None
    stale_after_months: int = 12

    def sagemaker(self, region: str, instance_type: str, surface: Surface) -> Price | None:
        """Return the hourly price of a SageMaker instance, None if unknown in that region."""
        return prices.sagemaker_price(region, instance_type, _COMPONENT[surface])

    def component(self, region: str, instance_type: str, component: Component) -> Price | None:
        """Return the price of a unit of what SageMaker bills as that component there."""
        return prices.sagemaker_price(region, instance_type, component)

    def function(self, region: str, architecture: str, charge: str) -> Price | None:
        """Return the price of a Lambda charge (`data.prices.lambda_price` lists them)."""
        return prices.lambda_price(region, architecture, charge)

    def function_tiers(self, region: str, architecture: str, charge: str) -> tuple[Tier, ...]:
        """Return the tiers of a Lambda charge, the first of them first; none if unknown."""
        return prices.lambda_tiers(region, architecture, charge)

    def charge(self, region: str, charge: str) -> Price | None:
        """Return the price of what belongs to no instance type, such as "EBS gp3"."""
        return prices.charge_price(region, charge)

    def note(self, price: Price) -> str | None:
        """Return what a reader has to know of a price before relying on it, None if nothing."""
        told = {
            PriceStatus.DERIVED: "the price is derived from another",
            PriceStatus.SECONDARY: "the price is told by others than AWS",
        }
        return told.get(price.status)

    def ec2(self, region: str, instance_type: str) -> Price | None:
        """Return the hourly Linux price of an EC2 instance, None if unknown in that region."""
        return prices.ec2_price(region, instance_type)

    def provisioned_concurrency(self, region: str, architecture: str) -> Price | None:
        """Return the price of a GB-second of provisioned concurrency, None if unknown."""
        return prices.lambda_price(region, architecture, "ProvisionedConcurrency")

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

    def monthly_provisioned_concurrency(
        self, region: str, architecture: str, *, memory_mb: int, count: int
    ) -> Decimal | None:
        """Return what `count` provisioned environments cost while nobody calls them.

        AWS Lambda pricing: charged for memory and time configured, used or not.
        """
        price = self.provisioned_concurrency(region, architecture)
        gigabyte_seconds = Decimal(memory_mb) / 1024 * count * _SECONDS_A_MONTH
        return None if price is None else _usd(price, gigabyte_seconds)


def _usd(price: Price, units: Decimal) -> Decimal | None:
    if price.currency != "USD":
        return None
    return (price.amount * units).quantize(Decimal("0.01"))
