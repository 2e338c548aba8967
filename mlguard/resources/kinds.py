"""Every kind of resource, and where a kind lives: the one list that files and sources share."""

from typing import Final

from mlguard.resources.base import Resource
from mlguard.resources.functions import (
    EventSource,
    Function,
    FunctionAlias,
    FunctionEnvironment,
    FunctionPolicy,
    FunctionUrl,
    FunctionVersion,
    LambdaAccount,
    ProvisionedConcurrency,
)
from mlguard.resources.hosting import Endpoint, EndpointConfig, Model
from mlguard.resources.iam import Group, ManagedPolicy, Role, User, UserCredentials
from mlguard.resources.instances import Image, Instance, SecurityGroup, Volume
from mlguard.resources.jobs import ProcessingJob, TrainingJob, TransformJob, TuningJob
from mlguard.resources.metrics import MetricSeries
from mlguard.resources.notebooks import NotebookInstance, NotebookLifecycle
from mlguard.resources.scaling import Alarm, ScalableTarget, ScalingPolicy, ScheduledAction
from mlguard.resources.tags import TagSet

AnyResource = (
    Role
    | User
    | Group
    | ManagedPolicy
    | UserCredentials
    | NotebookInstance
    | NotebookLifecycle
    | TrainingJob
    | TuningJob
    | ProcessingJob
    | TransformJob
    | Model
    | EndpointConfig
    | Endpoint
    | ScalableTarget
    | ScalingPolicy
    | ScheduledAction
    | Alarm
    | Function
    | FunctionEnvironment
    | FunctionVersion
    | FunctionAlias
    | FunctionPolicy
    | FunctionUrl
    | ProvisionedConcurrency
    | EventSource
    | LambdaAccount
    | Instance
    | Image
    | Volume
    | SecurityGroup
    | MetricSeries
    | TagSet
)

KINDS: Final[dict[str, type[Resource]]] = {kind.__name__: kind for kind in AnyResource.__args__}
"""Name of a kind -> its type; the name is the `kind` in our files."""
