"""Effective permissions beside an oracle that asks one plain request after another."""

import json
from collections.abc import Iterable, Iterator
from itertools import product
from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st

from mlguard.iam.evaluation.policies import Carrier, PolicySet
from mlguard.iam.language.actions import actions
from mlguard.iam.language.document import parse
from mlguard.iam.permissions.ability import Ability, Access
from mlguard.iam.permissions.clauses import mask_of
from mlguard.iam.permissions.effective import Effective, effective

ROLE = "arn:aws:iam::123456789012:role/train"


def carrier(*statements: dict[str, Any]) -> Carrier:
    text = json.dumps({"Version": "2012-10-17", "Statement": list(statements)})
    return Carrier(name="own", document=parse(text))


ACTIONS = ("s3:GetObject", "s3:PutObject", "s3:ListAllMyBuckets", "iam:PassRole", "new:Thing")
OF_STAR = "s3:ListAllMyBuckets"
ACTION_PATTERNS = (*ACTIONS, "*", "s3:*", "S3:getO*", "s3:?utObject", "iam:*", "new:*")
TEXTS = ("arn:aws:s3:::a", "arn:aws:s3:::ab", "arn:aws:iam::1:role/a", "arn:aws:s3:::c")
PATTERNS = (*TEXTS, "*", "arn:aws:s3:::*", "arn:aws:s3:::a*", "arn:aws:s3:::?", "arn:aws:iam::*")
KEY = "aws:RequestedRegion"
VALUES: tuple[str | None, ...] = (None, "x", "y", "z")
TESTS = (
    None,
    ("StringEquals", ("x",)),
    ("StringEquals", ("x", "y")),
    ("StringNotEquals", ("x",)),
    ("StringNotEquals", ("y", "x")),
    ("StringEqualsIfExists", ("y",)),
)


def is_like(pattern: str, text: str) -> bool:
    if not pattern or not text:
        return not pattern.strip("*") and not text
    if pattern[0] == "*":
        return is_like(pattern[1:], text) or is_like(pattern, text[1:])
    return pattern[0] in ("?", text[0]) and is_like(pattern[1:], text[1:])


def holds(test: tuple[str, tuple[str, ...]] | None, value: str | None) -> bool:
    if test is None:
        return True
    operator, values = test
    if value is None:
        return operator != "StringEquals"
    return (value in values) is ("Not" not in operator)


class Drawn(dict[str, Any]):
    """A statement, and its test as the oracle reads it."""

    test: tuple[str, tuple[str, ...]] | None = None


def says(statement: Drawn, action: str, resource: str, value: str | None) -> bool:
    """Return whether the statement is about the request."""
    names = statement.get("Action") or statement["NotAction"]
    about = any(is_like(name.lower(), action.lower()) for name in names)
    patterns = statement.get("Resource") or statement["NotResource"]
    if action == OF_STAR:
        there = "*" in patterns
    else:
        there = any(is_like(pattern, resource) for pattern in patterns)
    return (
        about is ("Action" in statement)
        and there is ("Resource" in statement)
        and holds(statement.test, value)
    )


def is_allowed(layers: list[list[Drawn]], action: str, resource: str, value: str | None) -> bool:
    said = [[one for one in layer if says(one, action, resource, value)] for layer in layers]
    if any(one["Effect"] == "Deny" for layer in said for one in layer):
        return False
    return all(layer for layer in said)


def outcomes(layers: list[list[Drawn]], action: str, resources: Iterable[str]) -> Iterator[bool]:
    for resource, value in product(resources, VALUES):
        yield is_allowed(layers, action, resource, value)


@st.composite
def statements(draw: st.DrawFn, *, conditions: bool) -> Drawn:
    not_action, not_resource = draw(st.booleans()), draw(st.integers(0, 3)) == 0
    some = st.lists(st.sampled_from(PATTERNS), min_size=1, max_size=3)
    made = Drawn(Effect=draw(st.sampled_from(["Allow", "Allow", "Deny"])))
    names = st.lists(st.sampled_from(ACTION_PATTERNS), min_size=1, max_size=2)
    made["NotAction" if not_action and draw(st.booleans()) else "Action"] = draw(names)
    made["NotResource" if not_resource else "Resource"] = draw(some)
    made.test = draw(st.sampled_from(TESTS)) if conditions else None
    if made.test:
        made["Condition"] = {made.test[0]: {KEY: list(made.test[1])}}
    return made


def layers_of(*, conditions: bool) -> st.SearchStrategy[list[list[Drawn]]]:
    layer = st.lists(statements(conditions=conditions), min_size=1, max_size=4)
    return st.lists(layer, min_size=1, max_size=3)


def of_layers(layers: list[list[Drawn]]) -> Effective:
    identity, *others = layers
    policies = PolicySet(
        identity=tuple(carrier(one) for one in identity),
        boundaries=tuple(carrier(*layer) for layer in others[:1]),
        scps=tuple((carrier(*layer),) for layer in others[1:]),
    )
    (found,) = effective([(ROLE, policies)])
    return found


def said_of(results: list[bool]) -> Access:
    if all(results):
        return Access.ALLOWED
    return Access.CONDITIONAL if any(results) else Access.DENIED


@settings(max_examples=400)
@given(layers_of(conditions=False))
def test_without_conditions_each_answer_is_that_of_the_oracle(layers: list[list[Drawn]]) -> None:
    found = of_layers(layers)
    for action, resource in product(ACTIONS, TEXTS):
        expected = said_of(list(outcomes(layers, action, [resource])))
        assert found.can(action, resource).access is expected, (action, resource)


def sound(answer: Ability, results: list[bool]) -> bool:
    if answer.access is Access.ALLOWED:
        return all(results)
    return answer.access is Access.CONDITIONAL or not any(results)


@settings(max_examples=400)
@given(layers_of(conditions=True))
def test_no_answer_is_more_certain_than_the_oracle(layers: list[list[Drawn]]) -> None:
    found = of_layers(layers)
    for action, pattern in product(ACTIONS, PATTERNS):
        texts = [text for text in TEXTS if is_like(pattern, text)]
        results = list(outcomes(layers, action, texts))
        assert sound(found.can(action, pattern), results), (action, pattern)


@settings(max_examples=400)
@given(layers_of(conditions=True))
def test_the_masks_and_grants_agree_with_the_oracle(layers: list[list[Drawn]]) -> None:
    found = of_layers(layers)
    assert found.actions_anywhere == mask_of(found.grants) or found.permissions.denies
    assert mask_of(found.grants) & ~found.actions_anywhere == 0
    for action in ACTIONS[:-1]:
        mask = actions().mask(action)
        results = list(outcomes(layers, action, TEXTS))
        if any(results):
            assert found.actions_anywhere & mask, action
            assert mask_of(found.grants) & mask, action
        if found.on_all_resources & mask:
            assert all(results), action


@settings(max_examples=200)
@given(layers_of(conditions=True), statements(conditions=True))
def test_an_allow_never_takes_away_and_a_deny_never_gives(
    layers: list[list[Drawn]], extra: Drawn
) -> None:
    identity, *others = layers
    before, after = of_layers(layers), of_layers([[*identity, extra], *others])
    if extra["Effect"] == "Deny":
        before, after = after, before
    rank = {Access.DENIED: 0, Access.CONDITIONAL: 1, Access.ALLOWED: 2}
    for action, text in product(ACTIONS, TEXTS):
        assert rank[before.can(action, text).access] <= rank[after.can(action, text).access]
