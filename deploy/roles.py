"""Roles, one for each kind of work, and the boundary that none of them gets past."""

from collections.abc import Iterator

from deploy.names import Names
from deploy.pipeline import Step, Value, result_of, text_of
from deploy.policies import (
    LAMBDA,
    SAGEMAKER,
    Statements,
    boundary_statements,
    document,
    function_statements,
    notebook_statements,
    training_statements,
    trust,
)


def steps(names: Names, *, model_data: str) -> Iterator[Step]:
    """Yield what makes the boundary, then the roles with it."""
    roles = {
        "function": (LAMBDA, "Calls the endpoint", function_statements(names)),
        "training": (
            SAGEMAKER,
            "Trains, and serves the model",
            training_statements(names, model_data=model_data),
        ),
    }
    if names.config.has_notebook:
        roles["notebook"] = (SAGEMAKER, "Looks at data, starts jobs", notebook_statements(names))
    yield Step(
        id="boundary",
        service="iam",
        operation="CreatePolicy",
        parameters={
            "PolicyName": names.boundary,
            "Description": f"The most that a role of {names.config.name} may have",
            "PolicyDocument": text_of(
                document(boundary_statements(*(granted for *_, granted in roles.values())))
            ),
            "Tags": names.tags,
        },
    )
    for purpose, (service, description, statements) in roles.items():
        yield from _role(names, purpose, service, description, statements)


def role_arn(purpose: str) -> Value:
    """Return what stands for the ARN of the role that was made for a purpose."""
    return result_of(f"role-{purpose}", "Role.Arn")


def _role(
    names: Names, purpose: str, service: str, description: str, statements: Statements
) -> Iterator[Step]:
    yield Step(
        id=f"role-{purpose}",
        service="iam",
        operation="CreateRole",
        parameters={
            "RoleName": names.role(purpose),
            "Description": description,
            "AssumeRolePolicyDocument": text_of(trust(names, service)),
            "PermissionsBoundary": result_of("boundary", "Policy.Arn"),
            "Tags": names.tags,
        },
    )
    yield Step(
        id=f"role-{purpose}-policy",
        service="iam",
        operation="PutRolePolicy",
        parameters={
            "RoleName": names.role(purpose),
            "PolicyName": "work",
            "PolicyDocument": text_of(document(statements)),
        },
    )
