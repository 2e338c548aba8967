from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any
from urllib.parse import quote

import boto3
import pytest
from botocore.exceptions import EndpointConnectionError
from moto import mock_aws

from mlguard.resources.base import Resource
from mlguard.resources.iam import Group, ManagedPolicy, Role, User, UserCredentials
from mlguard.snapshot import GapReason
from mlguard.sources.aws import iam
from mlguard.sources.aws.connection import Connection
from mlguard.sources.aws.reading import Reading
from mlguard.sources.base import Home
from tests.builders.account import ACCOUNT
from tests.sources.aws.stubbed import Account

DETAILS = "GetAccountAuthorizationDetails"
CREATED = datetime(2026, 1, 2, 3, 4, 5, tzinfo=UTC)
TWICE = '{"Version": "2012-10-17", "Statement": [], "Statement": [{"Sid": "a+b %"}]}'
READ_ONLY = "arn:aws:iam::aws:policy/ReadOnlyAccess"
REPORT = (
    b"user,arn,user_creation_time,password_enabled,password_last_used,mfa_active,"
    b"access_key_1_active,access_key_1_last_rotated,access_key_1_last_used_date,"
    b"access_key_2_active,access_key_2_last_rotated,access_key_2_last_used_date\n"
    b"<root_account>,arn:aws:iam::123456789012:root,2020-01-01T00:00:00+00:00,not_supported,"
    b"no_information,true,false,N/A,N/A,false,N/A,N/A\n"
)


def _role(name: str, **changes: Any) -> dict[str, Any]:
    return {
        "Arn": f"arn:aws:iam::{ACCOUNT}:role/{name}",
        "RoleName": name,
        "RoleId": "AROA1234567890123456",
        "Path": "/",
        "CreateDate": CREATED,
        "AssumeRolePolicyDocument": quote(TWICE),
        **changes,
    }


def _policy(arn: str) -> dict[str, Any]:
    return {
        "Arn": arn,
        "PolicyName": arn.rsplit("/", 1)[-1],
        "PolicyId": "ANPA1234567890123456",
        "Path": "/",
        "DefaultVersionId": "v1",
        "PolicyVersionList": [{"VersionId": "v1", "Document": quote(TWICE)}],
    }


def _page(**lists: Any) -> dict[str, Any]:
    return {
        "RoleDetailList": [],
        "UserDetailList": [],
        "GroupDetailList": [],
        "Policies": [],
        "IsTruncated": False,
        **lists,
    }


def _with_report(account: Account) -> Account:
    account.answer("iam", "GenerateCredentialReport", {"State": "COMPLETE"})
    account.answer("iam", "GetCredentialReport", {"Content": REPORT, "ReportFormat": "text/csv"})
    return account


def _never(seconds: float) -> None:
    raise AssertionError(f"slept for {seconds} s")


def _collected(account: Account, sleep: Callable[[float], None] = _never) -> Reading:
    reading = account.reading()
    iam.collect(reading, sleep=sleep)
    account.assert_all_asked()
    return reading


def _of(reading: Reading, kind: type[Resource]) -> list[Any]:
    return [resource for resource in reading.resources if isinstance(resource, kind)]


def test_every_page_is_read_and_everyone_is_at_home_in_global() -> None:
    account = Account()
    account.answer(
        "iam",
        DETAILS,
        _page(RoleDetailList=[_role("one")], IsTruncated=True, Marker="more"),
        MaxItems=1000,
    )
    account.answer(
        "iam", DETAILS, _page(RoleDetailList=[_role("two")]), MaxItems=1000, Marker="more"
    )

    reading = _collected(_with_report(account))

    assert [role.name for role in _of(reading, Role)] == ["one", "two"]
    assert {resource.region for resource in reading.resources} == {"global"}
    assert [user.name for user in _of(reading, UserCredentials)] == ["<root_account>"]
    assert reading.gaps == []


def test_a_document_keeps_a_key_that_stands_twice() -> None:
    account = Account()
    policy = {"PolicyName": "inline", "PolicyDocument": quote(TWICE)}
    account.answer(
        "iam", DETAILS, _page(RoleDetailList=[_role("one", RolePolicyList=[policy])]), MaxItems=1000
    )

    (role,) = _of(_collected(_with_report(account)), Role)

    assert role.trust_policy == TWICE
    assert role.inline_policies[0].document == TWICE


def test_of_aws_own_policies_those_that_nobody_uses_are_dropped() -> None:
    account = Account()
    own = f"arn:aws:iam::{ACCOUNT}:policy/own"
    attached = [{"PolicyName": "ReadOnlyAccess", "PolicyArn": READ_ONLY}]
    account.answer(
        "iam",
        DETAILS,
        _page(
            RoleDetailList=[_role("one", AttachedManagedPolicies=attached)],
            Policies=[_policy(READ_ONLY), _policy(own), _policy("arn:aws:iam::aws:policy/Unused")],
        ),
        MaxItems=1000,
    )

    policies = _of(_collected(_with_report(account)), ManagedPolicy)

    assert [(policy.name, policy.aws_managed) for policy in policies] == [
        ("ReadOnlyAccess", True),
        ("own", False),
    ]


