"""Whether new policies allow a request that old ones do not: a witness, or proof of none.

Actions and resources are texts, not entries of a list, so that the answer holds for actions to
come. Where a witness is given, both sides were asked about it as about any request.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Final

from mlguard.iam.algebra.condition_region import Values
from mlguard.iam.algebra.condition_values import Family, family_of_key
from mlguard.iam.algebra.pattern_algebra import Glob, Kind, Work
from mlguard.iam.algebra.region import Box, Entries
from mlguard.iam.comparison.callers import Caller, callers, has_vague_accounts
from mlguard.iam.comparison.question import Question, Witness
from mlguard.iam.comparison.region_search import WORK, Solver
from mlguard.iam.comparison.sides import Books, Layers, identity_sides
from mlguard.iam.comparison.witness_text import by_service
from mlguard.iam.language.document import Document, Statement
from mlguard.iam.language.principal import Kind as PrincipalKind
from mlguard.iam.language.wildcard import fold, quote

# IAM User Guide, "AWS JSON policy elements: Principal", and STS API reference: what a role's trust
# policy can let somebody do. The first are the ones to show.
_OF_A_ROLE: Final = (
    *("sts:AssumeRole", "sts:AssumeRoleWithSAML", "sts:AssumeRoleWithWebIdentity"),
    *("sts:TagSession", "sts:SetSourceIdentity", "sts:SetContext", "sts:AssumeRole*"),
)

# So that long policies have theirs for what is easy.
_WORK_OF_AN_ENTRY: Final = 50


@dataclass(frozen=True, slots=True, kw_only=True)
class NewAccess:
    """A request that the new policies allow and the old do not.

    `context` has the keys of the request, all others are absent; `statement` is the locator of the
    statement that allows it; `principal` is None where the policies name nobody. Keys that follow
    from the principal are left out of the context.
    """

    action: str
    resource: str
    context: Mapping[str, Values]
    statement: str
    principal: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Undecided:
    """A part of a new statement of which it was not found out whether it allows more."""

    action: str
    resource: str
    statement: str
    reason: str
    principal: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Comparison:
    """What is new; nothing is if both are empty."""

    new_access: tuple[NewAccess, ...] = ()
    undecided: tuple[Undecided, ...] = ()


def compare(
    old: Sequence[Document],
    new: Sequence[Document],
    *,
    old_limits: Sequence[Sequence[Document]] = (),
    new_limits: Sequence[Sequence[Document]] = (),
    known_actions: Sequence[str] = (),
    principal: str | None = None,
) -> Comparison:
    """Return what the new documents, taken together, allow and the old do not.

    Limits are layers that must allow a request as well: a boundary, a level of SCPs. Known actions
    are shown as witnesses, rather than made-up ones; they decide nothing. With the ARN of the
    user or role that has the policies, variables and conditions have the values that it gives
    them; raises ArnError if it is none.
    """
    before, after = (tuple(old), *old_limits), (tuple(new), *new_limits)
    statements = list(_statements((*before, *after)))
    solver = _solver(statements, known_actions)
    if _names_callers(statements):
        return _by_caller(before, after, solver, None)
    caller = None if principal is None else Caller(text=principal)
    question = Question(solver, identity_sides(before, after), caller)
    return _gathered(_told(question, caller))


def compare_trust(
    old: Document | None, new: Document, *, role: str, known_actions: Sequence[str] = ()
) -> Comparison:
    """Return whom the new trust policy of the role with this ARN lets do more than the old."""
    before, after = ((() if old is None else (old,)),), ((new,),)
    statements = list(_statements((*before, *after)))
    solver = _solver(statements, known_actions)
    actions = tuple(Glob(fold(action), Kind.PLAIN, action) for action in _OF_A_ROLE)
    resources = (Glob(quote(role), Kind.PLAIN, role),)
    return _by_caller(before, after, solver, Box(Entries(actions), Entries(resources)))


def _solver(statements: Sequence[Statement], known_actions: Sequence[str]) -> Solver:
    entries = sum(len(one.actions) + len(one.resources) for one in statements)
    work = Work(WORK + entries * _WORK_OF_AN_ENTRY)
    return Solver(by_service(tuple(known_actions)), _families(statements), work)


def _by_caller(before: Layers, after: Layers, solver: Solver, within: Box | None) -> Comparison:
    if before == after:
        return Comparison()
    documents = [document for layer in (*before, *after) for document in layer]
    unclear = _unclear_callers(list(_statements((*before, *after))))
    if unclear:
        return Comparison(undecided=(_whole(unclear, within),))
    books = Books(before, after)
    found: list[NewAccess | Undecided] = []
    for caller in callers(documents):
        kind = caller.principal.kind
        if found and kind in (PrincipalKind.ROOT, PrincipalKind.FEDERATED_USER):
            continue
        theirs = _of_caller(books, caller, solver, within)
        if kind is PrincipalKind.FEDERATED_USER and caller.stands_in:
            reason = "whether a federated user may do it, its session policy says"
            theirs = [_doubtful(one, reason) for one in theirs]
        found += theirs
    if not found and has_vague_accounts(documents):
        reason = "a condition has a pattern of accounts: which callers match it was not looked at"
        found.append(_whole(reason, within))
    return _gathered(found)


def _of_caller(
    books: Books, caller: Caller, solver: Solver, within: Box | None
) -> list["NewAccess | Undecided"]:
    sure: list[NewAccess | Undecided] = []
    for pair in books.pairs(caller):
        found = _told(Question(solver, pair, caller, within), caller)
        if pair.doubt is None:
            sure += found
        elif not sure:
            sure += (_doubtful(one, pair.doubt) for one in found)
    return sure


def _doubtful(one: "NewAccess | Undecided", reason: str) -> "Undecided":
    return Undecided(
        action=one.action,
        resource=one.resource,
        statement=one.statement,
        reason=reason,
        principal=one.principal,
    )


def _whole(reason: str, within: Box | None) -> "Undecided":
    resource = "*" if within is None else within.resources.globs[0].written
    return Undecided(action="*", resource=resource, statement="", reason=reason)


def _statements(layers: Layers) -> Iterator[Statement]:
    return (
        statement for layer in layers for document in layer for statement in document.statements
    )


def _names_callers(statements: Sequence[Statement]) -> bool:
    return any(
        statement.principals is not None or statement.not_principals is not None
        for statement in statements
    )


def _unclear_callers(statements: Sequence[Statement]) -> str | None:
    """Return why it cannot be told whom the statements name, if so."""
    for statement in statements:
        if statement.not_principals is not None:
            return "NotPrincipal: whom it names depends on who asks"
        if statement.principals is not None and statement.principals.canonical:
            return "a canonical user ID: whose it is, the policies do not say"
    return None


def _families(statements: Sequence[Statement]) -> Mapping[str, Family]:
    """Return the types of the condition keys, by all the operators that ask about each."""
    operators: dict[str, set[str]] = {}
    for statement in statements:
        for test in statement.conditions:
            operators.setdefault(test.key.lower(), set()).add(test.operator)
    found = {key: family_of_key(several) for key, several in operators.items()}
    return {key: family for key, family in found.items() if family is not None}


def _told(question: Question, caller: Caller | None) -> list["NewAccess | Undecided"]:
    found: list[NewAccess | Undecided] = []
    for answer in question.answers():
        if isinstance(answer, Witness):
            found.append(
                NewAccess(
                    action=answer.action,
                    resource=answer.resource,
                    context=answer.context,
                    statement=answer.clause.statement.locator,
                    principal=answer.who,
                )
            )
            continue
        found.append(
            Undecided(
                action=answer.action,
                resource=answer.resource,
                statement=answer.clause.statement.locator,
                reason=answer.reason,
                principal=None if caller is None else caller.text,
            )
        )
    return found


def _gathered(answers: Sequence["NewAccess | Undecided"]) -> Comparison:
    found = [answer for answer in answers if isinstance(answer, NewAccess)]
    left = [answer for answer in answers if isinstance(answer, Undecided)]
    shown = {
        (one.action, one.resource, tuple(one.context.items()), one.principal): one
        for one in reversed(found)
    }
    return Comparison(
        new_access=tuple(reversed(shown.values())), undecided=tuple(dict.fromkeys(left))
    )
