"""What mending saves: no more than the resource costs that it is paid with."""

from dataclasses import replace
from decimal import Decimal

from mlguard.auditor import audit
from mlguard.cost.bill import Bill
from mlguard.cost.parts import paid_with
from mlguard.report import Report
from mlguard.snapshot import Inventory
from tests.builders.account import arn, snapshot
from tests.builders.bills import bill, estimate, known, not_known, span
from tests.builders.functions import function, provisioned
from tests.builders.hosting import endpoint, endpoint_config
from tests.builders.notebooks import notebook
from tests.reporters import made, sample


def report(of: Bill, *found: tuple[str, str, str]) -> Report:
    """Return a report with a finding for each (check, resource, saving)."""
    findings = [
        made.failed(
            made.finding(
                check,
                made.subject("Endpoint", name, arn("sagemaker", f"endpoint/{name}")),
                monthly_usd=Decimal(usd),
            )
        )
        for check, name, usd in found
    ]
    return sample.report(*findings, bill=of)


def test_a_resource_saves_no_more_than_it_costs() -> None:
    found = report(bill(estimate("breeds")), ("endpoint-one-instance", "breeds", "100"))
    assert found.saving == Decimal("40.88")
    assert found.after == 0


def test_what_is_left_is_what_is_expected_less_what_is_saved() -> None:
    two = bill(estimate("breeds", known(span(0, 100, 300))), estimate("cats", known(span(50))))
    found = report(two, ("endpoint-one-instance", "breeds", "30"))
    assert found.saving == 30
    assert found.after == 120


def test_what_is_known_of_a_resource_is_all_that_is_saved_for_certain() -> None:
    part = bill(estimate("breeds", known(span(5)), not_known()))
    assert report(part, ("endpoint-one-instance", "breeds", "30")).saving == 5


def test_what_is_on_no_bill_saves_and_leaves_the_bill_as_it_is() -> None:
    found = report(bill(estimate("cats", known(span(50)))), ("job-no-spot", "other", "12"))
    assert found.saving == 12
    assert found.after == 50


def test_money_of_a_part_is_saved_once_on_the_bill_of_the_whole() -> None:
    one = bill(
        estimate("breeds", known(span(60))),
        parts={arn("sagemaker", "endpoint/config"): arn("sagemaker", "endpoint/breeds")},
    )
    found = report(one, ("endpoint-one-instance", "breeds", "50"), ("job-no-spot", "config", "40"))
    assert found.saving == 50
    assert found.after == 10


def test_parts_are_known_by_what_they_belong_to() -> None:
    ready = provisioned()
    parts = paid_with(
        Inventory(snapshot(endpoint(), endpoint_config(), function(), ready, notebook()))
    )
    assert parts == {endpoint_config().arn: endpoint().arn, ready.arn: ready.function_arn}


def test_a_configuration_of_two_endpoints_is_paid_with_neither() -> None:
    other = endpoint(name="cats", arn=arn("sagemaker", "endpoint/cats"))
    parts = paid_with(Inventory(snapshot(endpoint(), other, endpoint_config())))
    assert parts == {}


def test_an_audit_carries_its_bill() -> None:
    found = audit(snapshot(notebook()))
    assert found.bill.as_of == found.today
    assert replace(found, bill=bill()).bill.estimates == ()
