"""May this principal do that? The question of a person, answered from a snapshot, with grounds."""

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, replace
from datetime import date
from typing import Final

from mlguard.admission import OPEN, as_session, evaluated, lets
from mlguard.asking import QuestionError, find, refuse_no_action, unknown_action
from mlguard.errors import ArnError, DocumentError
from mlguard.iam.evaluation.evaluate import Evaluation, MatchedStatement
from mlguard.iam.evaluation.fixed import impossible, needs_no_permission
from mlguard.iam.evaluation.policies import Layer
from mlguard.iam.evaluation.verdict import PASSED, other_side
from mlguard.iam.language.actions import actions
from mlguard.iam.language.arn import Arn
from mlguard.iam.language.condition_words import as_written
from mlguard.iam.language.document import Document, Statement, parse
from mlguard.iam.language.excerpt import Excerpt
from mlguard.iam.language.request import Context, Request, Rest, at_noon
from mlguard.iam.language.wildcard import fold, matches
from mlguard.iam.permissions.ability import Ability, Access, Question
from mlguard.iam.permissions.effective import effective
from mlguard.iam.permissions.provisos import Proviso, doubts_of, of_ability, of_evaluation
from mlguard.iam.permissions.settling import settled
from mlguard.principals import Principals, Subject
from mlguard.resources.iam import Role
from mlguard.snapshot import Gap

ANY: Final = "*"
_PASSING: Final = "iam:passrole"
_STS: Final = "sts:"
# IAM User Guide, "Session policies": they limit what the role's own policies grant.
_OF_SESSION: Final = "answered for the role: a policy passed with the session may allow less"


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
    """Whether it is allowed, by what, and what it hangs on.

    `conditions` are the tests that an Allow asks for, `provisos` all that it hangs on, `doubts`
    where AWS's documents leave the answer open.
    """

    principal: str
    action: str
    resource: str
    access: Access
    grounds: tuple[Ground, ...] = ()
    conditions: tuple[str, ...] = ()
    provisos: tuple[Proviso, ...] = ()
    doubts: tuple[str, ...] = ()
    notes: tuple[str, ...] = ()
    gaps: tuple[Gap, ...] = ()


def ask(account: Principals, who: str, action: str, resource: str = ANY, *, today: date) -> Answer:
    """Return whether a role or user, named by ARN or by name, may do the action on the resource.

    The resource may be a pattern: allowed means on all that it matches. Dates are held against
    today; what else the request would carry (address, MFA) is not known, so a condition on it
    makes the answer conditional, and so does a policy of the resource that must allow too and
    that nobody read. Raises QuestionError for an unknown principal, an action or resource that is
    none.
    """
    subject = find(account, who)
    refuse_no_action(action)
    _refuse_no_resource(resource)
    context = Context.of(at_noon(today), rest=Rest.UNKNOWN)
    request = Request(principal=subject.arn, action=action, resource=resource, context=context)
    answer = _answered(account, subject, request)
    if who in (subject.arn, subject.resource.name):
        return answer
    return replace(answer, notes=(*answer.notes, _OF_SESSION))


def _answered(account: Principals, subject: Subject, request: Request) -> Answer:
    refusal = impossible(request)
    if refusal:
        return _answer(request, subject, Access.DENIED, notes=(refusal,))
    if needs_no_permission(request):
        note = "it needs no permission, and no policy can deny it"
        return _answer(request, subject, Access.ALLOWED, notes=(note,))
    role = _role(account, request.resource) if other_side(request) else None
    if role is None:
        return _beside_roles(_by_own_policies(request, subject), request, subject, account)
    try:
        trust = parse(role.trust_policy)
    except DocumentError as error:
        answer = _by_own_policies(request, subject)
        access = answer.access
        if access is Access.DENIED and evaluated(request, subject, OPEN).allowed:
            access = Access.CONDITIONAL
        notes = (*answer.notes, f"the trust policy cannot be read: {error}")
        return replace(answer, access=access, notes=notes)
    return _by_evaluation(request, subject, trust)


def _refuse_no_resource(resource: str) -> None:
    if resource == ANY:
        return
    try:
        Arn.parse(resource)
    except ArnError:
        # A star at the end may stand for further parts: arn:aws:s3:*
        if not (resource.startswith("arn:") and resource.endswith(ANY)):
            cure = "write it as arn:aws:s3:::bucket/key, or * for every resource"
            raise QuestionError(f"{resource!r} is no ARN: {cure}") from None


def _role(account: Principals, arn: str) -> Role | None:
    for subject in account.subjects:
        if subject.arn == arn and isinstance(subject.resource, Role):
            return subject.resource
    return None


def _beside_roles(
    answer: Answer, request: Request, subject: Subject, account: Principals
) -> Answer:
    """Return the answer about a pattern of roles, of which some may let it in themselves.

    IAM User Guide, "Policy evaluation logic": a trust policy that names it needs no other Allow.
    """
    if answer.access is not Access.DENIED or not request.folded_action.startswith(_STS):
        return answer
    found = [
        one.arn
        for one in account.subjects
        if isinstance(one.resource, Role)
        and matches(request.resource, one.arn)
        and lets(one.resource, request, subject)
    ]
    if not found:
        return answer
    more = f" and {len(found) - 1} more" if len(found) > 1 else ""
    note = f"{found[0]}{more}: the trust policy may let the principal in by itself"
    return replace(answer, access=Access.CONDITIONAL, notes=(note,))


