"""Reading one account in one region: what was read is kept whole, what was not is a Gap."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from concurrent.futures import Executor
from typing import Any

from mlguard.resources.base import Resource
from mlguard.resources.kinds import AnyResource
from mlguard.snapshot import Gap, GapReason
from mlguard.sources.aws.connection import Connection
from mlguard.sources.aws.refusal import Refusal
from mlguard.sources.base import Home

Raw = Mapping[str, Any]
Kinds = tuple[type[Resource], ...]

GONE = frozenset(
    {
        "InvalidAMIID.NotFound",
        "InvalidInstanceID.NotFound",
        "NoSuchEntity",
        "ResourceNotFound",
        "ResourceNotFoundException",
    }
)
"""Codes that say: not there (any more). What was deleted since it was listed is no Gap."""

GONE_WORDS = ("could not find", "does not exist", "recordnotfound")
"""What SageMaker says in its place."""


class Reading:
    """Collects resources and gaps of one home; collectors call it, threads may share it."""

    def __init__(self, connection: Connection, home: Home, pool: Executor) -> None:
        self.connection = connection
        self.home = home
        self.resources: list[AnyResource] = []
        self.gaps: list[Gap] = []
        self._pool = pool

    def list(
        self, kinds: Kinds, service: str, operation: str, key: str, **parameters: Any
    ) -> list[Raw]:
        """Return the entries under `key` of every page; a refusal is a Gap in `kinds`."""
        entries: list[Raw] = []
        try:
            for page in self.connection.pages(
                service, operation, region=self.home.region, **parameters
            ):
                entries.extend(page.get(key, ()))
        except Refusal as stopped:
            self.refuse(kinds, stopped)
        return entries

    def keep(self, kind: type[Resource], raws: Iterable[Raw], read: Callable[[Raw], Any]) -> None:
        """Keep what `read` makes of each raw entry; a malformed one is a Gap in `kind`.

        `read` returns a resource, or None where the entry is of no interest.
        """
        for raw in raws:
            try:
                resource = read(raw)
            except (KeyError, TypeError, ValueError) as error:
                self.malformed((kind,), None, error)
                continue
            if resource is not None:
                self.resources.append(resource)

    def describe(
        self,
        kind: type[Resource],
        subjects: Sequence[str],
        describe: Callable[[str], Iterable[AnyResource]],
        *,
        also: Kinds = (),
    ) -> None:
        """Keep what `describe` returns for each ARN, several at a time.

        `describe` calls AWS (`call`) and reads; its Refusal or malformed answer is a Gap in
        `kind`, and in what `also` comes with it, with that ARN. What is gone meanwhile is nothing.
        """
        kinds = (kind, *also)
        for found in self._pool.map(lambda arn: self._described(kinds, arn, describe), subjects):
            self.resources.extend(found)

    def call(self, service: str, operation: str, **parameters: Any) -> Raw:
        """Return the answer of one operation here; raises Refusal."""
        return self.connection.call(service, operation, region=self.home.region, **parameters)

    def refuse(self, kinds: Kinds, stopped: Refusal, *, subject: str | None = None) -> None:
        """Note a Gap for a call that gave no answer."""
        denied = stopped.reason is GapReason.DENIED
        self.gaps.append(
            Gap(
                kinds=tuple(kind.__name__ for kind in kinds),
                account=self.home.account,
                region=self.home.region,
                operation=stopped.operation,
                reason=stopped.reason,
                detail=stopped.detail,
                subject=subject,
                permission=_action(stopped.operation) if denied else None,
            )
        )

    def malformed(self, kinds: Kinds, subject: str | None, error: Exception) -> None:
        """Note a Gap for an answer that lacks what the resources need."""
        self.gaps.append(
            Gap(
                kinds=tuple(kind.__name__ for kind in kinds),
                account=self.home.account,
                region=self.home.region,
                operation=kinds[0].__name__,
                reason=GapReason.INCOMPLETE,
                detail=f"AWS's answer cannot be read: {type(error).__name__}: {error}",
                subject=subject,
            )
        )

    def _described(
        self,
        kinds: Kinds,
        arn: str,
        describe: Callable[[str], Iterable[AnyResource]],
    ) -> Sequence[AnyResource]:
        try:
            return tuple(describe(arn))
        except Refusal as stopped:
            if not gone(stopped):
                self.refuse(kinds, stopped, subject=arn)
        except (KeyError, TypeError, ValueError) as error:
            self.malformed(kinds, arn, error)
        return ()


def _action(operation: str) -> str:
    """Return the IAM action of an operation: one API goes by another name in IAM."""
    return operation.replace("resourcegroupstaggingapi:", "tag:")


def gone(stopped: Refusal) -> bool:
    """Return whether a refusal says that the thing does not exist.

    SageMaker has no code of its own for it: a ValidationException says so in its message.
    """
    if stopped.code in GONE:
        return True
    said = stopped.detail.lower()
    return stopped.code == "ValidationException" and any(word in said for word in GONE_WORDS)
