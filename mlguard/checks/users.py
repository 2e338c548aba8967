"""IAM users: people who left and were forgotten."""

from collections.abc import Iterator
from datetime import date, datetime

from mlguard.check import Context, Evidence, Severity, check
from mlguard.resources.iam import AccessKey, UserCredentials

_ROOT = "<root_account>"


@check(
    "user-inactive",
    "User whose password and access keys were not used for a long time",
    on=UserCredentials,
    severity=Severity.MEDIUM,
    remediation=(
        "Take the password away with `aws iam delete-login-profile --user-name {name}`, switch "
        "off each key of `aws iam list-access-keys --user-name {name}` with `aws iam "
        "update-access-key --user-name {name} --access-key-id KEY_ID --status Inactive`. If nobody "
        "misses them for 14 days, delete the keys, take the user out of its groups and policies, "
        "and `aws iam delete-user --user-name {name}`."
    ),
    references=(
        "https://docs.aws.amazon.com/IAM/latest/UserGuide/id_credentials_finding-unused.html",
        "https://docs.aws.amazon.com/IAM/latest/UserGuide/id_credentials_getting-report.html",
    ),
    bad="password_enabled: true, password_last_used: 200 days ago",
    good="password_enabled: true, password_last_used: 3 days ago",
)
def user_inactive(user: UserCredentials, context: Context) -> Iterator[Evidence]:
    """Nobody misses credentials that nobody uses when they are stolen.

    They belong to people who left, or to programs that no longer run.
    """
    days = context.policy.user_inactive_days
    if user.name == _ROOT or not live_credentials(user):
        return
    if is_dormant(user, days=days, today=context.today):
        yield Evidence(message=_message(user, today=context.today), at="password_last_used")


def is_dormant(user: UserCredentials, *, days: int, today: date) -> bool:
    """Return whether the user, older than `days`, used no credential within them.

    A user without any live credential is dormant. A key made within them is a sign of life.
    """
    signs = [user.created_at, *_uses(user)]
    signs += [key.last_rotated_at for key in _live_keys(user) if key.last_rotated_at is not None]
    return all((today - sign.date()).days > days for sign in signs)


def live_credentials(user: UserCredentials) -> tuple[str, ...]:
    """Return what the user can sign in with, in words; empty if nothing is left."""
    password = ("password",) if user.password_enabled else ()
    keys = len(_live_keys(user))
    return (*password, *(("access key" if keys == 1 else f"{keys} access keys",) if keys else ()))


def _live_keys(user: UserCredentials) -> tuple[AccessKey, ...]:
    return tuple(key for key in user.access_keys if key.active)


def _uses(user: UserCredentials) -> list[datetime]:
    password = user.password_last_used_at if user.password_enabled else None
    uses = [password, *(key.last_used_at for key in _live_keys(user))]
    return [use for use in uses if use is not None]


def _message(user: UserCredentials, *, today: date) -> str:
    credentials = " and ".join(live_credentials(user))
    uses = _uses(user)
    if not uses:
        age = (today - user.created_at.date()).days
        return f"{credentials} never used; the user is {age} days old"
    return f"{credentials} not used for {(today - max(uses).date()).days} days"


CHECKS = (user_inactive,)
