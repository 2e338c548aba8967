"""Reports to draw: an account with every kind of trouble, a clean, an unread, an empty one."""

from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, date, datetime
from decimal import Decimal

from mlguard.check import Check, Confidence, Context, Evidence, Severity
from mlguard.cost.bill import Bill
from mlguard.iam.language.excerpt import Excerpt, Json, draw
from mlguard.report import (
    Coverage,
    Outcome,
    Report,
    Result,
    Suppressed,
)
from mlguard.resources.base import Resource
from mlguard.snapshot import Gap, GapReason
from tests.builders.bills import bill as made_bill
from tests.builders.bills import estimate, known, not_known, span
from tests.reporters.made import (
    ACCOUNT,
    REGION,
    TITLES,
    failed,
    finding,
    gap,
    passed,
    role,
    subject,
    unread,
)

TAKEN_AT = datetime(2026, 11, 2, 9, 0, tzinfo=UTC)
NOTHING_BILLED = Bill(estimates=(), as_of=TAKEN_AT.date())
NOTE = f"suppression of user-inactive on arn:aws:iam::{ACCOUNT}:user/ci* matched nothing: remove it"
OPERATIONS = tuple(f"sagemaker:Operation{number}" for number in range(21))
HOSTILE = "a\x1b[31mb\nc[red]d[/red]</script>\u202ee"

BILL = made_bill(
    estimate(
        "fraud",
        known(span("167.9")),
        known(span("0.7"), what="5 GB volume"),
        kind="NotebookInstance",
    ),
    estimate(HOSTILE, known(span("0", "73", "73")), kind="NotebookInstance"),
    estimate("fraud-2026-10-29", known(span("12", "14", "30.5")), kind="TrainingJob"),
    estimate("scores", not_known(reason=f"no price {HOSTILE} is known"), kind="Endpoint"),
)


def report(
    *results: Result,
    gaps: tuple[Gap, ...] = (),
    not_applicable: tuple[str, ...] = (),
    not_selected: tuple[str, ...] = (),
    notes: tuple[str, ...] = (),
    bill: Bill = NOTHING_BILLED,
) -> Report:
    checks = tuple(dict.fromkeys(result.check for result in results))
    by_outcome = {
        outcome: tuple(sorted({r.check for r in results if r.outcome is outcome}))
        for outcome in Outcome
    }
    bad = {*by_outcome[Outcome.FAILED], *by_outcome[Outcome.NOT_EVALUATED]}
    return Report(
        source="aws",
        identity=f"arn:aws:iam::{ACCOUNT}:user/auditor",
        accounts=(ACCOUNT,),
        regions=(REGION,),
        taken_at=TAKEN_AT,
        today=date(2026, 11, 2),
        operations=OPERATIONS,
        checks=tuple(_check(check) for check in checks),
        results=results,
        gaps=gaps,
        coverage=Coverage(
            passed=tuple(check for check in by_outcome[Outcome.PASSED] if check not in bad),
            failed=by_outcome[Outcome.FAILED],
            not_evaluated=tuple(
                check
                for check in by_outcome[Outcome.NOT_EVALUATED]
                if check not in by_outcome[Outcome.FAILED]
            ),
            no_subject=(),
            not_applicable=not_applicable,
            not_selected=not_selected,
            subjects=len({(r.subject.kind, r.subject.arn) for r in results}),
            subjects_not_evaluated=len(
                {r.subject.arn for r in results if r.outcome is Outcome.NOT_EVALUATED}
            ),
        ),
        notes=notes,
        bill=bill,
    )


def full() -> Report:
    """Every severity, excerpts, money, confidence, gaps, suppressions, notes, a hostile name."""
    return report(
        *_roles(),
        *_machines(),
        *_unread(),
        failed_or_suppressed(),
        passed("job-no-spot", subject("TrainingJob", "fraud-2026-10-30")),
        gaps=GAPS,
        not_applicable=("instance-ami", "instance-imds", "instance-type", "volume-idle"),
        notes=(NOTE,),
        bill=BILL,
    )


