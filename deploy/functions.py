"""The function that callers call: its code, its alias, how many of it run, what it could not do."""

from collections.abc import Iterator
from typing import Final

from deploy.hosting import log_group
from deploy.names import Names
from deploy.pipeline import Step, Value, bytes_of, result_of
from deploy.roles import role_arn

ALIAS: Final = "live"

# https://docs.aws.amazon.com/AWSSimpleQueueService/latest/APIReference/API_CreateQueue.html: the
# longest that a queue keeps a message.
_KEEP_S: Final = 14 * 24 * 3600


def steps(names: Names, *, code: bytes) -> Iterator[Step]:
    """Yield what makes the function, published behind its alias."""
    yield from log_group(names, "function", names.function_logs)
    yield Step(
        id="dead-letters",
        service="sqs",
        operation="CreateQueue",
        parameters={
            "QueueName": names.dead_letters,
            "Attributes": {
                "MessageRetentionPeriod": str(_KEEP_S),
                "SqsManagedSseEnabled": "true",
            },
            "tags": names.tag_map,
        },
    )
    yield _lambda(names, "", "CreateFunction", **_function(names, code))
    yield from _published(names)
    yield _lambda(
        names,
        "-reserved",
        "PutFunctionConcurrency",
        ReservedConcurrentExecutions=names.config.reserved_concurrency,
    )
    if names.config.provisioned_concurrency:
        yield _lambda(
            names,
            "-provisioned",
            "PutProvisionedConcurrencyConfig",
            Qualifier=ALIAS,
            ProvisionedConcurrentExecutions=names.config.provisioned_concurrency,
        )


def _function(names: Names, code: bytes) -> dict[str, Value]:
    return {
        "Description": f"Asks the endpoint {names.endpoint}",
        "Runtime": "python3.13",
        "Handler": "lambda_function.lambda_handler",
        "Role": role_arn("function"),
        "Code": {"ZipFile": bytes_of(code)},
        # The code is Python alone, and arm64 costs a fifth less: https://aws.amazon.com/lambda/pricing/
        "Architectures": ["arm64"],
        "Timeout": names.config.timeout_s,
        "MemorySize": names.config.memory_mb,
        "TracingConfig": {"Mode": "Active"},
        "DeadLetterConfig": {"TargetArn": names.arn("sqs", names.dead_letters)},
        "Environment": {"Variables": {"ENDPOINT_NAME": names.endpoint}},
        "Tags": names.tag_map,
    }


def _published(names: Names) -> Iterator[Step]:
    """Yield version and alias: provisioned concurrency belongs to these, never to $LATEST.

    https://docs.aws.amazon.com/lambda/latest/dg/provisioned-concurrency.html
    """
    yield _lambda(names, "-version", "PublishVersion")
    yield _lambda(
        names,
        "-alias",
        "CreateAlias",
        Name=ALIAS,
        FunctionVersion=result_of("function-version", "Version"),
    )


def _lambda(names: Names, what: str, operation: str, **parameters: Value) -> Step:
    return Step(
        id=f"function{what}",
        service="lambda",
        operation=operation,
        parameters={"FunctionName": names.function, **parameters},
    )
