"""The exact policy that mlguard needs: what its collectors call, as IAM actions."""

from collections.abc import Iterable
from typing import Any, Final

from mlguard.sources.aws.pricing import REFRESH_ACTIONS
from mlguard.sources.aws.source import COLLECTORS, IDENTITY_OPERATIONS

OPERATIONS: Final = tuple(
    sorted(
        {
            *IDENTITY_OPERATIONS,
            *(operation for collector in COLLECTORS for operation in collector.OPERATIONS),
        }
    )
)
"""Every API operation that a live audit may call."""

# What needs nobody's permission: STS lets any caller ask who it is.
# IAM User Guide: "No permissions are required to perform this operation".
FREE: Final = frozenset({"sts:GetCallerIdentity"})


def actions() -> tuple[str, ...]:
    """Return the IAM actions behind the operations, and those that complete an answer, in order.

    Lambda leaves tags out of GetFunction's answer for who may not list them.
    """
    renamed = {
        operation: action
        for collector in COLLECTORS
        for operation, action in getattr(collector, "ACTIONS", {}).items()
    }
    further = {
        action for collector in COLLECTORS for action in getattr(collector, "FURTHER_ACTIONS", ())
    }
    needed = (operation for operation in OPERATIONS if operation not in FREE)
    return tuple(sorted({renamed.get(operation, operation) for operation in needed} | further))


def policy() -> dict[str, Any]:
    """Return the least identity policy for a live audit: reads and lists, of no single resource.

    Most of these actions take no resource, and an audit looks at all of the others.
    """
    return _policy(actions())


def refresh_policy() -> dict[str, Any]:
    """Return the identity policy for a refresh of prices, which no audit needs."""
    return _policy(REFRESH_ACTIONS)


def _policy(needed_actions: Iterable[str]) -> dict[str, Any]:
    by_service: dict[str, list[str]] = {}
    for action in needed_actions:
        by_service.setdefault(action.partition(":")[0], []).append(action)
    return {
        "Version": "2012-10-17",
        "Statement": [
            {
                "Sid": "Mlguard" + service.title().replace("-", ""),
                "Effect": "Allow",
                "Action": needed,
                "Resource": "*",
            }
            for service, needed in sorted(by_service.items())
        ],
    }
