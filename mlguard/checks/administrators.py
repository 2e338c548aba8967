"""Administrators: who may give itself everything, and how easily somebody else becomes it."""

from collections.abc import Iterator
from typing import Final

from mlguard.check import Confidence, Context, Evidence, Severity, check
from mlguard.checks.grants import attached, parsed
from mlguard.checks.holdings import TAKE_AWAY, Verdict, granted
from mlguard.checks.sweeping import is_shut_off
from mlguard.checks.trusted import (
    SSO_PATH,
    doors,
    is_outside,
    services,
    trusted,
    workloads,
)
from mlguard.checks.users import live_credentials
from mlguard.iam.language.actions import actions
from mlguard.iam.language.document import Document
from mlguard.iam.language.exposure import Exposure, exposure
from mlguard.iam.permissions.ability import Ability
from mlguard.iam.permissions.effective import Effective
from mlguard.resources.iam import AttachedPolicy, Group, ManagedPolicy, Role, User, UserCredentials

# It allows every action on every resource: AWS Managed Policy Reference Guide.
_BY_NAME: Final = "policy/AdministratorAccess"
_TELLING: Final = "iam:AttachRolePolicy"


@check(
    "principal-administrator",
    "Role or user that may give itself everything",
    on=(Role, User),
    reads=(Group, ManagedPolicy),
    optional=(UserCredentials,),
    severity=Severity.HIGH,
    remediation=(
        "Give it a policy with just what it does (mlguard suggest writes one for the role of a "
        f"workload), then {TAKE_AWAY}. Where an administrator is meant, use a role that people "
        "take on with MFA, for as long as they need it."
    ),
    references=(
        "https://docs.aws.amazon.com/IAM/latest/UserGuide/best-practices.html#grant-least-privilege",
        "https://docs.aws.amazon.com/IAM/latest/UserGuide/access_policies_job-functions.html",
        "https://docs.aws.amazon.com/aws-managed-policy/latest/reference/AdministratorAccess.html",
    ),
    bad="Allow iam:* on every resource",
    good="Allow iam:GetRole on every resource",
)
def principal_administrator(principal: Role | User, context: Context) -> Iterator[Evidence]:
    """Whoever gets hold of it has the account: it can give itself what it lacks.

    Judged by what all its policies come to, boundaries and denies included, not by their names:
    every action of IAM on every resource, unconditionally. Code that answers to callers, or that
    is made of other people's packages, must not have it: that is critical.
    """
    effective = context.effective(principal)
    if effective.administrator:
        yield _by_effect(principal, effective, context)
        return
    if effective.permissions.unread and not _is_denied(principal, effective):
        for holder in _holders(principal, context):
            named = _by_name(holder)
            # A boundary may cut it.
            if named is not None and principal.permissions_boundary is None:
                yield _unseen(principal, holder, *named, context)
                return


def _is_denied(principal: Role | User, effective: Effective) -> bool:
    """Return whether a Deny that was read keeps the principal from IAM."""
    return is_shut_off(principal, effective) or bool(_telling(effective).denies)


def _telling(effective: Effective) -> Ability:
    owner = effective.principal
    return effective.can(_TELLING, f"arn:{owner.partition}:iam::{owner.account}:*")


def _by_effect(principal: Role | User, effective: Effective, context: Context) -> Evidence:
    ability = _telling(effective)
    everything = effective.on_all_resources == actions().all
    what = "every action" if everything else "every action of IAM"
    verdict = _verdict(principal, context)
    return granted(
        principal, ability.statements[0], f"allows {what} on every resource", verdict, context
    )


def _holders(principal: Role | User, context: Context) -> Iterator[Role | User | Group]:
    """Yield the principal and those of its groups that were read."""
    yield principal
    if isinstance(principal, User) and principal.groups:
        groups = context.all(Group, account=principal.account)
        yield from (group for group in groups if group.name in principal.groups)


