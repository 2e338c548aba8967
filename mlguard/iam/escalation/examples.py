"""Resources to try a permission out on: such as the action takes and the statements are about."""

from collections.abc import Iterator
from itertools import product
from typing import Final

from mlguard.iam.escalation.possibility import Possibility
from mlguard.iam.language.wildcard import matches, meeting
from mlguard.iam.permissions.clauses import Clause
from mlguard.iam.permissions.reach import Extent

_ANY: Final = "*"
_WITNESSES: Final = 4
# An ARN: arn, partition, service, region, account, resource.
_RESOURCE: Final = 5


class Examples:
    """Examples of each statement for each pattern of resources, made once."""

    def __init__(self) -> None:
        self._shared: dict[tuple[int, str], tuple[str, ...]] = {}
        self._enough: dict[tuple[int, str], Possibility | None] = {}

    def enough(self, clause: Clause, pattern: str) -> Possibility | None:
        """Return the statement if it surely is about something that the pattern matches."""
        key = (id(clause), pattern)
        if key not in self._enough:
            self._enough[key] = _enough(clause, pattern)
        return self._enough[key]

    def of(self, layer: tuple[Clause, ...], pattern: str) -> tuple[str, ...]:
        """Return resources of the pattern that statements of the layer are about."""
        found: list[str] = []
        for clause in layer:
            if clause.everywhere:
                return (_example(pattern),)
            key = (id(clause), pattern)
            if key not in self._shared:
                self._shared[key] = tuple(_shared(clause, pattern))
            found += self._shared[key]
        return tuple(found)

    def every(
        self, layers: tuple[tuple[Clause, ...], ...], shared: list[tuple[str, ...]], pattern: str
    ) -> Iterator[str]:
        """Yield those that single layers are about, and those that two of them share."""
        for examples in shared:
            yield from examples
        yield _example(pattern)
        first, *others = layers
        for layer in others:
            for one, other in product(_patterns_of(first), _patterns_of(layer)):
                text = meeting(one, other)
                if text is not None and _is_one(text, pattern):
                    yield text

    @staticmethod
    def spared(denies: tuple[Clause, ...], pattern: str) -> Iterator[str]:
        """Yield resources of the pattern that a deny names as those it leaves alone."""
        for deny in denies:
            for entry in deny.reach.entries if deny.reach.inverted else ():
                text = instance(entry.pattern, pattern)
                if text is not None:
                    yield text


def extent_of(clause: Clause, resource: str) -> Extent:
    """Return how much the statement is about the resource, which may be `*`."""
    return clause.star if resource == _ANY else clause.reach.extent(resource)


def _enough(clause: Clause, pattern: str) -> Possibility | None:
    """Return the statement if it surely is about something that the pattern matches."""
    examples = (_example(pattern),) if clause.everywhere else _shared(clause, pattern)
    sure = any(extent_of(clause, example) is Extent.ALL for example in examples)
    return Possibility(clauses=(clause,)) if sure else None


def _shared(clause: Clause, pattern: str) -> Iterator[str]:
    """Yield resources that the pattern matches and the statement is about, or may be."""
    reach = clause.reach
    if pattern == _ANY:
        if clause.star is not Extent.NONE:
            yield _ANY
        return
    if reach.inverted:
        if reach.extent(pattern) is not Extent.NONE:
            yield _example(pattern)
        return
    head = pattern.partition("*")[0]
    for entry in reach.entries:
        begin = entry.pattern.partition("*")[0].partition("?")[0]
        if begin.startswith(head) or head.startswith(begin):
            text = instance(entry.pattern, pattern)
            if text is not None:
                yield text


def instance(written: str, pattern: str) -> str | None:
    """Return a resource of the pattern that what is written in a policy matches, too.

    What the pattern leaves open is one segment: no region or account has a colon.
    """
    mine, theirs = written.split(":", _RESOURCE), pattern.split(":", _RESOURCE)
    if len(mine) == len(theirs):
        parts = [meeting(one, other) for one, other in zip(mine, theirs, strict=True)]
        texts = [part for part in parts if part is not None]
        if len(texts) == len(parts):
            return ":".join(texts)
    # A star in a policy may stand for colons.
    text = meeting(written, pattern)
    return text if text is not None and _is_one(text, pattern) else None


def _is_one(text: str, pattern: str) -> bool:
    """Return whether the text is a resource of the pattern."""
    mine, theirs = text.split(":", _RESOURCE), pattern.split(":", _RESOURCE)
    return len(mine) == len(theirs) and all(map(matches, theirs, mine))


def _example(pattern: str) -> str:
    return pattern if pattern == _ANY else pattern.replace("*", "x").replace("?", "x")


def _patterns_of(layer: tuple[Clause, ...]) -> tuple[str, ...]:
    entries = (
        entry.pattern
        for clause in layer
        if not clause.reach.inverted
        for entry in clause.reach.entries
    )
    return tuple(entries)[:_WITNESSES]
