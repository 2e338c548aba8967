"""A request as IAM sees it: who, what, on what, and the context; what of it is not known."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, date, datetime
from enum import Enum
from functools import cached_property
from types import MappingProxyType
from typing import Final, Self

from mlguard.errors import ArnError
from mlguard.iam.language.arn import account_of
from mlguard.iam.language.principal import (
    OUTSIDERS,
    Kind,
    Principal,
    is_account_id,
    parse_principal,
)
from mlguard.iam.language.wildcard import fold

_NOTHING: Final[Mapping[str, tuple[str, ...]]] = MappingProxyType({})
# The account part of AWS's own policies, arn:aws:iam::aws:policy/...
AWS_OWNED: Final = "aws"
_SERVICE_LINKED_NAME: Final = "AWSServiceRoleFor"


def at_noon(day: date) -> dict[str, str]:
    """Return the context keys that tell the time, at noon (UTC) of the day."""
    noon = datetime(day.year, day.month, day.day, 12, tzinfo=UTC)
    return {
        "aws:CurrentTime": noon.strftime("%Y-%m-%dT%H:%M:%SZ"),
        "aws:EpochTime": str(int(noon.timestamp())),
    }


class Rest(Enum):
    """What is to be thought of a context key of which nothing was said."""

    ABSENT = "absent"
    UNKNOWN = "unknown"


@dataclass(frozen=True, kw_only=True)
class Context:
    """The context of a request: each key is known, absent or unknown; keys ignore case.

    A known key without values is absent. `Context.of` folds the keys.
    """

    known: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    unknown: frozenset[str] = frozenset()
    rest: Rest = Rest.ABSENT

    @classmethod
    def of(
        cls,
        values: Mapping[str, str | Iterable[str]] = _NOTHING,
        *,
        absent: Iterable[str] = (),
        unknown: Iterable[str] = (),
        rest: Rest = Rest.ABSENT,
    ) -> Self:
        """Return the context with these values; a single one may stand without brackets."""
        known: dict[str, tuple[str, ...]] = {key.lower(): () for key in absent}
        for key, value in values.items():
            known[key.lower()] = (value,) if isinstance(value, str) else tuple(value)
        return cls(known=known, unknown=frozenset(key.lower() for key in unknown), rest=rest)

    def values(self, key: str) -> tuple[str, ...] | None:
        """Return the values of a folded key: none of them if absent, None if not known."""
        found = self.known.get(key)
        if found is not None:
            return found
        if self.rest is Rest.UNKNOWN or key in self.unknown:
            return None
        return ()

    def with_defaults(self, defaults: Mapping[str, tuple[str, ...]]) -> "Context":
        """Return the context with these folded keys too, where it says nothing of them."""
        added = {key: value for key, value in defaults.items() if key not in self.unknown}
        return Context(known={**added, **self.known}, unknown=self.unknown, rest=self.rest)


@dataclass(frozen=True, kw_only=True)
class Request:
    """One request: `principal` is an ARN, a service principal, or `*` for an anonymous caller.

    `resource` is an ARN, or `*` where the action takes none. `resource_account` is needed only
    where the ARN has no account (S3). An instant to compare dates with is aws:CurrentTime.
    """

    principal: str
    action: str
    resource: str = "*"
    resource_account: str | None = None
    context: Context = field(default_factory=Context)

    @cached_property
    def caller(self) -> Principal:
        """The principal, taken apart; raises ArnError if it is none."""
        return parse_principal(self.principal)

    @cached_property
    def folded_action(self) -> str:
        """The action in the one case in which actions are compared."""
        return fold(self.action)

    @cached_property
    def full_context(self) -> Context:
        """The context with what follows from the principal, unless it was given."""
        return self.context.with_defaults(self.caller.context())

    @cached_property
    def owner(self) -> str:
        """The account of the resource: as given, or of its ARN, or empty if neither says.

        What AWS keeps for everybody is AWS's, whoever asks for it.
        """
        of_arn = account_of(self.resource)
        return AWS_OWNED if of_arn == AWS_OWNED else self.resource_account or of_arn

    @cached_property
    def service_linked(self) -> bool | None:
        """Whether a service-linked role makes the request; None if but its name looks so.

        Its path says so, which a session shows in aws:PrincipalArn alone. That nobody else can
        name a role AWSServiceRoleFor..., AWS does not say: IAM API Reference, "CreateRole".
        """
        caller = self.caller
        if caller.kind is not Kind.SESSION:
            return caller.service_linked
        given = self.context.values("aws:principalarn")
        if given:
            return all(_of_service_linked(text) for text in given)
        return None if caller.name.startswith(_SERVICE_LINKED_NAME) else False

    @property
    def crosses_partitions(self) -> bool:
        """Whether the resource is of another partition (aws, aws-cn, ...) than the caller."""
        head, _, rest = self.resource.partition(":")
        partition = rest.partition(":")[0]
        if head != "arn" or set(partition) & set("*?"):
            return False
        return self.caller.kind not in OUTSIDERS and partition != self.caller.partition

    @property
    def same_account(self) -> bool:
        """Whether the resource is of the caller's account; it is taken to be where none is said."""
        if self.caller.kind in OUTSIDERS:
            return False
        return self.owner == self.caller.account or not is_account_id(self.owner)


def _of_service_linked(text: str) -> bool:
    try:
        return parse_principal(text).service_linked
    except ArnError:
        return False
