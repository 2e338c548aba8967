"""What new policies allow and old ones do not: cases."""

import pytest

from mlguard.iam.comparison.compare import Comparison, compare
from tests.iam.comparing import (
    BUCKET,
    Json,
    allow,
    checked,
    deny,
    document,
    nothing_new,
    trust,
    undecided,
    witness,
)
from tests.work import at_most

# Actions and resources.


def test_the_same_policy_grants_nothing_new() -> None:
    same = [allow(["s3:Get*", "iam:PassRole"], [f"{BUCKET}/*"]), deny("s3:GetObjectAcl")]
    assert nothing_new(same, same)


def test_an_action_to_come_is_new_although_all_that_exist_were_listed() -> None:
    found = witness([allow(["sts:AssumeRole", "sts:GetCallerIdentity"])], [allow("sts:*")])
    assert found.action.startswith("sts:")


def test_a_known_action_is_shown_rather_than_a_made_up_one() -> None:
    old, new = document(allow("iam:Get*")), document(allow("iam:*"))
    found = compare([old], [new], known_actions=["iam:GetRole", "iam:CreateUser"])
    assert [one.action for one in found.new_access] == ["iam:CreateUser"]


def test_several_statements_together_cover_one() -> None:
    assert nothing_new([allow("s3:Get*"), allow("s3:Put*")], [allow(["s3:GetO*", "s3:PutAcl"])])


def test_wildcards_that_together_cover_a_pattern_are_seen_to() -> None:
    # Each name either ends in x or has another last letter: `*x` and all shorter cases.
    old = [
        {"Effect": "Allow", "NotAction": "s3:*x", "Resource": "*"},
        allow("s3:*x"),
    ]
    assert nothing_new(old, [allow("s3:*")])


def test_a_gap_between_two_patterns_is_found() -> None:
    found = witness([allow(["s3:a*", "s3:*b"])], [allow("s3:*c*")])
    name = found.action.partition(":")[2].lower()
    assert "c" in name
    assert not name.startswith("a")
    assert not name.endswith("b")


def test_the_case_of_actions_is_nothing() -> None:
    assert nothing_new([allow("S3:getobject")], [allow("s3:GetObject")])


def test_the_case_of_resources_is_something() -> None:
    found = witness([allow("s3:GetObject", f"{BUCKET}/a")], [allow("s3:GetObject", f"{BUCKET}/A")])
    assert found.resource == f"{BUCKET}/A"


def test_each_new_action_and_resource_is_named() -> None:
    old = [allow(["s3:GetObject"], [f"{BUCKET}/a"])]
    new = [allow(["s3:GetObject", "s3:PutObject"], [f"{BUCKET}/a", f"{BUCKET}/b"])]
    found = checked([document(*old)], [document(*new)])
    assert {(one.action, one.resource) for one in found.new_access} == {
        ("s3:GetObject", f"{BUCKET}/b"),
        ("s3:PutObject", f"{BUCKET}/a"),
        ("s3:PutObject", f"{BUCKET}/b"),
    }


def test_two_spellings_of_every_action_are_one() -> None:
    assert nothing_new([allow("*:*")], [allow("*")])
    assert nothing_new([allow("*")], [allow("*:*")])


def test_not_action_grants_what_it_leaves_out_of_its_list() -> None:
    all_but_iam: Json = {"Effect": "Allow", "NotAction": "iam:*", "Resource": "*"}
    assert nothing_new([allow("*")], [all_but_iam])
    assert nothing_new([all_but_iam, allow("iam:*")], [allow("*")])
    assert witness([all_but_iam], [allow("*")]).action.startswith("iam:")


def test_a_shorter_not_action_grants_more() -> None:
    old: Json = {"Effect": "Allow", "NotAction": ["iam:*", "sts:*"], "Resource": "*"}
    new: Json = {"Effect": "Allow", "NotAction": ["iam:*"], "Resource": "*"}
    assert witness([old], [new]).action.lower().startswith("sts:")
    assert nothing_new([new], [old])


def test_an_action_with_a_blank_is_no_action_so_that_excluding_it_excludes_nothing() -> None:
    nonsense: Json = {"Effect": "Allow", "NotAction": "s3:Get Object", "Resource": "*"}
    assert nothing_new([nonsense], [allow("*")])


