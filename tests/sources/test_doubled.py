import json

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from mlguard.errors import FileError
from mlguard.sources.authorization_members import Members
from mlguard.sources.doubled import refuse_doubled

USUAL = msgspec.json.Decoder(Members)
DOCUMENT = "AssumeRolePolicyDocument"
JSON = st.recursive(
    st.none() | st.booleans() | st.integers(-9, 9) | st.text(max_size=3),
    lambda inner: st.lists(inner, max_size=2) | st.dictionaries(st.text(max_size=3), inner),
    max_leaves=6,
)


def page(role: str) -> bytes:
    return f'{{"RoleDetailList": [{{{role}}}]}}'.encode()


def refused(text: bytes) -> bool:
    try:
        refuse_doubled(text, "account.json", but=frozenset({DOCUMENT}), usual=USUAL)
    except FileError:
        return True
    return False


@pytest.mark.parametrize(
    "role",
    [
        '"Arn": "a", "Arn": "b"',
        '"Arn": "a", "Ar\\u006e": "b"',
        '"Later": 1, "Later": 2',
        '"Later": {"x": 1, "x": 2}',
        '"Tags": [{"Key": "a", "Key": "b"}]',
        '"RoleLastUsed": {"Region": "a", "Region": "a"}',
        '"InstanceProfileList": [{"Roles": [{"Path": "/", "Path": "/"}]}]',
        '"InstanceProfileList": [{"Path": {"x": 1, "x": 1}}]',
        '"PermissionsBoundary": {"PermissionsBoundaryArn": "a", "PermissionsBoundaryArn": "b"}',
    ],
)
def test_a_key_that_stands_twice_is_refused_wherever_it_stands(role: str) -> None:
    assert refused(page(role))


@pytest.mark.parametrize(
    "role",
    [
        '"Arn": "a", "Path": "/"',
        '"Later": [{"x": 1}, {"x": 1.50}], "Arn": "\\u00e9"',
        '"Tags": 3',
        f'"{DOCUMENT}": {{"Id": "a", "Id": "b"}}',
        '"InstanceProfileList": [{"Roles": [{"AssumeRolePolicyDocument": {"x": 1, "x": 1}}]}]',
    ],
)
def test_what_is_odd_but_not_doubled_is_left_to_others(role: str) -> None:
    assert not refused(page(role))


@given(st.sampled_from(["Path", "RoleLastUsed", "Tags", "RolePolicyList", "Later"]), JSON, JSON)
def test_one_key_with_any_two_values_is_refused(key: str, one: object, other: object) -> None:
    first, second = (f'"{key}": {json.dumps(value)}' for value in (one, other))
    assert refused(page(f'"Arn": "a", {first}, {second}'))
    assert not refused(page(f'"Arn": "a", {first}'))
