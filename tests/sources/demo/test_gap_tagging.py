"""The Resource Groups Tagging API as moto lacks it: SageMaker's resources."""

from typing import Any

import pytest
from botocore.exceptions import ClientError

from tests.sources.demo.world import (
    ROLE,
    Demo,
    code_of,
    deploy_everything,
    notebook,
    processing_job,
    training_job,
    transform_job,
    tuning_job,
    variant,
)

TAGS = [{"Key": "owner", "Value": "ada"}]


def tagged(demo: Demo, **asked: Any) -> Any:
    return demo.client("resourcegroupstaggingapi").get_resources(
        **{"ResourceTypeFilters": ["sagemaker"], **asked}
    )


def test_every_kind_that_has_tags_is_told(demo: Demo) -> None:
    sagemaker = demo.client("sagemaker")
    sagemaker.create_model(ModelName="breeds", ExecutionRoleArn=ROLE, Tags=TAGS)
    small = {"EndpointConfigName": "c", "ProductionVariants": [variant()]}
    sagemaker.create_endpoint_config(**small, Tags=TAGS)
    sagemaker.create_endpoint(EndpointName="e", EndpointConfigName="c", Tags=TAGS)
    sagemaker.create_hyper_parameter_tuning_job(**tuning_job(), Tags=TAGS)
    sagemaker.create_transform_job(**transform_job(), Tags=TAGS)
    sagemaker.create_notebook_instance(**notebook(Tags=TAGS))
    sagemaker.create_training_job(**{**training_job(), "TrainingJobName": "t", "Tags": TAGS})
    sagemaker.create_processing_job(**{**processing_job(), "ProcessingJobName": "p"})
    found = tagged(demo)["ResourceTagMappingList"]
    assert [one["ResourceARN"].rpartition(":")[2] for one in found] == [
        "model/breeds",
        "endpoint-config/c",
        "endpoint/e",
        "hyper-parameter-tuning-job/tune",
        "notebook-instance/explore",
        "training-job/t",
        "transform-job/batch",
    ]
    assert {str(one["Tags"]) for one in found} == {str(TAGS)}


def test_the_answer_comes_in_pages(demo: Demo) -> None:
    sagemaker = demo.client("sagemaker")
    for number in range(3):
        name = f"t{number}"
        sagemaker.create_training_job(**{**training_job(), "TrainingJobName": name, "Tags": TAGS})
    first = tagged(demo, ResourcesPerPage=2)
    assert len(first["ResourceTagMappingList"]) == 2
    rest = tagged(demo, ResourcesPerPage=2, PaginationToken=first["PaginationToken"])
    assert len(rest["ResourceTagMappingList"]) == 1
    with pytest.raises(ClientError) as caught:
        tagged(demo, PaginationToken="none")
    assert code_of(caught.value) == "PaginationTokenExpiredException"


def test_what_has_no_tag_is_not_told_and_other_services_are_moto_s(demo: Demo) -> None:
    deploy_everything(demo)
    assert tagged(demo)["ResourceTagMappingList"] == []
    (function,) = demo.client("lambda").list_functions()["Functions"]
    demo.client("lambda").tag_resource(Resource=function["FunctionArn"], Tags={"owner": "ada"})
    (found,) = tagged(demo, ResourceTypeFilters=["lambda"])["ResourceTagMappingList"]
    assert (found["ResourceARN"], found["Tags"]) == (function["FunctionArn"], TAGS)
