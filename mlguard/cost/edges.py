"""What hangs together: notebook and job, job and model, model and endpoint, endpoint and caller."""

from collections.abc import Iterator
from typing import Final

from mlguard.resources.base import Resource
from mlguard.resources.functions import Function, FunctionEnvironment, ProvisionedConcurrency
from mlguard.resources.hosting import Endpoint, EndpointConfig, Model
from mlguard.resources.instances import Instance, Volume
from mlguard.resources.jobs import ProcessingJob, TrainingJob, TransformJob, TuningJob
from mlguard.resources.notebooks import NotebookInstance
from mlguard.snapshot import Inventory
from mlguard.workload import roles_of

_JOBS: Final[tuple[type[Resource], ...]] = (TuningJob, TrainingJob, ProcessingJob)


def edges(inventory: Inventory) -> Iterator[tuple[Resource, Resource]]:
    """Yield what hangs together, the surest first: an edge that tags forbid is passed over."""
    yield from _by_arn(inventory)
    yield from _by_file(inventory)
    yield from _by_model(inventory)
    yield from _by_call(inventory)
    yield from _by_role(inventory)


def _by_arn(inventory: Inventory) -> Iterator[tuple[Resource, Resource]]:
    for provisioned in inventory.of(ProvisionedConcurrency):
        if function := inventory.get(Function, provisioned.function_arn):
            yield function, provisioned
    for job in inventory.of(TrainingJob):
        if job.tuning_job_arn and (tuning := inventory.get(TuningJob, job.tuning_job_arn)):
            yield tuning, job
    volumes = {_home(one, one.arn.rpartition("/")[2]): one for one in inventory.of(Volume)}
    for instance in inventory.of(Instance):
        for volume_id in instance.volumes:
            if volume := volumes.get(_home(instance, volume_id)):
                yield instance, volume


def _by_file(inventory: Inventory) -> Iterator[tuple[Resource, Resource]]:
    """Yield model and job by the model's file."""
    jobs = {_home(job, job.name): job for job in inventory.of(TrainingJob)}
    for model in inventory.of(Model):
        folders = [one.model_data_url.split("/") for one in model.containers if one.model_data_url]
        for name in dict.fromkeys(name for parts in folders for name in parts):
            job = jobs.get(_home(model, name))
            if job is not None and _is_made_by(model, job):
                yield model, job


def _by_model(inventory: Inventory) -> Iterator[tuple[Resource, Resource]]:
    """Yield what hosts or runs a model by its name."""
    for config in inventory.of(EndpointConfig):
        names = (one.model_name for one in (*config.variants, *config.shadow_variants))
        for wanted in dict.fromkeys(names):
            for model in inventory.named(Model, wanted, near=config):
                yield config, model
    for endpoint in inventory.of(Endpoint):
        for config in inventory.named(EndpointConfig, endpoint.config_name, near=endpoint):
            yield endpoint, config
    for transform in inventory.of(TransformJob):
        for model in inventory.named(Model, transform.model_name, near=transform):
            yield model, transform


def _home(resource: Resource, name: str) -> tuple[str, str, str]:
    return resource.account, resource.region, name


def _is_made_by(model: Model, job: TrainingJob) -> bool:
    """Return whether the model's file is where the job writes it.

    SageMaker API reference, "OutputDataConfig": below S3OutputPath, in a folder of the job's name.
    """
    if job.spec.output_uri is None:
        return False
    folder = f"{job.spec.output_uri.rstrip('/')}/{job.name}/"
    return any((one.model_data_url or "").startswith(folder) for one in model.containers)


def _by_call(inventory: Inventory) -> Iterator[tuple[Resource, Resource]]:
    """Yield endpoint and function by the function's environment (`workload.names_endpoint`)."""
    called: dict[tuple[str, str, str], list[Endpoint]] = {}
    for endpoint in inventory.of(Endpoint):
        for name in {endpoint.name, endpoint.arn}:
            called.setdefault(_home(endpoint, name), []).append(endpoint)
    for environment in inventory.of(FunctionEnvironment):
        function = inventory.get(Function, environment.arn)
        if function is None:
            continue
        values = sorted(set(environment.variables.values()))
        found = [one for value in values for one in called.get(_home(environment, value), ())]
        for endpoint in sorted({one.arn: one for one in found}.values(), key=lambda one: one.arn):
            yield endpoint, function


def _by_role(inventory: Inventory) -> Iterator[tuple[Resource, Resource]]:
    """Yield notebook and job that run under one role: the notebook passes it to what it starts."""
    run: dict[tuple[str, str, str], list[Resource]] = {}
    for kind in _JOBS:
        for job in inventory.of(kind):
            for role in roles_of(job):
                run.setdefault(_home(job, role), []).append(job)
    for notebook in inventory.of(NotebookInstance):
        for job in run.get(_home(notebook, notebook.role_arn), ()):
            yield job, notebook
