"""Passing roles: who may hand any role to any service."""

from collections.abc import Iterator
from typing import Final

from mlguard.check import Confidence, Context, Evidence, Severity, check
from mlguard.checks.holdings import TAKE_AWAY, Verdict, allows, confines, granted, leaves_out, spans
from mlguard.checks.sweeping import under
from mlguard.iam.evaluation.policies import Layer
from mlguard.iam.language.actions import actions
from mlguard.iam.language.document import ConditionTest
from mlguard.iam.language.wildcard import matches
from mlguard.iam.permissions.clauses import Clause, Grant
from mlguard.iam.permissions.effective import Effective
from mlguard.iam.permissions.reach import Extent
from mlguard.resources.iam import Group, ManagedPolicy, Role, User

_PASSING: Final = "iam:PassRole"
# IAM User Guide, "Grant a user permissions to pass a role to an AWS service".
_NARROWING: Final = frozenset({"iam:passedtoservice", "iam:associatedresourcearn"})
# A pattern that matches both leaves the service open.
_SERVICES: Final = ("ec2.amazonaws.com", "sagemaker.amazonaws.com")
# The segment of an ARN that names it.
_SERVICE: Final = 2
_STARTS: Final = (
    *("lambda:CreateFunction", "ec2:RunInstances", "cloudformation:CreateStack"),
    *("glue:CreateJob", "ecs:RegisterTaskDefinition", "states:CreateStateMachine"),
    *("sagemaker:CreateTrainingJob", "sagemaker:CreateProcessingJob", "sagemaker:CreateModel"),
    *("sagemaker:CreateNotebookInstance", "sagemaker:CreatePipeline"),
)


@check(
    "principal-pass-role-wide",
    "Every role may be passed to every service",
    on=(Role, User),
    reads=(Group, ManagedPolicy),
    severity=Severity.HIGH,
    remediation=(
        "Name in Resource the roles that are to be passed, and in a condition on "
        "iam:PassedToService the service that is to get them; then "
        f"{TAKE_AWAY} if the old policy did nothing else."
    ),
    references=(
        "https://docs.aws.amazon.com/IAM/latest/UserGuide/id_roles_use_passrole.html",
        "https://docs.aws.amazon.com/sagemaker/latest/dg/sagemaker-roles.html",
    ),
    bad="Allow iam:PassRole on *",
    good="Allow iam:PassRole on role/training, Condition: {StringEquals: {iam:PassedToService: "
    "sagemaker.amazonaws.com}}",
)
def principal_pass_role_wide(principal: Role | User, context: Context) -> Iterator[Evidence]:
    """Code that is started with a stronger role has that role's powers.

    Who may pass any role need only start a notebook, a job, a function or an instance with the
    strongest one in the account. Administrators are reported as such, and not here.
    """
    if isinstance(principal, Role) and principal.service_linked:
        return
    effective = context.effective(principal)
    if effective.administrator:
        return
    grant = _widest(effective)
    if grant is None:
        return
    but = " but those of NotResource" if _leaves_out(grant, effective) else ""
    where = f"on every role{but}, without iam:PassedToService"
    message = f"allows {_PASSING} {where}{under(grant.tests)}"
    yield granted(principal, grant.sources[0], message, _verdict(effective, grant), context)


def _widest(effective: Effective) -> Grant | None:
    """Return a grant of every role to every service, one without conditions if there is one."""
    if Layer.BOUNDARY in effective.permissions.unread:
        return None
    roles = _roles(effective)
    if not any(allows(effective, _PASSING, roles)):
        return None
    wide = [grant for grant in effective.can(_PASSING, roles).grants if _is_wide(grant, roles)]
    return min(wide, key=lambda grant: len(grant.tests), default=None)


def _roles(effective: Effective) -> str:
    owner = effective.principal
    return f"arn:{owner.partition}:iam::{owner.account}:role/*"


def _is_wide(grant: Grant, roles: str) -> bool:
    if not all(spans(reach, roles) for reach in grant.reaches):
        return False
    if any(_narrows(test) and not _is_negated(test) for test in grant.tests):
        return False
    return not any(_leaves_few(cut, roles) for cut in grant.cuts)


def _leaves_few(cut: Clause, roles: str) -> bool:
    """Return whether a Deny of all services but some names these just as well.

    One that denies some services, or all but some for some roles alone, leaves it open. So one
    of all roles but some names the roles.
    """
    if confines(cut, roles):
        return True
    if not cut.tests or cut.reach.extent(roles) is not Extent.ALL:
        return False
    return all(_narrows(test) and _is_negated(test) for test in cut.tests)


def _leaves_out(grant: Grant, effective: Effective) -> bool:
    return any(leaves_out(reach, _roles(effective)) for reach in grant.reaches)


def _is_negated(test: ConditionTest) -> bool:
    return "Not" in test.operator


def _narrows(test: ConditionTest) -> bool:
    """Return whether the test names a service, or what is to have the role."""
    if test.key.lower() not in _NARROWING or test.operator == "Null":
        return False
    return not any(_is_any(value) for value in test.values)


def _is_any(value: str) -> bool:
    if not value.strip("*"):
        return True
    if value.startswith("arn:"):
        return not "".join(value.split(":")[_SERVICE : _SERVICE + 1]).strip("*")
    return all(matches(value, service) for service in _SERVICES)


def _verdict(effective: Effective, grant: Grant) -> Verdict:
    unsure = (*grant.tests, *grant.cuts, *grant.limits, *effective.permissions.unread)
    sure = not unsure and not _leaves_out(grant, effective)
    confidence = None if sure else Confidence.MEDIUM
    starts = [action for action in _STARTS if effective.actions_anywhere & actions().mask(action)]
    if starts:
        severity = Severity.HIGH if sure else Severity.MEDIUM
        reason = f"it may start code with it, by {' or '.join(starts[:2])}"
        return Verdict(severity=severity, reason=reason, confidence=confidence)
    reason = "it may start nothing itself that is known to run code"
    return Verdict(severity=Severity.MEDIUM, reason=reason, confidence=confidence)


CHECKS = (principal_pass_role_wide,)
