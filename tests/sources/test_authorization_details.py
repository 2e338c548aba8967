import json
from typing import Any
from urllib.parse import quote

import pytest

from mlguard.errors import FileError
from mlguard.resources.iam import Group, ManagedPolicy, Role, User
from mlguard.snapshot import GapReason, Snapshot
from mlguard.sources.authorization_details import AuthorizationDetails
from tests.builders.account import ACCOUNT, NOW

CREATED = "2026-01-02T03:04:05+00:00"
TRUST: dict[str, Any] = {"Version": "2012-10-17", "Statement": []}
READ_ONLY = "arn:aws:iam::aws:policy/ReadOnlyAccess"


def _role(name: str = "train", **changes: Any) -> dict[str, Any]:
    return {
        "Path": "/",
        "RoleName": name,
        "RoleId": "AROA1",
        "Arn": f"arn:aws:iam::{ACCOUNT}:role/{name}",
        "CreateDate": CREATED,
        "AssumeRolePolicyDocument": TRUST,
        "InstanceProfileList": [],
        "RolePolicyList": [],
        "AttachedManagedPolicies": [],
        "Tags": [],
        "RoleLastUsed": {},
        **changes,
    }


def _policy(arn: str) -> dict[str, Any]:
    return {
        "PolicyName": arn.rsplit("/", 1)[-1],
        "PolicyId": "ANPA1",
        "Arn": arn,
        "Path": "/",
        "DefaultVersionId": "v1",
        "AttachmentCount": 1,
        "PolicyVersionList": [{"VersionId": "v1", "IsDefaultVersion": True, "Document": TRUST}],
    }


def _details(**lists: Any) -> dict[str, Any]:
    return {
        "UserDetailList": [],
        "GroupDetailList": [],
        "RoleDetailList": [_role()],
        "Policies": [],
        **lists,
    }


def _text(**lists: Any) -> bytes:
    return json.dumps(_details(**lists), indent=4).encode()


def _read(text: bytes) -> Snapshot:
    return AuthorizationDetails(text, name="gaad.json", taken_at=NOW).collect()


def _refusal(text: bytes) -> str:
    with pytest.raises(FileError) as caught:
        _read(text)
    message = str(caught.value)
    assert message.startswith("gaad.json: ")
    assert "\n" not in message
    return message


def test_an_account_is_read_whole() -> None:
    shared = {"Path": "/", "CreateDate": "2026-01-02T03:04:05Z"}
    attached = [{"PolicyName": "ReadOnlyAccess", "PolicyArn": READ_ONLY}]
    user = {
        **shared,
        "UserName": "ana",
        "UserId": "AIDA1",
        "Arn": f"arn:aws:iam::{ACCOUNT}:user/ana",
        "GroupList": ["science"],
    }
    group = {
        **shared,
        "GroupName": "science",
        "GroupId": "AGPA1",
        "Arn": f"arn:aws:iam::{ACCOUNT}:group/science",
        "AttachedManagedPolicies": attached,
    }

    read = _read(
        _text(
            UserDetailList=[user],
            GroupDetailList=[group],
            Policies=[_policy(READ_ONLY), _policy("arn:aws:iam::aws:policy/Unused")],
        )
    )

    assert read.accounts == (ACCOUNT,)
    assert read.taken_at == NOW
    assert read.covers == ("Group", "ManagedPolicy", "Role", "User")
    assert [each.name for each in read.of(Role)] == ["train"]
    assert [each.groups for each in read.of(User)] == [("science",)]
    assert [each.name for each in read.of(Group)] == ["science"]
    assert [each.arn for each in read.of(ManagedPolicy)] == [READ_ONLY]
    assert {each.region for each in read.resources} == {"global"}
    assert read.gaps == ()


def test_each_document_keeps_its_own_text() -> None:
    twice = '{"Statement": [],  "Statement": [{"Sid": 1.50}]}'
    plain = _text(RoleDetailList=[_role(AssumeRolePolicyDocument="@")])

    (nested,) = _read(plain.replace(b'"@"', twice.encode())).of(Role)
    (string,) = _read(plain.replace(b'"@"', json.dumps(twice).encode())).of(Role)
    (encoded,) = _read(plain.replace(b'"@"', json.dumps(quote(twice)).encode())).of(Role)

    assert nested.trust_policy == string.trust_policy == encoded.trust_policy == twice


@pytest.mark.parametrize("document", ["%7B%FF%7D", None])
def test_one_bad_document_harms_only_its_principal(document: str | None) -> None:
    bad = _role("bad", AssumeRolePolicyDocument=document)
    if document is None:
        del bad["AssumeRolePolicyDocument"]

    read = _read(_text(RoleDetailList=[_role("good"), bad]))

    assert [each.name for each in read.of(Role)] == ["good"]
    (gap,) = read.gaps
    assert (gap.kinds, gap.subject) == (("Role",), bad["Arn"])
    assert (gap.operation, gap.reason) == ("RoleDetailList[1]", GapReason.INVALID)
    assert gap.account == ACCOUNT


