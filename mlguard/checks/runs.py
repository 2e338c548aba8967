"""What runs as a role: functions, notebooks, jobs, models and instances, as far as was read."""

from collections.abc import Iterable, Iterator, Mapping
from itertools import chain
from typing import Final, TypeAlias, TypeVar

from mlguard.check import Context
from mlguard.resources.base import Resource
from mlguard.resources.functions import EventSource, Function, FunctionEnvironment, FunctionVersion
from mlguard.resources.hosting import Endpoint, EndpointConfig, Model
from mlguard.resources.iam import Role
from mlguard.resources.instances import Instance
from mlguard.resources.jobs import ProcessingJob, TrainingJob, TuningJob
from mlguard.resources.notebooks import NotebookInstance
from mlguard.workload import Needs, needs, roles_of

K = TypeVar("K", bound=Resource)

Job: TypeAlias = TrainingJob | TuningJob | ProcessingJob

ALL: Final[tuple[type[Resource], ...]] = (
    *(Function, FunctionVersion, NotebookInstance, TrainingJob, TuningJob, ProcessingJob),
    *(Model, EndpointConfig, Instance),
)
NEEDED: Final[tuple[type[Resource], ...]] = (FunctionEnvironment, Endpoint, EventSource)
"""What tells more of what a workload needs."""

SORTS: Final[Mapping[type[Resource], str]] = {
    Function: "functions",
    FunctionVersion: "functions",
    NotebookInstance: "notebooks",
    TrainingJob: "training jobs",
    TuningJob: "training jobs",
    ProcessingJob: "processing jobs",
    Model: "models",
    EndpointConfig: "models",
    Instance: "EC2 instances",
}
"""The sort of work that a kind does."""

WITHIN_SAGEMAKER: Final = frozenset({"notebooks", "training jobs", "processing jobs", "models"})

_AT_WORK: Final = frozenset({"InProgress", "Stopping"})


def runs_as(role: Role, context: Context, kinds: Iterable[type[Resource]]) -> Iterator[Resource]:
    """Yield what runs as the role, of the kinds that the source reads; gaps are remembered.

    A job that ended long ago does not count.
    """
    for kind in kinds:
        if context.covers(kind):
            # iam:PassRole reaches roles of the same account only.
            found = context.all(kind, account=role.account)
            yield from (one for one in found if _runs_as(one, role) and is_current(one, context))


def name_of(workload: Resource) -> str:
    """Return what to call it: a version goes by the name of its function."""
    is_version = isinstance(workload, FunctionVersion)
    return workload.name.partition(":")[0] if is_version else workload.name


def is_used(role: Role, context: Context) -> bool:
    """Return whether anything runs as the role; gaps are remembered only where nothing does."""
    met = len(context.met)
    used = any(True for _ in runs_as(role, context, ALL))
    if used:
        del context.met[met:]
    return used


def is_current(resource: Resource, context: Context) -> bool:
    """Return whether the resource is at work, or was made while a role would count as used."""
    if not isinstance(resource, Job):
        return True
    age = (context.today - resource.created_at.date()).days
    return resource.status in _AT_WORK or age <= context.policy.role_unused_days


def needs_of(workloads: Iterable[Resource], context: Context) -> Needs:
    """Return what the workloads need between them, as far as it can be told."""
    found = [one for one in (_needs(workload, context) for workload in workloads) if one]
    return Needs(
        needs=tuple(dict.fromkeys(chain.from_iterable(one.needs for one in found))),
        notes=tuple(dict.fromkeys(chain.from_iterable(one.notes for one in found))),
    )


def _needs(workload: Resource, context: Context) -> Needs | None:
    if not isinstance(workload, Function):
        return needs(workload)
    # What could not be read of any of them may be what this one needs.
    for kind in (FunctionEnvironment, Endpoint, EventSource):
        _all(kind, context)
    environment = context.environment(workload)
    values = () if environment is None else sorted(set(environment.variables.values()))
    found = (context.called(Endpoint, (value,), near=workload) for value in values)
    named = {endpoint.arn: endpoint for endpoint in found if endpoint is not None}
    return needs(
        workload,
        endpoints=[named[arn] for arn in sorted(named)],
        event_sources=context.of_function(EventSource, workload),
    )


def _runs_as(resource: Resource, role: Role) -> bool:
    if isinstance(resource, Instance):
        return resource.instance_profile_arn in role.instance_profiles
    return role.arn in roles_of(resource)


def _all(kind: type[K], context: Context) -> tuple[K, ...]:
    return context.all(kind) if context.covers(kind) else ()
