import io
import zipfile
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import boto3
import pytest
from moto import mock_aws

from mlguard.resources.base import Resource
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
from mlguard.snapshot import GapReason
from mlguard.sources.aws import functions
from mlguard.sources.aws.connection import Connection
from mlguard.sources.aws.reading import Reading
from mlguard.sources.base import Home
from tests.builders.account import ACCOUNT, REGION
from tests.sources.aws.stubbed_lambda import BATCH, PREDICT, ROLE, Lambda, configuration

NO_TAGS = f"User: {ROLE} is not authorized to perform: lambda:ListTags on resource: {PREDICT}"
MAPPINGS = [f"{number}4f8a6d2-0000-4000-8000-000000000000" for number in (1, 2)]
DOCUMENT = '{"Version":"2012-10-17","Statement":[]}'


def _of(reading: Reading, kind: type[Resource]) -> list[Any]:
    return [resource for resource in reading.resources if isinstance(resource, kind)]


def test_a_function_alone_is_read_and_what_it_lacks_is_no_gap() -> None:
    account = Lambda()
    account.begins(configuration())
    account.gets(Concurrency={"ReservedConcurrentExecutions": 5}, Tags={"team": "ml"})
    account.lists_nothing("ListAliases")
    account.lists_nothing("ListFunctionUrlConfigs")
    account.has_no_policy()

    reading = account.collected()

    (function,) = _of(reading, Function)
    assert (function.arn, function.reserved_concurrency) == (PREDICT, 5)
    assert function.tags == {"team": "ml"}
    assert [each.concurrent_executions for each in _of(reading, LambdaAccount)] == [1000]
    assert len(reading.resources) == 3
    assert reading.gaps == []


def test_all_that_is_published_of_a_function_is_read() -> None:
    account = Lambda()
    account.begins(configuration(), configuration(version="7"))
    account.gets()
    alias = {"AliasArn": f"{PREDICT}:live", "Name": "live", "FunctionVersion": "7"}
    account.says("ListAliases", {"Aliases": [alias], "NextMarker": "more"}, FunctionName="predict")
    canary = {"AliasArn": f"{PREDICT}:new", "Name": "new", "FunctionVersion": "7"}
    account.says("ListAliases", {"Aliases": [canary]}, FunctionName="predict", Marker="more")
    url = {
        "FunctionUrl": "https://abcdef.lambda-url.us-east-1.on.aws/",
        "FunctionArn": f"{PREDICT}:live",
        "CreationTime": "2026-01-02T03:04:05.000+0000",
        "LastModifiedTime": "2026-01-02T03:04:05.000+0000",
        "AuthType": "NONE",
    }
    account.says("ListFunctionUrlConfigs", {"FunctionUrlConfigs": [url]}, FunctionName="predict")
    warm = {
        "FunctionArn": f"{PREDICT}:live",
        "RequestedProvisionedConcurrentExecutions": 2,
        "AvailableProvisionedConcurrentExecutions": 2,
        "AllocatedProvisionedConcurrentExecutions": 2,
        "Status": "READY",
    }
    account.says(
        "ListProvisionedConcurrencyConfigs",
        {"ProvisionedConcurrencyConfigs": [warm]},
        FunctionName="predict",
    )
    account.has_no_policy()
    account.says("GetPolicy", {"Policy": DOCUMENT}, FunctionName="predict", Qualifier="live")
    account.has_no_policy(Qualifier="new")
    account.says("GetPolicy", {"Policy": DOCUMENT}, FunctionName="predict", Qualifier="7")

    reading = account.collected()

    assert [version.arn for version in _of(reading, FunctionVersion)] == [f"{PREDICT}:7"]
    assert [each.name for each in _of(reading, FunctionAlias)] == ["live", "new"]
    assert [each.auth_type for each in _of(reading, FunctionUrl)] == ["NONE"]
    assert [each.qualifier for each in _of(reading, ProvisionedConcurrency)] == ["live"]
    assert [each.arn for each in _of(reading, FunctionPolicy)] == [
        f"{PREDICT}:live",
        f"{PREDICT}:7",
    ]
    assert reading.gaps == []
    assert set(reading.connection.operations) == set(functions.OPERATIONS)


def test_every_page_of_functions_and_of_event_sources_is_read() -> None:
    account = Lambda()
    limits = {"ConcurrentExecutions": 10, "UnreservedConcurrentExecutions": 10}
    account.says("GetAccountSettings", {"AccountLimit": limits})
    mapping = {"UUID": MAPPINGS[0], "FunctionArn": PREDICT, "State": "Enabled"}
    account.says("ListEventSourceMappings", {"EventSourceMappings": [mapping], "NextMarker": "e"})
    account.says(
        "ListEventSourceMappings",
        {"EventSourceMappings": [mapping | {"UUID": MAPPINGS[1]}]},
        Marker="e",
    )
    account.says(
        "ListFunctions",
        {"Functions": [configuration()], "NextMarker": "f"},
        FunctionVersion="ALL",
    )
    account.says(
        "ListFunctions", {"Functions": [configuration(BATCH)]}, FunctionVersion="ALL", Marker="f"
    )
    for function in (PREDICT, BATCH):
        account.gets(function)
    for operation in ("ListAliases", "ListFunctionUrlConfigs"):
        for function in (PREDICT, BATCH):
            account.lists_nothing(operation, function)
    for function in (PREDICT, BATCH):
        account.has_no_policy(function)

    reading = account.collected()

    assert [function.name for function in _of(reading, Function)] == ["predict", "batch"]
    assert [source.name for source in _of(reading, EventSource)] == MAPPINGS
    assert reading.gaps == []


