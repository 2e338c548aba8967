"""A budget: over, within, or not known; and what the doubts say."""

from decimal import Decimal

import pytest

from mlguard.cost.bill import Bill, bill
from mlguard.cost.budget import Budget, Measure, Standing
from mlguard.cost.prices import PriceBook
from mlguard.cost.terms import Terms
from tests.builders import account
from tests.builders.bills import bill as made
from tests.builders.bills import estimate, known, not_known, span

SCALED = estimate("breeds", known(span("40.88", "71.54", "163.52")))


def judged(usd: str, of: Bill, measure: Measure = Measure.EXPECTED) -> Standing:
    return Budget(monthly_usd=Decimal(usd), measure=measure).judge(of)


@pytest.mark.parametrize(
    ("usd", "measure", "standing"),
    [
        ("71.54", Measure.EXPECTED, Standing.WITHIN),
        ("71.53", Measure.EXPECTED, Standing.OVER),
        ("163.52", Measure.MAX, Standing.WITHIN),
        ("163.51", Measure.MAX, Standing.OVER),
        ("0", Measure.EXPECTED, Standing.OVER),
    ],
)
def test_a_budget_is_kept_to_the_cent(usd: str, measure: Measure, standing: Standing) -> None:
    assert judged(usd, made(SCALED), measure) is standing


def test_what_is_not_known_has_not_been_kept() -> None:
    part = made(SCALED, estimate("score", not_known(), kind="Function"))
    assert judged("1000", part) is Standing.NOT_KNOWN
    assert part.doubts == ("score (Function): data processed: no traffic was measured",)


def test_what_is_known_may_be_over_already() -> None:
    part = made(SCALED, estimate("score", not_known(), kind="Function"))
    assert judged("70", part) is Standing.OVER


def test_a_gap_in_what_costs_money_is_a_doubt() -> None:
    unread = made(SCALED, gaps=(account.gap("Endpoint"),))
    assert judged("1000", unread) is Standing.NOT_KNOWN


def test_another_currency_is_neither_added_nor_forgotten() -> None:
    china = made(SCALED, estimate("peking", known(span("9000"), currency="CNY")))
    assert china.monthly_usd == span("40.88", "71.54", "163.52")
    assert judged("1000", china) is Standing.NOT_KNOWN
    assert "is in CNY, not in USD" in china.doubts[0]


def test_a_source_that_tells_of_nothing_dear_keeps_no_budget() -> None:
    terms = Terms(book=PriceBook(), today=account.NOW.date())
    of_iam = bill(account.snapshot(covers=("Role", "User")), terms)
    assert judged("1000", of_iam) is Standing.NOT_KNOWN
    of_nothing = bill(account.snapshot(), terms)
    assert judged("0", of_nothing) is Standing.WITHIN


def test_a_gap_in_what_costs_nothing_is_no_doubt() -> None:
    terms = Terms(book=PriceBook(), today=account.NOW.date())
    assert bill(account.snapshot(gaps=(account.gap("Role"),)), terms).doubts == ()
    assert len(bill(account.snapshot(gaps=(account.gap("Endpoint"),)), terms).doubts) == 1
