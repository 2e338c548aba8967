from typing import Any

from mlguard.resources.tags import TagSet
from mlguard.snapshot import GapReason
from mlguard.sources.aws import tags
from tests.builders.account import arn
from tests.sources.aws.answers import Answers

SERVICE = "resourcegroupstaggingapi"
ASKED: dict[str, Any] = {"ResourceTypeFilters": ["sagemaker"], "ResourcesPerPage": 100}


def mapping(name: str, **held: str) -> dict[str, Any]:
    return {
        "ResourceARN": arn("sagemaker", f"endpoint/{name}"),
        "Tags": [{"Key": key, "Value": value} for key, value in held.items()],
    }


def page(*mappings: dict[str, Any], token: str = "") -> dict[str, Any]:
    return {"ResourceTagMappingList": list(mappings), "PaginationToken": token}


def test_all_that_is_tagged_is_kept_and_what_was_once_is_not() -> None:
    answers = Answers()
    first = page(mapping("a", owner="ada"), token="more")
    last = page(mapping("b"), mapping("c", owner="bob"))
    answers.give(SERVICE, "get_resources", first, **ASKED)
    answers.give(SERVICE, "get_resources", last, PaginationToken="more", **ASKED)
    tags.collect(answers.reading)
    answers.all_asked()
    found = [each for each in answers.reading.resources if isinstance(each, TagSet)]
    assert [(each.name, each.tags) for each in found] == [
        ("a", {"owner": "ada"}),
        ("c", {"owner": "bob"}),
    ]
    assert answers.reading.gaps == []
    assert set(answers.connection.operations) == set(tags.OPERATIONS)


def test_a_refusal_is_a_gap_that_names_the_permission_as_iam_does() -> None:
    answers = Answers()
    answers.refuse(SERVICE, "get_resources", "AccessDeniedException")
    tags.collect(answers.reading)
    (gap,) = answers.reading.gaps
    assert (gap.kinds, gap.reason) == (("TagSet",), GapReason.DENIED)
    assert gap.operation == "resourcegroupstaggingapi:GetResources"
    assert gap.permission == "tag:GetResources"


def test_an_answer_that_is_not_whole_is_a_gap() -> None:
    answers = Answers()
    half = {"ResourceARN": arn("sagemaker", "endpoint/a")}
    answers.give(SERVICE, "get_resources", page(half), **ASKED)
    tags.collect(answers.reading)
    (gap,) = answers.reading.gaps
    assert (gap.kinds, gap.reason) == (("TagSet",), GapReason.INCOMPLETE)
