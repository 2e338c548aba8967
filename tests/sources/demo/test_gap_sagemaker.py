"""SageMaker as moto lacks it: what it drops, stops, updates and lists."""

import pytest

from tests.sources.demo.world import (
    IMAGE,
    VPC,
    Demo,
    code_of,
    deploy_endpoint,
    notebook,
    processing_job,
    refusal,
    training_job,
    variant,
)


def test_a_model_keeps_its_network_isolation(demo: Demo) -> None:
    sagemaker = demo.client("sagemaker")
    for name, isolated in (("closed", True), ("open", False)):
        sagemaker.create_model(
            ModelName=name, PrimaryContainer={"Image": IMAGE}, EnableNetworkIsolation=isolated
        )
        assert sagemaker.describe_model(ModelName=name)["EnableNetworkIsolation"] is isolated
    sagemaker.delete_model(ModelName="closed")
    sagemaker.create_model(ModelName="closed", PrimaryContainer={"Image": IMAGE})
    assert sagemaker.describe_model(ModelName="closed")["EnableNetworkIsolation"] is False


def test_a_notebook_keeps_or_defaults_what_moto_drops(demo: Demo) -> None:
    sagemaker = demo.client("sagemaker")
    strict = {"MinimumInstanceMetadataServiceVersion": "2"}
    sagemaker.create_notebook_instance(**notebook(InstanceMetadataServiceConfiguration=strict))
    described = sagemaker.describe_notebook_instance(NotebookInstanceName="explore")
    assert described["InstanceMetadataServiceConfiguration"] == strict
    assert described["PlatformIdentifier"] == "notebook-al2023-v1"
    assert described["IpAddressType"] == "ipv4"


def test_a_processing_job_keeps_its_cluster(demo: Demo) -> None:
    sagemaker = demo.client("sagemaker")
    sagemaker.create_processing_job(**processing_job())
    described = sagemaker.describe_processing_job(ProcessingJobName="prepare")
    assert described["ProcessingResources"] == processing_job()["ProcessingResources"]
    assert described["Environment"] == {"LEVEL": "info"}


def test_a_training_job_keeps_what_moto_drops_and_loses_what_it_invents(demo: Demo) -> None:
    sagemaker = demo.client("sagemaker")
    sagemaker.create_training_job(**training_job())
    described = sagemaker.describe_training_job(TrainingJobName="train")
    assert described["Environment"] == {"LEVEL": "info"}
    assert described["RemoteDebugConfig"] == {"EnableRemoteDebug": True}
    assert "MetricDefinitions" not in described["AlgorithmSpecification"]


def test_an_endpoint_config_keeps_its_shadow_variants_and_network(demo: Demo) -> None:
    shadow = variant() | {"VariantName": "shadow"}
    sagemaker = deploy_endpoint(
        demo, ShadowProductionVariants=[shadow], VpcConfig=VPC, EnableNetworkIsolation=True
    )
    described = sagemaker.describe_endpoint_config(EndpointConfigName="small")
    assert described["ShadowProductionVariants"] == [shadow]
    assert described["VpcConfig"] == VPC
    assert described["EnableNetworkIsolation"] is True


def test_an_endpoint_says_how_much_it_captures_or_nothing_at_all(demo: Demo) -> None:
    capture = {
        "EnableCapture": True,
        "InitialSamplingPercentage": 20,
        "DestinationS3Uri": "s3://bucket/captured",
        "CaptureOptions": [{"CaptureMode": "Input"}],
    }
    sagemaker = deploy_endpoint(demo, DataCaptureConfig=capture)
    described = sagemaker.describe_endpoint(EndpointName="answers")["DataCaptureConfig"]
    assert (described["CaptureStatus"], described["CurrentSamplingPercentage"]) == ("Started", 20)
    sagemaker.create_endpoint_config(EndpointConfigName="dry", ProductionVariants=[variant()])
    sagemaker.create_endpoint(EndpointName="dry", EndpointConfigName="dry")
    assert "DataCaptureConfig" not in sagemaker.describe_endpoint(EndpointName="dry")


@pytest.mark.parametrize(("retain", "instances"), [(False, 3), (True, 1)])
def test_an_endpoint_moves_to_another_config(demo: Demo, retain: bool, instances: int) -> None:  # noqa: FBT001
    sagemaker = deploy_endpoint(demo)
    sagemaker.create_endpoint_config(EndpointConfigName="big", ProductionVariants=[variant(3)])
    sagemaker.update_endpoint(
        EndpointName="answers", EndpointConfigName="big", RetainAllVariantProperties=retain
    )
    described = sagemaker.describe_endpoint(EndpointName="answers")
    assert described["EndpointConfigName"] == "big"
    assert described["ProductionVariants"][0]["DesiredInstanceCount"] == instances


def test_a_retained_variant_property_can_be_excluded(demo: Demo) -> None:
    sagemaker = deploy_endpoint(demo)
    heavy = variant(3) | {"InitialVariantWeight": 2.0}
    sagemaker.create_endpoint_config(EndpointConfigName="big", ProductionVariants=[heavy])
    sagemaker.update_endpoint(
        EndpointName="answers",
        EndpointConfigName="big",
        RetainAllVariantProperties=True,
        ExcludeRetainedVariantProperties=[{"VariantPropertyType": "DesiredInstanceCount"}],
    )
    (found,) = sagemaker.describe_endpoint(EndpointName="answers")["ProductionVariants"]
    assert (found["DesiredInstanceCount"], found["DesiredWeight"]) == (3, 1.0)


