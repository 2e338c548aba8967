"""AWS's own policies that ML pipelines have most, as they were on a day: what each one allows."""

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from types import MappingProxyType

from mlguard.data.files import read


@dataclass(frozen=True, slots=True, kw_only=True)
class ManagedPolicyText:
    """One of them: its document as text, the version, and the day AWS made that version."""

    version: str
    updated: str
    document: str


def managed_policy(arn: str) -> ManagedPolicyText | None:
    """Return the policy with this ARN, None if it is not among the shipped ones."""
    return _policies().get(arn)


def managed_policies() -> Mapping[str, ManagedPolicyText]:
    """Return the shipped policies by their ARN in the partition `aws`."""
    return _policies()


@cache
def _policies() -> Mapping[str, ManagedPolicyText]:
    rows = read("managed_policies.json")["rows"]
    return MappingProxyType(
        {
            arn: ManagedPolicyText(version=version, updated=updated, document=document)
            for arn, version, updated, document in rows
        }
    )
