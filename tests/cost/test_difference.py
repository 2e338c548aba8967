"""One bill against another."""

from decimal import Decimal

from hypothesis import given
from hypothesis import strategies as st

from mlguard.cost.bill import Bill
from mlguard.cost.difference import difference
from tests.builders import account
from tests.builders.bills import bill, estimate, known, not_known, span

BREEDS = estimate("breeds")

AMOUNTS = st.decimals(0, 1000, places=2)
BILLS = st.dictionaries(st.sampled_from("abcdef"), AMOUNTS, max_size=6).map(
    lambda amounts: bill(*(estimate(name, known(span(str(of)))) for name, of in amounts.items()))
)


@given(BILLS, BILLS)
def test_what_changed_adds_up_to_the_difference_of_the_totals(one: Bill, other: Bill) -> None:
    found = difference(one, other)
    assert sum((change.delta_usd or Decimal(0) for change in found.changes), Decimal(0)) == (
        other.monthly_usd.expected - one.monthly_usd.expected
    )


@given(BILLS, BILLS)
def test_the_other_way_round_everything_is_the_opposite(one: Bill, other: Bill) -> None:
    there, back = difference(one, other), difference(other, one)
    assert there.delta_usd == -back.delta_usd
    assert {change.estimate.name: change.delta_usd for change in there.changes} == {
        change.estimate.name: -(change.delta_usd or 0) for change in back.changes
    }


def test_nothing_changed_is_silent_whatever_the_words() -> None:
    again = estimate("breeds", known(span("40.88"), what="said otherwise"))
    assert difference(bill(BREEDS), bill(again)).silent


def test_added_removed_and_dearer_are_told_the_dearest_first() -> None:
    before = bill(BREEDS, estimate("gone", kind="Function"))
    after = bill(estimate("breeds", known(span("163.52"))), estimate("new", known(span("8.47"))))
    found = difference(before, after)
    assert [(one.estimate.name, one.delta_usd) for one in found.changes] == [
        ("breeds", Decimal("122.64")),
        ("new", Decimal("8.47")),
        ("gone", Decimal("-40.88")),
    ]
    assert found.delta_usd == Decimal("90.23")
    assert found.not_known == 0


def test_a_wider_span_is_a_change_though_as_much_is_expected() -> None:
    wider = estimate("breeds", known(span("40.88", "40.88", "163.52")))
    (change,) = difference(bill(BREEDS), bill(wider)).changes
    assert change.delta_usd == 0


def test_what_becomes_unknown_is_a_change_that_no_number_tells() -> None:
    blind = estimate("breeds", known(span("40.88")), not_known())
    found = difference(bill(BREEDS), bill(blind))
    assert found.changes[0].delta_usd is None
    assert found.changes[0].reasons == ("after: no traffic was measured",)
    assert found.not_known == 1


def test_a_currency_that_changes_is_no_number_of_dollars() -> None:
    moved = estimate("breeds", known(span("300"), currency="CNY"))
    (change,) = difference(bill(BREEDS), bill(moved)).changes
    assert change.delta_usd is None
    assert change.reasons == ("after: is in CNY, not in USD",)


def test_the_same_name_in_another_account_is_the_same_thing() -> None:
    there = estimate("breeds", of="arn:aws:sagemaker:eu-west-1:999999999999:endpoint/breeds")
    assert difference(bill(BREEDS), bill(there)).silent


def test_two_things_of_one_name_are_told_apart() -> None:
    far = estimate("breeds", of="arn:aws:sagemaker:eu-west-1:999999999999:endpoint/breeds")
    other = estimate("breeds", of="arn:aws:sagemaker:eu-west-1:111111111111:endpoint/breeds")
    found = difference(bill(far, other), bill(far, estimate("breeds")))
    assert [one.delta_usd for one in found.changes] == []


def test_a_gap_that_is_new_hides_a_change() -> None:
    unread = bill(BREEDS, gaps=(account.gap("Function"),))
    assert not difference(bill(BREEDS), unread).silent
    assert difference(unread, unread).silent
    assert difference(unread, bill(BREEDS)).silent
