"""SageMaker: the lists, stops and updates that moto lacks."""

from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from typing import Any, Final

from mlguard.sources.demo import gap_memory
from mlguard.sources.demo.gap_call import Amend, Answer, Call, Paging, Refused

_PAGING: Final = Paging(
    limit="MaxResults",
    token="NextToken",  # noqa: S106  # the name of a parameter
    next_token="NextToken",  # noqa: S106  # the name of a parameter
    default=10,
    refusal="ValidationException",
)

# Of these moto can create none, so that there is none to list.
_NEVER_CREATED: Final = {
    "ListApps": "Apps",
    "ListCodeRepositories": "CodeRepositorySummaryList",
    "ListInferenceComponents": "InferenceComponents",
    "ListMlflowTrackingServers": "TrackingServerSummaries",
    "ListMonitoringSchedules": "MonitoringScheduleSummaries",
    "ListSpaces": "Spaces",
    "ListStudioLifecycleConfigs": "StudioLifecycleConfigs",
    "ListUserProfiles": "UserProfiles",
}

# Where moto keeps the jobs, what names one, where its status stands, what AWS calls it.
_JOBS: Final = {
    "StopHyperParameterTuningJob": (
        "hyper_parameter_tuning_jobs",
        "HyperParameterTuningJobName",
        "hyper_parameter_tuning_job_status",
        "hyper parameter tuning job",
    ),
    "StopTrainingJob": (
        "training_jobs",
        "TrainingJobName",
        "training_job_status",
        "training job",
    ),
    "StopTransformJob": (
        "transform_jobs",
        "TransformJobName",
        "transform_job_status",
        "transform job",
    ),
}

_RETAINED: Final = {
    "DesiredInstanceCount": ("CurrentInstanceCount", "DesiredInstanceCount"),
    "DesiredWeight": ("CurrentWeight", "DesiredWeight"),
}

# What UpdateNotebookInstance changes in moto's record; the rest moto does not keep.
_NOTEBOOK_FIELDS: Final = {
    "AcceleratorTypes": "accelerator_types",
    "AdditionalCodeRepositories": "additional_code_repositories",
    "DefaultCodeRepository": "default_code_repository",
    "InstanceType": "instance_type",
    "LifecycleConfigName": "lifecycle_config_name",
    "RoleArn": "role_arn",
    "RootAccess": "root_access",
    "VolumeSizeInGB": "volume_size_in_gb",
}
_DISASSOCIATED: Final = {
    "DisassociateAcceleratorTypes": "accelerator_types",
    "DisassociateAdditionalCodeRepositories": "additional_code_repositories",
    "DisassociateDefaultCodeRepository": "default_code_repository",
    "DisassociateLifecycleConfig": "lifecycle_config_name",
}


def _now() -> datetime:
    """Return the time as moto keeps it: UTC, without saying so."""
    return datetime.now(UTC).replace(tzinfo=None)


def _nothing(key: str) -> Answer:
    def answer(_: Call) -> Mapping[str, Any]:
        return {key: []}

    return answer


def _list_lifecycle_configs(call: Call) -> Mapping[str, Any]:
    configs = call.backend("sagemaker").notebook_instance_lifecycle_configurations
    wanted = call.params.get("NameContains", "")
    entries = [
        {
            "NotebookInstanceLifecycleConfigName": name,
            "NotebookInstanceLifecycleConfigArn": config.arn,
            "CreationTime": config.creation_time.replace(tzinfo=UTC),
            "LastModifiedTime": config.last_modified_time.replace(tzinfo=UTC),
        }
        for name, config in sorted(configs.items())
        if wanted in name
    ]
    return _PAGING.page(call, "NotebookInstanceLifecycleConfigs", entries)


def _update_lifecycle_config(call: Call) -> Mapping[str, Any]:
    name = call.params["NotebookInstanceLifecycleConfigName"]
    config = call.backend("sagemaker").notebook_instance_lifecycle_configurations.get(name)
    if config is None:
        arn = call.arn("sagemaker", f"notebook-instance-lifecycle-config/{name}")
        raise Refused("ValidationException", f"Unable to update {arn}: it does not exist")
    config.on_create = call.params.get("OnCreate", config.on_create)
    config.on_start = call.params.get("OnStart", config.on_start)
    config.last_modified_time = _now()
    return {}


def _list_tuned_jobs(call: Call) -> Mapping[str, Any]:
    # moto records a tuning job without starting the training jobs of it.
    name = call.params["HyperParameterTuningJobName"]
    if name not in call.backend("sagemaker").hyper_parameter_tuning_jobs:
        raise Refused("ResourceNotFound", f"Could not find hyper parameter tuning job '{name}'.")
    return {"TrainingJobSummaries": []}


def _stop(call: Call) -> Mapping[str, Any]:
    # moto's jobs are Completed as soon as they are created, where AWS's would run: a job
    # counts as running until it is stopped.
    shelf, member, status, noun = _JOBS[call.model.name]
    name = call.params[member]
    job = getattr(call.backend("sagemaker"), shelf).get(name)
    if job is None:
        raise Refused("ResourceNotFound", f"Could not find {noun} '{name}'.")
    if getattr(job, status) == "Stopped":
        raise Refused(
            "ValidationException",
            f"The request was rejected because the {noun} is in status Stopped.",
        )
    setattr(job, status, "Stopped")
    if hasattr(job, "secondary_status"):
        job.secondary_status = "Stopped"
    job.last_modified_time = _now()
    return {}


