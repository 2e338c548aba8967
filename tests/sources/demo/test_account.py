"""The demo account: every fault of the write-up's pipeline, planted together and one by one."""

import logging
import os
import subprocess
import sys
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

import boto3
import pytest
from moto import mock_aws

from mlguard.auditor import audit
from mlguard.checks.catalogue import CATALOGUE
from mlguard.data import files
from mlguard.errors import SourceError
from mlguard.report import Outcome, Report
from mlguard.resources.functions import Function
from mlguard.resources.iam import Role
from mlguard.resources.notebooks import NotebookInstance
from mlguard.snapshot import Snapshot
from mlguard.sources.demo.account import DemoAccount, collect_demo, pipeline
from mlguard.sources.demo.moto_state import mocking
from mlguard.sources.pipeline_file import COVERS, PipelineFile

ROOT = Path(__file__).parents[3]

# What a plan cannot know, and what moto and AWS make up: not compared.
PAST = {"role-unused", "notebook-left-running", "concurrency-unreserved-pool", "job-no-spot"}
# Faults of access that the write-up's pipeline does not have; its training is on demand, and its
# instances have just been launched.
NOT_PLANTED = {
    "concurrency-provisioned-orphaned-version",
    "cost-over-budget",
    "endpoint-serverless-pc",
    "scaling-scale-in-disabled",
    "instance-left-running",
    "job-spot-no-checkpoint",
    "principal-pass-role-wide",
    "principal-reads-all-buckets",
    "resource-untagged",
    "role-missing",
    "role-trust-deleted",
    "role-trust-oidc-no-sub",
    "role-trust-open",
    "role-trust-unlisted-account",
}
MADE_UP = {"Instance", "Volume", "Image", "SecurityGroup", "ScalingPolicy"}


@dataclass(frozen=True, kw_only=True)
class Fault:
    """A fault as a reader names it, the steps that make it, the checks that must fire on them."""

    name: str
    steps: tuple[str, ...]
    fires: frozenset[str]


def fault(name: str, *steps: str, fires: str) -> Fault:
    return Fault(name=name, steps=steps, fires=frozenset(fires.split()))


def function(name: str, *more: str) -> tuple[str, ...]:
    return ("lambda-role", f"function-{name}", *more)


def warm(name: str, *more: str) -> tuple[str, ...]:
    parts = ("version", "alias", "reserved", "provisioned")
    return function(name, *(f"function-{name}-{part}" for part in parts), *more)


def endpoint(name: str, *more: str) -> tuple[str, ...]:
    return ("training-role", "model", f"endpoint-config-{name}", f"endpoint-{name}", *more)


