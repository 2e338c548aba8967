"""Roles that take anybody's token, or serve a service whoever asks it."""

from typing import Any

from mlguard.check import Severity
from mlguard.report import Outcome
from mlguard.resources.iam import Role
from tests.builders.account import ACCOUNT, gap, snapshot
from tests.builders.iam import LAMBDA, SAGEMAKER, document, iam_arn, role
from tests.checks.case import Case

GITHUB = "token.actions.githubusercontent.com"
EKS = "oidc.eks.us-east-1.amazonaws.com/id/0A1B2C3D"
COGNITO = "cognito-identity.amazonaws.com"
CIRCLECI = "oidc.circleci.com/org/7f3a"
BITBUCKET = "api.bitbucket.org/2.0/workspaces/acme/pipelines-config/identity/oidc"
BUILDKITE = "agent.buildkite.com"
TERRAFORM = "app.terraform.io"
AUDIENCE = {f"{GITHUB}:aud": "sts.amazonaws.com"}
CONDITION = "AssumeRolePolicyDocument.Statement[0].Condition"


def door(principal: dict[str, Any], **elements: Any) -> dict[str, Any]:
    return {"Effect": "Allow", "Principal": principal, "Action": "sts:AssumeRole", **elements}


def tokens(provider: str, **operators: dict[str, Any]) -> dict[str, Any]:
    condition = {"Condition": operators} if operators else {}
    name = provider if provider == COGNITO else iam_arn(f"oidc-provider/{provider}")
    return door({"Federated": name}, Action="sts:AssumeRoleWithWebIdentity", **condition)


def trusting(*statements: dict[str, Any]) -> Role:
    return role(trust_policy=document(*statements))


def github(value: str, operator: str = "StringLike", claim: str = "sub") -> Role:
    operators: dict[str, dict[str, Any]] = {"StringEquals": dict(AUDIENCE)}
    operators.setdefault(operator, {})[f"{GITHUB}:{claim}"] = value
    return trusting(tokens(GITHUB, **operators))


def pattern(provider: str, value: str, claim: str = "sub") -> Role:
    return trusting(tokens(provider, StringLike={f"{provider}:{claim}": value}))


def case(
    check: str,
    name: str,
    outcome: Outcome,
    *roles: Role,
    severity: Severity | None = None,
    says: tuple[str, ...] = (),
    fix: tuple[str, ...] = (),
) -> Case:
    return Case(
        name=name,
        check=check,
        snapshot=snapshot(*roles, gaps=() if roles else (gap("Role", region="global"),)),
        outcome=outcome,
        severity=severity,
        says=says,
        fix=fix,
        at=CONDITION if outcome is Outcome.FAILED else None,
    )


def token(name: str, outcome: Outcome, *roles: Role, **expected: Any) -> Case:
    return case("role-trust-oidc-no-sub", name, outcome, *roles, **expected)


def source(name: str, outcome: Outcome, *roles: Role, **expected: Any) -> Case:
    return case("role-trust-no-source-account", name, outcome, *roles, **expected)


