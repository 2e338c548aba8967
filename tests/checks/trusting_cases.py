"""Roles that anyone may assume, or another account, or nobody who is left."""

from typing import Any

from mlguard.check import Severity
from mlguard.report import Outcome
from mlguard.resources.iam import Role
from tests.builders.account import ACCOUNT, gap, snapshot
from tests.builders.iam import LAMBDA, document, iam_arn, role, trust
from tests.checks.case import Case

STRANGER = "999999999999"
STRANGERS = f"arn:aws:iam::{STRANGER}:root"
VENDOR = f"arn:aws:iam::{STRANGER}:role/scanner"
DELETED = "AROAEXAMPLEEXAMPLEEX"
OPS = iam_arn("role/ops")
FIRST = "AssumeRolePolicyDocument.Statement[0].Principal"
CONDITION = "AssumeRolePolicyDocument.Statement[0].Condition"
OWN = {"StringEquals": {"aws:PrincipalOrgID": "o-a1b2c3d4e5"}}
NOT_OWN = {"StringNotEquals": {"aws:PrincipalOrgID": "o-a1b2c3d4e5"}}
ASKED = {"StringEquals": {"sts:ExternalId": "7f3c"}}


def door(principal: Any, condition: Any = None, **elements: Any) -> dict[str, Any]:
    found = {"Effect": "Allow", "Principal": principal, "Action": "sts:AssumeRole", **elements}
    return found | ({"Condition": condition} if condition else {})


def trusting(*statements: dict[str, Any]) -> Role:
    return role(trust_policy=document(*statements))


def case(
    check: str,
    name: str,
    outcome: Outcome,
    *roles: Role,
    severity: Severity | None = None,
    says: tuple[str, ...] = (),
    fix: tuple[str, ...] = (),
    at: str | None = FIRST,
) -> Case:
    unlisted = not roles
    return Case(
        name=name,
        check=check,
        snapshot=snapshot(*roles, gaps=(gap("Role", region="global"),) if unlisted else ()),
        outcome=outcome,
        severity=severity,
        says=says,
        fix=fix,
        at=at if outcome is Outcome.FAILED else None,
    )


def opened(name: str, outcome: Outcome, *roles: Role, **expected: Any) -> Case:
    return case("role-trust-open", name, outcome, *roles, **expected)


def unlisted(name: str, outcome: Outcome, *roles: Role, **expected: Any) -> Case:
    return case("role-trust-unlisted-account", name, outcome, *roles, **expected)


def gone(name: str, outcome: Outcome, *roles: Role, **expected: Any) -> Case:
    return case("role-trust-deleted", name, outcome, *roles, **expected)


OPEN = (
    opened(
        "whoever calls a role of theirs like this",
        Outcome.FAILED,
        trusting(door({"AWS": "*"}, {"ArnLike": {"aws:PrincipalArn": "arn:aws:iam::*:role/ci"}})),
        severity=Severity.CRITICAL,
    ),
    opened(
        "whoever calls a user of theirs like this",
        Outcome.FAILED,
        trusting(door({"AWS": "*"}, {"StringLike": {"aws:PrincipalArn": "*:user/ci-*"}})),
    ),
    opened(
        "roles of that name in one account",
        Outcome.PASSED,
        trusting(
            door({"AWS": "*"}, {"ArnLike": {"aws:PrincipalArn": f"arn:aws:iam::{STRANGER}:role/*"}})
        ),
    ),
    opened(
        "roles of that name in one organization",
        Outcome.PASSED,
        trusting(
            door({"AWS": "*"}, OWN | {"ArnLike": {"aws:PrincipalArn": "arn:aws:iam::*:role/ci"}})
        ),
    ),
    opened(
        "anyone",
        Outcome.FAILED,
        trusting(door({"AWS": "*"})),
        severity=Severity.CRITICAL,
        says=("anyone may assume it, without any condition",),
        fix=("update-assume-role-policy --role-name predict-role",),
    ),
    opened("anyone, written short", Outcome.FAILED, trusting(door("*"))),
    opened(
        "anyone with MFA",
        Outcome.FAILED,
        trusting(door("*", {"Bool": {"aws:MultiFactorAuthPresent": "true"}})),
        severity=Severity.CRITICAL,
        says=("no condition says who",),
    ),
    opened(
        "anyone whose organization is not known",
        Outcome.FAILED,
        trusting(door("*", {"StringEqualsIfExists": OWN["StringEquals"]})),
        severity=Severity.CRITICAL,
    ),
    opened(
        "anyone who knows the external ID",
        Outcome.FAILED,
        trusting(door("*", ASKED)),
        severity=Severity.MEDIUM,
        says=("external ID",),
    ),
    opened("anyone of the organization", Outcome.PASSED, trusting(door("*", OWN))),
    opened(
        "anyone, but a deny for those outside the organization",
        Outcome.PASSED,
        trusting(door("*"), door("*", NOT_OWN, Effect="Deny")),
    ),
    opened(
        "anyone may tag the session, nobody may have one",
        Outcome.PASSED,
        trusting(door("*", Action="sts:TagSession")),
    ),
    opened("a service", Outcome.PASSED, role()),
    opened("another account", Outcome.PASSED, trusting(door({"AWS": STRANGERS}))),
    opened("a trust policy that is none", Outcome.NOT_EVALUATED, role(trust_policy="{")),
    opened("roles that could not be listed", Outcome.NOT_EVALUATED),
)

