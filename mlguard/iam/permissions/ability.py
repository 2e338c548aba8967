"""What `can` answers: allowed, denied, or what it hangs on; and the statements that say so."""

from collections.abc import Iterator
from dataclasses import dataclass
from enum import Enum
from itertools import chain
from typing import Final, NamedTuple

from mlguard.iam.evaluation.policies import Layer
from mlguard.iam.language.actions import actions
from mlguard.iam.language.document import ConditionTest
from mlguard.iam.language.wildcard import fold
from mlguard.iam.permissions.clauses import Clause, Grant
from mlguard.iam.permissions.grants import Side, combine
from mlguard.iam.permissions.reach import EVERYWHERE, Entry, Extent, Reach

# AWS STS API Reference, "GetCallerIdentity": no permissions are required, a Deny changes nothing.
_ALWAYS: Final = "sts:getcalleridentity"


class Access(Enum):
    """Whether an action is allowed: on all of the resources asked about, or on none of them.

    CONDITIONAL is what lies between: on some of them, under conditions, or under a Deny that may
    or may not bear on the request.
    """

    ALLOWED = "allowed"
    CONDITIONAL = "conditional"
    DENIED = "denied"


@dataclass(frozen=True, slots=True, kw_only=True)
class Ability:
    """The answer to `can`, and its grounds.

    `grants` are the ways in which it is or may be allowed, `denies` the statements that deny it
    for sure. `layer` is the one that did not allow it, where no Deny was needed.
    """

    access: Access
    grants: tuple[Grant, ...] = ()
    denies: tuple[Clause, ...] = ()
    layer: Layer | None = None

    @property
    def statements(self) -> tuple[Clause, ...]:
        """The statements that the answer rests on, those that may take it back at the end."""
        allows = chain.from_iterable(grant.sources for grant in self.grants)
        cuts = chain.from_iterable(grant.cuts for grant in self.grants)
        return tuple({id(one.statement): one for one in (*allows, *cuts, *self.denies)}.values())

    @property
    def conditions(self) -> tuple[ConditionTest, ...]:
        """The tests of the grants, which nobody can settle without the request."""
        return tuple(dict.fromkeys(chain.from_iterable(grant.tests for grant in self.grants)))


class _Bearing(NamedTuple):
    """A clause that bears on the question, its mask the action's alone, and how far it does."""

    clause: Clause
    extent: Extent

    @property
    def whole(self) -> bool:
        return self.extent is Extent.ALL and not self.clause.tests


@dataclass(frozen=True, slots=True)
class Question:
    """An action and the resources in question; for an action that takes none, those are `*`."""

    action: str
    resource: str
    bit: int | None
    of_star: bool

    @classmethod
    def of(cls, action: str, resource: str) -> "Question":
        """Return the question; `resource` may be a pattern, for all that it matches."""
        folded = fold(action)
        table = actions()
        of_star = table.takes_resource(folded) is False
        return cls(folded, resource, table.bit(folded), of_star)

    @property
    def within(self) -> Reach:
        """The resources in question."""
        return EVERYWHERE if self.of_star else Reach((Entry(self.resource),))

    def extent(self, clause: Clause) -> Extent:
        """Return how much the clause reaches of what is in question."""
        return clause.star if self.of_star else clause.reach.extent(self.resource)

    def bearing(self, clauses: tuple[Clause, ...]) -> tuple[_Bearing, ...]:
        """Return the clauses that are about the action and some of the resources."""
        return tuple(self._bearing(clauses))

    def _bearing(self, clauses: tuple[Clause, ...]) -> Iterator[_Bearing]:
        mask = actions().unknown if self.bit is None else 1 << self.bit
        for clause in clauses:
            if not (clause.names(self.action) if self.bit is None else clause.mask & mask):
                continue
            extent = self.extent(clause)
            if extent is not Extent.NONE:
                yield _Bearing(clause.narrowed(mask), extent)

    def enough(self, found: tuple[_Bearing, ...]) -> tuple[Clause, ...]:
        """Return clauses that surely reach all of the resources between them, if any do."""
        for one in found:
            if one.whole:
                return (one.clause,)
        sure = tuple(one.clause for one in found if not one.clause.tests)
        for clause in sure:
            if clause.reach.inverted and self._filled(clause.reach, sure):
                return sure
        return ()

    def _filled(self, reach: Reach, clauses: tuple[Clause, ...]) -> bool:
        """Return whether the clauses surely reach what an inverted reach leaves out."""
        return all(
            any(clause.reach.extent(entry.pattern) is Extent.ALL for clause in clauses)
            for entry in reach.entries
        )


def answer(
    question: Question,
    sides: tuple[Side, ...],
    denies: tuple[Clause, ...],
    unread: frozenset[Layer],
) -> Ability:
    """Return what the sides, of each of which an Allow is needed, and the denies say."""
    if question.action == _ALWAYS:
        return Ability(access=Access.ALLOWED)
    denying = question.bearing(denies)
    if any(one.whole for one in denying):
        whole = tuple(one.clause for one in denying if one.whole)
        return Ability(access=Access.DENIED, denies=whole)
    allowing = [(side.layer, question.bearing(side.clauses)) for side in sides]
    for layer, found in allowing:
        if not found and layer not in unread:
            return Ability(access=Access.DENIED, layer=layer)
    if not denying and not unread:
        enough = [(layer, question.enough(found)) for layer, found in allowing]
        if all(clauses for _, clauses in enough):
            grants = combine(enough, (), within=question.within)
            return Ability(access=Access.ALLOWED, grants=grants)
    return _between(question, allowing, denying, unread)


def _between(
    question: Question,
    allowing: list[tuple[Layer, tuple[_Bearing, ...]]],
    denying: tuple[_Bearing, ...],
    unread: frozenset[Layer],
) -> Ability:
    """Return the ways that the denies leave open; without any, it is denied after all."""
    sides = [(layer, tuple(one.clause for one in found)) for layer, found in allowing if found]
    denies = tuple(one.clause for one in denying)
    grants = combine(sides, denies, within=question.within) if sides else ()
    if grants or unread:
        return Ability(access=Access.CONDITIONAL, grants=grants)
    if denies:
        return Ability(access=Access.DENIED, denies=denies)
    return Ability(access=Access.DENIED, layer=sides[-1][0])
