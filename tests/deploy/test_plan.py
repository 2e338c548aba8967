"""The plan: calls that AWS's own models accept, in an order that works, and what they say."""

import json
from base64 import b64decode
from collections.abc import Iterator
from typing import Any

import botocore.session
import pytest
from botocore.validate import ParamValidator

from deploy.config import Config, ConfigError
from deploy.pipeline import Pipeline, Step
from deploy.plan import plan
from tests.deploy.plans import ACCOUNT, SCALING, VARIANTS, VPC, ZIP, config, parameters, planned

CORE = botocore.session.get_session()
MODELS = {
    service: CORE.get_service_model(service)
    for service in {step.service for step in planned(VARIANTS["scaled"]).steps}
}
EVERY_STEP = [
    pytest.param(step, id=f"{name}-{step.id}")
    for name, wanted in VARIANTS.items()
    for step in planned(wanted).steps
]


def stood_in(value: Any) -> Any:
    """Return the value with a stand-in for whatever an earlier step will have answered."""
    if isinstance(value, list):
        return [stood_in(one) for one in value]
    if not isinstance(value, dict):
        return value
    if "$step" in value:
        return "arn:aws:iam::123456789012:role/one-that-was-made"
    if "$json" in value:
        return json.dumps(stood_in(value["$json"]))
    if "$base64" in value:
        return b64decode(value["$base64"])
    return {key: stood_in(one) for key, one in value.items()}


@pytest.mark.parametrize("step", EVERY_STEP)
def test_botocore_accepts_the_parameters(step: Step) -> None:
    operation = MODELS[step.service].operation_model(step.operation)
    report = ParamValidator().validate(stood_in(dict(step.parameters)), operation.input_shape)
    assert not report.has_errors(), report.generate_report()
    assert set(step.parameters) <= set(operation.input_shape.members)


@pytest.mark.parametrize("wanted", VARIANTS.values(), ids=VARIANTS)
def test_a_step_needs_only_what_was_made_before_it(wanted: Config) -> None:
    known: set[str] = set()
    for step in planned(wanted).steps:
        assert set(_references(step.parameters)) <= known, step.id
        assert step.id not in known
        known.add(step.id)


def _references(value: Any) -> Iterator[str]:
    if isinstance(value, dict):
        if "$step" in value:
            yield value["$step"]
        for one in value.values():
            yield from _references(one)
    elif isinstance(value, list):
        for one in value:
            yield from _references(one)


def test_the_same_configuration_gives_the_same_file() -> None:
    assert planned().to_json() == planned().to_json()


def test_what_is_paid_for_by_the_hour_comes_last_and_its_budget_first() -> None:
    ids = [step.id for step in planned(VARIANTS["notebook"]).steps]
    assert ids[0] == "budget"
    assert ids[-1] == "notebook"
    assert ids.index("endpoint") > ids.index("alarm-endpoint-5xx")


def test_an_address_that_is_no_archive_is_refused() -> None:
    with pytest.raises(ConfigError, match=r"model\.tar\.gz"):
        plan(config(), model_data="s3://bucket/model/", lambda_zip=ZIP)


# Storage


@pytest.mark.parametrize("purpose", ["data", "models"])
def test_a_bucket_is_encrypted_versioned_private_and_over_tls(purpose: str) -> None:
    made = planned()
    blocked = parameters(made, f"bucket-{purpose}-private")["PublicAccessBlockConfiguration"]
    assert set(blocked.values()) == {True}
    assert len(blocked) == 4
    policy = parameters(made, f"bucket-{purpose}-policy")["Policy"]["$json"]
    (statement,) = policy["Statement"]
    assert (statement["Effect"], statement["Principal"]) == ("Deny", "*")
    assert statement["Condition"] == {"Bool": {"aws:SecureTransport": "false"}}
    versions = parameters(made, f"bucket-{purpose}-versions")
    assert versions["VersioningConfiguration"] == {"Status": "Enabled"}
    assert _algorithm(made, purpose) == "AES256"
    assert _algorithm(planned(VARIANTS["everything"]), purpose) == "aws:kms"


def _algorithm(made: Pipeline, purpose: str) -> str:
    (rule,) = parameters(made, f"bucket-{purpose}-encryption")["ServerSideEncryptionConfiguration"][
        "Rules"
    ]
    algorithm: str = rule["ApplyServerSideEncryptionByDefault"]["SSEAlgorithm"]
    return algorithm


def test_only_outside_us_east_1_a_bucket_says_where_it_is() -> None:
    assert set(parameters(planned(), "bucket-data")) == {"Bucket"}
    abroad = parameters(planned(VARIANTS["abroad"]), "bucket-data")
    assert abroad["CreateBucketConfiguration"] == {"LocationConstraint": "eu-west-1"}


def test_the_longest_name_makes_a_bucket_that_s3_takes() -> None:
    made = planned(name="d" * 24, region="ap-southeast-1")
    assert len(parameters(made, "bucket-models")["Bucket"]) <= 63


# Hosting


