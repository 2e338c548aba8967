import json
from collections.abc import Iterable
from functools import cache
from typing import Any

import pytest
from moto.iam.aws_managed_policies import aws_managed_policies_data

from mlguard.iam.evaluation.policies import Carrier, Layer, PolicySet
from mlguard.iam.language.actions import actions
from mlguard.iam.language.document import parse
from mlguard.iam.language.request import Context, Rest
from mlguard.iam.permissions.ability import Access
from mlguard.iam.permissions.clauses import mask_of
from mlguard.iam.permissions.effective import Effective, effective
from tests.work import at_most

ACCOUNT = "123456789012"
ROLE = f"arn:aws:iam::{ACCOUNT}:role/train"
USER = f"arn:aws:iam::{ACCOUNT}:user/ada"
BUCKET = "arn:aws:s3:::data"
EVERYTHING = {"Effect": "Allow", "Action": "*", "Resource": "*"}

Json = dict[str, Any]


def carrier(*statements: Json, name: str = "own", version: str = "2012-10-17") -> Carrier:
    text = json.dumps({"Version": version, "Statement": list(statements)})
    return Carrier(name=name, document=parse(text))


def allow(*names: str, on: str | list[str] = "*", **elements: Any) -> Json:
    return {"Effect": "Allow", "Action": list(names), "Resource": on, **elements}


def deny(*names: str, on: str | list[str] = "*", **elements: Any) -> Json:
    return {"Effect": "Deny", "Action": list(names), "Resource": on, **elements}


def when(operator: str, key: str, *values: str) -> Json:
    return {operator: {key: list(values)}}


def judged(
    *statements: Json,
    boundary: Iterable[Json] = (),
    scps: Iterable[Json] = (),
    who: str = ROLE,
    known: Context | None = None,
    unread: Iterable[Layer] = (),
) -> Effective:
    policies = PolicySet(
        identity=(carrier(*statements),) if statements else (),
        boundaries=(carrier(*boundary, name="boundary"),) if boundary else (),
        scps=((carrier(*scps, name="scp"),),) if scps else (),
        unread=frozenset(unread),
    )
    (found,) = effective([(who, policies)], known=known or Context(rest=Rest.UNKNOWN))
    return found


@cache
def aws_policies() -> dict[str, Json]:
    shipped: dict[str, Json] = json.loads(aws_managed_policies_data)
    return shipped


def aws_policy(name: str) -> Carrier:
    return Carrier(name=name, document=parse(json.dumps(aws_policies()[name]["Document"])))


def with_aws(name: str, who: str = ROLE) -> Effective:
    (found,) = effective([(who, PolicySet(identity=(aws_policy(name),)))])
    return found


# --- who is an administrator -----------------------------------------------------------------


@pytest.mark.parametrize("name", ["AdministratorAccess", "IAMFullAccess"])
def test_who_may_do_everything_with_iam_is_an_administrator(name: str) -> None:
    assert with_aws(name).administrator


@pytest.mark.parametrize(
    "name", ["PowerUserAccess", "AmazonSageMakerFullAccess", "ReadOnlyAccess", "SecurityAudit"]
)
def test_who_may_do_much_else_is_not(name: str) -> None:
    assert not with_aws(name).administrator


IAM_BY_LETTER = [f"iam:{letter}*" for letter in "ABCDEFGHIJKLMNOPQRSTUVWXYZ"]
OWN = f"arn:aws:iam::{ACCOUNT}:*"


