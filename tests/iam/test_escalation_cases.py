"""Escalations of a special kind: policies that can be edited, hops, limits, what is not read."""

from dataclasses import replace
from typing import Any

import pytest

from mlguard.data.escalation_paths import EscalationPath, Need, On, listed_paths
from mlguard.iam.escalation import search
from mlguard.iam.escalation.account import Host, Member, Team
from mlguard.iam.escalation.chain import Certainty
from mlguard.iam.evaluation.policies import Layer
from tests.iam.escalation_account import (
    CALLER,
    GROUP,
    LIMIT,
    OWN_POLICY,
    TARGET_ROLE,
    TARGET_USER,
    TODAY,
    allow,
    arn,
    deny,
    judged,
    policy,
    role,
    trust,
    user,
    view,
    ways,
)

EVERYTHING = allow("*")
PASS_TO_LAMBDA = (allow("iam:PassRole", on=TARGET_ROLE), allow("lambda:*"))
FOR_LAMBDA = trust(Service="lambda.amazonaws.com")
ADMINISTRATOR_ACCESS = "arn:aws:iam::aws:policy/AdministratorAccess"


def strong(name: str = "target", **changes: Any) -> Member:
    return role(name, EVERYTHING, **changes)


def has_policy(name: str, *statements: dict[str, Any], **changes: Any) -> Member:
    return user(
        CALLER,
        *statements,
        attached=(name,),
        policies=(policy(allow("sqs:*"), name=name),),
        **changes,
    )


@pytest.mark.parametrize(
    "statement",
    [EVERYTHING, allow("*:*"), allow("iam:*")],
)
def test_an_administrator_is_one_and_has_nothing_to_gain(statement: dict[str, Any]) -> None:
    one = judged(view(user(CALLER, statement), strong(trust=trust(AWS="*"))))
    assert one.admin
    assert one.reaches_admin
    assert one.escalations == ()


def test_policies_of_aws_cannot_be_edited() -> None:
    versions = allow("iam:CreatePolicyVersion")
    assert not judged(view(has_policy(ADMINISTRATOR_ACCESS, versions))).escalations
    inert = allow("iam:CreatePolicyVersion", on="arn:aws:iam::aws:policy/*")
    assert not judged(view(has_policy(OWN_POLICY, inert))).escalations


def test_a_policy_that_nobody_attached_to_the_caller_gives_it_nothing() -> None:
    only = allow("iam:CreatePolicyVersion", on=arn("policy/another"))
    assert not judged(view(has_policy(OWN_POLICY, only))).escalations


def test_a_pattern_that_meets_an_attached_policy_counts() -> None:
    some = allow("iam:CreatePolicyVersion", on=arn("policy/o*"))
    (way,) = ways(view(has_policy(OWN_POLICY, some)), "iam-001")
    assert (way.target, way.certainty, way.admin) == (OWN_POLICY, Certainty.PROVED, True)


def test_a_deny_in_the_policy_that_is_rewritten_goes_with_it() -> None:
    own = policy(deny("s3:*"), allow("iam:CreatePolicyVersion"), name=OWN_POLICY)
    caller = user(CALLER, attached=(OWN_POLICY,), policies=(own,))
    (way,) = ways(view(caller), "iam-001")
    assert way.admin
    kept = user(CALLER, deny("iam:Get*"), attached=(OWN_POLICY,), policies=(own,))
    first, then = ways(view(kept), "iam-001")
    assert not first.admin
    assert [step.action for step in then.steps] == [
        "iam:CreatePolicyVersion",
        "iam:DeleteUserPolicy",
    ]


def test_a_boundary_caps_what_a_principal_can_give_itself() -> None:
    limit = policy(allow("iam:PutUserPolicy", "s3:*"), name=LIMIT)
    put = allow("iam:PutUserPolicy", on=arn(f"user/{CALLER}"))
    one = judged(view(user(CALLER, put, limit=limit)))
    (way,) = one.escalations
    assert (way.path, way.admin, one.reaches_admin) == ("iam-007", False, False)
    tight = policy(allow("iam:PutUserPolicy"), name=LIMIT)
    everywhere = allow("iam:PutUserPolicy")
    assert not ways(view(user(CALLER, everywhere, limit=tight)), "iam-007")


