"""What a workload needs: which function calls an endpoint, and how long that may take."""

from typing import Final

from mlguard.iam.document import Document, Effect, Statement
from mlguard.iam.wildcard import action_matches, fold, meets
from mlguard.resources.functions import Function, FunctionEnvironment
from mlguard.resources.hosting import Endpoint

INVOKE_ENDPOINT: Final = "sagemaker:InvokeEndpoint"

MODEL_LIMIT_S: Final = 60
"""A model container must answer within 60 seconds.

Amazon SageMaker API reference, "InvokeEndpoint".
"""

ENDPOINT_CALL_S: Final = MODEL_LIMIT_S + 5
"""What a caller needs to hear the slowest legal answer, and to pass it on."""


def names_endpoint(environment: FunctionEnvironment, endpoint: Endpoint) -> bool:
    """Return whether a function's environment holds the name or the ARN of the endpoint."""
    here = (environment.account, environment.region) == (endpoint.account, endpoint.region)
    return here and bool({endpoint.name, endpoint.arn} & set(environment.variables.values()))


def invokes_endpoints(document: Document, *, function: Function) -> bool:
    """Return whether a policy speaks of invoking endpoints where the function runs.

    A bare `*` does not count: who may do everything has not said what it does. Denies are not
    subtracted.
    """
    partition = function.arn.split(":")[1]
    home = f"arn:{partition}:sagemaker:{function.region}:{function.account}:endpoint/*"
    return any(_allows_invoking(statement, home) for statement in document.statements)


def _allows_invoking(statement: Statement, home: str) -> bool:
    if statement.effect is Effect.DENY or not any(_invokes(name) for name in statement.actions):
        return False
    # NotResource: endpoints are left in unless somebody names every one of them.
    if statement.not_resources is not None:
        return True
    return any(meets(resource, home) for resource in statement.resources)


def _invokes(action: str) -> bool:
    return fold(action).startswith("sagemaker:") and action_matches(action, INVOKE_ENDPOINT)
