"""Lambda functions: who may call them, whether they wait long enough, whether anybody calls."""

from collections.abc import Iterator
from datetime import timedelta
from typing import Final

from mlguard.check import Confidence, Context, Evidence, Severity, Unread, check
from mlguard.checks.endpoint_calls import EndpointCall, endpoint_call
from mlguard.iam.language.document import Statement
from mlguard.iam.language.exposure import Exposure, exposure
from mlguard.resources.functions import Function, FunctionEnvironment, FunctionPolicy
from mlguard.resources.hosting import Endpoint
from mlguard.resources.iam import ManagedPolicy, Role
from mlguard.resources.metrics import MetricSeries
from mlguard.snapshot import Gap, GapReason
from mlguard.workload import ENDPOINT_CALL_S, MODEL_LIMIT_S

# What Lambda gives a function whose maker says nothing.
_DEFAULT_TIMEOUT_S: Final = 3
_NEAR: Final = 0.8


@check(
    "function-public-policy",
    "Anyone may call the function",
    on=FunctionPolicy,
    severity=Severity.CRITICAL,
    remediation=(
        "Take it back with "
        "`aws lambda remove-permission --function-name {function} --statement-id {statement} "
        "--region {region}`; then add one that names the caller, or its --source-arn."
    ),
    references=(
        "https://docs.aws.amazon.com/lambda/latest/dg/access-control-resource-based.html",
        "https://docs.aws.amazon.com/lambda/latest/dg/urls-auth.html",
    ),
    bad='Principal: "*", without a Condition',
    good='Principal: "*", Condition: {StringEquals: {aws:SourceAccount: 123456789012}}',
)
def function_public_policy(policy: FunctionPolicy, context: Context) -> Iterator[Evidence]:
    """Strangers can run the function, with its role, at your expense.

    A condition closes the door only if it says who may come in: the account, organization or ARN
    of the caller, with an operator that fails where the key is missing. A function URL that asks
    for a signature (AWS_IAM) still takes those of every AWS account.
    """
    document = context.parse(policy.document, of=policy, at="lambda:GetPolicy")
    for statement in {one.locator: one for one in document.statements}.values():
        reach = exposure(statement)
        if reach is not Exposure.NAMED:
            yield _exposed(policy, statement, reach)


@check(
    "function-timeout-vs-endpoint",
    "Function times out before the endpoint that it calls answers",
    on=Function,
    reads=(Endpoint, FunctionEnvironment, Role),
    optional=(ManagedPolicy, MetricSeries),
    severity=Severity.HIGH,
    remediation=(
        "Wait longer with "
        "`aws lambda update-function-configuration --function-name {name} --timeout {timeout} "
        "--region {region}`, or give the client a botocore Config with a read_timeout below the "
        "function's, and few retries."
    ),
    references=(
        "https://docs.aws.amazon.com/sagemaker/latest/APIReference/API_runtime_InvokeEndpoint.html",
        "https://docs.aws.amazon.com/lambda/latest/dg/configuration-timeout.html",
    ),
    bad="Timeout: 3, and ENDPOINT_NAME in its environment",
    good="Timeout: 65, and ENDPOINT_NAME in its environment",
)
def function_timeout_vs_endpoint(function: Function, context: Context) -> Iterator[Evidence]:
    """Lambda kills the function while it waits; the caller gets an error, and may try again.

    A model has 60 seconds to answer, and boto3 waits as long by default: with a shorter timeout
    one cold or slow answer ends the function, which was paid for and logs no reason. The default
    timeout is 3 seconds.
    """
    call = endpoint_call(function, context)
    if call is None:
        return
    if function.timeout_s < ENDPOINT_CALL_S:
        yield _too_short(function, call)
    slowest_ms = _slowest_ms(function, context)
    if slowest_ms is not None and slowest_ms > _NEAR * 1000 * function.timeout_s:
        yield Evidence(
            message=f"p99 is {slowest_ms:.0f} ms of a timeout of {function.timeout_s} s",
            at="Duration",
            locator="Duration.p99",
            values={"timeout": str(max(ENDPOINT_CALL_S, 2 * function.timeout_s))},
        )