def test_a_role_whose_arn_is_none_is_a_gap() -> None:
    read = _read(_text(RoleDetailList=[_role("good"), _role("bad", Arn="bad")]))

    assert [each.name for each in read.of(Role)] == ["good"]
    assert [gap.subject for gap in read.gaps] == ["bad"]


def test_a_document_that_is_no_policy_is_kept_for_the_engine_to_refuse() -> None:
    (role,) = _read(_text(RoleDetailList=[_role(AssumeRolePolicyDocument=[5])])).of(Role)

    assert json.loads(role.trust_policy) == [5]


def test_a_truncated_answer_is_a_gap_in_all_four_kinds() -> None:
    for further in ({"IsTruncated": True, "Marker": "m"}, {"NextToken": "n"}):
        (gap,) = _read(_text(**further)).gaps

        assert set(gap.kinds) == {"Role", "User", "Group", "ManagedPolicy"}
        assert (gap.account, gap.reason) == (ACCOUNT, GapReason.INCOMPLETE)


def test_pages_one_after_another_are_read_as_one() -> None:
    first = _text(IsTruncated=True, Marker="m")
    second = _text(RoleDetailList=[_role("second")], IsTruncated=False)

    read = _read(first + b"\n" + second + b"\n")

    assert [each.name for each in read.of(Role)] == ["second", "train"]
    assert read.gaps == ()


def test_a_list_that_is_missing_is_a_gap_of_its_kind() -> None:
    details = _details()
    del details["UserDetailList"]

    (gap,) = _read(json.dumps(details).encode()).gaps

    assert gap.kinds == ("User",)
    assert "UserDetailList" in gap.detail


@pytest.mark.parametrize("encoding", ["utf-8-sig", "utf-16"])
def test_what_powershell_writes_is_read(encoding: str) -> None:
    assert _read(_text().decode().encode(encoding)) == _read(_text())


def test_a_file_cut_anywhere_says_where() -> None:
    text = json.dumps(_details()).encode()

    for end in range(1, len(text)):
        message = _refusal(text[:end])
        assert f"cut at byte {end}" in message


@pytest.mark.parametrize(
    ("text", "said"),
    [
        (b"", "is empty"),
        (b" \n", "is empty"),
        (b"<html>", "not JSON at byte 0"),
        (b'{"RoleDetailList": [}', "not JSON at byte 20"),
        (b"[]", "$: Expected `object`, got `array`"),
        (b'{"Roles": []}', "has none of RoleDetailList, UserDetailList"),
        (b'{"RoleDetailList": {}}', "RoleDetailList: Expected `array`, got `object`"),
        (b'{"RoleDetailList": [{}]}', "RoleDetailList[0]: Object missing required field"),
        (_text(RoleDetailList=[_role(CreateDate=5)]), "RoleDetailList[0].CreateDate: Expected"),
        (_text(RoleDetailList=[_role(CreateDate="2026-01-02T03:04:05")]), "timezone"),
        (_text() + b" junk", "not JSON at byte"),
        (_text() + b"x", "not JSON at byte"),
        (_text() + b"] {}", "not JSON at byte"),
        (_text().replace(b"train", b"\xff"), "not UTF-8"),
        (_text()[:-3].decode().encode("utf-16")[:-1], "cut at byte"),
        (b'{"RoleDetailList":' + b"[" * 100_000, "Expected `object`"),
        (b'{"x":' + b"[" * 100_000, "nested too deeply"),
    ],
)
def test_what_is_no_such_file_is_refused_in_one_line(text: bytes, said: str) -> None:
    message = _refusal(text)

    assert said in message
    assert "get-account-authorization-details" in message


def test_ten_thousand_roles_are_read() -> None:
    statement = {"Effect": "Allow", "Action": ["s3:GetObject"], "Resource": ["arn:aws:s3:::b/*"]}
    document = {"Version": "2012-10-17", "Statement": [statement] * 15}
    policies = [{"PolicyName": "own", "PolicyDocument": document}]
    roles = [_role(f"role-{number}", RolePolicyList=policies) for number in range(10_000)]
    text = json.dumps(_details(RoleDetailList=roles)).encode()

    assert len(_read(text).of(Role)) == 10_000


@pytest.mark.parametrize("key", ["RoleDetailList", "RolePolicyList"])
def test_a_doubled_key_is_refused_lest_the_worse_of_two_be_lost(key: str) -> None:
    inner = f'"{key}"'
    text = json.dumps(_details(RoleDetailList=[_role("a", RolePolicyList=[])]))
    assert inner in text

    message = _refusal(text.replace(inner, f"{inner}: [], {inner}", 1).encode())

    assert key in message
    assert "stands twice" in message