def test_not_resource_grants_what_it_leaves_out_of_its_list() -> None:
    others: Json = {"Effect": "Allow", "Action": "s3:*", "NotResource": f"{BUCKET}*"}
    assert nothing_new([others, allow("s3:*", f"{BUCKET}*")], [allow("s3:*")])
    assert witness([others], [allow("s3:*")]).resource.startswith(BUCKET)


def test_not_resource_takes_in_requests_without_a_resource() -> None:
    others: Json = {"Effect": "Allow", "Action": "s3:*", "NotResource": f"{BUCKET}*"}
    assert witness([allow("s3:*", "arn:*")], [others]).resource == "*"


def test_a_star_inside_a_segment_does_not_run_across_a_colon() -> None:
    old = [allow("sns:Publish", "arn:aws:sns:*t:1:a")]
    assert nothing_new(old, [allow("sns:Publish", "arn:aws:sns:eat:1:a")])
    assert not nothing_new(old, [allow("sns:Publish", "arn:aws:sns:e:at:1:a")])


# Denies.


def test_a_deny_taken_away_is_new_access() -> None:
    old = [allow("*"), deny("iam:*")]
    assert witness(old, [allow("*")]).action.lower().startswith("iam:")


def test_a_narrower_deny_gives_back_what_it_no_longer_covers() -> None:
    old = [allow("s3:*"), deny("s3:Delete*")]
    new = [allow("s3:*"), deny("s3:Delete*", f"{BUCKET}*")]
    assert not witness(old, new).resource.startswith(BUCKET)
    assert nothing_new(new, old)


def test_a_deny_in_new_takes_back_its_own_allow() -> None:
    assert nothing_new([deny("iam:*")], [allow("s3:*"), deny("s3:*")])
    assert nothing_new([allow("s3:Get*")], [allow("s3:*"), deny(["s3:P*", "s3:D*"]), _not("Get*")])


def _not(name: str) -> Json:
    return {"Effect": "Deny", "NotAction": f"s3:{name}", "Resource": "*"}


def test_a_deny_that_moved_to_another_document_is_the_same_deny() -> None:
    old = [document(allow("s3:*"), deny("s3:Put*"))]
    new = [document(deny("s3:Put*")), document(allow("s3:*"))]
    assert checked(old, new) == Comparison()


def test_a_deny_with_not_action_is_subtracted() -> None:
    old = [allow("*"), {"Effect": "Deny", "NotAction": ["s3:*", "iam:*"], "Resource": "*"}]
    assert nothing_new(old, [allow(["s3:Get*", "iam:List*"])])
    assert witness(old, [allow("ec2:Run*")]).action.startswith("ec2:")


# Conditions.


SECURE: Json = {"Bool": {"aws:SecureTransport": "true"}}


def test_an_unconditional_allow_covers_any_conditional_one() -> None:
    assert nothing_new([allow("s3:*")], [allow("s3:*", condition=SECURE)])


def test_a_condition_taken_away_is_new_access() -> None:
    found = witness([allow("s3:*", condition=SECURE)], [allow("s3:*")])
    assert found.context.get("aws:SecureTransport") != ("true",)


def test_the_same_condition_is_nothing_new_however_its_key_is_written() -> None:
    old = allow("s3:*", condition={"StringLike": {"aws:PrincipalTag/Team": ["a*", "b"]}})
    new = allow("s3:*", condition={"StringLike": {"AWS:principaltag/team": ["b", "a*"]}})
    assert nothing_new([old], [new])


