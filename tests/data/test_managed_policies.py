"""AWS's own policies that are shipped: as moto has them, each one readable."""

import json

import pytest
from moto.iam.aws_managed_policies import aws_managed_policies_data

from mlguard.data.managed_policies import managed_policy
from mlguard.iam.language.document import parse
from tools.refresh_policies import NAMES

THEIRS = json.loads(aws_managed_policies_data)


@pytest.mark.parametrize("name", NAMES)
def test_a_policy_is_the_one_that_moto_ships(name: str) -> None:
    arn = f"arn:aws:iam::aws:policy{THEIRS[name]['Path']}{name}"
    found = managed_policy(arn)
    assert found is not None
    assert json.loads(found.document) == THEIRS[name]["Document"]
    assert parse(found.document).statements
    assert found.version == THEIRS[name]["DefaultVersionId"]


def test_a_policy_that_is_not_shipped_is_unknown() -> None:
    assert managed_policy("arn:aws:iam::aws:policy/NoSuchPolicy") is None
    assert managed_policy("arn:aws:iam::123456789012:policy/AdministratorAccess") is None
