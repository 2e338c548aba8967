"""Trust in identity providers: roles that take the tokens of strangers as well."""

import re
from collections.abc import Iterator, Mapping
from enum import IntEnum
from typing import Final

from mlguard.check import Confidence, Context, Evidence, Severity, check
from mlguard.checks.trusted import WEB_IDENTITY, doors, is_denied
from mlguard.iam.language.document import ConditionTest, Document, Effect, Statement
from mlguard.resources.iam import Role

_AT: Final = "AssumeRolePolicyDocument"
_UPDATE: Final = (
    "`aws iam update-assume-role-policy --role-name {name} --policy-document file://trust.json`"
)
# The claims of GitHub's tokens that name a repository, an owner or an enterprise: GitHub's OIDC
# reference. AWS has no keys for repository_owner and enterprise: they let nobody in.
_GITHUB: Final = (
    *("sub", "repository", "repository_id", "repository_owner", "repository_owner_id"),
    *("job_workflow_ref", "enterprise", "enterprise_id"),
)
# IAM User Guide, "Identity-provider controls for shared OIDC providers": the claims of which one
# says whose token it is, where everybody's tokens come from one provider. The first is what AWS
# asks for; the others are keys that do it too: Service Authorization Reference, "AWS Security
# Token Service".
_CLAIMS: Final[Mapping[str, tuple[str, ...]]] = {
    "token.actions.githubusercontent.com": _GITHUB,
    "vstoken.actions.githubusercontent.com": ("sub",),
    "oidc-configuration.audit-log.githubusercontent.com": ("sub",),
    "gitlab.com": ("sub", "project_id", "namespace_id"),
    "app.terraform.io": ("sub",),
    "agent.buildkite.com": (
        *("sub", "pipeline_id", "pipeline_slug", "organization_id", "organization_slug"),
    ),
    "oidc.codefresh.io": ("sub",),
    "studio.datachain.ai/api": ("sub",),
    "scalr.io": ("sub",),
    "tokens.cloud.shisho.dev": ("sub",),
    "proidc.upbound.io": ("sub",),
    "oidc.vercel.com": ("aud", "sub"),
    "api.pulumi.com/oidc": ("aud", "sub"),
    "sandboxes.cloud": ("aud", "sub"),
    # The audience is the identity pool, or the app, of one customer.
    "cognito-identity.amazonaws.com": ("aud", "sub"),
    "accounts.google.com": ("aud", "oaud", "sub", "google/organization_number"),
    "graph.facebook.com": ("app_id", "id"),
    "www.amazon.com": ("app_id", "user_id"),
}
# Of a provider that is one company's own: CircleCI and GitHub have an issuer for each as well.
_OWN: Final = (*_GITHUB, "oidc.circleci.com/project-id")
# What these claims begin with tells whose a token is, but not which of their jobs'.
_OWNERS: Final = (
    *("repository_owner", "enterprise", "organization_", "namespace_", "google/organization_"),
)
_POSITIVE: Final = frozenset({"StringEquals", "StringEqualsIgnoreCase", "StringLike"})
# Up to what is the owner's: of `org/ID/project/ID/user/ID` (CircleCI) and `{repository}:{step}`
# (Bitbucket) all, where they say which project; of `organization:acme:project:dogs` (Terraform),
# `organization:acme:pipeline:dogs` (Buildkite), `repo:org/dogs`, `project_path:group/dogs` and
# `system:serviceaccount:ml` what comes before the last name.
_TENANT: Final = re.compile(
    r"org/[^/*?]+/project/[^/*?]+/.*|org/[^/*?]+/|{[^}*?]+}.*|"
    r"(?:organization|owner|account):[^:*?]+:(?:project|pipeline|environment|workspace):|"
    r"[^/:*?]+:[^/:*?]+[/:]"
)
_OWNER: Final = re.compile(r"[^/*?]+(/|$)")

# The subjects of tokens that nobody asked for. There are two: a Deny that names one keeps none out.
_STRANGERS: Final = (
    "repo:stranger/stranger:ref:refs/heads/stranger",
    "repo:outsider/outsider:ref:refs/heads/outsider",
)


class _Narrowness(IntEnum):
    """How closely a condition says whose token is taken."""

    NOT = 0
    UNLESS_ABSENT = 1
    OWNER = 2
    ONE = 3


