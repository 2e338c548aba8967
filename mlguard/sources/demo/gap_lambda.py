"""Lambda: provisioned concurrency, account settings and function URLs, as moto lacks them."""

import json
import re
from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any, Final

from mlguard.sources.demo.gap_call import Amend, Answer, Call, Paging, Refused

_PAGING: Final = Paging(
    limit="MaxItems",
    token="Marker",  # noqa: S106  # the name of a parameter
    next_token="NextMarker",  # noqa: S106  # the name of a parameter
    default=50,
    refusal="InvalidParameterValueException",
)

# A name, a partial ARN (account:function:name) or an ARN, each perhaps with a qualifier.
_FUNCTION: Final = re.compile(
    r"(?:(?:arn:[\w-]+:lambda:[\w-]+:)?\d{12}:function:)?(?P<name>[\w-]+)(?::(?P<qualifier>[\w$-]+))?"
)

# "As long as you leave at least 100 simultaneous executions unreserved": API reference,
# PutFunctionConcurrency. Accounts with a smaller quota keep all of it.
_UNRESERVED_FLOOR: Final = 100

# Quotas of an account: Lambda developer guide, "Lambda quotas".
_STORAGE_BYTES: Final = 75 * 1024**3
_UNZIPPED_BYTES: Final = 250 * 1024**2
_ZIPPED_BYTES: Final = 50 * 1024**2

_DROPPED: Final = ("DeadLetterConfig", "LoggingConfig", "SnapStart")


def _function(call: Call) -> tuple[str, str | None]:
    text = str(call.params["FunctionName"])
    parts = _FUNCTION.fullmatch(text)
    if parts is None:
        raise Refused("InvalidParameterValueException", f"{text} is no function name")
    return parts["name"], call.params.get("Qualifier") or parts["qualifier"]


def _known(call: Call) -> tuple[str, Any]:
    """Return the name of the function and moto's record of it; moto refuses an unknown one."""
    name, _ = _function(call)
    return name, call.backend("lambda").get_function(name)


def _put_provisioned(call: Call) -> Mapping[str, Any]:
    name, qualifier = _function(call)
    version = _published(call, name, qualifier)
    _refuse_second(call, name, qualifier, version)
    asked = int(call.params["ProvisionedConcurrentExecutions"])
    others = sum(
        entry["RequestedProvisionedConcurrentExecutions"]
        for (function, other), entry in call.room.shelf("provisioned").items()
        if function == name and other != qualifier
    )
    _refuse_excess(call, name, others + asked)
    entry = {
        "RequestedProvisionedConcurrentExecutions": asked,
        "AllocatedProvisionedConcurrentExecutions": asked,
        "AvailableProvisionedConcurrentExecutions": asked,
        "Status": "READY",
        "LastModified": datetime.now(UTC).strftime("%Y-%m-%dT%H:%M:%S+0000"),
    }
    call.room.shelf("provisioned")[name, qualifier] = entry
    return entry


def _published(call: Call, name: str, qualifier: str | None) -> str:
    """Return the version that is meant: provisioned concurrency wants a published one."""
    version = str(call.backend("lambda").get_function(name, qualifier).version)
    if version == "$LATEST":
        raise Refused(
            "InvalidParameterValueException",
            "Provisioned Concurrency Configs cannot be applied to unpublished function versions.",
        )
    return version


def _refuse_second(call: Call, name: str, qualifier: str | None, version: str) -> None:
    # "Each version of a function can only have one provisioned concurrency configuration",
    # its own or an alias's: developer guide, "Configuring provisioned concurrency".
    backend = call.backend("lambda")
    for function, other in call.room.shelf("provisioned"):
        if function != name or other == qualifier:
            continue
        if str(backend.get_function(name, other).version) == version:
            raise Refused(
                "InvalidParameterValueException",
                f"Version {version} already has Provisioned Concurrency, under {other}.",
            )