@pytest.mark.parametrize(
    "statements",
    [
        (allow("iam:*"),),
        (allow("IAM:*"),),
        (allow("*:*"),),
        (allow("iam:?*"),),
        (allow(*IAM_BY_LETTER),),
        tuple(allow(one) for one in IAM_BY_LETTER),
        ({"Effect": "Allow", "NotAction": ["s3:*"], "Resource": "*"},),
        (allow("*", on="**"),),
        (EVERYTHING, deny("s3:*")),
        (EVERYTHING, deny("iam:Frobnicate")),
        # An action that takes no resource knows no other Deny than one of `*`.
        (EVERYTHING, deny("iam:ListRoles", on=OWN)),
        (allow("iam:*", on=OWN), allow("iam:*")),
        # What is left out by one statement, another has.
        (allow("iam:*", on=OWN), allow("iam:List*", "iam:Get*", "iam:*Acc*", "iam:*")),
        (
            {"Effect": "Allow", "Action": "iam:*", "NotResource": f"{ROLE}*"},
            allow("iam:*", on=f"{ROLE}*"),
        ),
        (EVERYTHING, deny("iam:*", Condition=when("StringEquals", "aws:PrincipalArn", USER))),
        (EVERYTHING, deny("iam:*", Condition=when("ArnNotLike", "aws:PrincipalArn", ROLE))),
        (allow("*", Condition=when("StringEquals", "aws:PrincipalAccount", ACCOUNT)),),
    ],
)
def test_an_administrator_however_it_is_written(statements: tuple[Json, ...]) -> None:
    assert judged(*statements).administrator


@pytest.mark.parametrize(
    "statements",
    [
        (),
        (allow("iam:*", on=OWN),),
        (allow("iam:*", on=ROLE),),
        (allow("iam:*", Condition=when("Bool", "aws:MultiFactorAuthPresent", "true")),),
        (EVERYTHING, deny("iam:CreateUser")),
        (EVERYTHING, deny("iam:ListRoles")),
        (EVERYTHING, deny("iam:*", on=ROLE)),
        (EVERYTHING, deny("iam:Pass*", Condition=when("Bool", "aws:ViaAWSService", "false"))),
        (EVERYTHING, {"Effect": "Deny", "NotAction": "s3:*", "Resource": "*"}),
        ({"Effect": "Allow", "NotAction": "iam:PassRole", "Resource": "*"},),
        ({"Effect": "Allow", "Action": "*", "NotResource": ROLE},),
        (EVERYTHING, deny("iam:*", Condition=when("StringEquals", "aws:PrincipalArn", ROLE))),
    ],
)
def test_not_an_administrator(statements: tuple[Json, ...]) -> None:
    assert not judged(*statements).administrator


def test_a_boundary_or_an_scp_takes_the_administrator_away() -> None:
    assert judged(EVERYTHING, boundary=[EVERYTHING], scps=[EVERYTHING]).administrator
    assert not judged(EVERYTHING, boundary=[allow("s3:*")]).administrator
    assert not judged(EVERYTHING, scps=[allow("s3:*")]).administrator
    assert not judged(EVERYTHING, scps=[EVERYTHING, deny("iam:*")]).administrator


def test_a_boundary_grants_nothing() -> None:
    assert judged(boundary=[EVERYTHING]).actions_anywhere == 0


def test_an_scp_leaves_a_service_linked_role_alone() -> None:
    linked = f"arn:aws:iam::{ACCOUNT}:role/aws-service-role/x.amazonaws.com/AWSServiceRoleForX"
    assert judged(EVERYTHING, scps=[allow("s3:*")], who=linked).administrator


def test_who_has_an_unread_policy_is_not_surely_an_administrator() -> None:
    found = judged(EVERYTHING, unread=[Layer.IDENTITY])
    assert not found.administrator
    assert found.can("iam:PassRole", ROLE).access is Access.CONDITIONAL


# --- can -------------------------------------------------------------------------------------


def access(found: Effective, action: str, resource: str = "*") -> Access:
    return found.can(action, resource).access


def test_a_narrow_grant_is_conditional_on_all_resources_and_allowed_on_its_own() -> None:
    found = judged(allow("s3:GetObject", on=f"{BUCKET}/*"))
    assert access(found, "s3:GetObject") is Access.CONDITIONAL
    assert access(found, "S3:getobject", f"{BUCKET}/a") is Access.ALLOWED
    assert access(found, "s3:GetObject", f"{BUCKET}/a*") is Access.ALLOWED
    assert access(found, "s3:GetObject", "arn:aws:s3:::d*") is Access.CONDITIONAL
    assert access(found, "s3:GetObject", "arn:aws:s3:::other/a") is Access.DENIED
    assert access(found, "s3:PutObject") is Access.DENIED


