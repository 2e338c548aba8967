"""Functions and the endpoint behind them: who takes how much; and the least memory there is."""

from msgspec.structs import replace

from mlguard.check import Severity
from mlguard.report import Outcome
from mlguard.resources.capacity import Serverless
from mlguard.resources.kinds import AnyResource
from mlguard.resources.metrics import MetricSeries
from mlguard.snapshot import Gap
from tests.builders.account import gap, snapshot
from tests.builders.functions import environment, function, measured
from tests.builders.hosting import endpoint, endpoint_config, invocations, variant
from tests.builders.scaling import scalable_target, scaling_policy
from tests.checks.case import Case
from tests.checks.concurrency_cases import case

VERSUS = "vs-endpoint"
RESERVED = "Concurrency.ReservedConcurrentExecutions"
NAMED = environment(ENDPOINT_NAME="breeds")


def serverless(concurrency: int, name: str = "AllTraffic") -> AnyResource:
    capacity = Serverless(memory_mb=2048, max_concurrency=concurrency)
    return endpoint_config(variant(capacity=capacity, name=name))


def lasting(milliseconds: float) -> MetricSeries:
    return measured("Duration", milliseconds, statistic="Average")


# At most 4 instances, of 60 calls a minute each: 4 a second.
SCALED = (scalable_target(), scaling_policy(target_value=60.0))
AGAINST_ENDPOINT = (
    case(
        VERSUS,
        "twenty before five",
        Outcome.FAILED,
        function(reserved_concurrency=20),
        NAMED,
        endpoint(),
        serverless(5),
        at=RESERVED,
        severity=Severity.MEDIUM,
        says=("endpoint breeds: 20 may call at once, and the endpoint takes 5", "15 of them"),
        fix=("put-function-concurrency", "--reserved-concurrent-executions 5"),
    ),
    case(
        VERSUS,
        "ten calls a second before four",
        Outcome.FAILED,
        function(),
        NAMED,
        endpoint(),
        endpoint_config(),
        *SCALED,
        lasting(500),
        says=("10.00 calls a second", "scales for 4.00"),
        fix=("--reserved-concurrent-executions 2",),
    ),
    case(VERSUS, "five before five", Outcome.PASSED, function(), NAMED, endpoint(), serverless(5)),
    case(
        VERSUS,
        "five a second before four is not far above it",
        Outcome.PASSED,
        function(),
        NAMED,
        endpoint(),
        endpoint_config(),
        *SCALED,
        lasting(1000),
    ),
    case(
        VERSUS,
        "two variants",
        Outcome.PASSED,
        function(),
        NAMED,
        endpoint(),
        endpoint_config(variant(), variant(name="next")),
        *SCALED,
        lasting(500),
    ),
    case(
        VERSUS,
        "instances without a policy",
        Outcome.PASSED,
        function(),
        NAMED,
        endpoint(),
        endpoint_config(),
        lasting(500),
    ),
    case(
        VERSUS,
        "nothing reserved",
        Outcome.PASSED,
        function(reserved_concurrency=None),
        NAMED,
        endpoint(),
        serverless(5),
    ),
    case(
        VERSUS,
        "another endpoint",
        Outcome.PASSED,
        function(reserved_concurrency=20),
        environment(ENDPOINT_NAME="cats"),
        endpoint(),
        serverless(5),
    ),
    case(
        VERSUS,
        "an environment that Lambda withheld",
        Outcome.NOT_EVALUATED,
        function(reserved_concurrency=20),
        endpoint(),
        serverless(5),
        gaps=(gap("FunctionEnvironment"),),
    ),
    case(
        VERSUS,
        "a configuration that was deleted",
        Outcome.NOT_EVALUATED,
        function(reserved_concurrency=20),
        NAMED,
        endpoint(),
    ),
    case(
        VERSUS,
        "scaling that could not be read",
        Outcome.NOT_EVALUATED,
        function(),
        NAMED,
        endpoint(),
        endpoint_config(),
        gaps=(gap("ScalableTarget"),),
    ),
    case(
        VERSUS,
        "metrics that could not be read",
        Outcome.NOT_EVALUATED,
        function(),
        NAMED,
        endpoint(),
        endpoint_config(),
        *SCALED,
        gaps=(gap("MetricSeries"),),
    ),
)


def fit(
    name: str,
    outcome: Outcome,
    *resources: AnyResource,
    at: str | None = None,
    says: tuple[str, ...] = (),
    fix: tuple[str, ...] = (),
    gaps: tuple[Gap, ...] = (),
) -> Case:
    return Case(
        name=name,
        check="function-memory-fit",
        snapshot=snapshot(*resources, gaps=gaps),
        outcome=outcome,
        at=at,
        severity=Severity.LOW,
        says=says,
        fix=fix,
    )


SLOW = measured("Duration", 700.0, 4000.0, statistic="p99")
LATENCY = replace(invocations(3_500_000.0), metric="ModelLatency", statistic="p99")
MEMORY_FIT = (
    fit(
        "four seconds with 128 MB",
        Outcome.FAILED,
        function(),
        SLOW,
        at="MemorySize",
        says=("p99 is 4000 ms with 128 MB", "at most 0.50 of its time", "not for waiting"),
        fix=("--memory-size 256",),
    ),
    fit(
        "four seconds, of which the endpoint took one",
        Outcome.FAILED,
        function(),
        SLOW,
        NAMED,
        endpoint(),
        replace(LATENCY, values=(1_000_000.0,)),
        says=("of which the endpoint took 1000",),
    ),
    fit(
        "four seconds, most of them spent waiting for the endpoint",
        Outcome.PASSED,
        function(),
        SLOW,
        NAMED,
        endpoint(),
        LATENCY,
    ),
    fit(
        "an endpoint of which nobody measured how long it takes",
        Outcome.PASSED,
        function(),
        SLOW,
        NAMED,
        endpoint(),
    ),
    fit("four seconds with 256 MB", Outcome.PASSED, function(memory_mb=256), SLOW),
    fit(
        "quick",
        Outcome.PASSED,
        function(),
        measured("Duration", 700.0, statistic="p99"),
    ),
    fit("never called", Outcome.PASSED, function(), measured("Duration", statistic="p99")),
    fit("nobody measured", Outcome.NOT_EVALUATED, function()),
    fit(
        "four seconds, and endpoints that could not be listed",
        Outcome.NOT_EVALUATED,
        function(),
        SLOW,
        NAMED,
        gaps=(gap("Endpoint"),),
    ),
    fit(
        "metrics that could not be read",
        Outcome.NOT_EVALUATED,
        function(),
        gaps=(gap("MetricSeries"),),
    ),
)

CASES: tuple[Case, ...] = (*AGAINST_ENDPOINT, *MEMORY_FIT)
