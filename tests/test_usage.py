"""Recorded calls against a role: missing, excess, wider, undecided, and what nobody can tell."""

import json
from dataclasses import replace

import msgspec
import pytest

from mlguard.advice import AdviceError
from mlguard.resources.kinds import AnyResource
from mlguard.snapshot import Snapshot
from mlguard.usage.calls import recording_of, with_work
from mlguard.usage.judging import Usage, judge, least_of, missing_of
from mlguard.usage.recording import Call, Recording
from tests.builders.account import ACCOUNT, gap, snapshot
from tests.builders.functions import function
from tests.builders.iam import (
    allow,
    aws_managed,
    document,
    iam_arn,
    inline,
    managed_policy,
    role,
    trust,
)

OTHER = "210987654321"
BUCKET = "arn:aws:s3:::notes"
ROLE = iam_arn("role/notes-role")


def call(service: str, operation: str, **parameters: object) -> Call:
    return Call(service=service, operation=operation, parameters=parameters, region="us-east-1")


READ = call("s3", "GetObject", Bucket="notes", Key="a")


def recorded(*calls: Call, account: str = ACCOUNT, test: str = "test_one") -> Recording:
    return recording_of(calls, account=account, test=test)


def account(*statements: dict[str, object]) -> Snapshot:
    policies = (inline(*statements),) if statements else ()
    return snapshot(role("notes-role", inline_policies=policies))


def judged(given: Snapshot, *recordings: Recording) -> Usage:
    return judge(given, "notes-role", recordings)


def held(found: Usage) -> dict[str, set[tuple[str, str]]]:
    return {
        "missing": {(one.use.action, one.use.resource) for one in found.missing},
        "undecided": {(one.use.action, one.use.resource) for one in found.undecided},
    }


def test_what_is_called_and_allowed_is_used() -> None:
    found = judged(account(allow("s3:GetObject", resource=f"{BUCKET}/*")), recorded(READ))
    assert found.role == ROLE
    assert found.used == found.granted == ("s3:GetObject",)
    assert found.excess == ()
    assert held(found) == {"missing": set(), "undecided": set()}


def test_what_is_called_and_refused_is_missing_with_the_tests_that_called_it() -> None:
    given = account(allow("s3:PutObject"))
    found = judged(given, recorded(READ, test="one"), recorded(READ, READ, test="two"))
    (missing,) = found.missing
    assert (missing.use.action, missing.use.resource) == ("s3:GetObject", f"{BUCKET}/a")
    assert missing.use.by == "s3.GetObject"
    assert missing.tests == ("one", "two")
    assert found.calls == 3
    assert missing_of(given, ROLE, [recorded(READ)])[0].use == missing.use


def test_excess_is_what_is_granted_on_any_resource_and_not_called() -> None:
    given = account(
        allow("s3:GetObject", resource=f"{BUCKET}/*"),
        allow("s3:PutObject", resource="arn:aws:s3:::other/*"),
        {"Effect": "Deny", "Action": "s3:DeleteObject", "Resource": "*"},
        allow("s3:DeleteObject"),
    )
    assert judged(given, recorded(READ)).excess == ("s3:PutObject",)


def test_a_boundary_takes_away_what_is_no_excess_then() -> None:
    holder = role(
        "notes-role",
        inline_policies=(inline(allow("s3:GetObject", "s3:PutObject")),),
        permissions_boundary=iam_arn("policy/edge"),
    )
    edge = managed_policy("edge", arn=iam_arn("policy/edge"), document=document(allow("s3:Get*")))
    found = judged(snapshot(holder, edge), recorded(READ))
    assert found.granted == ("s3:GetObject",)
    missing = judged(
        snapshot(holder, edge), recorded(call("s3", "PutObject", Bucket="notes", Key="a"))
    ).missing
    assert [one.reason for one in missing] == ["no statement of the boundary layer allows it"]


def test_wider_is_a_called_action_on_more_than_was_called() -> None:
    exact = account(allow("s3:GetObject", resource=f"{BUCKET}/a"))
    assert judged(exact, recorded(READ)).wider == ()
    (wider,) = judged(account(allow("s3:Get*", resource=f"{BUCKET}/*")), recorded(READ)).wider
    assert wider.action == "s3:GetObject"
    assert wider.granted == (f"{BUCKET}/*",)
    assert wider.resource.startswith(f"{BUCKET}/")
    assert wider.resource != f"{BUCKET}/a"


