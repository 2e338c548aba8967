"""Users who are here, users who left, and users of whom nobody knows."""

from typing import Any

from mlguard.check import Severity
from mlguard.policy import Policy
from mlguard.report import Outcome
from tests.builders.account import days_ago, gap, snapshot
from tests.builders.iam import access_key, credentials
from tests.checks.case import Case

LONG_AGO = days_ago(200)


def case(name: str, outcome: Outcome, /, policy: Policy | None = None, **changes: Any) -> Case:
    return Case(
        name=name,
        check="user-inactive",
        snapshot=snapshot(credentials(**changes)),
        outcome=outcome,
        policy=policy or Policy(),
    )


CASES: tuple[Case, ...] = (
    Case(
        name="a password and a key that nobody used since spring",
        check="user-inactive",
        snapshot=snapshot(
            credentials(
                password_last_used_at=LONG_AGO, access_keys=(access_key(used=days_ago(150)),)
            )
        ),
        outcome=Outcome.FAILED,
        at="password_last_used",
        says=("password and access key", "150 days"),
        severity=Severity.MEDIUM,
        fix=("delete-login-profile --user-name ada", "--status Inactive", "delete-user"),
    ),
    Case(
        name="an old user who never signed in",
        check="user-inactive",
        snapshot=snapshot(credentials(password_last_used_at=None)),
        outcome=Outcome.FAILED,
        says=("never used", "400 days old"),
    ),
    Case(
        name="a program's old key",
        check="user-inactive",
        snapshot=snapshot(
            credentials(
                password_enabled=False,
                password_last_used_at=days_ago(1),
                access_keys=(access_key(used=LONG_AGO), access_key(made=days_ago(300))),
            )
        ),
        outcome=Outcome.FAILED,
        says=("2 access keys", "200 days"),
    ),
    case("a user who signed in", Outcome.PASSED),
    case(
        "a user whose key works",
        Outcome.PASSED,
        password_last_used_at=LONG_AGO,
        access_keys=(access_key(used=days_ago(3)),),
    ),
    case("a user on the last day", Outcome.PASSED, password_last_used_at=days_ago(90)),
    case("a user on the day after", Outcome.FAILED, password_last_used_at=days_ago(91)),
    case(
        "a patient policy",
        Outcome.PASSED,
        Policy(user_inactive_days=365),
        password_last_used_at=LONG_AGO,
    ),
    case(
        "a new user who never signed in",
        Outcome.PASSED,
        created_at=days_ago(5),
        password_last_used_at=None,
    ),
    case(
        "a key made this week",
        Outcome.PASSED,
        password_enabled=False,
        access_keys=(access_key(made=days_ago(4)),),
    ),
    case(
        "a user with nothing left to sign in with",
        Outcome.PASSED,
        password_enabled=False,
        access_keys=(access_key(active=False, used=LONG_AGO),),
    ),
    case("the root user", Outcome.PASSED, name="<root_account>", password_last_used_at=None),
    Case(
        name="a credential report that was refused",
        check="user-inactive",
        snapshot=snapshot(gaps=(gap("UserCredentials", region="global"),)),
        outcome=Outcome.NOT_EVALUATED,
    ),
)
