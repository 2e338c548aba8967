"""Roles that are used, and roles that are left over."""

from mlguard.check import Severity
from mlguard.policy import Policy
from mlguard.report import Outcome
from mlguard.resources.iam import Role
from mlguard.resources.kinds import AnyResource
from mlguard.snapshot import Gap
from tests.builders.account import days_ago, gap, snapshot
from tests.builders.functions import function, version
from tests.builders.iam import (
    LAMBDA,
    SAGEMAKER,
    role,
    trust,
)
from tests.checks.case import Case

OTHER_ROLE = "arn:aws:iam::123456789012:role/other"
SERVICE_LINKED = "/aws-service-role/lambda.amazonaws.com/"
TRAINING = trust(Service=SAGEMAKER)


def unused(name: str, outcome: Outcome, subject: Role, says: tuple[str, ...] = ()) -> Case:
    return Case(
        name=name,
        check="role-unused",
        snapshot=snapshot(subject),
        outcome=outcome,
        says=says,
        at="RoleLastUsed.LastUsedDate" if outcome is Outcome.FAILED else None,
        severity=Severity.MEDIUM if outcome is Outcome.FAILED else None,
    )


UNUSED = (
    unused(
        "a role of last spring",
        Outcome.FAILED,
        role(last_used_at=days_ago(120)),
        ("120 days ago", "us-east-1"),
    ),
    unused(
        "a role never used",
        Outcome.FAILED,
        role(last_used_at=None),
        ("never used", "200 days ago"),
    ),
    unused(
        "a role older than AWS remembers",
        Outcome.FAILED,
        role(created_at=days_ago(900), last_used_at=None),
        ("400 days", "900 days ago"),
    ),
    unused("the first day that is too late", Outcome.FAILED, role(last_used_at=days_ago(91))),
    unused("the last day", Outcome.PASSED, role(last_used_at=days_ago(90))),
    unused("a role at work", Outcome.PASSED, role()),
    unused("a new role", Outcome.PASSED, role(created_at=days_ago(90), last_used_at=None)),
    unused("a service-linked role", Outcome.PASSED, role(path=SERVICE_LINKED, last_used_at=None)),
    Case(
        name="a role that IAM Identity Center made",
        check="role-unused",
        snapshot=snapshot(role(path="/aws-reserved/sso.amazonaws.com/", last_used_at=None)),
        outcome=Outcome.FAILED,
        severity=Severity.LOW,
        says=("take its assignment away in IAM Identity Center",),
    ),
    Case(
        name="a patient policy",
        check="role-unused",
        snapshot=snapshot(role(last_used_at=days_ago(120))),
        outcome=Outcome.PASSED,
        policy=Policy(role_unused_days=365),
    ),
    Case(
        name="a name that a shell would run",
        check="role-unused",
        snapshot=snapshot(role("$(reboot)", last_used_at=None)),
        outcome=Outcome.FAILED,
        fix=("delete-role --role-name '$(reboot)'", "arn:aws:iam::aws:policy/AWSDenyAll"),
    ),
    Case(
        name="roles that could not be listed",
        check="role-unused",
        snapshot=snapshot(gaps=(gap("Role", region="global"),)),
        outcome=Outcome.NOT_EVALUATED,
    ),
)


def orphaned(
    name: str,
    outcome: Outcome,
    *resources: AnyResource,
    gaps: tuple[Gap, ...] = (),
    severity: Severity | None = None,
    says: tuple[str, ...] = (),
) -> Case:
    return Case(
        name=name,
        check="role-orphaned-lambda",
        snapshot=snapshot(*resources, gaps=gaps),
        outcome=outcome,
        at="AssumeRolePolicyDocument" if outcome is Outcome.FAILED else None,
        severity=severity,
        says=says,
    )


ORPHANED = (
    orphaned(
        "a role that outlived its function",
        Outcome.FAILED,
        role(),
        function(role_arn=OTHER_ROLE),
        severity=Severity.MEDIUM,
        says=("no function in us-east-1 uses it",),
    ),
    orphaned(
        "a role that SageMaker may use",
        Outcome.FAILED,
        role(trust_policy=trust(Service=[LAMBDA, SAGEMAKER])),
        severity=Severity.LOW,
        says=("it trusts sagemaker.amazonaws.com too",),
    ),
    orphaned(
        "a role for Lambda at the edge",
        Outcome.FAILED,
        role(trust_policy=trust(Service=[LAMBDA, "edgelambda.amazonaws.com"])),
        severity=Severity.MEDIUM,
    ),
    orphaned("a role at work", Outcome.PASSED, role(), function()),
    orphaned(
        "a role of a published version",
        Outcome.PASSED,
        role(),
        function(role_arn=OTHER_ROLE),
        version(),
    ),
    orphaned("a role of SageMaker's", Outcome.PASSED, role(trust_policy=TRAINING)),
    orphaned("a service-linked role", Outcome.PASSED, role(path=SERVICE_LINKED)),
    orphaned(
        "functions of a region that could not be listed",
        Outcome.NOT_EVALUATED,
        role(),
        gaps=(gap("Function", region="eu-west-1"),),
    ),
    orphaned(
        "versions that could not be listed",
        Outcome.NOT_EVALUATED,
        role(),
        gaps=(gap("FunctionVersion"),),
    ),
    orphaned("a trust policy that is none", Outcome.NOT_EVALUATED, role(trust_policy="[]")),
)

CASES: tuple[Case, ...] = (*UNUSED, *ORPHANED)
