"""An account whose Lambda is asked in the collector's order."""

from typing import Any

from mlguard.sources.aws import functions
from mlguard.sources.aws.reading import Reading
from tests.builders.account import ACCOUNT, arn
from tests.sources.aws.stubbed import Account

PREDICT = arn("lambda", "function:predict")
BATCH = arn("lambda", "function:batch")
ROLE = f"arn:aws:iam::{ACCOUNT}:role/predict"


def configuration(
    function: str = PREDICT, version: str = "$LATEST", **changes: Any
) -> dict[str, Any]:
    return {
        "FunctionName": function.rsplit(":", 1)[-1],
        "FunctionArn": f"{function}:{version}",
        "Runtime": "python3.13",
        "Handler": "app.handler",
        "Role": ROLE,
        "PackageType": "Zip",
        "Architectures": ["x86_64"],
        "MemorySize": 128,
        "Timeout": 3,
        "LastModified": "2026-01-02T03:04:05.000+0000",
        "Version": version,
        "TracingConfig": {"Mode": "PassThrough"},
        **changes,
    }


class Lambda(Account):
    """Queues Lambda's answers."""

    def begins(self, *listed: dict[str, Any]) -> None:
        limits = {"ConcurrentExecutions": 1000, "UnreservedConcurrentExecutions": 995}
        self.says("GetAccountSettings", {"AccountLimit": limits})
        self.says("ListEventSourceMappings", {"EventSourceMappings": []})
        self.says("ListFunctions", {"Functions": list(listed)}, FunctionVersion="ALL")

    def says(self, operation: str, answer: dict[str, Any], **expected: Any) -> None:
        self.answer("lambda", operation, answer, **expected)

    def refuses(self, operation: str, code: str, **expected: Any) -> None:
        self.fail("lambda", operation, code, **expected)

    def gets(self, function: str = PREDICT, **changes: Any) -> None:
        answer = {"Configuration": configuration(function) | {"FunctionArn": function}} | changes
        self.says("GetFunction", answer, FunctionName=name_of(function))

    def lists_nothing(self, operation: str, function: str = PREDICT) -> None:
        self.says(operation, {_KEYS[operation]: []}, FunctionName=name_of(function))

    def has_no_policy(self, function: str = PREDICT, **which: str) -> None:
        self.refuses(
            "GetPolicy", "ResourceNotFoundException", FunctionName=name_of(function), **which
        )

    def collected(self) -> Reading:
        reading = self.reading()
        functions.collect(reading)
        self.assert_all_asked()
        return reading


_KEYS = {
    "ListAliases": "Aliases",
    "ListFunctionUrlConfigs": "FunctionUrlConfigs",
    "ListProvisionedConcurrencyConfigs": "ProvisionedConcurrencyConfigs",
}


def name_of(function: str) -> str:
    return function.rsplit(":", 1)[-1]
