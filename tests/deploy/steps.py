"""The steps of a pipeline of every kind, small: what is made, undone and compared."""

import json
from collections.abc import Mapping
from importlib.resources import files
from io import BytesIO
from typing import Any
from zipfile import ZipFile, ZipInfo

from deploy.pipeline import Pipeline, Step, bytes_of, from_json, result_of, text_of

ACCOUNT = "123456789012"
REGION = "us-east-1"
IMAGE = "763104351884.dkr.ecr.us-east-1.amazonaws.com/pytorch-inference:2.6.0-cpu-py312"


def demo() -> Pipeline:
    content = files("mlguard.data").joinpath("demo.json").read_text(encoding="utf-8")
    return from_json(json.loads(content))


def step(id: str, call: str, **parameters: Any) -> Step:  # noqa: A002  # the field's name
    service, operation = call.split(":")
    return Step(id=id, service=service, operation=operation, parameters=parameters)


def zipped(text: str) -> bytes:
    stream = BytesIO()
    with ZipFile(stream, "w") as archive:
        archive.writestr(ZipInfo("lambda_function.py"), text)
    return stream.getvalue()


def policy(action: str, resource: str) -> Mapping[str, Any]:
    statement = {"Effect": "Allow", "Action": action, "Resource": resource}
    return text_of({"Version": "2012-10-17", "Statement": [statement]})


def told(kind: str, percent: float) -> Mapping[str, Any]:
    """Return a notification of a budget, and who reads it."""
    return {
        "Notification": {
            "NotificationType": kind,
            "ComparisonOperator": "GREATER_THAN",
            "Threshold": percent,
            "ThresholdType": "PERCENTAGE",
        },
        "Subscribers": [{"SubscriptionType": "EMAIL", "Address": "alarms@example.com"}],
    }


def trust(service: str) -> Mapping[str, Any]:
    statement: dict[str, Any] = {
        "Effect": "Allow",
        "Principal": {"Service": service},
        "Action": "sts:AssumeRole",
        "Condition": {"StringEquals": {"aws:SourceAccount": ACCOUNT}},
    }
    return text_of({"Version": "2012-10-17", "Statement": [statement]})


OTHER = json.dumps(
    {
        "Version": "2012-10-17",
        "Statement": [{"Effect": "Allow", "Action": "s3:ListBucket", "Resource": "*"}],
    }
)

TARGET = {
    "ServiceNamespace": "sagemaker",
    "ResourceId": "endpoint/breeds/variant/AllTraffic",
    "ScalableDimension": "sagemaker:variant:DesiredInstanceCount",
}
FUNCTION = "breeds-invoke"
BUCKET = f"breeds-{ACCOUNT}"

