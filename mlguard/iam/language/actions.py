"""The actions that IAM knows, numbered: a set of them is one integer.

The list is AWS's Service Authorization Reference at the date in the table. What it does not name
is unknown, never absent: AWS adds actions every week.
"""

from bisect import bisect_left
from collections.abc import Iterable
from dataclasses import dataclass
from functools import cache, cached_property
from itertools import accumulate, compress
from typing import Final, Self

from mlguard.data.files import read
from mlguard.iam.language.wildcard import fold, matches

_TABLE: Final = "actions.json"
_ANY: Final = "*"
# What policies name most has the low bits: their masks stay short.
_FIRST: Final = frozenset(
    {
        *("iam", "sts", "s3", "kms", "logs", "cloudwatch", "sagemaker", "lambda", "ecr", "ec2"),
        *("dynamodb", "sqs", "sns", "ssm", "secretsmanager", "states", "events", "glue"),
    }
)
_ONE: Final = ord("1")
# Sorts behind every letter that the name of an action may hold.
_LAST: Final = "\x7f"


@dataclass(frozen=True)
class _Service:
    """The actions of a service, in folded order; the first has the number `start`.

    A letter of `codes` is the access level of an action, a capital where it takes resources.
    """

    prefix: str
    start: int
    written: str
    codes: str

    @cached_property
    def folded(self) -> list[str]:
        return self.written.lower().split()

    @property
    def all(self) -> int:
        return ((1 << len(self.codes)) - 1) << self.start

    def place(self, name: str) -> int | None:
        """Return the place of an action of this folded name, None if it is not known."""
        at = bisect_left(self.folded, name)
        return at if at < len(self.folded) and self.folded[at] == name else None

    def mask(self, pattern: str) -> int:
        """Return the actions that a folded pattern of names matches."""
        ends = [end for end in (pattern.find("*"), pattern.find("?")) if end >= 0]
        if not ends:
            at = self.place(pattern)
            return 0 if at is None else 1 << self.start + at
        # Names in order: those that begin alike stand together.
        begin = pattern[: min(ends)]
        low = bisect_left(self.folded, begin)
        high = bisect_left(self.folded, begin + _LAST, low)
        if pattern == begin + _ANY:
            return ((1 << high - low) - 1) << self.start + low
        found = 0
        for at in range(low, high):
            if matches(pattern, self.folded[at]):
                found |= 1 << at
        return found << self.start


class ActionTable:
    """All known actions; the number of one is its bit in a mask."""

    def __init__(self, services: Iterable[tuple[str, str, str]], levels: dict[str, str]) -> None:
        rows = sorted(services, key=lambda row: (row[0] not in _FIRST, row[0]))
        starts = accumulate((len(codes) for _, _, codes in rows), initial=0)
        self._services = {
            prefix: _Service(prefix, start, written, codes)
            for (prefix, written, codes), start in zip(rows, starts, strict=False)
        }
        self._levels = levels
        self._size = sum(len(codes) for _, _, codes in rows)
        self._masks: dict[str, int] = {}
        self._unions: dict[tuple[str, ...], int] = {}
        self._shared: dict[int, int] = {}

    @classmethod
    def shipped(cls) -> Self:
        """Return the table that is part of mlguard."""
        content = read(_TABLE)
        return cls((tuple(row) for row in content["services"]), content["levels"])

    @cached_property
    def all(self) -> int:
        """The mask of every known action."""
        return (1 << self._size) - 1

    @cached_property
    def names(self) -> tuple[str, ...]:
        """Every known action, as AWS writes it; the place of one is its bit."""
        return tuple(
            f"{service.prefix}:{name}"
            for service in self._services.values()
            for name in service.written.split()
        )

    @cached_property
    def taking_resources(self) -> int:
        """The mask of the actions that can be granted on a resource."""
        codes = "".join(service.codes for service in self._services.values())
        return int("".join("1" if code.isupper() else "0" for code in reversed(codes)) or "0", 2)

    @cached_property
    def of_star(self) -> int:
        """The mask of the actions that take no resource: they are granted by `*` alone."""
        return self.all & ~self.taking_resources

    @property
    def unknown(self) -> int:
        """A bit that no known action has."""
        return 1 << self._size

    def bit(self, action: str) -> int | None:
        """Return the number of an action, None if it is not known; case does not matter."""
        service, at = self._find(action)
        return None if service is None or at is None else service.start + at

    def known(self, action: str) -> bool:
        """Return whether the table has the action."""
        return self.bit(action) is not None

    def takes_resource(self, action: str) -> bool | None:
        """Return whether the action can be granted on a resource, None if it is not known.

        Service Authorization Reference, "Resource types": if there are none, Resource must be `*`.
        """
        code = self._code(action)
        return None if code is None else code.isupper()

    def level(self, action: str) -> str | None:
        """Return the access level as AWS names it, None if the action is not known."""
        code = self._code(action)
        return None if code is None else self._levels[code.lower()]

    def mask(self, pattern: str) -> int:
        """Return the known actions that an action pattern matches."""
        found = self._masks.get(pattern)
        if found is None:
            found = self._masks[pattern] = self._matched(fold(pattern))
        return found

    def union(self, patterns: tuple[str, ...]) -> int:
        """Return the known actions that any of the patterns matches."""
        found = self._unions.get(patterns)
        if found is None:
            found = 0
            for pattern in patterns:
                found |= self.mask(pattern)
            self._unions[patterns] = found
        return found

    def shared(self, mask: int) -> int:
        """Return the mask, the same one for all who keep it: an account has few that differ.

        One takes up to 3 kB, and an account has tens of thousands of statements.
        """
        return self._shared.setdefault(mask, mask)

    def expand(self, mask: int) -> tuple[str, ...]:
        """Return the actions of a mask, sorted."""
        bits = map(_ONE.__eq__, bin(mask)[:1:-1].encode())
        return tuple(sorted(compress(self.names, bits)))

    def _matched(self, pattern: str) -> int:
        if not pattern.strip(_ANY):
            return self.all if pattern else 0
        prefix, colon, name = pattern.partition(":")
        if not colon:
            return 0
        if "*" not in prefix and "?" not in prefix:
            service = self._services.get(prefix)
            return service.mask(name) if service else 0
        found = 0
        for service in self._services.values():
            if matches(prefix, service.prefix):
                found |= service.mask(name)
        return found

    def _find(self, action: str) -> tuple[_Service | None, int | None]:
        prefix, _, name = fold(action).partition(":")
        service = self._services.get(prefix)
        return service, service.place(name) if service else None

    def _code(self, action: str) -> str | None:
        service, at = self._find(action)
        return None if service is None or at is None else service.codes[at]


@cache
def actions() -> ActionTable:
    """Return the shipped table; it is read once."""
    return ActionTable.shipped()
