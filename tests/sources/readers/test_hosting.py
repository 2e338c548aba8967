from typing import Any

import pytest

from mlguard.resources.hosting import ManagedScaling, RunningVariant
from mlguard.sources.base import Home
from mlguard.sources.readers.hosting import endpoint, endpoint_config, model
from tests.builders.account import ACCOUNT, NOW, REGION

HOME = Home(account=ACCOUNT, region=REGION)
MODEL: dict[str, Any] = {"ModelArn": "arn:m", "ModelName": "dogs", "CreationTime": NOW}
VARIANT = {"VariantName": "all", "InstanceType": "ml.m5.large", "InitialInstanceCount": 1}
CONFIG: dict[str, Any] = {
    "EndpointConfigArn": "arn:c",
    "EndpointConfigName": "dogs",
    "CreationTime": NOW,
    "ProductionVariants": [VARIANT],
}
ENDPOINT: dict[str, Any] = {
    "EndpointArn": "arn:e",
    "EndpointName": "dogs",
    "EndpointStatus": "InService",
    "CreationTime": NOW,
    "LastModifiedTime": NOW,
}


def test_a_model_has_its_primary_container() -> None:
    raw = MODEL | {
        "PrimaryContainer": {
            "Image": "image",
            "Mode": "MultiModel",
            "ModelDataSource": {"S3DataSource": {"S3Uri": "s3://b/models/"}},
        },
        "Containers": [],
    }
    (container,) = model(raw, HOME).containers
    assert (container.image, container.multi_model) == ("image", True)
    assert container.model_data_url == "s3://b/models/"


def test_a_model_may_be_a_pipeline_of_containers_or_come_from_a_package() -> None:
    raw = MODEL | {"Containers": [{"Image": "a"}, {"ModelPackageName": "package"}]}
    found = model(raw, HOME)
    assert [container.image for container in found.containers] == ["a", None]
    assert (found.role_arn, found.network_isolation) == (None, False)


@pytest.mark.parametrize(
    ("capture", "expected"),
    [({}, False), ({"EnableCapture": False}, False), ({"DestinationS3Uri": "s3://b"}, True)],
)
def test_data_capture_is_on_where_it_is_configured_and_not_switched_off(
    capture: dict[str, Any], *, expected: bool
) -> None:
    assert endpoint_config(CONFIG | {"DataCaptureConfig": capture}, HOME).data_capture is expected


def test_a_variant_has_the_size_of_its_storage_volume() -> None:
    sized = CONFIG | {"ProductionVariants": [VARIANT | {"VolumeSizeInGB": 50}, VARIANT]}
    found = endpoint_config(sized, HOME).variants
    assert [variant.volume_size_gb for variant in found] == [50, None]


def test_a_config_has_its_shadow_variants_and_managed_scaling() -> None:
    scaled = VARIANT | {"ManagedInstanceScaling": {"Status": "ENABLED", "MaxInstanceCount": 4}}
    raw = CONFIG | {
        "ProductionVariants": [scaled],
        "ShadowProductionVariants": [VARIANT | {"VariantName": "shadow"}],
        "AsyncInferenceConfig": {"OutputConfig": {}},
    }
    found = endpoint_config(raw, HOME)
    assert found.variants[0].managed_scaling == ManagedScaling(status="ENABLED", max_instances=4)
    assert found.variants[0].model_name is None
    assert [variant.name for variant in found.shadow_variants] == ["shadow"]
    assert found.shadow_variants[0].managed_scaling is None
    assert found.asynchronous


def test_an_endpoint_that_failed_has_a_reason_and_no_variants() -> None:
    found = endpoint(ENDPOINT | {"EndpointStatus": "Failed", "FailureReason": "image"}, HOME)
    assert (found.status, found.failure_reason) == ("Failed", "image")
    assert (found.variants, found.config_name) == ((), None)


def test_shadow_variants_run_too() -> None:
    raw = ENDPOINT | {
        "ProductionVariants": [
            {"VariantName": "all", "CurrentInstanceCount": 1, "DesiredInstanceCount": 2}
        ],
        "ShadowProductionVariants": [{"VariantName": "shadow"}],
    }
    assert endpoint(raw, HOME).variants == (
        RunningVariant(name="all", current_count=1, desired_count=2),
        RunningVariant(name="shadow"),
    )