def test_a_condition_on_the_policy_to_attach_is_held_against_the_policies_there_are() -> None:
    def account(pattern: str) -> Any:
        asked = {"ArnLike": {"iam:PolicyARN": pattern}}
        attach = allow("iam:AttachUserPolicy", Condition=asked)
        storage = "arn:aws:iam::aws:policy/AmazonS3FullAccess"
        known = {storage: policy(allow("s3:*"), name=storage)}
        return view(user(CALLER, attach), managed=known)

    (way,) = ways(account("arn:aws:iam::aws:policy/AmazonS3*"), "iam-008")
    assert (way.certainty, way.admin) == (Certainty.PROVED, False)
    (way,) = ways(account("arn:aws:iam::aws:policy/Admin*"), "iam-008")
    assert way.admin
    assert not ways(account(arn("policy/AmazonEC2*")), "iam-008")


def test_a_boundary_asked_for_is_held_against_that_of_the_target() -> None:
    asked = {"StringEquals": {"iam:PermissionsBoundary": LIMIT}}
    put = allow("iam:PutUserPolicy", Condition=asked)
    assert not ways(view(user(CALLER, put)), "iam-007")
    limit = policy(allow("iam:PutUserPolicy", "s3:*"), name=LIMIT)
    assert ways(view(user(CALLER, put, limit=limit)), "iam-007")[0].certainty is Certainty.PROVED


def test_what_a_role_is_passed_for_must_be_what_the_path_makes() -> None:
    def account(made: str) -> Any:
        asked = {
            "ArnLike": {"iam:AssociatedResourceArn": made},
            "StringEquals": {"aws:ResourceAccount": "${aws:PrincipalAccount}"},
        }
        passing = allow("iam:PassRole", Condition=asked)
        caller = user(CALLER, passing, allow("lambda:*", "ec2:*"))
        trusted = trust(Service=["lambda.amazonaws.com", "ec2.amazonaws.com"])
        return view(caller, strong(trust=trusted))

    instances = account("arn:aws:ec2:*:*:instance/*")
    assert not ways(instances, "lambda-001")
    assert ways(instances, "ec2-001")[0].certainty is Certainty.PROVED


def test_an_instance_gets_a_role_by_its_instance_profile_only() -> None:
    caller = user(CALLER, allow("iam:PassRole", "ec2:RunInstances"))
    (way,) = ways(view(caller, strong(in_profile=False)), "ec2-001")
    assert way.certainty is Certainty.CONDITIONAL
    assert "instance profile" in way.conditions[0]


def test_a_service_linked_role_is_neither_a_target_nor_a_caller() -> None:
    name = "aws-service-role/x.amazonaws.com/AWSServiceRoleForX"
    linked = role(name, allow("s3:*", "iam:PutRolePolicy"))
    caller = user(CALLER, allow("iam:UpdateAssumeRolePolicy", "iam:PassRole", "ec2:RunInstances"))
    account = view(caller, linked)
    assert not judged(account).escalations
    assert not judged(account, "AWSServiceRoleForX").escalations


def test_roles_cannot_join_groups() -> None:
    team = Team(arn=GROUP, policies=(policy(EVERYTHING),))
    joins = allow("iam:AddUserToGroup")
    assert ways(view(user(CALLER, joins), teams=(team,)), "iam-013")[0].target == GROUP
    assert not judged(view(role(CALLER, joins), teams=(team,))).escalations


def test_a_trust_that_names_the_caller_is_enough_and_its_own_deny_is_not_overruled() -> None:
    target = strong(trust=trust(AWS=arn(f"user/{CALLER}")))
    (way,) = judged(view(user(CALLER), target)).escalations
    assert (way.path, way.certainty, way.target) == ("sts-001", Certainty.PROVED, TARGET_ROLE)
    assert way.steps[0].statements[0].policy == "trust policy"
    assert not judged(view(user(CALLER, deny("sts:*")), target)).escalations


