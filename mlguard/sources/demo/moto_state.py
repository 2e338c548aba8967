"""What moto holds in memory, where its own clients cannot tell or change it."""

from typing import Any


def backend(service: str, *, account: str, region: str) -> Any:
    """Return moto's state of a service for an account and region (of IAM: a partition)."""
    from moto.awslambda.utils import get_backend as functions
    from moto.backends import get_backend

    # Without docker moto keeps its functions elsewhere: it knows where.
    if service == "lambda":
        return functions(account, region)
    found: Any = get_backend(service)  # type: ignore[call-overload]  # any name
    return found[account][region]


def default_account() -> str:
    """Return the account that credentials unknown to moto belong to."""
    from moto.core.models import DEFAULT_ACCOUNT_ID

    return DEFAULT_ACCOUNT_ID


def account_of(access_key: str) -> str:
    """Return the account of an access key."""
    from moto.iam.models import get_account_id_from

    return get_account_id_from(access_key)


def mocking() -> bool:
    """Return whether `mock_aws` is on."""
    from moto.core.models import botocore_stubber

    return bool(botocore_stubber.enabled)
