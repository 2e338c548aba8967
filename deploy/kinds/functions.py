"""Functions, their versions, aliases, concurrency and permissions."""

import json
from collections.abc import Mapping
from typing import Any, Final

from deploy.account import Account
from deploy.kind import Call, Cost, Found, Kind, Priced, Read, Scope, Update, Wait

_FUNCTION: Final[Mapping[str, str]] = {"FunctionName": "asked.FunctionName"}
_ALIAS: Final[Mapping[str, str]] = {**_FUNCTION, "Name": "asked.Name"}
_QUALIFIED: Final[Mapping[str, str]] = {**_FUNCTION, "Qualifier": "asked.Qualifier"}

# What of $LATEST a published version freezes, and this pipeline can change.
# https://docs.aws.amazon.com/lambda/latest/dg/configuration-versions.html
_FROZEN: Final = (
    "Architectures",
    "CodeSha256",
    "DeadLetterConfig",
    "Environment",
    "EphemeralStorage",
    "Handler",
    "KMSKeyArn",
    "LoggingConfig",
    "MemorySize",
    "Role",
    "Runtime",
    "Timeout",
    "TracingConfig",
    "VpcConfig",
)
_CODE: Final = ("Code.ZipFile", "Architectures")
_CONFIGURED: Final = (
    "DeadLetterConfig",
    "Description",
    "Environment",
    "EphemeralStorage",
    "Handler",
    "KMSKeyArn",
    "Layers",
    "LoggingConfig",
    "MemorySize",
    "Role",
    "Runtime",
    "Timeout",
    "TracingConfig",
    "VpcConfig",
)
# https://docs.aws.amazon.com/lambda/latest/dg/functions-states.html: a function is changed
# once its state is Active and its last update no longer in progress.
_READY: Final = Wait(
    status="found.LastUpdateStatus == 'InProgress' && 'InProgress' || found.State || 'Active'",
    making=frozenset({"Pending", "InProgress", "Deleting"}),
    reason="found.StateReason || found.LastUpdateStatusReason",
)


def current_version(account: Account, scope: Scope) -> Found | None:
    """Return the newest published version if it is what $LATEST is, code and settings.

    What was published of other code is no longer what the step asks for, and is left as it is.
    """
    parameters = {"FunctionName": scope["asked"]["FunctionName"]}
    answer = account.read("lambda", "ListVersionsByFunction", parameters)
    versions: dict[str, Found] = {
        one["Version"]: one for one in (answer or {"Versions": ()})["Versions"]
    }
    latest = versions.pop("$LATEST", None)
    if latest is None or not versions:
        return None
    newest = versions[max(versions, key=int)]
    return newest if all(newest.get(name) == latest.get(name) for name in _FROZEN) else None


def statement(account: Account, scope: Scope) -> Found | None:
    """Return the statement of the function's policy that has the step's id."""
    asked = scope["asked"]
    parameters = {name: asked[name] for name in ("FunctionName", "Qualifier") if asked.get(name)}
    answer = account.read("lambda", "GetPolicy", parameters)
    document = json.loads(answer["Policy"]) if answer else {"Statement": ()}
    for one in document["Statement"]:
        if one.get("Sid") == asked["StatementId"]:
            return {**one, "Principal": _principal(one["Principal"], asked["Principal"])}
    return None


def _principal(found: Any, asked: str) -> Any:
    """Return the principal as it was asked for: an account's number is shown as its root's ARN."""
    if isinstance(found, Mapping):
        found = found.get("Service", found.get("AWS"))
    return asked if isinstance(found, str) and found.endswith(f":iam::{asked}:root") else found


