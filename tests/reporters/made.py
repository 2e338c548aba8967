"""Findings, gaps and results of a made-up account, one by one."""

from decimal import Decimal

from mlguard.check import Confidence, Severity
from mlguard.iam.language.excerpt import Excerpt
from mlguard.report import (
    Finding,
    Outcome,
    Result,
    Subject,
    fingerprint,
)
from mlguard.snapshot import Gap, GapReason

ACCOUNT = "123456789012"
REGION = "us-east-1"

TITLES = {
    "role-trust-open": "Role can be assumed by anyone",
    "role-full-access": "Execution role carries a FullAccess or administrator policy",
    "notebook-direct-internet": "Notebook has direct internet access",
    "notebook-instance-type": "Notebook instance type is outside the cost policy",
    "endpoint-one-instance": "Endpoint stands on one instance",
    "job-no-spot": "Training job could run on managed spot instances",
    "log-group-kept-for-ever": "Log group keeps its events for ever",
    "role-orphaned-lambda": "Lambda execution role that no function uses",
    "user-inactive": "User has not been active for a long time",
}


def subject(kind: str, name: str, arn: str | None = None, region: str = REGION) -> Subject:
    made = f"arn:aws:sagemaker:{region}:{ACCOUNT}:{kind.lower()}/{name}"
    return Subject(kind=kind, arn=arn or made, account=ACCOUNT, region=region, name=name)


def role(name: str, path: str = "") -> Subject:
    return subject("Role", name, f"arn:aws:iam::{ACCOUNT}:role/{path}{name}", "global")


def finding(
    check: str = "notebook-direct-internet",
    of: Subject | None = None,
    *,
    severity: Severity = Severity.HIGH,
    confidence: Confidence = Confidence.HIGH,
    message: str = "direct internet access is enabled",
    at: str = "DirectInternetAccess",
    remediation: str = "aws sagemaker stop-notebook-instance --notebook-instance-name fraud",
    monthly_usd: Decimal | None = None,
    excerpt: Excerpt | None = None,
) -> Finding:
    of = of or subject("NotebookInstance", "fraud")
    return Finding(
        check=check,
        title=TITLES[check],
        subject=of,
        severity=severity,
        confidence=confidence,
        message=message,
        at=at,
        remedy=tuple(remediation.split("`")),
        fingerprint=fingerprint(check, of, at),
        monthly_usd=monthly_usd,
        excerpt=excerpt,
    )


def failed(*findings: Finding, gaps: tuple[Gap, ...] = ()) -> Result:
    first = findings[0]
    return Result(
        check=first.check,
        subject=first.subject,
        outcome=Outcome.FAILED,
        findings=findings,
        gaps=gaps,
    )


def passed(check: str, of: Subject) -> Result:
    return Result(check=check, subject=of, outcome=Outcome.PASSED)


def unread(check: str, of: Subject, *gaps: Gap) -> Result:
    return Result(check=check, subject=of, outcome=Outcome.NOT_EVALUATED, gaps=gaps)


def gap(
    operation: str = "sagemaker:ListEndpoints",
    *,
    region: str = REGION,
    reason: GapReason = GapReason.DENIED,
    detail: str = "no identity-based policy allows the sagemaker:ListEndpoints action",
    permission: str | None = "sagemaker:ListEndpoints",
    arn: str | None = None,
) -> Gap:
    return Gap(
        kinds=("Endpoint",),
        account=ACCOUNT,
        region=region,
        operation=operation,
        reason=reason,
        detail=detail,
        subject=arn,
        permission=permission,
    )