def _refuse_excess(call: Call, name: str, total: int) -> None:
    reserved = _reserved(call)
    if name in reserved:
        if total > reserved[name]:
            raise Refused(
                "InvalidParameterValueException",
                "Requested Provisioned Concurrency should not be greater than the "
                "reservedConcurrentExecution for function",
            )
        return
    elsewhere = sum(
        entry["RequestedProvisionedConcurrentExecutions"]
        for (function, _), entry in call.room.shelf("provisioned").items()
        if function != name and function not in reserved
    )
    floor = min(_UNRESERVED_FLOOR, call.concurrent_executions)
    left = call.concurrent_executions - sum(reserved.values()) - elsewhere - total
    if left < floor:
        raise Refused(
            "InvalidParameterValueException",
            "Specified ConcurrentExecutions for function decreases account's "
            f"UnreservedConcurrentExecution below its minimum value of [{floor}].",
        )


def _reserved(call: Call) -> dict[str, int]:
    return {
        function.function_name: int(function.reserved_concurrency)
        for function in call.backend("lambda").list_functions()
        if function.reserved_concurrency is not None
    }


def _get_provisioned(call: Call) -> Mapping[str, Any]:
    name, qualifier = _function(call)
    call.backend("lambda").get_function(name, qualifier)
    entry: Mapping[str, Any] | None = call.room.shelf("provisioned").get((name, qualifier))
    if entry is None:
        raise Refused(
            "ProvisionedConcurrencyConfigNotFoundException",
            "No Provisioned Concurrency Config found for this function",
        )
    return entry


def _list_provisioned(call: Call) -> Mapping[str, Any]:
    name, _ = _known(call)
    entries = [
        {"FunctionArn": call.arn("lambda", f"function:{name}:{qualifier}"), **entry}
        for (function, qualifier), entry in sorted(call.room.shelf("provisioned").items())
        if function == name
    ]
    return _PAGING.page(call, "ProvisionedConcurrencyConfigs", entries)


def _delete_provisioned(call: Call) -> Mapping[str, Any]:
    name, qualifier = _function(call)
    call.backend("lambda").get_function(name, qualifier)
    call.room.shelf("provisioned").pop((name, qualifier), None)
    return {}


def _account_settings(call: Call) -> Mapping[str, Any]:
    backend = call.backend("lambda")
    unreserved = call.concurrent_executions - sum(_reserved(call).values())
    return {
        "AccountLimit": {
            "TotalCodeSize": _STORAGE_BYTES,
            "CodeSizeUnzipped": _UNZIPPED_BYTES,
            "CodeSizeZipped": _ZIPPED_BYTES,
            "ConcurrentExecutions": call.concurrent_executions,
            # moto lets functions reserve more than there is.
            "UnreservedConcurrentExecutions": max(unreserved, 0),
        },
        "AccountUsage": {
            "TotalCodeSize": sum(version.code_size for version in backend.list_functions("ALL")),
            "FunctionCount": len(backend.list_functions()),
        },
    }


def _list_urls(call: Call) -> Mapping[str, Any]:
    name, function = _known(call)
    entries = []
    if function.url_config:
        shown = {k: v for k, v in function.url_config.to_dict().items() if v is not None}
        _right_url(call, shown, name)
        entries.append(shown)
    return _PAGING.page(call, "FunctionUrlConfigs", entries)


def _url(call: Call, answer: dict[str, Any]) -> None:
    name, qualifier = _function(call)
    if call.model.name == "CreateFunctionUrlConfig":
        call.room.shelf("urls")[name] = qualifier
    _right_url(call, answer, name)


def _right_url(call: Call, answer: dict[str, Any], name: str) -> None:
    # moto forgets the alias that the URL belongs to, and spells the default mode "Buffered".
    qualifier = call.room.shelf("urls").get(name)
    if qualifier:
        answer["FunctionArn"] = call.arn("lambda", f"function:{name}:{qualifier}")
    answer["InvokeMode"] = str(answer.get("InvokeMode", "BUFFERED")).upper()


