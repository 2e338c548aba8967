"""A pipeline before it is deployed: its steps, interpreted as AWS would answer for them.

Nothing is called. A plan cannot tell what was used, or when: metrics, credential reports and last
uses are not covered. What a step changes without the file making it stands in the account, unread:
a Gap. A policy that AWS keeps is attached by name only; the checks that need its text say so.
"""

from collections.abc import Callable, Iterator, Mapping
from datetime import datetime
from types import MappingProxyType
from typing import Any, Final

from mlguard.errors import FileError
from mlguard.resources.base import GLOBAL, Resource
from mlguard.resources.functions import (
    EventSource,
    Function,
    FunctionAlias,
    FunctionEnvironment,
    FunctionPolicy,
    FunctionUrl,
    FunctionVersion,
    ProvisionedConcurrency,
)
from mlguard.resources.hosting import Endpoint, EndpointConfig, Model
from mlguard.resources.iam import Group, ManagedPolicy, Role, User
from mlguard.resources.instances import Image, Instance, SecurityGroup, Volume
from mlguard.resources.jobs import ProcessingJob, TrainingJob, TransformJob, TuningJob
from mlguard.resources.kinds import AnyResource
from mlguard.resources.notebooks import NotebookInstance, NotebookLifecycle
from mlguard.resources.scaling import Alarm, ScalableTarget, ScalingPolicy, ScheduledAction
from mlguard.resources.tags import TagSet
from mlguard.snapshot import Gap, GapReason, Snapshot, ordered
from mlguard.sources.base import Home
from mlguard.sources.pipeline import (
    elsewhere,
    functions,
    identities,
    instances,
    sagemaker,
    scaling,
)
from mlguard.sources.pipeline.managed import shipped
from mlguard.sources.pipeline.planned import Make, NotMade, Planned
from mlguard.sources.pipeline.steps import (
    Answers,
    Fault,
    Pipeline,
    Step,
    decode,
    references,
    resolve,
)
from mlguard.sources.readers import functions as read_functions
from mlguard.sources.readers import hosting as read_hosting
from mlguard.sources.readers import iam as read_iam
from mlguard.sources.readers import instances as read_instances
from mlguard.sources.readers import jobs as read_jobs
from mlguard.sources.readers import notebooks as read_notebooks
from mlguard.sources.readers import scaling as read_scaling
from mlguard.sources.readers import tags as read_tags
from mlguard.workload import roles_of

OPERATIONS: Final[Mapping[str, Make]] = MappingProxyType(
    {
        **identities.OPERATIONS,
        **sagemaker.OPERATIONS,
        **scaling.OPERATIONS,
        **functions.OPERATIONS,
        **instances.OPERATIONS,
        **elsewhere.OPERATIONS,
    }
)
"""Every call that is understood, as `service:Operation`."""


def _function_policy(raw: Mapping[str, Any], home: Home) -> FunctionPolicy:
    return read_functions.function_policy(
        raw, home, function_arn=raw["FunctionArn"], qualifier=raw["Qualifier"]
    )


Read = Callable[[Mapping[str, Any], Home], AnyResource]

_READERS: Final[Mapping[type[Resource], Read]] = MappingProxyType(
    {
        Role: read_iam.role,
        User: read_iam.user,
        Group: read_iam.group,
        ManagedPolicy: read_iam.managed_policy,
        NotebookInstance: read_notebooks.notebook_instance,
        NotebookLifecycle: read_notebooks.notebook_lifecycle,
        TrainingJob: read_jobs.training_job,
        TuningJob: read_jobs.tuning_job,
        ProcessingJob: read_jobs.processing_job,
        TransformJob: read_jobs.transform_job,
        Model: read_hosting.model,
        EndpointConfig: read_hosting.endpoint_config,
        Endpoint: read_hosting.endpoint,
        ScalableTarget: read_scaling.scalable_target,
        ScalingPolicy: read_scaling.scaling_policy,
        ScheduledAction: read_scaling.scheduled_action,
        Alarm: read_scaling.alarm,
        Function: read_functions.function,
        FunctionEnvironment: read_functions.function_environment,
        FunctionVersion: read_functions.function_version,
        FunctionAlias: read_functions.function_alias,
        FunctionPolicy: _function_policy,
        FunctionUrl: read_functions.function_url,
        ProvisionedConcurrency: read_functions.provisioned_concurrency,
        EventSource: read_functions.event_source,
        Instance: read_instances.instance,
        Image: read_instances.image,
        Volume: read_instances.volume,
        SecurityGroup: read_instances.security_group,
        TagSet: read_tags.tag_set,
    }
)

COVERS: Final = tuple(sorted(kind.__name__ for kind in _READERS))
"""The kinds that a plan can state."""

_GLOBAL_KINDS: Final = frozenset({"Role", "User", "Group", "ManagedPolicy"})

# What an operation that is not understood may make or change, by service.
_KINDS: Final[Mapping[str, tuple[type[Resource], ...]]] = MappingProxyType(
    {
        "iam": (Role, User, Group, ManagedPolicy),
        "sagemaker": (
            *(NotebookInstance, NotebookLifecycle, TrainingJob, TuningJob, ProcessingJob),
            *(TransformJob, Model, EndpointConfig, Endpoint, TagSet),
        ),
        "application-autoscaling": (ScalableTarget, ScalingPolicy, ScheduledAction),
        "cloudwatch": (Alarm,),
        "lambda": (
            *(Function, FunctionEnvironment, FunctionVersion, FunctionAlias, FunctionPolicy),
            *(FunctionUrl, ProvisionedConcurrency, EventSource),
        ),
        "ec2": (Instance, Image, Volume, SecurityGroup),
    }
)


