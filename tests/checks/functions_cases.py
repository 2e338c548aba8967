"""Functions that anyone may call, that give up too soon, and that nobody calls."""

from typing import Any

from mlguard.check import Severity
from mlguard.report import Outcome
from mlguard.resources.functions import FunctionPolicy
from mlguard.resources.kinds import KINDS, AnyResource
from mlguard.snapshot import Gap
from tests.builders.account import gap, snapshot
from tests.builders.functions import (
    FUNCTION_ARN,
    environment,
    function,
    function_policy,
    measured,
    permission,
)
from tests.builders.hosting import endpoint
from tests.builders.iam import (
    allow,
    attached,
    aws_managed,
    document,
    inline,
    managed_policy,
    role,
)
from tests.checks.case import Case

ENDPOINT = endpoint()
NAMED = environment(ENDPOINT_NAME=ENDPOINT.name)
NO_VARIABLES = environment()
NO_METRICS = tuple(kind for kind in KINDS if kind != "MetricSeries")
FULL = managed_policy("infer", document=document(allow("sagemaker:Invoke*")))


def public(
    name: str,
    outcome: Outcome,
    subject: FunctionPolicy,
    *,
    severity: Severity | None = None,
    says: tuple[str, ...] = (),
    fix: tuple[str, ...] = (),
) -> Case:
    return Case(
        name=name,
        check="function-public-policy",
        snapshot=snapshot(subject),
        outcome=outcome,
        at="Policy.Statement[0].Principal" if outcome is Outcome.FAILED else None,
        severity=severity,
        says=says,
        fix=fix,
    )


def star(**condition: Any) -> FunctionPolicy:
    return function_policy(permission(principal="*", Condition=condition))


PUBLIC = (
    public(
        "anyone",
        Outcome.FAILED,
        function_policy(permission(sid="open", principal="*")),
        severity=Severity.CRITICAL,
        says=("anyone may use lambda:InvokeFunction", "without any condition"),
        fix=("remove-permission", f"--function-name {FUNCTION_ARN} --statement-id open"),
    ),
    public(
        "anyone through an alias",
        Outcome.FAILED,
        function_policy(permission(principal={"AWS": "*"}), qualifier="live"),
        fix=(f"--function-name {FUNCTION_ARN}:live",),
    ),
    public(
        "a function URL without authentication",
        Outcome.FAILED,
        star(StringEquals={"lambda:FunctionUrlAuthType": "NONE"}),
        severity=Severity.CRITICAL,
        says=("no condition says who",),
    ),
    public(
        "a function URL that takes any account's signature",
        Outcome.FAILED,
        star(StringEquals={"lambda:FunctionUrlAuthType": "AWS_IAM"}),
        severity=Severity.HIGH,
        says=("anyone with an AWS account",),
    ),
    public(
        "all accounts but one",
        Outcome.FAILED,
        star(StringNotEquals={"aws:SourceAccount": "123456789012"}),
    ),
    public(
        "an organization, if the caller has any",
        Outcome.FAILED,
        star(StringEqualsIfExists={"aws:PrincipalOrgID": "o-abcdefghij"}),
    ),
    public("a service", Outcome.PASSED, function_policy()),
    public(
        "another account",
        Outcome.PASSED,
        function_policy(permission(principal={"AWS": "210987654321"})),
    ),
    public(
        "one source",
        Outcome.PASSED,
        star(ArnLike={"AWS:SourceArn": "arn:aws:s3:::dogs"}),
    ),
    public(
        "one organization",
        Outcome.PASSED,
        star(StringEquals={"aws:PrincipalOrgID": "o-abcdefghij"}),
    ),
    public(
        "a deny",
        Outcome.PASSED,
        function_policy(permission(principal="*", Effect="Deny")),
    ),
    Case(
        name="a policy that is none",
        check="function-public-policy",
        snapshot=snapshot(
            function_policy(permission(Condition={"StringEqual": {"aws:SourceAccount": "1"}}))
        ),
        outcome=Outcome.NOT_EVALUATED,
    ),
    Case(
        name="a policy that could not be read",
        check="function-public-policy",
        snapshot=snapshot(gaps=(gap("FunctionPolicy", subject=FUNCTION_ARN),)),
        outcome=Outcome.NOT_EVALUATED,
    ),
)


def timeout(
    name: str,
    outcome: Outcome,
    *resources: AnyResource,
    at: str | None = None,
    severity: Severity | None = None,
    says: tuple[str, ...] = (),
    fix: tuple[str, ...] = (),
    gaps: tuple[Gap, ...] = (),
    covers: tuple[str, ...] = tuple(KINDS),
) -> Case:
    return Case(
        name=name,
        check="function-timeout-vs-endpoint",
        snapshot=snapshot(*resources, gaps=gaps, covers=covers),
        outcome=outcome,
        at=at,
        severity=severity,
        says=says,
        fix=fix,
    )


def p99(*values: float) -> AnyResource:
    return measured("Duration", *values, statistic="p99")


