from functools import cache
from itertools import product

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from mlguard.iam.language.wildcard import (
    action_matches,
    covers,
    fold,
    matches,
    meeting,
    meets,
    quote,
    unquote,
)

# `z` stands in no pattern: whatever is only matched by a wildcard shows on it.
LETTERS = "abz"
PATTERN = st.text("ab*?", max_size=10)
TEXT = st.text(LETTERS, max_size=10)


@cache
def oracle(pattern: str, text: str) -> bool:
    """The definition, letter by letter."""
    if not pattern:
        return not text
    if pattern[0] == "*":
        return oracle(pattern[1:], text) or bool(text and oracle(pattern, text[1:]))
    return bool(text) and pattern[0] in ("?", text[0]) and oracle(pattern[1:], text[1:])


def rests(patterns: frozenset[str]) -> frozenset[str]:
    """What may be left to match, a leading star also skipped."""
    skipped = {rest.lstrip("*") for rest in patterns if rest.startswith("*")}
    return patterns | skipped


def after(patterns: frozenset[str], letter: str) -> frozenset[str]:
    left = {rest for rest in patterns if rest.startswith("*")}
    left |= {rest[1:] for rest in patterns if rest and rest[0] in ("?", letter)}
    return rests(frozenset(left))


def verdicts(a: str, b: str) -> frozenset[tuple[bool, bool]]:
    """For all texts whatever: whether a matches, whether b matches (by subset construction)."""
    start = (rests(frozenset({a})), rests(frozenset({b})))
    seen, waiting = {start}, [start]
    while waiting:
        of_a, of_b = waiting.pop()
        following = {(after(of_a, letter), after(of_b, letter)) for letter in LETTERS}
        waiting += following - seen
        seen |= following
    return frozenset(("" in of_a, "" in of_b) for of_a, of_b in seen)


@given(PATTERN, TEXT)
@settings(max_examples=400, deadline=None)
def test_matching_follows_the_definition(pattern: str, text: str) -> None:
    assert matches(pattern, text) == oracle(pattern, text)


@given(PATTERN, PATTERN)
@settings(max_examples=500, deadline=None)
def test_covering_and_meeting_are_exact(a: str, b: str) -> None:
    seen = verdicts(a, b)
    assert covers(a, b) == ((False, True) not in seen)
    assert meets(a, b) == ((True, True) in seen)


@given(PATTERN, st.lists(st.text("ab*?", max_size=2), min_size=10, max_size=10))
@settings(max_examples=500, deadline=None)
def test_covering_a_narrowed_pattern_is_exact(a: str, fillings: list[str]) -> None:
    parts = zip(a, fillings, strict=False)
    b = "".join(filling if letter == "*" else letter for letter, filling in parts)
    assert covers(a, b) == ((False, True) not in verdicts(a, b))


@pytest.mark.parametrize("size", range(5))
def test_covering_is_exact_for_every_pair_of_small_patterns(size: int) -> None:
    left = ["".join(letters) for letters in product("a*?", repeat=size)]
    right = ["".join(letters) for n in range(4) for letters in product("a*?", repeat=n)]
    wrong = [
        (a, b)
        for a, b in product(left, right)
        if covers(a, b) != ((False, True) not in verdicts(a, b))
    ]
    assert wrong == []


@pytest.mark.parametrize(
    ("a", "b", "covered"),
    [
        ("*?", "?*", True),
        ("*?", "*", False),
        ("*b??c", "b*c", False),
        ("*b?*", "b*?", True),
        ("*a*", "*a", True),
        ("*a", "*a*", False),
        ("arn:aws:s3:::*", "arn:aws:s3:::b?*", True),
        ("arn:aws:s3:::b?*", "arn:aws:s3:::b*", False),
    ],
)
def test_covering_counts_what_a_question_mark_needs(a: str, b: str, *, covered: bool) -> None:
    assert covers(a, b) is covered


@given(PATTERN, PATTERN)
@settings(deadline=None)
def test_a_witness_is_matched_by_both_and_stands_for_the_answer(a: str, b: str) -> None:
    witness = meeting(a, b)
    assert meets(a, b) == meets(b, a) == (witness is not None)
    if witness is not None:
        assert matches(a, witness)
        assert matches(b, witness)


@given(PATTERN, PATTERN, TEXT)
@settings(deadline=None)
def test_what_the_covered_matches_the_covering_matches(a: str, b: str, text: str) -> None:
    if covers(a, b) and matches(b, text):
        assert matches(a, text)


@given(PATTERN, PATTERN)
@settings(deadline=None)
def test_the_covering_meets_what_it_covers(a: str, b: str) -> None:
    if covers(a, b):
        assert meets(a, b)


@given(PATTERN)
@settings(deadline=None)
def test_a_pattern_covers_itself_and_a_star_covers_all(pattern: str) -> None:
    assert covers(pattern, pattern)
    assert covers(pattern, pattern.replace("**", "*"))
    assert covers("*", pattern)


def test_a_star_crosses_slashes_and_colons() -> None:
    assert matches("arn:aws:s3:*", "arn:aws:s3:::bucket/key/deep")
    assert matches("arn:aws:iam::*:role/*", "arn:aws:iam::123456789012:role/a/b")


def test_a_question_mark_is_exactly_one_character() -> None:
    assert matches("b?t", "bat")
    assert not matches("b?t", "bt")
    assert not matches("b?t", "boat")


def test_resources_tell_upper_from_lower_case_and_actions_do_not() -> None:
    assert not matches("arn:aws:s3:::Bucket", "arn:aws:s3:::bucket")
    assert action_matches("S3:get*", "s3:GetObject")
    assert not action_matches("s3:Get*", "s3:PutObject")


def test_folding_touches_ascii_only() -> None:
    assert fold("IAM:PassRole") == "iam:passrole"
    assert fold("iam:\u212aey") == "iam:\u212aey"
    assert not action_matches("iam:\u212aey", "iam:key")


def test_a_quoted_star_is_a_star_and_nothing_else() -> None:
    pattern = "home/" + quote("*") + "/?"
    assert matches(pattern, quote("home/*/a"))
    assert not matches(pattern, quote("home/bob/a"))
    assert unquote(quote("a*b?c")) == "a*b?c"


def test_two_narrowed_resources_meet_in_a_text_that_can_be_read() -> None:
    a = "arn:aws:s3:::ml-*/models/*"
    b = "arn:aws:s3:::*-prod/*"
    witness = meeting(a, b)
    assert witness == "arn:aws:s3:::ml-/models/-prod/"
    assert meeting("arn:aws:s3:::a*", "arn:aws:s3:::b*") is None


@pytest.mark.parametrize(
    ("a", "b"),
    [
        ("a*" * 24 + "b", "a" * 5000),
        ("a?*" * 500 + "b", "a" * 3000),
        ("*" + "?" * 2000 + "b", "*a" * 1000),
        ("*a?" * 700, "*?a" * 700),
        ("*" * 3000 + "b", "*?" * 1500),
        ("?" * 3000, "a*" * 1000),
    ],
)
def test_hostile_patterns_are_answered(a: str, b: str) -> None:
    """One exponential step here, and the suite would not end."""
    matches(a, b)
    covers(b, a)
    witness = meeting(a, b)
    assert meets(a, b) == (witness is not None)
    if witness is not None:
        assert matches(a, witness)
        assert matches(b, witness)
    if covers(a, b):
        assert witness is not None
