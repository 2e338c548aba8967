"""Grants: what is left of the Allow statements once every layer and every Deny has had its say.

Nothing is guessed. Where two layers name different resources, both stand in the grant and a
request must fit both; a Deny that takes away but a part of a grant, or takes it only under a
condition, stands beside it.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from functools import cached_property, reduce
from itertools import combinations
from typing import Final

from mlguard.iam.evaluation.policies import Layer
from mlguard.iam.language.actions import actions
from mlguard.iam.language.document import ConditionTest
from mlguard.iam.permissions.clauses import Clause, Clauses, Grant, implied, mask_of
from mlguard.iam.permissions.reach import EVERYWHERE, Entry, Extent, Reach

# Pairs of statements to look at one by one: policies of AWS's sizes stay far below. Beyond it a
# grant says less exactly what it is (`limits`, `cuts`), never less than the truth.
_PAIRS: Final = 300_000


@dataclass(frozen=True, eq=False)
class Side:
    """A layer: an Allow of any of its policies is enough for it, and none can do without."""

    layer: Layer
    parts: tuple[Clauses, ...]

    @cached_property
    def clauses(self) -> tuple[Clause, ...]:
        """The Allow statements of all the policies."""
        return tuple(clause for part in self.parts for clause in part.allows)

    @cached_property
    def mask(self) -> int:
        """The actions that some Allow is about."""
        return actions().shared(mask_of(self.parts))

    @property
    def wide(self) -> int:
        """The actions that some Allow is about on every resource, if only under conditions."""
        mask = 0
        for part in self.parts:
            mask |= part.wide
        return mask

    @property
    def everywhere(self) -> int:
        """The actions that are allowed on every resource, unconditionally."""
        mask = 0
        for part in self.parts:
            mask |= part.everywhere
        return mask

    @property
    def says_only_yes(self) -> bool:
        """Whether one statement allows everything."""
        return self.mask == actions().all and any(
            clause.mask == self.mask and clause.sure for clause in self.clauses
        )


def combine(
    sides: Sequence[tuple[Layer, tuple[Clause, ...]]],
    denies: tuple[Clause, ...],
    *,
    within: Reach = EVERYWHERE,
) -> tuple[Grant, ...]:
    """Return the grants that need an Allow of each side, less what is denied for sure.

    `within` are the resources in question: what none of them can get is left out.
    """
    (_, first), *others = sides
    grants = [clause.alone for clause in first]
    if not others and not denies and within.everywhere:
        return tuple(grants)
    for layer, clauses in others:
        grants = _merged(grants, layer, clauses)
    if not within.everywhere:
        grants = [replace(grant, reaches=_narrowed(grant.reaches, within)) for grant in grants]
    return tuple(_left(grants, denies))


def _merged(grants: list[Grant], layer: Layer, clauses: tuple[Clause, ...]) -> list[Grant]:
    """Return what both the grants and a further layer allow."""
    if len(grants) * len(clauses) > _PAIRS:
        allowed = mask_of(clauses)
        limits = [
            replace(grant, mask=grant.mask & allowed, limits=(*grant.limits, layer))
            for grant in grants
        ]
        return [grant for grant in limits if grant.mask]
    found = []
    for grant in grants:
        for clause in clauses:
            mask = grant.mask & clause.mask
            if mask and not all(reach.meets(clause.reach) for reach in grant.reaches):
                mask &= actions().of_star
            if mask:
                found.append(_both(grant, clause, mask))
    return found


def _both(grant: Grant, clause: Clause, mask: int) -> Grant:
    new = tuple(test for test in clause.tests if test not in grant.tests)
    return replace(
        grant,
        mask=mask,
        reaches=_narrowed(grant.reaches, clause.reach),
        tests=grant.tests + new,
        sources=(*grant.sources, clause),
    )


def _narrowed(reaches: tuple[Reach, ...], reach: Reach) -> tuple[Reach, ...]:
    """Return the reaches with one more, less what says nothing beside the others."""
    if reach.covers(reaches):
        return reaches
    kept = [_meeting(one, reach) for one in reaches if not one.covers((reach,))]
    new = reduce(_meeting, kept, reach)
    return (*(one for one in kept if not one.covers((new,))), new)


def _meeting(reach: Reach, other: Reach) -> Reach:
    """Return the reach without the entries of which the other has nothing."""
    if reach.inverted:
        return reach
    return Reach(tuple(entry for entry in reach.entries if not other.leaves(entry)))


def _left(grants: list[Grant], denies: tuple[Clause, ...]) -> Iterator[Grant]:
    """Yield what the denies leave of the grants."""
    whole = mask_of(deny for deny in denies if deny.sure)
    partial = tuple(deny for deny in denies if not deny.sure)
    touched = whole | mask_of(partial)
    budget = _PAIRS
    for grant in grants:
        if not grant.mask & touched:
            yield grant
            continue
        left = replace(grant, mask=grant.mask & ~whole) if grant.mask & whole else grant
        budget -= len(partial)
        if budget < 0 and left.mask:
            yield replace(left, cuts=partial)
        elif left.mask:
            yield from _cut(left, partial)


def _cut(grant: Grant, denies: tuple[Clause, ...]) -> Iterator[Grant]:
    """Yield what the denies leave of a grant, entry by entry: each may lose other actions."""
    cuts = tuple(deny for deny in denies if _bears(deny, grant.mask, grant.reaches))
    if not cuts:
        yield grant
        return
    at = _place_to_split(grant.reaches)
    if at is None or len(grant.reaches[at].entries) == 1:
        mask = _mask_left(grant, cuts, grant.reaches)
        if mask:
            left = tuple(cut for cut in cuts if cut.mask & mask)
            yield replace(grant, mask=mask, cuts=left)
        return
    parts: dict[int, list[Entry]] = {}
    for entry in grant.reaches[at].entries:
        mask = _mask_left(grant, cuts, _with(grant.reaches, at, (entry,)))
        parts.setdefault(mask, []).append(entry)
    for mask, entries in parts.items():
        if mask:
            reaches = _with(grant.reaches, at, tuple(entries))
            left = tuple(cut for cut in cuts if _bears(cut, mask, reaches))
            yield replace(grant, mask=mask, reaches=reaches, cuts=left)


def _place_to_split(reaches: tuple[Reach, ...]) -> int | None:
    return next((at for at, reach in enumerate(reaches) if not reach.inverted), None)


def _with(reaches: tuple[Reach, ...], at: int, entries: tuple[Entry, ...]) -> tuple[Reach, ...]:
    return (*reaches[:at], Reach(entries), *reaches[at + 1 :])


def _mask_left(grant: Grant, cuts: tuple[Clause, ...], reaches: tuple[Reach, ...]) -> int:
    """Return the actions of the grant that are not surely denied on all of the resources."""
    mask = grant.mask
    if not all(one.meets(other) for one, other in combinations(reaches, 2)):
        mask &= actions().of_star
    return _undenied(mask, grant.tests, cuts, reaches)


def _undenied(
    mask: int,
    tests: tuple[ConditionTest, ...],
    denies: tuple[Clause, ...],
    reaches: tuple[Reach, ...],
) -> int:
    for deny in denies:
        if not deny.mask & mask or (deny.tests and not implied(deny.tests, tests)):
            continue
        if deny.reach.covers(reaches):
            mask &= ~deny.mask
        elif deny.star is Extent.ALL:
            mask &= ~(deny.mask & actions().of_star)
    return mask


def left_of(clause: Clause, denies: tuple[Clause, ...]) -> int:
    """Return the actions that an Allow by itself grants on some resource despite the denies."""
    reach = clause.reach
    if reach.inverted:
        return _undenied(clause.mask, clause.tests, denies, (reach,))
    mask = 0
    for entry in reach.entries:
        alone = (Reach((entry,)),)
        mask |= _undenied(clause.mask & ~mask, clause.tests, denies, alone)
        if mask == clause.mask:
            break
    return mask


def _bears(cut: Clause, mask: int, reaches: tuple[Reach, ...]) -> bool:
    """Return whether the Deny may take away something of these actions on these resources."""
    shared = cut.mask & mask
    if not shared:
        return False
    # A statement whose actions take no resource and that bears on them reaches `*`.
    if cut.star is not Extent.NONE and shared & actions().of_star:
        return True
    return all(reach.meets(cut.reach) for reach in reaches)
