"""What the advice on functions says, and of what it keeps silent."""

from decimal import Decimal

from mlguard.cost.advice import advice
from mlguard.cost.assumptions import Traffic
from mlguard.cost.terms import Terms
from mlguard.resources.kinds import AnyResource
from mlguard.snapshot import Inventory
from tests.builders.account import snapshot
from tests.builders.cost import TERMS, calls, terms
from tests.builders.functions import function, provisioned

MILLION = terms(predict=calls(1_000_000))


def verdicts(under: Terms, *resources: AnyResource) -> dict[str, str]:
    found = advice(Inventory(snapshot(*resources)), under)
    assert {one.kind for one in found} <= {"Function"}
    return {one.part: one.verdict for one in found}


def test_keeping_it_warm_costs_more_than_on_demand() -> None:
    told = verdicts(MILLION, function(), provisioned())["provisioned concurrency of live"]
    # L5 and L3 less L2.
    assert "utilisation of 37.5%" in told
    assert "0.51 USD more than without; it pays from 60% on" in told


def test_keeping_it_warm_costs_less_than_on_demand() -> None:
    busy = terms(predict=calls(2_600_000))
    told = verdicts(busy, function(), provisioned())["provisioned concurrency of live"]
    assert "USD less than without" in told


def test_without_traffic_the_break_even_alone_is_known() -> None:
    assert verdicts(TERMS, function()) == {}
    told = verdicts(TERMS, function(), provisioned())
    assert list(told) == ["provisioned concurrency of live"]
    assert "it pays from a utilisation of 0.60 on" in told["provisioned concurrency of live"]


def test_five_reserved_are_enough_for_five_a_second_and_not_for_ten() -> None:
    said = {"latency_s": Decimal("0.985")}
    five = terms(predict=Traffic(rps=Decimal(5), **said))
    ten = terms(predict=Traffic(rps=Decimal(10), **said))
    # Q2 and Q3.
    assert verdicts(five, function())["reserved concurrency"] == (
        "5 calls a second of 0.985 s are 4.925 at once: 5 are enough, and 5 are reserved"
    )
    told = verdicts(ten, function())["reserved concurrency"]
    assert "9.850 at once: 10 are enough, and 5 are reserved" in told
    assert "5.08 calls a second, and what is beyond is throttled" in told


def test_another_architecture_is_told_with_what_it_would_save() -> None:
    assert "0.41 USD a month less" in verdicts(MILLION, function())["architecture"]
    assert "architecture" not in verdicts(MILLION, function(architecture="arm64"))
    assert "architecture" not in verdicts(terms(predict=calls(100)), function())


def test_where_no_price_is_known_nothing_is_said() -> None:
    far = function(architecture="riscv")
    assert verdicts(MILLION, far, provisioned()).keys() == {"reserved concurrency"}
