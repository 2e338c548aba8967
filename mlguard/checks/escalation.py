"""Escalation: who can make itself more than it was made, and how."""

from collections.abc import Iterator, Sequence
from typing import Final

from mlguard.check import Confidence, Context, Evidence, Severity, check
from mlguard.checks.grants import parsed
from mlguard.checks.trusted import workloads
from mlguard.iam.escalation.chain import Certainty, Escalation
from mlguard.resources.functions import Function
from mlguard.resources.iam import Group, ManagedPolicy, Role, User, UserCredentials
from mlguard.resources.instances import Instance
from mlguard.resources.notebooks import NotebookInstance

_NAMED: Final = 3


@check(
    "principal-escalation",
    "Role or user that can give itself more",
    on=(Role, User),
    reads=(Group, ManagedPolicy),
    optional=(Function, Instance, NotebookInstance, UserCredentials),
    severity=Severity.HIGH,
    remediation=(
        "Narrow the statement that the way begins with: name the roles that may be passed, with "
        "iam:PassedToService, and leave out what edits policies, keys and trust. The command "
        "mlguard paths shows every way, step by step."
    ),
    references=(
        "https://docs.aws.amazon.com/IAM/latest/UserGuide/id_roles_use_passrole.html",
        "https://docs.aws.amazon.com/IAM/latest/UserGuide/best-practices.html#grant-least-privilege",
        "https://docs.aws.amazon.com/IAM/latest/UserGuide/access_policies_boundaries.html",
    ),
    bad="Allow iam:PassRole and sagemaker:CreateTrainingJob, and an administrator role to pass",
    good="Allow iam:PassRole on one role, which may do less than the caller",
)
def principal_escalation(principal: Role | User, context: Context) -> Iterator[Evidence]:
    """Look past what it may do: it can pass, edit or take on what has more.

    A training job, a notebook or a function runs its caller's code with the role that is passed to
    it. A way counts only if its target is there: a role that may be passed, trusts the service and
    has more. Administrators are reported as such, and not here.
    """
    paths = context.escalations(principal)
    if paths.admin:
        return
    for ways, severity in _by_weight(paths.escalations):
        if ways:
            yield _evidence(ways, _raised(severity, principal, context))
            return


def _by_weight(
    ways: Sequence[Escalation],
) -> Iterator[tuple[list[Escalation], Severity]]:
    """Yield the ways to administrator, those to anything more, and those that nobody can tell."""
    open_ = [way for way in ways if way.certainty > Certainty.POSSIBLE]
    yield [way for way in open_ if way.admin], Severity.HIGH
    yield open_, Severity.MEDIUM
    yield list(ways), Severity.INFORMATIONAL


def _evidence(ways: list[Escalation], severity: Severity) -> Evidence:
    best = max(ways, key=lambda way: (way.certainty, -len(way.steps)))
    statements = [f"{one.policy}[{one.sid or one.index}]" for one in best.steps[0].statements]
    return Evidence(
        message=f"{_gain(best)} by {_counted(ways)}, such as {_told(best)}",
        at=statements[0] if statements else "Policies",
        locator="escalation",
        severity=severity,
        confidence=_CONFIDENCE[best.certainty],
    )


_CONFIDENCE: Final = {
    Certainty.PROVED: Confidence.HIGH,
    Certainty.CONDITIONAL: Confidence.MEDIUM,
    Certainty.POSSIBLE: Confidence.LOW,
}


def _gain(way: Escalation) -> str:
    can = "may" if way.certainty is Certainty.POSSIBLE else "can"
    if way.admin:
        return f"{can} become administrator"
    return f"{can} gain the permissions of {way.target or 'something that was not read'}"


def _counted(ways: list[Escalation]) -> str:
    return "one way" if len(ways) == 1 else f"{len(ways)} ways"


def _told(way: Escalation) -> str:
    """Return the first steps of a way, in words, and what it hangs on."""
    steps = [f"{one.action}{f' on {one.resource}' if one.resource else ''}" for one in way.steps]
    more = f" and {len(steps) - _NAMED} more steps" if len(steps) > _NAMED else ""
    hangs = f", if {' and '.join(way.conditions)}" if way.conditions else ""
    return f"{', '.join(steps[:_NAMED])}{more}{hangs}"


def _raised(severity: Severity, principal: Role | User, context: Context) -> Severity:
    """Return the severity; what code that answers to others can reach, they can reach."""
    if severity is not Severity.HIGH or isinstance(principal, User):
        return severity
    at = "AssumeRolePolicyDocument"
    document = parsed(principal.trust_policy, of=principal, at=at, context=context)
    return Severity.CRITICAL if document is not None and workloads(document) else severity


CHECKS = (principal_escalation,)
