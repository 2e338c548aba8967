"""One call to fill in for moto: what was asked, where, and what is remembered there."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from mlguard.sources.demo import moto_state


class Refused(Exception):  # noqa: N818  # becomes the ClientError that AWS would send
    """What AWS would refuse: its code and its words."""

    def __init__(self, code: str, message: str) -> None:
        super().__init__(message)
        self.code = code
        self.message = message


@dataclass(slots=True)
class Room:
    """What is remembered of one account in one region, on shelves with a name."""

    shelves: dict[str, dict[Any, Any]] = field(default_factory=dict)

    def shelf(self, name: str) -> dict[Any, Any]:
        """Return the shelf of that name, empty at first."""
        return self.shelves.setdefault(name, {})


@dataclass(frozen=True, slots=True, kw_only=True)
class Call:
    """A call as it was made, with botocore's model of its operation."""

    model: Any
    params: Mapping[str, Any]
    account: str
    region: str
    room: Room
    concurrent_executions: int

    def backend(self, service: str) -> Any:
        """Return moto's own state of a service for this account and region."""
        return moto_state.backend(service, account=self.account, region=self.region)

    def arn(self, service: str, resource: str) -> str:
        """Return the ARN of a resource of this account in this region."""
        return f"arn:aws:{service}:{self.region}:{self.account}:{resource}"


Answer = Callable[[Call], Mapping[str, Any] | None]
"""Answers a call instead of moto; None leaves it to moto."""

Amend = Callable[[Call, dict[str, Any]], None]
"""Puts right, in place, what moto answered."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Paging:
    """How a service names the parts of a page."""

    limit: str
    token: str
    next_token: str
    default: int
    refusal: str

    def page(self, call: Call, key: str, entries: Sequence[Any]) -> dict[str, Any]:
        """Return the page of `entries` that the call asks for, under `key`."""
        start = self._start(call.params.get(self.token))
        end = start + int(call.params.get(self.limit) or self.default)
        answer: dict[str, Any] = {key: list(entries[start:end])}
        if end < len(entries):
            answer[self.next_token] = str(end)
        return answer

    def _start(self, token: str | None) -> int:
        if token is None:
            return 0
        if not token.isdecimal():
            raise Refused(self.refusal, f"Invalid pagination token: {token}")
        return int(token)
