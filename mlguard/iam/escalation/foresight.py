"""A first look at what a principal may do: of the actions of paths, those it may use at all.

A statement is about no action that takes other resources than it names, whatever actions it names.
That spares most principals the search.
"""

from collections.abc import Iterable, Iterator
from typing import Final

from mlguard.data.escalation_paths import resources_of
from mlguard.iam.language.actions import actions
from mlguard.iam.language.wildcard import meets
from mlguard.iam.permissions.clauses import Clause

# An ARN: arn, partition, service, region, account, resource.
_SERVICE: Final = 2
_RESOURCE: Final = 5
_STEP: Final = 1
_WILD: Final = ("*", "?")


class Foresight:
    """Numbers the actions of paths anew, so that a set of them is a small integer."""

    def __init__(self, names: Iterable[str]) -> None:
        self._bits: dict[str, int] = {}
        self._names: list[str] = []
        self._every = 0
        self._wide: list[tuple[int, int]] = []
        self._of_nothing = 0
        # By service, then by the pattern that a resource of it ends in.
        self._by_resource: dict[str, dict[str, int]] = {}
        self._of_mask: dict[int, int] = {}
        for name in names:
            if name not in self._bits:
                self._enter(name)
        self._of_resource: dict[tuple[str, str], int] = {}

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

    def of(self, clause: Clause) -> int:
        """Return the actions that the statement is about, on something they can act on."""
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
            parts = resource.split(":", _RESOURCE)
            known = self._by_resource.setdefault(parts[_SERVICE], {})
            known[parts[_RESOURCE]] = known.get(parts[_RESOURCE], 0) | bit

    @property
    def _all(self) -> int:
        return (_STEP << len(self._names)) - 1

    def _by_entries(self, clause: Clause) -> int:
        if clause.reach.inverted:
            return self._all
        found = self._of_nothing
        for entry in clause.reach.entries:
            begin, service, resource = _parts(entry.pattern)
            if _wild(begin):
                return self._all
            known = self._of_resource.get((service, resource))
            if known is None:
                known = self._of_resource[service, resource] = self._about(service, resource)
            found |= known
        return found

    def _about(self, service: str, resource: str) -> int:
        """Return the actions on resources of the service that end in what the pattern matches."""
        found = 0
        begin = resource.partition("*")[0].partition("?")[0]
        for pattern, bits in self._by_resource.get(service, {}).items():
            head = pattern.partition("*")[0]
            # Most differ in how they begin.
            if (begin.startswith(head) or head.startswith(begin)) and meets(pattern, resource):
                found |= bits
        return found


def _parts(pattern: str) -> tuple[str, str, str]:
    """Return what stands up to the service, the service, and which resources of it are meant."""
    parts = pattern.split(":", _RESOURCE)
    if len(parts) <= _SERVICE:
        return "*", "*", "*"
    begin, service = "".join(parts[: _SERVICE + 1]), parts[_SERVICE]
    # A wildcard in region or account may stand for colons, too: then nobody knows where it ends.
    if len(parts) <= _RESOURCE or _wild("".join(parts[:_RESOURCE])):
        return begin, service, "*"
    return begin, service, parts[_RESOURCE]


def _wild(text: str) -> bool:
    return any(wildcard in text for wildcard in _WILD)
