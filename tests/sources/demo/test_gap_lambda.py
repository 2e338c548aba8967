"""Lambda as moto lacks it: provisioned concurrency, settings, URLs."""

import json

import pytest

from tests.sources.demo.world import ACCOUNT, REGION, Demo, code, code_of, deploy_function, refusal


def test_provisioned_concurrency_is_ready_and_listed_with_its_alias(demo: Demo) -> None:
    functions = deploy_function(demo)
    functions.put_function_concurrency(FunctionName="ask", ReservedConcurrentExecutions=5)
    put = functions.put_provisioned_concurrency_config(
        FunctionName="ask", Qualifier="live", ProvisionedConcurrentExecutions=1
    )
    assert (put["Status"], put["AllocatedProvisionedConcurrentExecutions"]) == ("READY", 1)
    (listed,) = functions.list_provisioned_concurrency_configs(FunctionName="ask")[
        "ProvisionedConcurrencyConfigs"
    ]
    assert listed["FunctionArn"] == f"arn:aws:lambda:{REGION}:{ACCOUNT}:function:ask:live"


@pytest.mark.parametrize("name", ["ask", f"{ACCOUNT}:function:ask", "ask:live"])
def test_a_function_is_found_by_name_and_partial_arn(demo: Demo, name: str) -> None:
    functions = deploy_function(demo)
    functions.put_provisioned_concurrency_config(
        FunctionName=name, Qualifier="live", ProvisionedConcurrentExecutions=2
    )
    got = functions.get_provisioned_concurrency_config(FunctionName="ask", Qualifier="live")
    assert got["RequestedProvisionedConcurrentExecutions"] == 2


def test_provisioned_above_reserved_is_refused_and_equal_is_not(demo: Demo) -> None:
    functions = deploy_function(demo)
    functions.put_function_concurrency(FunctionName="ask", ReservedConcurrentExecutions=5)
    put = functions.put_provisioned_concurrency_config
    with pytest.raises(functions.exceptions.InvalidParameterValueException, match="reserved"):
        put(FunctionName="ask", Qualifier="live", ProvisionedConcurrentExecutions=6)
    assert put(FunctionName="ask", Qualifier="live", ProvisionedConcurrentExecutions=5)


def test_the_versions_of_a_function_share_what_is_reserved(demo: Demo) -> None:
    functions = deploy_function(demo)
    functions.put_function_concurrency(FunctionName="ask", ReservedConcurrentExecutions=5)
    functions.update_function_configuration(FunctionName="ask", Description="new")
    functions.update_function_code(FunctionName="ask", ZipFile=code() + b" ")
    assert functions.publish_version(FunctionName="ask")["Version"] == "2"
    put = functions.put_provisioned_concurrency_config
    put(FunctionName="ask", Qualifier="live", ProvisionedConcurrentExecutions=3)
    with pytest.raises(functions.exceptions.InvalidParameterValueException, match="reserved"):
        put(FunctionName="ask", Qualifier="2", ProvisionedConcurrentExecutions=3)
    assert put(FunctionName="ask", Qualifier="2", ProvisionedConcurrentExecutions=2)


def test_without_reservation_a_hundred_stay_unreserved(demo: Demo) -> None:
    put = deploy_function(demo).put_provisioned_concurrency_config
    error = refusal(put, FunctionName="ask", Qualifier="live", ProvisionedConcurrentExecutions=901)
    assert code_of(error) == "InvalidParameterValueException"
    assert "minimum value of [100]" in str(error)
    assert put(FunctionName="ask", Qualifier="live", ProvisionedConcurrentExecutions=900)


@pytest.mark.parametrize("qualifier", ["$LATEST", "head"])
def test_the_unpublished_version_cannot_be_provisioned(demo: Demo, qualifier: str) -> None:
    functions = deploy_function(demo)
    functions.create_alias(FunctionName="ask", Name="head", FunctionVersion="$LATEST")
    with pytest.raises(functions.exceptions.InvalidParameterValueException, match="unpublished"):
        functions.put_provisioned_concurrency_config(
            FunctionName="ask", Qualifier=qualifier, ProvisionedConcurrentExecutions=1
        )


def test_a_version_is_provisioned_once_by_itself_or_by_an_alias(demo: Demo) -> None:
    functions = deploy_function(demo)
    put = functions.put_provisioned_concurrency_config
    put(FunctionName="ask", Qualifier="live", ProvisionedConcurrentExecutions=1)
    with pytest.raises(functions.exceptions.InvalidParameterValueException, match="already"):
        put(FunctionName="ask", Qualifier="1", ProvisionedConcurrentExecutions=1)


