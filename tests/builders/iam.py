"""IAM as it should be: a role that one function uses, a user who works, a policy of one action."""

import json
from datetime import datetime
from typing import Any

import msgspec

from mlguard.resources.iam import (
    AccessKey,
    AttachedPolicy,
    InlinePolicy,
    ManagedPolicy,
    Role,
    User,
    UserCredentials,
)
from tests.builders.account import ACCOUNT, days_ago

LAMBDA = "lambda.amazonaws.com"
SAGEMAKER = "sagemaker.amazonaws.com"
ENDPOINT_ARN = f"arn:aws:sagemaker:us-east-1:{ACCOUNT}:endpoint/dog-breeds"


def iam_arn(resource: str) -> str:
    return f"arn:aws:iam::{ACCOUNT}:{resource}"


def document(*statements: dict[str, Any]) -> str:
    return json.dumps({"Version": "2012-10-17", "Statement": list(statements)})


def allow(*actions: str, resource: str | list[str] = "*", **elements: Any) -> dict[str, Any]:
    return {"Effect": "Allow", "Action": list(actions), "Resource": resource, **elements}


def trust(**principal: str | list[str]) -> str:
    """A trust policy: trust(Service="lambda.amazonaws.com"), trust(AWS=[...])."""
    return document({"Effect": "Allow", "Principal": principal, "Action": "sts:AssumeRole"})


def inline(*statements: dict[str, Any], name: str = "own") -> InlinePolicy:
    return InlinePolicy(name=name, document=document(*statements))


def aws_managed(name: str) -> AttachedPolicy:
    return AttachedPolicy(name=name, arn=f"arn:aws:iam::aws:policy/{name}")


def role(name: str = "predict-role", **changes: Any) -> Role:
    sound = Role(
        arn=iam_arn(f"role/{name}"),
        account=ACCOUNT,
        region="global",
        name=name,
        role_id="AROAEXAMPLEEXAMPLEXX",
        path="/",
        created_at=days_ago(200),
        trust_policy=trust(Service=LAMBDA),
        inline_policies=(inline(allow("sagemaker:InvokeEndpoint", resource=ENDPOINT_ARN)),),
        last_used_at=days_ago(1),
        last_used_region="us-east-1",
    )
    return msgspec.structs.replace(sound, **changes)


def user(name: str = "ada", **changes: Any) -> User:
    sound = User(
        arn=iam_arn(f"user/{name}"),
        account=ACCOUNT,
        region="global",
        name=name,
        user_id="AIDAEXAMPLEEXAMPLEXX",
        path="/",
        created_at=days_ago(400),
    )
    return msgspec.structs.replace(sound, **changes)


def credentials(name: str = "ada", **changes: Any) -> UserCredentials:
    sound = UserCredentials(
        arn=iam_arn(f"user/{name}"),
        account=ACCOUNT,
        region="global",
        name=name,
        created_at=days_ago(400),
        password_enabled=True,
        password_last_used_at=days_ago(2),
        mfa_active=True,
    )
    return msgspec.structs.replace(sound, **changes)


def access_key(
    *, active: bool = True, used: datetime | None = None, made: datetime | None = None
) -> AccessKey:
    return AccessKey(active=active, last_used_at=used, last_rotated_at=made)


def managed_policy(name: str = "predict", **changes: Any) -> ManagedPolicy:
    sound = ManagedPolicy(
        arn=iam_arn(f"policy/{name}"),
        account=ACCOUNT,
        region="global",
        name=name,
        policy_id="ANPAEXAMPLEEXAMPLEXX",
        path="/",
        default_version="v1",
        document=document(allow("sagemaker:InvokeEndpoint", resource=ENDPOINT_ARN)),
        attachment_count=1,
    )
    return msgspec.structs.replace(sound, **changes)


def attached(policy: ManagedPolicy) -> AttachedPolicy:
    return AttachedPolicy(name=policy.name, arn=policy.arn)
