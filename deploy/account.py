"""The account that a pipeline is for: reached through boto3, and refused if it is another."""

from collections.abc import Mapping
from typing import Any, Final

import boto3
from botocore.config import Config
from botocore.exceptions import BotoCoreError, ClientError, UnknownServiceError

from deploy.errors import DeployError
from deploy.pipeline import Pipeline

_RETRIES: Final = Config(retries={"mode": "standard", "max_attempts": 8})

# How each API says that something is not there: its reference, "Errors".
_ABSENT: Final = frozenset(
    {
        "AWS.SimpleQueueService.NonExistentQueue",
        "InvalidGroup.NotFound",
        "InvalidInstanceID.NotFound",
        "NoSuchBucket",
        "NoSuchBucketPolicy",
        "NoSuchTagSet",
        "NoSuchEntity",
        "NoSuchLifecycleConfiguration",
        "NoSuchPublicAccessBlockConfiguration",
        "NotFound",
        "NotFoundException",
        "ObjectNotFoundException",
        "ProvisionedConcurrencyConfigNotFoundException",
        "QueueDoesNotExist",
        "ResourceNotFound",
        "ResourceNotFoundException",
        "ServerSideEncryptionConfigurationNotFoundError",
    }
)
# SageMaker has one code for what is not there and what is not allowed: its text tells.
_ABSENT_WORDS: Final = ("could not find", "does not exist", "recordnotfound", "not found")


class Account:
    """The clients of one session, and the facts that names are made of."""

    def __init__(self, session: boto3.Session, *, number: str, region: str) -> None:
        self._session = session
        self._clients: dict[str, Any] = {}
        self.number = number
        self.region = region
        self.partition: str = session.get_partition_for_region(region)

    def client(self, service: str) -> Any:
        """Return the service's client: the same one each time."""
        if service not in self._clients:
            try:
                self._clients[service] = self._session.client(
                    service, region_name=self.region, config=_RETRIES
                )
            except UnknownServiceError as error:
                raise DeployError(f"boto3 has no service {service!r}") from error
        return self._clients[service]

    def perform(self, service: str, operation: str, parameters: Mapping[str, Any]) -> Any:
        """Make one call and return its answer; botocore's errors pass."""
        client = self.client(service)
        return getattr(client, _method(client, service, operation))(**parameters)

    def read(self, service: str, operation: str, parameters: Mapping[str, Any]) -> Any:
        """Return the answer, of all pages, or None for what is not there."""
        client = self.client(service)
        method = _method(client, service, operation)
        try:
            if client.can_paginate(method):
                return client.get_paginator(method).paginate(**parameters).build_full_result()
            return getattr(client, method)(**parameters)
        except ClientError as error:
            if is_absent(error):
                return None
            raise DeployError(f"{service}:{operation} was refused: {error}") from error
        except (BotoCoreError, NotImplementedError) as error:
            raise DeployError(f"{service}:{operation} failed: {error}") from error


def enter(pipeline: Pipeline, session: boto3.Session) -> Account:
    """Return the account of the pipeline file; raises DeployError if the session is for another.

    https://docs.aws.amazon.com/STS/latest/APIReference/API_GetCallerIdentity.html: the account
    that "owns or contains the calling entity"; no permission is needed to ask.
    """
    region = session.region_name or pipeline.region
    if region != pipeline.region:
        raise DeployError(
            f"the pipeline file is for region {pipeline.region}, the session for {region}: "
            f"use --region {pipeline.region}, or plan for {region}"
        )
    account = Account(session, number=pipeline.account, region=region)
    try:
        number = account.perform("sts", "GetCallerIdentity", {})["Account"]
    except (BotoCoreError, ClientError) as error:
        raise DeployError(
            f"whose account this is cannot be told: sts:GetCallerIdentity: {error}"
        ) from error
    if number != pipeline.account:
        raise DeployError(
            f"the pipeline file is for account {pipeline.account}, the credentials are of "
            f"{number}: use --profile, or plan for {number}"
        )
    return account


def is_absent(error: ClientError) -> bool:
    """Return whether a refusal says that the thing is not there."""
    code, text = error.response["Error"]["Code"], error.response["Error"].get("Message", "")
    if code in _ABSENT:
        return True
    # HeadBucket has no body to say more in.
    if code == "404":
        return bool(error.operation_name == "HeadBucket")
    return code == "ValidationException" and any(word in text.lower() for word in _ABSENT_WORDS)


def _method(client: Any, service: str, operation: str) -> str:
    for method, name in client.meta.method_to_api_mapping.items():
        if name == operation:
            return str(method)
    raise DeployError(f"boto3 has no operation {service}:{operation}")
