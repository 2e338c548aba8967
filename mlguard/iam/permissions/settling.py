"""Whether what an ability hangs on can be the case at all, or is the case whatever happens.

An ability leaves open what only the request can tell. But the conditions of its statements may
exclude one another, a Deny may take all that they leave, or one of two may always hold.
"""

from collections.abc import Iterable, Iterator
from dataclasses import replace
from itertools import chain, product
from math import prod
from typing import Final, TypeAlias

from mlguard.iam.algebra.condition_region import Fact, canonical, satisfy
from mlguard.iam.algebra.pattern_algebra import NoText
from mlguard.iam.evaluation.condition import CompiledTest
from mlguard.iam.permissions.ability import Ability, Access, Question
from mlguard.iam.permissions.clauses import Clause, Grant
from mlguard.iam.permissions.reach import Extent

Facts: TypeAlias = frozenset[Fact]

# Ways to fail to look at; where there are more, nothing is said for sure.
_WAYS: Final = 256
# IAM User Guide, "AWS global condition context keys", Value type: a test of such a key without a
# set operator is one of which AWS does not say what it does with several values.
_MULTIVALUED: Final = frozenset(
    {
        *("aws:calledvia", "aws:principalorgpaths", "aws:principalservicenameslist"),
        *("aws:resourceorgpaths", "aws:sourceorgpaths", "aws:tagkeys", "aws:vpceorgpaths"),
    }
)


def settled(ability: Ability, question: Question, *, complete: bool) -> Ability:
    """Return the ability, as a yes or a no where its conditions come to one.

    `complete` tells whether all policies were read. A no keeps the grants that come to nothing.
    """
    grants = ability.grants
    if ability.access is not Access.CONDITIONAL or any(grant.limits for grant in grants):
        return ability
    left = tuple(chain.from_iterable(_left(grant, question) for grant in grants))
    if not left:
        nothing = complete and bool(grants)
        return replace(ability, access=Access.DENIED) if nothing else ability
    whole = [grant.sources for grant in left if _is_whole(grant, question)]
    sure = complete and _one_holds(whole, frozenset())
    return replace(ability, access=Access.ALLOWED if sure else ability.access, grants=left)


def _left(grant: Grant, question: Question) -> Iterator[Grant]:
    """Yield the grant less the denies that never bear on it, unless they leave nothing of it."""
    given = _facts(grant.sources)
    if not _possible(given):
        return
    cuts = tuple(cut for cut in grant.cuts if _possible(given | _facts((cut,))))
    taking = [(cut,) for cut in cuts if _takes_all(cut, grant, question)]
    if not _one_holds(taking, given):
        yield replace(grant, cuts=cuts)


def _takes_all(cut: Clause, grant: Grant, question: Question) -> bool:
    """Return whether the Deny, if its tests hold, is about all that the grant is."""
    if question.of_star:
        return cut.star is Extent.ALL
    return cut.reach.covers(grant.reaches)


def _is_whole(grant: Grant, question: Question) -> bool:
    """Return whether the grant, if its tests hold, allows all that was asked."""
    return not grant.cuts and all(question.extent(clause) is Extent.ALL for clause in grant.sources)


def _one_holds(groups: Iterable[tuple[Clause, ...]], given: Facts) -> bool:
    """Return whether, wherever the given facts are, all tests of one of the groups hold."""
    groups = [group for group in groups if not any(_doubted(group))]
    if not groups:
        return False
    tests = [tuple(_tests(group)) for group in groups]
    if prod(map(len, tests)) > _WAYS:
        return False
    return not any(
        _possible(given | {Fact(test, holds=False) for test in failing})
        for failing in product(*tests)
    )


def _possible(facts: Facts) -> bool:
    return satisfy(facts) is not NoText.NONE


def _facts(clauses: Iterable[Clause]) -> Facts:
    """Return that the tests hold, but for those that AWS's documents leave in doubt."""
    return frozenset(Fact(test, holds=True) for test in _tests(clauses) if not _in_doubt(test))


def _doubted(clauses: Iterable[Clause]) -> Iterator[bool]:
    return map(_in_doubt, _tests(clauses))


def _in_doubt(test: CompiledTest) -> bool:
    compares_one = test.operator is not None and test.test.qualifier is None
    return bool(test.doubts) or (compares_one and test.key in _MULTIVALUED)


def _tests(clauses: Iterable[Clause]) -> Iterator[CompiledTest]:
    for clause in clauses:
        variables = clause.carrier.document.has_variables
        yield from (canonical(test, variables=variables) for test in clause.tests)
