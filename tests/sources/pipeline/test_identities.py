"""What the calls of a plan make: IAM, notebooks, and what no snapshot holds."""

import json
from base64 import b64encode

from mlguard.resources.functions import (
    Function,
)
from mlguard.resources.iam import Group, ManagedPolicy, Role, User
from mlguard.resources.kinds import KINDS
from mlguard.resources.notebooks import NotebookInstance, NotebookLifecycle
from mlguard.sources.pipeline_file import COVERS
from tests.sources.pipeline.plans import (
    ACCOUNT,
    FUNCTION,
    NOTEBOOK,
    NOW,
    REGION,
    ROLE,
    ROLE_ARN,
    TRUST,
    plan,
    step,
)


def test_a_plan_covers_what_can_be_stated_and_not_what_only_time_tells() -> None:
    assert set(COVERS) == set(KINDS) - {"MetricSeries", "UserCredentials", "LambdaAccount"}
    snapshot = plan()
    assert snapshot.covers == COVERS
    assert (snapshot.accounts, snapshot.regions) == ((ACCOUNT,), (REGION,))
    assert (snapshot.source, snapshot.taken_at) == ("pipeline", NOW)
    assert snapshot.gaps == ()


def test_a_notebook_has_the_defaults_that_aws_documents() -> None:
    snapshot = plan(ROLE, NOTEBOOK)
    (notebook,) = snapshot.of(NotebookInstance)
    assert notebook.arn == f"arn:aws:sagemaker:{REGION}:{ACCOUNT}:notebook-instance/dogs"
    assert notebook.role_arn == ROLE_ARN
    assert notebook.direct_internet_access
    assert notebook.root_access
    assert (notebook.volume_size_gb, notebook.minimum_imds_version) == (5, "1")
    assert (notebook.status, notebook.created_at) == ("InService", NOW)
    assert snapshot.gaps == ()


def test_what_the_plan_says_beats_the_defaults() -> None:
    hardened = NOTEBOOK["parameters"] | {
        "RootAccess": "Disabled",
        "DirectInternetAccess": "Disabled",
        "SubnetId": "subnet-1",
        "SecurityGroupIds": ["sg-1"],
        "VolumeSizeInGB": 20,
        "LifecycleConfigName": "stop",
    }
    script = {"OnStart": [{"Content": b64encode(b"echo hello").decode()}]}
    lifecycle = step(
        "stop",
        "sagemaker:CreateNotebookInstanceLifecycleConfig",
        NotebookInstanceLifecycleConfigName="stop",
        **script,
    )
    snapshot = plan(ROLE, lifecycle, NOTEBOOK | {"parameters": hardened})
    (notebook,) = snapshot.of(NotebookInstance)
    assert not notebook.root_access
    assert not notebook.direct_internet_access
    assert notebook.security_groups == ("sg-1",)
    assert notebook.lifecycle_config == "stop"
    (config,) = snapshot.of(NotebookLifecycle)
    assert config.on_start == ("echo hello",)


def test_a_role_has_its_policies_its_boundary_and_its_profile() -> None:
    arn = f"arn:aws:iam::{ACCOUNT}:policy/own"
    snapshot = plan(
        ROLE,
        step("policy", "iam:CreatePolicy", PolicyName="own", PolicyDocument="{}"),
        step("inline", "iam:PutRolePolicy", RoleName="dogs", PolicyName="a", PolicyDocument="{}"),
        step("again", "iam:PutRolePolicy", RoleName="dogs", PolicyName="a", PolicyDocument="[]"),
        step("attach", "iam:AttachRolePolicy", RoleName="dogs", PolicyArn=arn),
        step("bound", "iam:PutRolePermissionsBoundary", RoleName="dogs", PermissionsBoundary=arn),
        step("profile", "iam:CreateInstanceProfile", InstanceProfileName="host"),
        step("add", "iam:AddRoleToInstanceProfile", InstanceProfileName="host", RoleName="dogs"),
    )
    (role,) = snapshot.of(Role)
    assert (role.arn, role.region, role.created_at) == (ROLE_ARN, "global", NOW)
    assert json.loads(role.trust_policy) == TRUST["$json"]
    assert [(one.name, one.document) for one in role.inline_policies] == [("a", "[]")]
    assert [one.arn for one in role.attached_policies] == [arn]
    assert role.permissions_boundary == arn
    assert role.instance_profiles == (f"arn:aws:iam::{ACCOUNT}:instance-profile/host",)
    (policy,) = snapshot.of(ManagedPolicy)
    assert (policy.arn, policy.document, policy.attachment_count) == (arn, "{}", 1)


