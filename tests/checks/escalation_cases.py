"""Principals that can make themselves more, and those that cannot."""

from typing import Any

from mlguard.check import Severity
from mlguard.report import Outcome
from mlguard.resources.kinds import AnyResource
from mlguard.snapshot import Gap
from tests.builders.account import gap, snapshot
from tests.builders.iam import allow, iam_arn, inline, role, trust, user
from tests.checks.case import Case

SAGEMAKER = trust(Service="sagemaker.amazonaws.com")
PEOPLE = trust(AWS=iam_arn("root"))
ADMIN = role("admin", trust_policy=SAGEMAKER, inline_policies=(inline(allow("*")),))
WEAK = role("weak", trust_policy=SAGEMAKER, inline_policies=(inline(allow("s3:GetObject")),))
TRAIN = allow("sagemaker:CreateTrainingJob", "s3:GetObject")
PASS_ADMIN = allow("iam:PassRole", resource=ADMIN.arn)
DENY_PASSING = {"Effect": "Deny", "Action": "iam:PassRole", "Resource": "*"}


def trainer(*statements: dict[str, Any], trusts: str = PEOPLE) -> AnyResource:
    return role("trainer", trust_policy=trusts, inline_policies=(inline(*statements),))


def escalation(
    name: str,
    outcome: Outcome,
    *resources: AnyResource,
    gaps: tuple[Gap, ...] = (),
    severity: Severity | None = None,
    says: tuple[str, ...] = (),
) -> Case:
    return Case(
        name=name,
        check="principal-escalation",
        snapshot=snapshot(*resources, gaps=gaps),
        outcome=outcome,
        severity=severity,
        says=says,
    )


CASES: tuple[Case, ...] = (
    escalation(
        "a role that may train with an administrator's role",
        Outcome.FAILED,
        trainer(TRAIN, PASS_ADMIN),
        ADMIN,
        severity=Severity.HIGH,
        says=("can become administrator", "iam:PassRole", "sagemaker:CreateTrainingJob"),
    ),
    escalation(
        "a function that may",
        Outcome.FAILED,
        trainer(TRAIN, PASS_ADMIN, trusts=trust(Service="lambda.amazonaws.com")),
        ADMIN,
        severity=Severity.CRITICAL,
    ),
    escalation(
        "a user who may attach any policy to itself",
        Outcome.FAILED,
        user("ana", inline_policies=(inline(allow("iam:AttachUserPolicy")),)),
        severity=Severity.HIGH,
        says=("iam:AttachUserPolicy",),
    ),
    escalation(
        "passing that somebody denied",
        Outcome.PASSED,
        trainer(TRAIN, PASS_ADMIN, DENY_PASSING),
        ADMIN,
    ),
    escalation(
        "passing a role that has no more",
        Outcome.PASSED,
        trainer(TRAIN, allow("iam:PassRole", resource=WEAK.arn)),
        WEAK,
    ),
    escalation(
        "passing to a service that does not train",
        Outcome.PASSED,
        trainer(
            TRAIN,
            PASS_ADMIN
            | {"Condition": {"StringEquals": {"iam:PassedToService": "glue.amazonaws.com"}}},
        ),
        ADMIN,
    ),
    escalation("an administrator is reported as such", Outcome.PASSED, ADMIN),
    escalation(
        "a way whose target was not read",
        Outcome.FAILED,
        trainer(TRAIN, allow("iam:PassRole", resource=iam_arn("role/hidden"))),
        gaps=(gap("Role", subject=iam_arn("role/hidden"), region="global"),),
        severity=Severity.INFORMATIONAL,
        says=("may gain",),
    ),
    escalation(
        "policies that could not be read",
        Outcome.NOT_EVALUATED,
        trainer(allow("s3:GetObject")),
        gaps=(gap("ManagedPolicy", region="global"),),
    ),
)
