"""Who may pass every role to every service, and who names one of the two."""

from typing import Any

from mlguard.check import Severity
from mlguard.report import Outcome
from mlguard.resources.iam import InlinePolicy, Role
from mlguard.resources.kinds import AnyResource
from tests.builders.account import snapshot
from tests.builders.iam import allow, document, iam_arn, inline, managed_policy, role, user
from tests.checks.case import Case

EVERY_ROLE = iam_arn("role/*")
BOUNDARY = managed_policy("boundary", document=document(allow("s3:*")))
START = allow("sagemaker:CreateTrainingJob", "lambda:CreateFunction")


def to(*services: str, operator: str = "StringEquals") -> dict[str, Any]:
    return {"Condition": {operator: {"iam:PassedToService": list(services)}}}


def of(resource: str) -> dict[str, Any]:
    return {"Condition": {"ArnLike": {"iam:AssociatedResourceArn": resource}}}


def passer(*statements: dict[str, Any], **changes: Any) -> Role:
    return role(inline_policies=(inline(*statements),), **changes)


def passing(resource: str = "*", **elements: Any) -> dict[str, Any]:
    return allow("iam:PassRole", resource=resource, **elements)


def deny(**elements: Any) -> dict[str, Any]:
    return {"Effect": "Deny", "Action": "iam:PassRole", "Resource": "*", **elements}


def case(
    name: str,
    outcome: Outcome,
    *resources: AnyResource,
    severity: Severity | None = None,
    says: tuple[str, ...] = (),
    fix: tuple[str, ...] = (),
) -> Case:
    return Case(
        name=name,
        check="principal-pass-role-wide",
        snapshot=snapshot(*resources),
        outcome=outcome,
        severity=severity,
        says=says,
        fix=fix,
        at=(
            "RolePolicyList[0].PolicyDocument.Statement[0]"
            if outcome is Outcome.FAILED and any(isinstance(one, Role) for one in resources)
            else None
        ),
    )


CASES: tuple[Case, ...] = (
    case(
        "any role to any service, by one who may train",
        Outcome.FAILED,
        passer(passing(), START),
        severity=Severity.HIGH,
        says=("inline policy own allows iam:PassRole on every role", "lambda:CreateFunction"),
        fix=("delete-role-policy --role-name predict-role --policy-name own",),
    ),
    case(
        "any role of the account",
        Outcome.FAILED,
        passer(passing(EVERY_ROLE), START),
        severity=Severity.HIGH,
    ),
    case(
        "any role, by a user who starts nothing",
        Outcome.FAILED,
        user(inline_policies=(inline(passing()),)),
        severity=Severity.MEDIUM,
        says=("nothing itself",),
    ),
    case(
        "every action of IAM that begins with P",
        Outcome.FAILED,
        passer(allow("iam:P*"), START),
        severity=Severity.HIGH,
    ),
    case(
        "any role to any service, by pattern",
        Outcome.FAILED,
        passer(passing(**to("*.amazonaws.com", operator="StringLike")), START),
    ),
    case(
        "any role to any service, with MFA",
        Outcome.FAILED,
        passer(passing(Condition={"Bool": {"aws:MultiFactorAuthPresent": "true"}}), START),
        severity=Severity.MEDIUM,
        says=("aws:MultiFactorAuthPresent",),
    ),
    case(
        "any role but one",
        Outcome.FAILED,
        passer(passing(), START, deny(Resource=iam_arn("role/admin"))),
        severity=Severity.MEDIUM,
    ),
    case(
        "everything, as far as a boundary goes, which is any role",
        Outcome.FAILED,
        passer(allow("*"), permissions_boundary=BOUNDARY.arn),
        managed_policy("boundary", document=document(passing(), allow("lambda:*"))),
        severity=Severity.HIGH,
        says=("inline policy own",),
    ),
    case(
        "any role to any service but one",
        Outcome.FAILED,
        passer(passing(**to("ec2.amazonaws.com", operator="StringNotEquals")), START),
        severity=Severity.MEDIUM,
    ),
    case(
        "any role, denied to one service",
        Outcome.FAILED,
        passer(passing(), START, deny(**to("ec2.amazonaws.com"))),
        severity=Severity.MEDIUM,
    ),
    case(
        "any role, one of them denied to all but SageMaker",
        Outcome.FAILED,
        passer(
            passing(),
            START,
            deny(
                **to("sagemaker.amazonaws.com", operator="StringNotEquals"),
                Resource=iam_arn("role/admin"),
            ),
        ),
    ),
    case(
        "any role, denied to all but SageMaker without MFA",
        Outcome.FAILED,
        passer(
            passing(),
            START,
            deny(
                Condition={
                    "StringNotEquals": {"iam:PassedToService": "sagemaker.amazonaws.com"},
                    "BoolIfExists": {"aws:MultiFactorAuthPresent": "false"},
                }
            ),
        ),
    ),
    case(
        "any role for anything of any service",
        Outcome.FAILED,
        passer(passing(**of("arn:aws:*:us-east-1:123456789012:*")), START),
        severity=Severity.MEDIUM,
    ),
    case(
        "any role but one, by NotResource",
        Outcome.FAILED,
        passer(
            {
                "Effect": "Allow",
                "Action": "iam:PassRole",
                "NotResource": iam_arn("role/admin"),
            },
            START,
        ),
        severity=Severity.MEDIUM,
        says=("on every role but those of NotResource",),
    ),
    case(
        "any role for training jobs",
        Outcome.PASSED,
        passer(passing(**of("arn:aws:sagemaker:*:*:training-job/*")), START),
    ),
    case(
        "all roles but one denied",
        Outcome.PASSED,
        passer(
            passing(),
            START,
            {"Effect": "Deny", "Action": "iam:PassRole", "NotResource": iam_arn("role/training")},
        ),
    ),
    case("any role to SageMaker", Outcome.PASSED, passer(passing(**to("sagemaker.amazonaws.com")))),
    case(
        "any role, denied to all but SageMaker",
        Outcome.PASSED,
        passer(passing(), deny(**to("sagemaker.amazonaws.com", operator="StringNotEquals"))),
    ),
    case("one role to any service", Outcome.PASSED, passer(passing(iam_arn("role/training")))),
    case("roles of a name", Outcome.PASSED, passer(passing(iam_arn("role/training-*")))),
    case("roles of another account", Outcome.PASSED, passer(passing("arn:aws:iam::9*:role/*"))),
    case("an administrator", Outcome.PASSED, passer(allow("*"))),
    case("a denied one", Outcome.PASSED, passer(passing(), deny())),
    case(
        "one whom a boundary holds back",
        Outcome.PASSED,
        passer(passing(), permissions_boundary=BOUNDARY.arn),
        BOUNDARY,
    ),
    case("one who passes nothing", Outcome.PASSED, role()),
    case(
        "a policy that is none",
        Outcome.NOT_EVALUATED,
        role(inline_policies=(InlinePolicy(name="bad", document="{"),)),
    ),
    case(
        "a boundary that was not read",
        Outcome.NOT_EVALUATED,
        passer(passing(), permissions_boundary=BOUNDARY.arn),
    ),
)
