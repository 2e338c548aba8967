"""What an answer hangs on, in words: "if" and "unless", each with the statement that says so."""

from dataclasses import dataclass

from mlguard.iam.evaluation.condition import compile_test
from mlguard.iam.evaluation.evaluate import Evaluation, MatchedStatement
from mlguard.iam.evaluation.policies import Layer
from mlguard.iam.language.condition_words import in_words
from mlguard.iam.language.document import Effect, Statement
from mlguard.iam.permissions.ability import Ability, Question
from mlguard.iam.permissions.clauses import Clause
from mlguard.iam.permissions.reach import Extent


@dataclass(frozen=True, slots=True, kw_only=True)
class Proviso:
    """What has to be so for a statement to bear on the request: an "if", of a Deny an "unless"."""

    text: str
    layer: Layer
    policy: str
    sid: str | None
    index: int
    denies: bool


def of_ability(ability: Ability, question: Question) -> tuple[Proviso, ...]:
    """Return what the ability hangs on; of a layer that allows it anyway, nothing."""
    texts = {
        id(clause): (clause, _of_clause(clause, question))
        for grant in ability.grants
        for clause in (*grant.sources, *grant.cuts)
    }
    plain = {clause.layer for clause, text in texts.values() if not text and _allows(clause)}
    return tuple(
        _proviso(text, clause.layer, clause.policy, clause.statement)
        for clause, text in texts.values()
        if not (_allows(clause) and clause.layer in plain)
    )


def of_evaluation(found: Evaluation) -> tuple[Proviso, ...]:
    """Return what the decision hangs on."""
    missing = {key.lower() for key in found.missing}
    return tuple(_of_open(one, missing) for one in found.open)


def doubts_of(ability: Ability) -> tuple[str, ...]:
    """Return where AWS's documents leave open whether a statement bears on the request."""
    found: dict[str, None] = {}
    for clause in ability.statements:
        rule = clause.carrier.rules[clause.statement.index]
        found.update(dict.fromkeys(one.fault for one in rule.resources if one.fault))
        variables = clause.carrier.document.has_variables
        for test in clause.tests:
            answer = compile_test(test, variables=variables).holds(clause.context)
            found.update(dict.fromkeys(answer.doubts))
    return tuple(found)


def _allows(clause: Clause) -> bool:
    return clause.statement.effect is Effect.ALLOW


def _of_clause(clause: Clause, question: Question) -> str:
    """Return what the clause asks for; nothing if it always bears on all that was asked."""
    asks = [in_words(test) for test in clause.tests]
    if question.extent(clause) is not Extent.ALL:
        asks.append(_resources(clause.statement))
    return " and ".join(asks)


def _resources(statement: Statement) -> str:
    if statement.not_resources is not None:
        return f"the resource is not {' or '.join(statement.not_resources)}"
    return f"the resource is {' or '.join(statement.resources)}"


def _of_open(match: MatchedStatement, missing: set[str]) -> Proviso:
    tests = [in_words(test) for test in match.statement.conditions if test.key.lower() in missing]
    text = " and ".join(tests) or "it bears on the request"
    return _proviso(text, match.layer, match.policy, match.statement)


def _proviso(text: str, layer: Layer, policy: str, statement: Statement) -> Proviso:
    return Proviso(
        text=text,
        layer=layer,
        policy=policy,
        sid=statement.sid,
        index=statement.index,
        denies=statement.effect is Effect.DENY,
    )
