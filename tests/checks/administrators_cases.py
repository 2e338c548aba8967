"""Administrators by effect, whatever their policies are called, and who only looks like one."""

from typing import Any

from mlguard.check import Severity
from mlguard.report import Outcome
from mlguard.resources.iam import Group, InlinePolicy, Role, User
from mlguard.resources.kinds import KINDS, AnyResource
from mlguard.snapshot import Gap
from tests.builders.account import ACCOUNT, days_ago, gap, snapshot
from tests.builders.iam import (
    SAGEMAKER,
    access_key,
    allow,
    attached,
    aws_managed,
    credentials,
    document,
    iam_arn,
    inline,
    managed_policy,
    role,
    trust,
    user,
)
from tests.checks.case import Case

ADMINISTRATOR = managed_policy(
    "AdministratorAccess",
    arn="arn:aws:iam::aws:policy/AdministratorAccess",
    account="aws",
    document=document(allow("*")),
)
BOUNDARY = managed_policy("boundary", document=document(allow("s3:*")))
EVERYTHING = inline(allow("*"), name="all")
NO_REPORT = tuple(kind for kind in KINDS if kind != "UserCredentials")


def group(**changes: Any) -> Group:
    return Group(
        arn=iam_arn("group/admins"),
        account=ACCOUNT,
        region="global",
        name="admins",
        group_id="AGPAEXAMPLEEXAMPLEXX",
        path="/",
        created_at=days_ago(400),
        **changes,
    )


def case(
    name: str,
    outcome: Outcome,
    *resources: AnyResource,
    severity: Severity | None = None,
    at: str | None = None,
    says: tuple[str, ...] = (),
    fix: tuple[str, ...] = (),
    gaps: tuple[Gap, ...] = (),
    covers: tuple[str, ...] = tuple(KINDS),
) -> Case:
    return Case(
        name=name,
        check="principal-administrator",
        snapshot=snapshot(*resources, gaps=gaps, covers=covers),
        outcome=outcome,
        severity=severity,
        at=at,
        says=says,
        fix=fix,
    )


def admin_role(**changes: Any) -> Role:
    return role(**{"inline_policies": (EVERYTHING,), **changes})


def admin_user(**changes: Any) -> User:
    return user(**{"attached_policies": (attached(ADMINISTRATOR),), **changes})