@pytest.mark.parametrize(("endpoint", "config"), [("gone", "small"), ("answers", "gone")])
def test_an_update_to_or_of_nothing_is_refused(demo: Demo, endpoint: str, config: str) -> None:
    sagemaker = deploy_endpoint(demo)
    error = refusal(sagemaker.update_endpoint, EndpointName=endpoint, EndpointConfigName=config)
    assert code_of(error) == "ValidationException"
    assert "Could not find" in str(error)


def test_a_notebook_is_updated_only_when_stopped(demo: Demo) -> None:
    sagemaker = demo.client("sagemaker")
    sagemaker.create_notebook_instance(
        **notebook(LifecycleConfigName="idle", DefaultCodeRepository="https://example.com/a")
    )
    update = {"NotebookInstanceName": "explore", "InstanceType": "ml.t3.medium"}
    error = refusal(sagemaker.update_notebook_instance, **update)
    assert (code_of(error), "InService" in str(error)) == ("ValidationException", True)
    sagemaker.stop_notebook_instance(NotebookInstanceName="explore")
    sagemaker.update_notebook_instance(
        **update,
        RootAccess="Disabled",
        InstanceMetadataServiceConfiguration={"MinimumInstanceMetadataServiceVersion": "2"},
        DisassociateLifecycleConfig=True,
        DisassociateDefaultCodeRepository=True,
    )
    described = sagemaker.describe_notebook_instance(NotebookInstanceName="explore")
    assert described["RootAccess"] == "Disabled"
    imds = described["InstanceMetadataServiceConfiguration"]
    assert imds["MinimumInstanceMetadataServiceVersion"] == "2"
    assert "NotebookInstanceLifecycleConfigName" not in described
    assert "DefaultCodeRepository" not in described
    (listed,) = sagemaker.list_notebook_instances()["NotebookInstances"]
    assert listed["InstanceType"] == "ml.t3.medium"


def test_a_notebook_volume_does_not_shrink(demo: Demo) -> None:
    sagemaker = demo.client("sagemaker")
    sagemaker.create_notebook_instance(**notebook(VolumeSizeInGB=20))
    sagemaker.stop_notebook_instance(NotebookInstanceName="explore")
    update = sagemaker.update_notebook_instance
    error = refusal(update, NotebookInstanceName="explore", VolumeSizeInGB=10)
    assert code_of(error) == "ValidationException"
    error = refusal(update, NotebookInstanceName="gone", VolumeSizeInGB=10)
    assert "RecordNotFound" in str(error)


def test_lifecycle_configs_are_listed_until_deleted(demo: Demo) -> None:
    sagemaker = demo.client("sagemaker")
    for name in ("one", "two"):
        sagemaker.create_notebook_instance_lifecycle_config(
            NotebookInstanceLifecycleConfigName=name, OnStart=[{"Content": "YQ=="}]
        )
    pages = sagemaker.get_paginator("list_notebook_instance_lifecycle_configs").paginate(
        PaginationConfig={"PageSize": 1}
    )
    listed = [config for page in pages for config in page["NotebookInstanceLifecycleConfigs"]]
    names = [config["NotebookInstanceLifecycleConfigName"] for config in listed]
    assert names == ["one", "two"]
    sagemaker.delete_notebook_instance_lifecycle_config(NotebookInstanceLifecycleConfigName="one")
    listed = sagemaker.list_notebook_instance_lifecycle_configs()
    assert len(listed["NotebookInstanceLifecycleConfigs"]) == 1


def test_a_lifecycle_config_is_updated(demo: Demo) -> None:
    sagemaker = demo.client("sagemaker")
    name = {"NotebookInstanceLifecycleConfigName": "idle"}
    assert refusal(sagemaker.update_notebook_instance_lifecycle_config, **name)
    sagemaker.create_notebook_instance_lifecycle_config(**name, OnStart=[{"Content": "YQ=="}])
    sagemaker.update_notebook_instance_lifecycle_config(**name, OnStart=[{"Content": "Yg=="}])
    described = sagemaker.describe_notebook_instance_lifecycle_config(**name)
    assert described["OnStart"] == [{"Content": "Yg=="}]


def test_a_training_job_stops_once(demo: Demo) -> None:
    sagemaker = demo.client("sagemaker")
    with pytest.raises(sagemaker.exceptions.ResourceNotFound):
        sagemaker.stop_training_job(TrainingJobName="train")
    sagemaker.create_training_job(**training_job())
    sagemaker.stop_training_job(TrainingJobName="train")
    described = sagemaker.describe_training_job(TrainingJobName="train")
    assert (described["TrainingJobStatus"], described["SecondaryStatus"]) == ("Stopped", "Stopped")
    assert sagemaker.list_training_jobs(StatusEquals="Stopped")["TrainingJobSummaries"]
    error = refusal(sagemaker.stop_training_job, TrainingJobName="train")
    assert (code_of(error), "status Stopped" in str(error)) == ("ValidationException", True)


def test_the_training_jobs_of_a_tuning_job_that_is_not_there_are_not_an_empty_list(
    demo: Demo,
) -> None:
    sagemaker = demo.client("sagemaker")
    with pytest.raises(sagemaker.exceptions.ResourceNotFound):
        sagemaker.list_training_jobs_for_hyper_parameter_tuning_job(
            HyperParameterTuningJobName="gone"
        )
