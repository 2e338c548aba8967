"""Provisioned concurrency that was left behind, or is too seldom in use to pay."""

from msgspec.structs import replace

from mlguard.check import Severity
from mlguard.report import Outcome
from mlguard.resources.metrics import MetricSeries
from tests.builders.account import days_ago, gap
from tests.builders.functions import (
    FUNCTION_ARN,
    alias,
    event_source,
    function,
    function_policy,
    function_url,
    measured,
    provisioned,
    version,
)
from tests.checks.case import Case
from tests.checks.concurrency_cases import HIDDEN, case


def ran(*values: float, qualifier: str = "live") -> MetricSeries:
    series = measured("ProvisionedConcurrencyInvocations", *values)
    return replace(series, arn=f"{FUNCTION_ARN}:{qualifier}")


ORPHANED = "provisioned-orphaned-version"
AT = "ProvisionedConcurrencyConfigs[].FunctionArn"
LEFT = (function(), provisioned("2"), alias(version="3"))
ORPHANED_VERSION = (
    case(
        ORPHANED,
        "a version that the alias left",
        Outcome.FAILED,
        *LEFT,
        ran(qualifier="2"),
        at=AT,
        severity=Severity.INFORMATIONAL,
        says=("1 provisioned for version 2 for 1.37 USD a month", "no alias points at it"),
        fix=("delete-provisioned-concurrency-config", "--qualifier 2"),
    ),
    case(
        ORPHANED,
        "a large version that the alias left",
        Outcome.FAILED,
        *LEFT,
        version("2", memory_mb=10240),
        ran(qualifier="2"),
        severity=Severity.MEDIUM,
        says=("for 109.50 USD a month",),
    ),
    case(
        ORPHANED,
        "a price that nobody knows",
        Outcome.FAILED,
        function(architecture="riscv"),
        provisioned("2"),
        ran(qualifier="2"),
        severity=Severity.MEDIUM,
        says=("at an unknown price",),
    ),
    case(ORPHANED, "an alias", Outcome.PASSED, function(), provisioned(), alias()),
    case(
        ORPHANED,
        "the version of an alias",
        Outcome.PASSED,
        function(),
        provisioned("3"),
        alias(version="3"),
        ran(qualifier="3"),
    ),
    case(
        ORPHANED,
        "a version to which an alias sends a share",
        Outcome.PASSED,
        *LEFT[:2],
        alias(version="3", routed_versions=("2",)),
    ),
    case(
        ORPHANED,
        "a version that is called by its number",
        Outcome.PASSED,
        *LEFT,
        ran(5.0, qualifier="2"),
    ),
    case(
        ORPHANED,
        "a version that a queue calls",
        Outcome.PASSED,
        *LEFT,
        event_source(qualifier="2"),
    ),
    case(ORPHANED, "a version with a URL", Outcome.PASSED, *LEFT, function_url(qualifier="2")),
    case(
        ORPHANED,
        "a version that a policy opens",
        Outcome.PASSED,
        *LEFT,
        function_policy(qualifier="2"),
    ),
    case(
        ORPHANED,
        "aliases that could not be listed",
        Outcome.NOT_EVALUATED,
        *LEFT[:2],
        ran(qualifier="2"),
        gaps=(gap("FunctionAlias", subject=FUNCTION_ARN),),
    ),
    case(
        ORPHANED,
        "a version of which nobody measured the calls",
        Outcome.NOT_EVALUATED,
        *LEFT,
    ),
    case(ORPHANED, "a list that was refused", Outcome.NOT_EVALUATED, function(), gaps=HIDDEN),
)

SELDOM = "pc-utilisation"
REQUESTED = "ProvisionedConcurrencyConfigs[].RequestedProvisionedConcurrentExecutions"
CALLS = measured("Invocations", *[20_000.0] * 30)
# 20,000 calls a day of 0.985 s are 19,700 of 86,400 s: 0.228.
MEAN = measured("Duration", *[985.0] * 30, statistic="Average")
UTILISATION = (
    case(
        SELDOM,
        "in use a quarter of the time",
        Outcome.FAILED,
        function(),
        provisioned(),
        ran(*[20_000.0] * 30),
        CALLS,
        MEAN,
        at=REQUESTED,
        severity=Severity.INFORMATIONAL,
        # 1.36876 less 0.22801 * 328,500 * 6.9445e-6.
        says=("in use 22.8% of the time and pay from 60% on", "cost 1.37 USD", "spare 0.52"),
        fix=("delete-provisioned-concurrency-config", "--qualifier live"),
    ),
    case(
        SELDOM,
        "in use a quarter of the time at the most, by the p99",
        Outcome.FAILED,
        function(timeout_s=5),
        provisioned(),
        ran(*[20_000.0] * 30),
        CALLS,
        measured("Duration", *[985.0] * 30, statistic="p99"),
        says=("in use at most 23.7% of the time",),
    ),
    case(
        SELDOM,
        "nobody calls it, and it is large",
        Outcome.FAILED,
        function(memory_mb=10240),
        provisioned("live", 5),
        ran(),
        measured("Invocations"),
        severity=Severity.HIGH,
        says=("in use 0.0% of the time",),
    ),
    case(
        SELDOM,
        "in use most of the time",
        Outcome.PASSED,
        function(),
        provisioned(),
        ran(*[60_000.0] * 30),
        measured("Invocations", *[60_000.0] * 30),
        MEAN,
    ),
    case(
        SELDOM,
        "calls that all pass it by",
        Outcome.PASSED,
        function(),
        provisioned(),
        ran(),
        CALLS,
        MEAN,
    ),
    case(
        SELDOM,
        "a function in the making",
        Outcome.PASSED,
        function(last_modified_at=days_ago(3)),
        provisioned(),
        ran(),
        measured("Invocations"),
    ),
    case(SELDOM, "one that failed", Outcome.PASSED, function(), provisioned(status="FAILED")),
    case(SELDOM, "nothing provisioned", Outcome.PASSED, function()),
    case(
        SELDOM,
        "a p99 that does not settle it",
        Outcome.NOT_EVALUATED,
        function(),
        provisioned(),
        ran(*[60_000.0] * 30),
        measured("Invocations", *[60_000.0] * 30),
        measured("Duration", *[985.0] * 30, statistic="p99"),
    ),
    case(
        SELDOM,
        "calls of which nobody measured the duration",
        Outcome.NOT_EVALUATED,
        function(),
        provisioned(),
        ran(20_000.0),
        CALLS,
    ),
    case(
        SELDOM,
        "a price that nobody knows",
        Outcome.NOT_EVALUATED,
        function(architecture="riscv"),
        provisioned(),
        ran(20_000.0),
        CALLS,
        MEAN,
    ),
    case(
        SELDOM,
        "metrics that could not be read",
        Outcome.NOT_EVALUATED,
        function(),
        provisioned(),
        gaps=(gap("MetricSeries"),),
    ),
    case(SELDOM, "a list that was refused", Outcome.NOT_EVALUATED, function(), gaps=HIDDEN),
)

CASES: tuple[Case, ...] = (*ORPHANED_VERSION, *UTILISATION)