def test_what_is_not_there_has_a_typed_exception(demo: Demo) -> None:
    functions = deploy_function(demo)
    get = functions.get_provisioned_concurrency_config
    absent = functions.exceptions.ProvisionedConcurrencyConfigNotFoundException
    with pytest.raises(absent) as caught:
        get(FunctionName="ask", Qualifier="live")
    assert caught.value.response["ResponseMetadata"]["HTTPStatusCode"] == 404
    with pytest.raises(functions.exceptions.ResourceNotFoundException):
        get(FunctionName="ask", Qualifier="7")
    with pytest.raises(functions.exceptions.ResourceNotFoundException):
        functions.list_function_url_configs(FunctionName="gone")


def test_a_deleted_function_or_alias_takes_its_provisioned_concurrency_along(demo: Demo) -> None:
    functions = deploy_function(demo)
    provisioned = {"FunctionName": "ask", "ProvisionedConcurrentExecutions": 1}
    functions.put_provisioned_concurrency_config(**provisioned, Qualifier="live")
    functions.delete_alias(FunctionName="ask", Name="live")
    functions.put_provisioned_concurrency_config(**provisioned, Qualifier="1")
    functions.delete_function(FunctionName="ask")
    functions = deploy_function(demo)
    listed = functions.list_provisioned_concurrency_configs(FunctionName="ask")
    assert listed["ProvisionedConcurrencyConfigs"] == []


def test_account_settings_count_what_functions_reserve(demo: Demo) -> None:
    demo.gaps.concurrent_executions = 200
    functions = deploy_function(demo)
    deploy_function(demo, name="other")
    functions.put_function_concurrency(FunctionName="ask", ReservedConcurrentExecutions=5)
    settings = functions.get_account_settings()
    assert settings["AccountLimit"]["ConcurrentExecutions"] == 200
    assert settings["AccountLimit"]["UnreservedConcurrentExecutions"] == 195
    assert settings["AccountUsage"] == {"FunctionCount": 2, "TotalCodeSize": 4 * len(code())}


def test_pages_follow_the_marker(demo: Demo) -> None:
    functions = deploy_function(demo)
    for _ in range(3):
        functions.update_function_code(FunctionName="ask", ZipFile=code() + b" ")
        version = functions.publish_version(FunctionName="ask")["Version"]
        functions.put_provisioned_concurrency_config(
            FunctionName="ask", Qualifier=version, ProvisionedConcurrentExecutions=1
        )
        functions.update_function_configuration(FunctionName="ask", Description=version)
    pages = functions.get_paginator("list_provisioned_concurrency_configs").paginate(
        FunctionName="ask", PaginationConfig={"PageSize": 2}
    )
    assert [len(page["ProvisionedConcurrencyConfigs"]) for page in pages] == [2, 1]
    error = refusal(
        functions.list_provisioned_concurrency_configs, FunctionName="ask", Marker="what"
    )
    assert code_of(error) == "InvalidParameterValueException"


def test_a_function_url_is_listed_with_its_alias(demo: Demo) -> None:
    functions = deploy_function(demo)
    assert functions.list_function_url_configs(FunctionName="ask")["FunctionUrlConfigs"] == []
    functions.create_function_url_config(
        FunctionName="ask", Qualifier="live", AuthType="NONE", Cors={"AllowOrigins": ["*"]}
    )
    (url,) = functions.list_function_url_configs(FunctionName="ask")["FunctionUrlConfigs"]
    assert url["FunctionArn"].endswith(":function:ask:live")
    assert (url["AuthType"], url["InvokeMode"]) == ("NONE", "BUFFERED")
    assert url["Cors"] == {"AllowOrigins": ["*"]}


def test_functions_keep_their_dead_letter_queue_and_logging(demo: Demo) -> None:
    queue = f"arn:aws:sqs:{REGION}:{ACCOUNT}:dead"
    functions = deploy_function(
        demo, DeadLetterConfig={"TargetArn": queue}, SnapStart={"ApplyOn": "PublishedVersions"}
    )
    (listed,) = functions.list_functions()["Functions"]
    got = functions.get_function(FunctionName="ask")["Configuration"]
    for configuration in (listed, got):
        assert configuration["DeadLetterConfig"] == {"TargetArn": queue}
        assert configuration["SnapStart"]["ApplyOn"] == "PublishedVersions"
        assert configuration["LoggingConfig"]["LogGroup"] == "/aws/lambda/ask"
    functions.update_function_configuration(FunctionName="ask", DeadLetterConfig={"TargetArn": ""})
    assert "DeadLetterConfig" not in functions.get_function_configuration(FunctionName="ask")


def test_each_qualifier_has_a_policy_of_its_own(demo: Demo) -> None:
    functions = deploy_function(demo)
    permission = {"Action": "lambda:InvokeFunction", "Principal": "*", "StatementId": "open"}
    functions.add_permission(FunctionName="ask", Qualifier="live", **permission)
    with pytest.raises(functions.exceptions.ResourceNotFoundException):
        functions.get_policy(FunctionName="ask")
    policy = json.loads(functions.get_policy(FunctionName="ask", Qualifier="live")["Policy"])
    (statement,) = policy["Statement"]
    assert statement["Resource"].endswith(":function:ask:live")
