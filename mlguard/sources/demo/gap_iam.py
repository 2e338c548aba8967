"""IAM: the account's authorization details as AWS words them."""

import hashlib
from collections.abc import Mapping
from typing import Any, Final

from mlguard.sources.demo.gap_call import Amend, Answer, Call


def _authorization_details(_: Call, answer: dict[str, Any]) -> None:
    bounds = {
        entity["PermissionsBoundary"]["PermissionsBoundaryArn"]
        for key in ("RoleDetailList", "UserDetailList")
        for entity in answer.get(key, ())
        if "PermissionsBoundary" in entity
    }
    # Of its own managed policies AWS lists those in use; moto lists all that it loaded.
    answer["Policies"] = [
        policy
        for policy in answer.get("Policies", ())
        if not policy["Arn"].startswith("arn:aws:iam::aws:")
        or policy.get("AttachmentCount")
        or policy["Arn"] in bounds
    ]
    for policy in answer["Policies"]:
        policy.setdefault("PolicyName", policy["Arn"].rpartition("/")[2])
        policy.setdefault("PolicyId", _policy_id(policy["Arn"]))


def _policy_id(arn: str) -> str:
    """Return an id of the form that AWS gives managed policies, always the same for one ARN."""
    return "ANPA" + hashlib.sha256(arn.encode()).hexdigest()[:17].upper()


ANSWERS: Final[Mapping[str, Answer]] = {}

AMENDS: Final[Mapping[str, Amend]] = {"GetAccountAuthorizationDetails": _authorization_details}
