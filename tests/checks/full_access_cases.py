"""Roles that may do everything, and roles that may do what they need."""

from typing import Any

from mlguard.check import Severity
from mlguard.iam.language.actions import actions
from mlguard.report import Outcome
from mlguard.resources.iam import InlinePolicy
from mlguard.resources.kinds import KINDS, AnyResource
from mlguard.snapshot import Gap
from tests.builders.account import snapshot
from tests.builders.functions import environment, function, version
from tests.builders.hosting import endpoint
from tests.builders.iam import (
    SAGEMAKER,
    allow,
    attached,
    aws_managed,
    document,
    inline,
    managed_policy,
    role,
    trust,
)
from tests.checks.case import Case

TRAINING = trust(Service=SAGEMAKER)
GLUE = managed_policy(
    "AWSGlueServiceRole",
    arn="arn:aws:iam::aws:policy/service-role/AWSGlueServiceRole",
    account="aws",
    document=document(allow("glue:*", "s3:GetBucketLocation")),
)
STS_LEFT = len([name for name in actions().names if name.startswith("sts:Assume")])
EVERYTHING = managed_policy("wide", document=document(allow("s3:GetObject", "*")))

ONE_ACTION = managed_policy("one", document=document(allow("sagemaker:InvokeEndpoint")))
ALL_OF_S3 = managed_policy("s3", document=document(allow("s3:*")))


def deny(*names: str) -> dict[str, Any]:
    return {"Effect": "Deny", "Action": list(names), "Resource": "*"}


def deny_but(*resources: str) -> dict[str, Any]:
    return {"Effect": "Deny", "Action": "*", "NotResource": list(resources)}


def full(
    name: str,
    outcome: Outcome,
    *resources: AnyResource,
    at: str | None = None,
    severity: Severity | None = None,
    says: tuple[str, ...] = (),
    fix: tuple[str, ...] = (),
    gaps: tuple[Gap, ...] = (),
    covers: tuple[str, ...] = tuple(KINDS),
) -> Case:
    return Case(
        name=name,
        check="role-full-access",
        snapshot=snapshot(*resources, gaps=gaps, covers=covers),
        outcome=outcome,
        at=at,
        severity=severity,
        says=says,
        fix=fix,
    )


FIRST_ATTACHED = "AttachedManagedPolicies[0].PolicyArn"
FIRST_INLINE = "RolePolicyList[0].PolicyDocument.Statement[0]"

