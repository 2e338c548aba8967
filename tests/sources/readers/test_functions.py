from datetime import UTC, datetime
from typing import Any

import pytest

from mlguard.sources.base import Home
from mlguard.sources.readers.functions import (
    event_source,
    function,
    function_alias,
    function_environment,
    function_policy,
    function_url,
    function_version,
    lambda_account,
    provisioned_concurrency,
    split_arn,
)
from tests.builders.account import ACCOUNT, REGION, arn

HOME = Home(account=ACCOUNT, region=REGION)
PREDICT = arn("lambda", "function:predict")
ROLE = f"arn:aws:iam::{ACCOUNT}:role/predict"


def raw_configuration(**changes: Any) -> dict[str, Any]:
    return {
        "FunctionName": "predict",
        "FunctionArn": PREDICT,
        "Runtime": "python3.13",
        "Handler": "app.handler",
        "Role": ROLE,
        "PackageType": "Zip",
        "Architectures": ["arm64"],
        "MemorySize": 512,
        "Timeout": 3,
        "LastModified": "2026-01-02T03:04:05.000+0000",
        "Version": "$LATEST",
        "TracingConfig": {"Mode": "Active"},
        **changes,
    }


def test_a_function_is_read_with_what_surrounds_it() -> None:
    read = function(
        {
            "Configuration": raw_configuration(
                DeadLetterConfig={"TargetArn": arn("sqs", "dead")},
                KMSKeyArn=arn("kms", "key/1"),
                VpcConfig={"SubnetIds": ["subnet-1"], "SecurityGroupIds": [], "VpcId": "vpc-1"},
                Layers=[{"Arn": arn("lambda", "layer:numpy:3")}],
                CodeSha256="abc",
            ),
            "Concurrency": {"ReservedConcurrentExecutions": 5},
            "Tags": {"team": "ml"},
        },
        HOME,
    )

    assert read.arn == PREDICT
    assert read.last_modified_at == datetime(2026, 1, 2, 3, 4, 5, tzinfo=UTC)
    assert read.reserved_concurrency == 5
    assert read.architecture == "arm64"
    assert read.tracing == "Active"
    assert read.dead_letter_arn == arn("sqs", "dead")
    assert read.subnets == ("subnet-1",)
    assert read.layers == (arn("lambda", "layer:numpy:3"),)
    assert read.tags == {"team": "ml"}


def test_a_function_that_reserves_none_differs_from_one_that_is_switched_off() -> None:
    configuration = raw_configuration()
    free = function({"Configuration": configuration}, HOME)
    off = function(
        {"Configuration": configuration, "Concurrency": {"ReservedConcurrentExecutions": 0}}, HOME
    )

    assert free.reserved_concurrency is None
    assert off.reserved_concurrency == 0


def test_a_container_image_has_no_runtime_and_a_vpc_config_may_be_empty() -> None:
    configuration = raw_configuration(PackageType="Image", VpcConfig={"SubnetIds": []})
    del configuration["Runtime"], configuration["Handler"]

    read = function({"Configuration": configuration}, HOME)

    assert read.runtime is None
    assert read.handler is None
    assert read.subnets == ()


def test_a_managed_instances_function_names_its_capacity_provider() -> None:
    provider = arn("lambda", "capacity-provider:gpu")
    configuration = raw_configuration(
        CapacityProviderConfig={
            "LambdaManagedInstancesCapacityProviderConfig": {"CapacityProviderArn": provider}
        }
    )

    assert function({"Configuration": configuration}, HOME).capacity_provider == provider


def test_an_environment_is_read_by_itself() -> None:
    variables = {"Variables": {"ENDPOINT": "churn"}}
    answer = {"Configuration": raw_configuration(Environment=variables)}

    assert function_environment(answer, HOME).variables == {"ENDPOINT": "churn"}
    assert function_environment({"Configuration": raw_configuration()}, HOME).variables == {}


def test_an_environment_that_could_not_be_decrypted_is_not_an_empty_one() -> None:
    environment = {"Error": {"ErrorCode": "AccessDeniedException", "Message": "no kms:Decrypt"}}

    with pytest.raises(ValueError, match="no kms:Decrypt"):
        function_environment({"Configuration": raw_configuration(Environment=environment)}, HOME)


