"""Roles: unused ones, orphaned ones, and those that may do far more than they need."""

from collections.abc import Iterator
from datetime import date
from typing import Final

from mlguard.check import Confidence, Context, Evidence, Severity, check
from mlguard.checks.grants import Grant, attached, documents, is_aws_managed, parsed
from mlguard.iam.document import Document, Effect, Statement
from mlguard.resources.functions import Function, FunctionVersion
from mlguard.resources.iam import ManagedPolicy, Role

_LAMBDA: Final = "lambda.amazonaws.com"
_EDGE: Final = "edgelambda.amazonaws.com"

# IAM API reference, "RoleLastUsed".
_TRACKED_DAYS: Final = 400

_DELETE: Final = (
    "Switch it off with `aws iam attach-role-policy --role-name {name} --policy-arn {deny_all}`; "
    "if nobody misses it for 14 days, detach and delete its policies, take it out of its instance "
    "profiles, and `aws iam delete-role --role-name {name}`."
)


@check(
    "role-unused",
    "Role that nobody used for a long time",
    on=Role,
    severity=Severity.MEDIUM,
    remediation=_DELETE,
    references=(
        "https://docs.aws.amazon.com/IAM/latest/APIReference/API_RoleLastUsed.html",
        "https://docs.aws.amazon.com/IAM/latest/UserGuide/id_roles_manage_delete.html",
    ),
    bad="RoleLastUsed.LastUsedDate: 120 days ago",
    good="RoleLastUsed.LastUsedDate: yesterday",
)
def role_unused(role: Role, context: Context) -> Iterator[Evidence]:
    """Nobody notices who takes on a role that nobody uses.

    It still lets in whom it trusts, with all that it may do.
    """
    days = context.policy.role_unused_days
    if role.service_linked or _age(role, context.today) <= days:
        return
    idle = None if role.last_used_at is None else (context.today - role.last_used_at.date()).days
    if idle is None or idle > days:
        yield Evidence(
            message=_last_use(role, idle, context.today),
            at="RoleLastUsed.LastUsedDate",
            values=_deny_all(role),
        )


@check(
    "role-orphaned-lambda",
    "Lambda execution role that no function uses",
    on=Role,
    reads=(Function,),
    optional=(FunctionVersion,),
    severity=Severity.MEDIUM,
    remediation=_DELETE,
    references=(
        "https://docs.aws.amazon.com/lambda/latest/dg/lambda-intro-execution-role.html",
        "https://docs.aws.amazon.com/IAM/latest/UserGuide/id_roles_manage_delete.html",
    ),
    bad="Principal: {Service: lambda.amazonaws.com}, and no function has this role",
    good="Principal: {Service: lambda.amazonaws.com}, and a function has this role",
)
def role_orphaned_lambda(role: Role, context: Context) -> Iterator[Evidence]:
    """Permissions that outlived their function wait for the next one.

    Whoever may create functions and pass roles gets all that the role may do. Where it trusts
    others besides Lambda, it may serve them: then the finding is low, and not sure.
    """
    if role.service_linked:
        return
    trusted = _trusted(context.parse(role.trust_policy, of=role, at="AssumeRolePolicyDocument"))
    if _LAMBDA not in trusted or _runs_a_function(role, context):
        return
    others = sorted(trusted - {_LAMBDA, _EDGE})
    sure = context.snapshot.whole_account and context.covers(FunctionVersion) and not others
    beside = f", though it trusts {', '.join(others)} too" if others else ""
    yield Evidence(
        message=f"no function in {', '.join(context.snapshot.regions)} uses it{beside}",
        at="AssumeRolePolicyDocument",
        severity=Severity.LOW if others else None,
        confidence=None if sure else Confidence.LOW,
        absence=True,
        values=_deny_all(role),
    )


