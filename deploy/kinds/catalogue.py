"""All operations that a pipeline file may hold, and the order in which they are undone."""

from collections.abc import Mapping
from typing import Final

from deploy.errors import DeployError
from deploy.kind import Kind
from deploy.kinds import functions, identity, machines, models, storage, watching
from deploy.pipeline import Step

KINDS: Final[Mapping[str, Kind]] = {
    **storage.KINDS,
    **identity.KINDS,
    **models.KINDS,
    **functions.KINDS,
    **watching.KINDS,
    **machines.KINDS,
}

_FIRST: Final = (
    "sagemaker:CreateEndpoint",
    "application-autoscaling:PutScalingPolicy",
    "application-autoscaling:RegisterScalableTarget",
    "sagemaker:CreateEndpointConfig",
    "sagemaker:CreateModel",
    "lambda:PutProvisionedConcurrencyConfig",
    "lambda:CreateFunction",
    "ec2:RunInstances",
    "sagemaker:CreateTrainingJob",
    "sagemaker:CreateHyperParameterTuningJob",
    "sagemaker:CreateNotebookInstance",
)
# A role holds its policies and profiles, and a boundary must outlive what it bounds.
_LAST: Final = (
    "iam:AddRoleToInstanceProfile",
    "iam:CreateInstanceProfile",
    "iam:AttachRolePolicy",
    "iam:PutRolePolicy",
    "iam:PutRolePermissionsBoundary",
    "iam:CreateRole",
    "iam:CreatePolicy",
    "kms:CreateAlias",
    "kms:CreateKey",
)


def kind_of(step: Step) -> Kind:
    """Return what the step makes; raises DeployError for an operation that is not known."""
    call = f"{step.service}:{step.operation}"
    if call not in KINDS:
        raise DeployError(
            f"step {step.id!r}: what {call} makes is not known, so that it could be neither "
            "repeated nor taken away; known are the operations in deploy/kinds"
        )
    return KINDS[call]


def undone(steps: tuple[Step, ...]) -> tuple[Step, ...]:
    """Return the steps as they are undone: what is paid by the hour first, roles last."""
    latest_first = steps[::-1]
    return tuple(sorted(latest_first, key=_rank))


def _rank(step: Step) -> int:
    call = f"{step.service}:{step.operation}"
    if call in _FIRST:
        return _FIRST.index(call) - len(_FIRST)
    return _LAST.index(call) + 1 if call in _LAST else 0
