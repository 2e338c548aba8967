"""May this principal do that? The question of a person, answered from a snapshot, with grounds."""

import difflib
from dataclasses import dataclass
from typing import Final

from mlguard.errors import MlguardError
from mlguard.iam.ability import Ability, Access
from mlguard.iam.arn import account_of
from mlguard.iam.clauses import Clause
from mlguard.iam.document import ConditionTest, Statement, parse
from mlguard.iam.evaluate import Evaluation, MatchedStatement, evaluate
from mlguard.iam.excerpt import Excerpt
from mlguard.iam.policies import Carrier, PolicySet
from mlguard.iam.request import Context, Request, Rest
from mlguard.iam.verdict import needs_resource_policy
from mlguard.principals import Principals, Subject
from mlguard.resources.iam import Role
from mlguard.snapshot import Gap

ANY: Final = "*"


class QuestionError(MlguardError):
    """A question about nobody, or about nothing that could be asked."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Ground:
    """A statement that the answer rests on: in which layer and policy, and how it reads."""

    layer: str
    policy: str
    sid: str | None
    index: int
    excerpt: Excerpt


@dataclass(frozen=True, slots=True, kw_only=True)
class Answer:
    """Whether it is allowed, by what, and what it hangs on."""

    principal: str
    action: str
    resource: str
    access: Access
    grounds: tuple[Ground, ...] = ()
    conditions: tuple[str, ...] = ()
    notes: tuple[str, ...] = ()
    gaps: tuple[Gap, ...] = ()


def ask(account: Principals, who: str, action: str, resource: str = ANY) -> Answer:
    """Return whether a role or user, named by ARN or by name, may do the action on the resource.

    The resource may be a pattern: allowed means on all that it matches. What the request would
    carry (address, time, MFA) is not known, so a condition on it makes the answer conditional.
    Raises QuestionError for an unknown principal, or an action that is none.
    """
    subject = _find(account, who)
    _refuse_no_action(action)
    if _asks_for_a_trust(account, action, resource):
        return _by_evaluation(account, subject, action, resource)
    ability = account.effective[subject.arn].can(action, resource)
    return Answer(
        principal=subject.arn,
        action=action,
        resource=resource,
        access=ability.access,
        grounds=tuple(_of_clause(clause) for clause in ability.statements),
        conditions=tuple(_in_words(test) for test in ability.conditions),
        notes=_notes(ability, subject, resource),
        gaps=subject.gaps,
    )


def _find(account: Principals, who: str) -> Subject:
    found = [one for one in account.subjects if who in (one.arn, one.resource.name)]
    if len(found) == 1:
        return found[0]
    if found:
        arns = " or ".join(one.arn for one in found)
        raise QuestionError(f"{who!r} names several principals: give the ARN, {arns}")
    names = [one.resource.name for one in account.subjects]
    near = difflib.get_close_matches(who.rpartition("/")[2], names, n=3)
    hint = f"did you mean {' or '.join(near)}?" if near else f"the source holds {len(names)}"
    raise QuestionError(f"no role or user is called {who!r}: {hint}")


def _refuse_no_action(action: str) -> None:
    service, colon, name = action.partition(":")
    if not (service and colon and name) or set(action) & set("*?"):
        raise QuestionError(f"{action!r} is not one action: write it as s3:GetObject")


def _asks_for_a_trust(account: Principals, action: str, resource: str) -> bool:
    request = Request(principal=ANY, action=action, resource=resource)
    return needs_resource_policy(request) and _role(account, resource) is not None


def _role(account: Principals, arn: str) -> Role | None:
    for subject in account.subjects:
        if subject.arn == arn and isinstance(subject.resource, Role):
            return subject.resource
    return None


def _by_evaluation(account: Principals, subject: Subject, action: str, resource: str) -> Answer:
    """Answer with the role's trust policy, which must allow too."""
    role = _role(account, resource)
    trust = Carrier(name="trust policy", document=parse(role.trust_policy)) if role else None
    policies = PolicySet(
        identity=subject.policies.identity,
        boundaries=subject.policies.boundaries,
        resource=trust,
        unread=subject.policies.unread,
    )
    context = Context.of(rest=Rest.UNKNOWN)
    request = Request(principal=subject.arn, action=action, resource=resource, context=context)
    found = evaluate(request, policies)
    carriers = [*policies.identity, *policies.boundaries, *([trust] if trust else [])]
    return Answer(
        principal=subject.arn,
        action=action,
        resource=resource,
        access=_access(found),
        grounds=tuple(_of_match(one, carriers) for one in found.matched),
        conditions=tuple(f"{key} is not known" for key in found.missing),
        notes=(*found.assumptions, *found.doubts),
        gaps=subject.gaps,
    )


def _access(found: Evaluation) -> Access:
    if found.allowed:
        return Access.ALLOWED
    return Access.CONDITIONAL if found.possibly_allowed else Access.DENIED


def _of_clause(clause: Clause) -> Ground:
    return _ground(clause.layer.value, clause.policy, clause.statement)


def _of_match(match: MatchedStatement, carriers: list[Carrier]) -> Ground:
    carrier = next(one for one in carriers if one.name == match.policy)
    return _ground(match.layer.value, match.policy, carrier.document.statements[match.index])


def _ground(layer: str, policy: str, statement: Statement) -> Ground:
    marks = ("Effect",) if not statement.conditions else ("Effect", "Condition")
    return Ground(
        layer=layer,
        policy=policy,
        sid=statement.sid,
        index=statement.index,
        excerpt=statement.excerpt(*marks),
    )


def _in_words(test: ConditionTest) -> str:
    return f"{test.key} {test.written} {' or '.join(test.values)}"


def _notes(ability: Ability, subject: Subject, resource: str) -> tuple[str, ...]:
    notes = []
    if ability.access is Access.DENIED and ability.layer is not None and not ability.denies:
        notes.append(f"no statement of the {ability.layer.value} layer allows it")
    if ability.access is not Access.ALLOWED and resource == ANY:
        notes.append("asked of every resource: name one to ask of that one alone")
    owner = account_of(resource)
    if owner.isdigit() and owner != subject.resource.account:
        notes.append(f"the resource is of account {owner}: its own policy must allow it too")
    return tuple(notes)
