"""The two sides of a comparison: which statements bear on whom."""

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import Final, TypeAlias

from mlguard.errors import ArnError
from mlguard.iam.boxes import Clause
from mlguard.iam.document import Document, Effect, Principals, Statement
from mlguard.iam.principal import Named, is_account_id, named, parse_principal
from mlguard.iam.region import Point
from mlguard.iam.request import Context
from mlguard.iam.truth import Truth, every
from mlguard.iam.wildcard import fold

Layers: TypeAlias = Sequence[Sequence[Document]]
_Bears: TypeAlias = Callable[[Statement], bool]

_STRANGER: Final = "arn:aws:iam::999999999999:role/example"


@dataclass(frozen=True, kw_only=True)
class Side:
    """Policies in layers, each of which must allow a request; a Deny may stand in any."""

    allows: tuple[tuple[Clause, ...], ...]
    denies: tuple[Clause, ...]

    @property
    def clauses(self) -> Iterator[Clause]:
        """All statements."""
        for layer in self.allows:
            yield from layer
        yield from self.denies

    def allows_request(self, point: Point) -> bool:
        """Tell whether the policies allow a request of which all is known."""
        context = Context.of(point.context)
        if any(_about(clause, point, context) for clause in self.denies):
            return False
        return all(any(_about(clause, point, context) for clause in layer) for layer in self.allows)


def _about(clause: Clause, point: Point, context: Context) -> bool:
    rule = clause.rule
    if not rule.covers(fold(point.action)):
        return False
    reaches = rule.reaches(point.resource, context, attached=clause.attached)
    return every((reaches, rule.conditions_hold(context))).truth is Truth.TRUE


def identity_side(layers: Layers) -> Side:
    """Return the side of policies that name nobody."""
    return _side(layers, lambda _: True, lambda _: True, attached=False)


def sides_by_caller(old: Layers, new: Layers) -> Iterator[tuple[str, Side, Side]]:
    """Return, for each caller that either names, what bears on it there.

    A statement that names the caller's account leaves it to the account whom it lets; so one that
    names the caller is compared only with those that name it too.
    """
    elements = [element for element in _elements((*old, *new)) if element is not None]
    for caller in sorted(set(_callers(elements))):
        for least in (Named.ACCOUNT, Named.ROLE):
            yield caller, _side_of(old, caller, least), _side_of(new, caller, least)


def names_callers(layers: Layers) -> bool:
    """Tell whether a statement has a Principal or NotPrincipal."""
    return any(
        statement.principals is not None or statement.not_principals is not None
        for statement in _statements(layers)
    )


def unclear_callers(layers: Layers) -> str | None:
    """Return why it cannot be told whom the statements name, if so."""
    for statement in _statements(layers):
        if statement.not_principals is not None:
            return "NotPrincipal: whom it names depends on who asks"
        if statement.principals is not None and statement.principals.canonical:
            return "a canonical user ID: whose it is, the policies do not say"
    return None


def _side_of(layers: Layers, caller: str, least: Named) -> Side:
    principal = parse_principal(caller)

    def strength(statement: Statement) -> Named:
        element = statement.principals
        return Named.NOT if element is None else named(principal, element)

    return _side(
        layers,
        lambda statement: strength(statement) >= least,
        lambda statement: strength(statement) > Named.NOT,
        attached=True,
    )


def _side(layers: Layers, allows: _Bears, denies: _Bears, *, attached: bool) -> Side:
    clauses = [
        [
            Clause(statement, document, attached)
            for document in layer
            for statement in document.statements
        ]
        for layer in layers
    ]
    return Side(
        allows=tuple(
            tuple(
                clause
                for clause in layer
                if clause.statement.effect is Effect.ALLOW and allows(clause.statement)
            )
            for layer in clauses
        ),
        denies=tuple(
            clause
            for layer in clauses
            for clause in layer
            if clause.statement.effect is Effect.DENY and denies(clause.statement)
        ),
    )


def _statements(layers: Layers) -> Iterator[Statement]:
    return (
        statement for layer in layers for document in layer for statement in document.statements
    )


def _elements(layers: Layers) -> Iterator[Principals | None]:
    return (statement.principals for statement in _statements(layers))


def _callers(elements: Iterable[Principals]) -> Iterator[str]:
    for element in elements:
        if element.anyone:
            yield from ("*", _STRANGER)
        for text in (*element.aws, *element.service, *element.federated):
            account = text if is_account_id(text) else _account_of_root(text)
            if account:
                # Some principal of the account, which nobody names more closely.
                yield f"arn:aws:iam::{account}:user/example"
            elif text != "*" and _is_somebody(text):
                yield text


def _account_of_root(text: str) -> str | None:
    parts = text.split(":")
    return parts[4] if text.startswith("arn:") and parts[-1] == "root" else None


def _is_somebody(text: str) -> bool:
    """Tell whether the text names a principal; the ID of a deleted one names nobody."""
    try:
        parse_principal(text)
    except ArnError:
        return False
    return True
