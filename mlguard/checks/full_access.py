"""Roles that may do everything, or everything in a service: by effect, not by name alone."""

from collections.abc import Iterator

from mlguard.check import Confidence, Context, Evidence, Severity, Unread, check
from mlguard.checks.grants import Grant, attached, documents, is_aws_managed, parsed
from mlguard.checks.holdings import holding_of
from mlguard.checks.runs import ALL, NEEDED, name_of, needs_of, runs_as
from mlguard.checks.sweeping import (
    confined,
    hands_out_a_service,
    is_mostly_left,
    is_shut_off,
    marks,
    mask_of,
    reaches,
    sweeping,
    swept,
    swept_services,
    under,
)
from mlguard.checks.trusted import LAMBDA, SSO_PATH, trusted
from mlguard.iam.language.actions import actions
from mlguard.iam.language.document import Document, Statement
from mlguard.iam.permissions.effective import Effective
from mlguard.resources.iam import AttachedPolicy, Group, ManagedPolicy, Role, User


@check(
    "role-full-access",
    "Role that may do everything, or everything in a service",
    on=Role,
    optional=(User, Group, ManagedPolicy, *ALL, *NEEDED),
    severity=Severity.HIGH,
    remediation=(
        "Give the role a policy of its own with just what its workload calls, such as "
        "sagemaker:InvokeEndpoint on one endpoint and its own log group "
        "(mlguard suggest {name} writes it); then "
        "`aws iam {command} --role-name {name} {option} {policy}`."
    ),
    references=(
        "https://docs.aws.amazon.com/IAM/latest/UserGuide/best-practices.html#grant-least-privilege",
        "https://docs.aws.amazon.com/IAM/latest/UserGuide/access_policies_job-functions.html",
    ),
    bad="AttachedManagedPolicies: AmazonSageMakerFullAccess",
    good="RolePolicyList: Allow sagemaker:InvokeEndpoint on one endpoint",
)
def role_full_access(role: Role, context: Context) -> Iterator[Evidence]:
    """Code with this role may read, start and delete whatever the service has.

    So may an attacker who slips something into that code: the whole account is open, not the one
    endpoint or bucket that was needed. A function answers to callers from outside: for Lambda
    roles it is critical. Where IAM Identity Center hands a role to people, it is low.
    """
    if role.service_linked:
        return
    if is_shut_off(role, _merged(role, context)):
        return
    effect = _effect(role, context)
    seen = tuple(_by_policy(role, effect, context))
    yield from seen or _together(role, effect, context)


def _effect(role: Role, context: Context) -> Effective | None:
    """Return what the role's policies come to; None where some of them could not be read."""
    effect = _merged(role, context)
    return None if effect.permissions.unread else effect


def _merged(role: Role, context: Context) -> Effective:
    met = len(context.met)
    effect = context.effective(role)
    # The policies are read one by one: what is missing is said there.
    del context.met[met:]
    return effect


def _by_policy(role: Role, effect: Effective | None, context: Context) -> Iterator[Evidence]:
    """Yield what is wrong with single policies, those left out that denies or boundaries undo."""
    for index, policy in enumerate(role.attached_policies):
        if is_aws_managed(policy) and hands_out_a_service(policy.name):
            known = _known(policy, role, context)
            if known is None or _allowed(known, effect, context):
                message = f"AWS managed policy {policy.name} is attached"
                yield _seen(role, attached(index, policy), message, known, context, effect=effect)

    def is_open(policy: AttachedPolicy) -> bool:
        if not is_aws_managed(policy):
            return True
        return not hands_out_a_service(policy.name) and _known(policy, role, context) is not None

    for grant, document in documents(role, context, wanted=is_open):
        wide = [one for one in context.said(sweeping, document) if reaches(one, role.account)]
        if wide and _allowed(document, effect, context):
            for statement in wide:
                message = f"{grant.label} allows {swept(statement)}{under(statement.conditions)}"
                yield _seen(
                    role, grant, message, document, context, effect=effect, statement=statement
                )


