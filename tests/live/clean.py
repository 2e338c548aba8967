"""A sound account, with one of everything that the collectors read, deployed through boto3."""

import io
import json
import zipfile
from base64 import b64encode
from datetime import datetime, timedelta
from typing import Any

import boto3

from mlguard.sources.demo.gaps import Gaps
from mlguard.sources.demo.moto_state import backend

ACCOUNT = "123456789012"
REGION = "us-east-1"
IMAGE = f"{ACCOUNT}.dkr.ecr.{REGION}.amazonaws.com/breeds:1"

AUTOSTOP = b64encode(b"python3 /opt/autostop.py 60").decode()

ROLES = {
    "notebook": "sagemaker",
    "training": "sagemaker",
    "processing": "sagemaker",
    "hosting": "sagemaker",
    "function": "lambda",
}


def deploy(session: boto3.Session, gaps: Gaps, *, now: datetime) -> None:
    """Deploy it, age it, and let it have been used."""
    network = _network(session)
    roles = {name: _role(session, name, service) for name, service in ROLES.items()}
    _notebook(session, roles["notebook"], network)
    _jobs(session, training=roles["training"], processing=roles["processing"])
    _endpoint(session, roles["hosting"])
    _function(session, roles["function"])
    _instance(session, network)
    _user(session)
    _use(session, gaps, now)


def _role(session: boto3.Session, name: str, service: str) -> str:
    statement = {
        "Effect": "Allow",
        "Principal": {"Service": f"{service}.amazonaws.com"},
        "Action": "sts:AssumeRole",
        "Condition": {"StringEquals": {"aws:SourceAccount": ACCOUNT}},
    }
    allow = {
        "Sid": "Call",
        "Effect": "Allow",
        "Action": "sagemaker:InvokeEndpoint",
        "Resource": f"arn:aws:sagemaker:{REGION}:{ACCOUNT}:endpoint/breeds",
    }
    iam = session.client("iam")
    name = f"breeds-{name}"
    arn = iam.create_role(RoleName=name, AssumeRolePolicyDocument=_document(statement))["Role"]
    iam.put_role_policy(RoleName=name, PolicyName="call", PolicyDocument=_document(allow))
    return str(arn["Arn"])


def _document(*statements: dict[str, Any]) -> str:
    return json.dumps({"Version": "2012-10-17", "Statement": list(statements)})


def _network(session: boto3.Session) -> dict[str, Any]:
    ec2 = session.client("ec2")
    vpc = ec2.create_vpc(CidrBlock="10.0.0.0/16")["Vpc"]["VpcId"]
    subnet = ec2.create_subnet(VpcId=vpc, CidrBlock="10.0.1.0/24")["Subnet"]["SubnetId"]
    group = ec2.create_security_group(GroupName="breeds", Description="breeds", VpcId=vpc)
    return {"SubnetId": subnet, "SecurityGroupIds": [group["GroupId"]]}


def _notebook(session: boto3.Session, role: str, network: dict[str, Any]) -> None:
    sagemaker = session.client("sagemaker")
    sagemaker.create_notebook_instance_lifecycle_config(
        NotebookInstanceLifecycleConfigName="auto-stop", OnStart=[{"Content": AUTOSTOP}]
    )
    sagemaker.create_notebook_instance(
        NotebookInstanceName="breeds",
        InstanceType="ml.t2.medium",
        RoleArn=role,
        DirectInternetAccess="Disabled",
        RootAccess="Disabled",
        LifecycleConfigName="auto-stop",
        **network,
    )


def _jobs(session: boto3.Session, *, training: str, processing: str) -> None:
    sagemaker = session.client("sagemaker")
    cluster = {"InstanceType": "ml.t3.medium", "InstanceCount": 1, "VolumeSizeInGB": 10}
    shared: dict[str, Any] = {
        "AlgorithmSpecification": {"TrainingImage": IMAGE, "TrainingInputMode": "File"},
        "RoleArn": training,
        "OutputDataConfig": {"S3OutputPath": "s3://breeds/out"},
        "ResourceConfig": cluster,
        "StoppingCondition": {"MaxRuntimeInSeconds": 3600},
    }
    sagemaker.create_training_job(TrainingJobName="breeds-train", **shared)
    sagemaker.create_hyper_parameter_tuning_job(
        HyperParameterTuningJobName="breeds-tune",
        HyperParameterTuningJobConfig={
            "Strategy": "Bayesian",
            "ResourceLimits": {"MaxNumberOfTrainingJobs": 2, "MaxParallelTrainingJobs": 1},
        },
        TrainingJobDefinition=shared,
    )
    sagemaker.create_processing_job(
        ProcessingJobName="breeds-split",
        ProcessingResources={"ClusterConfig": cluster},
        AppSpecification={"ImageUri": IMAGE},
        RoleArn=processing,
    )
    sagemaker.create_transform_job(
        TransformJobName="breeds-batch",
        ModelName="breeds",
        TransformInput={
            "DataSource": {"S3DataSource": {"S3DataType": "S3Prefix", "S3Uri": "s3://breeds/in"}}
        },
        TransformOutput={"S3OutputPath": "s3://breeds/out"},
        TransformResources={"InstanceType": "ml.c6i.large", "InstanceCount": 1},
    )


