"""One statement of a policy, as comparisons hold it."""

from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property
from typing import Final

from msgspec.structs import replace

from mlguard.iam.evaluation.rule import Rule
from mlguard.iam.language.document import Document, Statement
from mlguard.iam.language.request import Context
from mlguard.iam.language.truth import Truth, every
from mlguard.iam.language.variables import Variable

_MANY: Final = 8


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
    def variables(self) -> tuple[Variable, ...]:
        """The policy variables that stand in it."""
        resources = (entry.template for entry in self.rule.resources)
        tests = (template for test in self.rule.tests for template in test.templates)
        return tuple(
            part
            for template in (*resources, *tests)
            if template
            for part in template.parts
            if isinstance(part, Variable)
        )

    @cached_property
    def faults(self) -> tuple[str, ...]:
        """Why AWS would not have some of its resource entries match anything."""
        return tuple(entry.fault for entry in self.rule.resources if entry.fault)

    @cached_property
    def said(self) -> tuple[object, ...]:
        """What it says of requests, whatever its name and place, and whomever it names."""
        one = self.statement
        elements = (one.effect, one.actions, one.not_actions, one.resources, one.not_resources)
        return (*elements, one.conditions, self.document.has_variables)

    def by_resource(self) -> Iterator["Clause"]:
        """Return the statement, or if it has many resources one with each: they mean the same."""
        resources = self.statement.resources
        if len(resources) < _MANY:
            yield self
            return
        for resource in resources:
            yield Clause(replace(self.statement, resources=(resource,)), self.document)

    def is_about(self, action: str, resource: str, context: Context) -> bool:
        """Tell whether it is about a request, of a folded action, of which all is known."""
        if not self.rule.covers(action):
            return False
        reaches = self.rule.reaches(resource, context, attached=self.attached)
        return every((reaches, self.rule.conditions_hold(context))).truth is Truth.TRUE
