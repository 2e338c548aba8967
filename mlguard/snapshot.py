"""A Snapshot: an account (or several) at one moment; a Gap: what could not be read of it."""

from collections.abc import Iterable, Mapping
from enum import Enum
from functools import cached_property
from typing import Final, Literal, TypeVar

from msgspec import Struct, json

from mlguard.resources.base import Instant, Resource
from mlguard.resources.functions import (
    EventSource,
    FunctionAlias,
    FunctionPolicy,
    FunctionUrl,
    FunctionVersion,
    ProvisionedConcurrency,
)
from mlguard.resources.kinds import KINDS, AnyResource
from mlguard.resources.metrics import MetricSeries

SCHEMA_VERSION: Final = 1

OfFunction: Final = (
    FunctionVersion
    | FunctionAlias
    | FunctionPolicy
    | FunctionUrl
    | ProvisionedConcurrency
    | EventSource
)
"""The kinds that belong to a function: each has the ARN of its own."""

K = TypeVar("K", bound=Resource)


class GapReason(Enum):
    """Why something could not be read."""

    DENIED = "denied"
    THROTTLED = "throttled"
    EXPIRED = "expired credentials"
    UNSUPPORTED = "not supported there"
    UNREACHABLE = "unreachable"
    INCOMPLETE = "incomplete answer"
    INVALID = "not understood"


class Gap(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """What could not be read or understood, which call it was, and what would cure it.

    `subject` is the ARN of the one resource concerned; None: any of the kinds in that region.
    `operation` is the call as IAM writes it (`sagemaker:ListEndpoints`) or, for a file, its path;
    `permission` is the IAM action that was missing, None where the reason is another.
    """

    kinds: tuple[str, ...]
    account: str
    region: str
    operation: str
    reason: GapReason
    detail: str
    subject: str | None = None
    permission: str | None = None


class Snapshot(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """What was read: resources, each whole, and gaps where there is none.

    `covers` names the kinds that the source reads at all; `enabled_regions` is None when nobody
    asked which regions the account has enabled. Instants are UTC.
    """

    schema_version: Literal[1] = SCHEMA_VERSION
    source: str
    taken_at: Instant
    accounts: tuple[str, ...]
    regions: tuple[str, ...]
    covers: tuple[str, ...]
    identity: str | None = None
    enabled_regions: tuple[str, ...] | None = None
    resources: tuple[AnyResource, ...] = ()
    gaps: tuple[Gap, ...] = ()
    operations: tuple[str, ...] = ()

    def of(self, kind: type[K]) -> tuple[K, ...]:
        """Return the resources of a kind."""
        return tuple(resource for resource in self.resources if isinstance(resource, kind))

    @property
    def whole_account(self) -> bool:
        """True if every region that the account has enabled was read."""
        return self.enabled_regions is not None and set(self.enabled_regions) <= set(self.regions)

    def to_json(self) -> bytes:
        """Return the file form: reading it and writing it again gives the same bytes."""
        return json.format(json.encode(self), indent=1) + b"\n"


def ordered(resources: Iterable[AnyResource]) -> tuple[AnyResource, ...]:
    """Return resources in the order that files and reports keep."""
    return tuple(sorted(resources, key=_order))


def _order(resource: AnyResource) -> tuple[str, ...]:
    series = (getattr(resource, "metric", ""), getattr(resource, "statistic", ""))
    return (type(resource).__name__, resource.account, resource.region, resource.arn, *series)


class Inventory:
    """A snapshot, indexed for the questions that checks ask."""

    def __init__(self, snapshot: Snapshot) -> None:
        self.snapshot = snapshot
        self._parts: dict[tuple[object, ...], tuple[Resource, ...]] = {}

    @cached_property
    def _by_kind(self) -> Mapping[type[Resource], tuple[Resource, ...]]:
        found: dict[type[Resource], list[Resource]] = {}
        for resource in self.snapshot.resources:
            found.setdefault(type(resource), []).append(resource)
        return {kind: tuple(resources) for kind, resources in found.items()}

    @cached_property
    def _by_arn(self) -> Mapping[tuple[type[Resource], str], Resource]:
        return {(type(resource), resource.arn): resource for resource in self.snapshot.resources}

    @cached_property
    def _by_name(self) -> Mapping[tuple[type[Resource], str, str, str], tuple[Resource, ...]]:
        found: dict[tuple[type[Resource], str, str, str], list[Resource]] = {}
        for one in self.snapshot.resources:
            found.setdefault((type(one), one.account, one.region, one.name), []).append(one)
        return {key: tuple(resources) for key, resources in found.items()}

    @cached_property
    def _by_function(self) -> Mapping[tuple[type[Resource], str], tuple[Resource, ...]]:
        found: dict[tuple[type[Resource], str], list[Resource]] = {}
        for one in self.snapshot.resources:
            if isinstance(one, OfFunction):
                found.setdefault((type(one), one.function_arn), []).append(one)
        return {key: tuple(resources) for key, resources in found.items()}

    @cached_property
    def _measured(self) -> Mapping[str, tuple[MetricSeries, ...]]:
        found: dict[str, list[MetricSeries]] = {}
        for series in self.of(MetricSeries):
            found.setdefault(series.arn, []).append(series)
        return {arn: tuple(series) for arn, series in found.items()}

    @cached_property
    def _gaps(self) -> Mapping[type[Resource], tuple[Gap, ...]]:
        found: dict[type[Resource], list[Gap]] = {}
        for gap in self.snapshot.gaps:
            for kind in gap.kinds:
                found.setdefault(KINDS[kind], []).append(gap)
        return {kind: tuple(gaps) for kind, gaps in found.items()}

    def of(
        self, kind: type[K], *, account: str | None = None, region: str | None = None
    ) -> tuple[K, ...]:
        """Return the resources of a kind in an account and region; None means any."""
        key = (kind, account, region)
        found = self._parts.get(key)
        if found is None:
            found = self._parts[key] = tuple(
                resource
                for resource in self._by_kind.get(kind, ())
                if account in (None, resource.account) and region in (None, resource.region)
            )
        return found  # type: ignore[return-value]  # keyed by the type

    def get(self, kind: type[K], arn: str) -> K | None:
        """Return the resource with this ARN, None if the snapshot has none."""
        return self._by_arn.get((kind, arn))  # type: ignore[return-value]  # keyed by the type

    def named(self, kind: type[K], name: str | None, *, near: Resource) -> tuple[K, ...]:
        """Return the resources of a kind and a name in the account and region of another."""
        key = (kind, near.account, near.region, name or "")
        return self._by_name.get(key, ())  # type: ignore[return-value]  # keyed by the type

    def of_function(self, kind: type[K], function_arn: str) -> tuple[K, ...]:
        """Return the resources of a kind that belong to the function with this ARN."""
        return self._by_function.get((kind, function_arn), ())  # type: ignore[return-value]  # keyed so

    def measured(self, arn: str) -> tuple[MetricSeries, ...]:
        """Return every metric series of the resource with this ARN."""
        return self._measured.get(arn, ())

    def gaps(
        self, kind: type[Resource], *, account: str | None = None, region: str | None = None
    ) -> tuple[Gap, ...]:
        """Return the gaps in a kind that concern an account and region; None means any."""
        return tuple(
            gap
            for gap in self._gaps.get(kind, ())
            if account in (None, gap.account) and region in (None, gap.region)
        )