@pytest.mark.parametrize(
    ("code", "reason"),
    [
        ("AccessDeniedException", GapReason.DENIED),
        ("TooManyRequestsException", GapReason.THROTTLED),
        ("ExpiredTokenException", GapReason.EXPIRED),
        ("404", GapReason.UNSUPPORTED),
        ("ServiceException", GapReason.INCOMPLETE),
    ],
)
def test_a_refusal_amid_the_functions_keeps_the_others_and_is_a_gap_of_that_one(
    code: str, reason: GapReason
) -> None:
    account = Lambda()
    account.begins(configuration(), configuration(BATCH))
    account.refuses("GetFunction", code, FunctionName="predict")
    account.gets(BATCH)
    for operation in ("ListAliases", "ListFunctionUrlConfigs"):
        for function in (PREDICT, BATCH):
            account.lists_nothing(operation, function)
    for function in (PREDICT, BATCH):
        account.has_no_policy(function)

    reading = account.collected()

    assert [function.name for function in _of(reading, Function)] == ["batch"]
    (gap,) = reading.gaps
    assert (gap.kinds, gap.subject, gap.reason) == (
        ("Function", "FunctionEnvironment"),
        PREDICT,
        reason,
    )
    assert gap.permission == ("lambda:GetFunction" if reason is GapReason.DENIED else None)


def test_a_function_deleted_since_it_was_listed_is_no_gap() -> None:
    account = Lambda()
    account.begins(configuration(), configuration(version="7"))
    for operation in (
        "GetFunction",
        "ListAliases",
        "ListFunctionUrlConfigs",
        "ListProvisionedConcurrencyConfigs",
    ):
        account.refuses(operation, "ResourceNotFoundException", FunctionName="predict")
    account.has_no_policy()
    account.has_no_policy(Qualifier="7")

    reading = account.collected()

    assert _of(reading, Function) == []
    assert reading.gaps == []


def test_aliases_that_are_denied_leave_their_policies_unread_too() -> None:
    account = Lambda()
    account.begins(configuration())
    account.gets()
    account.refuses("ListAliases", "AccessDeniedException", FunctionName="predict")
    account.lists_nothing("ListFunctionUrlConfigs")
    account.has_no_policy()

    (gap,) = account.collected().gaps

    assert gap.kinds == ("FunctionAlias", "FunctionPolicy")
    assert (gap.subject, gap.permission) == (PREDICT, "lambda:ListAliases")


def test_a_refusal_amid_the_policies_keeps_those_read_and_is_one_gap_of_the_function() -> None:
    account = Lambda()
    account.begins(configuration(), configuration(version="1"), configuration(version="2"))
    account.gets()
    account.lists_nothing("ListAliases")
    account.lists_nothing("ListFunctionUrlConfigs")
    account.lists_nothing("ListProvisionedConcurrencyConfigs")
    account.says("GetPolicy", {"Policy": DOCUMENT}, FunctionName="predict")
    account.refuses("GetPolicy", "AccessDeniedException", FunctionName="predict", Qualifier="1")

    reading = account.collected()

    assert [policy.arn for policy in _of(reading, FunctionPolicy)] == [PREDICT]
    (gap,) = reading.gaps
    assert (gap.kinds, gap.subject) == (("FunctionPolicy",), PREDICT)
    assert gap.permission == "lambda:GetPolicy"


@pytest.mark.parametrize(
    "operation", ["ListFunctionUrlConfigs", "ListProvisionedConcurrencyConfigs"]
)
def test_an_operation_that_is_denied_is_a_gap_of_exactly_its_kind(operation: str) -> None:
    account = Lambda()
    account.begins(configuration(), configuration(version="1"))
    account.gets()
    account.lists_nothing("ListAliases")
    for each in ("ListFunctionUrlConfigs", "ListProvisionedConcurrencyConfigs"):
        if each == operation:
            account.refuses(each, "AccessDeniedException", FunctionName="predict")
        else:
            account.lists_nothing(each)
    account.has_no_policy()
    account.has_no_policy(Qualifier="1")

    (gap,) = account.collected().gaps

    kind = {"L": ("FunctionUrl",), "P": ("ProvisionedConcurrency",)}
    assert gap.kinds == kind["P" if "Provisioned" in operation else "L"]
    assert (gap.subject, gap.permission) == (PREDICT, f"lambda:{operation}")


