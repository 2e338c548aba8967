"""How the write-up's calls are put: one a step, named after what it makes."""

from typing import Final

from deploy.pipeline import Step, Value, text_of

ACCOUNT: Final = "123456789012"
REGION: Final = "us-east-1"
BUCKET: Final = f"dog-breed-{ACCOUNT}"


def call(step: str, service: str, operation: str, /, **parameters: Value) -> Step:
    """Return one call as a step."""
    return Step(id=step, service=service, operation=operation, parameters=parameters)


def role(step: str, name: str, principal: Value, **more: Value) -> Step:
    """Return a role that a principal may take on, whoever asks it to."""
    trust = {"Effect": "Allow", "Principal": principal, "Action": "sts:AssumeRole"}
    return call(
        step,
        "iam",
        "CreateRole",
        RoleName=name,
        AssumeRolePolicyDocument=text_of({"Version": "2012-10-17", "Statement": [trust]}),
        **more,
    )


def role_policy(step: str, name: str, *, action: list[Value], resource: Value) -> Step:
    """Return the policy of a role, about images."""
    allow = {"Effect": "Allow", "Action": action, "Resource": resource}
    return call(
        step,
        "iam",
        "PutRolePolicy",
        RoleName=name,
        PolicyName="images",
        PolicyDocument=text_of({"Version": "2012-10-17", "Statement": [allow]}),
    )


def attach(step: str, name: str, policy: str) -> Step:
    """Return the attachment of a policy of AWS's own."""
    arn = f"arn:aws:iam::aws:policy/{policy}"
    return call(step, "iam", "AttachRolePolicy", RoleName=name, PolicyArn=arn)