@pytest.mark.parametrize(
    ("wide", "narrow"),
    [
        ({"StringEquals": {"k": ["a", "b"]}}, {"StringEquals": {"k": "a"}}),
        ({"StringLike": {"k": "a*"}}, {"StringEquals": {"k": ["ab", "ac"]}}),
        ({"StringNotEquals": {"k": "a"}}, {"StringEquals": {"k": "b"}}),
        ({"StringNotEquals": {"k": "a"}}, {"StringNotEquals": {"k": ["a", "b"]}}),
        ({"StringEqualsIgnoreCase": {"k": "AB"}}, {"StringEquals": {"k": ["ab", "aB"]}}),
        ({"StringEqualsIfExists": {"k": "a"}}, {"StringEquals": {"k": "a"}}),
        # An empty text is there for IfExists, and is nothing for Null.
        ({"StringEqualsIfExists": {"k": ["a", ""]}}, {"Null": {"k": "true"}}),
        ({"NumericEqualsIfExists": {"k": "1"}}, {"Null": {"k": "true"}}),
        ({"NumericLessThan": {"k": "10"}}, {"NumericLessThanEquals": {"k": "9.5"}}),
        ({"NumericNotEquals": {"k": "10"}}, {"NumericGreaterThan": {"k": "10"}}),
        (
            {"DateLessThan": {"aws:CurrentTime": "2030-01-01T00:00:00Z"}},
            {"DateLessThan": {"aws:CurrentTime": "2029-12-31"}},
        ),
        (
            {"IpAddress": {"k": ["10.0.0.0/9", "10.128.0.0/9"]}},
            {"IpAddress": {"k": "10.64.0.0/10"}},
        ),
        ({"NotIpAddress": {"k": "10.0.0.0/8"}}, {"IpAddress": {"k": "192.168.0.0/16"}}),
        (
            {"ArnLike": {"k": "arn:aws:iam::*:role/*"}},
            {"ArnEquals": {"k": "arn:aws:iam::1:role/r"}},
        ),
        ({"StringLike": {"k": "arn:aws:iam::*"}}, {"ArnLike": {"k": "arn:aws:iam::1:role/*"}}),
        ({"ForAnyValue:StringLike": {"k": "a*"}}, {"ForAnyValue:StringEquals": {"k": ["ab"]}}),
        ({"ForAllValues:StringLike": {"k": "a*"}}, {"ForAllValues:StringEquals": {"k": ["ab"]}}),
        ({"Bool": {"k": "true"}}, {"Bool": {"k": "true"}, "StringEquals": {"j": "x"}}),
        ({"BinaryEquals": {"k": ["YQ==", "Yg=="]}}, {"BinaryEquals": {"k": "YQ=="}}),
    ],
)
def test_a_condition_covers_a_narrower_one_and_not_the_other_way_round(
    wide: Json, narrow: Json
) -> None:
    assert nothing_new([allow("s3:*", condition=wide)], [allow("s3:*", condition=narrow)])
    assert not nothing_new([allow("s3:*", condition=narrow)], [allow("s3:*", condition=wide)])


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ({"Null": {"k": "false"}}, {"StringLike": {"k": "?*"}}),
        ({"IpAddress": {"k": ["10.0.0.0/9", "10.128.0.0/9"]}}, {"IpAddress": {"k": "10.0.0.0/8"}}),
        ({"ArnEquals": {"k": "arn:aws:s3:::*"}}, {"ArnLike": {"k": ["arn:aws:s3:::*"]}}),
        ({"StringNotEqualsIfExists": {"k": "a"}}, {"StringNotEquals": {"k": "a"}}),
        ({"NumericGreaterThan": {"k": "1"}}, {"NumericGreaterThan": {"k": "1.0"}}),
    ],
)
def test_two_ways_of_saying_the_same_are_the_same(one: Json, other: Json) -> None:
    assert nothing_new([allow("s3:*", condition=one)], [allow("s3:*", condition=other)])
    assert nothing_new([allow("s3:*", condition=other)], [allow("s3:*", condition=one)])


def test_two_conditions_cover_what_neither_does() -> None:
    old = [
        allow("s3:*", condition={"StringEquals": {"k": "a"}}),
        allow("s3:*", condition={"StringNotEquals": {"k": "a"}}),
    ]
    assert nothing_new(old, [allow("s3:*")])


def test_for_all_values_lets_an_absent_key_pass() -> None:
    tags = {"ForAllValues:StringEquals": {"aws:TagKeys": ["a"]}}
    present = {"ForAnyValue:StringEquals": {"aws:TagKeys": ["a"]}}
    found = witness([allow("s3:*", condition=present)], [allow("s3:*", condition=tags)])
    assert dict(found.context) == {}


@pytest.mark.parametrize(
    ("old", "new", "value"),
    [
        ({"StringEquals": {"k": ["home/"]}}, {"StringEquals": {"k": ["", "home/"]}}, ("",)),
        ({"StringLike": {"k": "?*"}, "Null": {"k": "false"}}, {"StringLike": {"k": "*"}}, ("",)),
        (
            {"StringNotLike": {"k": "?*"}, "Null": {"k": "true"}, "StringNotEquals": {"k": ""}},
            {"StringNotLike": {"k": "?*"}},
            ("",),
        ),
        (
            {"ForAnyValue:StringEquals": {"k": "a"}},
            {"ForAnyValue:StringEquals": {"k": ["", "a"]}},
            ("", "example"),
        ),
        (
            {"ForAnyValue:StringEquals": {"k": ""}},
            {"ForAnyValue:StringEquals": {"k": ["", "a"]}},
            ("a",),
        ),
        (
            {"ForAllValues:StringEquals": {"k": "a"}},
            {"ForAllValues:StringEquals": {"k": ["", "a"]}},
            ("", "a"),
        ),
    ],
)
def test_a_key_may_hold_an_empty_text(old: Json, new: Json, value: tuple[str, ...]) -> None:
    assert witness([allow("s3:*", condition=old)], [allow("s3:*", condition=new)]).context == {
        "k": value
    }


