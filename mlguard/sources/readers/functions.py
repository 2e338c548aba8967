"""Lambda's answers: functions, versions, aliases, policies, URLs, concurrency, event sources."""

from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any, Final

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
from mlguard.sources.base import Home

Raw = Mapping[str, Any]

LATEST: Final = "$LATEST"
ACCOUNT_SETTINGS: Final = "account-settings"

# arn:aws:lambda:region:account:function:name[:qualifier]
_BARE_PARTS: Final = 7


def function(raw: Raw, home: Home) -> Function:
    """Return the function that an answer of GetFunction describes."""
    configuration: Raw = raw["Configuration"]
    arn, _ = split_arn(configuration["FunctionArn"])
    return Function(
        arn=arn,
        account=home.account,
        region=home.region,
        name=configuration["FunctionName"],
        tags=_tags(raw),
        role_arn=configuration["Role"],
        runtime=configuration.get("Runtime"),
        handler=configuration.get("Handler"),
        package_type=configuration["PackageType"],
        architecture=configuration["Architectures"][0],
        memory_mb=configuration["MemorySize"],
        timeout_s=configuration["Timeout"],
        last_modified_at=_instant(configuration["LastModified"]),
        reserved_concurrency=_part(raw, "Concurrency").get("ReservedConcurrentExecutions"),
        tracing=configuration["TracingConfig"]["Mode"],
        dead_letter_arn=_part(configuration, "DeadLetterConfig").get("TargetArn") or None,
        kms_key_arn=configuration.get("KMSKeyArn") or None,
        subnets=tuple(_part(configuration, "VpcConfig").get("SubnetIds") or ()),
        layers=tuple(layer["Arn"] for layer in configuration.get("Layers") or ()),
        capacity_provider=_capacity_provider(configuration),
        code_sha256=configuration.get("CodeSha256"),
        # Lambda API reference, "EphemeralStorage": 512 MB unless somebody asks for more.
        ephemeral_storage_mb=_part(configuration, "EphemeralStorage").get("Size", 512),
    )


def function_environment(raw: Raw, home: Home) -> FunctionEnvironment:
    """Return the environment that an answer of GetFunction holds; ValueError if withheld."""
    configuration: Raw = raw["Configuration"]
    arn, _ = split_arn(configuration["FunctionArn"])
    environment = _part(configuration, "Environment")
    if environment.get("Error"):
        raise ValueError(f"its environment could not be read: {environment['Error']['Message']}")
    return FunctionEnvironment(
        arn=arn,
        account=home.account,
        region=home.region,
        name=configuration["FunctionName"],
        variables=dict(environment.get("Variables") or {}),
    )


def function_version(raw: Raw, home: Home) -> FunctionVersion:
    """Return the published version that a function configuration describes."""
    function_arn, qualifier = split_arn(raw["FunctionArn"])
    version = raw["Version"]
    if qualifier not in (None, version):
        raise ValueError(f"version {version} has the ARN of {qualifier}")
    return FunctionVersion(
        arn=f"{function_arn}:{version}",
        account=home.account,
        region=home.region,
        name=f"{raw['FunctionName']}:{version}",
        function_arn=function_arn,
        version=version,
        role_arn=raw["Role"],
        memory_mb=raw["MemorySize"],
        architecture=raw["Architectures"][0],
    )


def function_alias(raw: Raw, home: Home) -> FunctionAlias:
    """Return the alias that an entry of ListAliases describes; its name is the qualifier."""
    function_arn, _ = split_arn(raw["AliasArn"])
    routed = _part(raw, "RoutingConfig").get("AdditionalVersionWeights") or {}
    return FunctionAlias(
        arn=raw["AliasArn"],
        account=home.account,
        region=home.region,
        name=raw["Name"],
        function_arn=function_arn,
        version=raw["FunctionVersion"],
        routed_versions=tuple(sorted(routed)),
    )


def function_policy(
    raw: Raw, home: Home, *, function_arn: str, qualifier: str | None = None
) -> FunctionPolicy:
    """Return the resource policy that GetPolicy gave for a function or one qualifier of it."""
    arn = function_arn if qualifier is None else f"{function_arn}:{qualifier}"
    return FunctionPolicy(
        arn=arn,
        account=home.account,
        region=home.region,
        name=_name(arn),
        function_arn=function_arn,
        document=raw["Policy"],
        qualifier=qualifier,
    )


