"""What an account costs a month, as a test of the audit and as an assertion of users' tests."""

from decimal import Decimal, InvalidOperation
from typing import Final

from mlguard.cost import stated
from mlguard.cost.bill import Bill, doubts_of
from mlguard.cost.budget import Budget, Standing
from mlguard.cost.estimate import Estimate
from mlguard.cost.span import Span
from mlguard.reporters.escaping import printable
from mlguard.reporters.money import amount, ends
from mlguard_pytest.doubt import NotEvaluatedError
from mlguard_pytest.facade import Mlguard
from mlguard_pytest.options import MAX_MONTHLY_USD
from mlguard_pytest.subjects import EndpointView, FunctionView
from mlguard_pytest.verdict import Fate, Verdict

WHOLE: Final = "monthly-cost"
"""The name of the test that stands for the budget."""

_SHOWN: Final = 3


def verdict_of(bill: Bill, max_monthly_usd: str, *, unread: Fate) -> Verdict:
    """Return the test of the budget; raises ConfigError for one that is no number.

    What is not known has not been kept: `unread` is what becomes of the test then.
    """
    budget = Budget(monthly_usd=stated.money(max_monthly_usd, MAX_MONTHLY_USD))
    match budget.judge(bill):
        case Standing.OVER:
            said = (
                f"{_said(bill.monthly_usd)}, over the budget of {amount(budget.monthly_usd)}; "
                f"{_dearest(bill.estimates)}"
            )
            text = printable(said)
            return Verdict(name=WHOLE, fate=Fate.FAIL, headline=text, text=text)
        case Standing.NOT_KNOWN:
            lines = [printable(f"not evaluated: {doubt}") for doubt in bill.doubts]
            more = f" (and {len(lines) - 1} more)" if len(lines) > 1 else ""
            return Verdict(name=WHOLE, fate=unread, headline=lines[0] + more, text="\n".join(lines))
        case Standing.WITHIN:
            return Verdict(name=WHOLE, fate=Fate.PASS)


def assert_monthly_cost_below(
    of: "Mlguard | EndpointView | FunctionView", usd: "Decimal | float | str"
) -> None:
    """Fail unless the account, or one function or endpoint of it, costs less than that a month.

    Held against is what is expected, by the prices and the use that the configuration states. What
    is unknown, was not read or is in another currency is no pass: NotEvaluatedError. An amount that
    is no number is a ValueError; what costs nothing, such as a role, is a TypeError.
    """
    __tracebackhide__ = True
    limit = _limit(usd)
    if isinstance(of, Mlguard):
        bill, name = of.bill, "the account"
        estimates, doubts = bill.estimates, bill.doubts
    else:
        if not isinstance(of, EndpointView | FunctionView):
            raise TypeError(f"{of!r} costs nothing: give mlguard, an endpoint or a function")
        bill, name = of.account.engine.bill, of.name
        estimates = bill.paid_with(of.arn)
        doubts = tuple(doubt for one in estimates for doubt in doubts_of(one))
    total = Span.total(one.known() for one in estimates)
    if total.expected >= limit:
        raise AssertionError(
            printable(f"{name}: {_said(total)}, not below {amount(limit)}; {_dearest(estimates)}")
        )
    if doubts:
        more = f" (and {len(doubts) - 1} more)" if len(doubts) > 1 else ""
        raise NotEvaluatedError(
            printable(f"whether {name} costs less than {amount(limit)} cannot be told: {doubts[0]}")
            + more
        )


def _limit(usd: "Decimal | float | str") -> Decimal:
    try:
        limit = Decimal(str(usd))
    except InvalidOperation:
        raise ValueError(f"{usd!r} is no amount of USD") from None
    if not limit.is_finite():
        raise ValueError(f"{usd!r} is no amount of USD")
    return limit


def _said(span: Span) -> str:
    return f"{amount(span.expected)} USD a month are expected{ends(span)}"


def _dearest(estimates: tuple[Estimate, ...]) -> str:
    shown = ", ".join(
        f"{one.name} ({one.kind}) {amount(one.known().expected)}" for one in estimates[:_SHOWN]
    )
    left = len(estimates) - _SHOWN
    return f"the dearest: {shown}" + (f", and {left} more" if left > 0 else "")
