"""What moto lacks is answered as AWS would, through real clients, and only under moto."""

import json
from collections.abc import Mapping
from datetime import timedelta
from typing import Any

import boto3
import botocore.session
import pytest
from botocore.config import Config
from botocore.exceptions import EndpointConnectionError
from botocore.validate import ParamValidator
from moto import mock_aws

from mlguard.sources.demo.gaps import fill, operations
from tests.sources.demo.world import (
    COPIES,
    NOW,
    REGION,
    TRACKING,
    Demo,
    code_of,
    deploy_everything,
    deploy_function,
    refusal,
)


def scenario() -> list[tuple[str, str, Mapping[str, Any]]]:
    """Each filled operation once, in an order that works on `deploy_everything`."""
    provisioned = {"FunctionName": "ask", "Qualifier": "live"}
    metric = {"Namespace": "AWS/Lambda", "MetricName": "Duration"}
    span = {"StartTime": NOW - timedelta(days=14), "EndTime": NOW}
    stat = {"Metric": metric, "Period": 3600, "Stat": "p99"}
    nothing: dict[str, Any] = {}
    scaling, sagemaker = "application-autoscaling", "sagemaker"
    return [
        ("lambda", "PutProvisionedConcurrencyConfig", {
            **provisioned, "ProvisionedConcurrentExecutions": 1,
        }),
        ("lambda", "GetProvisionedConcurrencyConfig", provisioned),
        ("lambda", "ListProvisionedConcurrencyConfigs", {"FunctionName": "ask"}),
        ("lambda", "DeleteProvisionedConcurrencyConfig", provisioned),
        ("lambda", "GetAccountSettings", nothing),
        ("lambda", "ListFunctionUrlConfigs", {"FunctionName": "ask"}),
        ("lambda", "GetPolicy", {"FunctionName": "ask"}),
        (scaling, "RegisterScalableTarget", {**COPIES, "MinCapacity": 1, "MaxCapacity": 2}),
        (scaling, "DescribeScalableTargets", {"ServiceNamespace": "sagemaker"}),
        (scaling, "PutScalingPolicy", {**COPIES, **TRACKING, "PolicyName": "track"}),
        (scaling, "DescribeScalingPolicies", COPIES),
        (scaling, "DeleteScalingPolicy", {**COPIES, "PolicyName": "track"}),
        (scaling, "DeregisterScalableTarget", COPIES),
        (scaling, "DescribeScalingActivities", {"ServiceNamespace": "sagemaker"}),
        ("cloudwatch", "GetMetricData", {
            **span, "MetricDataQueries": [{"Id": "slow", "MetricStat": stat}],
        }),
        ("cloudwatch", "GetMetricStatistics", {
            **span, **metric, "Period": 3600, "ExtendedStatistics": ["p99"],
        }),
        ("resourcegroupstaggingapi", "GetResources", {"ResourceTypeFilters": [sagemaker]}),
        (sagemaker, "ListApps", nothing),
        (sagemaker, "ListCodeRepositories", nothing),
        (sagemaker, "ListInferenceComponents", nothing),
        (sagemaker, "ListMlflowTrackingServers", nothing),
        (sagemaker, "ListMonitoringSchedules", nothing),
        (sagemaker, "ListNotebookInstanceLifecycleConfigs", nothing),
        (sagemaker, "ListSpaces", nothing),
        (sagemaker, "ListStudioLifecycleConfigs", nothing),
        (sagemaker, "ListTrainingJobsForHyperParameterTuningJob", {
            "HyperParameterTuningJobName": "tune",
        }),
        (sagemaker, "ListUserProfiles", nothing),
        (sagemaker, "StopHyperParameterTuningJob", {"HyperParameterTuningJobName": "tune"}),
        (sagemaker, "StopTrainingJob", {"TrainingJobName": "train"}),
        (sagemaker, "StopTransformJob", {"TransformJobName": "batch"}),
        (sagemaker, "UpdateEndpoint", {"EndpointName": "answers", "EndpointConfigName": "big"}),
        (sagemaker, "UpdateNotebookInstance", {
            "NotebookInstanceName": "explore", "RootAccess": "Disabled",
        }),
        (sagemaker, "UpdateNotebookInstanceLifecycleConfig", {
            "NotebookInstanceLifecycleConfigName": "stop-idle",
            "OnStart": [{"Content": "Yg=="}],
        }),
    ]  # fmt: skip


def call(client: Any, operation: str, params: Mapping[str, Any]) -> dict[str, Any]:
    methods = {name: method for method, name in client.meta.method_to_api_mapping.items()}
    answer: dict[str, Any] = getattr(client, methods[operation])(**params)
    return answer


def test_the_scenario_makes_every_filled_call() -> None:
    assert {(service, name) for service, name, _ in scenario()} == set(operations())


