"""Moto for the tests of users: their `mock_aws`, with its gaps filled, and how it is read."""

import copy
from collections.abc import Iterator, Mapping
from contextlib import ExitStack, contextmanager
from functools import cache
from typing import Any, Final

import boto3
import botocore.session

from mlguard.errors import SourceError
from mlguard.snapshot import Snapshot
from mlguard.sources.aws.source import AwsSource
from mlguard.sources.demo import moto_state
from mlguard.sources.demo.account import models, quiet
from mlguard.sources.demo.gaps import Gaps, fill

_FILLED: Final = "mlguard_gaps"
_OF_AWS: Final = ":iam::aws:"
_NO_MOTO: Final = "mlguard_moto needs moto: pip install 'mlguard-aws[demo]'"


@contextmanager
def mocked(region: str) -> Iterator[boto3.Session]:
    """Yield a session for an account in memory, which is boto3's default session meanwhile.

    AWS's managed policies are there. Inside a `mock_aws` of the user's it is that account. The
    environment is the caller's business. Raises SourceError without moto.
    """
    try:
        from moto import mock_aws
    except ImportError as error:
        raise SourceError(_NO_MOTO) from error
    core = botocore.session.Session()
    core.register_component("data_loader", models())
    with mock_aws(config={"lambda": {"use_docker": False}}):
        before = boto3.DEFAULT_SESSION
        session = boto3.Session(botocore_session=core, region_name=region)
        with fill(session) as gaps:
            core.register_component(_FILLED, gaps)
            iam = _iam(session)
            iam.managed_policies = {**_managed(), **iam.managed_policies}
            boto3.DEFAULT_SESSION = session
            try:
                yield session
            finally:
                boto3.DEFAULT_SESSION = before


def collect_mocked(session: boto3.Session) -> Snapshot:
    """Return what moto's account holds now, its gaps filled while it is read."""
    with ExitStack() as stack:
        stack.enter_context(quiet())
        if _gaps_of(session) is None:
            around = _gaps_of(boto3.DEFAULT_SESSION)
            if around is None:
                stack.enter_context(fill(session))
            else:
                around.extend(session)
        stack.enter_context(_in_use(session))
        return AwsSource(session, source="moto").collect()


def _gaps_of(session: boto3.Session | None) -> Gaps | None:
    if session is None:
        return None
    try:
        found: Gaps = session._session.get_component(_FILLED)  # noqa: SLF001  # botocore's session
    except ValueError:
        return None
    return found


@contextmanager
def _in_use(session: boto3.Session) -> Iterator[None]:
    """Hide what would cost seconds to read, and show nothing.

    AWS lists those of its own policies that are attached; moto serializes all 1,500. The first
    call for a credential report only starts one: who asks then has to wait.
    """
    iam = _iam(session)
    every: Mapping[str, Any] = iam.managed_policies
    bounds = {one.permissions_boundary_arn for one in iam.roles.values()}
    iam.managed_policies = {
        arn: policy
        for arn, policy in every.items()
        if _OF_AWS not in arn or policy.attachment_count or arn in bounds
    }
    reported = iam.credential_report
    iam.credential_report = True
    try:
        yield
    finally:
        iam.managed_policies, iam.credential_report = every, reported


def _iam(session: boto3.Session) -> Any:
    credentials = session.get_credentials()
    account = moto_state.account_of(credentials.access_key if credentials else "")
    return moto_state.backend("iam", account=account, region="aws")


def _managed() -> Mapping[str, Any]:
    """Return AWS's own policies for one test: nobody attached them yet."""
    return {arn: copy.copy(policy) for arn, policy in _loaded().items()}


@cache
def _loaded() -> Mapping[str, Any]:
    """Return AWS's own policies as moto has them, made once: that takes half a second."""
    import json

    from moto.iam.aws_managed_policies import aws_managed_policies_data
    from moto.iam.models import AWSManagedPolicy

    account = moto_state.default_account()
    made = (
        AWSManagedPolicy.from_data(name, account, "us-east-1", data)
        for name, data in json.loads(aws_managed_policies_data).items()
    )
    return {policy.arn: policy for policy in made}
