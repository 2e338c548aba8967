"""Statements as boxes of requests, in one of three views of what is not certain.

A policy variable is a letter that no name has, so that what is proved holds whatever its value is;
or it is filled in with a value. A resource entry that AWS would not have match anything is left
out; or, in the loose view, it matches as its wildcards read.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace
from typing import Final

from mlguard.iam.algebra.condition_region import Bound, Fact, canonical
from mlguard.iam.algebra.pattern_algebra import Glob, Kind, variable_letter
from mlguard.iam.algebra.region import Box, Entries
from mlguard.iam.comparison.clause import Clause
from mlguard.iam.comparison.nearby import Heads, head_of
from mlguard.iam.evaluation.condition import CompiledTest
from mlguard.iam.language.document import ConditionTest
from mlguard.iam.language.request import Context
from mlguard.iam.language.resource_pattern import ResourcePattern
from mlguard.iam.language.variables import Literal, Part, Template, Variable
from mlguard.iam.language.wildcard import fold, meets, quote

# IAM API reference: what a user name may be. An account is digits, an organization a plain ID.
_WITHOUT_COLONS: Final = frozenset({"aws:username", "aws:principalaccount", "aws:principalorgid"})
_EVERYTHING: Final = Entries((Glob("*", Kind.RESOURCE, "*"),))
_NOTHING: Final = Entries(())
_LONG: Final = 8


@dataclass(eq=False)
class View:
    """Makes boxes of statements; the same letters and values for all that are compared.

    Keys that are `present` have a value, so that no default counts; those that are `absent` have
    none, so that only defaults do.
    """

    values: Mapping[str, str] = field(default_factory=dict)
    present: frozenset[str] = frozenset()
    absent: frozenset[str] = frozenset()
    loose: bool = False
    _letters: dict[tuple[str, str | None], str] = field(default_factory=dict)
    _boxes: dict[Clause, Box] = field(default_factory=dict)
    _entries: dict[Clause, tuple[dict[str, Glob], ...]] = field(default_factory=dict)
    _heads: dict[Clause, Heads] = field(default_factory=dict)
    _cut: dict[tuple[Clause, tuple[Glob, ...]], Entries] = field(default_factory=dict)

    @property
    def facts(self) -> frozenset[Fact]:
        """What the context has, if it is as this view takes it."""
        valued = (_test("StringEquals", key, value) for key, value in self.values.items())
        return frozenset((*valued, *(_test("Null", key, "true") for key in self.absent)))

    def box(self, clause: Clause) -> Box:
        """Return what the statement is about."""
        if clause not in self._boxes:
            self._boxes[clause] = self._made(clause)
        return self._boxes[clause]

    def part(self, clause: Clause, action: str | None, resource: str | None) -> Box:
        """Return what the statement is about by one of its entries, as written; None is all."""
        box = self.box(clause)
        if clause not in self._entries:
            entries = (box.actions, box.resources)
            self._entries[clause] = tuple({one.written: one for one in of.globs} for of in entries)
        actions, resources = self._entries[clause]
        return Box(
            box.actions if action is None else _one_of(actions, action),
            box.resources if resource is None else _one_of(resources, resource),
            box.tests,
        )

    def box_near(self, clause: Clause, part: Box) -> Box:
        """Return what the statement is about, of long lists only what may meet the part."""
        box = self.box(clause)
        actions, resources = box.actions, box.resources
        if len(actions.globs) >= _LONG and not part.actions.excluded:
            actions = self._actions_near(clause, actions, part.actions)
        if len(resources.globs) >= _LONG:
            if clause not in self._heads:
                heads = enumerate(map(head_of, resources.globs))
                self._heads[clause] = Heads(heads)
            near = self._heads[clause].near(part.resources)
            if near is not None:
                places = sorted(set().union(*near))
                globs = tuple(resources.globs[place] for place in places)
                resources = Entries(globs, resources.excluded)
        return Box(actions, resources, box.tests)

    def _actions_near(self, clause: Clause, actions: Entries, others: Entries) -> Entries:
        known = clause, others.globs
        if known not in self._cut:
            near = (
                glob
                for glob in actions.globs
                if any(meets(glob.text, other.text) for other in others.globs)
            )
            self._cut[known] = Entries(tuple(near), actions.excluded)
        return self._cut[known]

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
            return _EVERYTHING if clause.attached else _NOTHING
        entries = clause.rule.resources
        if self.absent:
            lost = [entry for entry in entries if self._without_value(entry)]
            if lost and statement.not_resources is not None:
                # A NotResource with such a variable makes its statement invalid.
                return _NOTHING
            entries = tuple(entry for entry in entries if entry not in lost)
        globs = tuple(self._glob(entry) for entry in entries if self.loose or not entry.fault)
        return Entries(globs, excluded=statement.not_resources is not None)

    def _without_value(self, entry: ResourcePattern) -> bool:
        return any(part.key in self.absent and part.default is None for part in _variables(entry))

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
        if part.key in self.absent:
            return quote(part.default or "")
        default = None if part.key in self.present else part.default
        colons = part.key not in _WITHOUT_COLONS or ":" in (default or "")
        letter = variable_letter(len(self._letters), colons=colons)
        return self._letters.setdefault((part.key, default), letter)

    def _bound(self, clause: Clause) -> tuple[Bound, ...]:
        """Return that the variables of a NotResource need values for it to mean anything."""
        if clause.statement.not_resources is None:
            return ()
        parts = (part for entry in clause.rule.resources for part in _variables(entry))
        needed = frozenset(part.key for part in parts if part.default is None)
        return (Bound(needed),) if needed.difference(self.values, self.present) else ()

    def _test(self, test: ConditionTest, clause: Clause) -> CompiledTest:
        compiled = canonical(test, variables=clause.document.has_variables)
        if not compiled.templates or compiled.operator is None:
            return compiled
        if self.present:
            values = (self._as_present(template) for template in compiled.templates)
            plain = replace(test, values=compiled.constants + tuple(values))
            compiled = canonical(plain, variables=True)
        if not self.values and not self.absent:
            return compiled
        return self._filled(test, compiled)

    def _as_present(self, template: Template) -> str:
        """Return the value of a policy without the defaults that do not count."""
        return "".join(map(self._rewritten, template.parts))

    def _rewritten(self, part: Part) -> str:
        if isinstance(part, str):
            return part
        if isinstance(part, Literal):
            return f"${{{part.text}}}" if len(part.text) == 1 else part.text
        if part.default is None or part.key in self.present:
            return f"${{{part.key}}}"
        return f"${{{part.key}, '{part.default}'}}"

    def _filled(self, test: ConditionTest, compiled: CompiledTest) -> CompiledTest:
        """Return the test with its variables replaced; as it was where they cannot be."""
        parts = [part for template in compiled.templates for part in template.parts]
        variables = [part for part in parts if isinstance(part, Variable)]
        if any(part.key not in self.values and part.key not in self.absent for part in variables):
            return compiled
        operator = compiled.operator
        if operator is not None and operator.pattern and any(map(self._is_wild, parts)):
            return compiled
        context = Context.of(self.values)
        filled = [template.as_text(context).text for template in compiled.templates]
        texts = tuple(text for text in filled if text is not None)
        if len(texts) < len(filled) and operator is not None and operator.negated:
            return compiled
        return canonical(replace(test, values=compiled.constants + texts), variables=False)

    def _is_wild(self, part: Part) -> bool:
        """Tell whether what is filled in would be taken for a wildcard, which it is not."""
        if isinstance(part, str):
            return False
        if isinstance(part, Literal):
            return True
        value = self.values.get(part.key, part.default or "")
        return "*" in value or "?" in value


def _one_of(globs: Mapping[str, Glob], written: str) -> Entries:
    return Entries((globs[written],) if written in globs else ())


def _variables(entry: ResourcePattern) -> Iterator[Variable]:
    parts = entry.template.parts if entry.template else ()
    return (part for part in parts if isinstance(part, Variable))


def _test(operator: str, key: str, value: str) -> Fact:
    test = ConditionTest(operator=operator, key=key, values=(value,))
    return Fact(canonical(test, variables=False), holds=True)


def _one_star(action: str) -> str:
    return "*" if action == "*:*" else action
