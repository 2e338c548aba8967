"""Lambda concurrency: what is reserved, what is provisioned, and who gets to use it.

Functions on Lambda's managed instances are left out: reserved and provisioned concurrency are
not theirs.
"""

import json
from collections.abc import Iterator
from decimal import Decimal
from typing import Final

from mlguard.check import Confidence, Context, Evidence, Severity, Unread, check
from mlguard.checks.money import by_dollars, cents, told
from mlguard.checks.warm import each_usd, entries_usd, listed, parts, provisioned_of, total_of
from mlguard.resources.functions import (
    Function,
    FunctionAlias,
    FunctionVersion,
    LambdaAccount,
    ProvisionedConcurrency,
)
from mlguard.resources.metrics import MetricSeries

_LATEST: Final = "$LATEST"
_RESERVED: Final = "Concurrency.ReservedConcurrentExecutions"
_REQUESTED: Final = "ProvisionedConcurrencyConfigs[].RequestedProvisionedConcurrentExecutions"
_UNRESERVED: Final = "AccountLimit.UnreservedConcurrentExecutions"
_NOWHERE: Final = "which is neither an alias nor a version of it"
# AWS Lambda Developer Guide, "Configuring reserved concurrency".
_KEPT_UNRESERVED: Final = 100
_KEEPS: Final = f"AWS keeps at least {_KEPT_UNRESERVED}"
_SMALL: Final = "with a limit as small as that AWS may refuse any reservation"
# AWS Lambda Developer Guide, "Lambda quotas".
_DEFAULT_LIMIT: Final = 1000

_GUIDE: Final = "https://docs.aws.amazon.com/lambda/latest/dg/"
_RAISE: Final = (
    "Reserve more with "
    "`aws lambda put-function-concurrency --function-name {name} "
    "--reserved-concurrent-executions {reserved} --region {region}`, or provision less."
)


@check(
    "concurrency-provisioned-over-reserved",
    "More concurrency is provisioned than reserved",
    on=Function,
    reads=(ProvisionedConcurrency,),
    severity=Severity.HIGH,
    remediation=_RAISE,
    references=(_GUIDE + "provisioned-concurrency.html", _GUIDE + "lambda-concurrency.html"),
    bad="ReservedConcurrentExecutions: 5, RequestedProvisionedConcurrentExecutions: 6",
    good="ReservedConcurrentExecutions: 5, RequestedProvisionedConcurrentExecutions: 1",
)
def concurrency_provisioned_over_reserved(
    function: Function, context: Context
) -> Iterator[Evidence]:
    """AWS refuses it: the deployment fails.

    The sum over all versions and aliases counts, also over those that nobody calls any more.
    """
    provisioned = provisioned_of(function, context)
    total, reserved = total_of(provisioned), function.reserved_concurrency
    if reserved is not None and total > reserved:
        yield Evidence(
            message=f"{listed(provisioned)} provisioned, {reserved} reserved: AWS refuses that",
            at=_RESERVED,
            values={"reserved": str(total + 1)},
        )


@check(
    "concurrency-provisioned-equals-reserved",
    "All of the reserved concurrency is provisioned",
    on=Function,
    reads=(ProvisionedConcurrency,),
    severity=Severity.MEDIUM,
    remediation=_RAISE,
    references=(_GUIDE + "provisioned-concurrency.html", _GUIDE + "lambda-concurrency.html"),
    bad="ReservedConcurrentExecutions: 5, RequestedProvisionedConcurrentExecutions: 5",
    good="ReservedConcurrentExecutions: 5, RequestedProvisionedConcurrentExecutions: 1",
)
def concurrency_provisioned_equals_reserved(
    function: Function, context: Context
) -> Iterator[Evidence]:
    """Nothing is left for a burst, nor for $LATEST, which AWS then throttles completely.

    AWS allows it: provisioned concurrency comes out of what is reserved, and calls beyond it have
    nowhere to go.
    """
    provisioned = provisioned_of(function, context)
    total, reserved = total_of(provisioned), function.reserved_concurrency
    if reserved and total == reserved:
        yield Evidence(
            message=(
                f"all {reserved} reserved are provisioned ({parts(provisioned)}): "
                "$LATEST is throttled completely and no headroom is left for a burst"
            ),
            at=_RESERVED,
            values={"reserved": str(total + 1)},
        )


