"""Which statements can be about a request, or share one with another, without asking them all.

A statement is filed under the actions that it has, under a fixed piece of each of its resources (a
text that does not hold the piece is not matched), and under values that a condition asks for. What
is found has to be asked yet; what is not found need not be.
"""

import re
from bisect import bisect_left
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from typing import Final

from mlguard.iam.algebra.condition_region import Values
from mlguard.iam.algebra.pattern_algebra import Glob, is_variable
from mlguard.iam.algebra.region import Entries
from mlguard.iam.comparison.clause import Clause
from mlguard.iam.evaluation.condition import CompiledTest
from mlguard.iam.language.resource_pattern import ResourcePattern

_Places = set[int]
_WILD: Final = re.compile(r"[*?]+")
# Beyond all text that a pattern may begin with.
_LAST: Final = "\U0010ffff"


class Shelf:
    """Statements, kept so that those near a request are found without looking at the others."""

    def __init__(self, clauses: Iterable[Clause]) -> None:
        self.clauses = tuple(clauses)

    def about(self, action: str, resource: str, context: Mapping[str, Values]) -> list[Clause]:
        """Return the statements that may be about a request, of a folded action."""
        found = (
            self._values.held(context),
            self._actions.of(action),
            self._pieces.within(resource),
        )
        return self._in_each(found)

    def near(self, actions: Entries, resources: Entries) -> list[Clause]:
        """Return the statements that may share a request with one of these elements."""
        found = (self._actions.near(actions), self._heads.near(resources))
        return self._in_each([sets for sets in found if sets is not None])

    @cached_property
    def _single(self) -> tuple[Clause, ...]:
        """The statements, those with many resources taken apart."""
        return tuple(part for clause in self.clauses for part in clause.by_resource())

    def _in_each(self, found: Sequence[Sequence[_Places]]) -> list[Clause]:
        """Return the statements that are filed in a set of each."""
        if not found:
            return list(self._single)
        few, *others = sorted(found, key=lambda sets: sum(map(len, sets)))
        places = {
            place
            for one in few
            for place in one
            if all(any(place in other for other in sets) for sets in others)
        }
        return [self._single[place] for place in sorted(places)]

    @cached_property
    def _values(self) -> "_Values":
        filed = _Values()
        for place, clause in enumerate(self._single):
            filed.add(clause, place)
        return filed

    @cached_property
    def _actions(self) -> "_Actions":
        return _Actions(self._single)

    @cached_property
    def _pieces(self) -> "_Pieces":
        return _Pieces(_resources(self._single))

    @cached_property
    def _heads(self) -> "Heads":
        entries = _resources(self._single)
        return Heads((place, _fixed(entry)[0] if entry else "") for place, entry in entries)


class _Actions:
    """Places by folded action, or by what an action with wildcards begins with."""

    def __init__(self, clauses: Iterable[Clause]) -> None:
        self._exact: dict[str, _Places] = {}
        self._wild: dict[str, _Places] = {}
        heads: list[tuple[int, str]] = []
        for place, clause in enumerate(clauses):
            patterns = clause.rule.patterns
            if clause.statement.not_actions is not None:
                patterns = ("*",)
            else:
                for action in clause.rule.exact:
                    self._exact.setdefault(action, set()).add(place)
                    heads.append((place, action))
            for pattern in patterns:
                head = _WILD.split(pattern)[0]
                self._wild.setdefault(head, set()).add(place)
                heads.append((place, head))
        self._sizes = sorted(set(map(len, self._wild)))
        self._heads = Heads(heads)

    def of(self, action: str) -> list[_Places]:
        """Return the places of patterns that may match an action."""
        heads = (action[:size] for size in self._sizes if size <= len(action))
        found = [self._wild[head] for head in heads if head in self._wild]
        return [*found, self._exact.get(action, set())]

    def near(self, actions: Entries) -> list[_Places] | None:
        """Return the places of patterns that may share an action with some; None is all."""
        return self._heads.near(actions)


@dataclass(slots=True)
class _Values:
    """Places by a value that a key must have: those of one StringEquals of each statement."""

    filed: dict[tuple[str, str], _Places] = field(default_factory=dict)
    loose: _Places = field(default_factory=set)

    def add(self, clause: Clause, place: int) -> None:
        """File a statement."""
        plain = (test for test in clause.rule.tests if _is_plain(test))
        test = min(plain, key=lambda one: len(one.constants), default=None)
        if test is None:
            self.loose.add(place)
            return
        for value in test.constants:
            self.filed.setdefault((test.key, value), set()).add(place)

    def held(self, context: Mapping[str, Values]) -> list[_Places]:
        """Return the places of statements whose value may be there."""
        pairs = ((key, value) for key, values in context.items() for value in values)
        return [self.loose, *(self.filed[pair] for pair in pairs if pair in self.filed)]