def clean() -> Report:
    """Everything was read and nothing found."""
    return report(
        passed("role-full-access", role("fraud-training")),
        passed("role-full-access", role("fraud-serving")),
        passed("role-trust-open", role("fraud-training")),
        passed("role-trust-open", role("fraud-serving")),
        passed("notebook-direct-internet", subject("NotebookInstance", "fraud")),
        passed("job-no-spot", subject("TrainingJob", "fraud-2026-10-30")),
        not_applicable=("instance-ami",),
    )


def gaps_only() -> Report:
    """Nothing found, but not everything read."""
    return report(*clean().results, *_unread(), gaps=GAPS)


def unjudged() -> Report:
    """Checks were run and every call was refused."""
    return report(*_unread(), gaps=GAPS)


def empty() -> Report:
    """Checks were run on an account, or in a region, that holds nothing."""
    bare = report()
    return replace(
        bare,
        checks=tuple(_check(check) for check in TITLES),
        coverage=replace(bare.coverage, no_subject=tuple(sorted(TITLES))),
    )


GAPS = (
    gap(),
    gap(region="eu-west-1"),
    gap(
        "lambda:ListFunctions",
        reason=GapReason.THROTTLED,
        detail="Rate exceeded, after 8 attempts in 60 seconds",
        permission=None,
    ),
    gap(
        "AssumeRolePolicyDocument",
        region="global",
        reason=GapReason.INVALID,
        detail="the policy document cannot be read: Statement[0].Effect: must be Allow or Deny",
        permission=None,
        arn=f"arn:aws:iam::{ACCOUNT}:role/legacy",
    ),
)


def failed_or_suppressed() -> Result:
    of = subject("NotebookInstance", "sandbox")
    accepted = Suppressed(
        finding=finding(of=of),
        reason="a sandbox without data, reached from the office network only",
        expires=date(2027, 1, 31),
    )
    return Result(
        check="notebook-direct-internet",
        subject=of,
        outcome=Outcome.PASSED,
        suppressed=(accepted,),
    )


def long_excerpt() -> Excerpt:
    actions = tuple(f"s3:{verb}Object{noun}" for verb in ("Get", "Put") for noun in "ABCDEFGH")
    statement: dict[str, Json] = {
        "Sid": "Everything",
        "Effect": "Allow",
        "Action": (*actions, "iam:PassRole"),
        "Resource": f"arn:aws:iam::{ACCOUNT}:role/service-role/AmazonSageMaker-ExecutionRole-"
        "20241017T101010-fraud-detection-in-production",
    }
    return draw(statement, ("Action[16]", "Resource"))


def _roles() -> tuple[Result, ...]:
    training = role("fraud-training")
    serving = role("AmazonSageMaker-ExecutionRole-20241017T101010", "service-role/")
    trust = draw({"Effect": "Allow", "Principal": "*", "Action": "sts:AssumeRole"}, ("Principal",))
    detach = "aws iam detach-role-policy --role-name {} --policy-arn arn:aws:iam::aws:policy/{}"
    return (
        failed(
            finding(
                "role-trust-open",
                training,
                severity=Severity.CRITICAL,
                message='Principal "*" may assume the role, and no condition narrows it',
                at="AssumeRolePolicyDocument.Statement[0].Principal",
                remediation="aws iam update-assume-role-policy --role-name fraud-training "
                "--policy-document file://trust.json",
                excerpt=trust,
            )
        ),
        failed(
            finding(
                "role-full-access",
                training,
                message="carries AmazonSageMakerFullAccess, which allows 412 actions on all "
                "resources, iam:PassRole among them",
                at="AttachedManagedPolicies[0]",
                remediation=detach.format("fraud-training", "AmazonSageMakerFullAccess"),
            ),
            finding(
                "role-full-access",
                training,
                message="carries AmazonS3FullAccess",
                at="AttachedManagedPolicies[1]",
                remediation=detach.format("fraud-training", "AmazonS3FullAccess"),
            ),
        ),
        failed(
            finding(
                "role-full-access",
                serving,
                message="an inline policy allows iam:PassRole on a role of another service",
                at="RolePolicyList[0].Statement[0].Action[16]",
                remediation=f"aws iam delete-role-policy --role-name {serving.name} "
                "--policy-name inline",
                excerpt=long_excerpt(),
            )
        ),
    )


