"""Which statements of a principal are about the actions of paths; most are about none."""

from typing import NamedTuple

from mlguard.iam.clauses import Clause
from mlguard.iam.effective import Effective, Permissions
from mlguard.iam.foresight import Foresight


class Bearing(NamedTuple):
    """The statements of each layer about an action, and those that deny it.

    `key` is the same for the same statements: what follows from them is worked out once.
    """

    layers: tuple[tuple[Clause, ...], ...]
    denies: tuple[Clause, ...]
    key: int


class Telling(NamedTuple):
    """The statements about actions of paths, each with those actions.

    Kept with the permissions, so that no others take their place in memory.
    """

    layers: tuple[tuple[tuple[Clause, int], ...], ...]
    denies: tuple[tuple[Clause, int], ...]
    permissions: Permissions


class Tellings:
    """The telling statements of permissions, looked up once for each."""

    def __init__(self, foresight: Foresight) -> None:
        self._foresight = foresight
        self._keys: dict[tuple[object, ...], int] = {}
        self._telling: dict[int, Telling] = {}
        self._profiles: dict[tuple[int, str], int] = {}
        self._bearing: dict[tuple[int, str], Bearing] = {}

    def of(self, permissions: Permissions) -> Telling:
        """Return the statements of the permissions about actions of paths."""
        telling = self._telling.get(id(permissions))
        if telling is None:
            telling = self._telling[id(permissions)] = self._tell(permissions)
        return telling

    def on(self, permissions: Permissions, action: str) -> Bearing:
        """Return the statements about the action, layer by layer, and the denies of it."""
        key = (id(permissions), action)
        found = self._bearing.get(key)
        if found is None:
            found = self._bearing[key] = self._about(permissions, action)
        return found

    def profile(self, who: Effective) -> int:
        """Return a number that is the same for those to whom all answers are the same."""
        permissions = who.permissions
        found = self._profiles.get((id(permissions), who.principal.account))
        if found is None:
            telling = self.of(permissions)
            said = (
                *(tuple(id(one) for one, _ in layer) for layer in telling.layers),
                tuple(id(one) for one, _ in telling.denies),
                who.principal.account,
                bool(permissions.unread),
            )
            found = self._keys.setdefault(said, len(self._keys))
            self._profiles[id(permissions), who.principal.account] = found
        return found

    def _about(self, permissions: Permissions, action: str) -> Bearing:
        telling = self.of(permissions)
        bit = self._foresight.bit(action)
        layers = tuple(
            tuple(clause for clause, small in layer if small & bit) for layer in telling.layers
        )
        denies = tuple(clause for clause, small in telling.denies if small & bit)
        said = (*(tuple(map(id, layer)) for layer in layers), tuple(map(id, denies)))
        return Bearing(layers, denies, self._keys.setdefault(said, len(self._keys)))

    def _tell(self, permissions: Permissions) -> Telling:
        """Return the statements that are about any action of a path."""
        of = self._foresight.of
        denies = ((one, of(one)) for one in permissions.denies)
        return Telling(
            tuple(self._layer(side.clauses) for side in permissions.sides),
            tuple(pair for pair in denies if pair[1]),
            permissions,
        )

    def _layer(self, clauses: tuple[Clause, ...]) -> tuple[tuple[Clause, int], ...]:
        """Return the statements of a layer, without what one of them allows everywhere anyway."""
        pairs = [(one, self._foresight.of(one)) for one in clauses]
        done = 0
        for at, (one, small) in enumerate(pairs):
            if one.sure:
                pairs[at] = (one, small & ~done)
                done |= small
        left = ((one, small if one.sure else small & ~done) for one, small in pairs)
        return tuple(pair for pair in left if pair[1])
