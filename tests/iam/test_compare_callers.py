"""Policies that name callers: who is let in anew, told by somebody of whom it is true."""

from itertools import product
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from mlguard.iam.comparison.compare import Comparison, compare, compare_trust
from mlguard.iam.evaluation.evaluate import evaluate
from mlguard.iam.evaluation.policies import Carrier, PolicySet
from mlguard.iam.language.document import Document
from mlguard.iam.language.principal import parse_principal
from mlguard.iam.language.request import Context, Request
from tests.iam.comparing import allow, document, trust

Json = dict[str, Any]

HERE, THERE = "111111111111", "222222222222"
ROLE = f"arn:aws:iam::{HERE}:role/r"


def bucket_policy(principal: Json | str, condition: Json | None = None) -> Json:
    return allow("s3:GetObject", "arn:aws:s3:::data/*", condition) | {"Principal": principal}


Asked = tuple[str, str, str, dict[str, tuple[str, ...]]]


def lets_in(policy: Document, asked: Asked, *, granted: bool, owner: str) -> bool:
    """The engine's answer for a resource of the owner, whose policy is the given one."""
    principal, action, resource, context = asked
    own = (Carrier(name="own", document=document(allow("*"))),) if granted else ()
    request = Request(
        principal=principal,
        action=action,
        resource=resource,
        resource_account=owner,
        context=Context.of(context),
    )
    carrier = Carrier(name="resource", document=policy)
    return evaluate(request, PolicySet(identity=own, resource=carrier)).allowed


def is_new(old: Document, new: Document, asked: Asked) -> bool:
    """Whether somewhere the new policy makes a request allowed that the old does not."""
    owners = {HERE, THERE, parse_principal(asked[0]).account or HERE}
    return any(
        lets_in(new, asked, granted=granted, owner=owner)
        and not lets_in(old, asked, granted=granted, owner=owner)
        for granted, owner in product((False, True), owners)
    )


def held(found: Comparison, old: Document, new: Document) -> Comparison:
    """Hold each witness against the engine."""
    for one in found.new_access:
        assert one.principal is not None
        assert is_new(old, new, (one.principal, one.action, one.resource, dict(one.context))), one
    return found


def checked(old: Document, new: Document) -> Comparison:
    return held(compare([old], [new]), old, new)


def newly_in(old: Json, new: Json) -> list[str | None]:
    return [one.principal for one in checked(document(old), document(new)).new_access]


def test_the_account_is_more_than_a_user_of_any_name() -> None:
    for name in ("example", "example-2"):
        user = {"AWS": f"arn:aws:iam::{HERE}:user/{name}"}
        assert newly_in(bucket_policy(user), bucket_policy({"AWS": HERE}))


def test_the_account_is_more_than_the_users_of_a_pattern() -> None:
    some = {"StringLike": {"aws:PrincipalArn": f"arn:aws:iam::{HERE}:*/ex*"}}
    (found,) = newly_in(bucket_policy({"AWS": HERE}, some), bucket_policy({"AWS": HERE}))
    assert found is not None
    assert not found.rpartition("/")[2].startswith("ex")
    assert newly_in(bucket_policy({"AWS": HERE}), bucket_policy({"AWS": HERE}, some)) == []


def test_a_role_that_is_named_is_not_shown_as_one_of_its_account() -> None:
    only = {"ArnEquals": {"aws:PrincipalArn": ROLE}}
    old, new = bucket_policy({"AWS": ROLE}), bucket_policy({"AWS": HERE}, only)
    assert newly_in(old, new) == []


def test_anyone_is_more_than_any_stranger() -> None:
    for account in ("999999999999", "999999999998"):
        old = bucket_policy({"AWS": [account, f"arn:aws:iam::{account}:role/example"]})
        assert newly_in(old, bucket_policy({"AWS": "*"}))


def test_anyone_of_an_account_is_shown_as_one_of_it() -> None:
    only = {"StringEquals": {"aws:PrincipalAccount": THERE}}
    (found,) = newly_in(bucket_policy({"AWS": ROLE}), bucket_policy("*", only))
    assert found is not None
    assert f"::{THERE}:" in found


def test_a_pattern_of_accounts_is_undecided_and_not_nothing() -> None:
    some = {"StringLike": {"aws:PrincipalAccount": "12*"}}
    old, new = document(bucket_policy({"AWS": ROLE})), document(bucket_policy("*", some))
    assert compare([old], [new]).undecided


def test_whether_aws_star_lets_services_in_is_undecided() -> None:
    narrow, wide = document(bucket_policy({"AWS": "*"})), document(bucket_policy("*"))
    found = checked(narrow, wide)
    assert [one.principal for one in found.undecided] == ["example.amazonaws.com"]
    assert not found.new_access
    assert checked(wide, narrow) == checked(narrow, narrow) == Comparison()