CASES: tuple[Case, ...] = (
    full(
        "the write-up's Lambda role",
        Outcome.FAILED,
        role(attached_policies=(aws_managed("AmazonSageMakerFullAccess"),)),
        at=FIRST_ATTACHED,
        severity=Severity.CRITICAL,
        says=("AmazonSageMakerFullAccess",),
        fix=(
            "sagemaker:InvokeEndpoint on one endpoint",
            "detach-role-policy --role-name predict-role",
            "--policy-arn arn:aws:iam::aws:policy/AmazonSageMakerFullAccess",
        ),
    ),
    full(
        "the same on a training role",
        Outcome.FAILED,
        role(trust_policy=TRAINING, attached_policies=(aws_managed("AmazonSageMakerFullAccess"),)),
        severity=Severity.HIGH,
    ),
    *(
        full(f"AWS's {name}", Outcome.FAILED, role(attached_policies=(aws_managed(name),)))
        for name in (
            *("AdministratorAccess", "PowerUserAccess", "IAMFullAccess", "AWSLambda_FullAccess"),
            *("AmazonDynamoDBFullAccess_v2", "CloudWatchFullAccessV2"),
        )
    ),
    full(
        "AdministratorAccess of people, by IAM Identity Center",
        Outcome.FAILED,
        role(
            path="/aws-reserved/sso.amazonaws.com/",
            trust_policy=trust(Federated="arn:aws:iam::123456789012:saml-provider/AWSSSO_1"),
            attached_policies=(aws_managed("AdministratorAccess"),),
        ),
        at=FIRST_ATTACHED,
        severity=Severity.LOW,
    ),
    full(
        "an inline policy that allows all of S3",
        Outcome.FAILED,
        role(inline_policies=(inline(allow("s3:GetObject", "s3:*"), name="data"),)),
        at=FIRST_INLINE,
        severity=Severity.CRITICAL,
        says=("inline policy data allows s3:* on every resource",),
        fix=("delete-role-policy --role-name predict-role --policy-name data",),
    ),
    full(
        "an inline policy that allows all but IAM",
        Outcome.FAILED,
        role(inline_policies=(inline({"Effect": "Allow", "NotAction": "iam:*", "Resource": "*"}),)),
        says=("every action but iam:*",),
    ),
    full(
        "all of S3 but one bucket",
        Outcome.FAILED,
        role(
            inline_policies=(
                inline(
                    {"Effect": "Allow", "Action": "s3:*", "NotResource": "arn:aws:s3:::payroll"}
                ),
            )
        ),
        says=("s3:* on every resource but arn:aws:s3:::payroll",),
    ),
    *(
        full(
            f"all of {service}, on all that it has: {action} on {resource}",
            Outcome.FAILED,
            role(inline_policies=(inline(allow(action, resource=resource)),)),
            severity=Severity.CRITICAL,
            says=(f"allows {action} on every resource of {service}",),
        )
        for service, action, resource in (
            ("s3", "s3:*", "arn:aws:s3:::*"),
            ("s3", "S3:*", "arn:aws:s3:*"),
            ("s3", "*", "arn:aws:s3:::*"),
            ("sagemaker", "sagemaker:*", "arn:aws:sagemaker:*:*:*"),
            ("sagemaker", "sagemaker:*", "arn:aws:sagemaker:*:123456789012:*"),
        )
    ),
    *(
        full(
            f"not all that the service has: {action} on {resource}",
            Outcome.PASSED,
            role(inline_policies=(inline(allow(action, resource=resource)),)),
        )
        for action, resource in (
            ("s3:*", "arn:aws:s3:::*/*"),
            ("s3:*", "arn:aws:sagemaker:*:*:*"),
            ("sagemaker:*", "arn:aws:sagemaker:us-east-1:*:*"),
            ("sagemaker:*", "arn:aws:sagemaker:*:*:endpoint/*"),
            ("sagemaker:*", "arn:aws:sagemaker:*:999999999999:*"),
        )
    ),
    *(
        full(
            f"everything under a condition that narrows nothing: {key}",
            Outcome.FAILED,
            role(inline_policies=(inline(allow("*", Condition={operator: {key: value}})),)),
            at=FIRST_INLINE,
            severity=Severity.CRITICAL,
            says=(f"allows * on every resource, if a condition on {key} holds",),
        )
        for operator, key, value in (
            ("Bool", "aws:SecureTransport", "true"),
            ("StringEquals", "aws:RequestedRegion", "us-east-1"),
        )
    ),
    full(
        "all of S3 but all of it",
        Outcome.PASSED,
        role(
            inline_policies=(
                inline({"Effect": "Allow", "Action": "s3:*", "NotResource": "arn:aws:s3:::*"}),
            )
        ),
    ),
    full(
        "a policy of the account's own that allows everything",
        Outcome.FAILED,
        role(attached_policies=(attached(EVERYTHING),)),
        EVERYTHING,
        at=f"{FIRST_ATTACHED}.Statement[0]",
        says=("attached policy wide allows * on every resource",),
    ),
    full(
        "a bad document beside a policy of full access",
        Outcome.FAILED,
        role(
            inline_policies=(InlinePolicy(name="bad", document="{"),),
            attached_policies=(aws_managed("AmazonS3FullAccess"),),
        ),
        severity=Severity.CRITICAL,
    ),
    full(
        "a trust policy that is none beside a policy of full access",
        Outcome.FAILED,
        role(trust_policy="{", attached_policies=(aws_managed("AmazonS3FullAccess"),)),
        severity=Severity.HIGH,
    ),
    full(
        "more than its function needs",
        Outcome.FAILED,
        role(inline_policies=(inline(allow("lambda:*"), name="own"),)),
        function(tracing="PassThrough"),
        version(),
        at=FIRST_INLINE,
        says=("actions, where predict needs 3 besides what the code calls",),
        fix=("mlguard suggest predict-role",),
    ),
    full(
        "more than a function that calls an endpoint needs, counted less a deny",
        Outcome.FAILED,
        role(
            inline_policies=(
                inline(allow("sts:*"), deny("sts:Get*", "sts:Dec*", "sts:Tag*", "sts:Set*")),
            )
        ),
        function(tracing="PassThrough"),
        environment(ENDPOINT_NAME="breeds"),
        endpoint(),
        says=(f"{STS_LEFT} actions, where predict needs 4 besides",),
    ),
    full(
        "AWS's policy of another name that allows all of a service",
        Outcome.FAILED,
        GLUE,
        role(attached_policies=(attached(GLUE),)),
        at=f"{FIRST_ATTACHED}.Statement[0]",
        says=("attached policy AWSGlueServiceRole allows glue:* on every resource",),
    ),
    full(
        "all of ECR in two policies",
        Outcome.FAILED,
        role(
            inline_policies=(
                inline({"Effect": "Allow", "NotAction": "ecr:Get*", "Resource": "arn:a"}, name="a"),
                inline(allow("ecr:B*", "ecr:C*", "ecr:D*", "ecr:L*", "ecr:P*", "ecr:R*"), name="b"),
                inline(allow("ecr:G*", "ecr:I*", "ecr:S*", "ecr:T*", "ecr:U*", "ecr:V*"), name="c"),
            )
        ),
        severity=Severity.CRITICAL,
        says=("its policies together allow all", "actions of ecr on every resource"),
        fix=("delete-role-policy --role-name predict-role --policy-name b",),
    ),
    full(
        "full access of which a boundary leaves one action",
        Outcome.FAILED,
        EVERYTHING,
        ONE_ACTION,
        role(attached_policies=(attached(EVERYTHING),), permissions_boundary=ONE_ACTION.arn),
        severity=Severity.MEDIUM,
        says=("allows * on every resource, of which boundaries and denies leave less than half",),
    ),
    full(
        "full access of which a boundary leaves a service",
        Outcome.FAILED,
        EVERYTHING,
        ALL_OF_S3,
        role(attached_policies=(attached(EVERYTHING),), permissions_boundary=ALL_OF_S3.arn),
        severity=Severity.CRITICAL,
    ),
    full(
        "all of S3, and one action denied",
        Outcome.FAILED,
        role(inline_policies=(inline(allow("s3:*"), deny("s3:DeleteBucket")),)),
        severity=Severity.CRITICAL,
    ),
    full(
        "all of S3, and all but reading denied",
        Outcome.FAILED,
        role(
            inline_policies=(
                inline(
                    allow("s3:*"),
                    {"Effect": "Deny", "NotAction": "s3:GetObject", "Resource": "*"},
                ),
            )
        ),
        severity=Severity.MEDIUM,
    ),
    full(
        "all of S3, and all denied but one bucket",
        Outcome.PASSED,
        role(
            inline_policies=(
                inline(allow("s3:*"), deny_but("arn:aws:s3:::dogs", "arn:aws:s3:::dogs/*")),
            )
        ),
    ),
    full(
        "all of S3, and a deny that leaves everything",
        Outcome.FAILED,
        role(inline_policies=(inline(allow("s3:*"), deny_but("arn:aws:s3:::dogs", "*")),)),
        severity=Severity.CRITICAL,
    ),
    full(
        "all of S3, and all denied that is not of S3",
        Outcome.FAILED,
        role(inline_policies=(inline(allow("s3:*"), deny_but("arn:aws:s3:::*")),)),
        severity=Severity.CRITICAL,
    ),
)