def _is_plain(test: CompiledTest) -> bool:
    """Tell whether the test holds for the values that it names, and no others."""
    said = test.test
    named = said.operator == "StringEquals" and not test.templates
    return named and said.qualifier is None and not said.if_exists


def _resources(clauses: Sequence[Clause]) -> Iterator[tuple[int, ResourcePattern | None]]:
    """Return the entries with their places; None for what may be about any resource."""
    for place, clause in enumerate(clauses):
        if clause.statement.not_resources is not None or not clause.rule.resources:
            yield place, None
        for entry in clause.rule.resources:
            yield place, entry


class _Pieces:
    """Places by a piece of text that a resource has to hold, or to begin with, or to be."""

    def __init__(self, entries: Iterable[tuple[int, ResourcePattern | None]]) -> None:
        self.whole: dict[str, _Places] = {}
        self.heads: dict[str, _Places] = {}
        self.inner: dict[str, _Places] = {}
        self.loose: _Places = set()
        wild: list[tuple[int, str, list[str]]] = []
        for place, entry in entries:
            if entry is not None and entry.template is None and not _WILD.search(entry.text):
                self.whole.setdefault(entry.text, set()).add(place)
            else:
                wild.append((place, *(("", []) if entry is None else _fixed(entry))))
        self._file(wild)

    def _file(self, wild: list[tuple[int, str, list[str]]]) -> None:
        """File each under its rarest piece: they may have all others in common."""
        counted = Counter(piece for _, head, inner in wild for piece in {head, *inner})
        for place, head, inner in wild:
            best = min((head, *inner), key=lambda piece: (not piece, counted[piece]))
            if not best:
                self.loose.add(place)
            else:
                files = self.heads if best == head else self.inner
                files.setdefault(best, set()).add(place)
        self._head_sizes = sorted(set(map(len, self.heads)))
        self._inner_sizes = sorted(set(map(len, self.inner)))

    def within(self, text: str) -> list[_Places]:
        """Return the places whose piece the text holds."""
        found = [self.loose]
        if text in self.whole:
            found.append(self.whole[text])
        heads = (text[:size] for size in self._head_sizes)
        found += [self.heads[head] for head in heads if head in self.heads]
        for size in self._inner_sizes:
            pieces = {text[at : at + size] for at in range(len(text) - size + 1)}
            found += [self.inner[piece] for piece in pieces if piece in self.inner]
        return found


class Heads:
    """Places by the fixed text that a pattern begins with."""

    def __init__(self, entries: Iterable[tuple[int, str]]) -> None:
        self._places: dict[str, _Places] = {}
        for place, head in entries:
            self._places.setdefault(head, set()).add(place)
        self._ordered = sorted(self._places)
        self._sizes = sorted(set(map(len, self._places)))

    def near(self, resources: Entries) -> list[_Places] | None:
        """Return the places whose head goes together with that of an entry; None is all."""
        if resources.excluded:
            return None
        found = {head for glob in resources.globs for head in self._along(head_of(glob))}
        return [self._places[head] for head in found]

    def _along(self, head: str) -> Iterator[str]:
        yield from (head[:size] for size in self._sizes if head[:size] in self._places)
        first, last = bisect_left(self._ordered, head), bisect_left(self._ordered, head + _LAST)
        yield from self._ordered[first:last]


def _fixed(entry: ResourcePattern) -> tuple[str, list[str]]:
    """Return the text that an entry begins with, and the pieces of plain text in it."""
    if entry.template is None:
        head, *rest = _WILD.split(entry.text)
        return head, [piece for piece in rest if piece]
    plain = [part if isinstance(part, str) else "*" for part in entry.template.parts]
    head, *rest = _WILD.split("".join(plain))
    return head, [piece for piece in rest if piece]


def head_of(glob: Glob) -> str:
    """Return the text that a pattern of a view begins with, quoted letters aside."""
    for at, letter in enumerate(glob.text):
        if letter in "*?\ue02a\ue03f" or is_variable(letter):
            return glob.text[:at]
    return glob.text