def test_a_condition_that_the_call_decides_is_decided() -> None:
    metrics = call("cloudwatch", "PutMetricData", Namespace="notes")
    given = account(
        {
            **allow("cloudwatch:PutMetricData"),
            "Condition": {"StringEquals": {"cloudwatch:namespace": "notes"}},
        }
    )
    found = judged(given, recorded(metrics))
    assert held(found) == {"missing": set(), "undecided": set()}
    assert found.wider == ()
    other = judged(given, recorded(call("cloudwatch", "PutMetricData", Namespace="other")))
    assert [one.use.action for one in other.missing] == ["cloudwatch:PutMetricData"]


def test_a_condition_on_what_nobody_recorded_leaves_it_undecided() -> None:
    office = {"Condition": {"IpAddress": {"aws:SourceIp": "192.0.2.0/24"}}}
    found = judged(account({**allow("s3:GetObject"), **office}), recorded(READ))
    (undecided,) = found.undecided
    assert undecided.reason == "if aws:SourceIp is in 192.0.2.0/24"
    assert found.missing == ()
    assert found.used == ("s3:GetObject",)


def test_a_key_whose_own_policy_must_agree_is_undecided() -> None:
    key = f"arn:aws:kms:us-east-1:{ACCOUNT}:key/1234abcd-12ab-34cd-56ef-1234567890ab"
    decrypt = call("kms", "Decrypt", KeyId=key)
    found = judged(account(allow("kms:Decrypt")), recorded(decrypt))
    assert [one.reason for one in found.undecided] == [
        "the policy of the key was not read: it must let its account decide, or allow it"
    ]
    assert [one.use.action for one in judged(account(), recorded(decrypt)).missing] == [
        "kms:Decrypt"
    ]


def test_a_policy_that_was_not_read_leaves_nothing_missing_for_sure() -> None:
    kept = aws_managed("AmazonS3FullAccess")
    given = snapshot(
        role("notes-role", attached_policies=(kept,)),
        gaps=(gap("ManagedPolicy", subject=kept.arn),),
    )
    found = judged(given, recorded(READ))
    assert found.gaps
    assert held(found) == {"missing": set(), "undecided": {("s3:GetObject", f"{BUCKET}/a")}}
    assert found.wider == ()


def test_an_operation_without_an_action_is_said() -> None:
    found = judged(account(), recorded(call("mturk", "GetAccountBalance")))
    assert [one.call for one in found.unmapped] == ["mturk.GetAccountBalance"]
    assert found.calls == 1


def test_granted_patterns_of_no_known_action_are_said() -> None:
    found = judged(account(allow("s3:GetObject", "s3:MakeCoffee")), recorded(READ))
    assert found.unlisted == ("s3:MakeCoffee",)


def test_a_role_that_is_not_there_is_an_error() -> None:
    with pytest.raises(AdviceError, match="no role is called 'absent'"):
        judge(account(), "absent", [recorded(READ)])


def mocked(service: str, operation: str, **parameters: object) -> Call:
    return replace(call(service, operation, **parameters), mocked=ACCOUNT)


@pytest.mark.parametrize(
    ("made", "resource"),
    [
        (
            mocked("sns", "Publish", TopicArn=f"arn:aws:sns:us-east-1:{ACCOUNT}:notes"),
            f"arn:aws:sns:us-east-1:{OTHER}:notes",
        ),
        (
            mocked(
                "sqs",
                "SendMessage",
                QueueUrl=f"https://sqs.us-east-1.amazonaws.com/{ACCOUNT}/notes",
            ),
            f"arn:aws:sqs:us-east-1:{OTHER}:notes",
        ),
        # A name is a name, whatever it contains.
        (
            mocked("s3", "GetObject", Bucket=f"notes-{ACCOUNT}", Key="a"),
            f"arn:aws:s3:::notes-{ACCOUNT}/a",
        ),
    ],
)
def test_the_account_of_the_mock_stands_for_that_of_the_role(made: Call, resource: str) -> None:
    found = recorded(made, account=OTHER)
    assert [use.resource for use in found.uses] == [resource]
    note = f"the mock's account {ACCOUNT} in ARNs and URLs is read as {OTHER}"
    assert found.notes == ((note,) if OTHER in resource else ())
    # Where nothing was mocked, the call means what it says.
    (real,) = recorded(replace(made, mocked=None), account=OTHER).uses
    assert ACCOUNT in real.resource


