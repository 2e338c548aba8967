"""The budget: what everything costs a month, against what may be spent."""

from collections.abc import Iterator
from typing import Final

from mlguard.check import Check, Context, Evidence, Severity, Unread, check
from mlguard.cost.budget import Budget, Standing
from mlguard.cost.estimate import Estimate
from mlguard.resources.base import Resource
from mlguard.resources.functions import Function
from mlguard.resources.hosting import Endpoint
from mlguard.resources.instances import Instance, Volume
from mlguard.resources.jobs import ProcessingJob, TrainingJob, TransformJob, TuningJob
from mlguard.resources.notebooks import NotebookInstance
from mlguard.snapshot import Gap, GapReason

KEY: Final = "cost.monthly-budget-usd"

_BILLED: Final = (
    NotebookInstance,
    TrainingJob,
    TuningJob,
    ProcessingJob,
    TransformJob,
    Endpoint,
    Function,
    Instance,
    Volume,
)


@check(
    "cost-over-budget",
    "Everything together costs more than the budget",
    on=_BILLED,
    severity=Severity.HIGH,
    needs_key=KEY,
    remediation="Stop, shrink or delete what costs most (mlguard cost shows each resource), or "
    "raise monthly-budget-usd in the configuration.",
    references=(
        "https://docs.aws.amazon.com/cost-management/latest/userguide/budgets-managing-costs.html",
    ),
    bad="monthly-budget-usd = 100, and 163.52 USD a month are expected",
    good="monthly-budget-usd = 200, and 163.52 USD a month are expected",
)
def cost_over_budget(resource: Resource, context: Context) -> Iterator[Evidence]:
    """Whatever is deployed goes on costing until somebody looks.

    The bill comes a month later, and says what was spent, not what could have been left. The
    finding stands on what costs most.
    """
    if context.budget_usd is None:
        return
    bill, budget = context.bill, Budget(monthly_usd=context.budget_usd)
    match budget.judge(bill):
        case Standing.OVER if bill.estimates[0].arn == resource.arn:
            known, own = budget.amount(bill), bill.estimates[0].known().expected
            yield Evidence(
                message=f"{known:,.2f} USD a month are expected, "
                f"{known - budget.monthly_usd:,.2f} more than the budget of "
                f"{budget.monthly_usd:,.2f}; this costs most of it, {own:,.2f}",
                at=KEY,
            )
        case Standing.NOT_KNOWN:
            if bill.estimates[:1] == (bill.of(resource.arn),):
                context.met.extend(gap for gap in bill.gaps if _of_parts(gap))
            estimate = bill.of(resource.arn)
            if estimate is not None and estimate.monthly_usd is None:
                raise Unread(_unknown(estimate))


def _of_parts(gap: Gap) -> bool:
    """Return whether the gap is in what is billed with another: no subject of this check has it."""
    return not {kind.__name__ for kind in _BILLED}.intersection(gap.kinds)


def _unknown(estimate: Estimate) -> Gap:
    return Gap(
        kinds=(estimate.kind,),
        account=estimate.account,
        region=estimate.region,
        operation="cost",
        reason=GapReason.INCOMPLETE,
        detail="; ".join(estimate.unknown) or "it is not billed in USD",
        subject=estimate.arn,
    )


CHECKS: Final[tuple[Check, ...]] = (cost_over_budget,)