def function_url(raw: Raw, home: Home) -> FunctionUrl:
    """Return the function URL that an entry of ListFunctionUrlConfigs describes."""
    arn = raw["FunctionArn"]
    function_arn, qualifier = split_arn(arn)
    return FunctionUrl(
        arn=arn,
        account=home.account,
        region=home.region,
        name=_name(arn),
        function_arn=function_arn,
        url=raw["FunctionUrl"],
        auth_type=raw["AuthType"],
        qualifier=qualifier,
        cors_origins=tuple(_part(raw, "Cors").get("AllowOrigins") or ()),
    )


def provisioned_concurrency(raw: Raw, home: Home) -> ProvisionedConcurrency:
    """Return what an entry of ListProvisionedConcurrencyConfigs describes."""
    arn = raw["FunctionArn"]
    function_arn, qualifier = split_arn(arn)
    if qualifier is None:
        raise ValueError(f"provisioned concurrency without a version or alias: {arn}")
    return ProvisionedConcurrency(
        arn=arn,
        account=home.account,
        region=home.region,
        name=_name(arn),
        function_arn=function_arn,
        qualifier=qualifier,
        requested=raw["RequestedProvisionedConcurrentExecutions"],
        status=raw["Status"],
        allocated=raw.get("AllocatedProvisionedConcurrentExecutions"),
        available=raw.get("AvailableProvisionedConcurrentExecutions"),
        status_reason=raw.get("StatusReason"),
    )


def event_source(raw: Raw, home: Home) -> EventSource:
    """Return the event source mapping that an entry of ListEventSourceMappings describes."""
    function_arn, qualifier = split_arn(raw["FunctionArn"])
    identity = raw["UUID"]
    return EventSource(
        arn=raw.get("EventSourceMappingArn")
        or home.arn("lambda", f"event-source-mapping:{identity}"),
        account=home.account,
        region=home.region,
        name=identity,
        function_arn=function_arn,
        state=raw["State"],
        qualifier=qualifier,
        event_source_arn=raw.get("EventSourceArn"),
        max_concurrency=_part(raw, "ScalingConfig").get("MaximumConcurrency"),
    )


def lambda_account(raw: Raw, home: Home) -> LambdaAccount:
    """Return the limits that GetAccountSettings gave."""
    limit: Raw = raw["AccountLimit"]
    return LambdaAccount(
        arn=home.arn("lambda", ACCOUNT_SETTINGS),
        account=home.account,
        region=home.region,
        name=ACCOUNT_SETTINGS,
        concurrent_executions=limit["ConcurrentExecutions"],
        unreserved_concurrent_executions=limit["UnreservedConcurrentExecutions"],
    )


def split_arn(arn: str) -> tuple[str, str | None]:
    """Return the ARN of the bare function, and the qualifier if there is one."""
    parts = arn.split(":")
    if len(parts) not in (_BARE_PARTS, _BARE_PARTS + 1) or parts[5] != "function":
        raise ValueError(f"not the ARN of a function: {arn!r:.80}")
    return ":".join(parts[:_BARE_PARTS]), ":".join(parts[_BARE_PARTS:]) or None


def _name(arn: str) -> str:
    return arn.split(":", _BARE_PARTS - 1)[-1]


def _part(raw: Raw, key: str) -> Raw:
    found: Raw | None = raw.get(key)
    return found or {}


def _tags(raw: Raw) -> dict[str, str]:
    if raw.get("TagsError"):
        raise ValueError(f"its tags could not be read: {raw['TagsError']['Message']}")
    return dict(_part(raw, "Tags"))


def _capacity_provider(configuration: Raw) -> str | None:
    config = _part(configuration, "CapacityProviderConfig")
    arn: str | None = _part(config, "LambdaManagedInstancesCapacityProviderConfig").get(
        "CapacityProviderArn"
    )
    return arn


def _instant(value: str | datetime) -> datetime:
    """Return an instant in UTC, from Lambda's own form: 2026-01-02T03:04:05.000+0000."""
    instant = datetime.fromisoformat(value) if isinstance(value, str) else value
    if instant.tzinfo is None:
        raise ValueError(f"an instant without a time zone: {value}")
    return instant.astimezone(UTC)
