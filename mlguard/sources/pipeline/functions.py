"""Lambda calls: functions, versions, aliases, concurrency, policies, URLs, event sources."""

import json
import re
from base64 import b64encode
from collections.abc import Mapping
from hashlib import sha256
from typing import Any, Final

from mlguard.sources.pipeline.planned import Make, Parameters, Planned, Raw, named, required
from mlguard.sources.pipeline.steps import Fault

LATEST: Final = "$LATEST"

# A name, a partial ARN (account:function:name) or an ARN, each perhaps with a qualifier.
_FUNCTION: Final = re.compile(
    r"(?:(?:arn:[\w-]+:lambda:[\w-]+:)?\d{12}:function:)?(?P<name>[\w-]+)(?::(?P<qualifier>[\w$-]+))?"
)

# API reference, "CreateFunction": what each defaults to.
_DEFAULTS: Final = {
    "Timeout": 3,
    "MemorySize": 128,
    "PackageType": "Zip",
    "Architectures": ["x86_64"],
    "TracingConfig": {"Mode": "PassThrough"},
}

# What AddPermission makes a condition of: API reference, "AddPermission".
_CONDITIONS: Final = {
    "SourceArn": ("ArnLike", "AWS:SourceArn"),
    "SourceAccount": ("StringEquals", "AWS:SourceAccount"),
    "PrincipalOrgID": ("StringEquals", "aws:PrincipalOrgID"),
    "EventSourceToken": ("StringEquals", "lambda:EventSourceToken"),
    "FunctionUrlAuthType": ("StringEquals", "lambda:FunctionUrlAuthType"),
    "InvokedViaFunctionUrl": ("Bool", "lambda:InvokedViaFunctionUrl"),
}
_ACCOUNT: Final = re.compile(r"[0-9]{12}")


def _create_function(account: Planned, parameters: Parameters) -> Raw:
    name, _ = _named(parameters)
    configuration: Raw = {
        **_DEFAULTS,
        **{key: value for key, value in parameters.items() if key not in {"Code", "Tags"}},
        "FunctionName": name,
        "FunctionArn": account.arn("lambda", f"function:{name}"),
        "Role": named(parameters, "Role"),
        "Version": LATEST,
        "LastModified": account.taken_at,
        "Layers": [{"Arn": arn} for arn in parameters.get("Layers", ())],
        "CodeSha256": _code_sha256(required(parameters, "Code")),
    }
    raw: Raw = {"Configuration": configuration, "Tags": parameters.get("Tags", {})}
    account.put("Function", name, raw)
    account.put("FunctionEnvironment", name, raw)
    return _publish(account, raw) if parameters.get("Publish") else configuration


def _code_sha256(code: Mapping[str, Any]) -> str | None:
    """Return the hash of code that the file holds; code in S3 has one that it does not know."""
    archive = code.get("ZipFile")
    if not isinstance(archive, bytes):
        return None
    return b64encode(sha256(archive).digest()).decode()


def _publish_version(account: Planned, parameters: Parameters) -> Raw:
    return _publish(account, _function(account, parameters))


def _publish(account: Planned, function: Raw) -> Raw:
    configuration = function["Configuration"]
    arn = configuration["FunctionArn"]
    published = [
        version
        for version in account.all("FunctionVersion")
        if version["FunctionName"] == configuration["FunctionName"]
    ]
    number = str(len(published) + 1)
    raw: Raw = {**configuration, "FunctionArn": f"{arn}:{number}", "Version": number}
    return account.put("FunctionVersion", raw["FunctionArn"], raw)


def _create_alias(account: Planned, parameters: Parameters) -> Raw:
    function = _function(account, parameters)
    name = named(parameters, "Name")
    raw: Raw = {
        "AliasArn": f"{function['Configuration']['FunctionArn']}:{name}",
        "Name": name,
        "FunctionVersion": named(parameters, "FunctionVersion"),
        "RoutingConfig": parameters.get("RoutingConfig", {}),
    }
    return account.put("FunctionAlias", raw["AliasArn"], raw)


def _update_alias(account: Planned, parameters: Parameters) -> Raw:
    name = named(parameters, "Name")
    arn = f"{_function(account, parameters)['Configuration']['FunctionArn']}:{name}"
    alias = account.get("FunctionAlias", arn, arn=arn)
    alias |= {key: value for key, value in parameters.items() if key in alias and key != "Name"}
    return alias


def _put_reserved(account: Planned, parameters: Parameters) -> Raw:
    reserved = required(parameters, "ReservedConcurrentExecutions")
    function = _function(account, parameters)
    function["Concurrency"] = {"ReservedConcurrentExecutions": reserved}
    return {"ReservedConcurrentExecutions": reserved}