def _unseen(
    principal: Role | User,
    holder: Role | User | Group,
    index: int,
    policy: AttachedPolicy,
    context: Context,
) -> Evidence:
    """Return the evidence where the source has no documents of AWS's policies."""
    verdict = _verdict(principal, context)
    grant = attached(index, policy)
    kind = type(holder).__name__.lower()
    through = f" of group {holder.name}" if isinstance(holder, Group) else ""
    values = {
        "command": f"detach-{kind}-policy",
        "whose": f"--{kind}-name",
        "holder": holder.name,
        "option": "--policy-arn",
        "policy": policy.arn,
    }
    return Evidence(
        message=(f"{grant.label}{through} allows every action on every resource; {verdict.reason}"),
        at=grant.at,
        locator=f"{holder.name}/{grant.key}" if through else grant.key,
        severity=verdict.severity,
        confidence=Confidence.MEDIUM,
        values=values,
    )


def _by_name(holder: Role | User | Group) -> tuple[int, AttachedPolicy] | None:
    """Return AWS's policy for administrators and its place."""
    for index, policy in enumerate(holder.attached_policies):
        if policy.arn.endswith(f":aws:{_BY_NAME}"):
            return index, policy
    return None


def _verdict(principal: Role | User, context: Context) -> Verdict:
    if isinstance(principal, User):
        return _of_user(principal, context)
    if principal.service_linked:
        return Verdict(severity=Severity.LOW, reason="AWS made the role for one of its services")
    if principal.path.startswith(SSO_PATH):
        reason = "IAM Identity Center hands the role to people"
        return Verdict(severity=Severity.LOW, reason=reason)
    at = "AssumeRolePolicyDocument"
    document = parsed(principal.trust_policy, of=principal, at=at, context=context)
    if document is None:
        return Verdict(severity=Severity.HIGH, reason="who may assume it cannot be read")
    return _of_role(principal, document)


def _of_role(role: Role, document: Document) -> Verdict:
    runs = workloads(document)
    if runs:
        reason = f"the code in {', '.join(runs)} has all of it"
        return Verdict(severity=Severity.CRITICAL, reason=reason)
    if any(exposure(door) is not Exposure.NAMED for door in doors(document)):
        return Verdict(severity=Severity.CRITICAL, reason="and anyone may assume it")
    passed_to = sorted(services(document))
    if passed_to:
        reason = f"whoever may pass it to {', '.join(passed_to)} acts through it"
        return Verdict(severity=Severity.HIGH, reason=reason)
    names = trusted(document)
    outside = sorted(name for name in names if is_outside(name, role.account))
    if outside:
        reason = f"{', '.join(outside)} may assume it from outside"
        return Verdict(severity=Severity.HIGH, reason=reason)
    if any(_is_of_tokens(name) for name in names):
        return Verdict(severity=Severity.HIGH, reason="whoever has a provider's token assumes it")
    return Verdict(severity=Severity.MEDIUM, reason="people assume it for a time")


def _is_of_tokens(name: str) -> bool:
    """Return whether the name is an identity provider's, one of programs rather than of people."""
    return ":oidc-provider/" in name or not (name.startswith("arn:") or name.isalnum())


def _of_user(user: User, context: Context) -> Verdict:
    row = None
    if context.covers(UserCredentials):
        row = context.first(
            UserCredentials, lambda one: one.arn == user.arn, account=user.account, about=user.arn
        )
    if row is None:
        reason = "a user's access keys do not expire"
        return Verdict(severity=Severity.HIGH, reason=reason, confidence=Confidence.MEDIUM)
    if any(key.active for key in row.access_keys):
        return Verdict(severity=Severity.HIGH, reason="its access key does not expire")
    if row.password_enabled and not row.mfa_active:
        return Verdict(severity=Severity.HIGH, reason="its password is enough, without MFA")
    if live_credentials(row):
        return Verdict(severity=Severity.MEDIUM, reason="the user signs in with MFA")
    return Verdict(severity=Severity.LOW, reason="the user has no password and no active key")


CHECKS = (principal_administrator,)
