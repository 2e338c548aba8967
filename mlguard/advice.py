"""The least policy for a role, from the workloads that run under it, held against what it has."""

import difflib
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from itertools import chain

from mlguard.errors import MlguardError
from mlguard.iam.comparison.compare import Comparison, compare
from mlguard.iam.language.actions import actions
from mlguard.iam.suggestion.suggest import Suggestion, suggest
from mlguard.principals import Subject, principals
from mlguard.resources.base import Resource
from mlguard.resources.functions import EventSource, Function, FunctionEnvironment
from mlguard.resources.hosting import Endpoint, EndpointConfig, Model
from mlguard.resources.iam import Role
from mlguard.resources.jobs import ProcessingJob, TrainingJob, TuningJob
from mlguard.resources.notebooks import NotebookInstance
from mlguard.snapshot import Gap, Snapshot
from mlguard.workload import Needs, names_endpoint, needs, roles_of

Workload = Function | TrainingJob | TuningJob | ProcessingJob | Model | NotebookInstance


class AdviceError(MlguardError):
    """Advice was asked for a role that is not there, or that nothing is known to use."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Advice:
    """What a role needs, and how what it has compares.

    `wider` are requests that the role's policies allow and the suggestion does not; `missing` the
    other way about. `gaps` are what was not read and may use the role too.
    """

    role: str
    users: tuple[str, ...]
    suggestion: Suggestion
    notes: tuple[str, ...]
    wider: Comparison
    missing: Comparison
    gaps: tuple[Gap, ...]


def advise(snapshot: Snapshot, who: str) -> Advice:
    """Return the least policy for a role, named by ARN or name; raises AdviceError."""
    subject = role_named(snapshot, who)
    users = users_of(snapshot, subject.arn)
    if not users:
        raise AdviceError(
            f"nothing that was read runs as {subject.arn}: there is no workload to suggest from"
        )
    found = [needs_of(user, snapshot) for user in users]
    suggestion = suggest(chain.from_iterable(one.needs for one in found), sid_prefix="")
    has = [carrier.document for carrier in subject.policies.identity]
    names = actions().names
    kinds = {kind.__name__ for kind in Workload.__args__}
    return Advice(
        role=subject.arn,
        users=tuple(user.arn for user in users),
        suggestion=suggestion,
        notes=tuple(dict.fromkeys((*_notes(found), *suggestion.notes))),
        wider=compare(suggestion.documents, has, known_actions=names),
        missing=compare(has, suggestion.documents, known_actions=names),
        gaps=(*subject.gaps, *(gap for gap in snapshot.gaps if kinds.intersection(gap.kinds))),
    )


def role_named(snapshot: Snapshot, who: str) -> Subject:
    """Return the role with this ARN or name; raises AdviceError if there is none, or several."""
    everybody = principals(snapshot).subjects
    subjects = [one for one in everybody if isinstance(one.resource, Role)]
    found = [one for one in subjects if who in (one.arn, one.resource.name)]
    if len(found) == 1:
        return found[0]
    if found:
        raise AdviceError(f"{who!r} names several roles: give the ARN")
    if any(who in (one.arn, one.resource.name) for one in everybody):
        raise AdviceError(f"{who!r} is a user: functions and jobs run under roles")
    near = difflib.get_close_matches(who, [one.resource.name for one in subjects], n=3)
    hint = f"did you mean {' or '.join(near)}?" if near else f"the source has {len(subjects)} roles"
    raise AdviceError(f"no role is called {who!r}: {hint}")


def users_of(snapshot: Snapshot, role: str) -> list[Workload]:
    """Return the workloads that run under the role with this ARN."""
    workloads = (one for one in snapshot.resources if isinstance(one, Workload))
    return [one for one in workloads if role in roles_of(one)]


def needs_of(workload: Workload, snapshot: Snapshot) -> Needs:
    """Return what the workload's role has to be allowed, the notes telling what is not known."""
    found = needs(
        workload,
        endpoints=_called(workload, snapshot),
        event_sources=_sources(workload, snapshot),
        config=_config(workload, snapshot),
    )
    return found or Needs(needs=(), notes=(f"what {workload.arn} needs is not known",))


def _called(workload: Resource, snapshot: Snapshot) -> tuple[Endpoint, ...]:
    environments = [one for one in snapshot.of(FunctionEnvironment) if one.arn == workload.arn]
    return tuple(
        endpoint
        for endpoint in snapshot.of(Endpoint)
        for environment in environments
        if names_endpoint(environment, endpoint)
    )


def _sources(workload: Resource, snapshot: Snapshot) -> tuple[EventSource, ...]:
    return tuple(one for one in snapshot.of(EventSource) if one.function_arn == workload.arn)


def _config(workload: Workload, snapshot: Snapshot) -> EndpointConfig | None:
    """Return a configuration that hosts the model: where its data is captured, say."""
    if not isinstance(workload, Model):
        return None
    for config in snapshot.of(EndpointConfig):
        hosted = (variant.model_name for variant in config.variants)
        if config.region == workload.region and workload.name in hosted:
            return config
    return None


def _notes(found: Iterable[Needs]) -> Iterator[str]:
    return chain.from_iterable(one.notes for one in found)