def test_a_model_that_fetches_nothing_has_no_network() -> None:
    assert parameters(planned(), "model")["EnableNetworkIsolation"] is True
    fetching = parameters(planned(VARIANTS["everything"]), "model")
    assert fetching["EnableNetworkIsolation"] is False
    environment = fetching["PrimaryContainer"]["Environment"]
    assert environment["ALLOWED_IMAGE_HOSTS"] == "images.example.com"


def test_a_changed_model_has_another_name_and_the_endpoint_keeps_its_own() -> None:
    before = planned()
    after = plan(config(), model_data="s3://other/model.tar.gz", lambda_zip=ZIP)
    for step, member in (("model", "ModelName"), ("endpoint-config", "EndpointConfigName")):
        assert parameters(before, step)[member] != parameters(after, step)[member]
    assert parameters(before, "endpoint")["EndpointName"] == "dog-breed"
    config_name = parameters(after, "endpoint-config")["EndpointConfigName"]
    assert parameters(after, "endpoint")["EndpointConfigName"] == config_name


def test_scaling_holds_half_of_what_was_measured() -> None:
    made = planned(VARIANTS["scaled"])
    tracking = parameters(made, "scaling-policy")["TargetTrackingScalingPolicyConfiguration"]
    assert tracking["TargetValue"] == 20 * 0.5 * 60
    target = parameters(made, "scaling")
    assert (target["MinCapacity"], target["MaxCapacity"]) == (1, 3)
    assert not [step for step in planned().steps if step.id.startswith("scaling")]


def test_data_is_captured_only_where_asked_for() -> None:
    assert "DataCaptureConfig" not in parameters(planned(), "endpoint-config")
    capture = parameters(planned(VARIANTS["everything"]), "endpoint-config")["DataCaptureConfig"]
    bucket = f"dog-breed-models-{ACCOUNT}-us-east-1"
    assert capture["DestinationS3Uri"] == f"s3://{bucket}/captured"


# Function


def test_the_function_is_traced_keeps_dead_letters_and_is_called_by_its_alias() -> None:
    made = planned()
    function = parameters(made, "function")
    assert function["TracingConfig"] == {"Mode": "Active"}
    assert function["DeadLetterConfig"]["TargetArn"].endswith(":dog-breed-invoke-dead-letters")
    assert function["Timeout"] == 65
    assert function["Environment"] == {"Variables": {"ENDPOINT_NAME": "dog-breed"}}
    assert parameters(made, "function-reserved")["ReservedConcurrentExecutions"] == 5
    provisioned = parameters(made, "function-provisioned")
    assert provisioned["Qualifier"] == parameters(made, "function-alias")["Name"]
    assert provisioned["ProvisionedConcurrentExecutions"] == 1


def test_nothing_is_provisioned_where_none_is_asked_for() -> None:
    ids = {step.id for step in planned(provisioned_concurrency=0).steps}
    assert "function-provisioned" not in ids


# Watching


@pytest.mark.parametrize("group", ["endpoint", "function"])
def test_a_log_group_forgets(group: str) -> None:
    made = planned(log_retention_days=14)
    assert parameters(made, f"logs-{group}-retention")["retentionInDays"] == 14


def test_every_alarm_is_told_to_the_topic() -> None:
    made = planned()
    alarms = [step for step in made.steps if step.operation == "PutMetricAlarm"]
    assert len(alarms) == 5
    for alarm in alarms:
        assert alarm.parameters["AlarmActions"] == [{"$step": "topic", "$result": "TopicArn"}]
    # ModelLatency is in microseconds: twice a second.
    assert parameters(made, "alarm-endpoint-latency")["Threshold"] == 2_000_000


# Notebook


def test_a_notebook_has_neither_root_nor_imdsv1_nor_direct_internet() -> None:
    notebook = parameters(planned(vpc=VPC), "notebook")
    assert notebook["RootAccess"] == "Disabled"
    assert notebook["DirectInternetAccess"] == "Disabled"
    assert notebook["SubnetId"] == VPC.subnet
    metadata = notebook["InstanceMetadataServiceConfiguration"]
    assert metadata == {"MinimumInstanceMetadataServiceVersion": "2"}
    assert notebook["LifecycleConfigName"] == "dog-breed-notebook"


def test_without_a_network_there_is_no_notebook_and_no_role_for_one() -> None:
    assert not [step.id for step in planned().steps if "notebook" in step.id]


def test_the_start_script_carries_what_stops_the_notebook() -> None:
    made = planned(vpc=VPC, notebook_idle_minutes=45)
    (hook,) = parameters(made, "notebook-autostop")["OnStart"]
    # API reference, "NotebookInstanceLifecycleHook": at most 16384 characters.
    assert len(hook["Content"]) <= 16384
    script = b64decode(hook["Content"]).decode()
    assert script.startswith("#!/bin/bash\n")
    assert "stop-notebook-instance" in script
    assert script.rstrip().endswith("autostop.py 45")


def test_autoscaling_starts_with_its_least() -> None:
    (variant,) = parameters(planned(VARIANTS["scaled"]), "endpoint-config")["ProductionVariants"]
    assert variant["InitialInstanceCount"] == SCALING.min_instances
