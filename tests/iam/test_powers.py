"""What principals may do to each other, for all at once, beside one plain answer each."""

import json
from itertools import product
from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st

from mlguard.data.escalation_paths import escalation_paths, resources_of
from mlguard.iam.escalation.foresight import Foresight
from mlguard.iam.escalation.powers import Powers
from mlguard.iam.escalation.roster import Roster
from mlguard.iam.evaluation.policies import Carrier, PolicySet
from mlguard.iam.language.document import parse
from mlguard.iam.permissions.ability import Access
from mlguard.iam.permissions.effective import Effective, effective

ACCOUNT = "123456789012"
ROLE = f"arn:aws:iam::{ACCOUNT}:role/caller"
PEOPLE = tuple(f"arn:aws:iam::{ACCOUNT}:{one}" for one in ("role/a", "role/ab", "user/a", "user/x"))
FUNCTION, JOB = (
    f"arn:aws:lambda:eu-central-1:{ACCOUNT}:function:f",
    f"arn:aws:sagemaker:eu-central-1:{ACCOUNT}:training-job/f",
)
ON_PEOPLE = ("iam:PassRole", "iam:PutRolePolicy", "iam:CreateAccessKey")
ON_THINGS = ("lambda:CreateFunction", "sagemaker:CreateTrainingJob")
ACTIONS = (*ON_PEOPLE, *ON_THINGS)
ACTION_PATTERNS = (*ACTIONS, "*", "iam:*", "iam:Put?olePolicy", "lambda:Create*", "sagemaker:*")
PATTERNS = (
    *(*PEOPLE, FUNCTION, JOB, "*", f"arn:aws:iam::{ACCOUNT}:role/*", f"arn:aws:iam::{ACCOUNT}:*"),
    *("arn:aws:iam::*:user/?", f"arn:aws:lambda:*:{ACCOUNT}:function:*", "arn:aws:sagemaker:*"),
    *("arn:aws:iam::999999999999:role/*", f"arn:aws:iam::{ACCOUNT}:role/a*", "arn:aws:lambda:*:f"),
)
TESTS = (
    *(None, None, None, {"StringEquals": {"aws:RequestedRegion": "x"}}),
    *({"StringNotEquals": {"aws:RequestedRegion": "x"}}, {"Null": {"aws:RequestedRegion": "true"}}),
)


@st.composite
def statements(draw: st.DrawFn) -> dict[str, Any]:
    made: dict[str, Any] = {"Effect": draw(st.sampled_from(("Allow", "Allow", "Allow", "Deny")))}
    names = draw(st.lists(st.sampled_from(ACTION_PATTERNS), min_size=1, max_size=2))
    made["NotAction" if draw(st.integers(0, 5)) == 0 else "Action"] = names
    some = draw(st.lists(st.sampled_from(PATTERNS), min_size=1, max_size=3))
    made["NotResource" if draw(st.integers(0, 5)) == 0 else "Resource"] = some
    condition = draw(st.sampled_from(TESTS))
    return made | {"Condition": condition} if condition else made


POLICY = st.lists(statements(), min_size=1, max_size=3)
LAYERS = st.tuples(st.lists(POLICY, min_size=1, max_size=3), st.lists(POLICY, max_size=1))


def of_layers(layers: tuple[list[list[dict[str, Any]]], list[list[dict[str, Any]]]]) -> Effective:
    identity, boundaries = (
        tuple(
            Carrier(
                name=f"{kind}-{at}",
                document=parse(json.dumps({"Version": "2012-10-17", "Statement": one})),
            )
            for at, one in enumerate(policies)
        )
        for kind, policies in zip(("own", "limit"), layers, strict=True)
    )
    (found,) = effective([(ROLE, PolicySet(identity=identity, boundaries=boundaries))])
    return found


def powers() -> Powers:
    names = (action for path in escalation_paths() for action in path.actions)
    return Powers(Roster(PEOPLE), Foresight(names))


def of_kind(action: str, resource: str) -> bool:
    """Whether the action acts on such a resource at all."""
    kind = resource.split(":", 5)[5].split("/", maxsplit=1)[0].split(":", maxsplit=1)[0]
    return any(pattern.split(":", 5)[5].startswith(kind) for pattern in resources_of(action))


@settings(max_examples=300, deadline=None)
@given(LAYERS)
def test_each_answer_is_that_of_the_effective_permissions(layers: Any) -> None:
    who, asked = of_layers(layers), powers()
    for action, resource in product(ACTIONS, (*PEOPLE, FUNCTION, JOB)):
        if not of_kind(action, resource):
            continue
        found, access = asked.on(who, action, resource), who.can(action, resource).access
        if found is None:
            assert access is not Access.ALLOWED, (action, resource)
        elif found.sure:
            assert access is Access.ALLOWED, (action, resource)
        if access is Access.DENIED:
            assert found is None, (action, resource)


@settings(max_examples=300, deadline=None)
@given(LAYERS)
def test_sets_of_people_hold_whom_each_answer_names(layers: Any) -> None:
    who, asked = of_layers(layers), powers()
    for action in ON_PEOPLE:
        some = asked.reached(who, action)
        for place, person in enumerate(PEOPLE):
            if of_kind(action, person):
                found = asked.on(who, action, person)
                assert bool(some.maybe >> place & 1) >= (found is not None), (action, person)
                if some.sure >> place & 1:
                    assert found is not None, (action, person)
                    assert found.sure, (action, person)


@settings(max_examples=300, deadline=None)
@given(LAYERS)
def test_what_is_allowed_on_a_thing_is_allowed_on_some_thing(layers: Any) -> None:
    who, asked = of_layers(layers), powers()
    plain = asked.plainly(who, asked.open_to(who))
    names = Foresight(action for path in escalation_paths() for action in path.actions)
    for action, thing in product(ON_THINGS, (FUNCTION, JOB)):
        some = asked.some(who, action)
        if of_kind(action, thing) and who.can(action, thing).access is Access.ALLOWED:
            assert some is not None, (action, thing)
        if plain & names.bit(action):
            assert some is not None, action
            assert some.sure, action


def test_the_one_thing_that_a_deny_spares_is_found() -> None:
    allowing = {"Effect": "Allow", "Action": ["lambda:*"], "Resource": ["*"]}
    denying = {"Effect": "Deny", "NotAction": ["iam:PassRole"], "NotResource": [FUNCTION]}
    who = of_layers(([[allowing, denying]], []))
    found = powers().some(who, "lambda:CreateFunction")
    assert found is not None
    assert found.sure