FAULTS = (
    fault(
        "a role unused for a year",
        "role-old",
        "role-old-policy",
        fires="role-orphaned-sagemaker role-trust-no-source-account role-unused",
    ),
    fault(
        "the role of a deleted function",
        "role-of-a-deleted-function",
        "role-of-a-deleted-function-policy",
        fires="role-orphaned-lambda",
    ),
    fault("a role for a deleted user alone", "role-of-a-deleted-user", fires="role-stale-trust"),
    fault("an inactive user", "user", "user-password", "user-key", fires="user-inactive"),
    fault(
        "an administrator that trains",
        "training-role",
        "training-role-administrator",
        fires=(
            "principal-administrator role-orphaned-sagemaker role-trust-no-source-account "
            "role-full-access"
        ),
    ),
    fault(
        "full access for a function",
        "lambda-role-sagemaker",
        *function("gallery"),
        fires="function-memory-fit role-full-access",
    ),
    fault(
        "a notebook open to the internet",
        "training-role",
        "notebook",
        fires="role-trust-no-source-account notebook-direct-internet notebook-no-autostop",
    ),
    fault(
        "an oversized notebook left running",
        "training-role",
        "notebook-large",
        fires=(
            "role-trust-no-source-account notebook-direct-internet notebook-instance-type "
            "notebook-left-running notebook-no-autostop"
        ),
    ),
    fault(
        "training on the notebook's type, which AWS refuses",
        "training-role",
        "training-on-the-notebook-type",
        fires=("role-trust-no-source-account job-illegal-instance-type job-instance-type"),
    ),
    fault(
        "a tuning job too dear",
        "training-role",
        "tuning",
        fires="role-trust-no-source-account job-instance-type job-max-runtime job-no-spot",
    ),
    fault(
        "two instances that train the same",
        "training-role",
        "training",
        fires=(
            "role-trust-no-source-account job-instance-type job-not-distributed job-max-runtime"
        ),
    ),
    fault(
        "a deep learning image on t2.micro",
        "security-group",
        "security-group-ssh",
        "instance-micro",
        fires="instance-too-small-to-train",
    ),
    fault(
        "an oversized host",
        "security-group",
        "instance-large",
        fires="instance-type-outside-policy",
    ),
    fault(
        "scaling of a burstable type, which AWS refuses",
        *endpoint("dog-breed", "scaling-dog-breed", "scaling-dog-breed-policy"),
        fires="role-trust-no-source-account endpoint-dearer-than-serverless scaling-burstable",
    ),
    fault(
        "an idle endpoint that is registered but cannot scale",
        *endpoint("dog-breed-large", "scaling-dog-breed-large"),
        fires=(
            "role-trust-no-source-account endpoint-idle endpoint-instance-type "
            "scaling-min-equals-max scaling-target-no-policy"
        ),
    ),
    fault(
        "an endpoint that is not registered",
        *endpoint("dog-breed-candidate"),
        fires=(
            "role-trust-no-source-account endpoint-dearer-than-serverless endpoint-instance-type "
            "scaling-no-target"
        ),
    ),
    fault(
        "an endpoint stranded at zero",
        *endpoint("dog-breed-batch", "scaling-dog-breed-batch", "scaling-dog-breed-batch-policy"),
        fires=("role-trust-no-source-account endpoint-instance-type scaling-stranded-at-zero"),
    ),
    fault(
        "a function that anyone may call",
        *function("invoke", "function-invoke-public"),
        fires="function-public-policy",
    ),
    fault(
        "a function with less time than its endpoint",
        "lambda-role-sagemaker",
        *function("invoke"),
        fires="function-timeout-vs-endpoint role-full-access",
    ),
    fault(
        "a function that can pass an administrator's role",
        *("training-role", "training-role-administrator"),
        *("lambda-role", "lambda-role-sagemaker", "function-invoke"),
        fires=(
            "principal-administrator principal-escalation role-orphaned-sagemaker "
            "role-full-access role-trust-no-source-account function-timeout-vs-endpoint"
        ),
    ),
    fault(
        "two functions with one role",
        *function("gallery", "function-thumbnails"),
        fires="function-memory-fit role-shared",
    ),
    fault("a function that nobody calls", *function("warmup"), fires="function-unused"),
    fault(
        "provisioned concurrency that callers pass by",
        *warm("invoke"),
        fires="concurrency-provisioned-bypassed",
    ),
    fault(
        "as much provisioned as reserved",
        *warm("thumbnails"),
        fires=(
            "concurrency-over-policy concurrency-pc-utilisation "
            "concurrency-provisioned-equals-reserved"
        ),
    ),
    fault(
        "more provisioned than reserved, which AWS refuses",
        *warm("report", "function-report-reserved-less"),
        fires=(
            "concurrency-over-policy concurrency-pc-utilisation "
            "concurrency-provisioned-over-reserved"
        ),
    ),
    fault(
        "provisioned for an alias of $LATEST, which AWS refuses",
        *warm("report", "function-report-alias-latest"),
        fires=(
            "concurrency-over-policy concurrency-pc-utilisation "
            "concurrency-provisioned-equals-reserved concurrency-provisioned-needs-alias"
        ),
    ),
    fault(
        "far more calls than the endpoint scales for",
        *endpoint("dog-breed", "scaling-dog-breed", "scaling-dog-breed-policy"),
        *function("gallery", "function-gallery-reserved"),
        fires=(
            "role-trust-no-source-account scaling-burstable concurrency-over-policy "
            "concurrency-unreserved-pool concurrency-vs-endpoint function-memory-fit "
            "endpoint-dearer-than-serverless"
        ),
    ),
    fault(
        "nearly all concurrency reserved, which AWS refuses",
        *function("gallery", "function-gallery-reserved"),
        fires="concurrency-over-policy concurrency-unreserved-pool function-memory-fit",
    ),
)


@pytest.fixture(scope="module")
def demo() -> Snapshot:
    return DemoAccount().collect()