def test_an_action_that_takes_no_resource_is_granted_by_the_star_alone() -> None:
    assert access(judged(allow("s3:ListAllMyBuckets", on=BUCKET)), "s3:ListAllMyBuckets") is (
        Access.DENIED
    )
    assert access(judged(allow("s3:ListAllMyBuckets")), "s3:ListAllMyBuckets", BUCKET) is (
        Access.ALLOWED
    )
    anything_else = {"Effect": "Allow", "Action": "s3:*", "NotResource": BUCKET}
    assert access(judged(anything_else), "s3:ListAllMyBuckets") is Access.ALLOWED


def test_a_deny_subtracts_only_what_it_covers() -> None:
    found = judged(allow("s3:*"), deny("s3:Put*", on=f"{BUCKET}/*"))
    assert access(found, "s3:GetObject") is Access.ALLOWED
    assert access(found, "s3:PutObject") is Access.CONDITIONAL
    assert access(found, "s3:PutObject", f"{BUCKET}/a") is Access.DENIED
    assert access(found, "s3:PutObject", "arn:aws:s3:::other/a") is Access.ALLOWED
    assert access(found, "s3:PutObject", "arn:aws:s3:::dat*") is Access.CONDITIONAL


def test_two_denies_may_share_what_is_left_between_them() -> None:
    one, two = f"{BUCKET}/a", f"{BUCKET}/b"
    found = judged(
        allow("s3:GetObject", on=[one, two]),
        deny("s3:GetObject", on=one),
        deny("s3:Get*", on=two),
    )
    assert access(found, "s3:GetObject") is Access.DENIED
    assert found.actions_anywhere == 0
    assert found.grants == ()


MFA = when("Bool", "aws:MultiFactorAuthPresent", "true")
TLS = when("Bool", "aws:SecureTransport", "true")


def test_the_conditions_that_nobody_can_settle_are_named() -> None:
    answer = judged(allow("s3:GetObject", Condition=MFA)).can("s3:GetObject", f"{BUCKET}/a")
    assert answer.access is Access.CONDITIONAL
    assert [test.key for test in answer.conditions] == ["aws:MultiFactorAuthPresent"]
    assert [clause.policy for clause in answer.statements] == ["own"]


def test_a_deny_under_the_condition_of_the_allow_denies() -> None:
    found = judged(allow("s3:*", Condition=MFA), deny("s3:*", Condition=MFA))
    assert access(found, "s3:GetObject") is Access.DENIED
    assert found.actions_anywhere == 0


def test_a_deny_under_another_condition_stands_beside_the_grant() -> None:
    answer = judged(allow("s3:*"), deny("s3:*", Condition=TLS)).can("s3:GetObject")
    assert answer.access is Access.CONDITIONAL
    (grant,) = answer.grants
    assert [cut.tests[0].key for cut in grant.cuts] == ["aws:SecureTransport"]


def test_a_deny_of_more_values_covers_an_allow_of_fewer() -> None:
    few = when("StringEquals", "aws:RequestedRegion", "eu-west-1")
    many = when("StringEquals", "aws:requestedregion", "eu-west-1", "eu-west-2")
    assert judged(allow("s3:*", Condition=few), deny("s3:*", Condition=many)).grants == ()
    assert judged(allow("s3:*", Condition=many), deny("s3:*", Condition=few)).grants != ()


def test_what_is_known_of_every_request_settles_conditions() -> None:
    past = when("DateLessThan", "aws:CurrentTime", "2020-01-01T00:00:00Z")
    known = Context.of({"aws:CurrentTime": "2026-11-22T00:00:00Z"}, rest=Rest.UNKNOWN)
    assert access(judged(allow("s3:*", Condition=past), known=known), "s3:GetObject") is (
        Access.DENIED
    )
    assert access(judged(allow("s3:*", Condition=past)), "s3:GetObject") is Access.CONDITIONAL


