"""Conditions: whether a test of a policy holds in the context of a request, or cannot be told.

IAM User Guide, "IAM JSON policy elements: Condition operators" and "Set operators for multivalued
context keys".
"""

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from functools import lru_cache
from typing import Final, Self

from mlguard.iam.evaluation.condition_operators import OPERATORS, Operator, instant, is_whole_arn
from mlguard.iam.language.document import ConditionTest
from mlguard.iam.language.request import Context
from mlguard.iam.language.truth import (
    NO,
    YES,
    Answer,
    Truth,
    doubtful,
    every,
    negate,
    some,
    unknown,
)
from mlguard.iam.language.variables import Expansion, Template, has_variables
from mlguard.iam.language.wildcard import quote

_NULL: Final = "Null"


@dataclass(frozen=True, slots=True, kw_only=True)
class CompiledTest:
    """A condition test, ready to be asked; `test` is how the policy has it."""

    test: ConditionTest
    key: str
    # None is Null, which looks at no value.
    operator: Operator | None
    constants: tuple[str, ...]
    templates: tuple[Template, ...]
    doubts: tuple[str, ...]
    # Whether AWS may or may not read a value as what the operator compares.
    unclear: bool

    @classmethod
    def of(cls, test: ConditionTest, *, variables: bool) -> Self:
        """Return the test; `variables` tells whether its document is of a version that has them."""
        operator = None if test.operator == _NULL else OPERATORS[test.operator]
        expands = variables and operator is not None and operator.variables
        templates = [value for value in test.values if expands and has_variables(value)]
        return cls(
            test=test,
            key=test.key.lower(),
            operator=operator,
            constants=tuple(value for value in test.values if value not in templates),
            templates=tuple(Template.parse(value) for value in templates),
            doubts=_doubts_of(test, tuple(templates)),
            unclear=any(map(_is_lower_case_date, _dates(test))) or any(map(_is_star, _arns(test))),
        )

    def holds(self, context: Context) -> Answer:
        """Return whether the test holds, and the unknown keys if that cannot be told."""
        values = context.values(self.key)
        answer = self._of_known(values, context) if values is not None else self._of_unknown()
        if not self.doubts:
            return answer
        return answer._replace(doubts=answer.doubts + self.doubts)

    def _of_unknown(self) -> Answer:
        if self.operator is None and {"true", "false"} <= {
            value.lower() for value in self.constants
        }:
            return YES
        return unknown(self.test.key)

    def _of_known(self, values: tuple[str, ...], context: Context) -> Answer:
        if self.operator is None:
            is_null = "false" if any(values) else "true"
            return YES if any(value.lower() == is_null for value in self.constants) else NO
        if not values and self.test.if_exists:
            return YES
        expansions = [self._expansion(template, context) for template in self.templates]
        lost = any(found.text is None and not found.missing for found in expansions)
        if self.operator.negated and lost:
            # "Any attempt to match it fails and causes the statement to be invalid."
            return doubtful(Truth.FALSE, f"a variable of {self.test.key} has no value")
        if self.unclear:
            return Answer(Truth.UNKNOWN)
        return self._compared(self.operator, values, expansions)

    def _expansion(self, template: Template, context: Context) -> Expansion:
        pattern = self.operator is not None and self.operator.pattern
        return template.as_pattern(context) if pattern else template.as_text(context)

    def _compared(
        self, operator: Operator, values: tuple[str, ...], expansions: list[Expansion]
    ) -> Answer:
        def matched(given: str) -> Answer:
            return self._matches(operator, given, expansions)

        def passes(given: str) -> Answer:
            return negate(matched(given)) if operator.negated else matched(given)

        # An empty string is an empty set to the set operators.
        match self.test.qualifier:
            case "ForAllValues":
                return every(map(passes, values)) if any(values) else YES
            case "ForAnyValue":
                return some(map(passes, values)) if any(values) else NO
            case None:
                return self._of_single(operator, values, matched)

    def _of_single(
        self, operator: Operator, values: tuple[str, ...], matched: Callable[[str], Answer]
    ) -> Answer:
        found = some(map(matched, values))
        answer = negate(found) if operator.negated else found
        if len(values) <= 1:
            return answer
        doubt = f"{self.test.key} has several values: AWS asks for ForAllValues or ForAnyValue"
        return answer._replace(doubts=(*answer.doubts, doubt))

    def _matches(self, operator: Operator, given: str, expansions: Iterable[Expansion]) -> Answer:
        """Return whether one of the policy's values matches this one of the request."""
        compare = operator.compare
        for value in self.constants:
            if compare(value, given):
                return YES
        if not self.templates:
            return NO
        quoted = quote(given) if operator.pattern else given
        missing: frozenset[str] = frozenset()
        for expansion in expansions:
            if expansion.text is None:
                missing |= expansion.missing
            elif compare(expansion.text, quoted):
                return YES
        return Answer(Truth.UNKNOWN, missing) if missing else NO


@lru_cache(maxsize=65536)
def compile_test(test: ConditionTest, *, variables: bool) -> CompiledTest:
    """Return the compiled test, the same for equal ones."""
    return CompiledTest.of(test, variables=variables)


def _doubts_of(test: ConditionTest, templates: tuple[str, ...]) -> tuple[str, ...]:
    if not test.operator.startswith("Arn"):
        return tuple(
            f"{test.written} with {value!r:.60}: AWS does not say that it reads a lower-case t or z"
            for value in _dates(test)
            if _is_lower_case_date(value)
        )
    return tuple(
        f"{test.written} with {value!r:.60}: not an ARN of six parts, {_worth(value)}"
        for value in test.values
        if value not in templates and not is_whole_arn(value)
    )


def _arns(test: ConditionTest) -> tuple[str, ...]:
    return test.values if test.operator.startswith("Arn") else ()


def _worth(value: str) -> str:
    return "perhaps it matches every one" if _is_star(value) else "it matches nothing"


def _is_star(value: str) -> bool:
    """Return whether it has no parts to compare, but is what people write for every ARN.

    IAM User Guide, "ARN condition operators": each of the six parts is checked by itself; of `*`
    alone nothing is said.
    """
    return bool(value) and not value.strip("*")


def _dates(test: ConditionTest) -> tuple[str, ...]:
    return test.values if test.operator.startswith("Date") else ()


def _is_lower_case_date(value: str) -> bool:
    """Return whether it is a date of ISO 8601, but not of W3C's profile, which AWS names.

    IAM User Guide, "Date condition operators".
    """
    return instant(value) is None and instant(value.upper()) is not None
