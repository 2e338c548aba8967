"""The demo account: the write-up's pipeline, with all its faults, made in memory and read live.

Moto stands in for AWS, in this process: no network, no credentials of yours, nothing left behind.
"""

import logging
import os
import warnings
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from datetime import UTC, datetime
from functools import cache
from importlib.resources import files
from typing import TYPE_CHECKING, Any, Final

import msgspec

from mlguard.errors import SourceError
from mlguard.snapshot import Snapshot
from mlguard.sources.base import Progress, silent
from mlguard.sources.pipeline.steps import Pipeline, Step, decode

if TYPE_CHECKING:
    import boto3

    from mlguard.sources.demo.gaps import Gaps

FILE: Final = "demo.json"

_AWS_MANAGED: Final = b"arn:aws:iam::aws:policy/"

_NO_MOTO: Final = "the demo account needs moto: pip install 'mlguard-aws[demo]'"
_NESTED: Final = "the demo account cannot be made while moto's mock_aws is on: end that first"

# The user's settings of these are out of sight meanwhile: what boto3 and moto would read.
HIDDEN: Final = ("AWS_", "BOTO_", "MOTO_")
ENVIRONMENT: Final[Mapping[str, str]] = {
    "AWS_ACCESS_KEY_ID": "AKIAIOSFODNN7EXAMPLE",
    "AWS_SECRET_ACCESS_KEY": "wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY",
    "AWS_CONFIG_FILE": os.devnull,
    "AWS_SHARED_CREDENTIALS_FILE": os.devnull,
    "AWS_EC2_METADATA_DISABLED": "true",
    # Some 560 images, of which the demo needs none: over two seconds.
    "MOTO_EC2_LOAD_DEFAULT_AMIS": "false",
}
_LOUD: Final = ("moto", "botocore", "boto3", "responses", "urllib3", "werkzeug")


def pipeline() -> Pipeline:
    """Return the write-up's pipeline, as written."""
    return decode(files("mlguard.data").joinpath(FILE).read_bytes(), name=FILE)


class DemoAccount:
    """A Source: the demo account, collected by the same collectors as a live one."""

    def __init__(
        self,
        *,
        progress: Progress = silent,
        clock: Callable[[], datetime] = lambda: datetime.now(UTC),
    ) -> None:
        self._progress = progress
        self._clock = clock

    def collect(self) -> Snapshot:
        """Return the snapshot of the whole pipeline; raises SourceError without moto."""
        return collect_demo(pipeline().steps, progress=self._progress, clock=self._clock)


def collect_demo(
    steps: Sequence[Step],
    *,
    progress: Progress = silent,
    clock: Callable[[], datetime] = lambda: datetime.now(UTC),
) -> Snapshot:
    """Return the snapshot of an account in which just these steps were performed."""
    with made(steps, progress=progress, clock=clock) as session:
        from mlguard.sources.aws.source import AwsSource

        return AwsSource(session, source="demo", progress=progress, clock=clock).collect()


@contextmanager
def made(
    steps: Sequence[Step],
    *,
    progress: Progress = silent,
    clock: Callable[[], datetime] = lambda: datetime.now(UTC),
) -> Iterator["boto3.Session"]:
    """Yield a session for an account in which just these steps were performed."""
    frame = pipeline()
    progress("the demo account: starting it")
    managed = _AWS_MANAGED in msgspec.json.encode(steps)
    with empty(frame.region, managed=managed) as (session, gaps):
        from mlguard.sources.demo.images import publish
        from mlguard.sources.demo.past import Past
        from mlguard.sources.demo.replay import replay

        publish(session, account=frame.account)
        progress(f"the demo account: making it, in {len(steps)} calls")
        replay(steps, session)
        Past(history=gaps, session=session, now=clock()).apply()
        _hasten(session, account=frame.account)
        yield session


@contextmanager
def empty(region: str, *, managed: bool) -> Iterator[tuple["boto3.Session", "Gaps"]]:
    """Yield a session for an empty account in memory, and what fills moto's gaps.

    With `managed`, the account has the policies that AWS keeps, which takes a moment. The user's
    own settings of AWS are out of sight meanwhile.
    """
    with quiet(), _environment(region), _moto(region, managed=managed) as account:
        yield account


@contextmanager
def _moto(region: str, *, managed: bool) -> Iterator[tuple["boto3.Session", "Gaps"]]:
    import boto3
    import botocore.session

    try:
        from moto import mock_aws
    except ImportError as error:
        raise SourceError(_NO_MOTO) from error
    from mlguard.sources.demo.gaps import fill
    from mlguard.sources.demo.moto_state import mocking

    if mocking():
        raise SourceError(_NESTED)
    config: Any = {
        "iam": {"load_aws_managed_policies": managed},
        "lambda": {"use_docker": False},
    }
    core = botocore.session.Session()
    core.register_component("data_loader", models())
    with mock_aws(config=config):
        session = boto3.Session(botocore_session=core, region_name=region)
        with fill(session) as gaps:
            yield session, gaps


@cache
def models() -> Any:
    """Return botocore's own models of the services, read once: that takes a second."""
    from botocore.loaders import Loader

    # Nor are the user's models, in ~/.aws/models, any of the demo's business.
    return Loader(extra_search_paths=[Loader.BUILTIN_DATA_PATH], include_default_search_paths=False)


def _hasten(session: "boto3.Session", *, account: str) -> None:
    """Leave out what would cost seconds and show nothing.

    AWS lists those of its own policies that are attached; moto serializes all 1,500. The first
    call for a credential report only starts one: who asks then has to wait.
    """
    from mlguard.sources.demo.moto_state import backend

    iam = backend("iam", account=account, region="aws")
    bounds = {role.permissions_boundary_arn for role in iam.roles.values()}
    iam.managed_policies = {
        arn: policy
        for arn, policy in iam.managed_policies.items()
        if ":iam::aws:" not in arn or policy.attachment_count or arn in bounds
    }
    session.client("iam").generate_credential_report()


@contextmanager
def _environment(region: str) -> Iterator[None]:
    """Hide the user's AWS and moto settings; they are back, untouched, afterwards."""
    before = {name: value for name, value in os.environ.items() if name.startswith(HIDDEN)}
    try:
        for name in before:
            del os.environ[name]
        os.environ.update(ENVIRONMENT, AWS_DEFAULT_REGION=region)
        yield
    finally:
        for name in [name for name in os.environ if name.startswith(HIDDEN)]:
            del os.environ[name]
        os.environ.update(before)


@contextmanager
def quiet() -> Iterator[None]:
    """Keep what moto warns of and logs off the terminal."""
    loggers = [logging.getLogger(name) for name in _LOUD]
    before = [logger.level for logger in loggers]
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        try:
            for logger in loggers:
                logger.setLevel(logging.CRITICAL + 1)
            yield
        finally:
            for logger, level in zip(loggers, before, strict=True):
                logger.setLevel(level)