@check(
    "concurrency-unreserved-pool",
    "Too little concurrency is left unreserved",
    on=LambdaAccount,
    reads=(Function,),
    severity=Severity.HIGH,
    remediation=(
        "Ask for more with "
        "`aws service-quotas request-service-quota-increase --service-code lambda --quota-code "
        "L-B99A9384 --desired-value {desired} --region {region}`, or reserve less."
    ),
    references=(
        _GUIDE + "configuration-concurrency.html",
        _GUIDE + "gettingstarted-limits.html",
    ),
    bad="AccountLimit.ConcurrentExecutions: 1000, of which 950 are reserved",
    good="AccountLimit.ConcurrentExecutions: 1000, of which 5 are reserved",
)
def concurrency_unreserved_pool(account: LambdaAccount, context: Context) -> Iterator[Evidence]:
    """Functions without a reservation share what is left, and AWS keeps 100 for them.

    It refuses any reservation that would leave less. New accounts may start with a limit of 10:
    there AWS refuses every one.
    """
    functions = context.all(Function, account=account.account, region=account.region)
    reserved = sum(function.reserved_concurrency or 0 for function in functions)
    limit = account.concurrent_executions
    left = min(limit - reserved, account.unreserved_concurrent_executions)
    if left >= _KEPT_UNRESERVED:
        return
    small = limit < _KEPT_UNRESERVED
    yield Evidence(
        message=f"{left} of {limit} are left unreserved: {_SMALL if small else _KEEPS}",
        at=_UNRESERVED,
        # What AWS keeps where the limit is small was seen to be 10, 50 and 100.
        confidence=Confidence.MEDIUM if small else None,
        values={"desired": str(reserved + _DEFAULT_LIMIT)},
    )


@check(
    "concurrency-provisioned-needs-alias",
    "Provisioned concurrency without a published version",
    on=Function,
    reads=(ProvisionedConcurrency, FunctionAlias),
    optional=(FunctionVersion,),
    severity=Severity.HIGH,
    remediation=(
        "Publish with "
        "`aws lambda publish-version --function-name {name} --region {region}`, then `aws lambda "
        "create-alias --function-name {name} --name prod --function-version VERSION --region "
        "{region}` and `aws lambda put-provisioned-concurrency-config --function-name {name} "
        "--qualifier prod --provisioned-concurrent-executions {count} --region {region}`."
    ),
    references=(
        _GUIDE + "provisioned-concurrency.html",
        "https://docs.aws.amazon.com/lambda/latest/api/API_PutProvisionedConcurrencyConfig.html",
    ),
    bad="Qualifier: $LATEST",
    good="Qualifier: prod, an alias of version 3",
)
def concurrency_provisioned_needs_alias(function: Function, context: Context) -> Iterator[Evidence]:
    """AWS refuses it: only a published version stays the same while it is kept warm.

    An alias will do if it points to published versions alone.
    """
    for entry in provisioned_of(function, context):
        fault = _fault_of_qualifier(entry, function, context)
        if fault is None:
            continue
        yield Evidence(
            message=f"{entry.requested} provisioned for {entry.qualifier}, {fault}",
            at="ProvisionedConcurrencyConfigs[].FunctionArn",
            locator=entry.qualifier,
            absence=fault == _NOWHERE,
            values={"count": str(entry.requested)},
        )


@check(
    "concurrency-over-policy",
    "More concurrency than the cost policy allows",
    on=Function,
    reads=(ProvisionedConcurrency,),
    optional=(MetricSeries, FunctionAlias, FunctionVersion),
    severity=Severity.LOW,
    remediation="aws lambda {command} --cli-input-json {input} --region {region}",
    references=(
        _GUIDE + "configuration-concurrency.html",
        _GUIDE + "provisioned-concurrency.html",
        "https://aws.amazon.com/lambda/pricing/",
    ),
    bad="ReservedConcurrentExecutions: 100",
    good="ReservedConcurrentExecutions: 5",
)
def concurrency_over_policy(function: Function, context: Context) -> Iterator[Evidence]:
    """Low numbers are enough for low traffic.

    What is provisioned costs money while nobody calls: the finding is as severe as that is dear
    (below 5 USD a month informational, below 50 low, below 500 medium, else high; low where the
    price is unknown). What is reserved costs nothing, but no other function can use it.
    """
    if function.capacity_provider is not None:
        return
    reserved = function.reserved_concurrency
    if reserved is not None and reserved > context.policy.reserved_concurrency:
        yield _over_reserved(function, reserved, context)
    provisioned = provisioned_of(function, context)
    if total_of(provisioned) > context.policy.provisioned_concurrency:
        yield _over_provisioned(function, provisioned, context)