def test_a_deny_of_an_empty_text_taken_away_is_new_access() -> None:
    old = [allow("s3:*"), deny("s3:*", condition={"StringEquals": {"s3:prefix": ""}})]
    assert witness(old, [allow("s3:*")]).context == {"s3:prefix": ("",)}


def test_a_boolean_key_has_two_values_or_none() -> None:
    parts: list[Json] = [{"Bool": {"k": "true"}}, {"Bool": {"k": "false"}}, {"Null": {"k": "true"}}]
    covered = [allow("*", condition=part) for part in parts]
    assert nothing_new(covered, [allow("*")])
    found = witness(covered[:2], [allow("*", condition={"Null": {"k": "true"}})])
    assert dict(found.context) == {}
    there = {"Null": {"k": "false"}}
    assert witness(covered[:1], [allow("*", condition=there)]).context == {"k": ("false",)}


def test_conditions_that_cannot_hold_together_grant_nothing() -> None:
    never = {"StringEquals": {"k": "a"}, "Null": {"k": "true"}}
    assert nothing_new([deny("s3:*")], [allow("iam:*", condition=never)])


# Policy variables.

HOME = "arn:aws:s3:::homes/${aws:username}/*"


def test_the_same_variable_is_nothing_new() -> None:
    assert nothing_new([allow("s3:*", HOME)], [allow("s3:GetObject", HOME)])


def test_a_variable_is_covered_by_a_star_and_not_the_other_way_round() -> None:
    star = HOME.replace("${aws:username}", "*")
    assert nothing_new([allow("s3:*", star)], [allow("s3:*", HOME)])
    assert not nothing_new([allow("s3:*", HOME)], [allow("s3:*", star)])


def test_a_question_mark_covers_no_variable() -> None:
    found = witness([allow("s3:*", "arn:aws:s3:::homes/?/*")], [allow("s3:*", HOME)])
    assert found.context["aws:username"] == ("example",)


def test_a_name_is_not_covered_by_a_variable() -> None:
    bob = HOME.replace("${aws:username}", "bob")
    assert witness([allow("s3:*", HOME)], [allow("s3:*", bob)]).resource.startswith(
        "arn:aws:s3:::homes/bob/"
    )


def test_a_variable_that_may_be_the_denied_name_is_undecided() -> None:
    bob = HOME.replace("${aws:username}", "bob")
    old = [allow("s3:*", HOME.replace("${aws:username}", "*")), deny("s3:*", bob)]
    assert undecided(old, [allow("s3:*", HOME)])


def test_a_variable_in_a_condition_is_compared_with_itself() -> None:
    mine = {"StringEquals": {"aws:ResourceTag/owner": "${aws:username}"}}
    assert nothing_new([allow("s3:*", condition=mine)], [allow("s3:Get*", condition=mine)])
    found = witness([allow("s3:Get*", condition=mine)], [allow("s3:*", condition=mine)])
    assert found.context["aws:ResourceTag/owner"] == found.context["aws:username"]


def test_a_default_is_new_where_the_key_is_absent() -> None:
    spare = HOME.replace("}", ", 'x'}")
    found = witness([allow("s3:*", HOME)], [allow("s3:*", spare)])
    assert dict(found.context) == {}
    assert "/x/" in found.resource
    assert nothing_new([allow("s3:*", spare)], [allow("s3:*", HOME)])
    assert nothing_new(
        [allow("s3:*", HOME), allow("s3:*", "arn:aws:s3:::homes/x/*")], [allow("s3:*", spare)]
    )


