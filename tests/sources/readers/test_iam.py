import json
from datetime import UTC, datetime, timedelta, timezone
from typing import Any

import pytest

from mlguard.resources.iam import AttachedPolicy, InlinePolicy
from mlguard.sources.base import Home
from mlguard.sources.readers.iam import (
    document_text,
    group,
    in_use,
    managed_policy,
    managed_policy_in_use,
    role,
    user,
)
from tests.builders.account import ACCOUNT

HOME = Home(account=ACCOUNT, region="global")
CREATED = datetime(2026, 1, 2, 3, 4, 5, tzinfo=UTC)
TWICE = '{"Statement": [], "Statement": [{}]}'
ENCODED = "%7B%22Statement%22%3A%20%5B%5D%2C%20%22Statement%22%3A%20%5B%7B%7D%5D%7D"
READ_ONLY = "arn:aws:iam::aws:policy/job-function/ViewOnlyAccess"


def _raw_role(**changes: Any) -> dict[str, Any]:
    return {
        "Arn": f"arn:aws:iam::{ACCOUNT}:role/ml/train",
        "RoleName": "train",
        "RoleId": "AROA1",
        "Path": "/ml/",
        "CreateDate": CREATED,
        "AssumeRolePolicyDocument": ENCODED,
        "RoleLastUsed": {},
        **changes,
    }


def _raw_policy(arn: str, **changes: Any) -> dict[str, Any]:
    return {
        "Arn": arn,
        "PolicyId": "ANPA1",
        "Path": "/",
        "DefaultVersionId": "v2",
        "AttachmentCount": 1,
        "PolicyVersionList": [
            {"VersionId": "v1", "IsDefaultVersion": False, "Document": "{}"},
            {"VersionId": "v2", "IsDefaultVersion": True, "Document": TWICE},
        ],
        **changes,
    }


def test_a_role_is_read_with_all_that_belongs_to_it() -> None:
    read = role(
        _raw_role(
            RolePolicyList=[{"PolicyName": "inline", "PolicyDocument": ENCODED}],
            AttachedManagedPolicies=[{"PolicyName": "ViewOnlyAccess", "PolicyArn": READ_ONLY}],
            PermissionsBoundary={"PermissionsBoundaryArn": READ_ONLY},
            InstanceProfileList=[{"Arn": f"arn:aws:iam::{ACCOUNT}:instance-profile/train"}],
            Tags=[{"Key": "team", "Value": "ml"}],
            RoleLastUsed={
                "LastUsedDate": datetime(2026, 5, 1, 2, tzinfo=timezone(timedelta(hours=2))),
                "Region": "eu-west-1",
            },
        ),
        HOME,
    )

    assert read.region == "global"
    assert read.name == "train"
    assert read.trust_policy == TWICE
    assert read.inline_policies == (InlinePolicy(name="inline", document=TWICE),)
    assert read.attached_policies == (AttachedPolicy(name="ViewOnlyAccess", arn=READ_ONLY),)
    assert read.permissions_boundary == READ_ONLY
    assert read.instance_profiles == (f"arn:aws:iam::{ACCOUNT}:instance-profile/train",)
    assert read.tags == {"team": "ml"}
    assert read.last_used_at == datetime(2026, 5, 1, tzinfo=UTC)
    assert read.last_used_region == "eu-west-1"


def test_a_role_that_was_never_used_says_so() -> None:
    assert role(_raw_role(), HOME).last_used_at is None


@pytest.mark.parametrize("missing", ["Arn", "RoleName", "Path", "AssumeRolePolicyDocument"])
def test_a_role_without_what_aws_always_gives_is_no_role(missing: str) -> None:
    raw = _raw_role()
    del raw[missing]

    with pytest.raises(KeyError, match=missing):
        role(raw, HOME)


def test_an_instant_without_a_zone_is_refused() -> None:
    with pytest.raises(ValueError, match="time zone"):
        role(_raw_role(CreateDate=CREATED.replace(tzinfo=None)), HOME)


