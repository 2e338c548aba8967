"""What every resource has: an ARN, a home, a name, tags."""

from datetime import datetime
from typing import Annotated

from msgspec import Meta, Struct, field

Instant = Annotated[datetime, Meta(tz=True)]
"""A moment, with its time zone: without one it could not be compared."""

GLOBAL = "global"
"""The region of what has none: IAM."""


class Resource(
    Struct, frozen=True, kw_only=True, forbid_unknown_fields=True, tag_field="kind", tag=True
):
    """One AWS resource, whole: where a part of it could not be read, a Gap stands instead.

    `region` is "global" for IAM. A field typed `X | None` is None where AWS says that there is
    none, never where nobody could look.
    """

    arn: str
    account: str
    region: str
    name: str
    tags: dict[str, str] = field(default_factory=dict)


class Part(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A part of a resource that has no ARN of its own."""
