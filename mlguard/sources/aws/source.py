"""The live account: who we are, which regions, and every collector over them."""

from collections.abc import Callable, Iterable, Sequence
from concurrent.futures import Executor, ThreadPoolExecutor
from datetime import UTC, datetime
from typing import Final

import boto3
from botocore.exceptions import BotoCoreError

from mlguard.errors import SourceError
from mlguard.iam.language.arn import Arn
from mlguard.resources.functions import Function, ProvisionedConcurrency
from mlguard.resources.hosting import Endpoint
from mlguard.resources.instances import Instance
from mlguard.snapshot import GapReason, Snapshot, ordered
from mlguard.sources.aws import (
    functions,
    hosting,
    iam,
    instances,
    jobs,
    metrics,
    notebooks,
    scaling,
    tags,
)
from mlguard.sources.aws.connection import FIRST_CONFIG, WORKERS, Connection
from mlguard.sources.aws.reading import Reading
from mlguard.sources.aws.refusal import Refusal, refusal
from mlguard.sources.base import Home, Progress, silent

COLLECTORS: Final = (iam, notebooks, jobs, hosting, scaling, functions, instances, tags, metrics)

IDENTITY_OPERATIONS: Final = ("ec2:DescribeRegions", "sts:GetCallerIdentity")
"""What is asked before anything is collected."""

COVERS: Final = tuple(sorted(kind.__name__ for collector in COLLECTORS for kind in collector.KINDS))

NO_CREDENTIALS: Final = """\
no AWS credentials were found. Give them in one of three ways:
  aws configure sso && aws sso login     (then --profile NAME or AWS_PROFILE)
  AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY (and AWS_SESSION_TOKEN) in the environment
  a role of the machine: EC2 instance profile, ECS task role, or OIDC in CI
or need none:
  mlguard audit --demo                   an account made up in memory
  mlguard audit --snapshot FILE          an account read before by `mlguard collect -o FILE`"""

NO_REGION: Final = (
    "no AWS region is set: give --region NAME (repeatable, or `all`), AWS_REGION, "
    "or a region in the profile"
)


def session_of(profile: str | None = None) -> boto3.Session:
    """Return a session of the ordinary AWS chain; raises SourceError."""
    try:
        return boto3.Session(profile_name=profile)
    except BotoCoreError as error:
        raise SourceError(f"cannot use the AWS configuration: {error}") from error


class AwsSource:
    """Reads one account, read-only, through a boto3 session."""

    def __init__(
        self,
        session: boto3.Session,
        *,
        regions: Sequence[str] = (),
        source: str = "aws",
        progress: Progress = silent,
        clock: Callable[[], datetime] = lambda: datetime.now(UTC),
    ) -> None:
        self._session = session
        self._asked = tuple(dict.fromkeys(regions))
        self._source = source
        self._progress = progress
        self._clock = clock

    def collect(self) -> Snapshot:
        """Return the account as it is now; raises SourceError if it cannot be read at all."""
        connection = Connection(self._session)
        now = self._clock().replace(microsecond=0)
        first = self._first_region()
        self._progress("who and where")
        identity = self._identity(first)
        caller = Arn.parse(identity)
        home = Home(account=caller.account, region=first, partition=caller.partition)
        with ThreadPoolExecutor(WORKERS) as pool:
            start = Reading(connection, home, pool)
            enabled = _enabled_regions(start)
            regions = self._regions(enabled, first)
            readings = self._read(connection, home, regions, pool, now)
        readings = (start, *readings)
        return Snapshot(
            source=self._source,
            taken_at=now,
            accounts=(home.account,),
            regions=regions,
            covers=COVERS,
            identity=identity,
            enabled_regions=enabled,
            resources=ordered(found for reading in readings for found in reading.resources),
            gaps=tuple(dict.fromkeys(gap for reading in readings for gap in reading.gaps)),
            operations=tuple(sorted({"sts:GetCallerIdentity", *connection.operations})),
        )

    def _read(
        self,
        connection: Connection,
        home: Home,
        regions: Iterable[str],
        pool: Executor,
        now: datetime,
    ) -> tuple[Reading, ...]:
        account = Reading(connection, home, pool)
        self._progress(f"{home.account}: IAM")
        iam.collect(account)
        readings = [account]
        for region in regions:
            here = Home(account=home.account, region=region, partition=home.partition)
            reading = Reading(connection, here, pool)
            self._read_region(reading, now)
            readings.append(reading)
        return tuple(readings)

    def _read_region(self, reading: Reading, now: datetime) -> None:
        where = f"{reading.home.account}: {reading.home.region}"
        self._progress(f"{where}: SageMaker")
        notebooks.collect(reading)
        jobs.collect(reading, now=now)
        hosting.collect(reading)
        self._progress(f"{where}: Lambda, EC2, scaling")
        functions.collect(reading)
        instances.collect(reading)
        tags.collect(reading)
        scaling.collect(reading)
        self._progress(f"{where}: CloudWatch")
        found = tuple(reading.resources)
        metrics.collect(
            reading,
            endpoints=tuple(each for each in found if isinstance(each, Endpoint)),
            functions=tuple(each for each in found if isinstance(each, Function)),
            provisioned=tuple(each for each in found if isinstance(each, ProvisionedConcurrency)),
            instances=tuple(each for each in found if isinstance(each, Instance)),
            now=now,
        )

    def _first_region(self) -> str:
        named = next((region for region in self._asked if region != "all"), None)
        region: str | None = named or self._session.region_name
        if region is None:
            raise SourceError(NO_REGION)
        return region

    def _identity(self, region: str) -> str:
        """Return the ARN of the caller; raises SourceError, soon, if there is no getting through.

        A connection of its own, for it alone is impatient.
        """
        connection = Connection(self._session, config=FIRST_CONFIG)
        try:
            if self._session.get_credentials() is None:
                raise SourceError(NO_CREDENTIALS)
            answer = connection.call("sts", "GetCallerIdentity", region=region)
        except BotoCoreError as error:
            stopped = refusal("sts:GetCallerIdentity", error)
            raise SourceError(_unusable(stopped)) from error
        except Refusal as stopped:
            raise SourceError(_unusable(stopped)) from stopped
        return str(answer["Arn"])

    def _regions(self, enabled: tuple[str, ...] | None, first: str) -> tuple[str, ...]:
        if "all" not in self._asked:
            return self._asked or (first,)
        if enabled is None:
            raise SourceError(
                "`--region all` needs ec2:DescribeRegions, which was refused: "
                "allow it, or name the regions"
            )
        return enabled


def _enabled_regions(reading: Reading) -> tuple[str, ...] | None:
    """Return the regions that the account has enabled, None (and a Gap) if nobody may ask."""
    try:
        answer = reading.call("ec2", "DescribeRegions")
    except Refusal as stopped:
        reading.refuse((), stopped)
        return None
    return tuple(sorted(region["RegionName"] for region in answer["Regions"]))


def _unusable(stopped: Refusal) -> str:
    if stopped.reason is GapReason.EXPIRED:
        return f"the AWS credentials are expired or invalid ({stopped.detail}): log in again"
    if stopped.reason is GapReason.UNREACHABLE:
        return (
            f"AWS cannot be reached ({stopped.detail}): check the region, AWS_ENDPOINT_URL, proxies"
        )
    return f"AWS does not say who asks, so nothing can be read: {stopped.detail}"
