"""A first look at what a principal may do: of the actions of paths, those it may use at all.

A statement on the resources of one service is about no action of another, whatever it names. That
spares most principals the search.
"""

from collections.abc import Iterable, Iterator
from typing import Final

from mlguard.data.escalation_paths import resources_of
from mlguard.iam.actions import actions
from mlguard.iam.clauses import Clause
from mlguard.iam.effective import Permissions

_SERVICE: Final = 2
_STEP: Final = 1


class Foresight:
    """Numbers the actions of paths anew, so that a set of them is a small integer."""

    def __init__(self, names: Iterable[str]) -> None:
        self._bits: dict[str, int] = {}
        self._names: list[str] = []
        self._every = 0
        self._wide: list[tuple[int, int]] = []
        self._of_nothing = 0
        self._by_service: dict[str, int] = {}
        self._of_mask: dict[int, int] = {}
        self._of_clause: dict[int, tuple[Clause, int]] = {}
        for name in names:
            if name not in self._bits:
                self._enter(name)

    def bit(self, action: str) -> int:
        """Return the set of this one action, empty if it is not known."""
        return self._bits.get(action, 0)

    def mask(self, names: Iterable[str]) -> int:
        """Return the set of these actions."""
        found = 0
        for name in names:
            found |= self.bit(name)
        return found

    def names(self, mask: int) -> Iterator[str]:
        """Yield the actions of a set, in the order of the tables."""
        while mask:
            low = mask & -mask
            yield self._names[low.bit_length() - 1]
            mask ^= low

    def open_to(self, permissions: Permissions) -> int:
        """Return the actions that each layer names together with something they can act on."""
        found = -1
        for side in permissions.sides:
            allowed = 0
            for clause in side.clauses:
                allowed |= self.of(clause)
            found &= allowed
        return found

    def of(self, clause: Clause) -> int:
        """Return the actions that the statement is about, on something they can act on."""
        found = self._of_clause.get(id(clause))
        if found is None:
            found = self._of_clause[id(clause)] = (clause, self._about(clause))
        return found[1]

    def _enter(self, name: str) -> None:
        wide = actions().bit(name)
        if wide is None:
            return
        bit = self._bits[name] = _STEP << len(self._names)
        self._names.append(name)
        self._every |= _STEP << wide
        self._wide.append((_STEP << wide, bit))
        resources = resources_of(name)
        if not resources:
            self._of_nothing |= bit
        for resource in resources:
            service = resource.split(":")[_SERVICE]
            self._by_service[service] = self._by_service.get(service, 0) | bit

    @property
    def _all(self) -> int:
        return (_STEP << len(self._names)) - 1

    def _about(self, clause: Clause) -> int:
        wide = clause.mask & self._every
        if not wide:
            return 0
        small = self._of_mask.get(wide)
        if small is None:
            small = 0
            for mask, bit in self._wide:
                small |= bit if wide & mask else 0
            self._of_mask[wide] = small
        return small if clause.everywhere else small & self._by_entries(clause)

    def _by_entries(self, clause: Clause) -> int:
        if clause.reach.inverted:
            return self._all
        found = self._of_nothing
        for entry in clause.reach.entries:
            parts = entry.pattern.split(":", _SERVICE + 1)
            service = parts[_SERVICE] if len(parts) > _SERVICE else "*"
            wild = set("*?") & set(service + "".join(parts[:_SERVICE]))
            if wild:
                return self._all
            found |= self._by_service.get(service, 0)
        return found
