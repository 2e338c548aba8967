"""`role.permissions` beside a set: proved, in both directions, and never True where in doubt."""

import pytest

from mlguard_pytest import NotEvaluatedError
from mlguard_pytest.builders import Statement, account, allow, deny, role
from mlguard_pytest.explaining import explain
from mlguard_pytest.permissions import Permissions

DATA = "arn:aws:s3:::data/*"
VPC = {"StringEquals": {"aws:SourceVpc": "vpc-1"}}


def permissions(*statements: Statement, **more: str) -> Permissions:
    return account(role("reader", *statements, **more)).role("reader").permissions


@pytest.mark.parametrize(
    ("statement", "allowed"),
    [
        (allow("s3:GetObject", on=DATA), {f"s3:GetObject on {DATA}"}),
        (allow("s3:GetObject", on="arn:aws:s3:::data/a/*"), {f"s3:GetObject on {DATA}"}),
        (allow("S3:getobject", on=DATA), {f"s3:GetObject on {DATA}"}),
        (allow("s3:GetObject", on=DATA), {"s3:Get*"}),
        (allow("s3:GetObject", on=DATA, when=VPC), {f"s3:GetObject on {DATA}"}),
        (allow("logs:Put*"), {"logs:*"}),
        (allow("s3:Get*", "logs:*", on=DATA), {f"s3:* on {DATA}", "logs:* on *"}),
        (allow("s3:GetObject", on=[DATA, "arn:aws:s3:::b/*"]), {"s3:GetObject on arn:aws:s3:::*"}),
        (allow("s3:GetObject"), {"*"}),
    ],
)
def test_within_a_set(statement: Statement, allowed: set[str]) -> None:
    assert permissions(statement) <= allowed


@pytest.mark.parametrize(
    ("statement", "allowed", "beyond"),
    [
        (allow("s3:GetObject", "s3:PutObject", on=DATA), {f"s3:Get* on {DATA}"}, "s3:PutObject"),
        (allow("s3:GetObject"), {f"s3:GetObject on {DATA}"}, "s3:GetObject"),
        (allow("s3:GetObject", on=DATA), set[str](), "s3:GetObject"),
        (allow("s3:DeleteObject", on=DATA, when=VPC), {"s3:Get*"}, "s3:DeleteObject"),
        (allow("*"), {"s3:*", "logs:*"}, ""),
    ],
)
def test_beyond_a_set(statement: Statement, allowed: set[str], beyond: str) -> None:
    held = permissions(statement)
    assert not held <= allowed
    assert held.beyond(allowed)[0].action.startswith(beyond)


def test_a_deny_and_a_set_written_the_other_way_about() -> None:
    held = permissions(allow("s3:GetObject", "s3:PutObject", on=DATA), deny("s3:Put*"))
    assert held <= {f"s3:GetObject on {DATA}"}
    assert {f"s3:GetObject on {DATA}"} >= held


def test_a_role_without_policies_may_nothing() -> None:
    assert permissions() <= set()
    assert permissions() == set()


def test_at_least_a_set() -> None:
    held = permissions(allow("s3:Get*", on=DATA), allow("s3:PutObject", on=DATA, when=VPC))
    assert held >= {f"s3:GetObject on {DATA}"}
    assert held.lacking({"s3:GetObject on arn:aws:s3:::other/x"}) == (
        "s3:GetObject on arn:aws:s3:::other/x",
    )
    assert not held >= {f"s3:PutObject on {DATA}"}


def test_equal_is_both_ways() -> None:
    held = permissions(allow("s3:GetObject", on=DATA), allow("logs:*"))
    assert held == {f"s3:GetObject on {DATA}", "logs:*"}
    assert held != {f"s3:GetObject on {DATA}"}
    assert held != {f"s3:GetObject on {DATA}", "logs:*", "s3:PutObject"}
    assert held != 1


def test_two_roles_compare() -> None:
    narrow, wide = permissions(allow("s3:GetObject", on=DATA)), permissions(allow("s3:Get*"))
    assert narrow <= wide
    assert not wide <= narrow
    assert wide >= narrow


def test_one_entry_is_in_it_or_not() -> None:
    held = permissions(allow("s3:Get*", on=DATA))
    assert f"s3:GetObject on {DATA}" in held
    assert "s3:GetObject on arn:aws:s3:::data/x" in held
    assert "s3:GetObject on arn:aws:s3:::other/x" not in held
    assert "s3:PutObject" not in held