class PipelineFile:
    """A Source: the bytes of a pipeline file."""

    def __init__(self, text: bytes, *, name: str, taken_at: datetime) -> None:
        self._text = text
        self._name = name
        self._taken_at = taken_at

    def collect(self) -> Snapshot:
        """Return what the steps would make; raises FileError naming file, place and cure."""
        pipeline = decode(self._text, name=self._name)
        home = Home(
            account=pipeline.account,
            region=pipeline.region,
            partition=_partition(pipeline.region),
        )
        account = Planned(home=home, taken_at=self._taken_at)
        gaps = tuple(_Interpreter(account, name=self._name).run(pipeline))
        planned = tuple(self._read(account))
        resources = (*planned, *shipped(planned))
        return Snapshot(
            source="pipeline",
            taken_at=self._taken_at,
            accounts=(home.account,),
            regions=(home.region,),
            covers=COVERS,
            resources=ordered(resources),
            gaps=(*gaps, *_roles_elsewhere(resources, home)),
        )

    def _read(self, account: Planned) -> Iterator[AnyResource]:
        for kind, read in _READERS.items():
            home = _home_of(kind.__name__, account.home)
            for raw in account.all(kind.__name__):
                try:
                    yield read(raw, home)
                except (KeyError, TypeError, ValueError) as error:
                    raise FileError(
                        f"{self._name}: {account.made_by(raw)}: {_plain(error)}; "
                        "give the parameters that AWS requires, in its types"
                    ) from error


class _Interpreter:
    """Goes through the steps; what it cannot follow becomes a Gap."""

    def __init__(self, account: Planned, *, name: str) -> None:
        self._account = account
        self._name = name
        self._answers: dict[str, Any] = {}
        self._unanswered: set[str] = set()

    def run(self, pipeline: Pipeline) -> Iterator[Gap]:
        for index, step in enumerate(pipeline.steps):
            self._account.place = f"steps[{index}].parameters"
            gap = self._unknown(step) or self._take(step, index)
            if gap is not None:
                self._unanswered.add(step.id)
                yield gap

    def _unknown(self, step: Step) -> Gap | None:
        """Return a Gap for a call that is not understood, or needs the answer of one."""
        lost = sorted(self._unanswered.intersection(references(step.parameters)))
        if step.call in OPERATIONS and not lost:
            return None
        detail = f"step {step.id!r}: mlguard does not know what {step.call} makes"
        if lost:
            detail = f"step {step.id!r} needs the answer of {lost[0]!r}, which is not known"
        kinds = tuple(kind.__name__ for kind in _KINDS.get(step.service, ()))
        return self._gap(step, kinds=kinds, reason=GapReason.UNSUPPORTED, detail=detail)

    def _take(self, step: Step, index: int) -> Gap | None:
        answers: Answers = self._answers
        try:
            parameters = resolve(step.parameters, answers)
            self._answers[step.id] = OPERATIONS[step.call](self._account, parameters)
        except NotMade as missing:
            detail = f"step {step.id!r}: {missing}: what stands in the account was not read"
            reason, kinds = GapReason.INCOMPLETE, (missing.kind,)
            return self._gap(step, kinds=kinds, reason=reason, detail=detail, subject=missing.arn)
        except Fault as fault:
            raise FileError(f"{self._name}: steps[{index}].{fault.path}: {fault.reason}") from fault
        except (AttributeError, KeyError, TypeError, ValueError) as error:
            raise FileError(
                f"{self._name}: steps[{index}].parameters: {_plain(error)}; "
                f"give what {step.call} requires, in its types"
            ) from error
        return None

    def _gap(
        self,
        step: Step,
        *,
        kinds: tuple[str, ...],
        reason: GapReason,
        detail: str,
        subject: str | None = None,
    ) -> Gap:
        everywhere = kinds and all(kind in _GLOBAL_KINDS for kind in kinds)
        return Gap(
            kinds=kinds,
            account=self._account.home.account,
            region=GLOBAL if everywhere else self._account.home.region,
            operation=step.call,
            reason=reason,
            detail=detail,
            subject=subject,
        )


def _roles_elsewhere(resources: tuple[AnyResource, ...], home: Home) -> Iterator[Gap]:
    """Yield a Gap for each role that something here works with and no step makes."""
    made = {resource.arn for resource in resources if isinstance(resource, Role)}
    users: dict[str, str] = {}
    for resource in resources:
        for arn in roles_of(resource):
            users.setdefault(arn, resource.name)
    for arn, user in sorted(users.items()):
        if arn in made:
            continue
        yield Gap(
            kinds=(Role.__name__,),
            account=home.account,
            region=GLOBAL,
            operation="iam:CreateRole",
            reason=GapReason.INCOMPLETE,
            detail=f"{user} works with this role, which no step makes: audit the account for it",
            subject=arn,
        )


def _home_of(kind: str, home: Home) -> Home:
    if kind not in _GLOBAL_KINDS:
        return home
    return Home(account=home.account, region=GLOBAL, partition=home.partition)


def _partition(region: str) -> str:
    prefixes = {"cn-": "aws-cn", "us-gov-": "aws-us-gov"}
    found = (name for prefix, name in prefixes.items() if region.startswith(prefix))
    return next(found, "aws")


def _plain(error: Exception) -> str:
    return f"{error} is missing" if isinstance(error, KeyError) else str(error)
