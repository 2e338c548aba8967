from typing import Any

import pytest

from mlguard.iam.evaluation.policies import Layer
from mlguard.iam.permissions.ability import Access
from mlguard.principals import Principals, principals
from mlguard.resources.iam import Group, InlinePolicy
from mlguard.resources.kinds import AnyResource
from tests.builders.account import ACCOUNT, days_ago, gap, snapshot
from tests.builders.iam import (
    allow,
    attached,
    aws_managed,
    document,
    iam_arn,
    inline,
    managed_policy,
    role,
    user,
)

BROKEN = InlinePolicy(name="broken", document='{"Statement": [{"Effect": "allow"}]}')


def group(name: str = "people", **changes: Any) -> Group:
    given: dict[str, Any] = {
        "arn": iam_arn(f"group/{name}"),
        "account": ACCOUNT,
        "region": "global",
        "name": name,
        "group_id": "AGPAEXAMPLEEXAMPLEXX",
        "path": "/",
        "created_at": days_ago(400),
    }
    return Group(**(given | changes))


def read(*resources: AnyResource) -> Principals:
    return principals(snapshot(*resources))


def access(found: Principals, arn: str, action: str, resource: str = "*") -> Access:
    return found.effective[arn].can(action, resource).access


def test_a_role_has_its_inline_and_attached_policies() -> None:
    policy = managed_policy("reads", document=document(allow("s3:Get*")))
    subject = role(
        inline_policies=(inline(allow("s3:PutObject")),), attached_policies=(attached(policy),)
    )
    found = read(subject, policy)
    assert access(found, subject.arn, "s3:GetObject") is Access.ALLOWED
    assert access(found, subject.arn, "s3:PutObject") is Access.ALLOWED
    assert access(found, subject.arn, "s3:DeleteObject") is Access.DENIED
    assert not found.gaps


def test_a_user_has_the_policies_of_its_groups() -> None:
    policy = managed_policy("reads", document=document(allow("s3:Get*")))
    people = group(attached_policies=(attached(policy),), inline_policies=(inline(allow("sqs:*")),))
    found = read(user(groups=("people",)), people, policy)
    assert access(found, user().arn, "s3:GetObject") is Access.ALLOWED
    assert access(found, user().arn, "sqs:SendMessage") is Access.ALLOWED


def test_the_boundary_limits() -> None:
    limit = managed_policy("limit", document=document(allow("s3:Get*")))
    limited = role(inline_policies=(inline(allow("*")),), permissions_boundary=limit.arn)
    found = read(limited, limit)
    assert access(found, limited.arn, "s3:GetObject") is Access.ALLOWED
    assert access(found, limited.arn, "s3:PutObject") is Access.DENIED


def test_one_bad_policy_is_one_gap_and_the_others_are_judged() -> None:
    bad = role("bad", inline_policies=(BROKEN, inline(allow("s3:GetObject"))))
    good = role("good", inline_policies=(inline(allow("s3:GetObject")),))
    found = read(bad, good)
    (only,) = found.gaps
    assert only.subject == bad.arn
    assert "Statement[0]" in only.detail
    assert access(found, good.arn, "s3:GetObject") is Access.ALLOWED
    assert access(found, good.arn, "s3:PutObject") is Access.DENIED
    assert access(found, bad.arn, "s3:GetObject") is Access.CONDITIONAL
    assert access(found, bad.arn, "s3:PutObject") is Access.CONDITIONAL


def test_a_bad_managed_policy_is_one_gap_however_many_have_it() -> None:
    policy = managed_policy("broken", document=BROKEN.document)
    roles = [role(f"role-{at}", attached_policies=(attached(policy),)) for at in range(3)]
    found = read(*roles, policy)
    (only,) = found.gaps
    assert only.subject == policy.arn
    assert [subject.gaps for subject in found.subjects] == [(only,)] * 3


@pytest.mark.parametrize(
    ("changes", "layer"),
    [
        ({"attached_policies": (aws_managed("Elsewhere"),)}, Layer.IDENTITY),
        ({"permissions_boundary": iam_arn("policy/elsewhere")}, Layer.BOUNDARY),
    ],
)
def test_a_policy_that_the_snapshot_does_not_hold_is_a_gap(
    changes: dict[str, Any], layer: Layer
) -> None:
    found = read(role(inline_policies=(inline(allow("*")),), **changes))
    (subject,) = found.subjects
    assert subject.policies.unread == {layer}
    assert not found.effective[subject.arn].administrator
    assert access(found, subject.arn, "s3:GetObject") is Access.CONDITIONAL


def test_a_group_that_the_snapshot_does_not_hold_is_a_gap() -> None:
    found = read(user(groups=("ghosts",)))
    assert [only.subject for only in found.gaps] == [user().arn]
    assert access(found, user().arn, "s3:GetObject") is Access.CONDITIONAL


def test_what_the_source_could_not_read_stays_a_gap() -> None:
    unread = gap("Role", region="global")
    assert principals(snapshot(gaps=(unread, gap("Notebook")))).gaps == (unread,)


def test_roles_with_the_same_policies_share_what_comes_of_them() -> None:
    found = read(*(role(f"role-{at}") for at in range(3)))
    assert len({id(one.permissions) for one in found.effective.values()}) == 1
