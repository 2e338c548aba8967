"""What new policies allow and old ones do not: cases."""

from mlguard.iam.comparison.compare import Comparison, compare
from tests.iam.comparing import (
    BUCKET,
    Json,
    allow,
    checked,
    deny,
    document,
    nothing_new,
    undecided,
    witness,
)

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