@check(
    "function-unused",
    "Function that nobody calls",
    on=Function,
    reads=(MetricSeries,),
    severity=Severity.MEDIUM,
    remediation=(
        "Delete it with "
        "`aws lambda delete-function --function-name {name} --region {region}`, then its role, if "
        "nothing else has it ({role}), and `aws logs delete-log-group --log-group-name {logs} "
        "--region {region}`."
    ),
    references=(
        "https://docs.aws.amazon.com/lambda/latest/dg/monitoring-metrics-types.html",
        "https://docs.aws.amazon.com/lambda/latest/api/API_DeleteFunction.html",
    ),
    bad="Invocations: none in 30 days",
    good="Invocations: 1200 in 30 days",
)
def function_unused(function: Function, context: Context) -> Iterator[Evidence]:
    """Code that nobody calls is not patched either, and its role stays open for its sake.

    A function that was changed within the period is taken for one in the making.
    """
    window = timedelta(days=context.policy.function_unused_days)
    if function.last_modified_at.date() > context.today - window:
        return
    if _is_called(function, window, context):
        return
    yield Evidence(
        message=f"no invocation in {window.days} days",
        at="Invocations",
        absence=True,
        values={"role": function.role_arn, "logs": f"/aws/lambda/{function.name}"},
    )


def _exposed(policy: FunctionPolicy, statement: Statement, reach: Exposure) -> Evidence:
    everyone_but = statement.not_principals is not None
    who = "Principal" if not everyone_but else "NotPrincipal"
    actions = ", ".join(statement.actions) or "every action but a few"
    saying = "no condition says who" if statement.conditions else "without any condition"
    qualifier = f":{policy.qualifier}" if policy.qualifier else ""
    return Evidence(
        message=f"{reach.value} may use {actions}, {saying}",
        at=f"Policy.Statement[{statement.index}].{who}",
        locator=statement.locator,
        severity=Severity.HIGH if reach is Exposure.ANY_ACCOUNT else None,
        # AWS does not say what an Allow with NotPrincipal does.
        confidence=Confidence.MEDIUM if everyone_but else None,
        excerpt=statement.excerpt(who, "Condition"),
        values={
            "function": f"{policy.function_arn}{qualifier}",
            "statement": statement.sid or "STATEMENT_ID",
        },
    )


def _too_short(function: Function, call: EndpointCall) -> Evidence:
    default = function.timeout_s <= _DEFAULT_TIMEOUT_S
    return Evidence(
        message=(
            f"{call.reason}, which may take {MODEL_LIMIT_S} s to answer; "
            f"its own timeout is {function.timeout_s} s"
        ),
        at="Timeout",
        # A longer one may be on purpose: nobody sees from outside what the client waits for.
        severity=Severity.HIGH if default else Severity.MEDIUM,
        confidence=call.confidence if default else Confidence.LOW,
        values={"timeout": str(ENDPOINT_CALL_S)},
    )


def _slowest_ms(function: Function, context: Context) -> float | None:
    """Return the highest p99 of Duration, None where nobody measured it."""
    if not context.covers(MetricSeries):
        return None
    try:
        measured = context.metric(function, "Duration", "p99")
    except Unread as stop:
        if stop.gap in context.snapshot.gaps:
            raise
        return None
    return max((series.peak for series in measured if series.peak is not None), default=None)


def _is_called(function: Function, window: timedelta, context: Context) -> bool:
    """Return whether anybody called; raises Unread where less than the window was measured."""
    measured = context.metric(function, "Invocations", "Sum")
    if any(series.total > 0 for series in measured):
        return True
    longest = max(series.end_at - series.start_at for series in measured)
    if longest >= window:
        return False
    raise Unread(
        Gap(
            kinds=(MetricSeries.__name__,),
            account=function.account,
            region=function.region,
            operation="cloudwatch:GetMetricData",
            reason=GapReason.INCOMPLETE,
            detail=f"Invocations were read for {longest.days} days; it takes {window.days}",
            subject=function.arn,
        )
    )


CHECKS = (function_public_policy, function_timeout_vs_endpoint, function_unused)
