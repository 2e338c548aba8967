"""Roles and what runs as them: one for too many, one for nobody, none where one is needed."""

from collections.abc import Iterator
from typing import Final

from mlguard.check import Confidence, Context, Evidence, Severity, Unread, check
from mlguard.checks.grants import parsed
from mlguard.checks.runs import ALL, SORTS, WITHIN_SAGEMAKER, is_used, name_of, runs_as
from mlguard.checks.trusted import SAGEMAKER as SAGEMAKER_SERVICE
from mlguard.checks.trusted import trusted, workloads
from mlguard.iam.language.arn import account_of
from mlguard.resources.base import Resource
from mlguard.resources.functions import Function
from mlguard.resources.hosting import EndpointConfig, Model
from mlguard.resources.iam import Role
from mlguard.resources.jobs import TrainingJob
from mlguard.resources.notebooks import NotebookInstance
from mlguard.snapshot import Gap, GapReason
from mlguard.workload import roles_of

_SHOWN: Final = 2
_EXECUTION_ROLE: Final = (
    "https://docs.aws.amazon.com/lambda/latest/dg/lambda-intro-execution-role.html"
)
_SAGEMAKER_ROLES: Final = "https://docs.aws.amazon.com/sagemaker/latest/dg/sagemaker-roles.html"
_ESSENTIAL: Final = (Function, NotebookInstance, TrainingJob)
_FIELDS: Final = {Function: "Role", NotebookInstance: "RoleArn"}


@check(
    "role-shared",
    "One role for several workloads",
    on=Role,
    reads=_ESSENTIAL,
    optional=tuple(kind for kind in ALL if kind not in _ESSENTIAL),
    severity=Severity.MEDIUM,
    remediation=(
        "Make a role for each, with just what it needs (mlguard suggest {name} lists what they "
        "need between them); a function gets its own with `aws lambda "
        "update-function-configuration --function-name FUNCTION --role ROLE_ARN`."
    ),
    references=(
        "https://docs.aws.amazon.com/lambda/latest/dg/best-practices.html",
        _SAGEMAKER_ROLES,
        "https://docs.aws.amazon.com/IAM/latest/UserGuide/best-practices.html#grant-least-privilege",
    ),
    bad="a function and a training job have the role",
    good="one function has the role",
)
def role_shared(role: Role, context: Context) -> Iterator[Evidence]:
    """Each of them may do what any of them needs.

    Who takes over the function that faces the internet can read the training data, and the log
    does not tell which of them it was. Within SageMaker, and among functions, it is a habit more
    than a hole: then the finding is low.
    """
    if not _may_run_code(role, context):
        return
    found = tuple(runs_as(role, context, ALL))
    sorts = tuple(dict.fromkeys(SORTS[type(one)] for one in found))
    functions = {(one.region, name_of(one)) for one in found if SORTS[type(one)] == "functions"}
    if len(sorts) < 2 and len(functions) < 2:  # noqa: PLR2004  # one alone shares with nobody
        return
    apart = len(sorts) > 1 and not WITHIN_SAGEMAKER.issuperset(sorts)
    yield Evidence(
        message=_shared(found, sorts),
        at="Arn",
        severity=Severity.MEDIUM if apart else Severity.LOW,
    )


