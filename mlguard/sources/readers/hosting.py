"""Models, endpoint configurations and endpoints, as SageMaker describes them."""

from collections.abc import Iterable, Mapping
from datetime import UTC, datetime
from typing import Any

from mlguard.resources.hosting import (
    Container,
    Endpoint,
    EndpointConfig,
    ManagedScaling,
    Model,
    RunningVariant,
    Variant,
)
from mlguard.sources.base import Home
from mlguard.sources.readers.capacity import variant_capacity

Raw = Mapping[str, Any]


def model(raw: Raw, home: Home) -> Model:
    """Return the model that DescribeModel answered."""
    primary = raw.get("PrimaryContainer")
    containers = raw.get("Containers") or ()
    return Model(
        arn=raw["ModelArn"],
        account=home.account,
        region=home.region,
        name=raw["ModelName"],
        created_at=datetime.astimezone(raw["CreationTime"], UTC),
        role_arn=raw.get("ExecutionRoleArn"),
        containers=tuple(
            _container(container) for container in ((primary,) if primary else containers)
        ),
        network_isolation=raw.get("EnableNetworkIsolation", False),
        subnets=tuple((raw.get("VpcConfig") or {}).get("Subnets", ())),
    )


def endpoint_config(raw: Raw, home: Home) -> EndpointConfig:
    """Return the configuration that DescribeEndpointConfig answered."""
    capture = raw.get("DataCaptureConfig") or {}
    return EndpointConfig(
        arn=raw["EndpointConfigArn"],
        account=home.account,
        region=home.region,
        name=raw["EndpointConfigName"],
        created_at=datetime.astimezone(raw["CreationTime"], UTC),
        variants=_variants(raw["ProductionVariants"]),
        shadow_variants=_variants(raw.get("ShadowProductionVariants") or ()),
        asynchronous=bool(raw.get("AsyncInferenceConfig")),
        kms_key_id=raw.get("KmsKeyId"),
        # "defaults to enabled": API reference, "DataCaptureConfig".
        data_capture=bool(capture) and capture.get("EnableCapture", True),
        execution_role_arn=raw.get("ExecutionRoleArn"),
    )


def endpoint(raw: Raw, home: Home) -> Endpoint:
    """Return the endpoint that DescribeEndpoint answered; shadow variants run, and cost, too."""
    running = (
        *(raw.get("ProductionVariants") or ()),
        *(raw.get("ShadowProductionVariants") or ()),
    )
    return Endpoint(
        arn=raw["EndpointArn"],
        account=home.account,
        region=home.region,
        name=raw["EndpointName"],
        status=raw["EndpointStatus"],
        config_name=raw.get("EndpointConfigName"),
        created_at=datetime.astimezone(raw["CreationTime"], UTC),
        last_modified_at=datetime.astimezone(raw["LastModifiedTime"], UTC),
        variants=tuple(
            RunningVariant(
                name=variant["VariantName"],
                current_count=variant.get("CurrentInstanceCount"),
                desired_count=variant.get("DesiredInstanceCount"),
            )
            for variant in running
        ),
        failure_reason=raw.get("FailureReason"),
    )


def _container(raw: Raw) -> Container:
    source = (raw.get("ModelDataSource") or {}).get("S3DataSource") or {}
    return Container(
        image=raw.get("Image"),
        model_data_url=raw.get("ModelDataUrl") or source.get("S3Uri"),
        environment=dict(raw.get("Environment") or {}),
        multi_model=raw.get("Mode") == "MultiModel",
    )


def _variants(raws: Iterable[Raw]) -> tuple[Variant, ...]:
    return tuple(
        Variant(
            name=raw["VariantName"],
            capacity=variant_capacity(raw),
            model_name=raw.get("ModelName"),
            weight=raw.get("InitialVariantWeight"),
            managed_scaling=_managed_scaling(raw.get("ManagedInstanceScaling") or {}),
            volume_size_gb=raw.get("VolumeSizeInGB"),
        )
        for raw in raws
    )


def _managed_scaling(raw: Raw) -> ManagedScaling | None:
    if not raw:
        return None
    return ManagedScaling(
        status=raw["Status"],
        min_instances=raw.get("MinInstanceCount"),
        max_instances=raw.get("MaxInstanceCount"),
    )