UNLISTED = (
    unlisted(
        "another account",
        Outcome.FAILED,
        trusting(door({"AWS": STRANGERS})),
        severity=Severity.HIGH,
        says=(f"account {STRANGER} may assume it", "no external ID"),
        fix=(f"account {STRANGER}", "trusted_accounts"),
    ),
    unlisted(
        "another account, by number",
        Outcome.FAILED,
        trusting(door({"AWS": STRANGER})),
        severity=Severity.HIGH,
    ),
    unlisted(
        "a role of another account",
        Outcome.FAILED,
        trusting(door({"AWS": VENDOR})),
        severity=Severity.MEDIUM,
        says=(VENDOR,),
    ),
    unlisted(
        "another account with an external ID",
        Outcome.FAILED,
        trusting(door({"AWS": STRANGERS}, ASKED)),
        severity=Severity.LOW,
    ),
    unlisted(
        "another account and one of the own roles",
        Outcome.FAILED,
        trusting(door({"AWS": [OPS, STRANGERS]})),
    ),
    unlisted(
        "anyone of another account, by a condition",
        Outcome.FAILED,
        trusting(door({"AWS": "*"}, {"StringEquals": {"aws:PrincipalAccount": STRANGER}})),
        severity=Severity.HIGH,
        says=(f"account {STRANGER} may assume it",),
        fix=(f"account {STRANGER}", "trusted_accounts"),
        at=CONDITION,
    ),
    unlisted(
        "roles of another account, by a condition",
        Outcome.FAILED,
        trusting(door({"AWS": "*"}, {"ArnLike": {"aws:PrincipalArn": f"{VENDOR}-*"}})),
        severity=Severity.MEDIUM,
        says=(f"{VENDOR}-*",),
        at=CONDITION,
    ),
    unlisted(
        "the own account, by a condition",
        Outcome.PASSED,
        trusting(door({"AWS": "*"}, {"StringEquals": {"aws:PrincipalAccount": ACCOUNT}})),
    ),
    unlisted(
        "another account's roles that are to be of the own account too: nobody",
        Outcome.PASSED,
        trusting(
            door(
                {"AWS": "*"},
                {
                    "StringEquals": {"aws:PrincipalAccount": ACCOUNT},
                    "ArnLike": {"aws:PrincipalArn": f"{VENDOR}-*"},
                },
            )
        ),
    ),
    unlisted(
        "another account of the organization, by conditions",
        Outcome.PASSED,
        trusting(
            door(
                {"AWS": "*"},
                {"StringEquals": {**OWN["StringEquals"], "aws:PrincipalAccount": STRANGER}},
            )
        ),
    ),
    unlisted(
        "an account of the organization", Outcome.PASSED, trusting(door({"AWS": STRANGERS}, OWN))
    ),
    unlisted(
        "another account that a deny keeps out",
        Outcome.PASSED,
        trusting(door({"AWS": STRANGERS}), door("*", NOT_OWN, Effect="Deny")),
    ),
    unlisted("the own account", Outcome.PASSED, trusting(door({"AWS": iam_arn("root")}))),
    unlisted("a service", Outcome.PASSED, role()),
    unlisted("somebody deleted", Outcome.PASSED, role(trust_policy=trust(AWS=DELETED))),
    unlisted("a trust policy that is none", Outcome.NOT_EVALUATED, role(trust_policy="{")),
)

GONE = (
    gone(
        "a deleted role beside a living one",
        Outcome.FAILED,
        role(trust_policy=trust(AWS=[DELETED, OPS])),
        severity=Severity.LOW,
        says=(DELETED, "a deleted role"),
    ),
    gone(
        "a deleted user beside a service",
        Outcome.FAILED,
        trusting(door({"Service": LAMBDA}), door({"AWS": "AIDAEXAMPLEEXAMPLEEX"})),
        at="AssumeRolePolicyDocument.Statement[1].Principal",
        says=("a deleted user",),
    ),
    gone(
        "nobody else, which another check reports",
        Outcome.PASSED,
        role(trust_policy=trust(AWS=DELETED)),
    ),
    gone(
        "a deleted role that might only tag",
        Outcome.PASSED,
        trusting(door({"Service": LAMBDA}), door({"AWS": DELETED}, Action="sts:TagSession")),
    ),
    gone("the living alone", Outcome.PASSED, role(trust_policy=trust(AWS=OPS))),
    gone("a trust policy that is none", Outcome.NOT_EVALUATED, role(trust_policy="{")),
)

CASES: tuple[Case, ...] = (*OPEN, *UNLISTED, *GONE)
