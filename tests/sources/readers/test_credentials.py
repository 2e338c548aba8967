from datetime import UTC, datetime

import pytest

from mlguard.resources.iam import AccessKey
from mlguard.sources.base import Home
from mlguard.sources.readers.credentials import rows, user_credentials
from tests.builders.account import ACCOUNT

HOME = Home(account=ACCOUNT, region="global")
COLUMNS = (
    "user,arn,user_creation_time,password_enabled,password_last_used,password_last_changed,"
    "password_next_rotation,mfa_active,access_key_1_active,access_key_1_last_rotated,"
    "access_key_1_last_used_date,access_key_1_last_used_region,access_key_1_last_used_service,"
    "access_key_2_active,access_key_2_last_rotated,access_key_2_last_used_date,"
    "access_key_2_last_used_region,access_key_2_last_used_service,cert_1_active,"
    "cert_1_last_rotated,cert_2_active,cert_2_last_rotated"
)
ROOT = (
    f"<root_account>,arn:aws:iam::{ACCOUNT}:root,2020-01-01T00:00:00+00:00,not_supported,"
    "2026-03-04T05:06:07+00:00,not_supported,not_supported,true,false,N/A,N/A,N/A,N/A,"
    "false,N/A,N/A,N/A,N/A,false,N/A,false,N/A"
)
ANA = (
    f"ana,arn:aws:iam::{ACCOUNT}:user/ana,2025-01-01T00:00:00+00:00,true,no_information,"
    "2025-01-01T00:00:00+00:00,N/A,false,true,2025-01-01T00:00:00+00:00,"
    "2026-10-01T12:00:00+00:00,eu-west-1,s3,false,2025-02-01T00:00:00+00:00,N/A,N/A,N/A,"
    "false,N/A,false,N/A"
)


def _row(line: str) -> dict[str, str]:
    (row,) = rows(f"{COLUMNS}\n{line}\n".encode())
    return row


def test_the_root_user_has_a_password_although_the_report_does_not_support_the_question() -> None:
    read = user_credentials(_row(ROOT), HOME)

    assert read.arn == f"arn:aws:iam::{ACCOUNT}:root"
    assert read.name == "<root_account>"
    assert read.password_enabled
    assert read.mfa_active
    assert read.password_last_used_at == datetime(2026, 3, 4, 5, 6, 7, tzinfo=UTC)
    assert read.access_keys == ()


def test_a_root_user_whose_password_was_removed_has_none() -> None:
    assert not user_credentials(
        _row(ROOT.replace("not_supported", "false", 1)), HOME
    ).password_enabled


def test_no_information_about_a_password_means_that_it_was_never_used() -> None:
    read = user_credentials(_row(ANA), HOME)

    assert read.password_enabled
    assert read.password_last_used_at is None


def test_a_key_that_is_switched_off_is_still_a_key() -> None:
    assert user_credentials(_row(ANA), HOME).access_keys == (
        AccessKey(
            active=True,
            last_used_at=datetime(2026, 10, 1, 12, tzinfo=UTC),
            last_rotated_at=datetime(2025, 1, 1, tzinfo=UTC),
        ),
        AccessKey(active=False, last_rotated_at=datetime(2025, 2, 1, tzinfo=UTC)),
    )


def test_a_row_that_is_cut_short_is_refused() -> None:
    with pytest.raises(ValueError, match="cut short"):
        user_credentials(_row(ANA[:60]), HOME)


def test_a_report_without_a_column_is_refused() -> None:
    row = _row(ANA)
    del row["mfa_active"]

    with pytest.raises(KeyError, match="mfa_active"):
        user_credentials(row, HOME)


def test_a_value_that_is_neither_true_nor_false_is_refused() -> None:
    with pytest.raises(ValueError, match="perhaps"):
        user_credentials(_row(ANA.replace("true", "perhaps", 1)), HOME)


@pytest.mark.parametrize("content", [b"", b"<html>", b"\xff\xfe"])
def test_what_is_no_report_is_refused(content: bytes) -> None:
    with pytest.raises(ValueError, match=r"not a credential report|utf-8"):
        list(rows(content))


def test_a_name_with_a_comma_in_quotes_stays_one_name() -> None:
    assert _row(ANA.replace("ana,", '"ana,b",', 1))["user"] == "ana,b"
