"""Concurrency that is refused, starved, paid for in vain, or more than the policy allows."""

from mlguard.check import Severity
from mlguard.policy import Policy
from mlguard.report import Outcome
from mlguard.resources.kinds import AnyResource
from mlguard.snapshot import Gap
from tests.builders.account import REGION, gap, snapshot
from tests.builders.functions import (
    alias,
    function,
    lambda_account,
    measured,
    provisioned,
    version,
)
from tests.checks.case import Case

RESERVED = "Concurrency.ReservedConcurrentExecutions"
REQUESTED = "ProvisionedConcurrencyConfigs[].RequestedProvisionedConcurrentExecutions"
MANAGED = function(capacity_provider="arn:aws:lambda:us-east-1:123456789012:capacity-provider:c")
HIDDEN = (gap("ProvisionedConcurrency"),)


def case(
    check: str,
    name: str,
    outcome: Outcome,
    *resources: AnyResource,
    at: str | None = None,
    severity: Severity | None = None,
    says: tuple[str, ...] = (),
    fix: tuple[str, ...] = (),
    gaps: tuple[Gap, ...] = (),
    policy: Policy | None = None,
) -> Case:
    return Case(
        name=name,
        check=f"concurrency-{check}",
        snapshot=snapshot(*resources, gaps=gaps),
        outcome=outcome,
        at=at,
        severity=severity,
        says=says,
        fix=fix,
        policy=policy or Policy(),
    )


OVER = "provisioned-over-reserved"
OVER_RESERVED = (
    case(
        OVER,
        "six of five, over two qualifiers",
        Outcome.FAILED,
        function(),
        provisioned("live", 4),
        provisioned("2", 2),
        at=RESERVED,
        severity=Severity.HIGH,
        says=("6 (2: 2, live: 4) provisioned, 5 reserved", "AWS refuses"),
        fix=("put-function-concurrency", "--reserved-concurrent-executions 7"),
    ),
    case(
        OVER,
        "some of a function that is switched off",
        Outcome.FAILED,
        function(reserved_concurrency=0),
        provisioned(),
    ),
    case(
        OVER,
        "too many already, though some could not be listed",
        Outcome.FAILED,
        function(),
        provisioned("live", 6),
        gaps=HIDDEN,
    ),
    case(OVER, "one of five", Outcome.PASSED, function(), provisioned()),
    case(OVER, "five of five", Outcome.PASSED, function(), provisioned("live", 5)),
    case(
        OVER,
        "nothing reserved",
        Outcome.PASSED,
        function(reserved_concurrency=None),
        provisioned("live", 50),
    ),
    case(
        OVER,
        "another function's",
        Outcome.PASSED,
        function("resize"),
        provisioned("live", 50),
    ),
    case(OVER, "a managed instance", Outcome.PASSED, MANAGED, provisioned("live", 50)),
    case(OVER, "a list that was refused", Outcome.NOT_EVALUATED, function(), gaps=HIDDEN),
)

EQUAL = "provisioned-equals-reserved"
EQUALS_RESERVED = (
    case(
        EQUAL,
        "five of five",
        Outcome.FAILED,
        function(),
        provisioned("live", 3),
        provisioned("2", 2),
        at=RESERVED,
        severity=Severity.MEDIUM,
        says=(
            "all 5 reserved are provisioned (2: 2, live: 3)",
            "$LATEST is throttled",
            "no headroom",
        ),
        fix=("--reserved-concurrent-executions 6",),
    ),
    case(EQUAL, "four of five", Outcome.PASSED, function(), provisioned("live", 4)),
    case(EQUAL, "six of five", Outcome.PASSED, function(), provisioned("live", 6)),
    case(EQUAL, "none of none", Outcome.PASSED, function(reserved_concurrency=0)),
    case(EQUAL, "a managed instance", Outcome.PASSED, MANAGED, provisioned("live", 5)),
    case(EQUAL, "a list that was refused", Outcome.NOT_EVALUATED, function(), gaps=HIDDEN),
)

POOL = "unreserved-pool"
UNRESERVED = (
    case(
        POOL,
        "950 of 1000 reserved",
        Outcome.FAILED,
        lambda_account(unreserved=1000),
        function(reserved_concurrency=900),
        function("resize", reserved_concurrency=50),
        at="AccountLimit.UnreservedConcurrentExecutions",
        severity=Severity.HIGH,
        says=("50 of 1000 are left", "at least 100"),
        fix=("L-B99A9384", f"--region {REGION}"),
    ),
    case(
        POOL,
        "a new account",
        Outcome.FAILED,
        lambda_account(limit=10, unreserved=10),
        says=("10 of 10", "may refuse any reservation"),
    ),
    case(
        POOL,
        "what AWS counts is less than what we see",
        Outcome.FAILED,
        lambda_account(unreserved=60),
        function(),
        says=("60 of 1000",),
    ),
    case(
        POOL,
        "too little already, though functions could not be listed",
        Outcome.FAILED,
        lambda_account(unreserved=60),
        gaps=(gap("Function"),),
    ),
    case(POOL, "5 of 1000 reserved", Outcome.PASSED, lambda_account(), function()),
    case(
        POOL,
        "just enough",
        Outcome.PASSED,
        lambda_account(unreserved=100),
        function(reserved_concurrency=900),
    ),
    case(
        POOL,
        "functions that could not be listed",
        Outcome.NOT_EVALUATED,
        lambda_account(),
        gaps=(gap("Function"),),
    ),
)

