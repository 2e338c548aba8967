"""The two sides of a comparison: which statements bear on whom."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Final, TypeAlias

from mlguard.errors import ArnError
from mlguard.iam.algebra.region import Point
from mlguard.iam.comparison.callers import Caller
from mlguard.iam.comparison.clause import Clause
from mlguard.iam.comparison.nearby import Shelf
from mlguard.iam.language.arn import Arn
from mlguard.iam.language.document import Document, Effect, Principals, Statement
from mlguard.iam.language.principal import OUTSIDERS, Kind, Named, Principal, is_account_id, named
from mlguard.iam.language.request import Context
from mlguard.iam.language.wildcard import fold

Layers: TypeAlias = Sequence[Sequence[Document]]
_Key: TypeAlias = tuple[str, ...]

_ANYONE: Final[_Key] = ("*",)
_DOUBT: Final = 'whether {"AWS": "*"} is about services and identity providers too is unclear'


@dataclass(frozen=True, kw_only=True)
class Side:
    """Policies in layers, each of which must allow a request; a Deny may stand in any."""

    allows: tuple[Shelf, ...]
    denies: Shelf

    @property
    def clauses(self) -> Iterator[Clause]:
        """All statements."""
        for shelf in (*self.allows, self.denies):
            yield from shelf.clauses

    @cached_property
    def said(self) -> tuple[frozenset[tuple[object, ...]], ...]:
        """What its statements say, layer by layer."""
        shelves = (*self.allows, self.denies)
        return tuple(frozenset(clause.said for clause in shelf.clauses) for shelf in shelves)

    def allows_request(self, point: Point) -> bool:
        """Tell whether the policies allow a request of which all is known."""
        context = Context.of(point.context)

        def is_on(shelf: Shelf) -> bool:
            action = fold(point.action)
            near = shelf.about(action, point.resource, context.known)
            return any(clause.is_about(action, point.resource, context) for clause in near)

        return not is_on(self.denies) and all(map(is_on, self.allows))


@dataclass(frozen=True, slots=True, kw_only=True)
class Pair:
    """What bears on a caller in the old policies and in the new.

    `doubt` is why it is not certain that these are the ones.
    """

    old: Side
    new: Side
    doubt: str | None = None


def identity_sides(old: Layers, new: Layers) -> Pair:
    """Return the sides of policies that name nobody."""
    return Pair(old=_Book(old, attached=False).whole(), new=_Book(new, attached=False).whole())


class Books:
    """The old and the new policies, which name callers."""

    def __init__(self, old: Layers, new: Layers) -> None:
        self._old, self._new = _Book(old, attached=True), _Book(new, attached=True)

    def pairs(self, caller: Caller) -> Iterator[Pair]:
        """Return what bears on the caller, where that is not the same on both sides.

        A statement that names the caller's account leaves it to the account whom it lets; so one
        that names the caller is compared only with those that name it too.
        """
        shown = []
        for least in (Named.ACCOUNT, Named.ROLE):
            for pair in self._pairs(caller.principal, least):
                if pair.old.said != pair.new.said and (pair.old.said, pair.new.said) not in shown:
                    shown.append((pair.old.said, pair.new.said))
                    yield pair

    def _pairs(self, who: Principal, least: Named) -> Iterator[Pair]:
        old, new = self._old, self._new
        if who.kind not in (Kind.SERVICE, Kind.PROVIDER):
            yield Pair(old=old.side(who, least), new=new.side(who, least))
            return
        # What is new whatever {"AWS": "*"} means for them; then what is if it means this or that.
        yield Pair(old=old.side(who, least, allowed=True), new=new.side(who, least, denied=True))
        for meant in (False, True):
            yield Pair(
                old=old.side(who, least, allowed=meant, denied=meant),
                new=new.side(who, least, allowed=meant, denied=meant),
                doubt=_DOUBT,
            )


class _Book:
    """The statements of one side, found by whom they name."""

    def __init__(self, layers: Layers, *, attached: bool) -> None:
        self._layers = [
            [
                Clause(statement, document, attached)
                for document in layer
                for statement in document.statements
            ]
            for layer in layers
        ]

    @cached_property
    def _filed(self) -> dict[_Key, list[tuple[int, int]]]:
        found: dict[_Key, list[tuple[int, int]]] = {}
        for level, layer in enumerate(self._layers):
            for place, clause in enumerate(layer):
                for key in _keys(clause.statement.principals):
                    found.setdefault(key, []).append((level, place))
        return found

    def whole(self) -> Side:
        """Return the side of all statements."""
        return _side(self._layers)

    def side(
        self, who: Principal, least: Named, *, allowed: bool = False, denied: bool = False
    ) -> Side:
        """Return the side of the statements that bear on one caller.

        `allowed` and `denied` take {"AWS": "*"} to be about outsiders in such statements.
        """

        def strength(statement: Statement) -> Named:
            element = statement.principals
            if element is None:
                return Named.NOT
            taken = allowed if statement.effect is Effect.ALLOW else denied
            if taken and element.anyone and who.kind in OUTSIDERS:
                return Named.ANYONE
            return named(who, element)

        layers: list[list[Clause]] = [[] for _ in self._layers]
        places = {place for key in _keys_of(who) for place in self._filed.get(key, ())}
        for level, place in sorted(places):
            clause = self._layers[level][place]
            needed = least if clause.statement.effect is Effect.ALLOW else Named.ACCOUNT
            if strength(clause.statement) >= needed:
                layers[level].append(clause)
        return _side(layers)


def _side(layers: Iterable[Sequence[Clause]]) -> Side:
    layers = list(layers)

    def of(effect: Effect, clauses: Iterable[Clause]) -> Iterator[Clause]:
        return (clause for clause in clauses if clause.statement.effect is effect)

    return Side(
        allows=tuple(Shelf(of(Effect.ALLOW, layer)) for layer in layers),
        denies=Shelf(clause for layer in layers for clause in of(Effect.DENY, layer)),
    )


def _keys(element: Principals | None) -> Iterator[_Key]:
    """Return what to file a statement under, by whom it names."""
    if element is None:
        return
    if element.anyone:
        yield _ANYONE
    for text in (*element.aws, *element.service, *element.federated):
        yield ("account", text) if is_account_id(text) else _key(text)


def _key(text: str) -> _Key:
    try:
        arn = Arn.parse(text)
    except ArnError:
        return ("text", text)
    if arn.service != "iam":
        return ("text", text)
    if arn.resource == "root":
        return ("account", arn.account)
    # Whatever its path: a session's ARN does not have it.
    return ("role", arn.account, arn.name) if arn.resource_type == "role" else ("text", text)


def _keys_of(who: Principal) -> tuple[_Key, ...]:
    """Return what statements that name the caller stand under."""
    own = ("role", who.account, who.name) if who.role_arn else ("text", who.text)
    return (own, ("text", who.text), ("account", who.account), _ANYONE)