def test_a_variable_that_follows_from_the_principal_is_filled_in() -> None:
    mine = allow("iam:CreateAccessKey", on=f"arn:aws:iam::{ACCOUNT}:user/${{aws:username}}")
    found = judged(mine, who=USER)
    assert access(found, "iam:CreateAccessKey", USER) is Access.ALLOWED
    assert access(found, "iam:CreateAccessKey", f"{USER}x") is Access.DENIED
    # A role has no user name: the statement grants it nothing.
    assert judged(mine).actions_anywhere == 0


def test_a_variable_that_nobody_knows_is_a_condition() -> None:
    found = judged(allow("s3:GetObject", on="arn:aws:s3:::home/${aws:PrincipalTag/team}/*"))
    assert access(found, "s3:GetObject", "arn:aws:s3:::home/vision/a") is Access.CONDITIONAL
    assert access(found, "s3:GetObject", "arn:aws:s3:::work/vision/a") is Access.DENIED


def test_before_2012_a_variable_is_plain_text() -> None:
    policy = carrier(allow("s3:GetObject", on="arn:aws:s3:::${aws:username}"), version="2008-10-17")
    (found,) = effective([(USER, PolicySet(identity=(policy,)))])
    assert access(found, "s3:GetObject", "arn:aws:s3:::ada") is Access.DENIED


def test_principals_that_share_a_policy_share_what_comes_of_it() -> None:
    policies = PolicySet(identity=(carrier(EVERYTHING),))
    one, two = effective([(ROLE, policies), (f"{ROLE}-2", PolicySet(identity=policies.identity))])
    assert one.permissions is two.permissions


def test_principals_that_a_policy_tells_apart_do_not() -> None:
    own = carrier(allow("iam:*", on=f"arn:aws:iam::{ACCOUNT}:user/${{aws:username}}"))
    other = f"arn:aws:iam::{ACCOUNT}:user/bob"
    ada, bob = effective([(who, PolicySet(identity=(own,))) for who in (USER, other)])
    assert access(ada, "iam:GetUser", USER) is Access.ALLOWED
    assert access(bob, "iam:GetUser", USER) is Access.DENIED


def test_a_boundary_and_a_policy_that_do_not_meet_grant_nothing() -> None:
    found = judged(
        allow("s3:GetObject", on="arn:aws:s3:::a/*"),
        boundary=[allow("s3:*", on="arn:aws:s3:::b/*")],
    )
    answer = found.can("s3:GetObject")
    assert (answer.access, answer.layer) == (Access.DENIED, Layer.BOUNDARY)
    assert found.actions_anywhere == 0


def test_where_a_boundary_is_narrower_both_stand_in_the_grant() -> None:
    ends = "arn:aws:s3:::*/x"
    found = judged(allow("s3:Get*", on="arn:aws:s3:::a*"), boundary=[allow("s3:*", on=ends)])
    (grant,) = found.grants
    patterns = [entry.pattern for reach in grant.reaches for entry in reach.entries]
    assert patterns == ["arn:aws:s3:::a*", ends]
    assert access(found, "s3:GetObject", "arn:aws:s3:::a/x") is Access.ALLOWED
    assert access(found, "s3:GetObject", "arn:aws:s3:::a/y") is Access.DENIED


def test_the_layer_that_says_nothing_is_named() -> None:
    assert judged(allow("s3:*")).can("iam:PassRole", ROLE).layer is Layer.IDENTITY
    assert judged(EVERYTHING, boundary=[allow("s3:*")]).can("iam:PassRole").layer is Layer.BOUNDARY
    assert judged(EVERYTHING, scps=[allow("s3:*")]).can("iam:PassRole").layer is Layer.SCP


def test_the_deny_that_decides_is_named() -> None:
    answer = judged(EVERYTHING, {**deny("s3:*"), "Sid": "NoBuckets"}).can("s3:GetObject")
    assert [clause.statement.sid for clause in answer.denies] == ["NoBuckets"]
    assert answer.statements == answer.denies