def test_a_user_and_a_group_are_read_with_their_policies() -> None:
    shared = {"Path": "/", "CreateDate": CREATED}
    someone = user(
        {
            **shared,
            "Arn": f"arn:aws:iam::{ACCOUNT}:user/ana",
            "UserName": "ana",
            "UserId": "AIDA1",
            "GroupList": ["science"],
            "UserPolicyList": [{"PolicyName": "own", "PolicyDocument": "{}"}],
        },
        HOME,
    )
    science = group(
        {
            **shared,
            "Arn": f"arn:aws:iam::{ACCOUNT}:group/science",
            "GroupName": "science",
            "GroupId": "AGPA1",
            "GroupPolicyList": [{"PolicyName": "all", "PolicyDocument": "{}"}],
        },
        HOME,
    )

    assert someone.groups == ("science",)
    assert someone.inline_policies[0].name == "own"
    assert science.inline_policies[0].name == "all"


def test_the_default_version_of_a_managed_policy_is_the_one_that_counts() -> None:
    read = managed_policy(_raw_policy(f"arn:aws:iam::{ACCOUNT}:policy/ml/own"), HOME)

    assert (read.name, read.default_version, read.document) == ("own", "v2", TWICE)
    assert read.account == ACCOUNT
    assert not read.aws_managed


def test_a_managed_policy_without_its_default_version_is_refused() -> None:
    raw = _raw_policy(f"arn:aws:iam::{ACCOUNT}:policy/own", DefaultVersionId="v9")

    with pytest.raises(ValueError, match="v9"):
        managed_policy(raw, HOME)


def test_the_other_versions_of_a_managed_policy_are_those_not_in_force() -> None:
    own = f"arn:aws:iam::{ACCOUNT}:policy/own"
    read = managed_policy(_raw_policy(own), HOME)
    assert read.other_versions is not None
    assert [one.version for one in read.other_versions] == ["v1"]

    (default,) = (one for one in _raw_policy(own)["PolicyVersionList"] if one["VersionId"] == "v2")
    assert managed_policy(_raw_policy(own, PolicyVersionList=[default]), HOME).other_versions == ()
    unread = [default, {"VersionId": "v1"}]
    assert managed_policy(_raw_policy(own, PolicyVersionList=unread), HOME).other_versions is None


def test_nobody_but_aws_chooses_the_version_of_its_policies() -> None:
    assert managed_policy(_raw_policy(READ_ONLY), HOME).other_versions is None


def test_of_aws_own_policies_only_those_in_use_are_kept() -> None:
    boundary = "arn:aws:iam::aws:policy/Boundary"
    used = in_use(
        [
            role(
                _raw_role(
                    AttachedManagedPolicies=[{"PolicyName": "V", "PolicyArn": READ_ONLY}],
                    PermissionsBoundary={"PermissionsBoundaryArn": boundary},
                ),
                HOME,
            )
        ]
    )

    kept = managed_policy_in_use(_raw_policy(READ_ONLY), HOME, used)
    assert kept is not None
    assert kept.aws_managed
    assert kept.name == "ViewOnlyAccess"
    assert managed_policy_in_use(_raw_policy(boundary), HOME, used) is not None
    other = "arn:aws:iam::aws:policy/AdministratorAccess"
    assert managed_policy_in_use(_raw_policy(other), HOME, used) is None
    own = f"arn:aws:iam::{ACCOUNT}:policy/unattached"
    assert managed_policy_in_use(_raw_policy(own), HOME, used) is not None


@pytest.mark.parametrize("document", [TWICE, ENCODED])
def test_a_document_keeps_its_text_whether_encoded_or_not(document: str) -> None:
    assert document_text(document) == TWICE


def test_a_percent_sign_or_plus_in_a_plain_document_is_left_alone() -> None:
    text = ' {"Resource": "a%20b+c"}'

    assert document_text(text) == text


def test_a_document_that_was_decoded_already_is_written_again() -> None:
    document = {"Statement": [{"Sid": "é"}]}

    assert json.loads(document_text(document)) == document


def test_a_document_that_is_no_utf_8_is_refused() -> None:
    with pytest.raises(ValueError, match="utf-8"):
        document_text("%7B%FF%7D")
