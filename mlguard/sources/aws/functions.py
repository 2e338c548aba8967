"""Lambda, read live: functions and what is published of them, who may call them, how many run.

Lambda allows an account 15 calls a second to all of these together, and cannot raise it; only
GetFunction (100) and GetPolicy (15) count apart: Lambda Developer Guide, "Lambda quotas". So
versions come with the one listing of functions, and reserved concurrency with GetFunction.
"""

from collections.abc import Iterable, Iterator, Sequence
from typing import Final

from botocore.exceptions import ClientError

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
from mlguard.sources.aws.reading import Raw, Reading, gone
from mlguard.sources.aws.refusal import Refusal, refusal
from mlguard.sources.readers import functions as readers

OF_FUNCTIONS: Final[tuple[type[Resource], ...]] = (
    Function,
    FunctionEnvironment,
    FunctionVersion,
    FunctionAlias,
    FunctionPolicy,
    FunctionUrl,
    ProvisionedConcurrency,
)
KINDS: Final[tuple[type[Resource], ...]] = (*OF_FUNCTIONS, EventSource, LambdaAccount)
OPERATIONS: Final[tuple[str, ...]] = (
    "lambda:GetAccountSettings",
    "lambda:GetFunction",
    "lambda:GetPolicy",
    "lambda:ListAliases",
    "lambda:ListEventSourceMappings",
    "lambda:ListFunctionUrlConfigs",
    "lambda:ListFunctions",
    "lambda:ListProvisionedConcurrencyConfigs",
)
FURTHER_ACTIONS: Final[tuple[str, ...]] = ("lambda:ListTags",)
"""What GetFunction wants besides its own action before it shows tags."""


def collect(reading: Reading) -> None:
    """Read the region's Lambda."""
    _keep_account(reading)
    sources = reading.list(
        (EventSource,), "lambda", "ListEventSourceMappings", "EventSourceMappings"
    )
    reading.keep(EventSource, sources, lambda raw: readers.event_source(raw, reading.home))
    listed = reading.list(
        OF_FUNCTIONS, "lambda", "ListFunctions", "Functions", FunctionVersion="ALL"
    )
    published = [raw for raw in listed if raw.get("Version") != readers.LATEST]
    reading.keep(
        FunctionVersion, published, lambda raw: readers.function_version(raw, reading.home)
    )
    _keep_functions(reading, tuple(dict.fromkeys(_functions_of(reading, listed))))


def _keep_account(reading: Reading) -> None:
    try:
        settings = reading.call("lambda", "GetAccountSettings")
    except Refusal as stopped:
        reading.refuse((LambdaAccount,), stopped)
        return
    reading.keep(LambdaAccount, (settings,), lambda raw: readers.lambda_account(raw, reading.home))


def _functions_of(reading: Reading, listed: Iterable[Raw]) -> Iterator[str]:
    for raw in listed:
        try:
            yield readers.split_arn(raw["FunctionArn"])[0]
        except (KeyError, TypeError, ValueError) as error:
            reading.malformed(OF_FUNCTIONS, None, error)


def _keep_functions(reading: Reading, functions: Sequence[str]) -> None:
    reading.describe(
        Function, functions, lambda arn: _function(reading, arn), also=(FunctionEnvironment,)
    )
    reading.describe(FunctionAlias, functions, lambda arn: _aliases(reading, arn))
    reading.describe(FunctionUrl, functions, lambda arn: _urls(reading, arn))
    qualifiers = _qualifiers(reading)
    versioned = [arn for arn in functions if qualifiers.get(arn)]
    reading.describe(ProvisionedConcurrency, versioned, lambda arn: _provisioned(reading, arn))
    reading.describe(
        FunctionPolicy, functions, lambda arn: _policies(reading, arn, qualifiers.get(arn, ()))
    )