def test_the_name_of_a_user_and_its_arn_are_those_of_one_user() -> None:
    home = allow("s3:*", "arn:aws:s3:::homes/${aws:username}/*") | {"Principal": {"AWS": HERE}}
    (found,) = checked(document(bucket_policy({"AWS": ROLE})), document(home)).new_access
    assert found.principal is not None
    assert f"homes/{found.principal.rpartition('/')[2]}/" in found.resource


# Trust policies.


@pytest.mark.parametrize(
    ("principal", "shown"),
    [
        ({"AWS": "*"}, "arn:aws:iam::999999999999:user/example"),
        ({"AWS": f"arn:aws:iam::{THERE}:root"}, f"arn:aws:iam::{THERE}:user/example"),
        ({"Service": "lambda.amazonaws.com"}, "lambda.amazonaws.com"),
    ],
)
def test_who_may_assume_a_role_anew_is_named_with_the_role(principal: Json, shown: str) -> None:
    old = document(trust({"Service": "ec2.amazonaws.com"}))
    new = document(trust(principal))
    found = compare_trust(old, new, role=ROLE).new_access
    assert (shown, "sts:AssumeRole", ROLE) in {
        (one.principal, one.action, one.resource) for one in found
    }
    assert compare_trust(None, new, role=ROLE).new_access
    assert compare_trust(new, new, role=ROLE) == Comparison()


def test_a_trust_policy_grants_nothing_but_what_one_does_with_a_role() -> None:
    service = {"Service": "ec2.amazonaws.com"}
    old, new = trust(service), trust(service) | {"Action": ["sts:AssumeRole", "s3:*"]}
    assert compare_trust(document(old), document(new), role=ROLE) == Comparison()
    tags = trust(service) | {"Action": ["sts:AssumeRole", "sts:TagSession"]}
    (found,) = compare_trust(document(old), document(tags), role=ROLE).new_access
    assert found.action == "sts:TagSession"


# Against every caller of a small world.

NAMES: list[Json | str] = [
    "*",
    {"AWS": "*"},
    {"AWS": HERE},
    {"AWS": f"arn:aws:iam::{THERE}:root"},
    {"AWS": f"arn:aws:iam::{HERE}:user/example"},
    {"AWS": ROLE},
    {"AWS": [ROLE, THERE]},
    {"AWS": f"arn:aws:sts::{HERE}:assumed-role/r/s"},
    {"Service": "ec2.amazonaws.com"},
]
TESTS: list[Json] = [
    {"StringEquals": {"aws:PrincipalAccount": HERE}},
    {"StringNotEquals": {"aws:PrincipalAccount": [HERE, "999999999999"]}},
    {"ArnLike": {"aws:PrincipalArn": f"arn:aws:iam::{HERE}:user/ex*"}},
    {"ArnNotEquals": {"aws:PrincipalArn": ROLE}},
    {"StringLike": {"aws:PrincipalArn": "*/example"}},
    {"StringEquals": {"aws:username": "example"}},
    {"Null": {"aws:PrincipalArn": "true"}},
    {"StringEquals": {"k": ""}},
    {"Bool": {"b": "true"}},
]
CALLERS = [
    "*",
    "ec2.amazonaws.com",
    "lambda.amazonaws.com",
    ROLE,
    f"arn:aws:sts::{HERE}:assumed-role/r/s",
    f"arn:aws:sts::{HERE}:assumed-role/r/t",
    *(
        f"arn:aws:iam::{account}:{name}"
        for account in (HERE, THERE, "999999999999")
        for name in ("user/example", "user/other", "role/example")
    ),
]
CONTEXTS: list[dict[str, tuple[str, ...]]] = [{}, {"k": ("",)}, {"b": ("true",)}, {"b": ("false",)}]


@st.composite
def statements(draw: st.DrawFn) -> Json:
    effect = draw(st.sampled_from(["Allow", "Allow", "Allow", "Deny"]))
    said = trust(draw(st.sampled_from(NAMES))) | {"Effect": effect}
    condition = draw(st.one_of(st.none(), st.sampled_from(TESTS)))
    return said if condition is None else said | {"Condition": condition}


DOCUMENTS = st.lists(statements(), min_size=1, max_size=3).map(lambda found: document(*found))


@settings(max_examples=60, deadline=None)
@given(DOCUMENTS, DOCUMENTS)
def test_no_caller_contradicts_a_none(old: Document, new: Document) -> None:
    found = held(compare_trust(old, new, role=ROLE), old, new)
    if found != Comparison():
        return
    for caller, context in product(CALLERS, CONTEXTS):
        asked = caller, "sts:AssumeRole", ROLE, context
        assert not is_new(old, new, asked), asked
