"""One account's connection: clients made once, calls counted, a deadline kept."""

import threading
import time
from collections.abc import Callable, Iterator, Mapping
from typing import Any, Final

import boto3
from botocore.config import Config
from botocore.exceptions import BotoCoreError

from mlguard.snapshot import GapReason
from mlguard.sources.aws.refusal import CALL_ERRORS, Refusal, refusal

WORKERS: Final = 16
"""How many describes run at once. SageMaker and Lambda throttle an account, not a client."""

DEADLINE_S: Final = 900.0
"""How long one collection may take in all; what is not read by then is a Gap."""

# botocore's `standard` mode stops after three attempts, which under throttling is within 3 s, and
# its quota of retries runs dry where many workers share an account's 15 calls a second. `adaptive`
# slows the client down to what AWS takes; ten attempts outlast a burst: botocore guide, "Retries".
CLIENT_CONFIG: Final = Config(
    retries={"mode": "adaptive", "total_max_attempts": 10},
    connect_timeout=10,
    read_timeout=60,
    max_pool_connections=WORKERS,
    user_agent_extra="mlguard",
)

# Who cannot be reached is better told soon than tried often.
FIRST_CONFIG: Final = CLIENT_CONFIG.merge(
    Config(
        retries={"mode": "standard", "total_max_attempts": 2}, connect_timeout=5, read_timeout=10
    )
)


class Connection:
    """Calls AWS through one boto3 session, for every region of one account."""

    def __init__(
        self,
        session: boto3.Session,
        *,
        config: Config = CLIENT_CONFIG,
        deadline_s: float = DEADLINE_S,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self._session = session
        self._config = config
        self._clock = clock
        self._ends = clock() + deadline_s
        self._lock = threading.Lock()
        self._clients: dict[tuple[str, str], Any] = {}
        self._operations: set[str] = set()

    @property
    def operations(self) -> tuple[str, ...]:
        """The operations called so far, as IAM names them, in order."""
        return tuple(sorted(self._operations))

    def client(self, service: str, region: str) -> Any:
        """Return the client of a service in a region; sessions are not thread-safe, this is."""
        with self._lock:
            key = (service, region)
            if key not in self._clients:
                self._clients[key] = self._session.client(
                    service, region_name=region, config=self._config
                )
            return self._clients[key]

    def call(
        self, service: str, operation: str, *, region: str, **parameters: Any
    ) -> Mapping[str, Any]:
        """Return the answer of one operation (`DescribeEndpoint`); raises Refusal."""
        named = self._begin(service, operation)
        client = self._client(named, service, region)
        method = getattr(client, _method(client, operation))
        try:
            answer: Mapping[str, Any] = method(**parameters)
        except CALL_ERRORS as error:
            raise refusal(named, error) from error
        return answer

    def pages(
        self, service: str, operation: str, *, region: str, **parameters: Any
    ) -> Iterator[Mapping[str, Any]]:
        """Yield the pages of an operation; raises Refusal, perhaps after some pages."""
        named = self._begin(service, operation)
        client = self._client(named, service, region)
        method = _method(client, operation)
        if not client.can_paginate(method):
            yield self.call(service, operation, region=region, **parameters)
            return
        try:
            for page in client.get_paginator(method).paginate(**parameters):
                self._keep_deadline(named)
                yield page
        except CALL_ERRORS as error:
            raise refusal(named, error) from error

    def _client(self, named: str, service: str, region: str) -> Any:
        try:
            return self.client(service, region)
        except (BotoCoreError, ValueError) as error:  # a region or an endpoint that is none
            raise refusal(named, error) from error

    def _begin(self, service: str, operation: str) -> str:
        named = f"{service}:{operation}"
        self._keep_deadline(named)
        with self._lock:
            self._operations.add(named)
        return named

    def _keep_deadline(self, named: str) -> None:
        if self._clock() > self._ends:
            raise Refusal(
                operation=named,
                reason=GapReason.UNREACHABLE,
                code="Deadline",
                detail="the time for this collection was over before it was read",
            )


def _method(client: Any, operation: str) -> str:
    mapping: Mapping[str, str] = client.meta.method_to_api_mapping
    return next(method for method, name in mapping.items() if name == operation)