HASTY = function(timeout_s=3)
HASTY_BY_ROLE = function(timeout_s=3)
IDLE_ROLE = role(inline_policies=(inline(allow("s3:GetObject")),))

TIMEOUT = (
    timeout(
        "the default timeout",
        Outcome.FAILED,
        HASTY,
        NAMED,
        ENDPOINT,
        at="Timeout",
        severity=Severity.HIGH,
        says=(f"names endpoint {ENDPOINT.name}", "60 s", "3 s"),
        fix=("--timeout 65", "--function-name predict"),
    ),
    timeout(
        "a name in full",
        Outcome.FAILED,
        function(timeout_s=3),
        environment(TARGET=ENDPOINT.arn),
        ENDPOINT,
    ),
    timeout(
        "half a minute",
        Outcome.FAILED,
        function(timeout_s=30),
        NAMED,
        ENDPOINT,
        severity=Severity.MEDIUM,
    ),
    timeout(
        "a role that may invoke endpoints",
        Outcome.FAILED,
        HASTY_BY_ROLE,
        NO_VARIABLES,
        role(),
        says=("its role predict-role allows sagemaker:InvokeEndpoint",),
    ),
    timeout(
        "a role with SageMaker's full access, unread",
        Outcome.FAILED,
        HASTY_BY_ROLE,
        NO_VARIABLES,
        role(inline_policies=(), attached_policies=(aws_managed("AmazonSageMakerFullAccess"),)),
    ),
    timeout(
        "a role with a policy of the account's own",
        Outcome.FAILED,
        HASTY_BY_ROLE,
        NO_VARIABLES,
        role(inline_policies=(), attached_policies=(attached(FULL),)),
        FULL,
    ),
    timeout(
        "a default timeout, though metrics were refused",
        Outcome.FAILED,
        HASTY,
        NAMED,
        ENDPOINT,
        gaps=(gap("MetricSeries"),),
        at="Timeout",
    ),
    timeout(
        "a timeout that calls come near",
        Outcome.FAILED,
        function(timeout_s=65),
        NAMED,
        ENDPOINT,
        p99(2000.0, 58000.0),
        at="Duration",
        severity=Severity.HIGH,
        says=("58000 ms", "65 s"),
        fix=("--timeout 130",),
    ),
    timeout("time enough", Outcome.PASSED, function(), NAMED, ENDPOINT, p99(985.0)),
    timeout("time enough, unmeasured", Outcome.PASSED, function(), NAMED, ENDPOINT),
    timeout(
        "another function's endpoint",
        Outcome.PASSED,
        HASTY_BY_ROLE,
        NO_VARIABLES,
        ENDPOINT,
        IDLE_ROLE,
    ),
    timeout(
        "a role that may do everything says nothing",
        Outcome.PASSED,
        HASTY_BY_ROLE,
        NO_VARIABLES,
        role(inline_policies=(inline(allow("*")),)),
    ),
    timeout(
        "a role that only queues",
        Outcome.PASSED,
        HASTY_BY_ROLE,
        NO_VARIABLES,
        role(inline_policies=(inline(allow("sagemaker:InvokeEndpointAsync")),)),
    ),
    timeout(
        "a role that may invoke in another region only",
        Outcome.PASSED,
        HASTY_BY_ROLE,
        NO_VARIABLES,
        role(
            inline_policies=(
                inline(
                    allow(
                        "sagemaker:InvokeEndpoint",
                        resource="arn:aws:sagemaker:eu-west-1:123456789012:endpoint/*",
                    )
                ),
            )
        ),
    ),
    timeout(
        "endpoints that could not be listed",
        Outcome.NOT_EVALUATED,
        HASTY_BY_ROLE,
        NO_VARIABLES,
        IDLE_ROLE,
        gaps=(gap("Endpoint"),),
    ),
    timeout(
        "a role that could not be read",
        Outcome.NOT_EVALUATED,
        HASTY_BY_ROLE,
        NO_VARIABLES,
        gaps=(gap("Role", region="global"),),
    ),
    timeout(
        "a role's policy that the snapshot does not hold",
        Outcome.NOT_EVALUATED,
        HASTY_BY_ROLE,
        NO_VARIABLES,
        role(inline_policies=(), attached_policies=(attached(FULL),)),
    ),
    timeout(
        "metrics that were refused",
        Outcome.NOT_EVALUATED,
        function(),
        NAMED,
        ENDPOINT,
        gaps=(gap("MetricSeries"),),
    ),
    timeout(
        "an environment that could not be decrypted",
        Outcome.NOT_EVALUATED,
        function(),
        ENDPOINT,
        IDLE_ROLE,
        gaps=(gap("FunctionEnvironment", subject=function().arn, operation="kms:Decrypt"),),
    ),
    timeout(
        "metrics that nobody reads",
        Outcome.PASSED,
        function(),
        NAMED,
        ENDPOINT,
        covers=NO_METRICS,
    ),
)


CASES: tuple[Case, ...] = (*PUBLIC, *TIMEOUT)