TOKENS = (
    token(
        "every repository in the world",
        Outcome.FAILED,
        trusting(tokens(GITHUB, StringEquals=AUDIENCE)),
        severity=Severity.CRITICAL,
        says=(f"anybody's tokens of {GITHUB} will do",),
        fix=(f"{GITHUB}:sub", "update-assume-role-policy --role-name predict-role"),
    ),
    token(
        "without any condition",
        Outcome.FAILED,
        trusting(tokens(GITHUB)),
        severity=Severity.CRITICAL,
    ),
    token("any subject", Outcome.FAILED, github("*"), severity=Severity.CRITICAL),
    token("any owner", Outcome.FAILED, github("repo:*"), severity=Severity.CRITICAL),
    token(
        "owners of a name that anybody may register",
        Outcome.FAILED,
        github("repo:acme*/dogs:*"),
        severity=Severity.CRITICAL,
    ),
    token(
        "every repository of one owner",
        Outcome.FAILED,
        github("repo:acme/*"),
        severity=Severity.MEDIUM,
        says=("one owner",),
    ),
    token(
        "one owner, by another claim",
        Outcome.FAILED,
        github("acme", "StringEquals", "repository_owner"),
        severity=Severity.MEDIUM,
    ),
    token(
        "the main branch of whatever repository",
        Outcome.FAILED,
        github("refs/heads/main", "StringEquals", "ref"),
        severity=Severity.CRITICAL,
    ),
    token(
        "a condition that holds without the claim",
        Outcome.FAILED,
        github("repo:acme/dogs:*", "ForAllValues:StringLike"),
        severity=Severity.MEDIUM,
        says=("also holds",),
    ),
    token(
        "all but one repository",
        Outcome.FAILED,
        github("repo:acme/cats:*", "StringNotLike"),
        severity=Severity.CRITICAL,
    ),
    token(
        "every pod of a cluster",
        Outcome.FAILED,
        trusting(tokens(EKS, StringEquals={f"{EKS}:aud": "sts.amazonaws.com"})),
        severity=Severity.HIGH,
        says=("every token",),
    ),
    token(
        "every identity pool in the world",
        Outcome.FAILED,
        trusting(tokens(COGNITO)),
        severity=Severity.CRITICAL,
        fix=(f"{COGNITO}:aud",),
    ),
    token(
        "any workspace of an organization",
        Outcome.FAILED,
        pattern(TERRAFORM, "organization:acme:project:*:workspace:*:run_phase:*"),
        severity=Severity.MEDIUM,
        says=("one owner",),
    ),
    token(
        "any pipeline of an organization, by its slug",
        Outcome.FAILED,
        pattern(BUILDKITE, "acme", "organization_slug"),
        severity=Severity.MEDIUM,
    ),
    token(
        "any project of an organization",
        Outcome.FAILED,
        pattern(CIRCLECI, "org/7f3a/project/*/user/*"),
        severity=Severity.MEDIUM,
    ),
    token(
        "any control plane in the world",
        Outcome.FAILED,
        trusting(tokens("proidc.upbound.io")),
        severity=Severity.CRITICAL,
    ),
    token(
        "one workspace",
        Outcome.PASSED,
        pattern(TERRAFORM, "organization:acme:project:ml:workspace:dogs:run_phase:*"),
    ),
    token("one pipeline", Outcome.PASSED, pattern(BUILDKITE, "organization:acme:pipeline:dogs:*")),
    token("one project", Outcome.PASSED, pattern(CIRCLECI, "org/7f3a/project/1b2c/user/*")),
    token(
        "one project, by its own claim",
        Outcome.PASSED,
        pattern(CIRCLECI, "1b2c", "oidc.circleci.com/project-id"),
    ),
    token("one repository, whatever the step", Outcome.PASSED, pattern(BITBUCKET, "{5f3a}:*")),
    token(
        "one repository of an enterprise with an issuer of its own",
        Outcome.PASSED,
        pattern(f"{GITHUB}/acme", "acme/dogs", "repository"),
    ),
    token("one repository", Outcome.PASSED, github("repo:acme/dogs:*")),
    token("one branch", Outcome.PASSED, github("repo:acme/dogs:ref:refs/heads/main")),
    token(
        "one repository, by number", Outcome.PASSED, github("7", "StringEquals", "repository_id")
    ),
    token(
        "one owner, and of that one repository",
        Outcome.PASSED,
        trusting(
            tokens(
                GITHUB,
                StringEquals={**AUDIENCE, f"{GITHUB}:repository": "acme/dogs"},
                StringLike={f"{GITHUB}:sub": "repo:acme/*"},
            )
        ),
    ),
    token(
        "a deny for all but one repository",
        Outcome.PASSED,
        trusting(
            tokens(GITHUB, StringEquals=AUDIENCE),
            {
                **tokens(GITHUB, StringNotLike={f"{GITHUB}:sub": "repo:acme/dogs:*"}),
                "Effect": "Deny",
            },
        ),
    ),
    *(
        token(
            f"a deny that leaves strangers: {operator} {value}",
            Outcome.FAILED,
            trusting(
                tokens(GITHUB, StringEquals=AUDIENCE),
                {**tokens(GITHUB, **{operator: {f"{GITHUB}:sub": value}}), "Effect": "Deny"},
            ),
            severity=Severity.CRITICAL,
        )
        for operator, value in (
            ("StringNotLike", "repo:*/dogs:*"),
            ("StringNotLike", "repo:*"),
            ("StringLike", "repo:stranger/*"),
        )
    ),
    token(
        "one service account of a cluster",
        Outcome.PASSED,
        trusting(tokens(EKS, StringEquals={f"{EKS}:sub": "system:serviceaccount:ml:train"})),
    ),
    token(
        "one identity pool",
        Outcome.PASSED,
        trusting(tokens(COGNITO, StringEquals={f"{COGNITO}:aud": "us-east-1:0a1b"})),
    ),
    token(
        "people of a company, by SAML",
        Outcome.PASSED,
        trusting(
            door({"Federated": iam_arn("saml-provider/corp")}, Action="sts:AssumeRoleWithSAML")
        ),
    ),
    token("a service", Outcome.PASSED, role()),
    token("a trust policy that is none", Outcome.NOT_EVALUATED, role(trust_policy="{")),
    token("roles that could not be listed", Outcome.NOT_EVALUATED),
)


