"""Which statements of a principal are about the actions of paths; most are about none."""

from typing import NamedTuple

from mlguard.iam.escalation.foresight import Foresight
from mlguard.iam.permissions.clauses import Clause, Clauses
from mlguard.iam.permissions.effective import Effective, Permissions


class Told(NamedTuple):
    """The statements of one policy about actions of paths, each with those actions.

    `about` are the actions of all that allow, `sure` those allowed on everything, unconditionally,
    `denied` those of all that deny.
    """

    part: Clauses
    allows: tuple[tuple[Clause, int], ...]
    denies: tuple[tuple[Clause, int], ...]
    about: int
    sure: int
    denied: int


class Telling(NamedTuple):
    """The telling policies of permissions, layer by layer, and those that deny something.

    `open` are the actions that each layer names together with something they can act on. Kept
    with the permissions, so that no others take their place in memory.
    """

    layers: tuple[tuple[Told, ...], ...]
    denying: tuple[Told, ...]
    denied: int
    open: int
    permissions: Permissions


class Bearing(NamedTuple):
    """The statements of each layer about an action, and those that deny it.

    `key` is the same for the same statements: what follows from them is worked out once.
    """

    layers: tuple[tuple[Clause, ...], ...]
    denies: tuple[Clause, ...]
    key: int


class Tellings:
    """The telling statements of permissions: each policy is looked through once."""

    def __init__(self, foresight: Foresight) -> None:
        self._foresight = foresight
        self._keys: dict[tuple[object, ...], int] = {}
        # Keyed by identity: what is found keeps what it was found for.
        self._told: dict[int, Told] = {}
        self._telling: dict[int, Telling] = {}
        self._profiles: dict[tuple[int, str, int], int] = {}
        self._bearing: dict[tuple[int, int], Bearing] = {}

    def of(self, permissions: Permissions) -> Telling:
        """Return the policies of the permissions with statements about actions of paths."""
        found = self._telling.get(id(permissions))
        if found is None:
            found = self._telling[id(permissions)] = self._tell(permissions)
        return found

    def on(self, permissions: Permissions, action: str) -> Bearing:
        """Return the statements about the action, layer by layer, and the denies of it."""
        bit = self._foresight.bit(action)
        key = (id(permissions), bit)
        found = self._bearing.get(key)
        if found is None:
            found = self._bearing[key] = self._about(self.of(permissions), bit)
        return found

    def profile(self, who: Effective, about: int) -> int:
        """Return a number that is the same for those who get the same answers on the actions."""
        permissions = who.permissions
        key = (id(permissions), who.principal.account, about)
        found = self._profiles.get(key)
        if found is None:
            telling = self.of(permissions)
            said = (
                *(
                    tuple([id(told) for told in layer if told.about & about])
                    for layer in telling.layers
                ),
                *[id(told) for told in telling.denying if told.denied & about],
                who.principal.account,
                about,
                bool(permissions.unread),
            )
            found = self._profiles[key] = self._keys.setdefault(said, len(self._keys))
        return found

    def _tell(self, permissions: Permissions) -> Telling:
        layers = []
        denying: list[Told] = []
        denied = 0
        open_ = -1
        for side in permissions.sides:
            allowed = 0
            allowing = []
            for told in map(self._of, side.parts):
                if told.about:
                    allowing.append(told)
                    allowed |= told.about
                if told.denied:
                    denying.append(told)
                    denied |= told.denied
            layers.append(tuple(allowing))
            open_ &= allowed
        return Telling(tuple(layers), tuple(denying), denied, open_, permissions)

    def _of(self, part: Clauses) -> Told:
        found = self._told.get(id(part))
        if found is None:
            found = self._told[id(part)] = self._look_through(part)
        return found

    def _look_through(self, part: Clauses) -> Told:
        about = sure = denied = 0
        allows, denies = [], []
        for clause in part.allows:
            small = self._foresight.of(clause)
            if small:
                allows.append((clause, small))
                about |= small
                sure |= small if clause.sure else 0
        for clause in part.denies:
            small = self._foresight.of(clause)
            if small:
                denies.append((clause, small))
                denied |= small
        return Told(part, tuple(allows), tuple(denies), about, sure, denied)

    def _about(self, telling: Telling, bit: int) -> Bearing:
        layers = tuple(_allowing(layer, bit) for layer in telling.layers)
        denies = tuple(
            clause for told in telling.denying for clause, small in told.denies if small & bit
        )
        said = (*(tuple(map(id, layer)) for layer in layers), tuple(map(id, denies)))
        return Bearing(layers, denies, self._keys.setdefault(said, len(self._keys)))


def _allowing(layer: tuple[Told, ...], bit: int) -> tuple[Clause, ...]:
    """Return the statements of a layer about an action: one alone where it allows everything."""
    for told in layer:
        if told.sure & bit:
            return (surely(told, bit),)
    return tuple(clause for told in layer for clause, small in told.allows if small & bit)


def surely(told: Told, bit: int) -> Clause:
    """Return the statement that allows the action on everything; the policy has one."""
    return next(clause for clause, small in told.allows if small & bit and clause.sure)