def _update_endpoint(call: Call) -> Mapping[str, Any]:
    backend = call.backend("sagemaker")
    name, wanted = call.params["EndpointName"], call.params["EndpointConfigName"]
    endpoint, config = backend.endpoints.get(name), backend.endpoint_configs.get(wanted)
    if endpoint is None:
        arn = call.arn("sagemaker", f"endpoint/{name}")
        raise Refused("ValidationException", f"Could not find endpoint '{arn}'.")
    if config is None:
        arn = call.arn("sagemaker", f"endpoint-config/{wanted}")
        raise Refused("ValidationException", f"Could not find endpoint configuration '{arn}'.")
    kept = _retained(call.params)
    endpoint.endpoint_config_name = wanted
    endpoint.production_variants = _variants(
        config.production_variants, endpoint.production_variants, kept
    )
    if "DataCaptureConfig" not in kept:
        endpoint.data_capture_config = config.data_capture_config
    endpoint.last_modified_time = _now()
    return {"EndpointArn": endpoint.arn}


def _retained(params: Mapping[str, Any]) -> set[str]:
    """Return the variant properties that outlive the update: API reference, UpdateEndpoint."""
    if not params.get("RetainAllVariantProperties"):
        return set()
    excluded = params.get("ExcludeRetainedVariantProperties", ())
    return {*_RETAINED, "DataCaptureConfig"} - {entry["VariantPropertyType"] for entry in excluded}


def _variants(
    configured: Sequence[Mapping[str, Any]],
    running: Sequence[Mapping[str, Any]],
    kept: set[str],
) -> list[dict[str, Any]]:
    before = {variant["VariantName"]: variant for variant in running}
    variants = []
    for variant in configured:
        found = _variant(variant)
        for fields in (_RETAINED[name] for name in sorted(kept & _RETAINED.keys())):
            old = before.get(variant["VariantName"], {})
            found |= {member: old[member] for member in fields if member in old}
        variants.append(found)
    return variants


def _variant(configured: Mapping[str, Any]) -> dict[str, Any]:
    sources = {
        "InitialInstanceCount": "InstanceCount",
        "InitialVariantWeight": "Weight",
        "ServerlessConfig": "ServerlessConfig",
    }
    variant: dict[str, Any] = {"VariantName": configured["VariantName"]}
    for source, suffix in sources.items():
        if source in configured:
            variant[f"Current{suffix}"] = variant[f"Desired{suffix}"] = configured[source]
    return variant


def _update_notebook(call: Call) -> Mapping[str, Any]:
    notebook = call.backend("sagemaker").get_notebook_instance(call.params["NotebookInstanceName"])
    _refuse_notebook(call, notebook)
    for member, attribute in _NOTEBOOK_FIELDS.items():
        if member in call.params:
            setattr(notebook, attribute, call.params[member])
    for flag, attribute in _DISASSOCIATED.items():
        if call.params.get(flag):
            setattr(notebook, attribute, None)
    notebook.last_modified_time = _now()
    gap_memory.remember(call, gap_memory.NOTEBOOK, call.params)
    for flag in _DISASSOCIATED:
        if call.params.get(flag):
            gap_memory.forget(call, gap_memory.NOTEBOOK, flag.removeprefix("Disassociate"))
    return {}


def _refuse_notebook(call: Call, notebook: Any) -> None:
    if notebook.status not in {"Stopped", "Failed"}:
        raise Refused(
            "ValidationException",
            f"Status ({notebook.status}) not in ([Stopped, Failed]). "
            f"Unable to transition to (Updating) for Notebook Instance ({notebook.arn})",
        )
    # "You can increase the volume size when you update a notebook instance, but you can't
    # decrease the volume size": API reference, UpdateNotebookInstance.
    if call.params.get("VolumeSizeInGB", notebook.volume_size_in_gb) < notebook.volume_size_in_gb:
        raise Refused("ValidationException", "The volume size of a notebook cannot be decreased")


def _describe_endpoint(call: Call, answer: dict[str, Any]) -> None:
    gap_memory.AMENDS["DescribeEndpoint"](call, answer)
    capture = answer.get("DataCaptureConfig")
    if capture is None:
        return
    config = call.backend("sagemaker").endpoint_configs.get(answer["EndpointConfigName"])
    given = config.data_capture_config if config else {}
    enabled = capture.get("EnableCapture", False)
    capture.setdefault("EnableCapture", enabled)
    capture.setdefault("CaptureStatus", "Started" if enabled else "Stopped")
    capture.setdefault("CurrentSamplingPercentage", given.get("InitialSamplingPercentage", 0))
    capture.setdefault("KmsKeyId", "")


ANSWERS: Final[Mapping[str, Answer]] = {
    **{operation: _nothing(key) for operation, key in _NEVER_CREATED.items()},
    **dict.fromkeys(_JOBS, _stop),
    "ListNotebookInstanceLifecycleConfigs": _list_lifecycle_configs,
    "ListTrainingJobsForHyperParameterTuningJob": _list_tuned_jobs,
    "UpdateEndpoint": _update_endpoint,
    "UpdateNotebookInstance": _update_notebook,
    "UpdateNotebookInstanceLifecycleConfig": _update_lifecycle_config,
}

AMENDS: Final[Mapping[str, Amend]] = {
    **gap_memory.AMENDS,
    "DescribeEndpoint": _describe_endpoint,
}