@pytest.fixture(scope="module")
def report(demo: Snapshot) -> Report:
    return audit(demo)


def fired(report: Report) -> set[str]:
    return {finding.check for result in report.results for finding in result.findings}


def test_every_check_fires_on_the_demo_account_but_for_faults_that_it_does_not_have(
    report: Report,
) -> None:
    assert {check.id for check in CATALOGUE} - fired(report) == NOT_PLANTED


def test_nothing_of_the_demo_account_is_left_unread(demo: Snapshot, report: Report) -> None:
    assert demo.gaps == ()
    assert not [one for one in report.results if one.outcome is Outcome.NOT_EVALUATED]


def test_the_money_that_mending_saves_is_on_the_bill(report: Report) -> None:
    dear = [one for one in report.findings if one.monthly_usd]
    assert len(dear) > 5
    assert [one.check for one in dear if report.bill.payer(one.subject.arn) is None] == []
    assert report.saving > 0
    assert report.bill.monthly_usd.expected - report.after == report.saving


@pytest.mark.parametrize("planted", FAULTS, ids=lambda planted: planted.name)
def test_a_fault_planted_alone_fires(planted: Fault) -> None:
    steps = {step.id: step for step in pipeline().steps}
    assert set(planted.steps) <= steps.keys()
    chosen = tuple(step for step in steps.values() if step.id in planted.steps)
    assert fired(audit(collect_demo(chosen))) == planted.fires


def test_the_faults_cover_every_check() -> None:
    covered = frozenset[str]().union(*(planted.fires for planted in FAULTS))
    assert {check.id for check in CATALOGUE} - covered == NOT_PLANTED


def test_every_step_of_the_demo_has_a_part_in_a_fault_or_is_what_a_sound_pipeline_has() -> None:
    used = {step for planted in FAULTS for step in planted.steps}
    sound = {"bucket", "lambda-role-logs", "function-thumbnails"}
    assert {step.id for step in pipeline().steps} - used - sound == set()


def test_every_name_in_the_history_is_one_of_the_account(demo: Snapshot) -> None:
    told = files.read("demo_history.json")
    kinds = {
        *("roles", "users", "notebooks", "training_jobs", "endpoints", "functions", "instances"),
    }
    assert told.keys() - {"schema", "source", "fetched"} == kinds
    names = {resource.name for resource in demo.resources}
    assert {name for kind in kinds for name in told[kind]} - names == set()


def test_an_account_in_which_nothing_was_made_is_clean() -> None:
    report = audit(collect_demo(()))
    assert fired(report) == set()
    assert report.gaps == ()


def test_the_account_is_that_of_the_file(demo: Snapshot) -> None:
    made = pipeline()
    assert demo.source == "demo"
    assert (demo.accounts, demo.regions) == ((made.account,), (made.region,))


def test_the_clock_is_the_callers() -> None:
    then = datetime(2026, 11, 2, 9, 0, tzinfo=UTC)
    steps = tuple(step for step in pipeline().steps if step.id == "role-old")
    snapshot = collect_demo(steps, clock=lambda: then)
    (role,) = snapshot.of(Role)
    assert snapshot.taken_at == then
    assert (then - role.created_at).days == 900


def test_the_plan_alone_gives_the_verdicts_of_the_live_account(
    report: Report, planned: Snapshot
) -> None:
    def verdicts(one: Report) -> set[tuple[str, str]]:
        return {
            (finding.check, finding.subject.name)
            for result in one.results
            for finding in result.findings
            if finding.check in applied
        }

    plan = audit(planned)
    applied = (
        {check.id for check in plan.checks}
        - PAST
        - {
            "concurrency-provisioned-bypassed",
            "concurrency-vs-endpoint",
        }
    )
    assert verdicts(plan) == verdicts(report)
    assert plan.gaps == ()


@pytest.fixture(scope="module")
def planned() -> Snapshot:
    text = pipeline().to_json()
    return PipelineFile(text, name="demo.json", taken_at=datetime.now(UTC)).collect()


@pytest.mark.parametrize("kind", sorted(set(COVERS) - MADE_UP))
def test_a_plan_names_the_resources_that_the_live_account_has(
    kind: str, demo: Snapshot, planned: Snapshot
) -> None:
    def named(snapshot: Snapshot) -> set[tuple[str, str]]:
        return {
            (one.arn if kind != "ScalableTarget" else "", one.name)
            for one in snapshot.resources
            if type(one).__name__ == kind and ":iam::aws:" not in one.arn
        }

    assert named(planned) == named(demo)


