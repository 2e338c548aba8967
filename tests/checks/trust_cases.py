"""Roles whose people are here, gone, or unknown."""

from mlguard.check import Severity
from mlguard.report import Outcome
from mlguard.resources.kinds import KINDS, AnyResource
from mlguard.snapshot import Gap
from tests.builders.account import ACCOUNT, days_ago, gap, snapshot
from tests.builders.iam import allow, credentials, document, iam_arn, role, trust, user
from tests.checks.case import Case

DELETED = "AIDAEXAMPLEEXAMPLEEX"
ADA, OPS = iam_arn("user/ada"), iam_arn("role/ops")
STALE = credentials(password_last_used_at=days_ago(200))
NO_REPORT = tuple(kind for kind in KINDS if kind != "UserCredentials")


def case(
    name: str,
    outcome: Outcome,
    trust_policy: str,
    *others: AnyResource,
    says: tuple[str, ...] = (),
    gaps: tuple[Gap, ...] = (),
    covers: tuple[str, ...] = tuple(KINDS),
) -> Case:
    failed = outcome is Outcome.FAILED
    return Case(
        name=name,
        check="role-stale-trust",
        snapshot=snapshot(role(trust_policy=trust_policy), *others, gaps=gaps, covers=covers),
        outcome=outcome,
        says=says,
        at="AssumeRolePolicyDocument.Statement[0].Principal" if failed else None,
        severity=Severity.MEDIUM if failed else None,
    )


CASES: tuple[Case, ...] = (
    case("a deleted user", Outcome.FAILED, trust(AWS=DELETED), says=(DELETED, "deleted")),
    case(
        "a deleted user, though users could not be listed",
        Outcome.FAILED,
        trust(AWS=DELETED),
        gaps=(gap("User", region="global"),),
    ),
    case(
        "a deleted role and a user who does not exist",
        Outcome.FAILED,
        trust(AWS=["AROAEXAMPLEEXAMPLEEX", ADA]),
        says=("AROAEXAMPLEEXAMPLEEX (a deleted principal) and", "does not exist"),
    ),
    case(
        "an inactive user",
        Outcome.FAILED,
        trust(AWS=ADA),
        user(),
        STALE,
        says=(f"{ADA} (an inactive user)",),
    ),
    case(
        "a user with no credential left",
        Outcome.FAILED,
        trust(AWS=ADA),
        user(),
        credentials(password_enabled=False),
    ),
    case(
        "a session of a role that is gone",
        Outcome.FAILED,
        trust(AWS=f"arn:aws:sts::{ACCOUNT}:assumed-role/gone/s"),
    ),
    case("an active user", Outcome.PASSED, trust(AWS=ADA), user(), credentials()),
    case("a user newer than the report", Outcome.PASSED, trust(AWS=ADA), user()),
    case(
        "a user where nobody reads reports",
        Outcome.PASSED,
        trust(AWS=ADA),
        user(),
        covers=NO_REPORT,
    ),
    case("a role that exists", Outcome.PASSED, trust(AWS=OPS), role("ops")),
    case(
        "a session of a role with a path",
        Outcome.PASSED,
        trust(AWS=f"arn:aws:sts::{ACCOUNT}:assumed-role/ops/session"),
        role("ops", arn=iam_arn("role/team/ops"), path="/team/"),
    ),
    case(
        "an inactive user and an active role",
        Outcome.PASSED,
        trust(AWS=[ADA, OPS]),
        user(),
        STALE,
        role("ops"),
    ),
    case("a service", Outcome.PASSED, trust(Service="lambda.amazonaws.com")),
    case(
        "a deleted user and a service",
        Outcome.PASSED,
        trust(AWS=DELETED, Service="lambda.amazonaws.com"),
    ),
    case("the account", Outcome.PASSED, trust(AWS=iam_arn("root"))),
    case("the account by its number", Outcome.PASSED, trust(AWS=[ACCOUNT, DELETED])),
    case("another account's user", Outcome.PASSED, trust(AWS="arn:aws:iam::210987654321:user/eve")),
    case("an identity provider", Outcome.PASSED, trust(Federated=iam_arn("saml-provider/idp"))),
    case("anyone", Outcome.PASSED, trust(AWS=["*", DELETED])),
    case(
        "a user who does not exist, for all we may read",
        Outcome.NOT_EVALUATED,
        trust(AWS=ADA),
        gaps=(gap("User", region="global"),),
    ),
    case(
        "a user of whom no report could be read",
        Outcome.NOT_EVALUATED,
        trust(AWS=ADA),
        user(),
        gaps=(gap("UserCredentials", region="global"),),
    ),
    case("a trust policy that is none", Outcome.NOT_EVALUATED, "{"),
    case(
        "a trust policy with an unknown element",
        Outcome.NOT_EVALUATED,
        document(allow("sts:AssumeRole", Principle={"AWS": DELETED})),
    ),
)