def test_functions_that_may_not_be_listed_are_a_gap_in_all_that_hangs_on_them() -> None:
    account = Lambda()
    account.refuses("GetAccountSettings", "AccessDeniedException")
    account.refuses("ListEventSourceMappings", "AccessDeniedException")
    account.refuses("ListFunctions", "AccessDeniedException", FunctionVersion="ALL")

    reading = account.collected()

    assert [gap.kinds for gap in reading.gaps] == [
        ("LambdaAccount",),
        ("EventSource",),
        (
            "Function",
            "FunctionEnvironment",
            "FunctionVersion",
            "FunctionAlias",
            "FunctionPolicy",
            "FunctionUrl",
            "ProvisionedConcurrency",
        ),
    ]
    assert {gap.region for gap in reading.gaps} == {REGION}


@pytest.mark.parametrize(
    ("withheld", "permission", "kinds"),
    [
        (
            {"TagsError": {"ErrorCode": "AccessDeniedException", "Message": NO_TAGS}},
            "lambda:ListTags",
            ("Function", "FunctionEnvironment"),
        ),
        (
            {
                "Configuration": configuration(
                    Environment={"Error": {"ErrorCode": "AccessDeniedException", "Message": "no"}}
                )
            },
            "kms:Decrypt",
            ("FunctionEnvironment",),
        ),
    ],
)
def test_a_function_of_which_a_part_is_withheld_is_a_gap_that_names_the_permission(
    withheld: dict[str, Any], permission: str, kinds: tuple[str, ...]
) -> None:
    account = Lambda()
    account.begins(configuration())
    account.gets(**withheld)
    account.lists_nothing("ListAliases")
    account.lists_nothing("ListFunctionUrlConfigs")
    account.has_no_policy()

    reading = account.collected()

    assert not {type(found).__name__ for found in reading.resources}.intersection(kinds)
    (gap,) = reading.gaps
    assert (gap.kinds, gap.subject) == (kinds, PREDICT)
    assert (gap.reason, gap.permission) == (GapReason.DENIED, permission)


def test_an_answer_that_lacks_what_a_function_needs_is_a_gap() -> None:
    account = Lambda()
    account.begins(configuration())
    halved = configuration()
    del halved["Role"]
    account.gets(Configuration=halved)
    account.lists_nothing("ListAliases")
    account.lists_nothing("ListFunctionUrlConfigs")
    account.has_no_policy()

    (gap,) = account.collected().gaps

    assert (gap.subject, gap.reason) == (PREDICT, GapReason.INCOMPLETE)
    assert "Role" in gap.detail


def test_an_operation_that_does_not_exist_there_is_a_gap() -> None:
    account = Lambda()
    account.cannot("lambda", "GetAccountSettings", NotImplementedError("not yet"))
    account.says("ListEventSourceMappings", {"EventSourceMappings": []})
    account.says("ListFunctions", {"Functions": []}, FunctionVersion="ALL")

    (gap,) = account.collected().gaps

    assert (gap.kinds, gap.reason) == (("LambdaAccount",), GapReason.UNSUPPORTED)


def _archive() -> bytes:
    content = io.BytesIO()
    with zipfile.ZipFile(content, "w") as archive:
        archive.writestr("app.py", "")
    return content.getvalue()


def test_what_moto_has_of_lambda_is_read_whole() -> None:
    with mock_aws(config={"lambda": {"use_docker": False}}):
        session = boto3.Session("testing", "testing", region_name=REGION)
        role = session.client("iam").create_role(RoleName="predict", AssumeRolePolicyDocument="{}")
        client = session.client("lambda")
        client.create_function(
            FunctionName="predict",
            Role=role["Role"]["Arn"],
            Runtime="python3.12",
            Handler="app.handler",
            Code={"ZipFile": _archive()},
            Environment={"Variables": {"ENDPOINT": "churn"}},
        )
        client.publish_version(FunctionName="predict")
        client.create_alias(FunctionName="predict", Name="live", FunctionVersion="1")
        client.put_function_concurrency(FunctionName="predict", ReservedConcurrentExecutions=5)
        client.add_permission(
            FunctionName="predict", StatementId="x", Action="lambda:InvokeFunction", Principal="*"
        )
        with ThreadPoolExecutor(4) as pool:
            reading = Reading(Connection(session), Home(account=ACCOUNT, region=REGION), pool)
            functions.collect(reading)

    (function,) = _of(reading, Function)
    assert (function.arn, function.reserved_concurrency) == (PREDICT, 5)
    (environment,) = _of(reading, FunctionEnvironment)
    assert environment.variables == {"ENDPOINT": "churn"}
    assert [alias.version for alias in _of(reading, FunctionAlias)] == ["1"]
    assert [version.version for version in _of(reading, FunctionVersion)] == ["1"]
    assert PREDICT in [policy.arn for policy in _of(reading, FunctionPolicy)]
    assert {gap.reason for gap in reading.gaps} == {GapReason.UNSUPPORTED}
    assert {gap.kinds for gap in reading.gaps} == {
        ("LambdaAccount",),
        ("FunctionUrl",),
        ("ProvisionedConcurrency",),
    }
