"""Amazon Resource Names: the six parts of one, and the text back again."""

from dataclasses import dataclass
from functools import lru_cache
from typing import Self

from mlguard.errors import ArnError

_PARTS = 6


@dataclass(frozen=True, slots=True, order=True)
class Arn:
    """One ARN, in any partition; `str` gives the text back exactly.

    IAM User Guide, "Identify AWS resources with Amazon Resource Names (ARNs)":
    arn:partition:service:region:account:resource, where region and account may be empty
    and the resource may hold further colons.
    """

    partition: str
    service: str
    region: str
    account: str
    resource: str

    @classmethod
    def parse(cls, text: str) -> Self:
        """Return the ARN that `text` is, or raise ArnError."""
        parts = text.split(":", _PARTS - 1)
        if len(parts) != _PARTS or parts[0] != "arn":
            raise ArnError(f"not an ARN: {text!r:.80}")
        _, partition, service, region, account, resource = parts
        if not (partition and service and resource):
            raise ArnError(f"an ARN without partition, service or resource: {text!r:.80}")
        return cls(partition, service, region, account, resource)

    @property
    def name(self) -> str:
        """What stands after the last `/` or `:` of the resource, or else all of it."""
        return self.resource[max(self.resource.rfind("/"), self.resource.rfind(":")) + 1 :]

    @property
    def resource_type(self) -> str:
        """What stands before the first `/` or `:` of the resource, or else nothing."""
        ends = [end for end in (self.resource.find("/"), self.resource.find(":")) if end >= 0]
        return self.resource[: min(ends)] if ends else ""

    def __str__(self) -> str:
        return f"arn:{self.partition}:{self.service}:{self.region}:{self.account}:{self.resource}"


# The same managed policies are attached again and again.
@lru_cache(maxsize=4096)
def account_of(text: str) -> str:
    """Return the account part of an ARN: empty if it has none, or if `text` is no ARN."""
    try:
        return Arn.parse(text).account
    except ArnError:
        return ""