@pytest.mark.parametrize(
    ("statement", "entry"),
    [
        (allow("s3:GetObject", on=DATA), "s3:GetObject"),
        (allow("s3:GetObject", on=DATA, when=VPC), f"s3:GetObject on {DATA}"),
        (allow("s3:GetObject", on=DATA), f"s3:Get* on {DATA}"),
    ],
    ids=["some resources", "under conditions", "some actions"],
)
def test_what_is_allowed_in_part_is_neither_in_nor_out(statement: Statement, entry: str) -> None:
    with pytest.raises(NotEvaluatedError, match="reader may do part of s3:Get"):
        _ = entry in permissions(statement)
    with pytest.raises(NotEvaluatedError):
        _ = entry not in permissions(statement)


def test_a_policy_that_nobody_read_is_no_pass() -> None:
    attached = "arn:aws:iam::aws:policy/AmazonS3ReadOnlyAccess"
    held = permissions(allow("logs:*"), attached=attached)
    said = "the snapshot does not hold the policy arn:aws:iam::aws:policy/AmazonS3ReadOnly"
    with pytest.raises(NotEvaluatedError, match=said):
        _ = held <= {"*"}
    with pytest.raises(NotEvaluatedError, match=said):
        _ = held >= {"logs:*"}
    with pytest.raises(NotEvaluatedError, match=said):
        _ = held == {"logs:*"}
    with pytest.raises(NotEvaluatedError, match=said):
        _ = "logs:*" in held
    with pytest.raises(NotEvaluatedError, match=said):
        _ = permissions(allow("*")) >= held


def test_a_boundary_that_nobody_read_is_none_either() -> None:
    held = permissions(allow("logs:*"), boundary="arn:aws:iam::123456789012:policy/limit")
    with pytest.raises(NotEvaluatedError, match="policy/limit of reader"):
        _ = held <= {"logs:*"}


def test_what_cannot_be_decided_is_neither_true_nor_false() -> None:
    # AWS takes a wildcard for the service to be a fault: whether it matches anything is not said.
    held = permissions(allow("iam:*", on="arn:aws:*:::x"))
    with pytest.raises(NotEvaluatedError, match="reader: it was not decided whether iam:"):
        _ = held <= {"s3:Get*"}
    with pytest.raises(NotEvaluatedError):
        _ = not held <= {"s3:Get*"}
    assert held <= {"iam:*"}


@pytest.mark.parametrize(
    "entry",
    ["s3GetObject", "s3:GetObject on data", "", "s3:GetObject on", "s3:a:b", 3, "s 3:GetObject"],
)
def test_what_is_no_permission_is_an_error_that_says_how(entry: str) -> None:
    with pytest.raises(ValueError, match=r'write it as "s3:GetObject" or "s3:GetObject on arn'):
        _ = permissions() <= {entry}


def test_a_text_is_no_set() -> None:
    with pytest.raises(ValueError, match=r"'logs:\*' is one text: write a set"):
        _ = permissions() <= "logs:*"


def test_an_action_that_nobody_knows_is_not_simply_absent() -> None:
    with pytest.raises(ValueError, match="'s3:DeletObject': did you mean s3:DeleteObject"):
        _ = "s3:DeletObject" not in permissions(allow("s3:*"))


def test_the_difference_names_statement_and_cure() -> None:
    held = permissions(allow("s3:PutObject", on=DATA, sid="Write", when=VPC), allow("logs:*"))
    put = "s3:PutObject on arn:aws:s3:::data/example"
    assert explain("<=", held, {"logs:*"}, verbosity=0) == [
        "<permissions of reader> go beyond the one entry:",
        f"  {put} if aws:SourceVpc is vpc-1  (own[Write])",
        f'to mend: narrow these statements, or allow "{put}" here',
    ]


def test_a_long_difference_is_cut_to_what_pytest_shows(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("CI", "BUILD_NUMBER"):
        monkeypatch.delenv(name, raising=False)
    letters = "abcdefghijklmnop"
    held = permissions(*(allow("s3:GetObject", on=f"arn:aws:s3:::{one}/*") for one in letters))
    lines = explain("<=", held, set(), verbosity=0)
    assert lines is not None
    assert len(lines) <= 8
    assert sum(map(len, lines)) <= 640
    assert lines[-2] == "  and 11 more (-vv shows all)"
    whole = explain("<=", held, set(), verbosity=2)
    assert whole is not None
    assert len(whole) == 18


def test_names_from_outside_do_not_act() -> None:
    held = permissions(allow("s3:GetObject", on="arn:aws:s3:::\x1b[31mred"))
    lines = explain("<=", held, set(), verbosity=0)
    assert lines is not None
    assert "\x1b" not in "".join(lines)
    assert "\\x1b[31mred" in lines[1]


def test_other_comparisons_are_left_to_pytest() -> None:
    held = permissions()
    assert explain("is", held, {"a"}, verbosity=0) is None
    assert explain("==", held, 1, verbosity=0) is None
    assert explain("<=", {1}, {2}, verbosity=0) is None
