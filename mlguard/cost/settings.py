"""`[tool.mlguard.cost]`: what the configuration says of prices, of use, and of the budget."""

from datetime import date
from decimal import Decimal

from msgspec import Struct, field
from msgspec.structs import replace

from mlguard.cost import stated
from mlguard.cost.assumptions import Assumptions
from mlguard.cost.price_terms import Discount, PriceOverride
from mlguard.cost.prices import PriceBook
from mlguard.data.price_file import PriceFile
from mlguard.errors import ConfigError


class CostSettings(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """How to estimate, and what may be spent.

    The tables are by a glob over names of resources: `traffic` as `"rps=2, latency=0.985,
    hours=6/day"`, `hours` and `runs` in a month as a number or `"8/day"`. `monthly_budget_usd`
    None: nobody set one, and nothing is held against it. `prices` are the team's own, `discounts`
    off all others; `refreshed` is what stands in the file that `prices_file` names.
    """

    free_tier: bool = False
    monthly_budget_usd: Decimal | None = None
    stale_after_months: int = 12
    prices_file: str | None = None
    prices: tuple[PriceOverride, ...] = ()
    discounts: tuple[Discount, ...] = ()
    refreshed: PriceFile | None = None
    traffic: dict[str, str] = field(default_factory=dict)
    hours: dict[str, str | int | float] = field(default_factory=dict)
    runs: dict[str, str | int | float] = field(default_factory=dict)

    def __post_init__(self) -> None:
        """Refuse what nothing could be estimated by; raises ConfigError with key and cure."""
        if self.monthly_budget_usd is not None:
            stated.money(str(self.monthly_budget_usd), "cost.monthly-budget-usd")
        if self.stale_after_months < 1:
            raise ConfigError("cost.stale-after-months: give 1 or more")
        self.assumptions()

    def book(self, today: date) -> PriceBook:
        """Return the prices that hold: shipped, refreshed, and what the team says of them."""
        return PriceBook(
            today=today,
            stale_after_months=self.stale_after_months,
            refreshed=self.refreshed,
            overrides=self.prices,
            discounts=self.discounts,
        )

    def assumptions(self) -> Assumptions:
        """Return what the tables say, parsed."""
        return Assumptions(
            traffic={
                name: stated.traffic(text, f"cost.traffic.{name}")
                for name, text in self.traffic.items()
            },
            hours={
                name: stated.hours(str(value), f"cost.hours.{name}")
                for name, value in self.hours.items()
            },
            runs={
                name: stated.runs(str(value), f"cost.runs.{name}")
                for name, value in self.runs.items()
            },
            free_tier=self.free_tier,
        )


def stated_too(
    settings: CostSettings,
    *,
    traffic: tuple[str, ...] = (),
    hours: tuple[str, ...] = (),
    runs: tuple[str, ...] = (),
    free_tier: bool = False,
) -> CostSettings:
    """Return the settings with what options state besides; raises ConfigError that names one.

    Of one name the option holds; of several that mean a resource, the most specific, as ever.
    """
    said = {
        "traffic": {stated.named_traffic(one, "--traffic")[0]: one for one in traffic},
        "hours": {stated.named_hours(one, "--hours")[0]: one for one in hours},
        "runs": {stated.named_runs(one, "--runs")[0]: one for one in runs},
    }
    return replace(
        settings,
        free_tier=settings.free_tier or free_tier,
        traffic=settings.traffic
        | {name: _value(one, ":") for name, one in said["traffic"].items()},
        hours=settings.hours | {name: _value(one, "=") for name, one in said["hours"].items()},
        runs=settings.runs | {name: _value(one, "=") for name, one in said["runs"].items()},
    )


def _value(text: str, behind: str) -> str:
    return text.rpartition(behind)[2]