def test_a_trust_in_the_account_needs_the_callers_own_policy_too() -> None:
    target = strong(trust=trust(AWS=arn("root")))
    assert not judged(view(user(CALLER), target)).escalations
    assumes = user(CALLER, allow("sts:AssumeRole", on=arn("role/t*")))
    assert ways(view(assumes, target), "sts-001")[0].certainty is Certainty.PROVED


def test_another_account_needs_both_sides() -> None:
    far = "arn:aws:iam::999999999999:user/far"
    target = strong(trust=trust(AWS=far))
    silent = Member(arn=far, policies=user("x", allow("s3:*")).policies)
    assert not judged(view(silent, target), "far").escalations
    asks = Member(arn=far, policies=user("x", allow("sts:AssumeRole")).policies)
    assert judged(view(asks, target), "far").reaches_admin


def test_the_conditions_of_a_trust_policy_are_told() -> None:
    statement = {
        "Effect": "Allow",
        "Principal": {"AWS": arn(f"user/{CALLER}")},
        "Action": "sts:AssumeRole",
        "Condition": {"StringEquals": {"sts:ExternalId": "7"}},
    }
    (way,) = judged(view(user(CALLER), strong(trust=trust(statement)))).escalations
    assert way.certainty is Certainty.CONDITIONAL
    assert way.conditions == ("sts:ExternalId is 7",)


def test_a_trust_for_another_account_of_the_service_is_none() -> None:
    def trusted(account: str) -> Any:
        statement = {
            "Effect": "Allow",
            "Principal": {"Service": "sagemaker.amazonaws.com"},
            "Action": "sts:AssumeRole",
            "Condition": {"StringEquals": {"aws:SourceAccount": account}},
        }
        caller = user(CALLER, allow("iam:PassRole", "sagemaker:CreateTrainingJob"))
        return view(caller, strong(trust=trust(statement)))

    assert ways(trusted("111122223333"), "sagemaker-002")[0].certainty is Certainty.PROVED
    assert not ways(trusted("444455556666"), "sagemaker-002")


@pytest.mark.parametrize(
    ("operator", "source", "certainty"),
    [
        ("ArnLike", "arn:aws:sagemaker:*:111122223333:*", Certainty.PROVED),
        ("StringLike", "arn:aws:sagemaker:*:111122223333:*", Certainty.PROVED),
        ("ArnLike", "arn:aws:*:*:111122223333:*", Certainty.PROVED),
        ("ArnLike", "arn:aws:sagemaker:eu-west-1:111122223333:*", Certainty.CONDITIONAL),
        ("ArnLike", "arn:aws:sagemaker:*:111122223333:pipeline/a", Certainty.CONDITIONAL),
        ("ArnLike", "arn:aws:sagemaker:*:444455556666:*", None),
        ("ArnLike", "arn:aws:lambda:*:111122223333:*", None),
        ("ArnNotLike", "arn:aws:sagemaker:*:111122223333:*", None),
        ("ArnNotLike", "arn:aws:sagemaker:*:444455556666:*", Certainty.PROVED),
    ],
)
def test_what_sagemaker_comes_for_is_the_callers_to_make(
    operator: str, source: str, certainty: Certainty | None
) -> None:
    """SageMaker Developer Guide, "Cross-service confused deputy prevention"."""
    statement = {
        "Effect": "Allow",
        "Principal": {"Service": "sagemaker.amazonaws.com"},
        "Action": "sts:AssumeRole",
        "Condition": {operator: {"aws:SourceArn": source}},
    }
    caller = user(CALLER, allow("iam:PassRole", "sagemaker:CreateTrainingJob"))
    found = ways(view(caller, strong(trust=trust(statement))), "sagemaker-002")
    assert [way.certainty for way in found] == ([] if certainty is None else [certainty])