def _by_own_policies(request: Request, subject: Subject) -> Answer:
    """Answer with the policies of the principal; the resource's own was not read."""
    (found,) = effective([(subject.arn, subject.policies)], known=request.context)
    question = Question.of(request.action, request.resource)
    ability = settled(
        found.can(request.action, request.resource),
        question,
        complete=not found.permissions.unread,
    )
    more = None if question.of_star else other_side(request)
    access = ability.access
    if more and access is Access.ALLOWED:
        access = Access.CONDITIONAL
    tests = ability.conditions if access is Access.CONDITIONAL else ()
    return _answer(
        request,
        subject,
        access,
        grounds=tuple(
            _ground(one.layer.value, one.policy, one.statement, request)
            for one in ability.statements
        ),
        conditions=tuple(map(as_written, tests)),
        provisos=of_ability(ability, question) if access is Access.CONDITIONAL else (),
        doubts=doubts_of(ability),
        notes=tuple(_notes(ability, request, more)),
    )


def _by_evaluation(request: Request, subject: Subject, trust: Document) -> Answer:
    """Answer with the role's trust policy, which must allow too."""
    found = evaluated(request, subject, trust)
    session = None if found.possibly_allowed else as_session(request, subject, trust)
    if session is not None:
        found = evaluated(session, subject, trust)
    access = Access.CONDITIONAL if session is not None else _access(found)
    depends = access is Access.CONDITIONAL
    return _answer(
        request,
        subject,
        access,
        grounds=_of_matches((*found.matched, *(found.open if depends else ())), request),
        conditions=tuple(f"{key} is not known" for key in found.missing),
        provisos=of_evaluation(found) if depends else (),
        doubts=found.doubts,
        notes=(
            *_refusal(found),
            *found.assumptions,
            *(() if session is None else (f"only as the session {session.principal}",)),
        ),
    )


def _answer(
    request: Request,
    subject: Subject,
    access: Access,
    *,
    grounds: tuple[Ground, ...] = (),
    conditions: tuple[str, ...] = (),
    provisos: tuple[Proviso, ...] = (),
    doubts: tuple[str, ...] = (),
    notes: tuple[str, ...] = (),
) -> Answer:
    unknown = unknown_action(request.action)
    return Answer(
        principal=subject.arn,
        action=request.action,
        resource=request.resource,
        access=access,
        grounds=grounds,
        conditions=conditions,
        provisos=provisos,
        doubts=doubts,
        notes=notes if unknown is None else (unknown, *notes),
        gaps=subject.gaps,
    )


def _refusal(found: Evaluation) -> Iterator[str]:
    """Yield which layer lacks an Allow, where no Deny is why it is refused."""
    if not found.possibly_allowed and not found.matched:
        by_default = found.decided_by is Layer.DEFAULT
        where = "" if by_default else f" of the {found.decided_by.value} layer"
        yield f"no statement{where} allows it"


def _access(found: Evaluation) -> Access:
    if found.allowed:
        return Access.ALLOWED
    return Access.CONDITIONAL if found.possibly_allowed else Access.DENIED


def _of_matches(found: Iterable[MatchedStatement], request: Request) -> tuple[Ground, ...]:
    unique = {id(one.statement): one for one in found}
    return tuple(
        _ground(one.layer.value, one.policy, one.statement, request) for one in unique.values()
    )


def _ground(layer: str, policy: str, statement: Statement, request: Request) -> Ground:
    marks = [
        "Effect",
        "NotAction",
        *_matching("Action", statement.actions, fold(request.action), fold),
        *_matching("Resource", statement.resources, request.resource, str),
        *(("Condition",) if statement.conditions else ()),
    ]
    return Ground(
        layer=layer,
        policy=policy,
        sid=statement.sid,
        index=statement.index,
        excerpt=statement.excerpt(*marks),
    )


def _matching(
    element: str, patterns: Iterable[str], asked: str, in_case: Callable[[str], str]
) -> Iterator[str]:
    """Yield the place of each pattern that matches what was asked."""
    for at, pattern in enumerate(patterns):
        if matches(in_case(pattern), asked):
            yield f"{element}[{at}]"


def _notes(ability: Ability, request: Request, more: str | None) -> Iterator[str]:
    """Yield what the statements alone do not tell; `more` is whose Allow it takes beside them."""
    denied = ability.access is Access.DENIED
    if denied and ability.grants:
        yield "the conditions of these statements never leave anything allowed"
    elif denied and ability.layer is not None and not ability.denies:
        yield f"no statement of the {ability.layer.value} layer allows it"
        if more and request.same_account:
            yield "a policy of the resource that names the principal could still allow it"
    if not denied:
        yield from (more,) if more else ()
        if request.folded_action == _PASSING:
            yield PASSED
        if not request.owner and request.resource != ANY:
            yield f"the resource is taken to be of account {request.caller.account}"
    bare = actions().takes_resource(request.action) is False
    if bare and request.resource != ANY:
        yield "the action takes no resource: it is asked of *"
    if not bare and ability.access is not Access.ALLOWED and request.resource == ANY:
        yield "asked of every resource: name one to ask of that one alone"