def test_a_new_default_version_of_a_policy_is_the_one_that_counts() -> None:
    arn = {"$step": "policy", "$result": "Policy.Arn"}
    version = {"PolicyArn": arn, "PolicyDocument": "[]", "SetAsDefault": True}
    snapshot = plan(
        step("policy", "iam:CreatePolicy", PolicyName="own", PolicyDocument="{}"),
        step("version", "iam:CreatePolicyVersion", **version),
    )
    (policy,) = snapshot.of(ManagedPolicy)
    assert (policy.default_version, policy.document) == ("v2", "[]")


def test_users_and_groups_are_read_and_their_credentials_are_not() -> None:
    snapshot = plan(
        step("group", "iam:CreateGroup", GroupName="team"),
        step("user", "iam:CreateUser", UserName="ada", Tags=[{"Key": "k", "Value": "v"}]),
        step("join", "iam:AddUserToGroup", GroupName="team", UserName="ada"),
        step("own", "iam:PutUserPolicy", UserName="ada", PolicyName="p", PolicyDocument="{}"),
        step("key", "iam:CreateAccessKey", UserName="ada"),
        step("login", "iam:CreateLoginProfile", UserName="ada", Password="x"),
    )
    (user,) = snapshot.of(User)
    assert (user.groups, user.tags) == (("team",), {"k": "v"})
    assert len(snapshot.of(Group)) == 1
    assert "UserCredentials" not in snapshot.covers


def test_a_policy_of_awss_is_attached_by_name_without_a_gap() -> None:
    arn = "arn:aws:iam::aws:policy/service-role/AWSLambdaBasicExecutionRole"
    snapshot = plan(ROLE, step("a", "iam:AttachRolePolicy", RoleName="dogs", PolicyArn=arn))
    (role,) = snapshot.of(Role)
    assert [(one.name, one.arn) for one in role.attached_policies] == [
        ("AWSLambdaBasicExecutionRole", arn)
    ]
    assert snapshot.gaps == ()


def test_what_a_snapshot_does_not_hold_is_accepted_and_can_be_referred_to() -> None:
    snapshot = plan(
        step("bucket", "s3:CreateBucket", Bucket="dogs"),
        step("logs", "logs:CreateLogGroup", logGroupName="/aws/lambda/dogs"),
        step("budget", "budgets:CreateBudget", AccountId=ACCOUNT, Budget={}),
        step("key", "kms:CreateKey"),
        step("queue", "sqs:CreateQueue", QueueName="dead"),
        step(
            "queue-arn",
            "sqs:GetQueueAttributes",
            QueueUrl={"$step": "queue", "$result": "QueueUrl"},
        ),
        ROLE,
        FUNCTION
        | {
            "parameters": FUNCTION["parameters"]
            | {
                "KMSKeyArn": {"$step": "key", "$result": "KeyMetadata.Arn"},
                "DeadLetterConfig": {
                    "TargetArn": {"$step": "queue-arn", "$result": "Attributes.QueueArn"}
                },
            }
        },
    )
    (function,) = snapshot.of(Function)
    assert function.dead_letter_arn == f"arn:aws:sqs:{REGION}:{ACCOUNT}:dead"
    assert str(function.kms_key_arn).startswith(f"arn:aws:kms:{REGION}:{ACCOUNT}:key/")
    assert snapshot.gaps == ()