def _remember(call: Call, answer: dict[str, Any]) -> None:
    name, _ = _function(call)
    given = {member: call.params[member] for member in _DROPPED if member in call.params}
    if call.model.name == "CreateFunction":
        call.room.shelf("functions")[name] = given
    else:
        call.room.shelf("functions").setdefault(name, {}).update(given)
    _restore(call, answer)


def _restore(call: Call, configuration: dict[str, Any]) -> None:
    name = configuration["FunctionName"]
    given = call.room.shelf("functions").get(name, {})
    # What AWS logs to unless told: API reference, "LoggingConfig".
    logging = {"LogFormat": "Text", "LogGroup": f"/aws/lambda/{name}"}
    configuration["LoggingConfig"] = logging | given.get("LoggingConfig", {})
    if given.get("DeadLetterConfig", {}).get("TargetArn"):
        configuration["DeadLetterConfig"] = dict(given["DeadLetterConfig"])
    if "SnapStart" in given:
        published = configuration.get("Version") != "$LATEST"
        on = published and given["SnapStart"].get("ApplyOn") == "PublishedVersions"
        configuration["SnapStart"] = {
            **given["SnapStart"],
            "OptimizationStatus": "On" if on else "Off",
        }


def _restore_under(key: str) -> Amend:
    def amend(call: Call, answer: dict[str, Any]) -> None:
        found = answer[key]
        for configuration in found if isinstance(found, list) else [found]:
            _restore(call, configuration)

    return amend


def _forget(call: Call, _: dict[str, Any]) -> None:
    name, qualifier = _function(call)
    qualifier = call.params["Name"] if call.model.name == "DeleteAlias" else qualifier
    provisioned = call.room.shelf("provisioned")
    for key in [key for key in provisioned if key[0] == name and qualifier in (None, key[1])]:
        del provisioned[key]
    if qualifier is None:
        call.room.shelf("functions").pop(name, None)
        call.room.shelf("urls").pop(name, None)


def _get_policy(call: Call) -> Mapping[str, Any]:
    """Each qualifier has a policy of its own; moto shows the function's for all of them."""
    name, qualifier = _function(call)
    function = call.backend("lambda").get_function(name)
    end = f":function:{name}" if qualifier is None else f":function:{name}:{qualifier}"
    statements = [one for one in function.policy.statements if one["Resource"].endswith(end)]
    if not statements:
        raise Refused("ResourceNotFoundException", "The resource you requested does not exist.")
    document = {"Version": "2012-10-17", "Id": "default", "Statement": statements}
    return {"Policy": json.dumps(document), "RevisionId": function.policy.revision}


ANSWERS: Final[Mapping[str, Answer]] = {
    "DeleteProvisionedConcurrencyConfig": _delete_provisioned,
    "GetAccountSettings": _account_settings,
    "GetPolicy": _get_policy,
    "GetProvisionedConcurrencyConfig": _get_provisioned,
    "ListFunctionUrlConfigs": _list_urls,
    "ListProvisionedConcurrencyConfigs": _list_provisioned,
    "PutProvisionedConcurrencyConfig": _put_provisioned,
}

AMENDS: Final[Mapping[str, Amend]] = {
    "CreateFunction": _remember,
    "CreateFunctionUrlConfig": _url,
    "DeleteAlias": _forget,
    "DeleteFunction": _forget,
    "GetFunction": _restore_under("Configuration"),
    "GetFunctionConfiguration": _restore,
    "GetFunctionUrlConfig": _url,
    "ListFunctions": _restore_under("Functions"),
    "ListVersionsByFunction": _restore_under("Versions"),
    "PublishVersion": _restore,
    "UpdateFunctionConfiguration": _remember,
    "UpdateFunctionUrlConfig": _url,
}
