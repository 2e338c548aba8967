"""Whom a trust policy lets in: the services, accounts, providers and people that it names."""

from collections.abc import Iterable, Iterator, Mapping
from functools import cache
from typing import Final, TypeAlias

from mlguard.errors import ArnError
from mlguard.iam.evaluation.evaluate import evaluate
from mlguard.iam.evaluation.policies import Carrier, PolicySet
from mlguard.iam.evaluation.verdict import Decision
from mlguard.iam.language.arn import account_of
from mlguard.iam.language.document import Document, Effect, Statement, parse
from mlguard.iam.language.principal import is_account_id
from mlguard.iam.language.request import Context as Known
from mlguard.iam.language.request import Request, Rest
from mlguard.iam.language.wildcard import action_matches
from mlguard.resources.iam import Role

Keys: TypeAlias = Mapping[str, str | tuple[str, ...]]
"""What is known of the context of a request."""

LAMBDA: Final = "lambda.amazonaws.com"
SAGEMAKER: Final = "sagemaker.amazonaws.com"

WORKLOADS: Final[Mapping[str, str]] = {
    LAMBDA: "Lambda functions",
    "edgelambda.amazonaws.com": "Lambda functions at the edge",
    SAGEMAKER: "SageMaker notebooks, jobs and models",
    "ec2.amazonaws.com": "EC2 instances",
    "ecs-tasks.amazonaws.com": "ECS tasks",
    "pods.eks.amazonaws.com": "EKS pods",
    "glue.amazonaws.com": "Glue jobs",
    "codebuild.amazonaws.com": "CodeBuild builds",
    "elasticmapreduce.amazonaws.com": "EMR clusters",
    "emr-serverless.amazonaws.com": "EMR jobs",
    "tasks.apprunner.amazonaws.com": "App Runner services",
    "build.apprunner.amazonaws.com": "App Runner services",
    "bedrock.amazonaws.com": "Bedrock agents and jobs",
    "bedrock-agentcore.amazonaws.com": "Bedrock agents",
}
"""Services that run their caller's code under the role, and what they run.

Jobs of Batch are ECS tasks: RegisterJobDefinition passes their roles to ECS, says AWS's Service
Authorization Reference; batch.amazonaws.com takes on the role of the compute environment.
"""

SSO_PATH: Final = "/aws-reserved/sso.amazonaws.com/"
"""The path of roles that IAM Identity Center makes and hands to people."""

WEB_IDENTITY: Final = "sts:AssumeRoleWithWebIdentity"

_ASSUME: Final = "sts:AssumeRole"
_ASSUMING: Final = (_ASSUME, "sts:AssumeRoleWithSAML", WEB_IDENTITY)
_ALL: Final = '{"Statement": {"Effect": "Allow", "Action": "*", "Resource": "*"}}'


def trusted(document: Document) -> frozenset[str]:
    """Return whom a trust policy lets in: services, identity providers, ARNs, or "anyone"."""
    allows = [one for one in document.statements if one.effect is Effect.ALLOW]
    principals = [one.principals for one in allows if one.principals is not None]
    named = [(*entry.service, *entry.aws, *entry.federated) for entry in principals]
    anyone = ("anyone",) if any(entry.anyone for entry in principals) else ()
    return frozenset((*(name for names in named for name in names), *anyone)) - {"*"}


def workloads(document: Document) -> tuple[str, ...]:
    """Return what a trust policy lets run under the role, in words."""
    names = services(document)
    return tuple(dict.fromkeys(WORKLOADS[name] for name in WORKLOADS if name in names))


def services(document: Document) -> frozenset[str]:
    """Return the services that a trust policy lets in, by the name that they have everywhere."""
    allows = [one for one in document.statements if one.effect is Effect.ALLOW]
    named = [one.principals.service for one in allows if one.principals is not None]
    # IAM User Guide, "AWS service principals": EC2's ends in .cn in China.
    return frozenset(name.removesuffix(".cn") for names in named for name in names)


def is_outside(name: str, account: str) -> bool:
    """Return whether a trusted name is another account, or somebody of one."""
    home = name if is_account_id(name) else account_of(name)
    return is_account_id(home) and home != account


def doors(document: Document) -> Iterator[Statement]:
    """Yield the statements that let somebody in, those that say the same once."""
    found = [one for one in document.statements if one.effect is Effect.ALLOW and _assumes(one)]
    yield from found if len(found) == 1 else {one.locator: one for one in found}.values()


def may_enter(document: Document, caller: str, *, role: Role, known: Iterable[Keys]) -> bool:
    """Return whether the caller, whom a statement names, may assume the role.

    The caller's own policies are taken to allow it. Each of `known` is what may be known of the
    request: a key without values is absent. For the rest of it, the best is assumed.
    """
    if all(one.effect is Effect.ALLOW and not one.conditions for one in document.statements):
        return True
    return any(
        Decision.ALLOWED in _possible(document, caller, role=role, known=keys, action=_ASSUME)
        for keys in known
    )


def is_denied(document: Document, caller: str, *, role: Role, known: Keys, action: str) -> bool:
    """Return whether a Deny surely keeps the caller from this way of assuming the role."""
    possible = _possible(document, caller, role=role, known=known, action=action)
    return possible == {Decision.EXPLICIT_DENY}


def _possible(
    document: Document, caller: str, *, role: Role, known: Keys, action: str
) -> frozenset[Decision]:
    everything = (Carrier(name="everything", document=_everything()),)
    policies = PolicySet(identity=everything, resource=Carrier(name="trust", document=document))
    request = Request(
        principal=caller,
        action=action,
        resource=role.arn,
        context=Known.of(known, rest=Rest.UNKNOWN),
    )
    try:
        return evaluate(request, policies).possible
    except ArnError:
        # No principal that we know of: nothing is known to keep it out.
        return frozenset(Decision)


@cache
def _everything() -> Document:
    return parse(_ALL)


def _assumes(statement: Statement) -> bool:
    if statement.not_actions is not None:
        return not all(_named(action, statement.not_actions) for action in _ASSUMING)
    return any(_named(action, statement.actions) for action in _ASSUMING)


def _named(action: str, patterns: tuple[str, ...]) -> bool:
    return any(action_matches(pattern, action) for pattern in patterns)
