"""What the tests of the demo account deploy, and how they ask."""

import io
import json
import zipfile
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

import boto3
import pytest
from botocore.exceptions import ClientError

from mlguard.sources.demo.gaps import Gaps

REGION = "eu-west-1"
ACCOUNT = "123456789012"
NOW = datetime.now(UTC)
ROLE = f"arn:aws:iam::{ACCOUNT}:role/runs"
VPC = {"SecurityGroupIds": ["sg-1"], "Subnets": ["subnet-1"]}
IMAGE = f"{ACCOUNT}.dkr.ecr.{REGION}.amazonaws.com/train:1"
COPIES = {
    "ServiceNamespace": "sagemaker",
    "ResourceId": "inference-component/answers",
    "ScalableDimension": "sagemaker:inference-component:DesiredCopyCount",
}
TRACKING = {
    "PolicyType": "TargetTrackingScaling",
    "TargetTrackingScalingPolicyConfiguration": {"TargetValue": 5.0},
}


@dataclass(frozen=True)
class Demo:
    session: boto3.Session
    gaps: Gaps

    def client(self, service: str, **kwargs: Any) -> Any:
        return self.session.client(service, **kwargs)


def code() -> bytes:
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w") as archive:
        archive.writestr("main.py", "def handler(event, context): return event")
    return buffer.getvalue()


def deploy_function(demo: Demo, name: str = "ask", **extra: Any) -> Any:
    """A published function with the alias `live` on version 1."""
    trust = {"Version": "2012-10-17", "Statement": []}
    iam = demo.client("iam")
    if not iam.list_roles()["Roles"]:
        iam.create_role(RoleName="runs", AssumeRolePolicyDocument=json.dumps(trust))
    functions = demo.client("lambda")
    functions.create_function(
        FunctionName=name,
        Runtime="python3.12",
        Role=ROLE,
        Handler="main.handler",
        Code={"ZipFile": code()},
        Publish=True,
        **extra,
    )
    functions.create_alias(FunctionName=name, Name="live", FunctionVersion="1")
    return functions


def variant(instances: int = 1) -> dict[str, Any]:
    return {
        "VariantName": "all",
        "ModelName": "breeds",
        "InstanceType": "ml.t2.medium",
        "InitialInstanceCount": instances,
        "InitialVariantWeight": 1.0,
    }


def deploy_endpoint(demo: Demo, **config: Any) -> Any:
    sagemaker = demo.client("sagemaker")
    sagemaker.create_model(ModelName="breeds", PrimaryContainer={"Image": IMAGE})
    sagemaker.create_endpoint_config(
        EndpointConfigName="small", ProductionVariants=[variant()], **config
    )
    sagemaker.create_endpoint(EndpointName="answers", EndpointConfigName="small")
    return sagemaker


def training_job() -> dict[str, Any]:
    return {
        "TrainingJobName": "train",
        "AlgorithmSpecification": {"TrainingImage": IMAGE, "TrainingInputMode": "File"},
        "RoleArn": ROLE,
        "OutputDataConfig": {"S3OutputPath": "s3://bucket/out"},
        "ResourceConfig": {
            "InstanceType": "ml.m5.large",
            "InstanceCount": 2,
            "VolumeSizeInGB": 30,
        },
        "StoppingCondition": {"MaxRuntimeInSeconds": 3600},
        "Environment": {"LEVEL": "info"},
        "RemoteDebugConfig": {"EnableRemoteDebug": True},
        "EnableNetworkIsolation": True,
    }


def tuning_job() -> dict[str, Any]:
    definition = training_job()
    for member in ("TrainingJobName", "Environment", "RemoteDebugConfig"):
        del definition[member]
    return {
        "HyperParameterTuningJobName": "tune",
        "HyperParameterTuningJobConfig": {
            "Strategy": "Bayesian",
            "ResourceLimits": {"MaxNumberOfTrainingJobs": 4, "MaxParallelTrainingJobs": 2},
        },
        "TrainingJobDefinition": definition,
    }


def transform_job() -> dict[str, Any]:
    source = {"S3DataType": "S3Prefix", "S3Uri": "s3://bucket/in"}
    return {
        "TransformJobName": "batch",
        "ModelName": "breeds",
        "TransformInput": {"DataSource": {"S3DataSource": source}},
        "TransformOutput": {"S3OutputPath": "s3://bucket/out"},
        "TransformResources": {"InstanceType": "ml.m5.large", "InstanceCount": 1},
    }


def processing_job() -> dict[str, Any]:
    cluster = {"InstanceCount": 1, "InstanceType": "ml.m5.large", "VolumeSizeInGB": 30}
    return {
        "ProcessingJobName": "prepare",
        "ProcessingResources": {"ClusterConfig": cluster},
        "AppSpecification": {"ImageUri": IMAGE},
        "Environment": {"LEVEL": "info"},
        "RoleArn": ROLE,
    }


def notebook(**extra: Any) -> dict[str, Any]:
    return {
        "NotebookInstanceName": "explore",
        "InstanceType": "ml.t2.medium",
        "RoleArn": ROLE,
        **extra,
    }


def refusal(call: Any, **params: Any) -> ClientError:
    with pytest.raises(ClientError) as caught:
        call(**params)
    return caught.value


def code_of(error: ClientError) -> str:
    return str(error.response["Error"]["Code"])


def deploy_everything(demo: Demo) -> None:
    functions = deploy_function(demo)
    functions.create_function_url_config(FunctionName="ask", Qualifier="live", AuthType="NONE")
    functions.add_permission(
        FunctionName="ask",
        StatementId="s3",
        Action="lambda:InvokeFunction",
        Principal="s3.amazonaws.com",
    )
    sagemaker = deploy_endpoint(demo)
    sagemaker.create_endpoint_config(EndpointConfigName="big", ProductionVariants=[variant(3)])
    sagemaker.create_notebook_instance_lifecycle_config(
        NotebookInstanceLifecycleConfigName="stop-idle", OnStart=[{"Content": "YQ=="}]
    )
    sagemaker.create_notebook_instance(**notebook())
    sagemaker.stop_notebook_instance(NotebookInstanceName="explore")
    sagemaker.create_training_job(**training_job())
    sagemaker.create_hyper_parameter_tuning_job(**tuning_job())
    sagemaker.create_transform_job(**transform_job())
    sagemaker.create_processing_job(**processing_job())