CASES: tuple[Case, ...] = (
    case(
        "AdministratorAccess on a role of SageMaker's",
        Outcome.FAILED,
        ADMINISTRATOR,
        admin_role(
            trust_policy=trust(Service=SAGEMAKER), attached_policies=(attached(ADMINISTRATOR),)
        ),
        severity=Severity.CRITICAL,
        at="RolePolicyList[0].PolicyDocument.Statement[0]",
        says=("every action on every resource", "SageMaker notebooks, jobs and models"),
        fix=("delete-role-policy --role-name predict-role --policy-name all",),
    ),
    case(
        "an attached policy of another name",
        Outcome.FAILED,
        managed_policy("harmless", document=document(allow("iam:*"))),
        role(
            inline_policies=(),
            attached_policies=(attached(managed_policy("harmless")),),
        ),
        severity=Severity.CRITICAL,
        at="AttachedManagedPolicies[0].PolicyArn.Statement[0]",
        says=("attached policy harmless", "every action of IAM", "Lambda functions"),
        fix=("detach-role-policy --role-name predict-role --policy-arn",),
    ),
    case(
        "an administrator in two halves",
        Outcome.FAILED,
        role(
            inline_policies=(
                inline({"Effect": "Allow", "NotAction": "iam:Create*", "Resource": "*"}, name="a"),
                inline(allow("iam:Create*"), name="b"),
            )
        ),
        severity=Severity.CRITICAL,
    ),
    case(
        "a role of another account's",
        Outcome.FAILED,
        admin_role(trust_policy=trust(AWS="arn:aws:iam::999999999999:root")),
        severity=Severity.HIGH,
        says=("arn:aws:iam::999999999999:root may assume it from outside",),
    ),
    case(
        "a role of another account's, by number",
        Outcome.FAILED,
        admin_role(trust_policy=trust(AWS="999999999999")),
        severity=Severity.HIGH,
        says=("999999999999 may assume it from outside",),
    ),
    case(
        "a role of an identity pool",
        Outcome.FAILED,
        admin_role(trust_policy=trust(Federated="cognito-identity.amazonaws.com")),
        severity=Severity.HIGH,
        says=("token",),
    ),
    case(
        "a role that people assume by SAML",
        Outcome.FAILED,
        admin_role(trust_policy=trust(Federated=iam_arn("saml-provider/corp"))),
        severity=Severity.MEDIUM,
    ),
    case(
        "a role of EC2's in China",
        Outcome.FAILED,
        admin_role(trust_policy=trust(Service="ec2.amazonaws.com.cn")),
        severity=Severity.CRITICAL,
    ),
    case(
        "a role that CloudFormation is passed",
        Outcome.FAILED,
        admin_role(trust_policy=trust(Service="cloudformation.amazonaws.com")),
        severity=Severity.HIGH,
        says=("may pass it to cloudformation.amazonaws.com",),
    ),
    case(
        "a role of Batch's own, whose jobs have another",
        Outcome.FAILED,
        admin_role(trust_policy=trust(Service="batch.amazonaws.com")),
        severity=Severity.HIGH,
        says=("whoever may pass it to batch.amazonaws.com",),
    ),
    case(
        "a role that GitHub assumes",
        Outcome.FAILED,
        admin_role(
            trust_policy=trust(
                Federated=iam_arn("oidc-provider/token.actions.githubusercontent.com")
            )
        ),
        severity=Severity.HIGH,
    ),
    case(
        "a role that anyone may assume",
        Outcome.FAILED,
        admin_role(trust_policy=trust(AWS="*")),
        severity=Severity.CRITICAL,
        says=("anyone may assume it",),
    ),
    case(
        "a role that people of the account assume",
        Outcome.FAILED,
        admin_role(trust_policy=trust(AWS=iam_arn("root"))),
        severity=Severity.MEDIUM,
    ),
    case(
        "a role whose trust policy is none",
        Outcome.FAILED,
        admin_role(trust_policy="{"),
        severity=Severity.HIGH,
        says=("cannot be read",),
    ),
    case(
        "a role of IAM Identity Center",
        Outcome.FAILED,
        admin_role(path="/aws-reserved/sso.amazonaws.com/"),
        severity=Severity.LOW,
        says=("Identity Center",),
    ),
    case(
        "a user with a key",
        Outcome.FAILED,
        ADMINISTRATOR,
        admin_user(),
        credentials(access_keys=(access_key(used=days_ago(3)),)),
        severity=Severity.HIGH,
        at="AttachedManagedPolicies[0].PolicyArn.Statement[0]",
        says=("its access key does not expire",),
        fix=("detach-user-policy --user-name ada",),
    ),
    case(
        "a user with a password alone",
        Outcome.FAILED,
        ADMINISTRATOR,
        admin_user(),
        credentials(mfa_active=False),
        severity=Severity.HIGH,
        says=("without MFA",),
    ),
    case(
        "a user with MFA",
        Outcome.FAILED,
        ADMINISTRATOR,
        admin_user(),
        credentials(),
        severity=Severity.MEDIUM,
    ),
    case(
        "a user who cannot sign in",
        Outcome.FAILED,
        ADMINISTRATOR,
        admin_user(),
        credentials(password_enabled=False),
        severity=Severity.LOW,
    ),
    case(
        "a user of whom no report tells",
        Outcome.FAILED,
        ADMINISTRATOR,
        admin_user(),
        covers=NO_REPORT,
        severity=Severity.HIGH,
    ),
    case(
        "a user through a group",
        Outcome.FAILED,
        user(groups=("admins",)),
        group(inline_policies=(EVERYTHING,)),
        at="GroupPolicyList[0].PolicyDocument.Statement[0]",
        says=("inline policy all of group admins",),
        fix=("delete-group-policy --group-name admins --policy-name all",),
    ),
    case(
        "AdministratorAccess where the source has no documents of AWS's",
        Outcome.FAILED,
        role(attached_policies=(aws_managed("AdministratorAccess"),)),
        severity=Severity.CRITICAL,
        at="AttachedManagedPolicies[0].PolicyArn",
        fix=("detach-role-policy --role-name predict-role",),
    ),
    *(
        case(
            f"AdministratorAccess without a document, and {what} denied",
            Outcome.NOT_EVALUATED,
            role(
                attached_policies=(aws_managed("AdministratorAccess"),),
                inline_policies=(inline({"Effect": "Deny", "Action": what, "Resource": "*"}),),
            ),
        )
        for what in ("*", "iam:*")
    ),
    case(
        "the same through a group",
        Outcome.FAILED,
        user(groups=("admins",)),
        group(attached_policies=(aws_managed("AdministratorAccess"),)),
        at="AttachedManagedPolicies[0].PolicyArn",
        says=("attached policy AdministratorAccess of group admins",),
        fix=("detach-group-policy --group-name admins",),
    ),
    case(
        "the same through a group, behind a boundary that could not be read",
        Outcome.NOT_EVALUATED,
        user(groups=("admins",), permissions_boundary=BOUNDARY.arn),
        group(attached_policies=(aws_managed("AdministratorAccess"),)),
    ),
    case("a role with one action on one endpoint", Outcome.PASSED, role()),
    case(
        "an administrator whom a boundary holds back",
        Outcome.PASSED,
        BOUNDARY,
        admin_role(permissions_boundary=BOUNDARY.arn),
    ),
    case(
        "an administrator whom a deny holds back",
        Outcome.PASSED,
        admin_role(
            inline_policies=(
                inline(allow("*"), {"Effect": "Deny", "Action": "iam:*", "Resource": "*"}),
            )
        ),
    ),
    case(
        "everything, but with MFA",
        Outcome.PASSED,
        user(
            inline_policies=(
                inline(allow("*", Condition={"Bool": {"aws:MultiFactorAuthPresent": "true"}})),
            )
        ),
    ),
    case(
        "an administrator of everything but IAM",
        Outcome.PASSED,
        role(inline_policies=(inline({"Effect": "Allow", "NotAction": "iam:*", "Resource": "*"}),)),
    ),
    case(
        "an inline policy that is none",
        Outcome.NOT_EVALUATED,
        role(inline_policies=(InlinePolicy(name="bad", document="{"),)),
    ),
    case(
        "a policy beside an unreadable one, which may deny",
        Outcome.NOT_EVALUATED,
        role(inline_policies=(EVERYTHING, InlinePolicy(name="bad", document="{"))),
    ),
    case(
        "an attached policy that could not be read",
        Outcome.NOT_EVALUATED,
        role(attached_policies=(attached(managed_policy("wide")),)),
        gaps=(gap("ManagedPolicy", region="global"),),
    ),
    case(
        "AdministratorAccess behind a boundary that could not be read",
        Outcome.NOT_EVALUATED,
        role(
            attached_policies=(aws_managed("AdministratorAccess"),),
            permissions_boundary=BOUNDARY.arn,
        ),
    ),
    case(
        "users that could not be listed",
        Outcome.NOT_EVALUATED,
        gaps=(gap("User", region="global"),),
    ),
)
