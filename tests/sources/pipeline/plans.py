"""Pipeline files to start from: small, sound, and read without AWS."""

import json
from datetime import UTC, datetime
from typing import Any

from mlguard.snapshot import Snapshot
from mlguard.sources.pipeline_file import PipelineFile

NOW = datetime(2026, 11, 2, 9, 0, tzinfo=UTC)
ACCOUNT, REGION = "123456789012", "us-east-1"
ROLE_ARN = f"arn:aws:iam::{ACCOUNT}:role/dogs"
TRUST = {"$json": {"Version": "2012-10-17", "Statement": []}}


def step(step_id: str, call: str, **parameters: Any) -> dict[str, Any]:
    service, _, operation = call.partition(":")
    return {"id": step_id, "service": service, "operation": operation, "parameters": parameters}


def document(*steps: dict[str, Any], **changes: Any) -> dict[str, Any]:
    frame = {"schema_version": 1, "account": ACCOUNT, "region": REGION, "steps": list(steps)}
    return frame | changes


def read(text: bytes) -> Snapshot:
    return PipelineFile(text, name="plan.json", taken_at=NOW).collect()


def plan(*steps: dict[str, Any], **changes: Any) -> Snapshot:
    return read(json.dumps(document(*steps, **changes)).encode())


ROLE = step("role", "iam:CreateRole", RoleName="dogs", AssumeRolePolicyDocument=TRUST)
NOTEBOOK = step(
    "notebook",
    "sagemaker:CreateNotebookInstance",
    NotebookInstanceName="Dogs",
    InstanceType="ml.t3.medium",
    RoleArn={"$step": "role", "$result": "Role.Arn"},
)
FUNCTION = step(
    "function",
    "lambda:CreateFunction",
    FunctionName="dogs",
    Role=ROLE_ARN,
    Handler="a.b",
    Runtime="python3.13",
    Code={"ZipFile": {"$base64": "UEsF"}},
)
VARIANT = {
    "VariantName": "all",
    "ModelName": "dogs",
    "InstanceType": "ml.t2.medium",
    "InitialInstanceCount": 2,
}
CONFIG = step(
    "config",
    "sagemaker:CreateEndpointConfig",
    EndpointConfigName="dogs",
    ProductionVariants=[VARIANT],
)
ENDPOINT = step(
    "endpoint", "sagemaker:CreateEndpoint", EndpointName="dogs", EndpointConfigName="dogs"
)
TARGET = {
    "ServiceNamespace": "sagemaker",
    "ResourceId": "endpoint/dogs/variant/all",
    "ScalableDimension": "sagemaker:variant:DesiredInstanceCount",
}
REGISTER = step(
    "target",
    "application-autoscaling:RegisterScalableTarget",
    MinCapacity=1,
    MaxCapacity=3,
    **TARGET,
)