def test_every_answer_is_of_the_shape_that_botocore_models(demo: Demo) -> None:
    deploy_everything(demo)
    loader = botocore.session.get_session()
    for service, operation, params in scenario():
        answer = call(demo.client(service), operation, params)
        metadata = answer.pop("ResponseMetadata")
        model = loader.get_service_model(service).operation_model(operation)
        assert metadata["HTTPStatusCode"] == model.http.get("responseCode", 200), operation
        members = model.output_shape.members if model.output_shape else {}
        assert set(answer) <= set(members), operation
        if model.output_shape:
            report = ParamValidator().validate(answer, model.output_shape)
            assert not report.has_errors(), (operation, report.generate_report())


def test_every_description_that_is_amended_is_of_its_shape(demo: Demo) -> None:
    deploy_everything(demo)
    sagemaker, functions = demo.client("sagemaker"), demo.client("lambda")
    for client, operation, params in (
        (sagemaker, "DescribeEndpoint", {"EndpointName": "answers"}),
        (sagemaker, "DescribeEndpointConfig", {"EndpointConfigName": "small"}),
        (sagemaker, "DescribeModel", {"ModelName": "breeds"}),
        (sagemaker, "DescribeNotebookInstance", {"NotebookInstanceName": "explore"}),
        (sagemaker, "DescribeProcessingJob", {"ProcessingJobName": "prepare"}),
        (sagemaker, "DescribeTrainingJob", {"TrainingJobName": "train"}),
        (sagemaker, "DescribeTransformJob", {"TransformJobName": "batch"}),
        (
            sagemaker,
            "DescribeHyperParameterTuningJob",
            {"HyperParameterTuningJobName": "tune"},
        ),
        (functions, "GetFunction", {"FunctionName": "ask"}),
        (functions, "GetFunctionUrlConfig", {"FunctionName": "ask"}),
        (functions, "ListFunctions", {}),
    ):
        answer = call(client, operation, params)
        del answer["ResponseMetadata"]
        shape = client.meta.service_model.operation_model(operation).output_shape
        report = ParamValidator().validate(answer, shape)
        assert not report.has_errors(), (operation, report.generate_report())


def test_moto_refuses_again_after_removal_even_to_clients_that_exist(demo: Demo) -> None:
    functions, sagemaker = demo.client("lambda"), demo.client("sagemaker")
    assert functions.get_account_settings()["AccountLimit"]
    demo.gaps.remove()
    for client in (functions, demo.client("lambda")):
        assert code_of(refusal(client.get_account_settings)) == "404"
    for client in (sagemaker, demo.client("sagemaker")):
        with pytest.raises(NotImplementedError):
            client.list_apps()


def test_a_session_that_is_not_filled_is_left_to_moto(demo: Demo) -> None:
    assert demo.client("lambda").get_account_settings()
    other = boto3.Session(region_name=REGION).client("lambda")
    assert code_of(refusal(other.get_account_settings)) == "404"


def test_another_session_can_share_the_memory(demo: Demo) -> None:
    functions = deploy_function(demo)
    functions.put_provisioned_concurrency_config(
        FunctionName="ask", Qualifier="live", ProvisionedConcurrentExecutions=1
    )
    other = boto3.Session(region_name=REGION)
    demo.gaps.extend(other)
    listed = other.client("lambda").list_provisioned_concurrency_configs(FunctionName="ask")
    assert len(listed["ProvisionedConcurrencyConfigs"]) == 1


def test_without_moto_nothing_is_made_up() -> None:
    session = boto3.Session("key", "secret", region_name=REGION)
    impatient = Config(retries={"total_max_attempts": 1}, connect_timeout=1)
    with fill(session):
        client = session.client("lambda", endpoint_url="http://127.0.0.1:9", config=impatient)
        with pytest.raises(EndpointConnectionError):
            client.get_account_settings()


def test_memory_is_of_one_region(demo: Demo) -> None:
    deploy_function(demo).put_provisioned_concurrency_config(
        FunctionName="ask", Qualifier="live", ProvisionedConcurrentExecutions=1
    )
    elsewhere = demo.client("lambda", region_name="us-east-1")
    error = refusal(elsewhere.list_provisioned_concurrency_configs, FunctionName="ask")
    assert isinstance(error, elsewhere.exceptions.ResourceNotFoundException)


def test_policies_have_names_and_only_those_of_aws_in_use_are_listed() -> None:
    with mock_aws(config={"iam": {"load_aws_managed_policies": True}}):
        session = boto3.Session(region_name=REGION)
        with fill(session):
            iam = session.client("iam")
            trust = {"Version": "2012-10-17", "Statement": []}
            boundary = "arn:aws:iam::aws:policy/PowerUserAccess"
            iam.create_role(
                RoleName="runs",
                AssumeRolePolicyDocument=json.dumps(trust),
                PermissionsBoundary=boundary,
            )
            full = "arn:aws:iam::aws:policy/AmazonSageMakerFullAccess"
            iam.attach_role_policy(RoleName="runs", PolicyArn=full)
            policies = iam.get_account_authorization_details()["Policies"]
    assert {policy["PolicyName"] for policy in policies} == {
        "AmazonSageMakerFullAccess",
        "PowerUserAccess",
    }
