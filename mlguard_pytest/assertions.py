"""Assertions about roles, for tests: each fails in one paragraph, with statement and cure.

What was not read, or cannot be decided, is no pass: NotEvaluatedError, an AssertionError too.
"""

from collections.abc import Iterable
from typing import Final, NoReturn

from mlguard.advice import AdviceError, advise
from mlguard.iam.escalation.chain import Certainty, Cited, Escalation
from mlguard.iam.language.wildcard import matches
from mlguard.reporters.escaping import printable
from mlguard.resources.iam import Role
from mlguard_pytest.ability import Ability
from mlguard_pytest.doubt import NotEvaluatedError, gap_in_words, refuse_gaps
from mlguard_pytest.entries import ANY, Entry, documents_of, entries_of, entry_of, refuse_unknown
from mlguard_pytest.subjects import RoleView

_SHOWN: Final = 5
_ASSUMING: Final = "sts:AssumeRole"


def assert_cannot(role: RoleView, action: str, resource: str = ANY) -> None:
    """Fail if the role may do any of it, were it under conditions; both may be patterns.

    Judged by the role's own policies, and for sts:AssumeRole by the trust policies of the
    account's roles. The policies of other resources (buckets, keys) were not read. An action that
    nobody knows, or a resource that is no ARN, is a ValueError.
    """
    __tracebackhide__ = True
    entry = entry_of(f"{action} on {resource}")
    refuse_unknown(entry)
    name = printable(role.name)
    refuse_gaps(role.subject.gaps, f"whether {name} cannot {entry}")
    if not entry.wild and {ANY, "?"}.isdisjoint(entry.resource):
        answer = role.can(entry.action, entry.resource)
        if answer.denied:
            _refuse_doubts(answer, entry)
            return
        found = role.permissions.within(entry)
        said = str(found[0]) if found else "; ".join((str(entry), *answer.reasons))
        _fail(role, said, conditional=answer.conditional)
    target = _target(role, entry)
    if target is not None:
        answer = role.can(_ASSUMING, target)
        said = "; ".join((f"{_ASSUMING} on {printable(target)}", *answer.reasons))
        _fail(role, said, conditional=answer.conditional)
    for one in role.permissions.within(entry):
        _fail(role, str(one), conditional=bool(one.conditions))


def assert_not_administrator(role: RoleView, *, accept_possible: bool = False) -> None:
    """Fail if the role is an administrator, or can make itself one: proved, or under conditions.

    Where that is possible but not proved, because a target is not known or was not read, it fails
    too, unless `accept_possible`.
    """
    __tracebackhide__ = True
    name = printable(role.name)
    engine = role.account.engine
    refuse_gaps(role.subject.gaps, f"whether {name} is an administrator")
    paths = engine.paths[role.arn]
    if paths.admin:
        raise AssertionError(
            f"{name} is an administrator: it may do every action of IAM on everything, and so give "
            "itself the rest; give it a policy with just what it does"
        )
    sure = [way for way in paths.escalations if way.admin and way.certainty > Certainty.POSSIBLE]
    if sure:
        best = max(sure, key=lambda way: way.certainty)
        raise AssertionError(f"{name} can become administrator by {_way(best, len(sure))}")
    # Whom a way leads to that has no target, nobody knows: it may be an administrator.
    open_ = [
        way
        for way in paths.escalations
        if way.certainty is Certainty.POSSIBLE and (way.admin or way.target is None)
    ]
    if open_ and not accept_possible:
        said = f"{name} can possibly become administrator by {_way(open_[0], len(open_))}"
        raise NotEvaluatedError(f"{said}; if that is no way, say accept_possible=True")
    # It may become one of whom not all was read: that is no proof of anything.
    refuse_gaps(engine.escalations.bearing_on(role.arn), f"whether {name} can become administrator")


def assert_least_privilege(role: RoleView, *, also: Iterable[str] = ()) -> None:
    """Fail if the role may do more than the workloads that run under it need.

    That is what `mlguard suggest` would give it: what the functions, jobs and models of the account
    are seen to need. What their code calls by itself nobody sees: `also` are entries for it.
    """
    __tracebackhide__ = True
    name = printable(role.name)
    extra = documents_of(entries_of(also))
    refuse_gaps(role.subject.gaps, f"whether {name} has least privilege")
    try:
        advice = advise(role.account.snapshot, role.arn)
    except AdviceError as error:
        raise NotEvaluatedError(printable(str(error))) from None
    found = role.permissions.beyond_documents((*advice.suggestion.documents, *extra))
    if not found:
        return
    more = f"; and {len(found) - _SHOWN} more" if len(found) > _SHOWN else ""
    shown = "; ".join(map(str, found[:_SHOWN]))
    unread = "".join(f" (not read, and may use it too: {gap_in_words(one)})" for one in advice.gaps)
    raise AssertionError(
        f"{name} may do more than what runs as it needs: {shown}{more}. `mlguard suggest {name}` "
        f"writes the policy; what the code calls by itself goes into also={{...}}{unread}"
    )


def _fail(role: RoleView, said: str, *, conditional: bool) -> NoReturn:
    __tracebackhide__ = True
    under = " under conditions, which is not never" if conditional else ""
    raise AssertionError(
        f"{printable(role.name)} may{under}: {said}; take it out of that statement, or deny it"
    )


def _refuse_doubts(answer: Ability, entry: Entry) -> None:
    __tracebackhide__ = True
    doubts = answer.answer.doubts
    if doubts:
        raise NotEvaluatedError(printable(f"{entry}: AWS leaves it open: {'; '.join(doubts)}"))


def _target(role: RoleView, entry: Entry) -> str | None:
    """Return a role that lets this one in, of those that the entry is about; None if none does.

    In one account a trust policy that names a role is enough: that role needs no Allow of its own.
    """
    if not matches(entry.action.lower(), _ASSUMING.lower()):
        return None
    for subject in role.account.engine.principals.subjects:
        meant = isinstance(subject.resource, Role) and matches(entry.resource, subject.arn)
        if meant and not role.can(_ASSUMING, subject.arn).denied:
            return subject.arn
    return None


def _way(way: Escalation, count: int) -> str:
    steps = ", then ".join(
        f"{step.action}{f' on {step.resource}' if step.resource else ''}"
        f"{_cited(step.statements[:1])}"
        for step in way.steps
    )
    under = f" if {' and '.join(way.conditions)}" if way.conditions else ""
    more = f" (and {count - 1} more ways)" if count > 1 else ""
    return printable(
        f"{way.path}, {way.certainty.word}{under}: {steps}{more}; narrow the first statement"
    )


def _cited(statements: tuple[Cited, ...]) -> str:
    shown = (f"{one.policy.rpartition(':policy/')[2]}" for one in statements)
    sids = (one.index if one.sid is None else one.sid for one in statements)
    return "".join(f" ({policy}[{sid}])" for policy, sid in zip(shown, sids, strict=True))
