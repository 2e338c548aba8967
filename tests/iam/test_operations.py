"""What single calls need, as the Service Authorization Reference has it."""

import json
from collections.abc import Mapping
from pathlib import Path

import pytest

from mlguard.iam.language.document import parse
from mlguard.iam.language.request import Context
from mlguard.iam.language.resource_pattern import ResourcePattern
from mlguard.iam.operations.calls import Need, authorize
from tests.iam.authorizing import ACCOUNT, REGION, ROLE, asked, call, here, known

OBJECT = {"Bucket": "b", "Key": "dir/k"}
KEY = here("kms", "key/1234abcd")

# Service, operation, parameters, then action and resource as the Service Authorization Reference
# names them, in turns.
CASES: list[tuple[str, str, dict[str, object], list[tuple[str, str]]]] = json.loads(
    Path(__file__).with_name("operation_cases.json").read_text(encoding="utf-8")
)


@pytest.mark.parametrize(
    ("service", "operation", "parameters", "expected"),
    CASES,
    ids=[f"{at}-{case[0]}-{case[1]}" for at, case in enumerate(CASES)],
)
def test_a_call_needs_what_aws_authorizes(
    service: str,
    operation: str,
    parameters: Mapping[str, object],
    expected: list[tuple[str, str]],
) -> None:
    found = authorize(service, operation, parameters, account=ACCOUNT, region=REGION)
    assert asked(found) == set(map(tuple, expected))
    assert {need.action for need in found.needs} <= known()


def test_more_than_sixty_operations_stand_in_the_cases() -> None:
    assert len({(service, operation) for service, operation, *_ in CASES}) >= 60


def test_partition_account_and_region_are_those_of_the_call() -> None:
    found = authorize(
        "lambda",
        "GetFunction",
        {"FunctionName": "f"},
        account="210987654321",
        region="cn-north-1",
        partition="aws-cn",
    )
    assert found.needs[0].resource == "arn:aws-cn:lambda:cn-north-1:210987654321:function:f"


# --- context ---------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("service", "operation", "parameters", "receiver"),
    [
        ("sagemaker", "CreateNotebookInstance", {"RoleArn": ROLE}, "sagemaker.amazonaws.com"),
        ("lambda", "CreateFunction", {"Role": ROLE}, "lambda.amazonaws.com"),
        ("glue", "CreateJob", {"Role": ROLE}, "glue.amazonaws.com"),
        ("ecs", "RegisterTaskDefinition", {"taskRoleArn": ROLE}, "ecs-tasks.amazonaws.com"),
        ("stepfunctions", "UpdateStateMachine", {"roleArn": ROLE}, "states.amazonaws.com"),
        ("events", "PutRule", {"RoleArn": ROLE}, "events.amazonaws.com"),
        ("logs", "PutSubscriptionFilter", {"roleArn": ROLE}, "logs.amazonaws.com"),
        ("budgets", "CreateBudgetAction", {"ExecutionRoleArn": ROLE}, "budgets.amazonaws.com"),
        ("cloudformation", "CreateStack", {"RoleARN": ROLE}, "cloudformation.amazonaws.com"),
        ("s3control", "CreateJob", {"RoleArn": ROLE}, "batchoperations.s3.amazonaws.com"),
        ("ecr", "CreatePullThroughCacheRule", {"customRoleArn": ROLE}, "ecr.amazonaws.com"),
        ("eks", "CreatePodIdentityAssociation", {"roleArn": ROLE}, "pods.eks.amazonaws.com"),
    ],
)
def test_a_role_is_passed_to_the_service_that_takes_it_on(
    service: str, operation: str, parameters: Mapping[str, object], receiver: str
) -> None:
    found = authorize(service, operation, parameters, account=ACCOUNT, region=REGION)
    passed = [need for need in found.needs if need.action == "iam:PassRole"]
    assert [(need.resource, dict(need.context)) for need in passed] == [
        (ROLE, {"iam:PassedToService": receiver})
    ]
    assert passed[0].exact


def test_a_role_passed_to_a_receiver_that_is_not_known_is_flagged() -> None:
    found = call("devicefarm", "CreateProject", name="x", executionRoleArn=ROLE)
    passed = [need for need in found.needs if need.action == "iam:PassRole"]
    assert passed
    assert not passed[0].exact
    assert not passed[0].context


