"""Roles that nobody uses, and those that outlived their function."""

from collections.abc import Iterator
from datetime import date
from typing import Final

from mlguard.check import Confidence, Context, Evidence, Severity, check
from mlguard.checks.trusted import LAMBDA, SSO_PATH, trusted
from mlguard.resources.functions import Function, FunctionVersion
from mlguard.resources.iam import Role

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
        by_sso = role.path.startswith(SSO_PATH)
        # Such roles are managed there, by permission sets, and not in IAM.
        cure = "; take its assignment away in IAM Identity Center, which made it" if by_sso else ""
        yield Evidence(
            message=f"{_last_use(role, idle, context.today)}{cure}",
            at="RoleLastUsed.LastUsedDate",
            severity=Severity.LOW if by_sso else None,
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
    names = trusted(context.parse(role.trust_policy, of=role, at="AssumeRolePolicyDocument"))
    if LAMBDA not in names or _runs_a_function(role, context):
        return
    others = sorted(names - {LAMBDA, _EDGE})
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


CHECKS = (role_unused, role_orphaned_lambda)