def test_one_edit_is_told_once() -> None:
    asked = {"Bool": {"aws:MultiFactorAuthPresent": "true"}}
    attaches = allow("iam:AttachUserPolicy", Condition=asked)
    (way,) = judged(view(user(CALLER, attaches))).escalations
    assert (way.path, way.certainty, way.admin) == ("iam-008", Certainty.CONDITIONAL, True)


def test_a_chain_of_hops_is_told_step_by_step() -> None:
    middle = role("middle", *PASS_TO_LAMBDA, trust=trust(AWS=arn(f"user/{CALLER}")))
    one = judged(view(user(CALLER), middle, strong(trust=FOR_LAMBDA)))
    assert one.reaches_admin
    direct, chain = one.escalations
    assert (direct.target, direct.admin) == (arn("role/middle"), False)
    assert (chain.target, chain.admin, chain.certainty) == (TARGET_ROLE, True, Certainty.PROVED)
    assert [step.action for step in chain.steps] == [
        "sts:AssumeRole",
        "iam:PassRole",
        "lambda:CreateFunction",
        "lambda:InvokeFunction",
        "sts:AssumeRole",
    ]
    assert [(step.principal or "").rpartition("/")[2] for step in chain.steps] == [
        CALLER,
        *["middle"] * 3,
        "lambda.amazonaws.com",
    ]


def test_a_chain_is_as_sure_as_its_weakest_link() -> None:
    asked = {"Bool": {"aws:MultiFactorAuthPresent": "true"}}
    middle = role(
        "middle", allow("sts:AssumeRole", Condition=asked), trust=trust(AWS=arn(f"user/{CALLER}"))
    )
    one = judged(view(user(CALLER), middle, strong(trust=trust(AWS=arn("root")))))
    assert one.escalations[-1].certainty is Certainty.CONDITIONAL
    assert one.escalations[-1].conditions == ("aws:MultiFactorAuthPresent is true",)


def test_a_proved_way_goes_before_a_shorter_one_under_conditions() -> None:
    asked = {"Bool": {"aws:MultiFactorAuthPresent": "true"}}
    caller = user(CALLER, allow("sts:AssumeRole", on=TARGET_ROLE, Condition=asked))
    middle = role("middle", allow("sts:AssumeRole"), trust=trust(AWS=arn(f"user/{CALLER}")))
    one = judged(view(caller, middle, strong(trust=trust(AWS=arn("root")))))
    assert one.escalations[-1].certainty is Certainty.PROVED
    assert len(one.escalations[-1].steps) == 2


def test_roles_that_trust_each_other_make_no_endless_chain() -> None:
    names = ("a", "b", "c")
    ring = [
        role(name, allow("s3:ListBucket" if name == "a" else f"{name}2:Get*"), trust=trust(AWS="*"))
        for name in names
    ]
    assert not any(judged(view(*ring), name).reaches_admin for name in names)


def test_a_role_with_wider_resources_is_a_gain_and_one_with_narrower_is_none() -> None:
    bucket = "arn:aws:s3:::one/*"
    mine = allow("s3:GetObject", on=bucket)
    invited = trust(AWS=arn(f"user/{CALLER}"))
    wide = role("target", allow("s3:GetObject"), trust=invited)
    assert judged(view(user(CALLER, mine), wide)).escalations
    narrow = role("target", allow("s3:GetObject", on="arn:aws:s3:::one/two/*"), trust=invited)
    assert not judged(view(user(CALLER, mine), narrow)).escalations


def test_the_strongest_of_the_targets_is_named() -> None:
    invited = trust(AWS=arn(f"user/{CALLER}"))
    weak = [role(f"weak{n}", allow("sqs:*"), trust=invited) for n in range(3)]
    (way,) = judged(view(user(CALLER), *weak, strong(trust=invited))).escalations
    assert way.target == TARGET_ROLE


