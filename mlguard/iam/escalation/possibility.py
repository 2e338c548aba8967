"""Whether a request may go through once part of its context is known, and what is left open."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cached_property
from types import MappingProxyType
from typing import Final

from mlguard.iam.escalation.chain import in_words
from mlguard.iam.evaluation.condition import compile_test
from mlguard.iam.language.document import ConditionTest
from mlguard.iam.language.truth import Truth
from mlguard.iam.language.wildcard import covers, meets
from mlguard.iam.permissions.clauses import Clause

_NOTHING: Final[Mapping[str, tuple[str, ...]]] = MappingProxyType({})
ASSOCIATED: Final = "iam:associatedresourcearn"
_NEGATED: Final = "Not"


@dataclass(frozen=True, kw_only=True)
class Circumstances:
    """What is known of a request beside who makes it.

    `known` has folded keys; `created` are the patterns of what is made with a passed role, of
    which the caller picks the name.
    """

    known: Mapping[str, tuple[str, ...]] = field(default_factory=lambda: _NOTHING)
    created: tuple[str, ...] = ()

    @cached_property
    def key(self) -> tuple[object, ...]:
        """What is the same for the same circumstances."""
        return (*self.known.items(), self.created)


UNKNOWN: Final = Circumstances()


@dataclass(frozen=True, slots=True, kw_only=True)
class Possibility:
    """A request that may go through: what lets it, and under which conditions."""

    clauses: tuple[Clause, ...] = ()
    conditions: tuple[str, ...] = ()

    @property
    def sure(self) -> bool:
        """Whether nothing more is asked."""
        return not self.conditions


class Openings:
    """Which tests of a clause nobody can settle yet: asked again and again, worked out once."""

    def __init__(self) -> None:
        self._found: dict[tuple[object, ...], tuple[ConditionTest, ...] | None] = {}

    def of(self, clause: Clause, around: Circumstances) -> tuple[ConditionTest, ...] | None:
        """Return the tests that are left open, None if one surely fails."""
        if not clause.tests:
            return ()
        key = (clause, around.key)
        if key not in self._found:
            self._found[key] = _still_open(clause, around)
        return self._found[key]


def not_denied(deny: Clause, tests: tuple[ConditionTest, ...]) -> str:
    """Return in words that a Deny, of which these tests are open, takes nothing away."""
    where = f"{deny.policy}[{deny.statement.sid or deny.statement.index}]"
    said = " and ".join(map(in_words, tests))
    return f"the deny of {where} does not bear on it{f': {said}' if said else ''}"


def _still_open(clause: Clause, around: Circumstances) -> tuple[ConditionTest, ...] | None:
    context = clause.context.with_defaults(around.known)
    variables = clause.carrier.document.has_variables
    found = []
    for test in clause.tests:
        if around.created and test.key.lower() == ASSOCIATED:
            truth = _of_created(test, around.created)
        else:
            truth = compile_test(test, variables=variables).holds(context).truth
        if truth is Truth.FALSE:
            return None
        if truth is Truth.UNKNOWN:
            found.append(test)
    return tuple(found)


def _of_created(test: ConditionTest, created: tuple[str, ...]) -> Truth:
    """Return whether a test on the ARN of what is made can hold: the caller picks the name."""
    if _NEGATED in test.operator or test.operator == "Null" or "${" in "".join(test.values):
        return Truth.UNKNOWN
    if any(covers(value, pattern) for value in test.values for pattern in created):
        return Truth.TRUE
    if any(meets(value, pattern) for value in test.values for pattern in created):
        return Truth.UNKNOWN
    return Truth.FALSE
