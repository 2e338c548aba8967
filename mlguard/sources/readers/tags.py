"""The Resource Groups Tagging API's answers -> the tags of resources."""

from collections.abc import Mapping
from typing import Any

from mlguard.resources.tags import TagSet
from mlguard.sources.base import Home


def tag_set(raw: Mapping[str, Any], home: Home) -> TagSet:
    """Return the tags of a ResourceTagMapping."""
    arn = raw["ResourceARN"]
    return TagSet(
        arn=arn,
        account=home.account,
        region=home.region,
        name=arn.rpartition("/")[2],
        tags={tag["Key"]: tag["Value"] for tag in raw["Tags"]},
    )