def test_tags_that_could_not_be_read_are_not_no_tags() -> None:
    error = {"ErrorCode": "AccessDeniedException", "Message": "no lambda:ListTags"}

    with pytest.raises(ValueError, match="no lambda:ListTags"):
        function({"Configuration": raw_configuration(), "TagsError": error}, HOME)


@pytest.mark.parametrize(
    "missing", ["Role", "MemorySize", "Timeout", "Architectures", "LastModified", "TracingConfig"]
)
def test_a_function_without_what_aws_always_gives_is_no_function(missing: str) -> None:
    configuration = raw_configuration()
    del configuration[missing]

    with pytest.raises(KeyError, match=missing):
        function({"Configuration": configuration}, HOME)


def test_a_published_version_is_named_by_function_and_number() -> None:
    read = function_version(raw_configuration(FunctionArn=f"{PREDICT}:7", Version="7"), HOME)

    assert (read.arn, read.name, read.version) == (f"{PREDICT}:7", "predict:7", "7")
    assert read.function_arn == PREDICT


def test_a_version_whose_arn_names_another_is_refused() -> None:
    with pytest.raises(ValueError, match="version 7"):
        function_version(raw_configuration(FunctionArn=f"{PREDICT}:8", Version="7"), HOME)


def test_an_alias_that_shares_its_calls_names_every_version() -> None:
    read = function_alias(
        {
            "AliasArn": f"{PREDICT}:live",
            "Name": "live",
            "FunctionVersion": "7",
            "RoutingConfig": {"AdditionalVersionWeights": {"8": 0.1}},
        },
        HOME,
    )

    assert (read.name, read.version, read.routed_versions) == ("live", "7", ("8",))
    assert read.function_arn == PREDICT


def test_a_policy_of_an_alias_is_kept_apart_from_that_of_the_function() -> None:
    raw = {"Policy": '{"Statement":[]}', "RevisionId": "1"}

    bare = function_policy(raw, HOME, function_arn=PREDICT)
    alias = function_policy(raw, HOME, function_arn=PREDICT, qualifier="live")

    assert (bare.arn, bare.name, bare.qualifier) == (PREDICT, "predict", None)
    assert (alias.arn, alias.name, alias.qualifier) == (f"{PREDICT}:live", "predict:live", "live")
    assert alias.document == '{"Statement":[]}'


def test_a_url_of_an_alias_names_both() -> None:
    read = function_url(
        {
            "FunctionArn": f"{PREDICT}:live",
            "FunctionUrl": "https://x.lambda-url.us-east-1.on.aws/",
            "AuthType": "NONE",
            "Cors": {"AllowOrigins": ["*"]},
        },
        HOME,
    )

    assert (read.function_arn, read.qualifier) == (PREDICT, "live")
    assert read.cors_origins == ("*",)


def test_provisioned_concurrency_that_failed_says_why() -> None:
    read = provisioned_concurrency(
        {
            "FunctionArn": f"{PREDICT}:live",
            "RequestedProvisionedConcurrentExecutions": 3,
            "AllocatedProvisionedConcurrentExecutions": 0,
            "Status": "FAILED",
            "StatusReason": "FUNCTION_ERROR_INIT_FAILURE",
        },
        HOME,
    )

    assert (read.qualifier, read.requested, read.allocated, read.available) == ("live", 3, 0, None)
    assert read.status_reason == "FUNCTION_ERROR_INIT_FAILURE"


def test_an_event_source_knows_the_qualifier_that_it_calls() -> None:
    read = event_source(
        {
            "UUID": "u-1",
            "FunctionArn": f"{PREDICT}:live",
            "State": "Enabled",
            "EventSourceArn": arn("sqs", "jobs"),
            "ScalingConfig": {"MaximumConcurrency": 2},
        },
        HOME,
    )

    assert read.arn == arn("lambda", "event-source-mapping:u-1")
    assert (read.function_arn, read.qualifier, read.max_concurrency) == (PREDICT, "live", 2)


def test_the_account_has_an_arn_of_our_making() -> None:
    read = lambda_account(
        {"AccountLimit": {"ConcurrentExecutions": 10, "UnreservedConcurrentExecutions": 5}}, HOME
    )

    assert read.arn == arn("lambda", "account-settings")
    assert (read.concurrent_executions, read.unreserved_concurrent_executions) == (10, 5)


@pytest.mark.parametrize("text", ["", "predict", arn("lambda", "layer:x:1"), f"{PREDICT}:a:b"])
def test_what_is_no_function_arn_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match="not the ARN of a function"):
        split_arn(text)
