from concurrent.futures import ThreadPoolExecutor
from typing import Any

import boto3
import pytest
from moto import mock_aws

from mlguard.resources.capacity import Instances, Serverless
from mlguard.resources.hosting import Endpoint, EndpointConfig, Model
from mlguard.sources.aws import hosting
from mlguard.sources.aws.connection import Connection
from mlguard.sources.aws.reading import Reading
from tests.builders.account import NOW, REGION, arn
from tests.sources.aws.answers import HOME, ROLE, Answers

NONE: dict[str, dict[str, Any]] = {
    "list_models": {"Models": []},
    "list_endpoint_configs": {"EndpointConfigs": []},
    "list_endpoints": {"Endpoints": []},
}


def nothing(answers: Answers, *methods: str) -> None:
    for method in methods:
        answers.give("sagemaker", method, NONE[method])


def endpoint(name: str) -> dict[str, Any]:
    return {
        "EndpointName": name,
        "EndpointArn": arn("sagemaker", f"endpoint/{name.lower()}"),
        "EndpointStatus": "InService",
        "CreationTime": NOW,
        "LastModifiedTime": NOW,
    }


def test_endpoints_are_described_by_the_name_that_the_arn_has_in_lower_case() -> None:
    answers = Answers()
    nothing(answers, "list_models", "list_endpoint_configs")
    answers.give("sagemaker", "list_endpoints", {"Endpoints": [endpoint("Dogs")]})
    answers.give(
        "sagemaker",
        "describe_endpoint",
        endpoint("Dogs") | {"ProductionVariants": [{"VariantName": "all"}]},
        EndpointName="Dogs",
    )
    hosting.collect(answers.reading)
    answers.all_asked()
    (found,) = answers.reading.resources
    assert isinstance(found, Endpoint)
    assert (found.name, found.arn) == ("Dogs", endpoint("dogs")["EndpointArn"])
    assert found.config_name is None


def test_an_endpoint_that_is_deleted_meanwhile_is_no_gap() -> None:
    answers = Answers()
    nothing(answers, "list_models", "list_endpoint_configs")
    answers.give("sagemaker", "list_endpoints", {"Endpoints": [endpoint("dogs")]})
    answers.refuse(
        "sagemaker",
        "describe_endpoint",
        "ValidationException",
        'Could not find endpoint "dogs".',
        EndpointName="dogs",
    )
    hosting.collect(answers.reading)
    assert answers.reading.resources == []
    assert answers.reading.gaps == []


@pytest.mark.parametrize(
    ("method", "kind"),
    [
        ("list_models", "Model"),
        ("list_endpoint_configs", "EndpointConfig"),
        ("list_endpoints", "Endpoint"),
    ],
)
def test_a_list_that_is_throttled_is_a_gap_in_its_kind_alone(method: str, kind: str) -> None:
    answers = Answers()
    for each in NONE:
        if each == method:
            answers.refuse("sagemaker", each, "ThrottlingException")
        else:
            nothing(answers, each)
    hosting.collect(answers.reading)
    answers.all_asked()
    (gap,) = answers.reading.gaps
    assert (gap.kinds, gap.permission) == ((kind,), None)


def test_moto_s_models_and_endpoints_are_read() -> None:
    with mock_aws(), ThreadPoolExecutor(2) as pool:
        session = boto3.Session(
            aws_access_key_id="id", aws_secret_access_key="key", region_name=REGION
        )
        client = session.client("sagemaker")
        client.create_model(
            ModelName="dogs",
            ExecutionRoleArn=ROLE,
            PrimaryContainer={"Image": "image", "ModelDataUrl": "s3://bucket/model.tar.gz"},
        )
        variant = {"VariantName": "all", "ModelName": "dogs"}
        instances = {"InstanceType": "ml.m5.large", "InitialInstanceCount": 2}
        serverless = {"ServerlessConfig": {"MemorySizeInMB": 2048, "MaxConcurrency": 3}}
        for name, capacity in (("fixed", instances), ("lazy", serverless)):
            client.create_endpoint_config(
                EndpointConfigName=name, ProductionVariants=[{**variant, **capacity}]
            )
            client.create_endpoint(EndpointName=name, EndpointConfigName=name)
        reading = Reading(Connection(session), HOME, pool)
        hosting.collect(reading)
    assert reading.gaps == []
    assert set(reading.connection.operations) == set(hosting.OPERATIONS)
    (model,) = (each for each in reading.resources if isinstance(each, Model))
    assert (model.role_arn, model.containers[0].image) == (ROLE, "image")
    configs = [each for each in reading.resources if isinstance(each, EndpointConfig)]
    assert [config.variants[0].capacity for config in configs] == [
        Instances(instance_type="ml.m5.large", count=2),
        Serverless(memory_mb=2048, max_concurrency=3),
    ]
    assert not configs[0].data_capture
    endpoints = [each for each in reading.resources if isinstance(each, Endpoint)]
    assert [each.variants[0].current_count for each in endpoints] == [2, None]
