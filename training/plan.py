"""Pipeline files: calls to AWS as data, to be looked at and audited before they are made.

python -m training.launch ... --dry-run > job.json && mlguard audit --pipeline job.json
"""

import json
import re
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from typing import Any, Final

from training.errors import LaunchError

# IAM User Guide, "IAM identifiers": roles and instance profiles carry the account's number.
_IDENTITY: Final = re.compile(r"arn:[a-z-]+:iam::(\d{12}):(role|instance-profile)/(.+)")


@dataclass(frozen=True, slots=True, kw_only=True)
class Step:
    """A call: boto3's name of the service, the API's of the operation, boto3's parameters."""

    id: str
    service: str
    operation: str
    parameters: Mapping[str, Any]


def pipeline_file(steps: Sequence[Step], *, account: str, region: str) -> str:
    """Return the JSON text of a pipeline file."""
    content = {
        "schema_version": 1,
        "account": account,
        "region": region,
        "steps": [asdict(step) for step in steps],
    }
    return json.dumps(content, indent=1)


def account_of(arn: str, *, kind: str) -> str:
    """Return the account of a `role` or `instance-profile`; raises LaunchError."""
    found = _IDENTITY.fullmatch(arn)
    if found is None or found[2] != kind:
        raise LaunchError(
            f"{arn!r}: not the ARN of an IAM {kind}: give arn:aws:iam::123456789012:{kind}/NAME"
        )
    return found[1]


def tag_list(tags: Mapping[str, str]) -> list[dict[str, str]]:
    """Return the tags as AWS takes them."""
    return [{"Key": key, "Value": value} for key, value in tags.items()]


def tag(text: str) -> tuple[str, str]:
    """Return key and value of KEY=VALUE, for argparse."""
    key, separator, value = text.partition("=")
    if not key or not separator:
        raise ValueError(text)
    return key, value