@check(
    "role-full-access",
    "Role that may do everything, or everything in a service",
    on=Role,
    optional=(ManagedPolicy,),
    severity=Severity.HIGH,
    remediation=(
        "Give the role a policy of its own with just what its workload calls, such as "
        "sagemaker:InvokeEndpoint on one endpoint and its own log group; then "
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
    roles it is critical.
    """
    if role.service_linked:
        return
    severity = Severity.CRITICAL if _serves_lambda(role, context) else Severity.HIGH
    # A boundary may take some of it back.
    confidence = Confidence.MEDIUM if role.permissions_boundary else None

    def seen(grant: Grant, message: str, statement: Statement | None = None) -> Evidence:
        return Evidence(
            message=message,
            at=grant.at if statement is None else f"{grant.at}.Statement[{statement.index}]",
            locator=f"{grant.key}/{statement.locator}" if statement else grant.key,
            severity=severity,
            confidence=confidence,
            excerpt=statement.excerpt(*_marks(statement)) if statement else None,
            values=grant.values,
        )

    for index, policy in enumerate(role.attached_policies):
        if is_aws_managed(policy) and _hands_out_a_service(policy.name):
            yield seen(attached(index, policy), f"AWS managed policy {policy.name} is attached")
    for grant, document in documents(role, context, wanted=lambda one: not is_aws_managed(one)):
        for statement in document.statements:
            if _is_sweeping(statement):
                yield seen(grant, f"{grant.label} allows {_swept(statement)}", statement)


def _hands_out_a_service(name: str) -> bool:
    if name.startswith("AdministratorAccess") or name == "PowerUserAccess":
        return True
    # AmazonDynamoDBFullAccess_v2, CloudWatchFullAccessV2
    return name.rstrip("0123456789").lower().removesuffix("v").rstrip("_").endswith("fullaccess")


def _is_sweeping(statement: Statement) -> bool:
    """Return whether a statement allows all of a service, everywhere and always."""
    if statement.effect is Effect.DENY or statement.conditions:
        return False
    return bool(_where(statement)) and bool(_swept(statement))


def _swept(statement: Statement) -> str:
    """Return the actions that are too wide, and where, in words; empty if there are none."""
    where = _where(statement)
    if statement.not_actions is not None:
        # NotAction grants every other action of every service, also those yet to come.
        return f"every action but {', '.join(statement.not_actions)} {where}"
    wide = [action for action in statement.actions if _is_wide(action)]
    return f"{', '.join(wide)} {where}" if wide else ""


def _where(statement: Statement) -> str:
    if statement.not_resources is not None:
        return f"on every resource but {', '.join(statement.not_resources)}"
    everywhere = any(not resource.strip("*") for resource in statement.resources)
    return "on every resource" if everywhere else ""


def _is_wide(action: str) -> bool:
    return action == "*" or not action.partition(":")[2].strip("*")


def _marks(statement: Statement) -> tuple[str, ...]:
    if statement.not_actions is not None:
        return ("NotAction",)
    wide = (at for at, action in enumerate(statement.actions) if _is_wide(action))
    return tuple(f"Action[{at}]" for at in wide)


def _trusted(document: Document) -> frozenset[str]:
    """Return whom a trust policy lets in: services, identity providers, ARNs."""
    allows = [one for one in document.statements if one.effect is Effect.ALLOW]
    principals = [one.principals for one in allows if one.principals is not None]
    named = [(*entry.service, *entry.aws, *entry.federated) for entry in principals]
    anyone = ("anyone",) if any(entry.anyone for entry in principals) else ()
    return frozenset((*(name for names in named for name in names), *anyone)) - {"*"}


def _serves_lambda(role: Role, context: Context) -> bool:
    at = "AssumeRolePolicyDocument"
    document = parsed(role.trust_policy, of=role, at=at, context=context)
    return document is not None and _LAMBDA in _trusted(document)


def _runs_a_function(role: Role, context: Context) -> bool:
    """Return whether a function, or a published version of one, has the role."""

    def has_role(function: Function | FunctionVersion) -> bool:
        return function.role_arn == role.arn

    # iam:PassRole reaches roles of the same account only.
    if context.first(Function, has_role, account=role.account) is not None:
        return True
    if not context.covers(FunctionVersion):
        return False
    return context.first(FunctionVersion, has_role, account=role.account) is not None


def _age(role: Role, today: date) -> int:
    return (today - role.created_at.date()).days


def _last_use(role: Role, idle: int | None, today: date) -> str:
    age = _age(role, today)
    if idle is not None:
        where = f" in {role.last_used_region}" if role.last_used_region else ""
        return f"last used {idle} days ago{where}"
    if age > _TRACKED_DAYS:
        return f"not used in the {_TRACKED_DAYS} days that AWS remembers; created {age} days ago"
    return f"never used since it was created {age} days ago"


def _deny_all(role: Role) -> dict[str, str]:
    partition = role.arn.split(":")[1]
    return {"deny_all": f"arn:{partition}:iam::aws:policy/AWSDenyAll"}


CHECKS = (role_unused, role_orphaned_lambda, role_full_access)
