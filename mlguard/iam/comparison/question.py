"""One question: which requests do these policies allow, for one caller, and those do not."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from itertools import product
from types import MappingProxyType
from typing import Final, TypeAlias

from mlguard.iam.algebra.condition_region import Fact, Values, canonical, satisfy
from mlguard.iam.algebra.pattern_algebra import NoText
from mlguard.iam.algebra.region import Box, Entries, Point, Region
from mlguard.iam.comparison.boxes import View
from mlguard.iam.comparison.callers import Caller, Own
from mlguard.iam.comparison.clause import Clause
from mlguard.iam.comparison.nearby import Shelf
from mlguard.iam.comparison.region_search import Nowhere, Solver
from mlguard.iam.comparison.sides import Pair
from mlguard.iam.language.wildcard import fold

# Of a statement with more resources, each is asked about at once.
_SEVERAL: Final = 64
# So many keys may be there or not before their cases are too many.
_KEYS: Final = 4
_PLAIN_VALUES: Final = {"aws:principalaccount": "123456789012"}
_NOTHING: Final[Mapping[str, str]] = MappingProxyType({})
_REASONS: Final = {
    Nowhere.RIDDLE: "it hangs on conditions that cannot be compared",
    Nowhere.WORK: "there are more cases than were looked at",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Witness:
    """A request that only the new side allows; `who` is None where nobody is named."""

    clause: Clause
    action: str
    resource: str
    context: Mapping[str, Values]
    who: str | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Doubt:
    """A part of a new statement of which it was not found out whether it allows more."""

    clause: Clause
    action: str
    resource: str
    reason: str


@dataclass(frozen=True, slots=True)
class _Part:
    """A part of a statement: one of its actions, and one of its resources or all of them.

    None where the element is a Not: that is one part. They are told apart as they are written, for
    not every view has them all.
    """

    action: str | None
    resource: str | None = None


_Answer: TypeAlias = "Witness | Doubt | None"


class Question:
    """One comparison of two sides; `within` is what else a request has to be about."""

    def __init__(
        self, solver: Solver, pair: Pair, caller: Caller | None = None, within: Box | None = None
    ) -> None:
        self.solver, self.old, self.new, self.caller = solver, pair.old, pair.new, caller
        clauses = (*self.old.clauses, *self.new.clauses)
        named = [variable for clause in clauses for variable in clause.variables]
        self.own = Own() if caller is None else Own.of(caller, {one.key for one in named})
        self.view, self.loose = self._as_own(), self._as_own(loose=True)
        self.filled: dict[tuple[tuple[str, str], ...], list[View]] = {}
        self.denied: dict[int, frozenset[Box]] = {}
        self.faults = tuple(dict.fromkeys(fault for one in clauses for fault in one.faults))
        variables = [one for one in named if one.key not in self.own]
        self.variables = sorted({variable.key for variable in variables})
        self.defaulted = sorted({one.key for one in variables if one.default is not None})
        self.keys = {
            test.test.key.lower(): test.test.key for clause in clauses for test in clause.rule.tests
        }
        # The context keys that the answer may depend on.
        self.asked = frozenset((*self.keys, *(variable.key for variable in named)))
        start = Region() if within is None else Region().within(within)
        possible = start.actions.without(*(() if caller is None else caller.impossible))
        self.start = replace(start, actions=possible)

    def _as_own(
        self,
        values: Mapping[str, str] = _NOTHING,
        *,
        present: frozenset[str] = frozenset(),
        absent: frozenset[str] = frozenset(),
        loose: bool = False,
    ) -> View:
        """Return a view in which variables also have what follows from who asks."""
        return View(
            values={**self.own.values, **values},
            present=present,
            absent=absent | self.own.absent,
            loose=loose,
        )

    def answers(self) -> Iterator[Witness | Doubt]:
        """Return what each new statement adds, for each action and resource as it has them."""
        old = self._plainly_old()
        for clause in self.new.allows[0].clauses:
            box = self.view.box(clause)
            if box in old:
                continue
            for action in _places(box.actions):
                yield from self._of_action(clause, action, _places(box.resources))

    def _plainly_old(self) -> frozenset[Box]:
        """Return what the old side allows and nothing of it denies, unless the new one does too."""
        lifted = any(
            self.view.box(clause) not in self._denied(self.view)
            for clause in self.old.denies.clauses
        )
        if self.faults or lifted or len(self.old.allows) > 1:
            return frozenset()
        return frozenset(map(self.view.box, self.old.allows[0].clauses))

    def _denied(self, view: View) -> frozenset[Box]:
        if id(view) not in self.denied:
            self.denied[id(view)] = frozenset(map(view.box, self.new.denies.clauses))
        return self.denied[id(view)]

    def _of_action(
        self, clause: Clause, action: str | None, resources: Sequence[str | None]
    ) -> Iterator[Witness | Doubt]:
        whole = None
        if self.faults or (len(resources) != 1 and len(resources) < _SEVERAL):
            whole = self._answer(clause, _Part(action))
            if whole is None:
                return
        found = [self._answer(clause, _Part(action, resource)) for resource in resources]
        single = [answer for answer in found if answer is not None]
        yield from single or ([] if whole is None else [whole])

    def _answer(self, clause: Clause, part: _Part) -> _Answer:
        outcome = self._outcome(self.view, clause, part)
        if isinstance(outcome, Nowhere) and outcome is not Nowhere.NONE and self.variables:
            outcome = self._closer(clause, part, outcome)
        if isinstance(outcome, Witness):
            return outcome
        if outcome is not Nowhere.NONE:
            exhausted = self.solver.work.left <= 0
            return self._doubt(clause, part, _REASONS[Nowhere.WORK if exhausted else outcome])
        if self.faults and self._outcome(self.loose, clause, part) is not Nowhere.NONE:
            return self._doubt(clause, part, "; ".join(self.faults))
        return None

    def _closer(self, clause: Clause, part: _Part, outcome: Nowhere) -> Witness | Nowhere:
        """Return the answer by what the policy variables may be: a value, or not there."""
        for view in self._filled_for(clause):
            found = self._outcome(view, clause, part)
            if isinstance(found, Witness):
                return found
        if not self.split_views:
            return outcome
        found = Nowhere.NONE
        for view in self.split_views:
            case = self._outcome(view, clause, part)
            if isinstance(case, Witness):
                return case
            found = case if found is Nowhere.NONE else found
        return found

    @cached_property
    def split_views(self) -> list[View]:
        """Views of each case in which keys that have a default are there, or are not."""
        if not 0 < len(self.defaulted) <= _KEYS:
            return []
        cases = product((True, False), repeat=len(self.defaulted))
        halves = [
            [
                frozenset(
                    key for key, there in zip(self.defaulted, case, strict=True) if there is it
                )
                for it in (True, False)
            ]
            for case in cases
        ]
        return [self._as_own(present=present, absent=absent) for present, absent in halves]

    def _doubt(self, clause: Clause, part: _Part, reason: str) -> Doubt:
        box = self.view.part(clause, part.action, part.resource)
        return Doubt(
            clause=clause,
            action=_written(box.actions),
            resource=_written(box.resources),
            reason=reason,
        )

    def _outcome(self, view: View, clause: Clause, part: _Part) -> Witness | Nowhere:
        """Return a request that only the new side allows, by this part of its statement."""
        if self.solver.work.left <= 0:
            return Nowhere.WORK
        facts = view.facts.union(self._facts_of_caller())
        box = view.part(clause, part.action, part.resource)
        start = replace(self.start, facts=facts)
        doubt = Nowhere.NONE
        for region in self._limited(view, start.within(box), box):
            for narrowed, avoid in self._ways(view, region, box):
                found = self.solver.search(narrowed, avoid)
                if isinstance(found, Point):
                    witness = self._witness(clause, found)
                    if witness is not None:
                        return witness
                    found = Nowhere.RIDDLE
                doubt = found if doubt is Nowhere.NONE else doubt
        return doubt

    def _facts_of_caller(self) -> Iterator[Fact]:
        """Return what follows from who asks, as far as it matters."""
        for fact in () if self.caller is None else self.caller.facts:
            if fact.test.key in self.asked:
                yield fact

    def _witness(self, clause: Clause, point: Point) -> Witness | None:
        """Return the request, if it is one that both sides, asked about it, disagree on."""
        if self.old.allows_request(point) or not self.new.allows_request(point):
            return None
        who: str | None = None
        context = point.context
        if self.caller is not None:
            shown = self.caller.shown(context, self.asked)
            if shown is None:
                return None
            who, context = shown
        return Witness(
            clause=clause,
            action=point.action,
            resource=point.resource,
            context={self.keys.get(key, key): values for key, values in context.items()},
            who=who,
        )

    def _limited(self, view: View, region: Region, box: Box) -> Iterator[Region]:
        """Return the region cut down to what each limit of the new side allows too."""
        regions = [region]
        for layer in self.new.allows[1:]:
            boxes = [view.box(clause) for clause in layer.near(box.actions, box.resources)]
            cut = (one.within(limit) for one in regions for limit in boxes)
            regions = [one for one in cut if self.solver.point(one) is not Nowhere.NONE]
        yield from regions

    def _ways(self, view: View, region: Region, box: Box) -> Iterator[tuple[Region, "_Avoided"]]:
        """Return the ways of being new: which region to look in, and what to stay out of.

        Some layer of the old side does not allow the request, or a Deny of it stands against it.
        """
        for layer in self.old.allows:
            yield region, _Avoided(self.solver, view, (layer, self.new.denies), box)
        denied = _Avoided(self.solver, view, (self.new.denies,), box)
        for clause in self.old.denies.near(box.actions, box.resources):
            lifted = view.box(clause)
            if lifted not in self._denied(view):
                yield region.within(view.box_near(clause, box)), denied

    def _filled_for(self, clause: Clause) -> list[View]:
        """Return views in which policy variables have values that the statement allows.

        Once all of them have; once those with a default have none.
        """
        values = tuple((key, self._value(clause, at)) for at, key in enumerate(self.variables))
        if values not in self.filled:
            views = [self._as_own(dict(values))]
            if self.defaulted:
                rest = {key: value for key, value in values if key not in self.defaulted}
                views.append(self._as_own(rest, absent=frozenset(self.defaulted)))
            self.filled[values] = views
        return self.filled[values]

    def _value(self, clause: Clause, at: int) -> str:
        key = self.variables[at]
        tests = (
            canonical(test, variables=clause.document.has_variables)
            for test in clause.statement.conditions
            if test.key.lower() == key
        )
        own = (fact for fact in self._facts_of_caller() if fact.test.key == key)
        facts = frozenset((*(Fact(test, holds=True) for test in tests), *own))
        context = satisfy(facts, self.solver.families)
        if not isinstance(context, NoText) and len(context.get(key, ())) == 1:
            return context[key][0]
        name = "example" if len(self.variables) == 1 else f"example-{at + 1}"
        return _PLAIN_VALUES.get(key, name)


@dataclass(frozen=True, slots=True)
class _Avoided:
    """What a search stays out of: the statements of some shelves, near one part of a statement."""

    solver: Solver
    view: View
    shelves: tuple[Shelf, ...]
    part: Box

    def about(self, point: Point) -> Iterator[Box]:
        """Return the boxes that the point is in, or may be in."""
        action = fold(point.action)
        for shelf in self.shelves:
            for clause in shelf.about(action, point.resource, point.context):
                self.solver.work.left -= 1
                box = self.view.box_near(clause, self.part)
                if point.may_be_within(box):
                    yield box

    def all(self) -> Iterator[Box]:
        """Return the boxes that may share a request with the part."""
        for shelf in self.shelves:
            for clause in shelf.near(self.part.actions, self.part.resources):
                yield self.view.box_near(clause, self.part)


def _places(entries: Entries) -> Sequence[str | None]:
    return (None,) if entries.excluded else [glob.written for glob in entries.globs]


def _written(entries: Entries) -> str:
    text = ", ".join(glob.written for glob in entries.globs)
    return f"all but {text}" if entries.excluded else text