ALIAS = "provisioned-needs-alias"
NEEDS_ALIAS = (
    case(
        ALIAS,
        "$LATEST",
        Outcome.FAILED,
        function(),
        provisioned("$LATEST"),
        at="ProvisionedConcurrencyConfigs[].FunctionArn",
        severity=Severity.HIGH,
        says=("1 provisioned for $LATEST", "no published version"),
        fix=("publish-version", "create-alias", "--provisioned-concurrent-executions 1"),
    ),
    case(
        ALIAS,
        "an alias of $LATEST",
        Outcome.FAILED,
        function(),
        provisioned(),
        alias(version="$LATEST"),
        says=("live", "points to $LATEST"),
    ),
    case(
        ALIAS,
        "an alias that shares with $LATEST",
        Outcome.FAILED,
        function(),
        provisioned(),
        alias(routed_versions=("$LATEST",)),
    ),
    case(
        ALIAS,
        "a name that is no alias",
        Outcome.FAILED,
        function(),
        provisioned("prod"),
        alias(),
        says=("neither an alias nor a version",),
    ),
    case(ALIAS, "a version that is gone", Outcome.FAILED, function(), provisioned("9"), version()),
    case(ALIAS, "an alias of version 3", Outcome.PASSED, function(), provisioned(), alias()),
    case(ALIAS, "version 3", Outcome.PASSED, function(), provisioned("3"), version()),
    case(ALIAS, "nothing provisioned", Outcome.PASSED, function()),
    case(ALIAS, "a managed instance", Outcome.PASSED, MANAGED, provisioned("$LATEST")),
    case(
        ALIAS,
        "aliases that could not be listed",
        Outcome.NOT_EVALUATED,
        function(),
        provisioned("prod"),
        gaps=(gap("FunctionAlias"),),
    ),
    case(ALIAS, "a list that was refused", Outcome.NOT_EVALUATED, function(), gaps=HIDDEN),
)

POLICY = "over-policy"
OVER_POLICY = (
    case(
        POLICY,
        "a hundred reserved",
        Outcome.FAILED,
        function(reserved_concurrency=100),
        at=RESERVED,
        severity=Severity.LOW,
        says=("100 reserved, which costs nothing; the policy allows 5",),
        fix=('\'{"FunctionName": "predict", "ReservedConcurrentExecutions": 5}\'',),
    ),
    case(
        POLICY,
        "a hundred reserved for two",
        Outcome.FAILED,
        function(reserved_concurrency=100),
        measured("ConcurrentExecutions", 1.0, 2.0, statistic="Maximum"),
        severity=Severity.LOW,
        says=("at most 2 ran at once",),
    ),
    case(
        POLICY,
        "a hundred reserved for ninety",
        Outcome.FAILED,
        function(reserved_concurrency=100),
        measured("ConcurrentExecutions", 90.0, statistic="Maximum"),
        severity=Severity.INFORMATIONAL,
    ),
    case(
        POLICY,
        "a small function kept warm twice",
        Outcome.FAILED,
        function(),
        provisioned("live", 2),
        at=REQUESTED,
        severity=Severity.INFORMATIONAL,
        says=("2 (live: 2) provisioned for 2.74 USD a month, the policy allows 1",),
        fix=("put-provisioned-concurrency-config", '"ProvisionedConcurrentExecutions": 1'),
    ),
    *(
        case(
            POLICY,
            f"{memory} MB kept warm {count} times",
            Outcome.FAILED,
            function(memory_mb=memory),
            provisioned("live", count),
            at=REQUESTED,
            severity=severity,
        )
        for memory, count, severity in (
            (1024, 4, Severity.LOW),
            (10240, 3, Severity.MEDIUM),
            (10240, 6, Severity.HIGH),
        )
    ),
    case(
        POLICY,
        "a price that nobody knows",
        Outcome.FAILED,
        function(architecture="riscv"),
        provisioned("live", 9),
        at=REQUESTED,
        severity=Severity.LOW,
        says=("at an unknown price",),
    ),
    case(
        POLICY,
        "one where the policy allows none",
        Outcome.FAILED,
        function(),
        provisioned(),
        policy=Policy(provisioned_concurrency=0),
        fix=("delete-provisioned-concurrency-config", '"Qualifier": "live"'),
    ),
    case(
        POLICY,
        "a hundred reserved, though the provisioned could not be listed",
        Outcome.FAILED,
        function(reserved_concurrency=100),
        gaps=HIDDEN,
    ),
    case(POLICY, "five and one", Outcome.PASSED, function(), provisioned()),
    case(POLICY, "none", Outcome.PASSED, function(reserved_concurrency=None)),
    case(
        POLICY,
        "a generous policy",
        Outcome.PASSED,
        function(reserved_concurrency=100),
        policy=Policy(reserved_concurrency=100),
    ),
    case(POLICY, "a managed instance", Outcome.PASSED, MANAGED, provisioned("live", 50)),
    case(POLICY, "a list that was refused", Outcome.NOT_EVALUATED, function(), gaps=HIDDEN),
)

CASES: tuple[Case, ...] = (
    *OVER_RESERVED,
    *EQUALS_RESERVED,
    *UNRESERVED,
    *NEEDS_ALIAS,
    *OVER_POLICY,
)