def test_a_default_in_a_condition_matters_where_the_key_is_absent() -> None:
    mine = {"StringEquals": {"aws:ResourceTag/owner": "${aws:username}"}}
    spare = {"StringEquals": {"aws:ResourceTag/owner": "${aws:username, 'x'}"}}
    found = witness([allow("s3:*", condition=mine)], [allow("s3:*", condition=spare)])
    assert dict(found.context) == {"aws:ResourceTag/owner": ("x",)}
    assert nothing_new([allow("s3:*", condition=spare)], [allow("s3:*", condition=mine)])


def test_in_an_old_version_a_variable_is_plain_text() -> None:
    old, new = document(allow("s3:*", HOME)), document(allow("s3:*", HOME), version="2008-10-17")
    (found,) = checked([old], [new]).new_access
    assert found.resource.startswith("arn:aws:s3:::homes/${aws:username}/")


def test_an_escaped_star_is_a_star() -> None:
    assert nothing_new([allow("s3:*", f"{BUCKET}/*")], [allow("s3:*", f"{BUCKET}/${{*}}")])
    found = witness([allow("s3:*", f"{BUCKET}/a")], [allow("s3:*", f"{BUCKET}/${{*}}")])
    assert found.resource == f"{BUCKET}/*"


def test_an_entry_that_aws_takes_for_a_fault_is_undecided_and_not_nothing() -> None:
    assert undecided([allow("s3:Get*")], [allow("iam:*", "arn:aws:*:::x")])


# Limits and principals.


def test_a_limit_of_the_new_side_takes_access_away() -> None:
    old, new = [document(allow("s3:Get*"))], [document(allow("*"))]
    boundary = [[document(allow(["s3:Get*", "iam:Get*"]))]]
    (found,) = compare(old, new, new_limits=boundary).new_access
    assert found.action.lower().startswith("iam:get")
    assert compare(old, new, new_limits=[[document(allow("s3:GetObject"))]]) == Comparison()


def test_a_limit_of_the_old_side_taken_away_is_new_access() -> None:
    same = [document(allow("s3:*"))]
    boundary = [[document(allow("s3:Get*"))]]
    assert compare(same, same, old_limits=boundary).new_access
    assert compare(same, same, old_limits=boundary, new_limits=boundary) == Comparison()


def test_a_principal_added_to_a_trust_policy_is_named() -> None:
    old = document(trust({"Service": "sagemaker.amazonaws.com"}))
    new = document(trust({"Service": ["sagemaker.amazonaws.com", "lambda.amazonaws.com"]}))
    (found,) = compare([old], [new]).new_access
    assert found.principal == "lambda.amazonaws.com"
    assert compare([new], [old]) == Comparison()


def test_anyone_covers_a_role_and_not_the_other_way_round() -> None:
    role = document(trust({"AWS": "arn:aws:iam::123456789012:role/r"}))
    anyone = document(trust({"AWS": "*"}))
    assert compare([anyone], [role]) == Comparison()
    (found,) = compare([role], [anyone]).new_access
    assert found.principal == "arn:aws:iam::999999999999:user/example"


def test_an_account_id_is_its_root_arn() -> None:
    digits = document(trust({"AWS": "123456789012"}))
    root = document(trust({"AWS": "arn:aws:iam::123456789012:root"}))
    assert compare([digits], [root]) == compare([root], [digits]) == Comparison()


def test_a_role_named_is_more_than_its_account_named() -> None:
    account = document(trust({"AWS": "123456789012"}))
    role = document(trust({"AWS": "arn:aws:iam::123456789012:role/r"}))
    (found,) = compare([account], [role]).new_access
    assert found.principal == "arn:aws:iam::123456789012:role/r"


def test_a_trust_without_its_condition_is_new_access() -> None:
    federated = {"Federated": "arn:aws:iam::123456789012:oidc-provider/idp.example.com"}
    subject = {"StringLike": {"idp.example.com:sub": "repo:org/*"}}
    token = {"Action": "sts:AssumeRoleWithWebIdentity"}
    old, new = document(trust(federated, subject) | token), document(trust(federated) | token)
    assert compare([old], [new]).new_access
    assert compare([new], [old]) == Comparison()


def test_a_deleted_principal_is_nobody() -> None:
    nobody = document(trust({"AWS": "AROAEXAMPLEEXAMPLE123"}))
    somebody = document(trust({"Service": "sagemaker.amazonaws.com"}))
    assert compare([somebody], [nobody]) == Comparison()


