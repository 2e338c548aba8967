"""Lambda as it should be: one function with an alias, little concurrency, and a few callers."""

from datetime import timedelta
from typing import Any

import msgspec

from mlguard.resources.functions import (
    EventSource,
    Function,
    FunctionAlias,
    FunctionEnvironment,
    FunctionPolicy,
    FunctionUrl,
    FunctionVersion,
    LambdaAccount,
    ProvisionedConcurrency,
)
from mlguard.resources.metrics import MetricSeries
from tests.builders.account import ACCOUNT, NOW, REGION, arn, days_ago
from tests.builders.iam import document, iam_arn

FUNCTION_ARN = arn("lambda", "function:predict")


def function(name: str = "predict", **changes: Any) -> Function:
    sound = Function(
        arn=arn("lambda", f"function:{name}"),
        account=ACCOUNT,
        region=REGION,
        name=name,
        role_arn=iam_arn("role/predict-role"),
        runtime="python3.12",
        handler="predict.handler",
        package_type="Zip",
        architecture="x86_64",
        memory_mb=128,
        timeout_s=65,
        last_modified_at=days_ago(120),
        reserved_concurrency=5,
        tracing="Active",
    )
    return msgspec.structs.replace(sound, **changes)


def version(number: str = "3", **changes: Any) -> FunctionVersion:
    sound = FunctionVersion(
        arn=f"{FUNCTION_ARN}:{number}",
        account=ACCOUNT,
        region=REGION,
        name=f"predict:{number}",
        function_arn=FUNCTION_ARN,
        version=number,
        role_arn=iam_arn("role/predict-role"),
        memory_mb=128,
        architecture="x86_64",
    )
    return msgspec.structs.replace(sound, **changes)


def alias(name: str = "live", **changes: Any) -> FunctionAlias:
    sound = FunctionAlias(
        arn=f"{FUNCTION_ARN}:{name}",
        account=ACCOUNT,
        region=REGION,
        name=name,
        function_arn=FUNCTION_ARN,
        version="3",
    )
    return msgspec.structs.replace(sound, **changes)


def provisioned(
    qualifier: str = "live", requested: int = 1, **changes: Any
) -> ProvisionedConcurrency:
    sound = ProvisionedConcurrency(
        arn=f"{FUNCTION_ARN}:{qualifier}",
        account=ACCOUNT,
        region=REGION,
        name=f"predict:{qualifier}",
        function_arn=FUNCTION_ARN,
        qualifier=qualifier,
        requested=requested,
        status="READY",
        allocated=requested,
        available=requested,
    )
    return msgspec.structs.replace(sound, **changes)


def function_policy(*statements: dict[str, Any], qualifier: str | None = None) -> FunctionPolicy:
    name = f"predict:{qualifier}" if qualifier else "predict"
    return FunctionPolicy(
        arn=arn("lambda", f"function:{name}"),
        account=ACCOUNT,
        region=REGION,
        name=name,
        function_arn=FUNCTION_ARN,
        qualifier=qualifier,
        document=document(*(statements or (permission(),))),
    )


def permission(*, sid: str = "api", principal: Any = None, **elements: Any) -> dict[str, Any]:
    return {
        "Sid": sid,
        "Effect": "Allow",
        "Principal": principal or {"Service": "apigateway.amazonaws.com"},
        "Action": "lambda:InvokeFunction",
        "Resource": FUNCTION_ARN,
        **elements,
    }


def function_url(*, qualifier: str | None = "live") -> FunctionUrl:
    suffix = f":{qualifier}" if qualifier else ""
    return FunctionUrl(
        arn=FUNCTION_ARN + suffix,
        account=ACCOUNT,
        region=REGION,
        name="predict",
        function_arn=FUNCTION_ARN,
        url="https://abcdefghij.lambda-url.us-east-1.on.aws/",
        auth_type="AWS_IAM",
        qualifier=qualifier,
    )


def event_source(*, qualifier: str | None = "live", state: str = "Enabled") -> EventSource:
    return EventSource(
        arn=arn("lambda", "event-source-mapping:0f1e2d3c"),
        account=ACCOUNT,
        region=REGION,
        name="0f1e2d3c",
        function_arn=FUNCTION_ARN,
        state=state,
        qualifier=qualifier,
        event_source_arn=arn("sqs", "images"),
    )


def lambda_account(*, limit: int = 1000, unreserved: int = 995) -> LambdaAccount:
    return LambdaAccount(
        arn=arn("lambda", "account-settings"),
        account=ACCOUNT,
        region=REGION,
        name="account-settings",
        concurrent_executions=limit,
        unreserved_concurrent_executions=unreserved,
    )


def measured(
    metric: str, *values: float, statistic: str = "Sum", days: int = 30, of: str = "predict"
) -> MetricSeries:
    return MetricSeries(
        arn=arn("lambda", f"function:{of}"),
        account=ACCOUNT,
        region=REGION,
        name=of,
        namespace="AWS/Lambda",
        metric=metric,
        statistic=statistic,
        dimensions={"FunctionName": of},
        period_s=86400,
        start_at=NOW - timedelta(days=days),
        end_at=NOW,
        values=values,
    )


def environment(*, of: str = "predict", **variables: str) -> FunctionEnvironment:
    return FunctionEnvironment(
        arn=arn("lambda", f"function:{of}"),
        account=ACCOUNT,
        region=REGION,
        name=of,
        variables=variables,
    )