def test_the_name_of_a_posted_file_is_anything() -> None:
    found = recorded(call("s3", "PutObject", Bucket="notes", Key="in/${filename}"))
    (use,) = found.uses
    assert use.resource == f"{BUCKET}/in/*"
    assert use.doubt == "the name of the file that is posted is not known"


TRAIN = call(
    "sagemaker",
    "CreateTrainingJob",
    TrainingJobName="breeds",
    RoleArn=iam_arn("role/training"),
    AlgorithmSpecification={
        "TrainingImage": f"{ACCOUNT}.dkr.ecr.us-east-1.amazonaws.com/breeds:1",
        "TrainingInputMode": "File",
    },
    OutputDataConfig={"S3OutputPath": "s3://notes/out"},
    ResourceConfig={"InstanceType": "ml.m5.large", "InstanceCount": 1, "VolumeSizeInGB": 1},
    StoppingCondition={"MaxRuntimeInSeconds": 60},
)


def test_a_role_that_is_passed_on_is_needed_and_needs() -> None:
    found = recorded(TRAIN)
    (passing,) = [use for use in found.uses if use.action == "iam:PassRole"]
    assert passing.resource == iam_arn("role/training")
    (handed,) = found.handed
    assert handed.role == iam_arn("role/training")
    needs = {(use.action, use.resource) for use in handed.needs}
    assert ("s3:PutObject", "arn:aws:s3:::notes/out/*") in needs
    assert ("ecr:GetAuthorizationToken", "*") in needs
    (statement,) = [
        one
        for policy in least_of([found]).documents
        for one in policy.statements
        if one.actions == ("iam:PassRole",)
    ]
    assert [(test.key, test.values) for test in statement.conditions] == [
        ("iam:PassedToService", ("sagemaker.amazonaws.com",))
    ]


def passing(*statements: dict[str, object]) -> Usage:
    training = role(
        "training",
        trust_policy=trust(Service="sagemaker.amazonaws.com"),
        inline_policies=(inline(*statements),) if statements else (),
    )
    holder = role("notes-role", inline_policies=(inline(allow("*")),))
    return judge(snapshot(holder, training), "notes-role", [recorded(TRAIN)])


def test_what_the_passed_role_lacks_is_told_apart() -> None:
    found = passing(allow("s3:*", "ecr:*", "logs:*"))
    assert {(one.role, one.use.action) for one in found.lacking} == {
        (iam_arn("role/training"), "cloudwatch:PutMetricData")
    }
    assert passing(allow("s3:*", "ecr:*", "logs:*", "cloudwatch:PutMetricData")).lacking == ()


def test_a_call_that_makes_nothing_readable_says_so() -> None:
    call_ = call("sagemaker", "CreateTrainingJob", RoleArn=iam_arn("role/training"))
    (handed,) = recorded(call_).handed
    assert handed.needs == ()
    (note,) = handed.notes
    assert note.startswith("what the role needs for sagemaker.CreateTrainingJob is not known: ")


def worked(*resources: AnyResource) -> Usage:
    holder = role("notes-role", inline_policies=(inline(allow("logs:*", "s3:GetObject")),))
    given = snapshot(holder, *resources)
    return judge(given, "notes-role", [with_work(recorded(READ), given, ROLE)])


def test_what_a_function_needs_besides_its_code_is_used() -> None:
    found = worked(function(role_arn=ROLE))
    assert "logs:PutLogEvents" in found.used
    assert "logs:DeleteLogGroup" in found.excess
    text = found.suggestion.policies[0].text
    assert "logs:PutLogEvents" in text
    assert "s3:GetObject" in text


def test_where_no_workload_was_read_it_is_said_what_the_policy_may_lack() -> None:
    found = worked()
    assert "logs:PutLogEvents" in found.excess
    assert any("what lambda.amazonaws.com does with it by itself" in one for one in found.notes)


def test_a_recording_survives_the_way_to_another_process() -> None:
    given = snapshot(function(role_arn=ROLE))
    made = with_work(recorded(READ, TRAIN, call("mturk", "GetAccountBalance")), given, ROLE)
    assert made.work
    assert msgspec.convert(json.loads(json.dumps(msgspec.to_builtins(made))), Recording) == made


def test_a_name_that_is_too_long_for_a_policy_is_said_and_left_out() -> None:
    found = judged(account(), recorded(call("s3", "GetObject", Bucket="notes", Key="k" * 5000)))
    assert found.suggestion.policies == ()
    assert any("is too long for a policy, and left out" in note for note in found.notes)
    assert len(found.missing) == 1
