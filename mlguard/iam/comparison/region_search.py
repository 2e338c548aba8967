"""Requests that are in one region and in none of some boxes: found, or proved not to be."""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from enum import Enum
from typing import Final, Protocol

from mlguard.iam.algebra.condition_region import Fact, Values, satisfy
from mlguard.iam.algebra.condition_values import Family
from mlguard.iam.algebra.pattern_algebra import Glob, Kind, NoText, Texts, Work, is_variable
from mlguard.iam.algebra.region import NO_RESOURCE, Box, Point, Region
from mlguard.iam.comparison.witness_text import ACTION_LETTERS, actions_to_try, resources_to_try
from mlguard.iam.language.wildcard import covers, fold, unquote

# What a comparison may take for hard cases, in states of pattern machines: some seconds.
WORK: Final = 400_000
_STATES: Final = 20_000
_REGIONS: Final = 2_000
_SEVERAL: Final = 2
# What looking at a region costs, in states of pattern machines, beside those that it takes.
_REGION_WORK: Final = 10
# What a request names is a whole ARN of one of AWS's partitions, or nothing. Its end may be the
# value of a variable. IAM User Guide, "Identify AWS resources with Amazon Resource Names".
_ARN: Final = (Glob("arn:aws:?*:*:*:*"), Glob("arn:aws-?*:?*:*:*:*"))
_ARNS: Final = Texts((_ARN,))


class Nowhere(Enum):
    """Why there is no request in a region.

    NONE    there is none
    RIDDLE  it hangs on tests or variables that were not solved
    WORK    it would take too long to tell
    """

    NONE = "none"
    RIDDLE = "riddle"
    WORK = "work"


class Avoided(Protocol):
    """Boxes that a request is to be outside of."""

    def about(self, point: Point) -> Iterator[Box]:
        """Return those that the request is in, or may be in."""
        ...

    def all(self) -> Iterator[Box]:
        """Return those that there is any need to look at."""
        ...


@dataclass(slots=True)
class Solver:
    """Finds requests; `known` are actions by service, shown rather than made-up ones.

    `families` has the types of condition keys, as far as the policies tell them; `work` is what
    may be spent on hard cases.
    """

    known: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    families: Mapping[str, Family] = field(default_factory=dict)
    work: Work = field(default_factory=lambda: Work(WORK))
    _actions: dict[Texts, str | NoText] = field(default_factory=dict)
    _resources: dict[tuple[Texts, str], str | NoText] = field(default_factory=dict)
    _contexts: dict[frozenset[Fact], Mapping[str, Values] | NoText] = field(default_factory=dict)

    def search(self, region: Region, avoid: Avoided) -> Point | Nowhere:
        """Return a request of the region that is in none of the boxes, or why there is none."""
        return _Search(self, avoid).run(region, ())

    def point(self, region: Region) -> Point | Nowhere:
        """Return a request of the region, or why there is none."""
        context = self._context(region.facts)
        action = self._action(region.actions) if context is not NoText.NONE else NoText.NONE
        if action is NoText.NONE:
            return Nowhere.NONE
        resource = self._resource(region, "" if isinstance(action, NoText) else action)
        if resource is NoText.NONE:
            return Nowhere.NONE
        if isinstance(action, NoText):
            return Nowhere.WORK
        if isinstance(resource, NoText) or isinstance(context, NoText):
            return Nowhere.RIDDLE
        # The value of a variable is not known here.
        if any(map(is_variable, resource)):
            return Nowhere.RIDDLE
        return Point(action, unquote(resource), context)

    def _context(self, facts: frozenset[Fact]) -> Mapping[str, Values] | NoText:
        if facts not in self._contexts:
            self._contexts[facts] = satisfy(facts, self.families)
        return self._contexts[facts]

    def _action(self, texts: Texts) -> str | NoText:
        if texts not in self._actions:
            self._actions[texts] = self._solved_action(texts)
        return self._actions[texts]

    def _solved_action(self, texts: Texts) -> str | NoText:
        if _plainly_none(texts):
            return NoText.NONE
        for action in actions_to_try(texts, self.known):
            folded = fold(action)
            if ACTION_LETTERS.issuperset(folded) and texts.contain(folded):
                return action
        return texts.any(self.work, alphabet=ACTION_LETTERS, limit=_STATES)

    def _resource(self, region: Region, action: str) -> str | NoText:
        service = fold(action).partition(":")[0]
        if (region.resources, service) not in self._resources:
            found = _solved_resource(region.resources, service, self.work)
            self._resources[region.resources, service] = found
        found = self._resources[region.resources, service]
        if region.bare and (isinstance(found, NoText) or not found.startswith("arn:")):
            return NO_RESOURCE
        return found


