"""A pipeline made in memory, in which the code of its roles is recorded."""

from collections.abc import Iterable
from typing import TYPE_CHECKING, Final

from deploy.apply import apply
from deploy.config import Config
from deploy.names import Names
from mlguard.iam.language.wildcard import action_matches, meets
from mlguard.snapshot import Snapshot
from mlguard.usage.calls import recording_of, with_work
from mlguard.usage.recording import Recording, Use
from mlguard_pytest.entries import Entry, entries_of
from mlguard_pytest.subjects import RoleView
from tests.deploy.account import PATIENCE, Silent
from tests.deploy.plans import VARIANTS, planned

if TYPE_CHECKING:
    import boto3

    from mlguard_pytest.recorder import Recorder

WANTED: Final = VARIANTS["notebook"]
NAMES: Final = Names(WANTED)
DATA: Final = NAMES.bucket("data")
MODELS: Final = NAMES.bucket("models")
# What every start of a job says; nothing of AWS but the names that the plan gives.
JOB: Final = (
    *("--role", NAMES.role_arn("training"), "--region", WANTED.region),
    *("--data", f"s3://{DATA}/breeds", "--bucket", MODELS, "--tag", "project=dog-breed"),
)


def make(session: "boto3.Session", wanted: Config = WANTED) -> None:
    """Make the pipeline as the plan has it."""
    apply(planned(wanted), session, progress=Silent(), patience=PATIENCE)
    # The mock reads no conditions: to it, "nobody without TLS" is nobody.
    client = session.client("s3")
    for purpose in ("data", "models"):
        client.delete_bucket_policy(Bucket=Names(wanted).bucket(purpose))


def operations(recorder: "Recorder") -> set[str]:
    """Return what was called, as `service.Operation`."""
    return {call.name for call in recorder.calls}


def recorded(recorder: "Recorder", snapshot: Snapshot, role: RoleView) -> Recording:
    """Return what was called so far, and what the workloads need that run under the role."""
    made = recording_of(recorder.calls, account=WANTED.account, test=role.name)
    return with_work(made, snapshot, role.arn)


def unused(entries: Iterable[str], made: Recording) -> list[str]:
    """Return the entries under which nothing falls of what was used."""
    uses = (*made.uses, *made.work)
    found = (entry for entry in entries_of(entries) if not any(_under(entry, one) for one in uses))
    return [str(entry) for entry in found]


def _under(entry: Entry, use: Use) -> bool:
    return action_matches(entry.action, use.action) and meets(entry.resource, use.resource)
