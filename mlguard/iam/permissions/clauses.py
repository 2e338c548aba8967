"""Clauses, the statements as effective permissions see them, and grants, what comes of them."""

from collections.abc import Iterable
from dataclasses import dataclass, field
from functools import cached_property
from typing import Final, Protocol, Self

from msgspec import Struct, structs

from mlguard.iam.evaluation.policies import Carrier, Layer
from mlguard.iam.language.actions import actions
from mlguard.iam.language.document import ConditionTest, Statement
from mlguard.iam.language.request import Context
from mlguard.iam.language.variables import has_variables
from mlguard.iam.permissions.reach import Extent, Reach, reach_of

# A test holds sooner the more values it has, and if the operator is negated, the fewer.
_NEGATED: Final = "Not"


# An account has tens of thousands, and a Struct is made faster than a dataclass.
class Clause(Struct, frozen=True, eq=False, dict=True):
    """A statement that may bear on requests; without `tests` it does so unconditionally.

    `mask` are the known actions that it is about, `star` tells whether it reaches `*` itself.
    """

    layer: Layer
    carrier: Carrier
    statement: Statement
    context: Context
    mask: int
    star: Extent
    tests: tuple[ConditionTest, ...]

    def __repr__(self) -> str:
        # A mask has more digits than Python prints.
        return f"Clause({self.layer.value}, {self.policy!r}, {self.statement!r})"

    @property
    def policy(self) -> str:
        """The name of the policy that it stands in."""
        return self.carrier.name

    @cached_property
    def reach(self) -> Reach:
        """The resources that it is about."""
        return reach_of(self.statement, self.context, variables=self.carrier.document.has_variables)

    @cached_property
    def alone(self) -> "Grant":
        """What it grants where nothing else limits it."""
        return Grant(mask=self.mask, reaches=(self.reach,), tests=self.tests, sources=(self,))

    @property
    def everywhere(self) -> bool:
        """Whether it is surely about every resource."""
        return self.star is Extent.ALL and self.reach.everywhere

    @property
    def sure(self) -> bool:
        """Whether it is about every resource, unconditionally."""
        return not self.tests and self.everywhere

    def names(self, action: str) -> bool:
        """Return whether it is about the folded action, known or not."""
        return self.carrier.rules[self.statement.index].covers(action)

    def narrowed(self, mask: int) -> "Clause":
        """Return the clause with these actions."""
        made = structs.replace(self, mask=mask)
        vars(made)["reach"] = self.reach  # worked out already
        return made


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Grant:
    """Actions that are allowed on resources that all the reaches have, if all the tests hold.

    A `cut` is a Deny that takes away some of it. `limits` are layers that were too large to be
    merged in: each may narrow the grant further. `sources` are the statements that allow it, one
    for each layer that says more than yes.
    """

    mask: int = field(repr=False)
    reaches: tuple[Reach, ...]
    tests: tuple[ConditionTest, ...]
    sources: tuple[Clause, ...]
    cuts: tuple[Clause, ...] = ()
    limits: tuple[Layer, ...] = ()

    @property
    def actions(self) -> tuple[str, ...]:
        """The known actions of the grant."""
        return actions().expand(self.mask)


class Clauses(Struct, frozen=True, eq=False):
    """What a policy allows and what it denies.

    Of the actions that some Allow is about, `mask` has all; `wide` those on every resource, if
    only under conditions; `everywhere` those on every resource, unconditionally.
    """

    allows: tuple[Clause, ...]
    denies: tuple[Clause, ...]
    mask: int
    wide: int
    everywhere: int

    def __repr__(self) -> str:
        return f"Clauses(allows={self.allows!r}, denies={self.denies!r})"

    @classmethod
    def of(cls, allows: tuple[Clause, ...], denies: tuple[Clause, ...]) -> Self:
        """Return the clauses of a policy."""
        mask = wide = everywhere = 0
        for clause in allows:
            mask |= clause.mask
            if clause.star is not Extent.ALL:
                continue
            found = clause.mask if clause.everywhere else clause.mask & actions().of_star
            wide |= found
            if not clause.tests:
                everywhere |= found
        shared = actions().shared
        return cls(allows, denies, shared(mask), shared(wide), shared(everywhere))


class Masked(Protocol):
    """What has actions."""

    @property
    def mask(self) -> int:
        """The known actions, as bits."""


def mask_of(holders: Iterable[Masked]) -> int:
    """Return the actions of all of them together."""
    mask = 0
    for holder in holders:
        mask |= holder.mask
    return mask


def implied(tests: tuple[ConditionTest, ...], given: tuple[ConditionTest, ...]) -> bool:
    """Return whether all tests surely hold wherever all the given ones do."""
    return all(any(_follows(test, one) for one in given) for test in tests)


def _follows(test: ConditionTest, given: ConditionTest) -> bool:
    # The same variable is plain text in a document of another version.
    if any(map(has_variables, test.values)):
        return False
    if (test.written, test.key.lower()) != (given.written, given.key.lower()):
        return False
    if test.operator == "Null":
        return set(given.values) <= set(test.values)
    few, many = (test, given) if _NEGATED in test.operator else (given, test)
    return set(few.values) <= set(many.values)
