"""The account as a pipeline file would leave it: what AWS would describe, by shelf and name."""

from collections.abc import Callable, Mapping
from datetime import UTC, datetime
from hashlib import sha256
from typing import Any

from mlguard.sources.base import Home
from mlguard.sources.pipeline.steps import Fault

Raw = dict[str, Any]
Parameters = Mapping[str, Any]


class NotMade(Exception):  # noqa: N818  # becomes a Gap
    """A step changes what no step of the file makes: it stands in the account, unread."""

    def __init__(self, kind: str, name: str, *, arn: str | None = None) -> None:
        super().__init__(f"no earlier step makes the {kind} {name!r}")
        self.kind = kind
        self.arn = arn


class Planned:
    """What the steps so far have made, as AWS would describe it, on a shelf a kind.

    `place` is where in the file the parameters of the present step stand.
    """

    def __init__(self, *, home: Home, taken_at: datetime) -> None:
        self.home = home
        self.taken_at = taken_at
        self.place = ""
        self._shelves: dict[str, dict[str, Raw]] = {}
        self._places: dict[int, str] = {}

    def put(self, kind: str, name: str, raw: Raw) -> Raw:
        """Keep and return what was made; a second one of the name takes the place of the first."""
        self._shelves.setdefault(kind, {})[name] = raw
        self._places[id(raw)] = self.place
        return raw

    def made_by(self, raw: Raw) -> str:
        """Return the place in the file of the parameters that something was made from."""
        return self._places[id(raw)]

    def find(self, kind: str, name: str) -> Raw | None:
        """Return what was made under that name, None if nothing was."""
        return self._shelves.get(kind, {}).get(name)

    def get(self, kind: str, name: str, *, arn: str | None = None) -> Raw:
        """Return what was made under that name; raises NotMade."""
        found = self.find(kind, name)
        if found is None:
            raise NotMade(kind, name, arn=arn)
        return found

    def all(self, kind: str) -> tuple[Raw, ...]:
        """Return all of a kind, in the order of the steps."""
        return tuple(self._shelves.get(kind, {}).values())

    def arn(self, service: str, resource: str) -> str:
        """Return the ARN of a regional resource."""
        return self.home.arn(service, resource)

    def iam_arn(self, resource: str) -> str:
        """Return the ARN of an IAM resource, which has no region."""
        return f"arn:{self.home.partition}:iam::{self.home.account}:{resource}"

    def identity(self, prefix: str, *names: str, length: int = 17) -> str:
        """Return an id such as AWS makes up, the same for the same names each time."""
        seed = "/".join((self.home.account, self.home.region, prefix, *names))
        return prefix + sha256(seed.encode()).hexdigest()[:length]


Make = Callable[[Planned, Parameters], Raw]
"""Interprets one call: notes what it makes, returns what AWS would answer."""


def required(parameters: Parameters, member: str) -> Any:
    """Return a parameter that AWS insists on; raises Fault."""
    if member not in parameters:
        raise Fault(f"parameters.{member}", "is missing; AWS requires it")
    return parameters[member]


def named(parameters: Parameters, member: str) -> str:
    """Return a required parameter that must be text; raises Fault."""
    value = required(parameters, member)
    if not isinstance(value, str) or not value:
        raise Fault(f"parameters.{member}", "must be a text that is not empty")
    return value


def instant(parameters: Parameters, member: str) -> datetime | None:
    """Return an instant that JSON can only give as text (ISO 8601); raises Fault."""
    value = parameters.get(member)
    if value is None:
        return None
    try:
        found = datetime.fromisoformat(value)
    except (TypeError, ValueError) as error:
        raise Fault(f"parameters.{member}", "is no instant; write 2026-01-31T08:00:00Z") from error
    return found if found.tzinfo else found.replace(tzinfo=UTC)
