"""What the search for ways takes from a snapshot: what was read, and what was not."""

from datetime import date

import pytest

from mlguard.escalations import find
from mlguard.iam.escalation.chain import Certainty
from mlguard.resources.iam import PolicyVersion
from tests.builders.account import snapshot
from tests.builders.ec2 import instance
from tests.builders.iam import (
    access_key,
    allow,
    attached,
    credentials,
    document,
    iam_arn,
    inline,
    managed_policy,
    role,
    trust,
    user,
)
from tests.builders.notebooks import LIFECYCLE, notebook

TODAY = date(2026, 11, 22)
CHOOSES = allow("iam:SetDefaultPolicyVersion")


def version(text: str) -> PolicyVersion:
    return PolicyVersion(version="v2", document=text)


@pytest.mark.parametrize(
    ("versions", "certainties"),
    [
        ((version(document(allow("*"))),), [Certainty.PROVED]),
        ((version(document(CHOOSES)),), []),
        ((), []),
        (None, [Certainty.POSSIBLE]),
        ((version("no policy"),), [Certainty.POSSIBLE]),
    ],
    ids=["more", "no more", "none", "not read", "no policy"],
)
def test_the_versions_of_a_policy_are_those_that_were_read(
    versions: tuple[PolicyVersion, ...] | None, certainties: list[Certainty]
) -> None:
    own = managed_policy("own", document=document(CHOOSES), other_versions=versions)
    ana = user("ana", attached_policies=(attached(own),))
    (one,) = find(snapshot(own, ana), today=TODAY).principals
    assert [way.certainty for way in one.escalations] == certainties


SERVICES = trust(Service=["sagemaker.amazonaws.com", "ec2.amazonaws.com"])
PROFILE = iam_arn("instance-profile/strong")
STRONG = role(
    "strong",
    trust_policy=SERVICES,
    inline_policies=(inline(allow("*")),),
    instance_profiles=(PROFILE,),
)


@pytest.mark.parametrize(
    ("status", "reached"),
    [
        ("InService", True),
        ("Pending", True),
        ("Updating", True),
        ("Stopped", False),
        ("Stopping", False),
        ("Failed", False),
        ("Deleting", False),
    ],
)
def test_a_notebook_is_opened_where_it_is_in_service_or_comes_to_be(
    status: str, *, reached: bool
) -> None:
    here = notebook(status=status, role_arn=STRONG.arn)
    opens = inline(allow("sagemaker:CreatePresignedNotebookInstanceUrl"))
    found = find(snapshot(here, STRONG, user("ana", inline_policies=(opens,))), today=TODAY)
    (ana,) = (one for one in found.principals if one.arn.endswith("user/ana"))
    assert ana.reaches_admin is reached
    assert bool(ana.escalations) is reached


@pytest.mark.parametrize(("state", "reached"), [("running", True), ("stopped", False)])
def test_a_session_is_started_on_an_instance_that_runs(state: str, *, reached: bool) -> None:
    here = instance(state=state, instance_profile_arn=PROFILE)
    opens = inline(allow("ssm:StartSession"))
    found = find(snapshot(here, STRONG, user("ana", inline_policies=(opens,))), today=TODAY)
    (ana,) = (one for one in found.principals if one.arn.endswith("user/ana"))
    assert ana.reaches_admin is reached


@pytest.mark.parametrize(
    ("config", "reached"), [(LIFECYCLE.name, True), ("another", False), (None, False)]
)
def test_the_scripts_of_a_notebook_are_those_it_names(config: str | None, *, reached: bool) -> None:
    here = notebook(status="Stopped", role_arn=STRONG.arn, lifecycle_config=config)
    rewrites = inline(
        allow("sagemaker:UpdateNotebookInstanceLifecycleConfig", resource=LIFECYCLE.arn),
        allow("sagemaker:StartNotebookInstance"),
    )
    ana = user("ana", inline_policies=(rewrites,))
    found = find(snapshot(here, LIFECYCLE, STRONG, ana), today=TODAY)
    (one,) = (one for one in found.principals if one.arn == ana.arn)
    assert one.reaches_admin is reached


@pytest.mark.parametrize(
    ("keys", "actions", "reached"),
    [
        (0, ("iam:CreateAccessKey",), True),
        (1, ("iam:CreateAccessKey",), True),
        (2, ("iam:CreateAccessKey",), False),
        (2, ("iam:CreateAccessKey", "iam:DeleteAccessKey"), True),
        (None, ("iam:CreateAccessKey",), True),
    ],
)
def test_nobody_gets_a_third_access_key(
    keys: int | None, actions: tuple[str, ...], *, reached: bool
) -> None:
    """IAM User Guide, "IAM and AWS STS quotas": two access keys for each user, active or not."""
    boss = user("boss", inline_policies=(inline(allow("*")),))
    ana = user("ana", inline_policies=(inline(allow(*actions)),))
    report = (
        ()
        if keys is None
        else (
            credentials("boss", access_keys=tuple(access_key(active=False) for _ in range(keys))),
        )
    )
    found = find(snapshot(boss, ana, *report), today=TODAY)
    (one,) = (one for one in found.principals if one.arn == ana.arn)
    assert one.reaches_admin is reached