def test_a_plan_states_functions_and_notebooks_as_they_will_be(
    demo: Snapshot, planned: Snapshot
) -> None:
    def functions(snapshot: Snapshot) -> list[tuple[object, ...]]:
        return [
            (
                *(one.name, one.role_arn, one.timeout_s, one.memory_mb),
                *(one.reserved_concurrency, one.code_sha256, one.architecture, one.tracing),
            )
            for one in snapshot.of(Function)
        ]

    def notebooks(snapshot: Snapshot) -> list[tuple[object, ...]]:
        return [
            (
                *(one.name, one.instance_type, one.role_arn, one.direct_internet_access),
                *(one.root_access, one.volume_size_gb, one.platform_identifier, one.status),
            )
            for one in snapshot.of(NotebookInstance)
        ]

    assert functions(planned) == functions(demo)
    assert notebooks(planned) == notebooks(demo)


def settings() -> dict[str, str]:
    return {name: value for name, value in os.environ.items() if not name.startswith("PYTEST")}


@pytest.fixture
def hostile(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> dict[str, str]:
    config = tmp_path / "config"
    config.write_text("[profile nobody]\nregion = eu-north-1\nendpoint_url = http://127.0.0.1:9\n")
    for name, value in {
        "AWS_PROFILE": "nobody",
        "AWS_CONFIG_FILE": str(config),
        "AWS_ENDPOINT_URL": "http://127.0.0.1:9",
        "AWS_REGION": "eu-north-1",
        "AWS_ACCESS_KEY_ID": "AKIAREALREALREALREAL",
        "AWS_SESSION_TOKEN": "real",
        "AWS_MAX_ATTEMPTS": "nonsense",
        "MOTO_ACCOUNT_ID": "999999999999",
    }.items():
        monkeypatch.setenv(name, value)
    return settings()


def test_nothing_of_the_users_aws_settings_is_used_or_changed(hostile: dict[str, str]) -> None:
    snapshot = collect_demo(())
    assert snapshot.regions == ("us-east-1",)
    assert snapshot.accounts == ("123456789012",)
    assert settings() == hostile


def test_the_environment_is_back_after_a_failure(hostile: dict[str, str]) -> None:
    broken = pipeline().steps[-1]
    with pytest.raises(SourceError, match="'user-key'"):
        collect_demo((broken,))
    assert settings() == hostile
    assert not mocking()


def test_moto_is_off_and_logging_as_before_afterwards() -> None:
    logging.getLogger("botocore").setLevel(logging.INFO)
    try:
        collect_demo(())
        assert not mocking()
        assert logging.getLogger("botocore").level == logging.INFO
    finally:
        logging.getLogger("botocore").setLevel(logging.NOTSET)


def test_the_demo_does_not_mix_with_a_mock_that_is_on() -> None:
    with mock_aws():
        iam = boto3.client("iam", region_name="us-east-1")
        iam.create_user(UserName="ada")
        with pytest.raises(SourceError, match="mock_aws"):
            collect_demo(())
        assert [user["UserName"] for user in iam.list_users()["Users"]] == ["ada"]


def test_without_moto_the_error_says_what_to_install(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "moto", None)
    with pytest.raises(SourceError, match=r"pip install 'mlguard-aws\[demo\]'"):
        DemoAccount().collect()


def test_nothing_is_printed_or_warned_of() -> None:
    code = "from mlguard.sources.demo.account import DemoAccount; DemoAccount().collect()"
    done = subprocess.run(  # noqa: S603  # our own interpreter and code
        [sys.executable, "-W", "always", "-c", code],
        capture_output=True,
        text=True,
        check=True,
        cwd=ROOT,
    )
    assert (done.stdout, done.stderr) == ("", "")


def test_progress_is_told_in_words() -> None:
    told: list[str] = []
    collect_demo((), progress=told.append)
    assert told[0] == "the demo account: starting it"
    assert any("IAM" in words for words in told)


def test_the_file_is_in_the_form_that_is_written() -> None:
    path = ROOT / "mlguard" / "data" / "demo.json"
    assert pipeline().to_json() == path.read_bytes()
