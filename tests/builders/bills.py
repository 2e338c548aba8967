"""Bills that were made up: estimates with lines that say just what a test is about."""

from collections.abc import Mapping
from decimal import Decimal

from mlguard.cost.bill import Bill
from mlguard.cost.estimate import Estimate, Line
from mlguard.cost.span import Span
from mlguard.data.prices import Price, PriceStatus
from mlguard.snapshot import Gap
from tests.builders.account import ACCOUNT, NOW, REGION, arn

HOUR = Price(
    amount=Decimal("0.056"),
    currency="USD",
    unit="hour",
    status=PriceStatus.DERIVED,
    source="AWS price list",
    source_date="2022-10",
)


def span(
    least: str | int, expected: str | int | None = None, most: str | int | None = None
) -> Span:
    """Return a span; one amount is certain."""
    middle = least if expected is None else expected
    return Span(Decimal(least), Decimal(middle), Decimal(middle if most is None else most))


def known(monthly: Span, what: str = "instances", currency: str = "USD") -> Line:
    return Line(
        what=what,
        monthly=monthly,
        currency=currency,
        units=Span.exactly(730),
        price=HOUR,
        assumptions=("runs all month", "the price is derived from another"),
    )


def not_known(what: str = "data processed", reason: str = "no traffic was measured") -> Line:
    return Line(what=what, monthly=None, unknown=reason)


def estimate(
    name: str = "breeds",
    *lines: Line,
    kind: str = "Endpoint",
    of: str | None = None,
    tags: Mapping[str, str] | None = None,
    per_run: Decimal | None = None,
) -> Estimate:
    return Estimate(
        kind=kind,
        arn=of or arn("sagemaker", f"{kind.lower()}/{name}"),
        account=ACCOUNT,
        region=REGION,
        name=name,
        lines=lines or (known(span("40.88")),),
        tags=tags or {},
        per_run=per_run,
    )


def bill(*estimates: Estimate, gaps: tuple[Gap, ...] = (), **more: object) -> Bill:
    ordered = sorted(estimates, key=lambda one: -one.known().expected)
    return Bill(estimates=tuple(ordered), gaps=gaps, as_of=NOW.date(), **more)  # type: ignore[arg-type]  # a test's keywords
