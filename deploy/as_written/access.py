"""What was left over: roles that nothing has any more, and a user with a password and a key."""

from collections.abc import Iterator

from deploy.as_written.calls import BUCKET, call, role, role_policy
from deploy.pipeline import Step


def left_over_steps() -> Iterator[Step]:
    """Yield what nobody took away."""
    arn = f"arn:aws:s3:::{BUCKET}"
    yield role("role-old", "dog-breed-training-old", {"Service": "sagemaker.amazonaws.com"})
    yield role_policy(
        "role-old-policy",
        "dog-breed-training-old",
        action=["s3:GetObject", "s3:ListBucket"],
        resource=[arn, f"{arn}/*"],
    )
    yield role(
        "role-of-a-deleted-function", "dog-breed-resize", {"Service": "lambda.amazonaws.com"}
    )
    yield role_policy(
        "role-of-a-deleted-function-policy",
        "dog-breed-resize",
        action=["s3:GetObject", "s3:PutObject"],
        resource=f"{arn}/dogImages/*",
    )
    # Who this was, nobody can tell: AWS shows the id of a user who was deleted.
    yield role("role-of-a-deleted-user", "dog-breed-labelling", {"AWS": "AIDACKCEVSQ6C2EXAMPLE"})
    user = "dog-breed-student"
    yield call("user", "iam", "CreateUser", UserName=user)
    password = {"Password": "Change-me-2026!"}  # of nobody: the account is an example
    yield call("user-password", "iam", "CreateLoginProfile", UserName=user, **password)
    yield call("user-key", "iam", "CreateAccessKey", UserName=user)
