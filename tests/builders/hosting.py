"""An endpoint to start from: one ml.t2.medium behind one variant, in service for a month."""

from datetime import timedelta
from typing import Any

from msgspec.structs import replace

from mlguard.resources.capacity import Instances
from mlguard.resources.hosting import (
    Container,
    Endpoint,
    EndpointConfig,
    Model,
    RunningVariant,
    Variant,
)
from mlguard.resources.metrics import MetricSeries
from tests.builders.account import ACCOUNT, NOW, REGION, arn, days_ago

VARIANT = Variant(
    name="AllTraffic",
    capacity=Instances(instance_type="ml.t2.medium", count=1),
    model_name="breeds",
    weight=1.0,
)
CONFIG = EndpointConfig(
    arn=arn("sagemaker", "endpoint-config/breeds-1"),
    account=ACCOUNT,
    region=REGION,
    name="breeds-1",
    created_at=days_ago(30),
    variants=(VARIANT,),
)
ENDPOINT = Endpoint(
    arn=arn("sagemaker", "endpoint/breeds"),
    account=ACCOUNT,
    region=REGION,
    name="breeds",
    status="InService",
    config_name="breeds-1",
    created_at=days_ago(30),
    last_modified_at=days_ago(30),
    variants=(RunningVariant(name="AllTraffic", current_count=1, desired_count=1),),
)
MODEL = Model(
    arn=arn("sagemaker", "model/breeds"),
    account=ACCOUNT,
    region=REGION,
    name="breeds",
    created_at=days_ago(30),
    role_arn=f"arn:aws:iam::{ACCOUNT}:role/serving",
    containers=(
        Container(
            image="763104351884.dkr.ecr.us-east-1.amazonaws.com/pytorch-inference:2.6.0-cpu-py312",
            model_data_url="s3://breeds/models/model.tar.gz",
            environment={},
        ),
    ),
    network_isolation=False,
    subnets=("subnet-1",),
)


def variant(instance_type: str = "ml.t2.medium", count: int = 1, **changes: Any) -> Variant:
    capacity = Instances(instance_type=instance_type, count=count)
    return replace(VARIANT, **{"capacity": capacity, **changes})


def endpoint_config(*variants: Variant, **changes: Any) -> EndpointConfig:
    return replace(CONFIG, variants=variants or (VARIANT,), **changes)


def endpoint(**changes: Any) -> Endpoint:
    return replace(ENDPOINT, **changes)


def running(name: str = "AllTraffic", count: int | None = 1) -> RunningVariant:
    return RunningVariant(name=name, current_count=count, desired_count=count)


def model(**changes: Any) -> Model:
    return replace(MODEL, **changes)


def invocations(
    *values: float, variant_name: str = "AllTraffic", days: int = 14, **dimensions: str
) -> MetricSeries:
    """Return the calls of a variant of the endpoint, a day each; no values: never called."""
    return MetricSeries(
        arn=ENDPOINT.arn,
        account=ACCOUNT,
        region=REGION,
        name=ENDPOINT.name,
        namespace="AWS/SageMaker",
        metric="Invocations",
        statistic="Sum",
        dimensions={"EndpointName": ENDPOINT.name, "VariantName": variant_name, **dimensions},
        period_s=86400,
        start_at=NOW - timedelta(days=days),
        end_at=NOW,
        values=values,
    )