@pytest.mark.parametrize(
    ("service", "operation", "parameters"),
    [
        ("sts", "AssumeRole", {"RoleArn": ROLE}),
        ("iam", "SimulatePrincipalPolicy", {"PolicySourceArn": ROLE}),
        ("kms", "CreateGrant", {"KeyId": KEY, "GranteePrincipal": ROLE}),
        ("lambda", "CreateFunction", {"Environment": {"Variables": {"ROLE_ARN": ROLE}}}),
        ("sagemaker", "CreateTrainingJob", {"HyperParameters": {"role": ROLE}}),
        ("lambda", "CreateFunction", {"Role": "arn:aws:iam::123456789012:user/u"}),
    ],
)
def test_a_role_that_no_service_takes_on_is_not_passed(
    service: str, operation: str, parameters: Mapping[str, object]
) -> None:
    found = authorize(service, operation, parameters, account=ACCOUNT, region=REGION)
    assert "iam:PassRole" not in {need.action for need in found.needs}


def test_what_lies_behind_an_inference_profile_is_flagged() -> None:
    profile = here("bedrock", "application-inference-profile/p")
    called, behind = call("bedrock-runtime", "InvokeModel", modelId=profile).needs
    assert (called.resource, called.exact) == (profile, True)
    assert (behind.resource, behind.exact) == ("arn:aws:bedrock:*::foundation-model/*", False)
    assert "profile" in str(behind.doubt)


def test_listing_uploads_gives_no_prefix_to_iam() -> None:
    (need,) = call("s3", "ListMultipartUploads", Bucket="b", Prefix="p/").needs
    assert not need.context


def test_metrics_are_put_into_the_namespace_of_the_call() -> None:
    (need,) = call("cloudwatch", "PutMetricData", Namespace="ML/*").needs
    assert need.context == {"cloudwatch:namespace": "ML/*"}


@pytest.mark.parametrize(
    ("operation", "path"),
    [
        ("CreateTrainingJob", "ResourceConfig"),
        ("CreateHyperParameterTuningJob", "TrainingJobDefinition.ResourceConfig"),
        ("CreateProcessingJob", "ProcessingResources.ClusterConfig"),
        ("CreateTransformJob", "TransformResources"),
        ("CreateNotebookInstance", ""),
    ],
)
def test_the_instance_type_of_what_is_started_is_in_the_context(operation: str, path: str) -> None:
    given: dict[str, object] = {"InstanceType": "ml.t3.medium"}
    for name in reversed(path.split(".") if path else []):
        given = {name: given}
    needs = call("sagemaker", operation, **given).needs
    (need,) = [one for one in needs if one.action == f"sagemaker:{operation}"]
    assert need.context == {"sagemaker:InstanceTypes": "ml.t3.medium"}


def test_of_several_instance_types_none_is_taken_for_all() -> None:
    groups = [{"InstanceType": "ml.t3.medium"}, {"InstanceType": "ml.p4d.24xlarge"}]
    found = call("sagemaker", "CreateTrainingJob", ResourceConfig={"InstanceGroups": groups})
    assert all(not need.context for need in found.needs)


def test_an_attached_policy_is_in_the_context() -> None:
    arn = "arn:aws:iam::aws:policy/AdministratorAccess"
    (need,) = call("iam", "AttachRolePolicy", RoleName="r", PolicyArn=arn).needs
    assert need.context == {"iam:PolicyARN": arn}


def test_tags_on_creation_are_bound_to_the_operation_that_creates() -> None:
    found = call("ec2", "CreateVolume", TagSpecifications=[{"ResourceType": "volume"}])
    (need,) = [need for need in found.needs if need.action == "ec2:CreateTags"]
    assert need.context == {"ec2:CreateAction": "CreateVolume"}


# --- what is not known, and what is hostile --------------------------------------------------


def test_an_operation_that_aws_does_not_list_says_so() -> None:
    found = call("sagemaker", "CreateTimeMachine")
    assert found.needs == ()
    assert "sagemaker:CreateTimeMachine" in str(found.unmapped)
    assert not found.exact


def test_a_service_that_iam_does_not_authorize_says_why() -> None:
    assert "HTTP method" in str(call("apigateway", "GetRestApis").unmapped)
    assert call("no-such-service", "Do").unmapped


def test_a_statement_that_cannot_be_read_is_not_guessed() -> None:
    assert "PartiQL" in str(call("dynamodb", "ExecuteStatement", Statement="??").unmapped)


def test_a_resource_that_is_not_worked_out_is_a_star_with_a_doubt() -> None:
    (need,) = call("rds", "DeleteDBInstance", DBInstanceIdentifier="x").needs
    assert (need.action, need.resource, need.exact) == ("rds:DeleteDBInstance", "*", False)
    assert need.doubt


