"""Tags of SageMaker's resources: of a hundred in one call, where SageMaker itself tells one."""

from typing import Final

from mlguard.resources.base import Resource
from mlguard.resources.tags import TagSet
from mlguard.sources.aws.reading import Reading
from mlguard.sources.readers.tags import tag_set

KINDS: Final[tuple[type[Resource], ...]] = (TagSet,)
OPERATIONS: Final[tuple[str, ...]] = ("resourcegroupstaggingapi:GetResources",)
ACTIONS: Final = {"resourcegroupstaggingapi:GetResources": "tag:GetResources"}
"""Service Authorization Reference, "Amazon Resource Group Tagging API": IAM calls it `tag`."""


def collect(reading: Reading) -> None:
    """Read the tags of whatever SageMaker has that is, or was, tagged."""
    raws = reading.list(
        KINDS,
        "resourcegroupstaggingapi",
        "GetResources",
        "ResourceTagMappingList",
        ResourceTypeFilters=["sagemaker"],
        ResourcesPerPage=100,
    )
    # What was tagged once, and is no more, is told of too.
    reading.keep(TagSet, raws, lambda raw: tag_set(raw, reading.home) if raw["Tags"] else None)
