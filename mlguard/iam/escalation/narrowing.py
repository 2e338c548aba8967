"""Whether an action may be allowed on one resource, by the statements that are about it."""

from typing import NamedTuple

from mlguard.iam.escalation.chain import in_words, unique
from mlguard.iam.escalation.examples import extent_of
from mlguard.iam.escalation.possibility import Circumstances, Openings, Possibility, not_denied
from mlguard.iam.escalation.telling import Bearing
from mlguard.iam.permissions.clauses import Clause, implied
from mlguard.iam.permissions.reach import Extent


class _Narrowed(NamedTuple):
    """The statements of each layer about one resource, and those that deny it.

    With whether they are surely about it. The key is the same for the same statements: what
    follows from them is the same, wherever all are sure.
    """

    layers: tuple[tuple[tuple[Clause, bool], ...], ...]
    denies: tuple[tuple[Clause, bool], ...]
    key: int


class Narrowing:
    """The answers, each worked out once for all resources that the same statements are about."""

    def __init__(self, openings: Openings) -> None:
        self._openings = openings
        self._here: dict[tuple[int, str], _Narrowed] = {}
        self._keys: dict[tuple[object, ...], int] = {}
        self._found: dict[tuple[int, tuple[object, ...]], Possibility | None] = {}

    def on(self, bearing: Bearing, resource: str, around: Circumstances) -> Possibility | None:
        """Return whether it may be allowed, and by what."""
        here = self._here.get((bearing.key, resource))
        if here is None:
            here = self._here[bearing.key, resource] = self._narrowed(bearing, resource)
        key = (here.key, around.key)
        if key not in self._found:
            self._found[key] = self._allowed(here, resource, around)
        return self._found[key]

    def once(self, bearing: Bearing, resource: str, around: Circumstances) -> Possibility | None:
        """Return the same of statements that nobody else has."""
        return self._allowed(self._narrowed(bearing, resource), resource, around)

    def _narrowed(self, bearing: Bearing, resource: str) -> _Narrowed:
        layers = tuple(_about(layer, resource) for layer in bearing.layers)
        denies = _about(bearing.denies, resource)
        doubt = not all(whole for layer in layers for _, whole in layer)
        said = (
            *(tuple([(id(clause), whole) for clause, whole in layer]) for layer in layers),
            tuple([(id(clause), whole) for clause, whole in denies]),
            resource if doubt else None,
        )
        return _Narrowed(layers, denies, self._keys.setdefault(said, len(self._keys)))

    def _allowed(self, here: _Narrowed, resource: str, around: Circumstances) -> Possibility | None:
        clauses: list[Clause] = []
        conditions: list[str] = []
        for layer in here.layers:
            found = self._best(layer, resource, around)
            if found is None:
                return None
            clauses += found.clauses
            conditions += found.conditions
        for deny, whole in here.denies:
            tests = self._openings.of(deny, around)
            if tests is None:
                continue
            # One that holds wherever the allowing statements do leaves nothing of them.
            given = tuple(test for clause in clauses for test in clause.tests)
            if whole and implied(tests, given):
                return None
            conditions.append(not_denied(deny, tests))
        return Possibility(clauses=tuple(clauses), conditions=unique(conditions))

    def _best(
        self, layer: tuple[tuple[Clause, bool], ...], resource: str, around: Circumstances
    ) -> Possibility | None:
        """Return how a statement of the layer may allow it: of one that surely does, if any."""
        best: Possibility | None = None
        for clause, whole in layer:
            tests = self._openings.of(clause, around)
            if tests is None:
                continue
            if not tests and whole:
                return Possibility(clauses=(clause,))
            if best is None:
                doubt = () if whole else (f"{resource} is among what it is about",)
                conditions = unique((*map(in_words, tests), *doubt))
                best = Possibility(clauses=(clause,), conditions=conditions)
        return best


def _about(clauses: tuple[Clause, ...], resource: str) -> tuple[tuple[Clause, bool], ...]:
    extents = [(clause, extent_of(clause, resource)) for clause in clauses]
    return tuple(
        (clause, extent is Extent.ALL) for clause, extent in extents if extent is not Extent.NONE
    )