def test_one_value_that_does_not_tell_does_not_vanish_among_others() -> None:
    found = call("ec2", "CreateTags", Resources=["i-1", "new-kind-1"])
    assert [need.exact for need in found.needs] == [True, False]


@pytest.mark.parametrize("key", ["*", "a*b?c", "${aws:username}", "$", "${*}", "x:y/../*"])
def test_a_wildcard_in_a_name_does_not_widen_the_policy(key: str) -> None:
    (need,) = call("s3", "GetObject", Bucket="b", Key=key).needs
    assert need.literal == f"arn:aws:s3:::b/{key}"
    pattern = ResourcePattern.of(need.resource, variables=True)
    assert bool(pattern.match(f"arn:aws:s3:::b/{key}", Context()).truth.value) is True
    for other in ("arn:aws:s3:::b/other", "arn:aws:s3:::b/aXbYc", "arn:aws:s3:::b/"):
        assert bool(pattern.match(other, Context()).truth.value) is False


def test_an_object_key_that_looks_like_an_arn_stays_a_key() -> None:
    (need,) = call("s3", "GetObject", Bucket="b", Key="arn:aws:s3:::other/secret").needs
    assert need.resource == "arn:aws:s3:::b/arn:aws:s3:::other/secret"


@pytest.mark.parametrize(
    "name", ["arn:aws:lambda:*:*:function:f", "arn:*:lambda:us-east-1:1:function:f", "*", "f*"]
)
def test_a_wildcard_in_a_functions_name_or_arn_does_not_widen(name: str) -> None:
    (need,) = call("lambda", "Invoke", FunctionName=name).needs
    assert need.resource.startswith(here("lambda", "function:"))
    assert "*" not in need.resource.replace("${*}", "")


def test_a_wildcard_in_a_role_is_not_passed_as_a_wildcard() -> None:
    found = call("sagemaker", "CreatePipeline", RoleArn=f"arn:aws:iam::{ACCOUNT}:role/*")
    resources = [need.resource for need in found.needs if need.action == "iam:PassRole"]
    assert resources == [f"arn:aws:iam::{ACCOUNT}:role/${{*}}"]


def test_an_arn_of_another_service_does_not_take_the_place_of_a_name() -> None:
    found = call("sagemaker", "DescribeModel", ModelName="arn:aws:iam::1:role/r")
    assert found.needs[0].resource == here("sagemaker", "model/arn:aws:iam::1:role/r")


@pytest.mark.parametrize("odd", [None, "", [], {}, b"x", 1.5, [None], {"a": [{}]}])
def test_parameters_of_any_kind_are_survived_and_flagged(odd: object) -> None:
    found = call("sagemaker", "CreateTrainingJob", TrainingJobName=odd, RoleArn=odd)
    assert [need.resource for need in found.needs] == [here("sagemaker", "training-job/*")]
    assert not found.exact


@pytest.mark.parametrize(
    ("service", "operation", "parameters"),
    [
        ("cloudformation", "DeleteStack", {"StackName": "s"}),
        ("ecs", "StopTask", {"cluster": "c", "task": "1234"}),
        ("ecs", "RunTask", {"taskDefinition": "t"}),
    ],
)
def test_one_parameter_in_several_places_does_not_tell_them_all(
    service: str, operation: str, parameters: dict[str, object]
) -> None:
    assert not call(service, operation, **parameters).exact


def test_a_name_with_capitals_is_flagged_where_sagemaker_may_write_it_small() -> None:
    (need,) = call("sagemaker-runtime", "InvokeEndpoint", EndpointName="MyEndpoint").needs
    assert (need.resource, need.exact) == (here("sagemaker", "endpoint/myendpoint"), False)


def test_a_pattern_has_no_literal_and_no_resource_is_a_star() -> None:
    (created,) = call("iam", "GetUser").needs
    assert created.literal is None
    assert Need(action="s3:ListAllMyBuckets").literal == "*"


def test_what_is_needed_can_stand_in_a_policy() -> None:
    for service, operation, parameters, _ in CASES:
        found = authorize(service, operation, parameters, account=ACCOUNT, region=REGION)
        statements = [
            {"Effect": "Allow", "Action": need.action, "Resource": need.resource}
            for need in found.needs
        ]
        parse(json.dumps({"Version": "2012-10-17", "Statement": statements}))
        for need in found.needs:
            assert ResourcePattern.of(need.resource, variables=True).fault is None