@check(
    "role-orphaned-sagemaker",
    "SageMaker execution role that nothing uses",
    on=Role,
    reads=(NotebookInstance, Model, TrainingJob),
    optional=tuple(kind for kind in ALL if kind not in (NotebookInstance, Model, TrainingJob)),
    severity=Severity.MEDIUM,
    confidence=Confidence.MEDIUM,
    remediation=(
        "See that no Studio domain, pipeline or endpoint that is being deleted has the role; "
        "switch it off with `aws iam attach-role-policy --role-name {name} --policy-arn "
        "{deny_all}`; if nobody misses it for 14 days, detach and delete its policies, and "
        "`aws iam delete-role --role-name {name}`."
    ),
    references=(
        _SAGEMAKER_ROLES,
        "https://docs.aws.amazon.com/IAM/latest/UserGuide/id_roles_manage_delete.html",
    ),
    bad="Principal: {Service: sagemaker.amazonaws.com}, and nothing has this role",
    good="Principal: {Service: sagemaker.amazonaws.com}, and a model has this role",
)
def role_orphaned_sagemaker(role: Role, context: Context) -> Iterator[Evidence]:
    """Permissions that outlived their pipeline wait for the next one.

    Whoever may start a notebook and pass roles gets all that the role may do. Studio domains and
    pipelines are not read: where AWS saw the role at work lately, or where it trusts others
    besides SageMaker, the finding is low, and not sure.
    """
    if role.service_linked:
        return
    document = context.parse(role.trust_policy, of=role, at="AssumeRolePolicyDocument")
    names = trusted(document)
    if SAGEMAKER_SERVICE not in names or is_used(role, context):
        return
    doubts = (*_lately(role, context), *_besides(sorted(names - {SAGEMAKER_SERVICE})))
    sure = context.snapshot.whole_account and not doubts
    regions = ", ".join(context.snapshot.regions)
    yield Evidence(
        message="; ".join((f"no notebook, job or model in {regions} uses it", *doubts)),
        at="AssumeRolePolicyDocument",
        severity=Severity.LOW if doubts else None,
        confidence=None if sure else Confidence.LOW,
        absence=True,
        values={"deny_all": f"arn:{role.arn.split(':')[1]}:iam::aws:policy/AWSDenyAll"},
    )


@check(
    "role-missing",
    "Workload whose role does not exist",
    on=(Function, NotebookInstance, Model, EndpointConfig),
    reads=(Role,),
    severity=Severity.HIGH,
    remediation=(
        "Delete what works with the role, if nobody needs it any more; else make the role again "
        "with `aws iam create-role --role-name {role} --assume-role-policy-document "
        "file://trust.json`, and set it anew: AWS takes a new role of the old name for another."
    ),
    references=(
        _EXECUTION_ROLE,
        _SAGEMAKER_ROLES,
        "https://docs.aws.amazon.com/IAM/latest/UserGuide/id_roles_manage_delete.html",
    ),
    bad="Role: arn:aws:iam::123456789012:role/predict, which does not exist",
    good="Role: arn:aws:iam::123456789012:role/predict, which exists",
)
def role_missing(
    workload: Function | NotebookInstance | Model | EndpointConfig, context: Context
) -> Iterator[Evidence]:
    """Without credentials it fails at its next call, start or scaling out.

    Whoever may make roles may make one of this name, for a workload that nobody looks after.
    """
    for arn in roles_of(workload):
        if account_of(arn) != workload.account:
            raise Unread(_elsewhere(workload, arn))
        if context.get(Role, arn, near=workload) is None:
            yield Evidence(
                message=f"{arn} does not exist",
                at=_FIELDS.get(type(workload), "ExecutionRoleArn"),
                absence=True,
                values={"role": arn.rpartition("/")[2]},
            )


def _may_run_code(role: Role, context: Context) -> bool:
    """Return whether the trust policy lets services run code under the role."""
    at = "AssumeRolePolicyDocument"
    document = parsed(role.trust_policy, of=role, at=at, context=context)
    return document is not None and bool(workloads(document))


def _shared(found: tuple[Resource, ...], sorts: tuple[str, ...]) -> str:
    parts = []
    for sort in sorts:
        names = sorted({name_of(one) for one in found if SORTS[type(one)] == sort})
        more = f" and {len(names) - _SHOWN} more" if len(names) > _SHOWN else ""
        parts.append(f"{sort} ({', '.join(names[:_SHOWN])}{more})")
    return f"has to serve {' and '.join(parts)}"


def _lately(role: Role, context: Context) -> tuple[str, ...]:
    """Return when the role was last used, if that was while a role counts as used."""
    if role.last_used_at is None:
        return ()
    days = (context.today - role.last_used_at.date()).days
    if days > context.policy.role_unused_days:
        return ()
    return (f"though something that was not read used it {days} days ago",)


def _besides(others: list[str]) -> tuple[str, ...]:
    return (f"though it trusts {', '.join(others)} too",) if others else ()


def _elsewhere(workload: Resource, arn: str) -> Gap:
    return Gap(
        kinds=(Role.__name__,),
        account=workload.account,
        region=workload.region,
        operation="iam:GetAccountAuthorizationDetails",
        reason=GapReason.INCOMPLETE,
        detail=f"{arn} is a role of another account",
        subject=arn,
    )


CHECKS = (role_shared, role_orphaned_sagemaker, role_missing)
