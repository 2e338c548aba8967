"""Hostile and large policies are compared with little work, or undecided."""

import pytest

from mlguard.iam.comparison.compare import Comparison, compare
from tests.iam.comparing import (
    Json,
    allow,
    checked,
    document,
    trust,
    witness,
)
from tests.work import at_most


def test_a_hostile_pattern_takes_little_work() -> None:
    hostile = "s3:" + "a*" * 24 + "b"
    with at_most(10_000_000):
        checked([document(allow([hostile, "s3:*a*b*c*d*e*f"]))], [document(allow("s3:a*?*?*b*"))])


def test_what_takes_too_long_is_undecided() -> None:
    # The letter so many places before the end: subsets of those places have to be told apart.
    ends = [f"s3:*a{'?' * at}" for at in (17, 19)]
    starts = [f"s3:*b{'?' * at}" for at in (18, 16)]
    old: list[Json] = [
        {"Effect": "Allow", "Action": one, "Resource": "*"} for one in (*ends, *starts)
    ]
    found = compare([document(*old)], [document(allow("s3:*a*"))])
    assert found.new_access or found.undecided


def test_documents_of_real_size_take_little_work() -> None:
    actions = [f"ec2:Describe{at}Things" for at in range(300)]
    old = [allow(actions, [f"arn:aws:ec2:*:*:thing{at}/*" for at in range(20)])]
    new = [allow([*actions[::2], "ec2:RunInstances"], "arn:aws:ec2:*:*:thing7/x*")]
    with at_most(5_000_000):
        assert witness(old, new).action == "ec2:RunInstances"


MANY: list[tuple[str, str]] = [
    ("arn:aws:s3:::b{}/*", "arn:aws:s3:::c{}/*"),
    ("arn:aws:s3:::b{}/*", "arn:aws:s3:::b{}/x*"),
    ("arn:aws:s3:::*b{}*", "arn:aws:s3:::*b{}*x"),
    ("arn:aws:s3:::{}", "arn:aws:s3:::*{}"),
]


@pytest.mark.parametrize(("before", "after"), MANY)
@pytest.mark.parametrize("several", [False, True])
def test_many_resources_take_little_work(before: str, after: str, several: bool) -> None:  # noqa: FBT001
    olds, news = ([text.format(at) for at in range(1000)] for text in (before, after))
    if several:
        found = compare([document(allow("s3:*", olds))], [document(allow("s3:*", news))])
    else:
        old = document(*(allow("s3:*", one) for one in olds))
        found = compare([old], [document(*(allow("s3:*", one) for one in news))])
    is_wider = after in ("arn:aws:s3:::c{}/*", "arn:aws:s3:::*{}")
    assert len(found.new_access) == (1000 if is_wider else 0)
    assert not found.undecided


@pytest.mark.parametrize("narrow", ["s3:*", "s3:Get*"])
def test_many_conditions_take_little_work(narrow: str) -> None:
    teams = [{"StringEquals": {"aws:PrincipalTag/team": f"t{at}"}} for at in range(1001)]
    old = document(*(allow("s3:*", condition=team) for team in teams[1:]))
    (found,) = compare(
        [old], [document(*(allow(narrow, condition=team) for team in teams))]
    ).new_access
    assert found.context == {"aws:PrincipalTag/team": ("t0",)}


def test_many_patterns_of_actions_take_little_work() -> None:
    old = document(*(allow(f"s3:A{at}*") for at in range(1000)))
    assert compare([old], [document(*(allow(f"s3:A{at}x*") for at in range(1000)))]) == Comparison()


def test_many_callers_take_little_work() -> None:
    arns = [f"arn:aws:iam::123456789012:role/r{at}" for at in range(1001)]
    old = document(*(trust({"AWS": arn}) for arn in arns[1:]))
    (found,) = compare(
        [old], [document(*(trust({"AWS": arn}) for arn in reversed(arns)))]
    ).new_access
    assert found.principal == arns[0]


def test_when_the_work_is_done_the_rest_is_undecided() -> None:
    # Each is a riddle to each other: which objects both have, hangs on the user's name.
    homes = [allow("s3:*", f"arn:aws:s3:::*{at}*/${{aws:username}}*{at}") for at in range(150)]
    lists = [allow("s3:*", f"arn:aws:s3:::*{at}?/*/${{aws:userid}}*") for at in range(150)]
    found = compare([document(*homes)], [document(*lists)])
    assert len(found.new_access) + len(found.undecided) == 150