@pytest.mark.parametrize("statement", [allow("*"), allow("new:*"), allow("new:Thing")])
def test_an_action_that_the_table_does_not_know_is_judged_by_its_name(statement: Json) -> None:
    assert access(judged(statement), "new:Thing", "arn:aws:new:::x") is Access.ALLOWED
    found = judged(statement, deny("new:th*", on="arn:aws:new:::x"))
    assert access(found, "new:Thing", "arn:aws:new:::x") is Access.DENIED
    assert access(found, "new:Thing", "arn:aws:new:::y") is Access.ALLOWED
    assert access(found, "new:Thing") is Access.CONDITIONAL


def test_granted_actions_that_the_table_does_not_know_are_listed() -> None:
    found = judged(allow("s3:GetObject", "new:Thing", "iam:Frobnicate*"))
    assert found.permissions.unlisted == ("new:Thing", "iam:Frobnicate*")


def test_the_caller_may_always_ask_who_it_is() -> None:
    assert access(judged(deny("*")), "sts:GetCallerIdentity") is Access.ALLOWED


# --- AWS's own policies ----------------------------------------------------------------------


def test_every_aws_managed_policy_is_judged() -> None:
    names = sorted(aws_policies())
    subjects = [(ROLE, PolicySet(identity=(aws_policy(name),))) for name in names]
    found = dict(zip(names, effective(subjects), strict=True))
    assert len(found) > 1000
    for one in found.values():
        assert one.actions_anywhere == mask_of(one.grants)
        assert one.on_all_resources & ~one.actions_anywhere == 0
    administrators = {name for name, one in found.items() if one.administrator}
    assert {"AdministratorAccess", "IAMFullAccess"} <= administrators
    assert all(found[name].actions_anywhere & actions().mask("iam:*") for name in administrators)


def test_the_not_resource_of_sagemaker_full_access_is_read() -> None:
    found = with_aws("AmazonSageMakerFullAccess")
    app = f"arn:aws:sagemaker:eu-west-1:{ACCOUNT}:app/d-1/u/JupyterLab/x"
    job = f"arn:aws:sagemaker:eu-west-1:{ACCOUNT}:training-job/x"
    assert access(found, "sagemaker:CreateTrainingJob", job) is Access.ALLOWED
    assert access(found, "sagemaker:CreateApp", app) is Access.CONDITIONAL
    assert access(found, "iam:CreateUser") is Access.DENIED
    passing = found.can("iam:PassRole", f"arn:aws:iam::{ACCOUNT}:role/x-AmazonSageMaker-y")
    assert passing.access is Access.CONDITIONAL
    assert [test.key for test in passing.conditions] == ["iam:PassedToService"] * len(
        passing.conditions
    )


# --- cost ------------------------------------------------------------------------------------


def test_a_policy_of_50000_statements_is_judged_in_a_second() -> None:
    names = actions().expand(actions().taking_resources)
    many = [
        (deny if number % 4 == 0 else allow)(
            names[number % 997], on=f"arn:aws:s3:::bucket-{number}/*"
        )
        for number in range(50_000)
    ]
    policy = carrier(*many)
    # Some calls a statement, each of which stands in two layers.
    with at_most(5_000_000):
        (found,) = effective([(ROLE, PolicySet(identity=(policy,), boundaries=(policy,)))])
        assert not found.administrator
        assert found.actions_anywhere
        assert access(found, names[1], "arn:aws:s3:::bucket-1/x") is not Access.DENIED


def test_a_hostile_resource_takes_no_time() -> None:
    with at_most(50_000):
        found = judged(allow("s3:*", on="a*" * 24 + "b"), deny("s3:*", on="*a" * 24 + "c"))
        assert access(found, "s3:GetObject", "a" * 5000) is Access.DENIED
        assert access(found, "s3:GetObject", "a" * 500 + "*") is not Access.ALLOWED
        assert found.grants
