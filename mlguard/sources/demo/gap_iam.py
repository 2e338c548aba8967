"""IAM: the account's authorization details as AWS words them."""

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


ANSWERS: Final[Mapping[str, Answer]] = {}

AMENDS: Final[Mapping[str, Amend]] = {"GetAccountAuthorizationDetails": _authorization_details}
