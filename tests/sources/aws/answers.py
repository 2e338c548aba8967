"""A reading whose clients are botocore's own, answered by Stubber in the order queued."""

from collections.abc import Callable
from concurrent.futures import Executor, Future
from typing import Any, Never

import boto3
from botocore.config import Config
from botocore.stub import Stubber

from mlguard.sources.aws.connection import Connection
from mlguard.sources.aws.reading import Reading
from mlguard.sources.base import Home
from tests.builders.account import ACCOUNT, REGION

HOME = Home(account=ACCOUNT, region=REGION)
ROLE = f"arn:aws:iam::{ACCOUNT}:role/pipeline"


class Inline(Executor):
    """Runs what is submitted at once, so that calls come in a known order."""

    def submit(self, fn: Callable[..., Any], /, *args: Any, **kwargs: Any) -> Future[Any]:
        done: Future[Any] = Future()
        done.set_result(fn(*args, **kwargs))
        return done


class Answers:
    """Queues answers by service; also the session that hands the stubbed clients out."""

    def __init__(self) -> None:
        self._session = boto3.Session(
            aws_access_key_id="id", aws_secret_access_key="key", region_name=REGION
        )
        self._stubbers: dict[str, Stubber] = {}
        self.connection = Connection(self)
        self.reading = Reading(self.connection, HOME, Inline())

    def client(self, service: str, *, region_name: str, config: Config) -> Any:
        """Stand in for `boto3.Session.client`."""
        assert (region_name, config.user_agent_extra) == (REGION, "mlguard")
        return self._stubber(service).client

    def give(self, service: str, method: str, answer: dict[str, Any], **expected: Any) -> None:
        self._stubber(service).add_response(method, answer, expected)

    def refuse(
        self, service: str, method: str, code: str, message: str = "no", **expected: Any
    ) -> None:
        self._stubber(service).add_client_error(
            method, code, message, expected_params=expected or None
        )

    def lack(self, service: str, operation: str) -> None:
        """Raise what moto raises for an operation that it does not have."""

        def missing(**_: Any) -> Never:
            raise NotImplementedError(f"The {operation} action has not been implemented")

        meta = self._stubber(service).client.meta
        named = f"{meta.service_model.service_id.hyphenize()}.{operation}"
        meta.events.register_first(f"provide-client-params.{named}", missing)

    def all_asked(self) -> None:
        """Fail if a call that was expected never came."""
        for stubber in self._stubbers.values():
            stubber.assert_no_pending_responses()

    def _stubber(self, service: str) -> Stubber:
        if service not in self._stubbers:
            self._stubbers[service] = Stubber(self._session.client(service))
            self._stubbers[service].activate()
        return self._stubbers[service]