def test_not_principal_is_undecided_unless_nothing_changed() -> None:
    statement = deny("s3:*") | {"NotPrincipal": {"AWS": "123456789012"}}
    old, new = document(statement), document(statement, trust("*"))
    assert compare([old], [new]).undecided
    assert compare([new], [new]) == Comparison()


# The budget.


def test_a_hostile_pattern_takes_little_work() -> None:
    hostile = "s3:" + "a*" * 24 + "b"
    with at_most(10_000_000):
        checked([document(allow([hostile, "s3:*a*b*c*d*e*f"]))], [document(allow("s3:a*?*?*b*"))])


def test_what_takes_too_long_is_undecided() -> None:
    # The letter so many places before the end: subsets of those places have to be told apart.
    ends = [f"s3:*a{'?' * at}" for at in (17, 19)]
    starts = [f"s3:*b{'?' * at}" for at in (18, 16)]
    old: list[Json] = [
        {"Effect": "Allow", "Action": one, "Resource": "*"} for one in (*ends, *starts)
    ]
    found = compare([document(*old)], [document(allow("s3:*a*"))])
    assert found.new_access or found.undecided


def test_documents_of_real_size_take_little_work() -> None:
    actions = [f"ec2:Describe{at}Things" for at in range(300)]
    old = [allow(actions, [f"arn:aws:ec2:*:*:thing{at}/*" for at in range(20)])]
    new = [allow([*actions[::2], "ec2:RunInstances"], "arn:aws:ec2:*:*:thing7/x*")]
    with at_most(5_000_000):
        assert witness(old, new).action == "ec2:RunInstances"


MANY: list[tuple[str, str]] = [
    ("arn:aws:s3:::b{}/*", "arn:aws:s3:::c{}/*"),
    ("arn:aws:s3:::b{}/*", "arn:aws:s3:::b{}/x*"),
    ("arn:aws:s3:::*b{}*", "arn:aws:s3:::*b{}*x"),
    ("arn:aws:s3:::{}", "arn:aws:s3:::*{}"),
]


@pytest.mark.parametrize(("before", "after"), MANY)
@pytest.mark.parametrize("several", [False, True])
def test_many_resources_take_little_work(before: str, after: str, several: bool) -> None:  # noqa: FBT001
    olds, news = ([text.format(at) for at in range(1000)] for text in (before, after))
    if several:
        found = compare([document(allow("s3:*", olds))], [document(allow("s3:*", news))])
    else:
        old = document(*(allow("s3:*", one) for one in olds))
        found = compare([old], [document(*(allow("s3:*", one) for one in news))])
    is_wider = after in ("arn:aws:s3:::c{}/*", "arn:aws:s3:::*{}")
    assert len(found.new_access) == (1000 if is_wider else 0)
    assert not found.undecided


@pytest.mark.parametrize("narrow", ["s3:*", "s3:Get*"])
def test_many_conditions_take_little_work(narrow: str) -> None:
    teams = [{"StringEquals": {"aws:PrincipalTag/team": f"t{at}"}} for at in range(1001)]
    old = document(*(allow("s3:*", condition=team) for team in teams[1:]))
    (found,) = compare(
        [old], [document(*(allow(narrow, condition=team) for team in teams))]
    ).new_access
    assert found.context == {"aws:PrincipalTag/team": ("t0",)}


def test_many_patterns_of_actions_take_little_work() -> None:
    old = document(*(allow(f"s3:A{at}*") for at in range(1000)))
    assert compare([old], [document(*(allow(f"s3:A{at}x*") for at in range(1000)))]) == Comparison()


def test_many_callers_take_little_work() -> None:
    arns = [f"arn:aws:iam::123456789012:role/r{at}" for at in range(1001)]
    old = document(*(trust({"AWS": arn}) for arn in arns[1:]))
    (found,) = compare(
        [old], [document(*(trust({"AWS": arn}) for arn in reversed(arns)))]
    ).new_access
    assert found.principal == arns[0]


def test_when_the_work_is_done_the_rest_is_undecided() -> None:
    # Each is a riddle to each other: which objects both have, hangs on the user's name.
    homes = [allow("s3:*", f"arn:aws:s3:::*{at}*/${{aws:username}}*{at}") for at in range(150)]
    lists = [allow("s3:*", f"arn:aws:s3:::*{at}?/*/${{aws:userid}}*") for at in range(150)]
    found = compare([document(*homes)], [document(*lists)])
    assert len(found.new_access) + len(found.undecided) == 150
