"""A request context in which some condition tests hold and others do not, or proof of none.

Keys are taken one by one: no test is about two of them, unless a policy variable stands in it;
such a test is a riddle, of which only this is known, that it cannot hold and not hold at once. A
key that some test asks about without ForAllValues or ForAnyValue is taken to have one value, as
AWS asks; and a key of Boolean, numeric, date or address tests to be of that type. Only a key of
texts may hold an empty one, which Null and the set operators take for an absent key.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import lru_cache
from types import MappingProxyType
from typing import Final, TypeAlias

from mlguard.iam.algebra.condition_values import Family, candidates, family_of
from mlguard.iam.algebra.pattern_algebra import Glob, Kind, NoText, Texts, Work
from mlguard.iam.evaluation.condition import CompiledTest, compile_test
from mlguard.iam.evaluation.condition_operators import is_whole_arn
from mlguard.iam.language.document import ConditionTest
from mlguard.iam.language.request import Context
from mlguard.iam.language.truth import Truth
from mlguard.iam.language.variables import has_variables
from mlguard.iam.language.wildcard import quote, unquote

Values: TypeAlias = tuple[str, ...]

_LIMIT: Final = 20_000
_SAMPLE: Final = "example"
_EMPTY: Final = ("",)
_WILD: Final = frozenset("*?")
# The request always has them: AWS global condition context keys.
_ALWAYS_THERE: Final = frozenset(
    {"aws:currenttime", "aws:epochtime", "aws:securetransport", "aws:principalarn"}
)
_NO_FAMILIES: Final[Mapping[str, Family]] = MappingProxyType({})
_SAME: Final = {"ArnEquals": "ArnLike", "ArnNotEquals": "ArnNotLike"}


@dataclass(frozen=True, slots=True)
class Bound:
    """That these policy variables have values."""

    variables: frozenset[str]

    @property
    def key(self) -> str:
        """A name that no context key has."""
        return "${" + ",".join(sorted(self.variables)) + "}"


@dataclass(frozen=True, slots=True)
class Fact:
    """A test that is to hold, or not to."""

    test: CompiledTest | Bound
    holds: bool


def canonical(test: ConditionTest, *, variables: bool) -> CompiledTest:
    """Return the test compiled, the same for all that mean the same by their looks."""
    plain = replace(
        test,
        operator=_SAME.get(test.operator, test.operator),
        key=test.key.lower(),
        values=tuple(sorted(set(test.values))),
    )
    return compile_test(plain, variables=variables and any(map(has_variables, test.values)))


def satisfy(
    facts: frozenset[Fact], families: Mapping[str, Family] = _NO_FAMILIES
) -> Mapping[str, Values] | NoText:
    """Return the keys of a context with these facts (absent keys left out), or why none.

    Of some keys it is known of which type their values are.
    """
    by_key: dict[str, set[Fact]] = {}
    for fact in facts:
        if Fact(fact.test, not fact.holds) in facts:
            return NoText.NONE
        by_key.setdefault(fact.test.key, set()).add(fact)
    found: dict[str, Values] = {}
    riddle = False
    for key in sorted(by_key):
        values = _values_for(key, frozenset(by_key[key]), families.get(key))
        if values is NoText.NONE:
            return NoText.NONE
        if values is NoText.UNKNOWN:
            riddle = True
        elif values:
            found[key] = values
    return NoText.UNKNOWN if riddle else found


def holds(test: CompiledTest | Bound, context: Mapping[str, Values]) -> bool:
    """Tell whether the test holds in a context of which all is known."""
    if isinstance(test, Bound):
        return all(context.get(key) for key in test.variables)
    return test.holds(Context(known=context)).truth is Truth.TRUE


def is_riddle(test: CompiledTest | Bound) -> bool:
    """Tell whether the test is about more than the values of its key."""
    return isinstance(test, Bound) or bool(test.templates)


@lru_cache(maxsize=16384)
def _values_for(key: str, facts: frozenset[Fact], family: Family | None) -> Values | NoText:
    """Return values of one key, none of them if it is to be absent."""
    tests = [
        (fact.test, fact.holds)
        for fact in facts
        if isinstance(fact.test, CompiledTest) and not is_riddle(fact.test)
    ]
    found = _Key(key, sorted(tests, key=_order), family).values()
    if found is NoText.NONE or len(tests) == len(facts):
        return found
    return NoText.UNKNOWN


_Wanted: TypeAlias = tuple[CompiledTest, bool]


def _order(wanted: _Wanted) -> tuple[str, Values, bool]:
    test, holding = wanted
    return test.test.written, test.test.values, holding


@dataclass(frozen=True, slots=True)
class _Key:
    """A key, the tests of its values, and whether each is to hold."""

    name: str
    tests: Sequence[_Wanted]
    family: Family | None

    def values(self) -> Values | NoText:
        """Return values with which each test comes out as wanted."""
        if self.name not in _ALWAYS_THERE and self._fits(()):
            return ()
        there = self._there()
        if not isinstance(there, NoText) and not self._fits(there):
            there = NoText.UNKNOWN
        if not isinstance(there, NoText):
            return there
        if self._may_be_empty() and self._fits(_EMPTY):
            return _EMPTY
        return () if self._fits(()) else there

    def _fits(self, values: Values) -> bool:
        return _come_out(self.name, self.tests, values)

    def _may_be_empty(self) -> bool:
        if self.name in _ALWAYS_THERE:
            return False
        return all(family is Family.TEXT for family in self._families(self.tests))

    def _families(self, tests: Iterable[_Wanted]) -> set[Family]:
        if self.family is not None:
            return {self.family}
        return {family_of(test.test.operator) for test, _ in _asked(tests)} or {Family.TEXT}

    def _there(self) -> Values | NoText:
        """Return values of a key that is there, one of which at least is not empty."""
        asked = _asked(self.tests)
        nulls = [pair for pair in self.tests if pair[0].operator is None]
        if not _come_out(self.name, nulls, (_SAMPLE,)):
            return NoText.NONE
        if any(test.test.qualifier is None for test, _ in asked):
            one = self._one_value(asked)
            return one if isinstance(one, NoText) else (one,)
        for_all = [pair for pair in asked if not _is_for_one(pair)]
        for_one = [pair for pair in asked if _is_for_one(pair)]
        found = [self._one_of_several([*for_all, pair]) for pair in for_one]
        if not any(found):
            found.append(self._one_value(for_all))
        doubts = [value for value in found if isinstance(value, NoText)]
        if doubts:
            return NoText.NONE if NoText.NONE in doubts else NoText.UNKNOWN
        return tuple(dict.fromkeys(value for value in found if isinstance(value, str)))

    def _one_of_several(self, tests: Sequence[_Wanted]) -> str | NoText:
        """Return a value for which the tests come out as wanted; others stand beside it."""
        value = self._one_value(tests)
        # Alone it would count as no value, so that the tests are asked about a pair.
        if isinstance(value, NoText) and self._may_be_empty():
            empty = [(_single(test), wanted) for test, wanted in tests]
            return "" if _come_out(self.name, empty, _EMPTY) else value
        return value

    def _one_value(self, tests: Sequence[_Wanted]) -> str | NoText:
        """Return one value that is not empty and for which each test comes out as wanted."""
        families = self._families(tests)
        # Values with wildcards are patterns, mostly, and no values to show.
        named = [value for test, _ in tests for value in test.constants if not _WILD & set(value)]
        for value in (one for family in families for one in candidates(family, named)):
            if value and _come_out(self.name, tests, (value,)):
                return value
        if families == {Family.TEXT}:
            sample = _SAMPLE if _come_out(self.name, tests, (_SAMPLE,)) else None
            return _one_text(tests, sample)
        return NoText.NONE if len(families) == 1 else NoText.UNKNOWN


def _come_out(key: str, tests: Iterable[_Wanted], values: Values) -> bool:
    """Tell whether each test comes out as wanted with these values."""
    return all(holds(test, {key: values}) is wanted for test, wanted in tests)


def _asked(tests: Iterable[_Wanted]) -> list[_Wanted]:
    """Return the tests that look at values: all but Null."""
    return [pair for pair in tests if pair[0].operator is not None]


def _single(test: CompiledTest) -> CompiledTest:
    """Return the test as it is asked of each value."""
    return replace(test, test=replace(test.test, qualifier=None))


def _is_for_one(wanted: _Wanted) -> bool:
    """Tell whether the fact asks for one value of several, and not for something of all."""
    test, holding = wanted
    return (test.test.qualifier == "ForAnyValue") is holding


def _one_text(tests: Sequence[_Wanted], sample: str | None) -> str | NoText:
    texts = Texts().within(Glob("?*"))
    if any(test.test.operator.startswith("Arn") for test, _ in tests):
        texts = texts.within(Glob("arn:?*:?*:*:*:?*", Kind.ARN))
    elif sample is not None:
        return sample
    for test, wanted in tests:
        negated = test.operator is not None and test.operator.negated
        globs = _globs(test)
        if globs is None:
            return NoText.UNKNOWN
        texts = texts.within(*globs) if wanted is not negated else texts.without(*globs)
    filled = (_filled(glob) for group in texts.inside for glob in group)
    for text in filled:
        if texts.contain(text):
            return unquote(text)
    found = texts.any(Work(_LIMIT), limit=_LIMIT)
    return found if isinstance(found, NoText) else unquote(found)


def _filled(glob: Glob) -> str:
    if glob.text.startswith("arn:?*"):
        return "arn:aws:example:us-east-1:123456789012:example"
    return glob.text.replace("?*", "*").replace("*", _SAMPLE).replace("?", "x")


def _globs(test: CompiledTest) -> tuple[Glob, ...] | None:
    """Return the patterns that the test's values are, or None if they cannot be patterns."""
    operator = test.test.operator
    if operator.startswith("Arn"):
        return tuple(Glob(value, Kind.ARN) for value in test.constants if is_whole_arn(value))
    if operator.endswith("Like"):
        return tuple(Glob(value) for value in test.constants)
    if not operator.endswith("IgnoreCase"):
        return tuple(Glob(quote(value)) for value in test.constants)
    if not all(value.isascii() for value in test.constants):
        return None
    return tuple(Glob(quote(value), Kind.FOLDED) for value in test.constants)