KINDS: Final[Mapping[str, Kind]] = {
    "lambda:CreateFunction": Kind(
        noun="function",
        name="asked.FunctionName",
        find=Read(
            service="lambda",
            operation="GetFunction",
            parameters=_FUNCTION,
            at="Configuration",
        ),
        # Code that stands in a bucket is not read to be compared: change its key or version.
        fields={"Code": "", "Code.ZipFile": "found.CodeSha256", "Publish": ""},
        exact=frozenset({"Environment"}),
        updates=(
            Update(
                fields=frozenset(_CODE),
                calls=(
                    Call(
                        operation="UpdateFunctionCode",
                        parameters={
                            **_FUNCTION,
                            "ZipFile?": "asked.Code.ZipFile",
                            "S3Bucket?": "asked.Code.S3Bucket",
                            "S3Key?": "asked.Code.S3Key",
                            "S3ObjectVersion?": "asked.Code.S3ObjectVersion",
                            "Architectures?": "asked.Architectures",
                        },
                    ),
                ),
            ),
            Update(
                fields=frozenset(_CONFIGURED),
                calls=(
                    Call(
                        operation="UpdateFunctionConfiguration",
                        parameters={
                            **_FUNCTION,
                            **{f"{name}?": f"asked.{name}" for name in _CONFIGURED},
                        },
                    ),
                ),
            ),
        ),
        wait=_READY,
        delete=(Call(operation="DeleteFunction", parameters=_FUNCTION),),
        cost=Cost.BY_USE,
    ),
    "lambda:PublishVersion": Kind(
        noun="version",
        name="asked.FunctionName",
        find=current_version,
        fields={"CodeSha256": "", "Description": "", "RevisionId": ""},
        wait=_READY,
    ),
    "lambda:PutFunctionConcurrency": Kind(
        noun="reserved concurrency",
        name="asked.FunctionName",
        find=Read(
            service="lambda",
            operation="GetFunctionConcurrency",
            parameters=_FUNCTION,
            at="ReservedConcurrentExecutions != `null` && @",
        ),
        fields=dict.fromkeys(_FUNCTION, ""),
        upsert=True,
    ),
    "lambda:PutProvisionedConcurrencyConfig": Kind(
        noun="provisioned concurrency",
        name="join(':', [asked.FunctionName, asked.Qualifier])",
        find=Read(
            service="lambda",
            operation="GetProvisionedConcurrencyConfig",
            parameters=_QUALIFIED,
        ),
        fields={
            **dict.fromkeys(_QUALIFIED, ""),
            "ProvisionedConcurrentExecutions": "found.RequestedProvisionedConcurrentExecutions",
        },
        upsert=True,
        wait=Wait(
            status="found.Status",
            making=frozenset({"IN_PROGRESS"}),
            failed=frozenset({"FAILED"}),
            reason="found.StatusReason",
        ),
        delete=(Call(operation="DeleteProvisionedConcurrencyConfig", parameters=_QUALIFIED),),
        cost=Priced(
            read=Read(
                service="lambda",
                operation="GetFunction",
                parameters=_QUALIFIED,
                at="Configuration",
            ),
            items="""[{
              component: 'Provisioned concurrency',
              type: read.Architectures[0] || 'x86_64',
              count: found.RequestedProvisionedConcurrentExecutions,
              mib: read.MemorySize
            }]""",
        ),
    ),
    "lambda:AddPermission": Kind(
        noun="permission",
        name="join('/', [asked.FunctionName, asked.StatementId])",
        find=statement,
        answer="{Statement: found}",
        fields={
            **dict.fromkeys((*_QUALIFIED, "StatementId", "RevisionId", "EventSourceToken"), ""),
            "SourceArn": 'found.Condition.ArnLike."AWS:SourceArn"',
            "SourceAccount": 'found.Condition.StringEquals."AWS:SourceAccount"',
            "PrincipalOrgID": 'found.Condition.StringEquals."aws:PrincipalOrgID"',
            "FunctionUrlAuthType": 'found.Condition.StringEquals."lambda:FunctionUrlAuthType"',
        },
        updates=(
            Update(
                fields=frozenset({"Action", "Principal", "SourceArn", "SourceAccount"}),
                calls=(
                    Call(
                        operation="RemovePermission",
                        parameters={
                            **_FUNCTION,
                            "StatementId": "asked.StatementId",
                            "Qualifier?": "asked.Qualifier",
                        },
                    ),
                    Call(operation="AddPermission", parameters={"*": "asked"}),
                ),
            ),
        ),
    ),
    **{
        f"lambda:{operation}": Kind(
            noun="alias",
            name="join(':', [asked.FunctionName, asked.Name])",
            find=Read(service="lambda", operation="GetAlias", parameters=_ALIAS),
            fields={"FunctionName": "", "RevisionId": ""},
            updates=(
                Update(
                    fields=frozenset({"FunctionVersion", "Description", "RoutingConfig"}),
                    calls=(Call(operation="UpdateAlias", parameters={"*": "asked"}),),
                ),
            ),
            delete=(Call(operation="DeleteAlias", parameters=_ALIAS),),
        )
        for operation in ("CreateAlias", "UpdateAlias")
    },
}