def _endpoint(session: boto3.Session, role: str) -> None:
    sagemaker = session.client("sagemaker")
    sagemaker.create_model(
        ModelName="breeds", ExecutionRoleArn=role, PrimaryContainer={"Image": IMAGE}
    )
    sagemaker.create_endpoint_config(
        EndpointConfigName="breeds",
        ProductionVariants=[
            {
                "VariantName": "main",
                "ModelName": "breeds",
                "InstanceType": "ml.t2.medium",
                "InitialInstanceCount": 1,
            }
        ],
    )
    sagemaker.create_endpoint(EndpointName="breeds", EndpointConfigName="breeds")


def _function(session: boto3.Session, role: str) -> None:
    functions = session.client("lambda")
    functions.create_function(
        FunctionName="breeds",
        Runtime="python3.13",
        Role=role,
        Handler="main.handler",
        Code={"ZipFile": _zip()},
        Timeout=65,
        Environment={"Variables": {"ENDPOINT_NAME": "breeds"}},
        Publish=True,
    )
    functions.create_alias(FunctionName="breeds", Name="live", FunctionVersion="1")
    functions.put_function_concurrency(FunctionName="breeds", ReservedConcurrentExecutions=5)
    functions.put_provisioned_concurrency_config(
        FunctionName="breeds", Qualifier="live", ProvisionedConcurrentExecutions=1
    )
    functions.add_permission(
        FunctionName="breeds",
        Qualifier="live",
        StatementId="bucket",
        Action="lambda:InvokeFunction",
        Principal="s3.amazonaws.com",
        SourceAccount=ACCOUNT,
    )
    target = {
        "ServiceNamespace": "lambda",
        "ResourceId": "function:breeds:live",
        "ScalableDimension": "lambda:function:ProvisionedConcurrency",
    }
    scaling = session.client("application-autoscaling")
    scaling.register_scalable_target(**target, MinCapacity=1, MaxCapacity=2)
    scaling.put_scaling_policy(
        **target,
        PolicyName="track",
        PolicyType="TargetTrackingScaling",
        TargetTrackingScalingPolicyConfiguration={
            "TargetValue": 0.7,
            "PredefinedMetricSpecification": {
                "PredefinedMetricType": "LambdaProvisionedConcurrencyUtilization"
            },
        },
    )


def _zip() -> bytes:
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w") as archive:
        archive.writestr("main.py", "def handler(event, context): return event")
    return buffer.getvalue()


def _instance(session: boto3.Session, network: dict[str, Any]) -> None:
    ec2 = session.client("ec2")
    image = ec2.register_image(
        Name="al2023-ami-2023.6-x86_64",
        Architecture="x86_64",
        RootDeviceName="/dev/xvda",
        BlockDeviceMappings=[{"DeviceName": "/dev/xvda", "Ebs": {"VolumeSize": 8}}],
    )["ImageId"]
    # moto forgets it.
    backend("ec2", account=ACCOUNT, region=REGION).amis[image].architecture = "x86_64"
    ec2.run_instances(
        ImageId=image,
        MinCount=1,
        MaxCount=1,
        InstanceType="t2.micro",
        SubnetId=network["SubnetId"],
        SecurityGroupIds=network["SecurityGroupIds"],
        MetadataOptions={"HttpTokens": "required"},
    )


def _user(session: boto3.Session) -> None:
    iam = session.client("iam")
    iam.create_user(UserName="breeds-operator")
    iam.create_login_profile(UserName="breeds-operator", Password="long enough to be taken")
    session.client("iam").generate_credential_report()


def _use(session: boto3.Session, gaps: Gaps, now: datetime) -> None:
    """Let everything have been used yesterday, and be older than the look-back windows."""
    yesterday, old = now - timedelta(days=1), now - timedelta(days=45)
    for name in ROLES:
        gaps.age_role(f"breeds-{name}", old)
        gaps.role_used(f"breeds-{name}", yesterday)
    gaps.age_user("breeds-operator", old, yesterday)
    gaps.age_endpoint("breeds", old)
    gaps.age_function("breeds", old)
    cloudwatch = session.client("cloudwatch")
    invoked = {"MetricName": "Invocations", "Timestamp": yesterday, "Value": 20.0}
    variant = {"EndpointName": "breeds", "VariantName": "main"}
    # As many as are cheaper on an instance than by the second, and where it is kept warm.
    busy = {**invoked, "Value": 6_000_000.0, "Dimensions": _named(variant)}
    lasted = {**busy, "MetricName": "ModelLatency", "Value": 100_000.0}
    cloudwatch.put_metric_data(Namespace="AWS/SageMaker", MetricData=[busy, lasted])
    function = {"FunctionName": "breeds"}
    kept_warm = {"FunctionName": "breeds", "Resource": "breeds:live"}
    cloudwatch.put_metric_data(
        Namespace="AWS/Lambda",
        MetricData=[
            {**invoked, "Value": 2_000_000.0, "Dimensions": _named(function)},
            {**invoked, "MetricName": "Duration", "Value": 900.0, "Dimensions": _named(function)},
            {
                **invoked,
                "MetricName": "ProvisionedConcurrencyInvocations",
                "Value": 2_000_000.0,
                "Dimensions": _named(kept_warm),
            },
        ],
    )


def _named(dimensions: dict[str, str]) -> list[dict[str, str]]:
    return [{"Name": name, "Value": value} for name, value in dimensions.items()]