def _put_provisioned(account: Planned, parameters: Parameters) -> Raw:
    function = _function(account, parameters)
    qualifier = parameters.get("Qualifier") or _named(parameters)[1]
    if not qualifier:
        raise Fault("parameters.Qualifier", "is missing; AWS requires it")
    requested = required(parameters, "ProvisionedConcurrentExecutions")
    arn = f"{function['Configuration']['FunctionArn']}:{qualifier}"
    raw: Raw = {
        "FunctionArn": arn,
        "RequestedProvisionedConcurrentExecutions": requested,
        "Status": "READY",
    }
    return account.put("ProvisionedConcurrency", arn, raw)


def _add_permission(account: Planned, parameters: Parameters) -> Raw:
    function = _function(account, parameters)
    function_arn = function["Configuration"]["FunctionArn"]
    qualifier = parameters.get("Qualifier") or _named(parameters)[1]
    arn = f"{function_arn}:{qualifier}" if qualifier else function_arn
    statement = _statement(account, parameters, arn)
    known = account.find("FunctionPolicy", arn) or {
        "FunctionArn": function_arn,
        "Qualifier": qualifier,
        "Policy": json.dumps({"Version": "2012-10-17", "Id": "default", "Statement": []}),
    }
    document = json.loads(known["Policy"])
    document["Statement"].append(statement)
    account.put("FunctionPolicy", arn, {**known, "Policy": json.dumps(document)})
    return {"Statement": json.dumps(statement)}


def _statement(account: Planned, parameters: Parameters, arn: str) -> Raw:
    conditions: dict[str, dict[str, Any]] = {}
    for member, (operator, key) in _CONDITIONS.items():
        if member in parameters:
            value = parameters[member]
            text = str(value).lower() if isinstance(value, bool) else value
            conditions.setdefault(operator, {})[key] = text
    statement: Raw = {
        "Sid": named(parameters, "StatementId"),
        "Effect": "Allow",
        "Principal": _principal(account, named(parameters, "Principal")),
        "Action": named(parameters, "Action"),
        "Resource": arn,
    }
    return statement | {"Condition": conditions} if conditions else statement


def _principal(account: Planned, principal: str) -> str | dict[str, str]:
    """Return the element that AWS writes for a service, an account, an ARN, or anyone."""
    if principal == "*":
        return principal
    if _ACCOUNT.fullmatch(principal):
        return {"AWS": f"arn:{account.home.partition}:iam::{principal}:root"}
    return {"AWS" if principal.startswith("arn:") else "Service": principal}


def _create_url(account: Planned, parameters: Parameters) -> Raw:
    function = _function(account, parameters)
    _, qualifier = _named(parameters)
    qualifier = parameters.get("Qualifier") or qualifier
    arn = function["Configuration"]["FunctionArn"]
    arn = f"{arn}:{qualifier}" if qualifier else arn
    host = f"{account.identity('', 'url', arn, length=32)}.lambda-url.{account.home.region}.on.aws"
    raw: Raw = {
        "FunctionArn": arn,
        "FunctionUrl": f"https://{host}/",
        "AuthType": named(parameters, "AuthType"),
        "Cors": parameters.get("Cors", {}),
    }
    return account.put("FunctionUrl", arn, raw)


def _create_event_source(account: Planned, parameters: Parameters) -> Raw:
    function = _function(account, parameters)
    _, qualifier = _named(parameters)
    arn = function["Configuration"]["FunctionArn"]
    source = parameters.get("EventSourceArn", "")
    identity = account.identity("", "event-source", arn, source, length=32)
    raw: Raw = {
        **{key: value for key, value in parameters.items() if key != "Enabled"},
        "UUID": identity,
        "FunctionArn": f"{arn}:{qualifier}" if qualifier else arn,
        "State": "Enabled" if parameters.get("Enabled", True) else "Disabled",
    }
    return account.put("EventSource", identity, raw)


def _named(parameters: Parameters) -> tuple[str, str | None]:
    """Return the function's name and the qualifier, from any of the ways to write them."""
    parts = _FUNCTION.fullmatch(named(parameters, "FunctionName"))
    if parts is None:
        raise Fault("parameters.FunctionName", f"is no function: {parameters['FunctionName']!r}")
    return parts["name"], parts["qualifier"]


def _function(account: Planned, parameters: Parameters) -> Raw:
    name, _ = _named(parameters)
    return account.get("Function", name, arn=account.arn("lambda", f"function:{name}"))


OPERATIONS: Final[Mapping[str, Make]] = {
    "lambda:CreateFunction": _create_function,
    "lambda:PublishVersion": _publish_version,
    "lambda:CreateAlias": _create_alias,
    "lambda:UpdateAlias": _update_alias,
    "lambda:PutFunctionConcurrency": _put_reserved,
    "lambda:PutProvisionedConcurrencyConfig": _put_provisioned,
    "lambda:AddPermission": _add_permission,
    "lambda:CreateFunctionUrlConfig": _create_url,
    "lambda:CreateEventSourceMapping": _create_event_source,
}
