"""The budget: over it, within it, and where nobody can tell."""

from decimal import Decimal

from mlguard.check import Severity
from mlguard.report import Outcome
from tests.builders.account import arn, gap, snapshot
from tests.builders.notebooks import notebook
from tests.checks.case import Case

CHECK = "cost-over-budget"
# ml.t2.medium 0.0464 an hour, 730 hours, and 5 GB at 0.14: 34.572.
SMALL = notebook()
LARGE = notebook(
    name="large", arn=arn("sagemaker", "notebook-instance/large"), instance_type="ml.m5.xlarge"
)

CASES = (
    Case(
        name="over the budget, and told of what costs most alone",
        check=CHECK,
        snapshot=snapshot(SMALL, LARGE),
        budget_usd=Decimal(100),
        outcome=Outcome.FAILED,
        at="cost.monthly-budget-usd",
        says=("203.17 USD a month", "103.17 more than the budget of 100.00", "168.60"),
        severity=Severity.HIGH,
        fix=("monthly-budget-usd",),
    ),
    Case(
        name="at the budget to the cent",
        check=CHECK,
        snapshot=snapshot(SMALL),
        budget_usd=Decimal("34.58"),
        outcome=Outcome.PASSED,
    ),
    Case(
        name="under it, but not all was read",
        check=CHECK,
        snapshot=snapshot(SMALL, gaps=(gap("Endpoint"),)),
        budget_usd=Decimal(100),
        outcome=Outcome.NOT_EVALUATED,
    ),
    Case(
        name="under it, but what is kept warm was not read",
        check=CHECK,
        snapshot=snapshot(SMALL, gaps=(gap("ProvisionedConcurrency"),)),
        budget_usd=Decimal(100),
        outcome=Outcome.NOT_EVALUATED,
    ),
    Case(
        name="under it, but something has no known price",
        check=CHECK,
        snapshot=snapshot(SMALL, notebook(name="new", instance_type="ml.z99.huge")),
        budget_usd=Decimal(100),
        outcome=Outcome.NOT_EVALUATED,
    ),
    Case(
        name="over it already, whatever was not read",
        check=CHECK,
        snapshot=snapshot(SMALL, gaps=(gap("Endpoint"),)),
        budget_usd=Decimal(10),
        outcome=Outcome.FAILED,
        at="cost.monthly-budget-usd",
    ),
)
