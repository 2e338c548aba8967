"""Which statements of a policy may bear on a principal's requests, as far as can be known."""

from typing import Final

from mlguard.iam.evaluation.condition import compile_test
from mlguard.iam.evaluation.policies import Carrier, Layer
from mlguard.iam.language.actions import actions
from mlguard.iam.language.document import ConditionTest, Document, Effect, Statement
from mlguard.iam.language.principal import Kind, Principal
from mlguard.iam.language.request import Context
from mlguard.iam.language.truth import Truth
from mlguard.iam.permissions.clauses import Clause, Clauses
from mlguard.iam.permissions.reach import Extent, reach_of

_ANY: Final = "*"
# What is known of a request once it is known who makes it.
_OF_PRINCIPAL: Final = frozenset(Principal(text=_ANY, kind=Kind.ANONYMOUS).context())


def principal_keys(document: Document) -> tuple[str, ...]:
    """Return the context keys that follow from the principal and that the document asks for."""
    keys: set[str] = set()
    for statement in document.statements:
        said = "\n".join(statement.not_resources or statement.resources)
        for test in statement.conditions:
            keys.add(test.key.lower())
            said += "\n".join(test.values)
        if "${" in said:
            keys.update(key for key in _OF_PRINCIPAL if key in said.lower())
    return tuple(sorted(keys & _OF_PRINCIPAL))


def clauses_of(carrier: Carrier, layer: Layer, context: Context) -> Clauses:
    """Return the statements that may bear on a request of which `context` says what is known."""
    allows: list[Clause] = []
    denies: list[Clause] = []
    variables = carrier.document.has_variables
    for statement in carrier.document.statements:
        conditions = statement.conditions
        tests = _open_tests(conditions, context, variables=variables) if conditions else ()
        if tests is None:
            continue
        star = _star(statement, context, variables=variables)
        if star is None:
            continue
        mask = _mask(statement, star)
        clause = Clause(layer, carrier, statement, context, mask, star, tests)
        (allows if statement.effect is Effect.ALLOW else denies).append(clause)
    return Clauses.of(tuple(allows), tuple(denies))


def _star(statement: Statement, context: Context, *, variables: bool) -> Extent | None:
    """Return whether the statement reaches `*`, None if it reaches nothing at all."""
    if statement.not_resources is None and "${" not in "".join(statement.resources):
        if not statement.resources:
            return None
        for text in statement.resources:
            if not text.strip(_ANY):
                return Extent.ALL
        return Extent.NONE
    reach = reach_of(statement, context, variables=variables)
    return None if reach.empty else reach.star


def _mask(statement: Statement, star: Extent) -> int:
    """Return the known actions that the statement is about.

    Service Authorization Reference, "Resource types": an action without any is granted by `*`
    alone; a statement that names resources has no effect on it.
    """
    table = actions()
    if statement.not_actions is not None:
        mask = table.all & ~table.union(statement.not_actions)
    else:
        mask = table.union(statement.actions)
    return table.shared(mask & table.taking_resources if star is Extent.NONE else mask)


def _open_tests(
    conditions: tuple[ConditionTest, ...], context: Context, *, variables: bool
) -> tuple[ConditionTest, ...] | None:
    """Return the tests that cannot be settled, None if one surely fails."""
    found: list[ConditionTest] = []
    for test in conditions:
        answer = compile_test(test, variables=variables).holds(context)
        # Where AWS's own word is in doubt, nothing is sure.
        if answer.truth is Truth.UNKNOWN or answer.doubts:
            found.append(test)
        elif answer.truth is Truth.FALSE:
            return None
    return tuple(found)
