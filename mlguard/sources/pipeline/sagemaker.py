"""SageMaker calls: notebooks, jobs, models, endpoints, with the defaults that AWS describes."""

from collections.abc import Mapping
from typing import Any, Final

from mlguard.sources.pipeline.planned import Make, Parameters, Planned, Raw, named, required

# API reference, "CreateNotebookInstance": what each defaults to.
_NOTEBOOK_DEFAULTS: Final = {
    "DirectInternetAccess": "Enabled",
    "RootAccess": "Enabled",
    "VolumeSizeInGB": 5,
    "PlatformIdentifier": "notebook-al2023-v1",
    "InstanceMetadataServiceConfiguration": {"MinimumInstanceMetadataServiceVersion": "1"},
}
# API reference, "StoppingCondition": "The default value is 1 day".
_TRAINING_DEFAULTS: Final = {
    "StoppingCondition": {"MaxRuntimeInSeconds": 86400},
    "EnableManagedSpotTraining": False,
    "EnableNetworkIsolation": False,
    "EnableInterContainerTrafficEncryption": False,
}


def _create_notebook(account: Planned, parameters: Parameters) -> Raw:
    name = named(parameters, "NotebookInstanceName")
    raw: Raw = {
        **_NOTEBOOK_DEFAULTS,
        **parameters,
        "SecurityGroups": parameters.get("SecurityGroupIds", []),
        "NotebookInstanceLifecycleConfigName": parameters.get("LifecycleConfigName"),
        # Names are case-insensitive, ARNs are written small.
        "NotebookInstanceArn": account.arn("sagemaker", f"notebook-instance/{name.lower()}"),
        "NotebookInstanceStatus": "InService",
        "CreationTime": account.taken_at,
        "LastModifiedTime": account.taken_at,
    }
    account.put("NotebookInstance", name, raw)
    return {"NotebookInstanceArn": raw["NotebookInstanceArn"]}


def _create_lifecycle(account: Planned, parameters: Parameters) -> Raw:
    name = named(parameters, "NotebookInstanceLifecycleConfigName")
    arn = account.arn("sagemaker", f"notebook-instance-lifecycle-config/{name.lower()}")
    raw = {**parameters, "NotebookInstanceLifecycleConfigArn": arn}
    account.put("NotebookLifecycle", name, raw)
    return {"NotebookInstanceLifecycleConfigArn": arn}


def _create_job(noun: str, *, kind: str, path: str, defaults: Mapping[str, Any]) -> Make:
    def make(account: Planned, parameters: Parameters) -> Raw:
        name = named(parameters, f"{noun}Name")
        raw: Raw = {
            **defaults,
            **parameters,
            f"{noun}Arn": account.arn("sagemaker", f"{path}/{name.lower()}"),
            f"{noun}Status": "InProgress",
            "CreationTime": account.taken_at,
        }
        account.put(kind, name, raw)
        return {f"{noun}Arn": raw[f"{noun}Arn"]}

    return make


def _create_model(account: Planned, parameters: Parameters) -> Raw:
    name = named(parameters, "ModelName")
    arn = account.arn("sagemaker", f"model/{name.lower()}")
    raw: Raw = {
        "EnableNetworkIsolation": False,
        **parameters,
        "ModelArn": arn,
        "CreationTime": account.taken_at,
    }
    account.put("Model", name, raw)
    return {"ModelArn": arn}


def _create_endpoint_config(account: Planned, parameters: Parameters) -> Raw:
    name = named(parameters, "EndpointConfigName")
    required(parameters, "ProductionVariants")
    arn = account.arn("sagemaker", f"endpoint-config/{name.lower()}")
    raw: Raw = {**parameters, "EndpointConfigArn": arn, "CreationTime": account.taken_at}
    account.put("EndpointConfig", name, raw)
    return {"EndpointConfigArn": arn}


def _create_endpoint(account: Planned, parameters: Parameters) -> Raw:
    name, config_name = named(parameters, "EndpointName"), named(parameters, "EndpointConfigName")
    arn = account.arn("sagemaker", f"endpoint/{name.lower()}")
    # Without its configuration nobody can say what an endpoint runs: no half-read resource.
    config = account.find("EndpointConfig", config_name) or account.get(
        "Endpoint", config_name, arn=arn
    )
    raw: Raw = {
        "EndpointName": name,
        "EndpointArn": arn,
        "EndpointConfigName": config_name,
        "EndpointStatus": "InService",
        "CreationTime": account.taken_at,
        "LastModifiedTime": account.taken_at,
    }
    for member in ("ProductionVariants", "ShadowProductionVariants"):
        raw[member] = [_running(variant) for variant in config.get(member, ())]
    account.put("Endpoint", name, raw)
    return {"EndpointArn": arn}


def _running(variant: Raw) -> Raw:
    running: Raw = {"VariantName": variant["VariantName"]}
    if "InitialInstanceCount" in variant:
        count = variant["InitialInstanceCount"]
        running |= {"CurrentInstanceCount": count, "DesiredInstanceCount": count}
    return running


def _tagged(make: Make) -> Make:
    """Return what makes the same, and its tags beside it, where there are any."""

    def make_with_tags(account: Planned, parameters: Parameters) -> Raw:
        answer = make(account, parameters)
        if parameters.get("Tags"):
            (arn,) = answer.values()
            account.put("TagSet", arn, {"ResourceARN": arn, "Tags": parameters["Tags"]})
        return answer

    return make_with_tags


_MAKES: Final[Mapping[str, Make]] = {
    "sagemaker:CreateNotebookInstance": _create_notebook,
    "sagemaker:CreateNotebookInstanceLifecycleConfig": _create_lifecycle,
    "sagemaker:CreateTrainingJob": _create_job(
        "TrainingJob", kind="TrainingJob", path="training-job", defaults=_TRAINING_DEFAULTS
    ),
    "sagemaker:CreateHyperParameterTuningJob": _create_job(
        "HyperParameterTuningJob",
        kind="TuningJob",
        path="hyper-parameter-tuning-job",
        defaults={},
    ),
    "sagemaker:CreateProcessingJob": _create_job(
        "ProcessingJob", kind="ProcessingJob", path="processing-job", defaults={}
    ),
    "sagemaker:CreateTransformJob": _create_job(
        "TransformJob", kind="TransformJob", path="transform-job", defaults={}
    ),
    "sagemaker:CreateModel": _create_model,
    "sagemaker:CreateEndpointConfig": _create_endpoint_config,
    "sagemaker:CreateEndpoint": _create_endpoint,
}

OPERATIONS: Final[Mapping[str, Make]] = {name: _tagged(make) for name, make in _MAKES.items()}
