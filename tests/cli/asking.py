"""Statements to ask `can` about, and what of an account."""

from collections.abc import Callable
from typing import Any, Final

from mlguard.resources.kinds import AnyResource
from tests.builders.account import ACCOUNT
from tests.builders.iam import (
    document,
    managed_policy,
)
from tests.cli.run import Ran

OTHER: Final = "444455556666"
OBJECT: Final = "arn:aws:s3:::data/a"
BUCKET: Final = "arn:aws:s3:::data"
AWS_ADMIN: Final = "arn:aws:iam::aws:policy/AdministratorAccess"
KEY: Final = f"arn:aws:kms:us-east-1:{ACCOUNT}:key/k"

Statement = dict[str, Any]
Ask = Callable[..., Ran]


def deny(*actions: str, resource: str = "*", **elements: Any) -> Statement:
    return {"Effect": "Deny", "Action": list(actions), "Resource": resource, **elements}


def when(operator: str, key: str, *values: str) -> Statement:
    return {"Condition": {operator: {key: list(values)}}}


def boundary(*statements: Statement) -> tuple[dict[str, Any], tuple[AnyResource, ...]]:
    """What makes the statements ada's boundary."""
    policy = managed_policy("limit", document=document(*statements))
    return {"permissions_boundary": policy.arn}, (policy,)
