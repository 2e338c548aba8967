"""The endpoint: a model, how it is hosted, its logs, and how it scales."""

import json
from collections.abc import Iterator, Mapping
from hashlib import sha256
from typing import Final

from deploy.names import Names
from deploy.pipeline import Step, Value
from deploy.policies import CAPTURED
from deploy.roles import role_arn

VARIANT: Final = "AllTraffic"

_DIMENSION: Final = "sagemaker:variant:DesiredInstanceCount"
_METRIC: Final = "SageMakerVariantInvocationsPerInstance"
_COOLDOWN_S: Final = 300
_DIGITS: Final = 8


def steps(names: Names, *, model_data: str) -> Iterator[Step]:
    """Yield what makes the endpoint, and lets it scale where that was asked for.

    A model and a configuration cannot be changed: each is called after what is in it, so that a
    changed plan makes new ones, and moves the endpoint over.
    """
    yield from log_group(names, "endpoint", names.endpoint_logs)
    model = _model(names, model_data)
    model_name = _name_after(names.endpoint, model)
    yield _sagemaker("model", "CreateModel", ModelName=model_name, **model, Tags=names.tags)
    config = _endpoint_config(names, model_name)
    config_name = _name_after(names.endpoint, config)
    yield _sagemaker(
        "endpoint-config",
        "CreateEndpointConfig",
        EndpointConfigName=config_name,
        **config,
        Tags=names.tags,
    )
    yield _sagemaker(
        "endpoint",
        "CreateEndpoint",
        EndpointName=names.endpoint,
        EndpointConfigName=config_name,
        Tags=names.tags,
    )
    yield from _scaling(names)


def log_group(names: Names, purpose: str, group: str) -> Iterator[Step]:
    """Yield a log group that forgets: one that a service makes keeps everything, at a price.

    https://docs.aws.amazon.com/AmazonCloudWatch/latest/logs/Working-with-log-groups-and-streams.html
    """
    yield Step(
        id=f"logs-{purpose}",
        service="logs",
        operation="CreateLogGroup",
        parameters={"logGroupName": group, "tags": names.tag_map},
    )
    yield Step(
        id=f"logs-{purpose}-retention",
        service="logs",
        operation="PutRetentionPolicy",
        parameters={"logGroupName": group, "retentionInDays": names.config.log_retention_days},
    )


def _model(names: Names, model_data: str) -> dict[str, Value]:
    """Return the model, which reaches the network only to fetch images from the allowed hosts.

    https://docs.aws.amazon.com/sagemaker/latest/dg/mkt-algo-model-internet-free.html
    """
    hosts = names.config.allowed_image_hosts
    return {
        "PrimaryContainer": {
            "Image": names.config.image_uri,
            "ModelDataUrl": model_data,
            "Environment": {
                "SAGEMAKER_PROGRAM": "inference.py",
                "SAGEMAKER_SUBMIT_DIRECTORY": "/opt/ml/model/code",
                "ALLOWED_IMAGE_HOSTS": ",".join(hosts),
            },
        },
        "ExecutionRoleArn": role_arn("training"),
        "EnableNetworkIsolation": not hosts,
    }


def _endpoint_config(names: Names, model_name: str) -> dict[str, Value]:
    config = names.config
    parameters: dict[str, Value] = {
        "ProductionVariants": [
            {
                "VariantName": VARIANT,
                "ModelName": model_name,
                "InstanceType": config.instance_type,
                "InitialInstanceCount": config.instances,
                "InitialVariantWeight": 1.0,
            }
        ]
    }
    if config.kms_key:
        parameters["KmsKeyId"] = config.kms_key
    if config.data_capture:
        # https://docs.aws.amazon.com/sagemaker/latest/dg/model-monitor-data-capture-endpoint.html
        capture: dict[str, Value] = {
            "EnableCapture": True,
            "InitialSamplingPercentage": 100,
            "DestinationS3Uri": f"s3://{names.bucket('models')}/{CAPTURED}",
            "CaptureOptions": [{"CaptureMode": "Input"}, {"CaptureMode": "Output"}],
        }
        if config.kms_key:
            capture["KmsKeyId"] = config.kms_key
        parameters["DataCaptureConfig"] = capture
    return parameters


def _scaling(names: Names) -> Iterator[Step]:
    """Yield target and policy: hold the load of an instance at half of what it bears.

    https://docs.aws.amazon.com/sagemaker/latest/dg/endpoint-auto-scaling-add-code-define.html
    """
    scaling = names.config.autoscaling
    if scaling is None:
        return
    target: dict[str, Value] = {
        "ServiceNamespace": "sagemaker",
        "ResourceId": f"endpoint/{names.endpoint}/variant/{VARIANT}",
        "ScalableDimension": _DIMENSION,
    }
    yield Step(
        id="scaling",
        service="application-autoscaling",
        operation="RegisterScalableTarget",
        parameters={
            **target,
            "MinCapacity": scaling.min_instances,
            "MaxCapacity": scaling.max_instances,
        },
    )
    yield Step(
        id="scaling-policy",
        service="application-autoscaling",
        operation="PutScalingPolicy",
        parameters={
            "PolicyName": f"{names.endpoint}-load",
            **target,
            "PolicyType": "TargetTrackingScaling",
            "TargetTrackingScalingPolicyConfiguration": {
                "TargetValue": scaling.target_value,
                "PredefinedMetricSpecification": {"PredefinedMetricType": _METRIC},
                "ScaleInCooldown": _COOLDOWN_S,
                "ScaleOutCooldown": _COOLDOWN_S,
            },
        },
    )


def _sagemaker(step: str, operation: str, **parameters: Value) -> Step:
    return Step(id=step, service="sagemaker", operation=operation, parameters=parameters)


def _name_after(name: str, parameters: Mapping[str, Value]) -> str:
    text = json.dumps(parameters, sort_keys=True)
    return f"{name}-{sha256(text.encode()).hexdigest()[:_DIGITS]}"
