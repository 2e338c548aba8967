"""Regions of requests: what a statement is about, and what is left beside it."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Final, Self

from mlguard.iam.algebra.condition_region import Bound, Fact, Values, holds, is_riddle
from mlguard.iam.algebra.pattern_algebra import Glob, Texts
from mlguard.iam.evaluation.condition import CompiledTest
from mlguard.iam.language.wildcard import fold

NO_RESOURCE: Final = "*"

# An action is a prefix, a colon and a name.
_ACTIONS: Final = Texts(((Glob("?*:?*"),),), frozenset({Glob("*:*:*")}))
_ALL: Final = Texts()


@dataclass(frozen=True, slots=True)
class Entries:
    """The patterns of one element; `excluded` is its Not form."""

    globs: tuple[Glob, ...]
    excluded: bool = False

    def contain(self, text: str) -> bool:
        """Tell whether the element is about the text."""
        return any(glob.matches(text) for glob in self.globs) is not self.excluded

    def bare(self) -> bool:
        """Tell whether the element is about requests that have no resource."""
        return any(not glob.text.strip("*") for glob in self.globs) is not self.excluded

    def within(self, texts: Texts) -> Texts:
        """Return those of the texts that the element is about."""
        return texts.without(*self.globs) if self.excluded else texts.within(*self.globs)

    def outside(self, texts: Texts) -> Texts:
        """Return those of the texts that the element is not about."""
        return texts.within(*self.globs) if self.excluded else texts.without(*self.globs)


@dataclass(frozen=True, slots=True)
class Box:
    """What one statement is about."""

    actions: Entries
    resources: Entries
    tests: tuple[CompiledTest | Bound, ...] = ()


@dataclass(frozen=True, slots=True)
class Point:
    """One request; keys of the context that are not there are absent."""

    action: str
    resource: str
    context: Mapping[str, Values]

    def may_be_within(self, box: Box) -> bool:
        """Tell whether the statement is about the request, or may be, as far as it is solved."""
        bare = self.resource == NO_RESOURCE
        return (
            box.actions.contain(fold(self.action))
            and (box.resources.bare() if bare else box.resources.contain(self.resource))
            and all(is_riddle(test) or holds(test, self.context) for test in box.tests)
        )


@dataclass(frozen=True, slots=True)
class Region:
    """The requests that are in some boxes and outside others; `of` is that of a single box.

    `bare` says whether the requests without a resource are among them.
    """

    actions: Texts = _ACTIONS
    resources: Texts = _ALL
    facts: frozenset[Fact] = frozenset()
    bare: bool = True

    def within(self, box: Box) -> Self:
        """Return those of the requests that are in the box."""
        return type(self)(
            box.actions.within(self.actions),
            box.resources.within(self.resources),
            self.facts.union(Fact(test, holds=True) for test in box.tests),
            self.bare and box.resources.bare(),
        )

    def outside(self, box: Box) -> Iterator[Self]:
        """Return regions that hold, together, those of the requests that are not in the box."""
        make = type(self)
        yield make(box.actions.outside(self.actions), self.resources, self.facts, self.bare)
        bare = self.bare and not box.resources.bare()
        yield make(self.actions, box.resources.outside(self.resources), self.facts, bare)
        for test in box.tests:
            facts = self.facts | {Fact(test, holds=False)}
            yield make(self.actions, self.resources, facts, self.bare)