def _function(reading: Reading, arn: str) -> Iterator[Function | FunctionEnvironment]:
    """Yield the function, and its environment unless Lambda withheld that."""
    raw = reading.call("lambda", "GetFunction", FunctionName=_name(arn))
    _refuse_withheld("lambda:ListTags", raw.get("TagsError"))
    yield readers.function(raw, reading.home)
    try:
        environment = raw["Configuration"].get("Environment") or {}
        _refuse_withheld("kms:Decrypt", environment.get("Error"))
        yield readers.function_environment(raw, reading.home)
    except Refusal as stopped:
        reading.refuse((FunctionEnvironment,), stopped, subject=arn)


def _refuse_withheld(operation: str, error: Raw | None) -> None:
    """Raise Refusal where Lambda answers but leaves out what the caller may not see.

    It lists tags and decrypts the environment with the caller's own permissions: Lambda API
    Reference, "GetFunction" and "EnvironmentError".
    """
    if error:
        said = {"Code": error["ErrorCode"], "Message": error["Message"]}
        raise refusal(operation, ClientError({"Error": said}, operation))


def _aliases(reading: Reading, arn: str) -> tuple[FunctionAlias, ...]:
    """Return the aliases; without them nobody knows of their policies either."""
    try:
        return tuple(
            readers.function_alias(raw, reading.home)
            for raw in _entries(reading, "ListAliases", "Aliases", arn)
        )
    except Refusal as stopped:
        if not gone(stopped):
            reading.refuse((FunctionAlias, FunctionPolicy), stopped, subject=arn)
    except (KeyError, TypeError, ValueError) as error:
        reading.malformed((FunctionAlias, FunctionPolicy), arn, error)
    return ()


def _urls(reading: Reading, arn: str) -> Iterator[FunctionUrl]:
    for raw in _entries(reading, "ListFunctionUrlConfigs", "FunctionUrlConfigs", arn):
        yield readers.function_url(raw, reading.home)


def _provisioned(reading: Reading, arn: str) -> Iterator[ProvisionedConcurrency]:
    operation, key = "ListProvisionedConcurrencyConfigs", "ProvisionedConcurrencyConfigs"
    for raw in _entries(reading, operation, key, arn):
        yield readers.provisioned_concurrency(raw, reading.home)


def _qualifiers(reading: Reading) -> dict[str, tuple[str, ...]]:
    """Return what each function can be called by besides its name: aliases, then versions."""
    found: dict[str, tuple[str, ...]] = {}
    for kind in (FunctionAlias, FunctionVersion):
        for resource in reading.resources:
            if isinstance(resource, kind):
                _, qualifier = readers.split_arn(resource.arn)
                before = found.get(resource.function_arn, ())
                found[resource.function_arn] = (*before, qualifier or "")
    return found


def _policies(reading: Reading, arn: str, qualifiers: Iterable[str]) -> tuple[FunctionPolicy, ...]:
    """Return the policies of a function, its aliases and its versions.

    Each has its own, and a version's counts even where no alias leads to it. Those read before
    a refusal are kept: what they grant is granted.
    """
    found: list[FunctionPolicy] = []
    for qualifier in (None, *qualifiers):
        which = {} if qualifier is None else {"Qualifier": qualifier}
        try:
            raw = reading.call("lambda", "GetPolicy", FunctionName=_name(arn), **which)
        except Refusal as stopped:
            if gone(stopped):
                continue
            reading.refuse((FunctionPolicy,), stopped, subject=arn)
            break
        found.append(
            readers.function_policy(raw, reading.home, function_arn=arn, qualifier=qualifier)
        )
    return tuple(found)


def _entries(reading: Reading, operation: str, key: str, arn: str) -> Iterator[Raw]:
    for page in reading.connection.pages(
        "lambda", operation, region=reading.home.region, FunctionName=_name(arn)
    ):
        yield from page[key]


def _name(arn: str) -> str:
    return arn.rsplit(":", 1)[-1]