def service(name: str = SAGEMAKER, **condition: Any) -> Role:
    elements = {"Condition": condition} if condition else {}
    return trusting(door({"Service": name}, **elements))


SOURCES = (
    source(
        "SageMaker for whomever",
        Outcome.FAILED,
        service(),
        severity=Severity.LOW,
        says=(SAGEMAKER, "aws:SourceAccount"),
        fix=(f"aws:SourceAccount {ACCOUNT}", "--role-name predict-role"),
    ),
    source("Step Functions in a region", Outcome.FAILED, service("states.us-east-1.amazonaws.com")),
    source("ECS tasks", Outcome.FAILED, service("ecs-tasks.amazonaws.com")),
    source(
        "SageMaker from any account's ARN",
        Outcome.FAILED,
        service(ArnLike={"aws:SourceArn": "arn:aws:sagemaker:*:*:*"}),
    ),
    source(
        "SageMaker beside Lambda",
        Outcome.FAILED,
        trusting(door({"Service": [LAMBDA, SAGEMAKER]})),
        says=("sagemaker.amazonaws.com may use it",),
    ),
    source(
        "SageMaker for this account",
        Outcome.PASSED,
        service(StringEquals={"aws:SourceAccount": ACCOUNT}),
    ),
    source(
        "SageMaker for this account, where it says for whom",
        Outcome.PASSED,
        service(StringEqualsIfExists={"aws:SourceAccount": ACCOUNT}),
    ),
    source(
        "SageMaker for training jobs of this account",
        Outcome.PASSED,
        service(ArnLike={"aws:SourceArn": f"arn:aws:sagemaker:*:{ACCOUNT}:training-job/*"}),
    ),
    source(
        "SageMaker for the organization",
        Outcome.PASSED,
        service(StringEquals={"aws:SourceOrgID": "o-a1b2c3d4e5"}),
    ),
    source(
        "SageMaker, with a deny for other accounts",
        Outcome.PASSED,
        trusting(
            door({"Service": SAGEMAKER}),
            door(
                {"Service": SAGEMAKER},
                Effect="Deny",
                Condition={"StringNotEquals": {"aws:SourceAccount": ACCOUNT}},
            ),
        ),
    ),
    *(
        source(
            f"SageMaker on behalf of an account that nobody knows, by {key}",
            Outcome.FAILED,
            trusting(door({"Service": SAGEMAKER}, Condition={"StringLike": {key: value}})),
            severity=Severity.MEDIUM,
            says=("on behalf of account 999999999999",),
        )
        for key, value in (
            ("aws:SourceAccount", ["999999999999", ACCOUNT]),
            ("aws:SourceArn", "arn:aws:sagemaker:*:999999999999:*"),
        )
    ),
    source(
        "SageMaker, of another account's ARNs and the own account: nobody",
        Outcome.PASSED,
        trusting(
            door(
                {"Service": SAGEMAKER},
                Condition={
                    "StringEquals": {"aws:SourceAccount": ACCOUNT},
                    "ArnLike": {"aws:SourceArn": "arn:aws:sagemaker:*:999999999999:*"},
                },
            )
        ),
    ),
    source("Lambda, which says nothing of it", Outcome.PASSED, role()),
    source("EC2, which says nothing of it", Outcome.PASSED, service("ec2.amazonaws.com")),
    source(
        "a role of SageMaker's own",
        Outcome.PASSED,
        role(path="/aws-service-role/sagemaker.amazonaws.com/"),
    ),
    source("a trust policy that is none", Outcome.NOT_EVALUATED, role(trust_policy="{")),
    source("roles that could not be listed", Outcome.NOT_EVALUATED),
)

CASES: tuple[Case, ...] = (*TOKENS, *SOURCES)
