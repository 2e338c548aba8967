"""Whether a role lets somebody in: its trust policy beside what the principal may do."""

from dataclasses import replace
from typing import Final

from mlguard.errors import DocumentError
from mlguard.iam.evaluation.evaluate import Evaluation, evaluate
from mlguard.iam.evaluation.policies import Carrier
from mlguard.iam.language.document import (
    VARIABLES_VERSION,
    Document,
    Effect,
    Principals,
    Statement,
    parse,
)
from mlguard.iam.language.principal import Kind
from mlguard.iam.language.request import Request
from mlguard.principals import Subject
from mlguard.resources.iam import Role

OPEN: Final = Document(
    version=VARIABLES_VERSION,
    statements=(
        Statement(index=0, effect=Effect.ALLOW, principals=Principals(anyone=True), actions=("*",)),
    ),
)
"""The most that a trust policy which nobody can read may say."""


def evaluated(request: Request, subject: Subject, trust: Document) -> Evaluation:
    """Return what becomes of a request about the role that has this trust policy."""
    policies = replace(subject.policies, resource=Carrier(name="trust policy", document=trust))
    return evaluate(request, policies)


def as_session(request: Request, subject: Subject, trust: Document) -> Request | None:
    """Return the request as a session of the role that the trust policy lets in, if it does one.

    STS API Reference, "AssumeRole", RoleSessionName: who assumes the role names its session.
    """
    role = request.caller
    if role.kind is not Kind.ROLE:
        return None
    begin = f"arn:{role.partition}:sts::{role.account}:assumed-role/{role.name}/"
    context = request.context.with_defaults({"aws:principalarn": (role.text,)})
    for statement in trust.statements:
        for name in statement.principals.aws if statement.principals else ():
            if name.startswith(begin):
                session = replace(request, principal=name, context=context)
                if evaluated(session, subject, trust).possibly_allowed:
                    return session
    return None


def lets(role: Role, request: Request, subject: Subject) -> bool:
    """Return whether the trust policy of the role may let the principal do what is requested.

    A trust policy that cannot be read may say anything.
    """
    try:
        trust = parse(role.trust_policy)
    except DocumentError:
        trust = OPEN
    asked = replace(request, resource=role.arn)
    if evaluated(asked, subject, trust).possibly_allowed:
        return True
    return as_session(asked, subject, trust) is not None
