"""Who may read all data of the account, and who only that of some buckets."""

from typing import Any

from mlguard.check import Severity
from mlguard.report import Outcome
from mlguard.resources.iam import InlinePolicy, Role
from mlguard.resources.kinds import AnyResource
from tests.builders.account import snapshot
from tests.builders.iam import (
    SAGEMAKER,
    allow,
    document,
    iam_arn,
    inline,
    managed_policy,
    role,
    trust,
    user,
)
from tests.checks.case import Case

BOUNDARY = managed_policy("boundary", document=document(allow("logs:*")))


def reader(*statements: dict[str, Any], **changes: Any) -> Role:
    return role(inline_policies=(inline(*statements, name="data"),), **changes)


def but(resource: str) -> dict[str, Any]:
    return {"Effect": "Allow", "Action": "s3:GetObject", "NotResource": resource}


def case(
    name: str,
    outcome: Outcome,
    *resources: AnyResource,
    severity: Severity | None = None,
    says: tuple[str, ...] = (),
    fix: tuple[str, ...] = (),
    at: str | None = None,
) -> Case:
    return Case(
        name=name,
        check="principal-reads-all-buckets",
        snapshot=snapshot(*resources),
        outcome=outcome,
        severity=severity,
        says=says,
        fix=fix,
        at=at,
    )


CASES: tuple[Case, ...] = (
    case(
        "a function that reads everything",
        Outcome.FAILED,
        reader(allow("s3:GetObject")),
        severity=Severity.HIGH,
        at="RolePolicyList[0].PolicyDocument.Statement[0]",
        says=("inline policy data allows s3:GetObject on every object of every bucket",),
        fix=("delete-role-policy --role-name predict-role --policy-name data",),
    ),
    case(
        "a training role that reads every bucket, by ARN",
        Outcome.FAILED,
        reader(allow("s3:Get*", resource="arn:aws:s3:::*"), trust_policy=trust(Service=SAGEMAKER)),
        severity=Severity.HIGH,
    ),
    case(
        "every object of every bucket",
        Outcome.FAILED,
        reader(allow("s3:GetObject", resource="arn:aws:s3:::*/*")),
    ),
    case(
        "a user who reads everything",
        Outcome.FAILED,
        user(inline_policies=(inline(allow("s3:*")),)),
        severity=Severity.MEDIUM,
        at="UserPolicyList[0].PolicyDocument.Statement[0]",
    ),
    case(
        "everything but payroll",
        Outcome.FAILED,
        reader(
            allow("s3:GetObject"),
            {"Effect": "Deny", "Action": "s3:*", "Resource": "arn:aws:s3:::payroll/*"},
        ),
        severity=Severity.MEDIUM,
        says=("a Deny takes back some of it",),
    ),
    case(
        "everything but payroll, by NotResource",
        Outcome.FAILED,
        reader(but("arn:aws:s3:::payroll/*")),
        severity=Severity.MEDIUM,
        says=("NotResource leaves out some of it",),
    ),
    case(
        "everything but a role, which is no bucket",
        Outcome.FAILED,
        reader(but(iam_arn("role/admin"))),
        severity=Severity.HIGH,
    ),
    case("everything but S3", Outcome.PASSED, reader(but("arn:aws:s3:::*"))),
    case(
        "one bucket",
        Outcome.PASSED,
        reader(allow("s3:GetObject", resource="arn:aws:s3:::dog-images/*")),
    ),
    case(
        "everything denied but one bucket",
        Outcome.PASSED,
        reader(
            allow("s3:GetObject"),
            {"Effect": "Deny", "Action": "s3:*", "NotResource": "arn:aws:s3:::dog-images/*"},
        ),
    ),
    case(
        "everything denied but one bucket, without MFA",
        Outcome.FAILED,
        reader(
            allow("s3:GetObject"),
            {
                "Effect": "Deny",
                "Action": "s3:*",
                "NotResource": "arn:aws:s3:::dog-images/*",
                "Condition": {"BoolIfExists": {"aws:MultiFactorAuthPresent": "false"}},
            },
        ),
    ),
    case(
        "buckets of a name",
        Outcome.PASSED,
        reader(allow("s3:GetObject", resource="arn:aws:s3:::*sagemaker*/*")),
    ),
    case(
        "everything, denied to those without TLS",
        Outcome.FAILED,
        reader(
            allow("s3:GetObject"),
            {
                "Effect": "Deny",
                "Action": "s3:*",
                "Resource": "*",
                "Condition": {"Bool": {"aws:SecureTransport": "false"}},
            },
        ),
        severity=Severity.HIGH,
    ),
    case(
        "every object, by TLS",
        Outcome.FAILED,
        reader(allow("s3:GetObject", Condition={"Bool": {"aws:SecureTransport": "true"}})),
        severity=Severity.HIGH,
        says=("if a condition on aws:SecureTransport holds",),
    ),
    case(
        "every object, from one network",
        Outcome.PASSED,
        reader(
            allow("s3:GetObject", Condition={"StringEquals": {"aws:SourceVpc": "vpc-0123456789"}})
        ),
    ),
    case(
        "objects with a tag",
        Outcome.PASSED,
        reader(
            allow(
                "s3:GetObject",
                Condition={"StringEquals": {"s3:ExistingObjectTag/SageMaker": "true"}},
            )
        ),
    ),
    case("names of objects alone", Outcome.PASSED, reader(allow("s3:ListBucket"))),
    case("an administrator, who is reported as such", Outcome.PASSED, reader(allow("*"))),
    case(
        "a role that people assume",
        Outcome.PASSED,
        reader(allow("s3:GetObject"), trust_policy=trust(AWS=iam_arn("root"))),
    ),
    case(
        "a role of AWS's own",
        Outcome.PASSED,
        reader(allow("s3:GetObject"), path="/aws-service-role/lambda.amazonaws.com/"),
    ),
    case(
        "one whom a boundary holds back",
        Outcome.PASSED,
        reader(allow("s3:GetObject"), permissions_boundary=BOUNDARY.arn),
        BOUNDARY,
    ),
    case(
        "a policy that is none",
        Outcome.NOT_EVALUATED,
        role(inline_policies=(InlinePolicy(name="bad", document="{"),)),
    ),
    case(
        "a trust policy that is none",
        Outcome.NOT_EVALUATED,
        reader(allow("s3:GetObject"), trust_policy="{"),
    ),
    case(
        "a boundary that was not read",
        Outcome.NOT_EVALUATED,
        reader(allow("s3:GetObject"), permissions_boundary=BOUNDARY.arn),
    ),
)
