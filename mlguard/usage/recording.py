"""What was recorded: calls as they were made, and uses, what IAM asks for them.

A Recording goes from one process to another as plain JSON; the parameters of calls, which may hold
a user's data, never do.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Final

from msgspec import Struct

from mlguard.iam.language.document import ConditionTest

BYTES: Final[Mapping[str, str]] = {"$base64": ""}
"""What stands in the parameters of a call for what was left out: bytes, streams, what is too long.

It is how a pipeline file writes bytes of which there are none.
"""


@dataclass(frozen=True, slots=True, kw_only=True)
class Call:
    """One call of a client: `service` as boto3 names it, `operation` in Pascal case.

    `mocked` is the account of the mock that answered, None if none was active. `encrypted` tells
    whether the client speaks TLS.
    """

    service: str
    operation: str
    parameters: Mapping[str, object] = field(default_factory=dict, hash=False)
    region: str = ""
    partition: str = "aws"
    encrypted: bool = False
    mocked: str | None = None

    @property
    def name(self) -> str:
        """The call as people name it: `s3.GetObject`."""
        return f"{self.service}.{self.operation}"


class Use(Struct, frozen=True, kw_only=True):
    """One permission that was needed; `by` says for what: a call, or a workload.

    `resource` is written as for a policy of version 2012-10-17. With a `doubt` it may be wider
    than what AWS asks for. `context` is what is known of the request, by key; `conditions` are
    what a policy for it should ask.
    """

    action: str
    resource: str
    by: str
    context: tuple[tuple[str, str], ...] = ()
    conditions: tuple[ConditionTest, ...] = ()
    doubt: str | None = None


class Unmapped(Struct, frozen=True, kw_only=True):
    """A call of which it cannot be told what IAM asks for."""

    call: str
    reason: str


class Handed(Struct, frozen=True, kw_only=True):
    """A role that a call handed to a service, and what it needs there; the notes say what else."""

    role: str
    call: str
    needs: tuple[Use, ...] = ()
    notes: tuple[str, ...] = ()


class Recording(Struct, frozen=True, kw_only=True):
    """What one test called: `test` is its name, `whole` tells whether it came to its end.

    `work` is what workloads that run under the role need besides: a function's log, say, which its
    own code never calls.
    """

    test: str
    whole: bool = True
    calls: int = 0
    uses: tuple[Use, ...] = ()
    unmapped: tuple[Unmapped, ...] = ()
    handed: tuple[Handed, ...] = ()
    work: tuple[Use, ...] = ()
    notes: tuple[str, ...] = ()
