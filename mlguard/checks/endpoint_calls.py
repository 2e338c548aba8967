"""Which functions call an endpoint, as far as their environment and their role tell."""

from dataclasses import dataclass
from typing import Final

from mlguard.check import Confidence, Context
from mlguard.checks.grants import documents, is_aws_managed
from mlguard.resources.functions import Function
from mlguard.resources.hosting import Endpoint
from mlguard.resources.iam import AttachedPolicy, Role
from mlguard.workload import INVOKE_ENDPOINT, invokes_endpoints

_SAGEMAKER: Final = "AmazonSageMakerFullAccess"


@dataclass(frozen=True, slots=True, kw_only=True)
class EndpointCall:
    """Why we think that a function calls an endpoint, and how sure we are."""

    reason: str
    confidence: Confidence


def endpoint_call(function: Function, context: Context) -> EndpointCall | None:
    """Return why the function is thought to call an endpoint, None if nothing says so."""
    named = named_endpoint(function, context)
    if named is not None:
        reason = f"its environment names endpoint {named.name}"
        return EndpointCall(reason=reason, confidence=Confidence.HIGH)
    role = context.get(Role, function.role_arn, near=function)
    if role is None or not _role_invokes(role, function, context):
        return None
    reason = f"its role {role.name} allows {INVOKE_ENDPOINT}"
    return EndpointCall(reason=reason, confidence=Confidence.MEDIUM)


def named_endpoint(function: Function, context: Context) -> Endpoint | None:
    """Return the endpoint that the function's environment names, None if it names none."""
    environment = context.environment(function)
    values = () if environment is None else sorted(set(environment.variables.values()))
    return context.called(Endpoint, values, near=function)


def _role_invokes(role: Role, function: Function, context: Context) -> bool:
    """Return whether the role speaks of invoking endpoints; gaps count only where none does."""
    if any(_is_known_to_invoke(policy) for policy in role.attached_policies):
        return True
    met = len(context.met)
    readable = documents(role, context, wanted=_may_speak_of_endpoints)
    for _, document in readable:
        if invokes_endpoints(document, function=function):
            del context.met[met:]
            return True
    return False


def _is_known_to_invoke(policy: AttachedPolicy) -> bool:
    return is_aws_managed(policy) and policy.name == _SAGEMAKER


def _may_speak_of_endpoints(policy: AttachedPolicy) -> bool:
    """Return whether it is worth reading: AWS's policies for Lambda's own needs are not."""
    return not (is_aws_managed(policy) and policy.name.startswith("AWSLambda"))