STEPS = (
    step(
        "key",
        "kms:CreateKey",
        Description="breeds",
        Tags=[{"TagKey": "pipeline", "TagValue": "breeds"}],
    ),
    step(
        "key-alias",
        "kms:CreateAlias",
        AliasName="alias/breeds",
        TargetKeyId=result_of("key", "KeyMetadata.KeyId"),
    ),
    step("bucket", "s3:CreateBucket", Bucket=BUCKET),
    step(
        "bucket-encryption",
        "s3:PutBucketEncryption",
        Bucket=BUCKET,
        ServerSideEncryptionConfiguration={
            "Rules": [{"ApplyServerSideEncryptionByDefault": {"SSEAlgorithm": "aws:kms"}}]
        },
    ),
    step(
        "bucket-versioning",
        "s3:PutBucketVersioning",
        Bucket=BUCKET,
        VersioningConfiguration={"Status": "Enabled"},
    ),
    step(
        "bucket-private",
        "s3:PutPublicAccessBlock",
        Bucket=BUCKET,
        PublicAccessBlockConfiguration={
            "BlockPublicAcls": True,
            "IgnorePublicAcls": True,
            "BlockPublicPolicy": True,
            "RestrictPublicBuckets": True,
        },
    ),
    step(
        "bucket-policy",
        "s3:PutBucketPolicy",
        Bucket=BUCKET,
        Policy=text_of(
            {
                "Version": "2012-10-17",
                "Statement": [
                    {
                        "Effect": "Allow",
                        "Principal": {"AWS": f"arn:aws:iam::{ACCOUNT}:root"},
                        "Action": ["s3:GetObject", "s3:PutObject"],
                        "Resource": f"arn:aws:s3:::{BUCKET}/*",
                    }
                ],
            }
        ),
    ),
    step(
        "bucket-lifecycle",
        "s3:PutBucketLifecycleConfiguration",
        Bucket=BUCKET,
        LifecycleConfiguration={
            "Rules": [
                {
                    "ID": "old",
                    "Status": "Enabled",
                    "Filter": {"Prefix": ""},
                    "NoncurrentVersionExpiration": {"NoncurrentDays": 30},
                }
            ]
        },
    ),
    step(
        "boundary",
        "iam:CreatePolicy",
        PolicyName="breeds-boundary",
        PolicyDocument=policy("*", "*"),
    ),
    step(
        "endpoint-role",
        "iam:CreateRole",
        RoleName="breeds-endpoint",
        AssumeRolePolicyDocument=trust("sagemaker.amazonaws.com"),
    ),
    step(
        "endpoint-role-boundary",
        "iam:PutRolePermissionsBoundary",
        RoleName="breeds-endpoint",
        PermissionsBoundary=result_of("boundary", "Policy.Arn"),
    ),
    step(
        "endpoint-role-policy",
        "iam:PutRolePolicy",
        RoleName="breeds-endpoint",
        PolicyName="model",
        PolicyDocument=policy("s3:GetObject", f"arn:aws:s3:::{BUCKET}/*"),
    ),
    step(
        "lambda-role",
        "iam:CreateRole",
        RoleName="breeds-lambda",
        AssumeRolePolicyDocument=trust("lambda.amazonaws.com"),
        PermissionsBoundary=result_of("boundary", "Policy.Arn"),
    ),
    step(
        "invoke",
        "iam:CreatePolicy",
        PolicyName="breeds-invoke",
        PolicyDocument=policy("sagemaker:InvokeEndpoint", "*"),
    ),
    step(
        "lambda-role-invoke",
        "iam:AttachRolePolicy",
        RoleName="breeds-lambda",
        PolicyArn=result_of("invoke", "Policy.Arn"),
    ),
    step("profile", "iam:CreateInstanceProfile", InstanceProfileName="breeds"),
    step(
        "profile-role",
        "iam:AddRoleToInstanceProfile",
        InstanceProfileName="breeds",
        RoleName="breeds-endpoint",
    ),
    step("logs", "logs:CreateLogGroup", logGroupName=f"/aws/lambda/{FUNCTION}"),
    step(
        "logs-retention",
        "logs:PutRetentionPolicy",
        logGroupName=f"/aws/lambda/{FUNCTION}",
        retentionInDays=30,
    ),
    step("alerts", "sns:CreateTopic", Name="breeds-alerts"),
    step(
        "alerts-mail",
        "sns:Subscribe",
        TopicArn=result_of("alerts", "TopicArn"),
        Protocol="email",
        Endpoint="ml@example.com",
    ),
    step(
        "letters",
        "sqs:CreateQueue",
        QueueName="breeds-letters",
        Attributes={"SqsManagedSseEnabled": "true", "MessageRetentionPeriod": "1209600"},
    ),
    step(
        "lifecycle",
        "sagemaker:CreateNotebookInstanceLifecycleConfig",
        NotebookInstanceLifecycleConfigName="breeds-auto-stop",
        OnStart=[{"Content": "ZWNobw=="}],
    ),
    step(
        "notebook",
        "sagemaker:CreateNotebookInstance",
        NotebookInstanceName="breeds",
        InstanceType="ml.t2.medium",
        RoleArn=result_of("endpoint-role", "Role.Arn"),
        LifecycleConfigName="breeds-auto-stop",
        RootAccess="Disabled",
    ),
    step(
        "model",
        "sagemaker:CreateModel",
        ModelName="breeds",
        PrimaryContainer={"Image": IMAGE, "ModelDataUrl": f"s3://{BUCKET}/model.tar.gz"},
        ExecutionRoleArn=result_of("endpoint-role", "Role.Arn"),
        EnableNetworkIsolation=True,
    ),
    step(
        "endpoint-config",
        "sagemaker:CreateEndpointConfig",
        EndpointConfigName="breeds",
        ProductionVariants=[
            {
                "VariantName": "AllTraffic",
                "ModelName": "breeds",
                "InstanceType": "ml.m5.large",
                "InitialInstanceCount": 1,
            }
        ],
    ),
    step(
        "endpoint",
        "sagemaker:CreateEndpoint",
        EndpointName="breeds",
        EndpointConfigName="breeds",
    ),
    step(
        "scaling",
        "application-autoscaling:RegisterScalableTarget",
        **TARGET,
        MinCapacity=1,
        MaxCapacity=2,
    ),
    step(
        "scaling-policy",
        "application-autoscaling:PutScalingPolicy",
        **TARGET,
        PolicyName="load",
        PolicyType="TargetTrackingScaling",
        TargetTrackingScalingPolicyConfiguration={
            "TargetValue": 600.0,
            "PredefinedMetricSpecification": {
                "PredefinedMetricType": "SageMakerVariantInvocationsPerInstance"
            },
        },
    ),
    step(
        "function",
        "lambda:CreateFunction",
        FunctionName=FUNCTION,
        Runtime="python3.13",
        Handler="lambda_function.lambda_handler",
        Role=result_of("lambda-role", "Role.Arn"),
        Code={"ZipFile": bytes_of(zipped("def lambda_handler(event, context): ..."))},
        Timeout=30,
        Environment={"Variables": {"ENDPOINT_NAME": "breeds"}},
        TracingConfig={"Mode": "Active"},
    ),
    step("version", "lambda:PublishVersion", FunctionName=FUNCTION),
    step(
        "alias",
        "lambda:CreateAlias",
        FunctionName=FUNCTION,
        Name="live",
        FunctionVersion=result_of("version", "Version"),
    ),
    step(
        "reserved",
        "lambda:PutFunctionConcurrency",
        FunctionName=FUNCTION,
        ReservedConcurrentExecutions=5,
    ),
    step(
        "provisioned",
        "lambda:PutProvisionedConcurrencyConfig",
        FunctionName=FUNCTION,
        Qualifier="live",
        ProvisionedConcurrentExecutions=1,
    ),
    step(
        "permission",
        "lambda:AddPermission",
        FunctionName=FUNCTION,
        StatementId="events",
        Action="lambda:InvokeFunction",
        Principal="events.amazonaws.com",
        SourceAccount=ACCOUNT,
    ),
    step(
        "alarm",
        "cloudwatch:PutMetricAlarm",
        AlarmName="breeds-errors",
        Namespace="AWS/Lambda",
        MetricName="Errors",
        Dimensions=[{"Name": "FunctionName", "Value": FUNCTION}],
        Statistic="Sum",
        Period=60,
        EvaluationPeriods=1,
        Threshold=1.0,
        ComparisonOperator="GreaterThanOrEqualToThreshold",
        AlarmActions=[result_of("alerts", "TopicArn")],
    ),
    step(
        "budget",
        "budgets:CreateBudget",
        AccountId=ACCOUNT,
        Budget={
            "BudgetName": "breeds",
            "BudgetLimit": {"Amount": "50", "Unit": "USD"},
            "TimeUnit": "MONTHLY",
            "BudgetType": "COST",
        },
        NotificationsWithSubscribers=[told("ACTUAL", 80.0), told("FORECASTED", 100.0)],
    ),
    step("group", "ec2:CreateSecurityGroup", GroupName="breeds", Description="training"),
    step(
        "group-ssh",
        "ec2:AuthorizeSecurityGroupIngress",
        GroupId=result_of("group", "GroupId"),
        IpPermissions=[
            {
                "IpProtocol": "tcp",
                "FromPort": 22,
                "ToPort": 22,
                "IpRanges": [{"CidrIp": "192.0.2.0/24"}],
            }
        ],
    ),
    step(
        "instance",
        "ec2:RunInstances",
        ImageId="resolve:ssm:/aws/service/deeplearning/ami/x86_64/latest/ami-id",
        InstanceType="t2.micro",
        MinCount=1,
        MaxCount=1,
        SecurityGroupIds=[result_of("group", "GroupId")],
        TagSpecifications=[
            {"ResourceType": "instance", "Tags": [{"Key": "Name", "Value": "breeds"}]}
        ],
    ),
)
PIPELINE = Pipeline(account=ACCOUNT, region=REGION, steps=STEPS)
