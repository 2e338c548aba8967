"""Our own pipeline, audited by ourselves: as a plan, and as it stands once it was made."""

from collections.abc import Callable
from datetime import UTC, datetime
from functools import cache
from pathlib import Path
from typing import Final

import pytest

from deploy import as_written
from deploy.apply import apply
from deploy.pipeline import Pipeline
from mlguard.auditor import audit
from mlguard.check import Severity
from mlguard.config import Config, load
from mlguard.policy import Policy
from mlguard.report import Outcome, Report
from mlguard.snapshot import Snapshot
from mlguard.sources.aws.source import AwsSource
from mlguard.sources.demo.account import empty
from mlguard.sources.pipeline_file import PipelineFile
from tests.deploy.account import PATIENCE, Silent
from tests.deploy.plans import VARIANTS, config, planned

TAKEN: Final = datetime(2026, 11, 2, 9, 0, tzinfo=UTC)
ACCEPTED: Final = load(Path(__file__).parents[1] / "deploy" / "mlguard.toml")

# What a plan cannot tell, being of the past or of the account.
LIVE_ALONE: Final = {
    "concurrency-pc-utilisation",
    "concurrency-unreserved-pool",
    "endpoint-dearer-than-serverless",
    "endpoint-idle",
    "function-memory-fit",
    "function-unused",
}

# What the write-up's faults deserve, of what a plan can tell.
DESERVED: Final = {
    ("concurrency-over-policy", "dog-breed-gallery"),
    ("concurrency-over-policy", "dog-breed-report"),
    ("concurrency-over-policy", "dog-breed-thumbnails"),
    ("concurrency-provisioned-equals-reserved", "dog-breed-thumbnails"),
    ("concurrency-provisioned-needs-alias", "dog-breed-report"),
    ("concurrency-provisioned-over-reserved", "dog-breed-report"),
    ("endpoint-instance-type", "dog-breed-batch"),
    ("endpoint-instance-type", "dog-breed-candidate"),
    ("endpoint-instance-type", "dog-breed-large"),
    ("function-public-policy", "dog-breed-invoke"),
    ("function-timeout-vs-endpoint", "dog-breed-invoke"),
    ("instance-too-small-to-train", "dog-breed-ec2"),
    ("instance-type-outside-policy", "dog-breed-ec2-large"),
    ("job-illegal-instance-type", "dog-breed-first-try"),
    ("job-instance-type", "dog-breed-first-try"),
    ("job-instance-type", "dog-breed-training"),
    ("job-instance-type", "dog-breed-tuning"),
    ("job-max-runtime", "dog-breed-training"),
    ("job-max-runtime", "dog-breed-tuning"),
    ("job-no-spot", "dog-breed-training"),
    ("job-no-spot", "dog-breed-tuning"),
    ("job-not-distributed", "dog-breed-training"),
    ("notebook-direct-internet", "dog-breed-notebook"),
    ("notebook-direct-internet", "dog-breed-notebook-large"),
    ("notebook-instance-type", "dog-breed-notebook-large"),
    ("notebook-no-autostop", "dog-breed-notebook"),
    ("notebook-no-autostop", "dog-breed-notebook-large"),
    ("principal-administrator", "dog-breed-training"),
    ("principal-escalation", "dog-breed-lambda"),
    ("role-full-access", "dog-breed-lambda"),
    ("role-full-access", "dog-breed-training"),
    ("role-orphaned-lambda", "dog-breed-resize"),
    ("role-orphaned-sagemaker", "dog-breed-training-old"),
    ("role-shared", "dog-breed-lambda"),
    ("role-shared", "dog-breed-training"),
    ("role-stale-trust", "dog-breed-labelling"),
    ("role-trust-no-source-account", "dog-breed-training"),
    ("role-trust-no-source-account", "dog-breed-training-old"),
    ("scaling-burstable", "endpoint/dog-breed/variant/AllTraffic"),
    ("scaling-min-equals-max", "endpoint/dog-breed-large/variant/AllTraffic"),
    ("scaling-no-target", "dog-breed-candidate"),
    ("scaling-stranded-at-zero", "endpoint/dog-breed-batch/variant/AllTraffic"),
    ("scaling-target-no-policy", "endpoint/dog-breed-large/variant/AllTraffic"),
}


def as_planned(pipeline: Pipeline) -> Snapshot:
    text = pipeline.to_json().encode()
    return PipelineFile(text, name="plan.json", taken_at=TAKEN).collect()


def as_made(pipeline: Pipeline) -> Snapshot:
    with empty(pipeline.region, managed=False) as (session, _):
        apply(pipeline, session, progress=Silent(), patience=PATIENCE)
        return AwsSource(session, source="test", clock=lambda: datetime.now(UTC)).collect()


def audited(variant: str, collect: Callable[[Pipeline], Snapshot]) -> Report:
    wanted = VARIANTS[variant]
    # Whoever asks for a larger type has decided on its price.
    policy = Policy(endpoint=("ml.t2.medium", wanted.instance_type), required_tags=("project",))
    judged = Config(policy=policy, suppressions=ACCEPTED.suppressions)
    return audit(collect(planned(wanted)), config=judged)


@cache
def plan_report(variant: str) -> Report:
    return audited(variant, as_planned)


@cache
def live_report(variant: str) -> Report:
    return audited(variant, as_made)


@pytest.mark.parametrize("variant", VARIANTS)
def test_the_plan_has_no_finding(variant: str) -> None:
    report = plan_report(variant)
    assert report.findings == ()
    assert report.gaps == ()
    assert {result.outcome for result in report.results} == {Outcome.PASSED}


@pytest.mark.parametrize("variant", VARIANTS)
def test_what_was_made_has_no_finding(variant: str) -> None:
    report = live_report(variant)
    assert report.findings == ()
    assert report.gaps == ()
    assert {result.outcome for result in report.results} == {Outcome.PASSED}


@pytest.mark.parametrize("variant", VARIANTS)
def test_the_plan_gives_the_verdicts_of_what_was_made(variant: str) -> None:
    def verdicts(report: Report) -> set[tuple[str, str, Outcome]]:
        return {
            (result.check, result.subject.name, result.outcome)
            for result in report.results
            if result.check not in LIVE_ALONE
        }

    assert verdicts(plan_report(variant)) == verdicts(live_report(variant))


@pytest.mark.parametrize("variant", VARIANTS)
def test_only_the_notebooks_passing_of_its_role_is_accepted(variant: str) -> None:
    accepted = {entry.finding.check for entry in plan_report(variant).suppressed}
    assert accepted == ({"principal-escalation"} if VARIANTS[variant].has_notebook else set())
    assert all(len(entry.reason) > 40 for entry in ACCEPTED.suppressions)


def test_as_it_comes_nothing_is_accepted() -> None:
    assert audit(as_planned(planned())).findings == ()


def test_a_notebook_on_the_open_internet_is_found_until_somebody_accepts_it() -> None:
    report = audit(as_planned(planned(config(notebook_direct_internet=True))), config=ACCEPTED)
    (finding,) = report.findings
    assert (finding.check, finding.severity) == ("notebook-direct-internet", Severity.HIGH)


def test_a_larger_endpoint_is_found_until_the_policy_allows_it() -> None:
    report = audit(as_planned(planned(VARIANTS["scaled"])))
    assert [finding.check for finding in report.findings] == ["endpoint-instance-type"]


def test_the_write_ups_pipeline_has_just_the_findings_that_its_faults_deserve() -> None:
    report = audit(as_planned(as_written.pipeline()))
    assert {(one.check, one.subject.name) for one in report.findings} == DESERVED
    assert report.gaps == ()
