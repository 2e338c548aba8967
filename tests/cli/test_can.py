"""`can`: what its answer takes into account, what it hangs on, and what it says of that."""

from typing import Final

import pytest

from mlguard.resources.iam import Group
from tests.builders.account import ACCOUNT, days_ago
from tests.builders.iam import (
    allow,
    document,
    iam_arn,
    inline,
    role,
    trust,
)
from tests.cli.asking import AWS_ADMIN, BUCKET, KEY, OBJECT, OTHER, Ask, deny, when


def test_policies_of_one_name_are_told_apart(can: Ask) -> None:
    target = role("target", trust_policy=trust(AWS=f"arn:aws:iam::{ACCOUNT}:root"))
    people = Group(
        arn=iam_arn("group/people"),
        account=ACCOUNT,
        region="global",
        name="people",
        group_id="AGPAEXAMPLEEXAMPLEXX",
        path="/",
        created_at=days_ago(400),
        inline_policies=(inline(allow("s3:Put*"), allow("sts:AssumeRole")),),
    )
    beside = (target, people)
    own = allow("s3:Get*")
    ran = can("sts:AssumeRole", target.arn, own, beside=beside, groups=("people",))
    assert ran.code == 0, ran.err
    assert '"Action": "sts:AssumeRole"' in ran.out


@pytest.mark.parametrize(
    ("action", "resource", "says"),
    [
        ("iam:PassRole", f"arn:aws:iam::{OTHER}:role/x", "services of its own account only"),
        ("s3:GetObject", "arn:aws-cn:s3:::data/a", "within a single partition"),
        ("iam:CreatePolicyVersion", AWS_ADMIN, "nobody but AWS"),
        ("iam:DeletePolicy", "arn:aws:iam::aws:policy/*", "nobody but AWS"),
    ],
)
def test_what_aws_refuses_whatever_policies_say_is_a_no(
    can: Ask, action: str, resource: str, says: str
) -> None:
    ran = can(action, resource, allow("*"))
    assert ran.code == 1
    assert says in ran.out


@pytest.mark.parametrize(
    ("action", "resource", "says"),
    [
        ("sts:AssumeRoot", f"arn:aws:iam::{OTHER}:root", "only the management account"),
        ("sts:AssumeRole", "*", "the trust policy of the role was not read"),
        ("sts:AssumeRole", iam_arn("role/*"), "the trust policy of the role was not read"),
        ("sts:AssumeRole", iam_arn("role/none"), "the trust policy of the role was not read"),
        ("sts:TagSession", iam_arn("role/none"), "the trust policy of the role was not read"),
        ("kms:Decrypt", KEY, "the policy of the key was not read"),
        ("kms:Decrypt", "*", "the policy of the key was not read"),
        ("sqs:SendMessage", f"arn:aws:sqs:us-east-1:{OTHER}:q", f"of account {OTHER}"),
        ("lambda:InvokeFunction", f"arn:aws:lambda:us-east-1:{OTHER}:function:f", OTHER),
    ],
)
def test_a_policy_of_the_resource_that_must_allow_too_makes_it_depend(
    can: Ask, action: str, resource: str, says: str
) -> None:
    ran = can(action, resource, allow("*"))
    assert ran.code == 3
    assert ran.out.startswith("it depends")
    assert says in ran.out


@pytest.mark.parametrize(
    ("action", "resource"),
    [
        ("s3:GetObject", OBJECT),
        ("s3:GetObject", "arn:*:s3:::data/a"),
        ("sqs:SendMessage", f"arn:aws:sqs:us-east-1:{ACCOUNT}:q"),
        ("kms:ListKeys", "*"),
        ("iam:GetPolicy", AWS_ADMIN),
        ("sts:GetCallerIdentity", "*"),
    ],
)
def test_where_no_other_policy_is_needed_yes_is_yes(can: Ask, action: str, resource: str) -> None:
    assert can(action, resource, allow("*")).code == 0


def test_a_no_tells_that_a_policy_of_the_resource_might_be_enough(can: Ask) -> None:
    ran = can("kms:Decrypt", KEY, allow("s3:*"))
    assert ran.code == 1
    assert "a policy of the resource that names the principal could still allow it" in ran.out
    assert "could still" not in can("kms:Decrypt", KEY, allow("*"), deny("kms:*")).out


def test_an_action_that_takes_no_resource_is_asked_of_a_star(can: Ask) -> None:
    instance = f"arn:aws:ec2:us-east-1:{ACCOUNT}:instance/i-1"
    narrow, wide = allow("ec2:DescribeInstances", resource=instance), allow("ec2:Describe*")
    for own, code in ((narrow, 1), (wide, 0)):
        ran = can("ec2:DescribeInstances", instance, own)
        assert ran.code == code
        assert "the action takes no resource: it is asked of *" in ran.out
    assert "name one" not in can("ec2:DescribeInstances", "*", narrow).out
    assert "asked of *" not in can("ec2:StartInstances", instance, allow("*")).out


def test_the_elements_that_decide_are_marked(can: Ask) -> None:
    ran = can("s3:getobject", OBJECT, allow("s3:Put*", "s3:Get*", resource=f"{BUCKET}/*"))
    marked = {line[4:].strip(" ,") for line in ran.out.splitlines() if line.startswith("  > ")}
    assert marked == {'"Effect": "Allow"', '"s3:Get*"', f'"Resource": "{BUCKET}/*"'}


def test_a_typo_is_told_beside_the_answer(can: Ask) -> None:
    ran = can("s3:GetObjct", OBJECT, allow("s3:*"))
    assert ran.code == 0
    assert "did you mean s3:GetObject" in ran.out


