"""Four endpoints for one model, and autoscaling that cannot work."""

from collections.abc import Iterator
from typing import Final

from deploy.as_written.calls import BUCKET, call
from deploy.as_written.training import IMAGE, ROLE_ARN
from deploy.pipeline import Step, Value

_MODEL: Final = "dog-breed"
_VARIANT: Final = "AllTraffic"


def endpoint_steps() -> Iterator[Step]:
    """Yield the model, and an endpoint for every idea that somebody once had."""
    yield call(
        "model",
        "sagemaker",
        "CreateModel",
        ModelName=_MODEL,
        PrimaryContainer={
            "Image": IMAGE.format("inference"),
            "ModelDataUrl": f"s3://{BUCKET}/output/dog-breed-training/output/model.tar.gz",
            "Environment": {"SAGEMAKER_PROGRAM": "infernce2.py"},
        },
        ExecutionRoleArn=ROLE_ARN,
    )
    yield from _endpoint("dog-breed", "ml.t2.medium")
    yield from _endpoint("dog-breed-large", "ml.m5.xlarge")
    yield from _endpoint("dog-breed-candidate", "ml.c5.large")
    batch: Value = {"OutputConfig": {"S3OutputPath": f"s3://{BUCKET}/batch"}}
    yield from _endpoint("dog-breed-batch", "ml.m5.large", AsyncInferenceConfig=batch)


def scaling_steps() -> Iterator[Step]:
    """Yield targets: one burstable, one without room, one that nothing wakes from zero."""
    load: Value = {"PredefinedMetricType": "SageMakerVariantInvocationsPerInstance"}
    backlog: Value = {
        "MetricName": "ApproximateBacklogSizePerInstance",
        "Namespace": "AWS/SageMaker",
        "Dimensions": [{"Name": "EndpointName", "Value": "dog-breed-batch"}],
        "Statistic": "Average",
    }
    yield _target("dog-breed", least=1, most=2)
    yield _track(
        "dog-breed",
        TargetValue=20.0,
        PredefinedMetricSpecification=load,
        ScaleInCooldown=30,
        ScaleOutCooldown=30,
    )
    yield _target("dog-breed-large", least=1, most=1)
    yield _target("dog-breed-batch", least=0, most=2)
    yield _track("dog-breed-batch", TargetValue=5.0, CustomizedMetricSpecification=backlog)


def _endpoint(name: str, instance_type: str, **more: Value) -> Iterator[Step]:
    variant: Value = {
        "VariantName": _VARIANT,
        "ModelName": _MODEL,
        "InstanceType": instance_type,
        "InitialInstanceCount": 1,
        "InitialVariantWeight": 1.0,
    }
    yield call(
        f"endpoint-config-{name}",
        "sagemaker",
        "CreateEndpointConfig",
        EndpointConfigName=name,
        ProductionVariants=[variant],
        **more,
    )
    yield call(
        f"endpoint-{name}",
        "sagemaker",
        "CreateEndpoint",
        EndpointName=name,
        EndpointConfigName=name,
    )


def _scaled(name: str) -> dict[str, Value]:
    return {
        "ServiceNamespace": "sagemaker",
        "ResourceId": f"endpoint/{name}/variant/{_VARIANT}",
        "ScalableDimension": "sagemaker:variant:DesiredInstanceCount",
    }


def _target(name: str, *, least: int, most: int) -> Step:
    return call(
        f"scaling-{name}",
        "application-autoscaling",
        "RegisterScalableTarget",
        **_scaled(name),
        MinCapacity=least,
        MaxCapacity=most,
    )


def _track(name: str, **tracking: Value) -> Step:
    return call(
        f"scaling-{name}-policy",
        "application-autoscaling",
        "PutScalingPolicy",
        PolicyName="track-load",
        **_scaled(name),
        PolicyType="TargetTrackingScaling",
        TargetTrackingScalingPolicyConfiguration=tracking,
    )