@dataclass(slots=True)
class _Search:
    """One search; it gives up after so many regions."""

    solver: Solver
    avoid: Avoided
    left: int = _REGIONS

    def run(self, region: Region, gone: tuple[Box, ...]) -> Point | Nowhere:
        """Search a region that is outside the boxes that are gone."""
        point = self.solver.point(region)
        if point is Nowhere.NONE:
            return point
        # With what cannot be solved, boxes left out may still prove that nothing is left.
        near = self.avoid.about(point) if isinstance(point, Point) else self.avoid.all()
        hit = [box for box in dict.fromkeys(near) if box not in gone]
        if isinstance(point, Point) and not hit:
            return point
        found = self._easiest(region, hit)
        if found is None:
            return point if isinstance(point, Nowhere) else Nowhere.WORK
        box, parts = found
        return self._best(self.run(part, (*gone, box)) for part in parts)

    def _best(self, answers: Iterable[Point | Nowhere]) -> Point | Nowhere:
        doubt = Nowhere.NONE
        for answer in answers:
            if isinstance(answer, Point):
                return answer
            if answer is not Nowhere.NONE:
                doubt = answer
        return doubt

    def _easiest(
        self, region: Region, boxes: Iterable[Box]
    ) -> tuple[Box, tuple[Region, ...]] | None:
        """Return the box that leaves the fewest parts outside it, and those parts."""
        best: tuple[Box, tuple[Region, ...]] | None = None
        for box in boxes:
            if self.left <= 0 or self.solver.work.left <= 0:
                return None
            self.left -= 1
            self.solver.work.left -= _REGION_WORK
            parts = tuple(
                part for part in region.outside(box) if self.solver.point(part) is not Nowhere.NONE
            )
            if best is None or len(parts) < len(best[1]):
                best = box, parts
            if not parts:
                break
        return best


def _solved_resource(texts: Texts, service: str, work: Work) -> str | NoText:
    if _plainly_none(texts):
        return NoText.NONE
    for resource in resources_to_try(texts, service):
        plain = not any(map(is_variable, resource))
        if plain and _ARNS.contain(resource) and texts.contain(resource):
            return resource
    found = texts.within(*_ARN).any(work, limit=_STATES)
    if found is not NoText.NONE or len(texts.inside) < _SEVERAL:
        return found
    if not any(glob.symbolic for group in texts.inside for glob in group):
        return found
    # Two patterns that do not meet may do so once a variable has its value. But if one of them
    # is outside altogether, it is so whatever the value is.
    alone = (Texts((group,), texts.outside) for group in texts.inside)
    if any(each.any(work, limit=_STATES) is NoText.NONE for each in alone):
        return NoText.NONE
    return NoText.UNKNOWN


def _plainly_none(texts: Texts) -> bool:
    """Tell whether a glance shows that there is no text: some of them, left out one by one."""
    wide = [glob for glob in texts.outside if _is_plain(glob)]
    return any(
        all(glob in texts.outside or _is_covered(glob, wide) for glob in group)
        for group in texts.inside
    )


def _is_covered(glob: Glob, wide: list[Glob]) -> bool:
    return any(covers(other.text, glob.text) for other in wide)


def _is_plain(glob: Glob) -> bool:
    """Tell whether the wildcards of a pattern stand for colons as for any other letter."""
    if glob.kind is Kind.PLAIN:
        return True
    return "?" not in glob.text and all(
        glob.text[at + 1 : at + 2] in ("", ":", "*")
        for at, letter in enumerate(glob.text)
        if letter == "*"
    )
