import pytest

from mlguard.sources.base import Home
from mlguard.sources.readers.tags import tag_set
from tests.builders.account import ACCOUNT, REGION, arn

HOME = Home(account=ACCOUNT, region=REGION)
ENDPOINT = arn("sagemaker", "endpoint/breeds")


def test_a_mapping_is_the_tags_of_the_resource_that_it_names() -> None:
    mapping = {
        "ResourceARN": ENDPOINT,
        "Tags": [{"Key": "owner", "Value": "ada"}, {"Key": "empty", "Value": ""}],
    }
    found = tag_set(mapping, HOME)
    assert (found.arn, found.name, found.account, found.region) == (
        ENDPOINT,
        "breeds",
        ACCOUNT,
        REGION,
    )
    assert found.tags == {"owner": "ada", "empty": ""}


@pytest.mark.parametrize("mapping", [{}, {"ResourceARN": ENDPOINT}, {"Tags": []}])
def test_a_mapping_that_is_not_whole_is_refused(mapping: dict[str, object]) -> None:
    with pytest.raises(KeyError):
        tag_set(mapping, HOME)
