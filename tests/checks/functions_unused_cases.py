"""Cases of the check on functions that nobody calls."""

from mlguard.check import Severity
from mlguard.policy import Policy
from mlguard.report import Outcome
from mlguard.resources.kinds import AnyResource
from mlguard.snapshot import Gap
from tests.builders.account import days_ago, gap, snapshot
from tests.builders.functions import (
    function,
    measured,
)
from tests.checks.case import Case


def unused(
    name: str,
    outcome: Outcome,
    *resources: AnyResource,
    gaps: tuple[Gap, ...] = (),
    says: tuple[str, ...] = (),
    fix: tuple[str, ...] = (),
    policy: Policy | None = None,
) -> Case:
    return Case(
        name=name,
        check="function-unused",
        snapshot=snapshot(*resources, gaps=gaps),
        outcome=outcome,
        at="Invocations" if outcome is Outcome.FAILED else None,
        severity=Severity.MEDIUM if outcome is Outcome.FAILED else None,
        says=says,
        fix=fix,
        policy=policy or Policy(),
    )


UNUSED = (
    unused(
        "a month without a call",
        Outcome.FAILED,
        function(),
        measured("Invocations"),
        says=("no invocation in 30 days",),
        fix=("delete-function --function-name predict", "/aws/lambda/predict", "predict-role"),
    ),
    unused("a month of zeros", Outcome.FAILED, function(), measured("Invocations", 0.0, 0.0)),
    unused("a function at work", Outcome.PASSED, function(), measured("Invocations", 0.0, 7.0)),
    unused(
        "a busy week is enough to know",
        Outcome.PASSED,
        function(),
        measured("Invocations", 7.0, days=7),
    ),
    unused(
        "a function in the making",
        Outcome.PASSED,
        function(last_modified_at=days_ago(3)),
        measured("Invocations"),
    ),
    unused(
        "a quiet week where the policy says a week",
        Outcome.FAILED,
        function(),
        measured("Invocations", days=7),
        says=("7 days",),
        policy=Policy(function_unused_days=7),
    ),
    unused(
        "a quiet week says nothing of a month",
        Outcome.NOT_EVALUATED,
        function(),
        measured("Invocations", days=7),
    ),
    unused("a function that nobody measured", Outcome.NOT_EVALUATED, function()),
    unused(
        "metrics that were refused",
        Outcome.NOT_EVALUATED,
        function(),
        measured("Invocations"),
        gaps=(gap("MetricSeries"),),
    ),
    unused(
        "another function's calls",
        Outcome.NOT_EVALUATED,
        function(),
        measured("Invocations", 5.0, of="resize"),
    ),
)


CASES: tuple[Case, ...] = UNUSED