@check(
    "role-trust-oidc-no-sub",
    "Role that takes tokens without asking whose they are",
    on=Role,
    severity=Severity.CRITICAL,
    remediation=(
        "Say in a StringEquals or StringLike condition on {claim} whose tokens are taken, "
        f"repository and branch included; then {_UPDATE}."
    ),
    references=(
        "https://docs.aws.amazon.com/IAM/latest/UserGuide/id_roles_providers_oidc_secure-by-default.html",
        "https://docs.aws.amazon.com/IAM/latest/UserGuide/id_roles_create_for-idp_oidc.html",
    ),
    bad="Principal: {Federated: .../token.actions.githubusercontent.com}, Condition: {StringEquals:"
    " {token.actions.githubusercontent.com:aud: sts.amazonaws.com}}",
    good="also token.actions.githubusercontent.com:sub: repo:acme/dogs:ref:refs/heads/main",
)
def role_trust_oidc_no_sub(role: Role, context: Context) -> Iterator[Evidence]:
    """GitHub and its like sign tokens for everybody, for the audience they ask for.

    Where only the audience is asked for, any repository in the world may assume the role. AWS
    refuses such policies today, and leaves the old ones as they are. A pattern that takes in a
    whole organization lets every repository in it be the weakest one.
    """
    document = context.parse(role.trust_policy, of=role, at=_AT)
    for door in doors(document):
        names = door.principals.federated if door.principals is not None else ()
        for name in dict.fromkeys(names):
            if ":saml-provider/" not in name and not _is_kept_out(document, name, role):
                yield from _unasked(door, name)


def _unasked(door: Statement, name: str) -> Iterator[Evidence]:
    provider = _provider(name)
    shared = _CLAIMS.get(provider)
    claims = shared or _OWN
    narrowness = max(
        (_narrowness(test) for test in door.conditions if _claim(test, provider) in claims),
        default=_Narrowness.NOT,
    )
    key = f"{provider}:{claims[0]}"
    said, severity = _said(narrowness, provider, key, shared=shared is not None)
    if said:
        yield Evidence(
            message=said,
            at=f"{_AT}.Statement[{door.index}].Condition",
            locator=f"{door.locator}/{provider}",
            severity=severity,
            confidence=None if shared else Confidence.MEDIUM,
            excerpt=door.excerpt("Principal", "Condition"),
            values={"claim": key},
        )


def _said(
    narrowness: _Narrowness, provider: str, key: str, *, shared: bool
) -> tuple[str, Severity | None]:
    """Return what is wrong, empty if nothing is, and how bad that is."""
    match narrowness:
        case _Narrowness.NOT:
            whose = "anybody's tokens" if shared else "every token"
            severity = Severity.CRITICAL if shared else Severity.HIGH
            return f"{whose} of {provider} will do: nothing is asked of {key}", severity
        case _Narrowness.UNLESS_ABSENT:
            said = f"the condition on {key} also holds for tokens of {provider} without it"
            return said, Severity.MEDIUM
        case _Narrowness.OWNER:
            said = f"a pattern for {key} takes in all that one owner has at {provider}"
            return said, Severity.MEDIUM
        case _Narrowness.ONE:
            return "", None


def _claim(test: ConditionTest, provider: str) -> str | None:
    """Return the claim that the test is about, None if it is not about the provider's tokens."""
    key, start = test.key.lower(), f"{provider.lower()}:"
    return key.removeprefix(start) if key.startswith(start) else None


def _narrowness(test: ConditionTest) -> _Narrowness:
    if test.operator not in _POSITIVE:
        return _Narrowness.NOT
    claim = test.key.lower().rpartition(":")[2]
    pattern = test.operator == "StringLike"
    found = min(_of_value(value, claim, pattern=pattern) for value in test.values)
    if found and (test.if_exists or test.qualifier == "ForAllValues"):
        return _Narrowness.UNLESS_ABSENT
    return found


def _of_value(value: str, claim: str, *, pattern: bool) -> _Narrowness:
    if claim.startswith(_OWNERS):
        wild = pattern and not value.strip("*?")
        return _Narrowness.NOT if wild else _Narrowness.OWNER
    if not pattern or not ("*" in value or "?" in value):
        return _Narrowness.ONE
    owner = (_OWNER if claim in ("repository", "job_workflow_ref") else _TENANT).match(value)
    if owner is None:
        return _Narrowness.NOT
    part = re.split("[:@]", value[owner.end() :])[0]
    return _Narrowness.OWNER if "*" in part or "?" in part else _Narrowness.ONE


def _is_kept_out(document: Document, name: str, role: Role) -> bool:
    """Return whether a Deny keeps strangers' tokens out."""
    return all(
        is_denied(
            document, name, role=role, known={f"{_provider(name)}:sub": sub}, action=WEB_IDENTITY
        )
        for sub in (*_STRANGERS, *_spared(document, _provider(name)))
    )


def _spared(document: Document, provider: str) -> Iterator[str]:
    """Yield strangers whom a Deny lets pass: its pattern says what they call theirs, not who."""
    for statement in document.statements:
        for test in statement.conditions if statement.effect is Effect.DENY else ():
            wild = test.operator == "StringNotLike" and _claim(test, provider) == "sub"
            for value in test.values if wild else ():
                if _of_value(value, "sub", pattern=True) is _Narrowness.NOT:
                    yield value.replace("*", "stranger").replace("?", "x")


def _provider(name: str) -> str:
    return name.partition(":oidc-provider/")[2] or name


CHECKS = (role_trust_oidc_no_sub,)
