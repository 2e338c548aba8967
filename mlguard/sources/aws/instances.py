"""EC2: instances that exist, the images they came from, volumes, security groups."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any, Final

from mlguard.resources.base import Resource
from mlguard.resources.instances import Image, Instance, SecurityGroup, Volume
from mlguard.snapshot import GapReason
from mlguard.sources.aws.reading import Reading
from mlguard.sources.aws.refusal import Refusal
from mlguard.sources.readers.instances import image, image_arn, instance, security_group, volume

Raw = Mapping[str, Any]

KINDS: Final[tuple[type[Resource], ...]] = (Instance, Image, Volume, SecurityGroup)
OPERATIONS: Final[tuple[str, ...]] = (
    "ec2:DescribeImages",
    "ec2:DescribeInstances",
    "ec2:DescribeSecurityGroups",
    "ec2:DescribeVolumes",
)

PAGE_SIZE: Final = 500
"""Unpaged calls are throttled harder and may time out: EC2 guide, "API request throttling"."""

FILTER_VALUES: Final = 200
"""How many values one filter may have: EC2 API reference, "Filtering"."""

EXISTING: Final = ("pending", "running", "stopping", "stopped")


def collect(reading: Reading) -> None:
    """Read instances, images in use, volumes and security groups."""
    home = reading.home
    reservations = reading.list(
        (Instance,),
        "ec2",
        "DescribeInstances",
        "Reservations",
        Filters=[{"Name": "instance-state-name", "Values": list(EXISTING)}],
        MaxResults=PAGE_SIZE,
    )
    instances = [each for entry in reservations for each in entry.get("Instances", ())]
    reading.keep(Instance, instances, lambda raw: instance(raw, home))
    _collect_images(reading, instances)
    volumes = reading.list((Volume,), "ec2", "DescribeVolumes", "Volumes", MaxResults=PAGE_SIZE)
    reading.keep(Volume, volumes, lambda raw: volume(raw, home))
    groups = reading.list(
        (SecurityGroup,), "ec2", "DescribeSecurityGroups", "SecurityGroups", MaxResults=PAGE_SIZE
    )
    reading.keep(SecurityGroup, groups, lambda raw: security_group(raw, home))


def _collect_images(reading: Reading, instances: Iterable[Raw]) -> None:
    """Read the images in use; one that EC2 does not show us is a Gap, for nobody could look."""
    wanted = sorted({each["ImageId"] for each in instances if each.get("ImageId")})
    for batch in _batches(wanted):
        try:
            raws = _images(reading, batch)
        except Refusal as stopped:
            reading.refuse((Image,), stopped)
            continue
        reading.keep(Image, raws, lambda raw: image(raw, reading.home))
        shown = {raw.get("ImageId") for raw in raws}
        for image_id in batch:
            if image_id not in shown:
                reading.refuse(
                    (Image,), _not_visible(image_id), subject=image_arn(image_id, reading.home)
                )


def _images(reading: Reading, image_ids: Sequence[str]) -> list[Raw]:
    # One unknown id in ImageIds fails the whole call; a filter leaves it out of the answer.
    pages = reading.connection.pages(
        "ec2",
        "DescribeImages",
        region=reading.home.region,
        Filters=[{"Name": "image-id", "Values": list(image_ids)}],
        IncludeDeprecated=True,
        IncludeDisabled=True,
    )
    return [raw for page in pages for raw in page.get("Images", ())]


def _not_visible(image_id: str) -> Refusal:
    return Refusal(
        operation="ec2:DescribeImages",
        reason=GapReason.INCOMPLETE,
        code="NotVisible",
        detail=f"{image_id} is not visible (deregistered, or private to another account)",
    )


def _batches(image_ids: Sequence[str]) -> Iterator[Sequence[str]]:
    for start in range(0, len(image_ids), FILTER_VALUES):
        yield image_ids[start : start + FILTER_VALUES]
