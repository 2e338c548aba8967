"""A statement, made ready to be asked about many requests."""

from dataclasses import dataclass
from typing import Self

from mlguard.iam.evaluation.condition import CompiledTest, compile_test
from mlguard.iam.language.document import Effect, Statement
from mlguard.iam.language.request import Context
from mlguard.iam.language.resource_pattern import ResourcePattern
from mlguard.iam.language.truth import NO, YES, Answer, Truth, doubtful, every, negate, some
from mlguard.iam.language.wildcard import fold, matches


@dataclass(frozen=True, slots=True, kw_only=True)
class Rule:
    """A compiled statement; `sid` and `index` say which one it is."""

    statement: Statement
    allows: bool
    exact: frozenset[str]
    patterns: tuple[str, ...]
    resources: tuple[ResourcePattern, ...]
    tests: tuple[CompiledTest, ...]

    @classmethod
    def of(cls, statement: Statement, *, variables: bool) -> Self:
        """Return the rule; `variables` tells whether its document's version has them."""
        actions = [fold(text) for text in statement.actions or statement.not_actions or ()]
        wild = tuple(text for text in actions if "*" in text or "?" in text)
        resources = statement.resources or statement.not_resources or ()
        return cls(
            statement=statement,
            allows=statement.effect is Effect.ALLOW,
            exact=frozenset(actions).difference(wild),
            patterns=wild,
            resources=tuple(ResourcePattern.of(text, variables=variables) for text in resources),
            tests=tuple(compile_test(test, variables=variables) for test in statement.conditions),
        )

    def covers(self, action: str) -> bool:
        """Return whether the statement is about this folded action."""
        hit = action in self.exact
        if not hit:
            for pattern in self.patterns:
                if pattern == "*" or matches(pattern, action):
                    hit = True
                    break
        return hit is (self.statement.not_actions is None)

    def reaches(self, resource: str, context: Context, *, attached: bool) -> Answer:
        """Return whether the statement is about this resource.

        Without a Resource it is about what its policy is `attached` to, if to anything.
        """
        statement = self.statement
        if statement.not_resources is None and not statement.resources:
            return YES if attached else NO
        found = some(pattern.match(resource, context) for pattern in self.resources)
        if statement.not_resources is None:
            return found
        if not all(pattern.has_value(context) for pattern in self.resources):
            return doubtful(Truth.FALSE, "a variable in NotResource has no value")
        return negate(found)

    def conditions_hold(self, context: Context) -> Answer:
        """Return whether all tests of the statement hold."""
        if not self.tests:
            return YES
        return every(test.holds(context) for test in self.tests)