def _seen(
    role: Role,
    grant: Grant,
    message: str,
    document: Document | None,
    context: Context,
    *,
    effect: Effective | None,
    statement: Statement | None = None,
) -> Evidence:
    severity = _severity(role, context)
    if document is not None and not _is_left(document, effect, context):
        message = f"{message}, of which boundaries and denies leave less than half"
        severity = min(severity, Severity.MEDIUM)
    return Evidence(
        message=f"{message}{_beyond_need(role, document, context)}",
        at=grant.at if statement is None else f"{grant.at}.Statement[{statement.index}]",
        locator=f"{grant.key}/{statement.locator}" if statement else grant.key,
        severity=severity,
        confidence=Confidence.MEDIUM if _may_be_less(role, statement) else None,
        excerpt=statement.excerpt(*marks(statement)) if statement else None,
        values=grant.values,
    )


def _is_left(document: Document, effect: Effective | None, context: Context) -> bool:
    allowed = context.said(mask_of, document)
    return is_mostly_left(allowed, _allowed(document, effect, context))


def _may_be_less(role: Role, statement: Statement | None) -> bool:
    """Return whether a boundary may take some of it back, or a condition not hold."""
    return role.permissions_boundary is not None or bool(statement and statement.conditions)


def _together(role: Role, effect: Effective | None, context: Context) -> Iterator[Evidence]:
    """Yield services of which the policies allow everything together, and none alone."""
    if effect is None:
        return
    for service in swept_services(effect):
        names = actions().expand(actions().mask(f"{service}:*"))
        first = effect.can(names[0]).statements[0]
        holding = holding_of(role, first, context)
        yield Evidence(
            message=f"its policies together allow all {len(names)} actions of {service} "
            "on every resource",
            at=f"{holding.at}.Statement[{first.statement.index}]",
            locator=f"together/{service}",
            severity=_severity(role, context),
            excerpt=first.statement.excerpt("Action"),
            values=holding.values,
        )


def _allowed(document: Document, effect: Effective | None, context: Context) -> int:
    """Return the mask of what a policy allows, as far as all others leave it if they are known."""
    mask = context.said(mask_of, document)
    return mask if effect is None else mask & effect.actions_anywhere & ~confined(effect)


def _beyond_need(role: Role, document: Document | None, context: Context) -> str:
    """Return how many actions the policy allows and how many are needed, empty if unknown."""
    met = len(context.met)
    found = tuple(runs_as(role, context, ALL))
    needed = len({need.action for need in needs_of(found, context).needs})
    effect = _effect(role, context)
    # What could not be read would change the numbers, not the finding.
    del context.met[met:]
    if document is None or not needed:
        return ""
    allowed = _allowed(document, effect, context).bit_count()
    names = sorted({name_of(one) for one in found})
    who = f"{names[0]} needs" if len(names) == 1 else f"the {len(names)} that run with it need"
    return f": {allowed} actions, where {who} {needed} besides what the code calls"


def _known(policy: AttachedPolicy, role: Role, context: Context) -> Document | None:
    """Return the document of AWS's policy, None where the source has none."""
    try:
        found = context.get(ManagedPolicy, policy.arn, near=role)
        return context.parse(found.document, of=found, at="Document") if found else None
    except Unread:
        return None


def _severity(role: Role, context: Context) -> Severity:
    """Return how bad full access is: worst for a function, least where people sign in anew."""
    if role.path.startswith(SSO_PATH):
        return Severity.LOW
    return Severity.CRITICAL if _serves_lambda(role, context) else Severity.HIGH


def _serves_lambda(role: Role, context: Context) -> bool:
    at = "AssumeRolePolicyDocument"
    document = parsed(role.trust_policy, of=role, at=at, context=context)
    return document is not None and LAMBDA in trusted(document)


CHECKS = (role_full_access,)