def test_a_no_to_assuming_a_role_says_who_does_not_allow_it(can: Ask) -> None:
    target = role("target", trust_policy=trust(AWS=f"arn:aws:iam::{ACCOUNT}:root"))
    ran = can("sts:AssumeRole", target.arn, allow("s3:*"), beside=(target,))
    assert ran.code == 1
    assert "allows it" in ran.out


def test_what_is_taken_for_granted_is_told(can: Ask) -> None:
    passing = can("iam:PassRole", iam_arn("role/x"), allow("*"))
    assert passing.code == 0
    assert "the role's trust policy says" in passing.out
    assert f"taken to be of account {ACCOUNT}" in can("s3:GetObject", OBJECT, allow("*")).out


def test_a_trust_policy_that_cannot_be_read_makes_it_depend(can: Ask) -> None:
    broken = role("target", trust_policy='{"Statement": [{"Effect": "allow"}]}')
    ran = can("sts:AssumeRole", broken.arn, allow("*"), beside=(broken,))
    assert ran.code == 3
    assert "the trust policy cannot be read" in ran.out


def test_a_trust_policy_says_under_which_conditions(can: Ask) -> None:
    opened = {"Effect": "Allow", "Principal": {"AWS": iam_arn("user/ada")}}
    mfa = when("Bool", "aws:MultiFactorAuthPresent", "true")
    text = document({**opened, "Action": "sts:AssumeRole", **mfa})
    target = role("target", trust_policy=text)
    ran = can("sts:AssumeRole", target.arn, allow("s3:*"), beside=(target,))
    assert ran.code == 3
    assert (
        "if aws:MultiFactorAuthPresent is true (resource policy trust policy, statement 0)"
        in ran.out
    )


@pytest.mark.parametrize("resource", ["bucket/key", "", "arn:aws:s3", "arn:aws:s3:::"])
def test_a_resource_that_is_none_is_refused(can: Ask, resource: str) -> None:
    ran = can("s3:GetObject", resource, allow("*"))
    assert ran.code == 2
    assert "write it as arn:aws:s3:::bucket/key" in ran.err


@pytest.mark.parametrize("resource", ["arn:aws:s3:*", "arn:*"])
def test_a_pattern_may_leave_parts_to_its_star(can: Ask, resource: str) -> None:
    assert can("s3:GetObject", resource, allow("*")).code == 0


@pytest.mark.parametrize(("day", "code"), [("2020-01-01", 1), ("2999-01-01", 0)])
def test_dates_are_held_against_today(can: Ask, day: str, code: int) -> None:
    until = when("DateLessThan", "aws:CurrentTime", f"{day}T00:00:00Z")
    assert can("s3:GetObject", OBJECT, allow("s3:*", **until)).code == code
    target = role("target", trust_policy=trust(AWS=iam_arn("user/ada")))
    ran = can("sts:AssumeRole", target.arn, deny("sts:*", **until), beside=(target,))
    assert ran.code == 1 - code


def test_what_aws_leaves_in_doubt_is_told(can: Ask) -> None:
    whole = can("s3:GetObject", OBJECT, allow("s3:*", **when("ArnLike", "aws:PrincipalArn", "*")))
    assert whole.code == 3
    assert "ArnLike with '*': not an ARN of six parts" in whole.out
    queue = f"arn:aws:sqs:us-east-1:{ACCOUNT}:q"
    early = allow("sqs:*", resource="arn:aws:sqs:us-east-1:${aws:PrincipalAccount}:q")
    ran = can("sqs:SendMessage", queue, early)
    assert ran.code == 3
    assert "no variable may stand before the fifth colon" in ran.out


ADA: Final = f"arn:aws:iam::{ACCOUNT}:user/ada"


@pytest.mark.parametrize("resource", ["*", iam_arn("role/*"), iam_arn("role/t?rget")])
def test_a_role_that_names_the_principal_is_one_of_those_asked_about(
    can: Ask, resource: str
) -> None:
    target = role("target", trust_policy=trust(AWS=ADA))
    closed = role("closed", trust_policy=trust(Service="ec2.amazonaws.com"))
    ran = can("sts:AssumeRole", resource, allow("s3:*"), beside=(target, closed))
    assert ran.code == 3
    assert f"{target.arn}: the trust policy may let the principal in by itself" in ran.out
    assert can("sts:AssumeRole", resource, allow("s3:*"), beside=(closed,)).code == 1
    # A Deny is one whoever allows.
    assert can("sts:AssumeRole", resource, deny("sts:*"), beside=(target,)).code == 1
    assert can("sts:AssumeRole", iam_arn("role/c*"), allow("s3:*"), beside=(target,)).code == 1


def test_a_trust_policy_that_cannot_be_read_may_name_the_principal(can: Ask) -> None:
    broken = role("broken", trust_policy="{}")
    for resource in (broken.arn, "*"):
        assert can("sts:AssumeRole", resource, allow("s3:*"), beside=(broken,)).code == 3
        assert can("sts:AssumeRole", resource, deny("sts:*"), beside=(broken,)).code == 1


def test_a_session_token_needs_no_permission(can: Ask) -> None:
    ran = can("sts:GetSessionToken", "*", deny("sts:*"))
    assert ran.code == 0
    assert "needs no permission" in ran.out
    assert can("sts:GetCallerIdentity", "*", deny("sts:*")).code == 0
    assert can("sts:GetFederationToken", "*", deny("sts:*")).code == 1
