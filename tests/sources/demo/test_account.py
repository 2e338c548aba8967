"""The demo account: every fault of the write-up's pipeline, planted together and one by one."""

import logging
import os
import subprocess
import sys
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
from tests.sources.demo.faults import FAULTS, Fault

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