def test_what_was_not_read_makes_a_way_but_possible() -> None:
    caller = user(CALLER, *PASS_TO_LAMBDA)
    half = replace(caller, policies=replace(caller.policies, unread=frozenset({Layer.IDENTITY})))
    (way, *_) = ways(view(half, strong(trust=FOR_LAMBDA)), "lambda-001")
    assert way.certainty is Certainty.POSSIBLE


def test_a_target_that_was_not_read_is_possible_and_has_no_name() -> None:
    caller = user(CALLER, allow("iam:PassRole"), allow("lambda:*"))
    assert not ways(view(caller), "lambda-001")
    (way,) = ways(view(caller, whole=False), "lambda-001")
    assert (way.certainty, way.target) == (Certainty.POSSIBLE, None)


def test_hosts_that_were_all_read_leave_nothing_possible() -> None:
    caller = user(CALLER, allow("lambda:UpdateFunctionCode"))
    target, weak = strong(trust=FOR_LAMBDA), role("weak", trust=FOR_LAMBDA)
    assert ways(view(caller, target, weak), "lambda-003")[0].certainty is Certainty.POSSIBLE
    name = "arn:aws:lambda:eu-west-1:111122223333:function:f"
    host = Host(kind="function", arn=name, role=weak.arn)
    read = frozenset({"function"})
    assert not ways(view(caller, target, weak, hosts=(host,), hosts_read=read), "lambda-003")
    better = replace(host, role=TARGET_ROLE)
    found = view(caller, target, weak, hosts=(host, better), hosts_read=read)
    (way,) = ways(found, "lambda-003")
    assert (way.target, way.certainty, way.admin) == (name, Certainty.PROVED, True)
    assert judged(found).reaches_admin


def test_a_password_is_made_where_there_is_none_and_changed_where_there_is_one() -> None:
    caller = user(CALLER, allow("iam:CreateLoginProfile", "iam:UpdateLoginProfile"))
    for has, path in ((True, "iam-006"), (False, "iam-004")):
        account = view(caller, user("target", EVERYTHING, password=has))
        (way,) = judged(account).escalations
        assert (way.path, way.target) == (path, TARGET_USER)


def test_a_caller_that_may_split_its_policies_is_seen_as_one() -> None:
    caller = user(
        CALLER,
        policies=(policy(PASS_TO_LAMBDA[0], name="a"), policy(PASS_TO_LAMBDA[1], name="b")),
    )
    (way,) = ways(view(caller, strong(trust=FOR_LAMBDA)), "lambda-001")
    assert {one.policy for step in way.steps for one in step.statements} >= {"a", "b"}


def test_hostile_names_are_only_text() -> None:
    name = "x" * 40 + "*" * 40 + "\x1b[31m:" + "?" * 20
    invited = trust(AWS="*")
    account = view(user(CALLER, allow("sts:AssumeRole")), role(name, EVERYTHING, trust=invited))
    assert judged(account).reaches_admin


def test_the_order_of_the_principals_changes_nothing() -> None:
    members = [
        user(CALLER, allow("sts:*", "iam:PassRole", "lambda:*")),
        role("a", allow("s3:*"), trust=trust(AWS=arn("root"))),
        role("b", allow("sqs:*"), trust=trust(AWS=arn("root"))),
        strong(trust=FOR_LAMBDA),
    ]
    forth, back = view(*members), view(*reversed(members))

    assert search.escalations(forth, today=TODAY) == search.escalations(back, today=TODAY)


def test_a_path_with_an_unknown_action_is_quarantined(monkeypatch: pytest.MonkeyPatch) -> None:
    strange = EscalationPath(
        id="strange",
        category=next(listed_paths()).category,
        needs=(Need(action="iam:ConjureRole", on=On.ANY),),
    )
    search.quarantined.cache_clear()
    monkeypatch.setattr(search, "escalation_paths", lambda: (strange,))
    try:
        assert search.quarantined() == (strange,)
        assert not judged(view(user(CALLER, allow("iam:Conjure*")))).escalations
    finally:
        search.quarantined.cache_clear()
