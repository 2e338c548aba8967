"""Whether new policies allow a request that old ones do not: a witness, or proof of none.

Actions and resources are texts, not entries of a list, so that the answer holds for actions to
come. Where a witness is given, both sides were asked about it as about any request.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Final

from mlguard.iam.boxes import Clause, View
from mlguard.iam.condition_region import Fact, Values, canonical, satisfy
from mlguard.iam.condition_values import Family, family_of_key
from mlguard.iam.document import ConditionTest, Document
from mlguard.iam.pattern_algebra import NoText
from mlguard.iam.region import Box, Entries, Point, Region
from mlguard.iam.region_search import Nowhere, Solver
from mlguard.iam.sides import (
    Layers,
    Side,
    identity_side,
    names_callers,
    sides_by_caller,
    unclear_callers,
)
from mlguard.iam.witness_text import by_service

_PLAIN_VALUES: Final = {"aws:principalaccount": "123456789012"}
_REASONS: Final = {
    Nowhere.RIDDLE: "it hangs on conditions that cannot be compared",
    Nowhere.WORK: "there are more cases than were looked at",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class NewAccess:
    """A request that the new policies allow and the old do not.

    `context` has the keys of the request, all others are absent; `statement` is the locator of the
    statement that allows it; `principal` is None where the policies name nobody.
    """

    action: str
    resource: str
    context: Mapping[str, Values]
    statement: str
    principal: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Undecided:
    """A part of a new statement of which it was not found out whether it allows more."""

    action: str
    resource: str
    statement: str
    reason: str
    principal: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Comparison:
    """What is new; nothing is if both are empty."""

    new_access: tuple[NewAccess, ...] = ()
    undecided: tuple[Undecided, ...] = ()


def compare(
    old: Sequence[Document],
    new: Sequence[Document],
    *,
    old_limits: Sequence[Sequence[Document]] = (),
    new_limits: Sequence[Sequence[Document]] = (),
    known_actions: Sequence[str] = (),
) -> Comparison:
    """Return what the new documents, taken together, allow and the old do not.

    Limits are layers that must allow a request as well: a boundary, a level of SCPs. Known actions
    are shown as witnesses, rather than made-up ones; they decide nothing.
    """
    before, after = (tuple(old), *old_limits), (tuple(new), *new_limits)
    solver = Solver(by_service(known_actions), _families((*before, *after)))
    if not names_callers((*before, *after)):
        return _gathered([_Question(solver, identity_side(before), identity_side(after))])
    unclear = unclear_callers((*before, *after))
    if unclear and before != after:
        whole = Undecided(action="*", resource="*", statement="", reason=unclear)
        return Comparison(undecided=(whole,))
    if unclear:
        return Comparison()
    sides = sides_by_caller(before, after)
    return _gathered([_Question(solver, earlier, later, who) for who, earlier, later in sides])


def _families(layers: Layers) -> Mapping[str, Family]:
    """Return the types of the condition keys, by all the operators that ask about each."""
    operators: dict[str, set[str]] = {}
    for layer in layers:
        for document in layer:
            for statement in document.statements:
                for test in statement.conditions:
                    operators.setdefault(test.key.lower(), set()).add(test.operator)
    found = {key: family_of_key(several) for key, several in operators.items()}
    return {key: family for key, family in found.items() if family is not None}


def _gathered(questions: "Iterable[_Question]") -> Comparison:
    answers = [answer for question in questions for answer in question.answers()]
    found = [answer for answer in answers if isinstance(answer, NewAccess)]
    left = [answer for answer in answers if isinstance(answer, Undecided)]
    shown = {
        (one.action, one.resource, tuple(one.context.items()), one.principal): one
        for one in reversed(found)
    }
    return Comparison(
        new_access=tuple(reversed(shown.values())), undecided=tuple(dict.fromkeys(left))
    )


@dataclass(frozen=True, slots=True)
class _Part:
    """A part of a statement: one of its actions, and one of its resources or all of them.

    None where the element is a Not: that is one part.
    """

    action: int | None
    resource: int | None = None


class _Question:
    """One comparison of two sides, for one caller."""

    def __init__(self, solver: Solver, old: Side, new: Side, caller: str | None = None) -> None:
        self.solver, self.old, self.new, self.caller = solver, old, new, caller
        clauses = (*old.clauses, *new.clauses)
        self.view, self.loose = View(), View(loose=True)
        self.filled: dict[tuple[tuple[str, str], ...], View] = {}
        self.faults = tuple(dict.fromkeys(fault for one in clauses for fault in one.faults))
        self.variables = sorted({key for clause in clauses for key in clause.variables})
        self.keys = {
            test.test.key.lower(): test.test.key for clause in clauses for test in clause.rule.tests
        }

    def answers(self) -> Iterator[NewAccess | Undecided]:
        """Return what each new statement adds, for each action and resource as it has them."""
        old = self._plainly_old()
        for clause in self.new.allows[0]:
            box = self.view.box(clause)
            if box in old:
                continue
            for action in _places(box.actions):
                yield from self._of_action(clause, action, _places(box.resources))

    def _plainly_old(self) -> frozenset[Box]:
        """Return what the old side allows and nothing of it denies, unless the new one does too."""
        denied = {self.view.box(clause) for clause in self.new.denies}
        lifted = any(self.view.box(clause) not in denied for clause in self.old.denies)
        if self.faults or lifted or len(self.old.allows) > 1:
            return frozenset()
        return frozenset(map(self.view.box, self.old.allows[0]))

    def _of_action(
        self, clause: Clause, action: int | None, resources: Sequence[int | None]
    ) -> Iterator[NewAccess | Undecided]:
        whole = self._answer(clause, _Part(action))
        if whole is None:
            return
        found = [self._answer(clause, _Part(action, resource)) for resource in resources]
        single = [answer for answer in found if answer is not None]
        yield from single or (whole,)

    def _answer(self, clause: Clause, part: _Part) -> NewAccess | Undecided | None:
        outcome = self._outcome(self.view, clause, part)
        if isinstance(outcome, Nowhere) and outcome is not Nowhere.NONE and self.variables:
            filled = self._outcome(self._filled_for(clause), clause, part)
            outcome = filled if isinstance(filled, Point) else outcome
        if isinstance(outcome, Point):
            return NewAccess(
                action=outcome.action,
                resource=outcome.resource,
                context={self.keys.get(key, key): outcome.context[key] for key in outcome.context},
                statement=clause.statement.locator,
                principal=self.caller,
            )
        if outcome is not Nowhere.NONE:
            return self._undecided(clause, part, _REASONS[outcome])
        if self.faults and self._outcome(self.loose, clause, part) is not Nowhere.NONE:
            return self._undecided(clause, part, "; ".join(self.faults))
        return None

    def _undecided(self, clause: Clause, part: _Part, reason: str) -> Undecided:
        box = _cut(self.view.box(clause), part)
        return Undecided(
            action=_written(box.actions),
            resource=_written(box.resources),
            statement=clause.statement.locator,
            reason=reason,
            principal=self.caller,
        )

    def _outcome(self, view: View, clause: Clause, part: _Part) -> Point | Nowhere:
        """Return a request that only the new side allows, by this part of its statement."""
        start = Region(facts=frozenset(map(_is_value, view.values.items())))
        box = _cut(view.box(clause), part)
        doubt = Nowhere.NONE
        for region in self._limited(view, start.within(box)):
            for narrowed, avoid in self._ways(view, region, box.actions):
                found = self.solver.search(narrowed, avoid)
                if isinstance(found, Point):
                    if self._is_new(found):
                        return found
                    found = Nowhere.RIDDLE
                doubt = found if doubt is Nowhere.NONE else doubt
        return doubt

    def _is_new(self, point: Point) -> bool:
        return self.new.allows_request(point) and not self.old.allows_request(point)

    def _limited(self, view: View, region: Region) -> Iterator[Region]:
        """Return the region cut down to what each limit of the new side allows too."""
        regions = [region]
        for layer in self.new.allows[1:]:
            boxes = [view.box(clause) for clause in layer]
            cut = (one.within(box) for one in regions for box in boxes)
            regions = [one for one in cut if self.solver.point(one) is not Nowhere.NONE]
        yield from regions

    def _ways(
        self, view: View, region: Region, actions: Entries
    ) -> Iterator[tuple[Region, list[Box]]]:
        """Return the ways of being new: which region to look in, and what to stay out of.

        Some layer of the old side does not allow the request, or a Deny of it stands against it.
        """
        denied = view.shelf(self.new.denies).near(actions)
        for layer in self.old.allows:
            yield region, [*view.shelf(layer).near(actions), *denied]
        for box in view.shelf(self.old.denies).near(actions):
            if box not in denied:
                yield region.within(box), denied

    def _filled_for(self, clause: Clause) -> View:
        """Return the view in which policy variables have values that the statement allows."""
        values = tuple((key, self._value(clause, at)) for at, key in enumerate(self.variables))
        return self.filled.setdefault(values, View(values=dict(values)))

    def _value(self, clause: Clause, at: int) -> str:
        key = self.variables[at]
        tests = (
            canonical(test, variables=clause.document.has_variables)
            for test in clause.statement.conditions
            if test.key.lower() == key
        )
        context = satisfy(frozenset(Fact(test, holds=True) for test in tests))
        if not isinstance(context, NoText) and len(context.get(key, ())) == 1:
            return context[key][0]
        name = "example" if len(self.variables) == 1 else f"example-{at + 1}"
        return _PLAIN_VALUES.get(key, name)


def _places(entries: Entries) -> Sequence[int | None]:
    return (None,) if entries.excluded else range(len(entries.globs))


def _cut(box: Box, part: _Part) -> Box:
    return Box(_only(box.actions, part.action), _only(box.resources, part.resource), box.tests)


def _only(entries: Entries, place: int | None) -> Entries:
    return entries if place is None else Entries((entries.globs[place],))


def _is_value(variable: tuple[str, str]) -> Fact:
    key, value = variable
    test = ConditionTest(operator="StringEquals", key=key, values=(value,))
    return Fact(canonical(test, variables=False), holds=True)


def _written(entries: Entries) -> str:
    text = ", ".join(glob.written for glob in entries.globs)
    return f"all but {text}" if entries.excluded else text
