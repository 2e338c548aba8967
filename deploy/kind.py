"""What a step makes: how it is found, compared, changed, waited for and taken away, as data.

A text that picks something is a JMESPath over one document:

    asked       the step's parameters, its `$` objects replaced
    found       what AWS shows of the thing, once it is found
    each        one of several, where a call is made for each of them
    account, region, partition
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from enum import Enum
from typing import Any, Final, TypeAlias

from deploy.account import Account

Scope: TypeAlias = dict[str, Any]
Picks: TypeAlias = Mapping[str, str]
"""Parameters of a call, each by what picks its value; one that ends in `?` may be left out, and
`*` stands for all of the step's own."""

Found: TypeAlias = dict[str, Any]
Finder: TypeAlias = Callable[[Account, Scope], Found | None]


@dataclass(frozen=True, slots=True, kw_only=True)
class Read:
    """A call that changes nothing, all its pages, and the part of the answer that counts.

    `where` chooses, of a list at `at`, the one whose members equal what is picked.
    """

    service: str
    operation: str
    parameters: Picks = field(default_factory=dict)
    at: str = "@"
    where: Picks = field(default_factory=dict)


@dataclass(frozen=True, slots=True, kw_only=True)
class Call:
    """A call that changes something: once, or for `each` of several; only `when` it holds.

    The members of an object are taken as {key, value}.
    """

    operation: str
    parameters: Picks
    each: Read | str | None = None
    when: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Update:
    """The calls that change some fields in place, where the API has such calls.

    With `only_in`, AWS changes them in these states alone, and `cure` says how one gets there.
    """

    fields: frozenset[str]
    calls: tuple[Call, ...]
    only_in: frozenset[str] = frozenset()
    cure: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Wait:
    """Where a thing's state stands; one that is neither `making` nor `failed` has come about."""

    status: str
    making: frozenset[str]
    failed: frozenset[str] = frozenset({"Failed"})
    reason: str = "found.FailureReason"


class Cost(Enum):
    """What a thing costs while it stands, where that is no price of its own."""

    NOTHING = "nothing while it stands"
    BY_USE = "by use"
    UNKNOWN = "unknown"


@dataclass(frozen=True, slots=True, kw_only=True)
class Priced:
    """What is paid for while a thing stands: `items` of {component, type, count, mib?}.

    `read` adds what the thing itself does not show, as `read`.
    """

    items: str
    read: Read | None = None


IGNORED: Final = frozenset({"Tags", "tags", "TagSpecifications", "ClientToken", "CreatorRequestId"})
"""Parameters that are never compared: labels, and what makes a call safe to repeat."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Kind:
    """One operation that a pipeline file may hold.

    `fields` says where AWS shows a parameter, if not under its own name; the empty text means
    that it does not show it. Of `exact` fields nothing may be there besides. With `upsert` the
    operation itself changes what is there.
    """

    noun: str
    name: str
    find: Read | Finder
    answer: str = "found"
    fields: Picks = field(default_factory=dict)
    exact: frozenset[str] = frozenset()
    updates: tuple[Update, ...] = ()
    upsert: bool = False
    wait: Wait | None = None
    delete: tuple[Call, ...] = ()
    cost: Cost | Priced = Cost.NOTHING