@pytest.mark.parametrize(
    ("code", "reason", "permission"),
    [
        ("AccessDenied", GapReason.DENIED, f"iam:{DETAILS}"),
        ("Throttling", GapReason.THROTTLED, None),
        ("ExpiredToken", GapReason.EXPIRED, None),
        ("404", GapReason.UNSUPPORTED, None),
        ("ServiceFailure", GapReason.INCOMPLETE, None),
    ],
)
def test_a_refusal_on_a_later_page_keeps_what_was_read_and_is_a_gap_in_all_four_kinds(
    code: str, reason: GapReason, permission: str | None
) -> None:
    account = Account()
    account.answer(
        "iam",
        DETAILS,
        _page(RoleDetailList=[_role("one")], IsTruncated=True, Marker="more"),
        MaxItems=1000,
    )
    account.fail("iam", DETAILS, code, MaxItems=1000, Marker="more")

    reading = _collected(_with_report(account))

    assert [role.name for role in _of(reading, Role)] == ["one"]
    (gap,) = reading.gaps
    assert set(gap.kinds) == {"Role", "User", "Group", "ManagedPolicy"}
    assert (gap.region, gap.reason, gap.permission) == ("global", reason, permission)
    assert len(_of(reading, UserCredentials)) == 1


@pytest.mark.parametrize(
    ("error", "reason"),
    [
        (NotImplementedError("not yet"), GapReason.UNSUPPORTED),
        (EndpointConnectionError(endpoint_url="x"), GapReason.UNREACHABLE),
    ],
)
def test_an_operation_that_raises_is_a_gap(error: Exception, reason: GapReason) -> None:
    account = _with_report(Account())
    account.cannot("iam", DETAILS, error)

    (gap,) = _collected(account).gaps

    assert (gap.operation, gap.reason) == (f"iam:{DETAILS}", reason)


def test_a_role_that_lacks_its_trust_policy_is_a_gap_and_harms_no_other() -> None:
    account = Account()
    halved = _role("half")
    del halved["AssumeRolePolicyDocument"]
    account.answer("iam", DETAILS, _page(RoleDetailList=[halved, _role("whole")]), MaxItems=1000)

    reading = _collected(_with_report(account))

    assert [role.name for role in _of(reading, Role)] == ["whole"]
    (gap,) = reading.gaps
    assert gap.kinds == ("Role",)
    assert gap.subject == halved["Arn"]
    assert "AssumeRolePolicyDocument" in gap.detail


def _with_no_principals() -> Account:
    account = Account()
    account.answer("iam", DETAILS, _page(), MaxItems=1000)
    return account


def test_the_credential_report_is_waited_for() -> None:
    account = _with_no_principals()
    for state in ("STARTED", "INPROGRESS", "COMPLETE"):
        account.answer("iam", "GenerateCredentialReport", {"State": state})
    account.fail("iam", "GetCredentialReport", "ReportInProgress")
    _with_report(account)
    slept: list[float] = []

    reading = _collected(account, slept.append)

    assert len(_of(reading, UserCredentials)) == 1
    assert len(slept) == 3


def test_a_credential_report_that_never_comes_is_a_gap() -> None:
    account = _with_no_principals()
    for _ in range(iam.POLLS):
        account.answer("iam", "GenerateCredentialReport", {"State": "STARTED"})

    (gap,) = _collected(account, lambda _: None).gaps

    assert gap.kinds == ("UserCredentials",)
    assert "not ready after 60 s" in gap.detail


@pytest.mark.parametrize("refused", ["GenerateCredentialReport", "GetCredentialReport"])
def test_a_credential_report_that_is_denied_is_a_gap_of_that_kind_only(refused: str) -> None:
    account = _with_no_principals()
    if refused == "GetCredentialReport":
        account.answer("iam", "GenerateCredentialReport", {"State": "COMPLETE"})
    account.fail("iam", refused, "AccessDenied")

    (gap,) = _collected(account).gaps

    assert (gap.kinds, gap.region) == (("UserCredentials",), "global")
    assert gap.permission == f"iam:{refused}"


@pytest.mark.parametrize(
    ("content", "subject"),
    [(b"<html>", None), (REPORT[:-20], f"arn:aws:iam::{ACCOUNT}:root")],
)
def test_a_credential_report_that_cannot_be_read_is_a_gap(
    content: bytes, subject: str | None
) -> None:
    account = _with_no_principals()
    account.answer("iam", "GenerateCredentialReport", {"State": "COMPLETE"})
    account.answer("iam", "GetCredentialReport", {"Content": content})

    reading = _collected(account)

    (gap,) = reading.gaps
    assert (gap.kinds, gap.subject) == (("UserCredentials",), subject)
    assert _of(reading, UserCredentials) == []


def test_a_policy_document_reaches_us_from_moto_as_it_was_put() -> None:
    document = (
        '{"Version":"2012-10-17","Statement":'
        '{"Effect":"Allow","Action":"s3:GetObject","Resource":"arn:aws:s3:::a+b%20/*"}}'
    )
    with mock_aws(config={"iam": {"load_aws_managed_policies": True}}):
        session = boto3.Session("testing", "testing", region_name="us-east-1")
        client = session.client("iam")
        client.create_role(RoleName="one", AssumeRolePolicyDocument=document)
        client.put_role_policy(RoleName="one", PolicyName="own", PolicyDocument=document)
        client.create_user(UserName="ana")
        client.create_group(GroupName="science")
        client.add_user_to_group(UserName="ana", GroupName="science")
        account = Account()
        reading = Reading(
            Connection(session),
            Home(account=ACCOUNT, region="us-east-1"),
            account.reading()._pool,
        )
        iam.collect(reading, sleep=lambda _: None)

    (role,) = _of(reading, Role)
    assert role.inline_policies[0].document == document
    assert [user.groups for user in _of(reading, User)] == [("science",)]
    assert [group.name for group in _of(reading, Group)] == ["science"]
    assert [user.name for user in _of(reading, UserCredentials)] == ["ana"]
    assert set(reading.connection.operations) == set(iam.OPERATIONS)
