"""Application Auto Scaling: the SageMaker dimensions that moto refuses, and activities."""

from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any, Final
from uuid import uuid4

from mlguard.sources.demo.gap_call import Amend, Answer, Call, Paging, Refused

_PAGING: Final = Paging(
    limit="MaxResults",
    token="NextToken",  # noqa: S106  # the name of a parameter
    next_token="NextToken",  # noqa: S106  # the name of a parameter
    default=50,
    refusal="InvalidNextTokenException",
)

# A dimension that moto does not know, and how the resources that have it are named.
_OURS: Final = {
    "sagemaker:inference-component:DesiredCopyCount": "inference-component/",
    "sagemaker:variant:DesiredProvisionedConcurrency": "endpoint/",
}

_AWAKE: Final = {
    "DynamicScalingInSuspended": False,
    "DynamicScalingOutSuspended": False,
    "ScheduledScalingSuspended": False,
}

# The service-linked roles: user guide, "Service-linked roles for Application Auto Scaling".
_LINKED: Final = {
    "lambda": (
        "aws-service-role/lambda.application-autoscaling.amazonaws.com/"
        "AWSServiceRoleForApplicationAutoScaling_LambdaConcurrency"
    ),
    "sagemaker": (
        "aws-service-role/sagemaker.application-autoscaling.amazonaws.com/"
        "AWSServiceRoleForApplicationAutoScaling_SageMakerEndpoint"
    ),
}

_IDENTITY: Final = ("ServiceNamespace", "ResourceId", "ScalableDimension")


def _ours(call: Call) -> bool:
    return call.params.get("ScalableDimension") in _OURS


def _key(call: Call) -> tuple[str, str]:
    return call.params["ScalableDimension"], call.params["ResourceId"]


def _register(call: Call) -> Mapping[str, Any] | None:
    if not _ours(call):
        return None
    dimension, resource = _key(call)
    if call.params["ServiceNamespace"] != "sagemaker" or not resource.startswith(_OURS[dimension]):
        raise Refused(
            "ValidationException",
            "Unsupported service namespace, resource type or scalable dimension",
        )
    targets = call.room.shelf("targets")
    found = targets.get((dimension, resource)) or _new_target(call)
    changes = ("MinCapacity", "MaxCapacity", "RoleARN")
    found |= {name: call.params[name] for name in changes if name in call.params}
    found["SuspendedState"] = found["SuspendedState"] | call.params.get("SuspendedState", {})
    targets[dimension, resource] = found
    return {"ScalableTargetARN": found["ScalableTargetARN"]}


def _new_target(call: Call) -> dict[str, Any]:
    for bound in ("MinCapacity", "MaxCapacity"):
        if bound not in call.params:
            raise Refused("ValidationException", f"{bound} is required to register a target")
    return {
        **{name: call.params[name] for name in _IDENTITY},
        "RoleARN": _linked_role(call),
        "CreationTime": datetime.now(UTC),
        "SuspendedState": dict(_AWAKE),
        "ScalableTargetARN": call.arn("application-autoscaling", f"scalable-target/{uuid4().hex}"),
    }


def _linked_role(call: Call) -> str:
    return f"arn:aws:iam::{call.account}:role/{_LINKED[call.params['ServiceNamespace']]}"


def _deregister(call: Call) -> Mapping[str, Any] | None:
    if not _ours(call):
        return None
    _refuse_unregistered(call)
    del call.room.shelf("targets")[_key(call)]
    # "Deregistering a scalable target deletes the scaling policies that are associated with
    # it": API reference, DeregisterScalableTarget.
    policies = call.room.shelf("policies")
    for key in [key for key in policies if key[:2] == _key(call)]:
        del policies[key]
    return {}


def _refuse_unregistered(call: Call) -> None:
    if _key(call) in call.room.shelf("targets"):
        return
    namespace, resource, dimension = (call.params[name] for name in _IDENTITY)
    raise Refused(
        "ObjectNotFoundException",
        f"No scalable target registered for service namespace: {namespace}, "
        f"resource ID: {resource}, scalable dimension: {dimension}",
    )


