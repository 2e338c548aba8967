"""An account whose answers are written in the test, in the order in which they are asked for."""

from collections.abc import Mapping
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import boto3
from botocore.config import Config
from botocore.stub import Stubber

from mlguard.sources.aws.connection import Connection
from mlguard.sources.aws.reading import Reading
from mlguard.sources.base import Home
from tests.builders.account import ACCOUNT, REGION


class Account:
    """Stands for a boto3 session: every client it makes is stubbed."""

    def __init__(self, *, region: str = REGION) -> None:
        self._region = region
        self._session = boto3.Session(
            aws_access_key_id="testing",
            aws_secret_access_key="testing",
            region_name=region,
        )
        self._stubs: dict[str, Stubber] = {}

    def client(self, service: str, *, region_name: str, config: Config) -> Any:
        del config
        assert region_name == self._region
        return self._stub(service).client

    def answer(
        self, service: str, operation: str, answer: Mapping[str, Any], **expected: Any
    ) -> None:
        """Answer the next call, which must be this operation with these parameters."""
        stub = self._stub(service)
        stub.add_response(_method(stub.client, operation), dict(answer), expected)

    def fail(
        self, service: str, operation: str, code: str, message: str = "no", **expected: Any
    ) -> None:
        """Refuse the next call with an error of AWS's."""
        stub = self._stub(service)
        stub.add_client_error(
            _method(stub.client, operation), code, message, expected_params=expected
        )

    def cannot(self, service: str, operation: str, error: Exception) -> None:
        """Raise `error` from every call of an operation."""

        def stop(**_: Any) -> None:
            raise error

        client = self._stub(service).client
        named = client.meta.service_model.service_id.hyphenize()
        client.meta.events.register_first(f"provide-client-params.{named}.{operation}", stop)

    def reading(self) -> Reading:
        """Return a reading of this account, which describes one resource at a time."""
        home = Home(account=ACCOUNT, region=self._region)
        # `client` is all that a Connection asks of a session.
        return Reading(Connection(self), home, ThreadPoolExecutor(1))

    def assert_all_asked(self) -> None:
        for stub in self._stubs.values():
            stub.assert_no_pending_responses()

    def _stub(self, service: str) -> Stubber:
        if service not in self._stubs:
            client = self._session.client(service, region_name=self._region)
            self._stubs[service] = Stubber(client)
            self._stubs[service].activate()
        return self._stubs[service]


def _method(client: Any, operation: str) -> str:
    mapping: Mapping[str, str] = client.meta.method_to_api_mapping
    return next(method for method, name in mapping.items() if name == operation)
