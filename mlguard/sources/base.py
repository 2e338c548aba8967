"""What a source is, and the home that a resource is read in."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Protocol

from mlguard.snapshot import Snapshot

Progress = Callable[[str], None]
"""Told what is being read, in a few words; nothing depends on it."""


def silent(_: str) -> None:
    """Report no progress."""


class Source(Protocol):
    """Reads a snapshot from somewhere."""

    def collect(self) -> Snapshot:
        """Return what was read; raises SourceError if nothing could be."""
        ...


@dataclass(frozen=True, slots=True, kw_only=True)
class Home:
    """The account and region that an answer came from."""

    account: str
    region: str
    partition: str = "aws"

    def arn(self, service: str, resource: str) -> str:
        """Return the ARN of a regional resource here."""
        return f"arn:{self.partition}:{service}:{self.region}:{self.account}:{resource}"