def _put_policy(call: Call) -> Mapping[str, Any] | None:
    if not _ours(call):
        return None
    _refuse_unregistered(call)
    name = call.params["PolicyName"]
    policies = call.room.shelf("policies")
    old = policies.get((*_key(call), name), {})
    namespace, resource, _ = (call.params[part] for part in _IDENTITY)
    policies[(*_key(call), name)] = {
        # What AWS takes it for unless told: API reference, PutScalingPolicy.
        "PolicyType": "StepScaling",
        **call.params,
        "PolicyARN": old.get("PolicyARN")
        or call.arn(
            "autoscaling",
            f"scalingPolicy:{uuid4()}:resource/{namespace}/{resource}:policyName/{name}",
        ),
        "CreationTime": old.get("CreationTime") or datetime.now(UTC),
        "Alarms": [],
    }
    return {"PolicyARN": policies[(*_key(call), name)]["PolicyARN"], "Alarms": []}


def _delete_policy(call: Call) -> Mapping[str, Any] | None:
    if not _ours(call):
        return None
    if call.room.shelf("policies").pop((*_key(call), call.params["PolicyName"]), None) is None:
        raise Refused(
            "ObjectNotFoundException", f"No scaling policy found: {call.params['PolicyName']}"
        )
    return {}


def _targets(call: Call) -> list[dict[str, Any]]:
    wanted = call.params.get("ResourceIds")
    return [
        target
        for (dimension, resource), target in sorted(call.room.shelf("targets").items())
        if _asked(call, dimension) and (not wanted or resource in wanted)
    ]


def _policies(call: Call) -> list[dict[str, Any]]:
    names, wanted = call.params.get("PolicyNames"), call.params.get("ResourceId")
    return [
        policy
        for (dimension, resource, name), policy in sorted(call.room.shelf("policies").items())
        if _asked(call, dimension)
        and (wanted is None or resource == wanted)
        and (not names or name in names)
    ]


def _asked(call: Call, dimension: str) -> bool:
    if call.params["ServiceNamespace"] != "sagemaker":
        return False
    return call.params.get("ScalableDimension") in {None, dimension}


def _describe_targets(call: Call) -> Mapping[str, Any] | None:
    return _PAGING.page(call, "ScalableTargets", _targets(call)) if _ours(call) else None


def _describe_policies(call: Call) -> Mapping[str, Any] | None:
    return _PAGING.page(call, "ScalingPolicies", _policies(call)) if _ours(call) else None


def _add_targets(call: Call, answer: dict[str, Any]) -> None:
    for target in answer["ScalableTargets"]:
        if target["ServiceNamespace"] in _LINKED:
            target.setdefault("RoleARN", _linked_role(call))
            target["SuspendedState"] = _AWAKE | target.get("SuspendedState", {})
    # Ours follow on moto's last page.
    if not _ours(call) and not answer.get("NextToken"):
        answer["ScalableTargets"].extend(_targets(call))


def _add_policies(call: Call, answer: dict[str, Any]) -> None:
    if not _ours(call) and not answer.get("NextToken"):
        answer["ScalingPolicies"].extend(_policies(call))


def _activities(_: Call) -> Mapping[str, Any]:
    # moto never scales anything.
    return {"ScalingActivities": []}


ANSWERS: Final[Mapping[str, Answer]] = {
    "DeleteScalingPolicy": _delete_policy,
    "DeregisterScalableTarget": _deregister,
    "DescribeScalableTargets": _describe_targets,
    "DescribeScalingActivities": _activities,
    "DescribeScalingPolicies": _describe_policies,
    "PutScalingPolicy": _put_policy,
    "RegisterScalableTarget": _register,
}

AMENDS: Final[Mapping[str, Amend]] = {
    "DescribeScalableTargets": _add_targets,
    "DescribeScalingPolicies": _add_policies,
}