def _machines() -> tuple[Result, ...]:
    stop = (
        "The setting cannot be changed: make a new notebook in a subnet of yours, with "
        "`aws sagemaker create-notebook-instance --notebook-instance-name NEW_NAME --subnet-id "
        "SUBNET_ID --direct-internet-access Disabled`, move the work, and delete fraud."
    )
    fraud, hostile = subject("NotebookInstance", "fraud"), subject("NotebookInstance", HOSTILE)
    job = subject("TrainingJob", "fraud-2026-10-29")
    smaller = (
        "aws sagemaker update-notebook-instance --notebook-instance-name {} "
        "--instance-type ml.t3.medium"
    )
    oversized = {
        "check": "notebook-instance-type",
        "severity": Severity.MEDIUM,
        "at": "InstanceType",
    }
    return (
        failed(finding(of=fraud, remediation=stop)),
        failed(
            finding(
                of=fraud,
                message="ml.m5.xlarge is not one of ml.t2.medium, ml.t3.medium",
                remediation=smaller.format("fraud"),
                monthly_usd=Decimal("131.4"),
                **oversized,  # type: ignore[arg-type]  # one dict of several types
            )
        ),
        failed(
            finding(
                of=hostile,
                message=f"ml.t3.large is not one of ml.t2.medium, ml.t3.medium (tag {HOSTILE})",
                remediation=smaller.format(f"'{HOSTILE}'"),
                monthly_usd=Decimal("40.88"),
                **oversized,  # type: ignore[arg-type]  # one dict of several types
            )
        ),
        failed(
            finding(
                "job-no-spot",
                job,
                severity=Severity.LOW,
                confidence=Confidence.MEDIUM,
                message="managed spot training is off, and the job ran 6.2 hours on ml.m5.4xlarge",
                at="EnableManagedSpotTraining",
                remediation="Start the next job with use_spot_instances=True, max_wait=7200 and a "
                "checkpoint_s3_uri, so that it resumes where it was interrupted.",
                monthly_usd=Decimal(12),
            )
        ),
        failed(
            finding(
                "log-group-kept-for-ever",
                subject(
                    "LogGroup",
                    "/aws/lambda/score",
                    f"arn:aws:logs:{REGION}:{ACCOUNT}:log-group:/aws/lambda/score",
                ),
                severity=Severity.INFORMATIONAL,
                confidence=Confidence.LOW,
                message="retentionInDays is not set",
                at="retentionInDays",
                remediation="aws logs put-retention-policy --log-group-name /aws/lambda/score "
                "--retention-in-days 30",
            )
        ),
    )


def _unread() -> tuple[Result, ...]:
    endpoints = [
        subject("Endpoint", "*", f"{ACCOUNT}/{region}/Endpoint/*", region)
        for region in (REGION, "eu-west-1")
    ]
    legacy = role("legacy")
    return (
        unread("endpoint-one-instance", endpoints[0], GAPS[0]),
        unread("endpoint-one-instance", endpoints[1], GAPS[1]),
        unread("role-orphaned-lambda", role("fraud-serving"), GAPS[2]),
        unread("role-trust-open", legacy, GAPS[3]),
    )


def _check(check_id: str) -> Check:
    return Check(
        id=check_id,
        title=TITLES[check_id],
        on=(Resource,),
        severity=Severity.HIGH,
        remediation="",
        references=(),
        reason="",
        bad="",
        good="",
        judge=_silent,
    )


def _silent(_: Resource, __: Context) -> Iterator[Evidence]:
    return iter(())
