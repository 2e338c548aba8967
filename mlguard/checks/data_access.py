"""Data: who may read every object of every bucket."""

from collections.abc import Iterator
from typing import Final

from mlguard.check import Confidence, Context, Evidence, Severity, check
from mlguard.checks.holdings import TAKE_AWAY, Verdict, allows, confines, granted, leaves_out, spans
from mlguard.checks.sweeping import is_of_plain_http, narrows_nothing, under
from mlguard.checks.trusted import workloads
from mlguard.iam.evaluation.policies import Layer
from mlguard.iam.language.document import ConditionTest
from mlguard.iam.permissions.clauses import Clause, Grant
from mlguard.iam.permissions.effective import Effective
from mlguard.resources.iam import Group, ManagedPolicy, Role, User

_READ: Final = "s3:GetObject"


@check(
    "principal-reads-all-buckets",
    "Every object of every bucket may be read",
    on=(Role, User),
    reads=(Group, ManagedPolicy),
    severity=Severity.HIGH,
    remediation=(
        "Name in Resource the buckets, and where you can the prefixes, that are to be read "
        f"(arn:aws:s3:::BUCKET/PREFIX/*); then {TAKE_AWAY} if the old policy did nothing else."
    ),
    references=(
        "https://docs.aws.amazon.com/AmazonS3/latest/userguide/security-best-practices.html",
        "https://docs.aws.amazon.com/sagemaker/latest/dg/sagemaker-roles.html",
    ),
    bad="Allow s3:GetObject on *",
    good="Allow s3:GetObject on arn:aws:s3:::dog-images/train/*",
)
def principal_reads_all_buckets(principal: Role | User, context: Context) -> Iterator[Evidence]:
    """Whoever takes over the notebook or function takes the account's data with it.

    Not the training images alone: also backups, logs, and what other teams keep there, in other
    accounts too where they let this one in. Roles that only people or pipelines assume are not
    judged; administrators are reported as such.
    """
    if isinstance(principal, Role) and not _runs_code(principal, context):
        return
    effective = context.effective(principal)
    if effective.administrator:
        return
    grant = _whole(effective)
    if grant is None:
        return
    yield granted(
        principal,
        grant.sources[0],
        f"allows {_READ} on every object of every bucket{under(grant.tests)}",
        _verdict(principal, effective, grant),
        context,
    )


def _runs_code(role: Role, context: Context) -> bool:
    """Return whether a service runs code under the role."""
    if role.service_linked:
        return False
    trust = context.parse(role.trust_policy, of=role, at="AssumeRolePolicyDocument")
    return bool(workloads(trust))


def _whole(effective: Effective) -> Grant | None:
    """Return a grant of all objects, one that no Deny cuts if there is one.

    Its conditions, if there are any, say nothing of who or what.
    """
    if Layer.BOUNDARY in effective.permissions.unread:
        return None
    objects = _objects(effective)
    if not any(_always(clause.tests) for clause in allows(effective, _READ, objects)):
        return None
    whole = [
        grant
        for grant in effective.can(_READ, objects).grants
        if _always(grant.tests)
        and all(spans(reach, objects) for reach in grant.reaches)
        and not any(confines(cut, objects) for cut in grant.cuts)
    ]
    return min(
        whole,
        key=lambda grant: (_leaves_out(grant, objects), len(_cuts(grant)), len(grant.tests)),
        default=None,
    )


def _always(tests: tuple[ConditionTest, ...]) -> bool:
    return all(map(narrows_nothing, tests))


def _cuts(grant: Grant) -> list[Clause]:
    """Return the denies that take something back from those who use TLS."""
    return [cut for cut in grant.cuts if not any(map(is_of_plain_http, cut.tests))]


def _objects(effective: Effective) -> str:
    return f"arn:{effective.principal.partition}:s3:::*/*"


def _leaves_out(grant: Grant, objects: str) -> bool:
    return any(leaves_out(reach, objects) for reach in grant.reaches)


def _verdict(principal: Role | User, effective: Effective, grant: Grant) -> Verdict:
    left_out = _leaves_out(grant, _objects(effective))
    if left_out or _cuts(grant):
        reason = f"{'NotResource leaves out' if left_out else 'a Deny takes back'} some of it"
        return Verdict(severity=Severity.MEDIUM, reason=reason, confidence=Confidence.MEDIUM)
    unsure = grant.tests or grant.limits or effective.permissions.unread
    confidence = Confidence.MEDIUM if unsure else None
    if isinstance(principal, User):
        reason = "whoever has the user's key reads along"
        return Verdict(severity=Severity.MEDIUM, reason=reason, confidence=confidence)
    reason = "so may all code that runs with it"
    return Verdict(severity=Severity.HIGH, reason=reason, confidence=confidence)


CHECKS = (principal_reads_all_buckets,)
