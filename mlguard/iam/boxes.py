"""Statements as boxes of requests, in one of three views of what is not certain.

A policy variable is a letter that no name has, so that what is proved holds whatever its value is;
or it is filled in with a value. A resource entry that AWS would not have match anything is left
out; or, in the loose view, it matches as its wildcards read.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from functools import cached_property
from typing import Final

from mlguard.iam.condition import CompiledTest
from mlguard.iam.condition_region import Bound, canonical
from mlguard.iam.document import ConditionTest, Document, Statement
from mlguard.iam.nearby import Shelf
from mlguard.iam.pattern_algebra import Glob, Kind, variable_letter
from mlguard.iam.region import Box, Entries
from mlguard.iam.request import Context
from mlguard.iam.resource_pattern import ResourcePattern
from mlguard.iam.rule import Rule
from mlguard.iam.variables import Literal, Part, Variable
from mlguard.iam.wildcard import fold, quote

# IAM API reference: what a user name may be. An account is digits, an organization a plain ID.
_WITHOUT_COLONS: Final = frozenset({"aws:username", "aws:principalaccount", "aws:principalorgid"})
_EVERYTHING: Final = Entries((Glob("*", Kind.RESOURCE, "*"),))


@dataclass(frozen=True, eq=False)
class Clause:
    """A statement of a document; `attached` tells whether without Resource it means its owner."""

    statement: Statement
    document: Document
    attached: bool = False

    @cached_property
    def rule(self) -> Rule:
        """The statement, compiled for the evaluation of requests."""
        return Rule.of(self.statement, variables=self.document.has_variables)

    @cached_property
    def variables(self) -> frozenset[str]:
        """The context keys that stand as variables in it."""
        resources = (entry.template for entry in self.rule.resources)
        tests = (template for test in self.rule.tests for template in test.templates)
        return frozenset(
            part.key
            for template in (*resources, *tests)
            if template
            for part in template.parts
            if isinstance(part, Variable)
        )

    @cached_property
    def faults(self) -> tuple[str, ...]:
        """Why AWS would not have some of its resource entries match anything."""
        return tuple(entry.fault for entry in self.rule.resources if entry.fault)


@dataclass(eq=False)
class View:
    """Makes boxes of statements; the same letters and values for all that are compared."""

    values: Mapping[str, str] = field(default_factory=dict)
    loose: bool = False
    _letters: dict[tuple[str, str | None], str] = field(default_factory=dict)
    _boxes: dict[Clause, Box] = field(default_factory=dict)
    _shelves: dict[tuple[Clause, ...], Shelf] = field(default_factory=dict)

    def box(self, clause: Clause) -> Box:
        """Return what the statement is about."""
        if clause not in self._boxes:
            self._boxes[clause] = self._made(clause)
        return self._boxes[clause]

    def shelf(self, clauses: tuple[Clause, ...]) -> Shelf:
        """Return what the statements are about, all together."""
        if clauses not in self._shelves:
            self._shelves[clauses] = Shelf(map(self.box, clauses))
        return self._shelves[clauses]

    def _made(self, clause: Clause) -> Box:
        statement = clause.statement
        texts = statement.actions or statement.not_actions or ()
        actions = tuple(Glob(_one_star(fold(text)), Kind.PLAIN, text) for text in texts)
        tests = tuple(self._test(test, clause) for test in statement.conditions)
        return Box(
            Entries(actions, excluded=statement.not_actions is not None),
            self._resources(clause),
            tuple(dict.fromkeys((*tests, *self._bound(clause)))),
        )

    def _resources(self, clause: Clause) -> Entries:
        statement = clause.statement
        if statement.not_resources is None and not statement.resources:
            return _EVERYTHING if clause.attached else Entries(())
        globs = tuple(
            self._glob(entry) for entry in clause.rule.resources if self.loose or not entry.fault
        )
        return Entries(globs, excluded=statement.not_resources is not None)

    def _glob(self, entry: ResourcePattern) -> Glob:
        kind = Kind.PLAIN if entry.fault else Kind.RESOURCE
        if entry.template is None:
            return Glob(entry.text, kind, entry.text)
        text = "".join(self._written(part) for part in entry.template.parts)
        return Glob(text, kind, entry.text)

    def _written(self, part: Part) -> str:
        if isinstance(part, str):
            return part
        if isinstance(part, Literal):
            return quote(part.text)
        if part.key in self.values:
            return quote(self.values[part.key])
        known = (part.key, part.default)
        colons = part.key not in _WITHOUT_COLONS or ":" in (part.default or "")
        letter = variable_letter(len(self._letters), colons=colons)
        return self._letters.setdefault(known, letter)

    def _bound(self, clause: Clause) -> tuple[Bound, ...]:
        """Return that the variables of a NotResource need values for it to mean anything."""
        if clause.statement.not_resources is None:
            return ()
        needed = frozenset(
            part.key
            for entry in clause.rule.resources
            for part in (entry.template.parts if entry.template else ())
            if isinstance(part, Variable) and part.default is None
        )
        return (Bound(needed),) if needed.difference(self.values) else ()

    def _test(self, test: ConditionTest, clause: Clause) -> CompiledTest:
        compiled = canonical(test, variables=clause.document.has_variables)
        if not compiled.templates or not self.values or compiled.operator is None:
            return compiled
        escapes = any(
            isinstance(part, Literal) for template in compiled.templates for part in template.parts
        )
        if escapes and compiled.operator.pattern:
            return compiled
        context = Context.of(self.values)
        filled = [template.as_text(context).text for template in compiled.templates]
        texts = tuple(text for text in filled if text is not None)
        if len(texts) < len(filled):
            return compiled
        return canonical(replace(test, values=compiled.constants + texts), variables=False)


def _one_star(action: str) -> str:
    return "*" if action == "*:*" else action
