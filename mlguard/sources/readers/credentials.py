"""The credential report: a CSV with a row for each user, and one for the root user.

IAM User Guide, "Getting credential reports for your AWS account".
"""

import csv
import io
from collections.abc import Iterator, Mapping
from datetime import UTC, datetime
from typing import Final

from mlguard.resources.iam import AccessKey, UserCredentials
from mlguard.sources.base import Home

ROOT: Final = "<root_account>"

# Never: not in AWS's tracking period, or there is nothing that could have been used.
_NEVER: Final = frozenset({"N/A", "no_information", "not_supported"})
_KEYS: Final = ("access_key_1", "access_key_2")


def rows(content: bytes) -> Iterator[dict[str, str]]:
    """Yield the rows of a report by column; raises ValueError if it is no such report."""
    reader = csv.DictReader(io.StringIO(content.decode()), strict=True)
    if "arn" not in (reader.fieldnames or ()):
        raise ValueError("not a credential report: no column arn")
    try:
        yield from reader
    except csv.Error as error:
        raise ValueError(f"not CSV at line {reader.line_num}: {error}") from error


def user_credentials(row: Mapping[str, str], home: Home) -> UserCredentials:
    """Return what a row says of its user."""
    if None in row.values():
        raise ValueError("the row is cut short")
    return UserCredentials(
        arn=row["arn"],
        account=home.account,
        region=home.region,
        name=row["user"],
        created_at=_instant(row["user_creation_time"]),
        password_enabled=_password_enabled(row),
        password_last_used_at=_last(row["password_last_used"]),
        mfa_active=_truth(row["mfa_active"]),
        access_keys=tuple(_keys(row)),
    )


def _password_enabled(row: Mapping[str, str]) -> bool:
    answer = row["password_enabled"]
    # The report does not support the question for the root user, who has a password.
    return True if row["user"] == ROOT and answer in _NEVER else _truth(answer)


def _keys(row: Mapping[str, str]) -> Iterator[AccessKey]:
    for key in _KEYS:
        active = _truth(row[f"{key}_active"])
        rotated_at = _last(row[f"{key}_last_rotated"])
        # A key that does not exist is neither active nor was it ever made.
        if active or rotated_at is not None:
            yield AccessKey(
                active=active,
                last_used_at=_last(row[f"{key}_last_used_date"]),
                last_rotated_at=rotated_at,
            )


def _truth(value: str) -> bool:
    match value.lower():
        case "true":
            return True
        case "false":
            return False
        case _:
            raise ValueError(f"neither true nor false: {value!r:.40}")


def _last(value: str) -> datetime | None:
    return None if value in _NEVER else _instant(value)


def _instant(value: str) -> datetime:
    instant = datetime.fromisoformat(value)
    # The report's instants are UTC, whether or not they say so.
    return instant.replace(tzinfo=UTC) if instant.tzinfo is None else instant.astimezone(UTC)