def _fault_of_qualifier(
    entry: ProvisionedConcurrency, function: Function, context: Context
) -> str | None:
    """Return what is wrong with a qualifier, None if it stands for published versions."""
    if entry.qualifier == _LATEST:
        return "which is no published version"
    if entry.qualifier.isdecimal():
        return _fault_of_version(entry.qualifier, function, context)
    alias = context.first(
        FunctionAlias,
        lambda one: one.function_arn == function.arn and one.name == entry.qualifier,
        account=function.account,
        region=function.region,
        about=function.arn,
    )
    if alias is None:
        return _NOWHERE
    if _LATEST in (alias.version, *alias.routed_versions):
        return f"an alias that points to {_LATEST}"
    return None


def _fault_of_version(version: str, function: Function, context: Context) -> str | None:
    if not context.covers(FunctionVersion):
        return None
    found = context.first(
        FunctionVersion,
        lambda one: one.function_arn == function.arn and one.version == version,
        account=function.account,
        region=function.region,
        about=function.arn,
    )
    return _NOWHERE if found is None else None


def _over_reserved(function: Function, reserved: int, context: Context) -> Evidence:
    allowed = context.policy.reserved_concurrency
    peak = _peak(function, context)
    ran = "" if peak is None else f"; at most {peak:.0f} ran at once"
    setting = {"FunctionName": function.name, "ReservedConcurrentExecutions": allowed}
    return Evidence(
        message=f"{reserved} reserved, which costs nothing; the policy allows {allowed}{ran}",
        at=_RESERVED,
        monthly_usd=Decimal(0),
        # Traffic that needs more than the policy allows is a question for the policy.
        severity=Severity.INFORMATIONAL if peak is not None and peak > allowed else None,
        values={"command": "put-function-concurrency", "input": json.dumps(setting)},
    )


def _over_provisioned(
    function: Function, provisioned: tuple[ProvisionedConcurrency, ...], context: Context
) -> Evidence:
    allowed, total = context.policy.provisioned_concurrency, total_of(provisioned)
    whole = entries_usd(function, provisioned, context)
    each = each_usd(function, _largest(provisioned), context)
    saving = None if each is None else cents(each * (total - allowed))
    cost = "at an unknown price" if whole is None else f"for {told(whole)} a month"
    return Evidence(
        message=f"{listed(provisioned)} provisioned {cost}, the policy allows {allowed}",
        at=_REQUESTED,
        severity=None if saving is None else by_dollars(saving),
        monthly_usd=saving,
        values=_lowered(function, provisioned, allowed),
    )


def _largest(provisioned: tuple[ProvisionedConcurrency, ...]) -> ProvisionedConcurrency:
    return max(provisioned, key=lambda entry: entry.requested)


def _lowered(
    function: Function, provisioned: tuple[ProvisionedConcurrency, ...], allowed: int
) -> dict[str, str]:
    """Return the command that lowers the largest entry; none can be lowered to zero."""
    largest = _largest(provisioned)
    setting: dict[str, str | int] = {
        "FunctionName": function.name,
        "Qualifier": largest.qualifier,
    }
    if allowed == 0:
        command = "delete-provisioned-concurrency-config"
    else:
        command = "put-provisioned-concurrency-config"
        setting["ProvisionedConcurrentExecutions"] = allowed
    return {"command": command, "input": json.dumps(setting)}


def _peak(function: Function, context: Context) -> float | None:
    """Return how many ran at once at most, None where nobody measured it."""
    if not context.covers(MetricSeries):
        return None
    try:
        measured = context.metric(function, "ConcurrentExecutions", "Maximum")
    except Unread:
        # It only sharpens a finding that stands without it.
        return None
    return max((series.peak for series in measured if series.peak is not None), default=None)


CHECKS = (
    concurrency_provisioned_over_reserved,
    concurrency_provisioned_equals_reserved,
    concurrency_unreserved_pool,
    concurrency_provisioned_needs_alias,
    concurrency_over_policy,
)
