"""assert_cannot, assert_not_administrator, assert_least_privilege: what passes, what does not."""

import pytest

from mlguard.resources.kinds import AnyResource
from mlguard.snapshot import Gap
from mlguard_pytest import (
    Mlguard,
    NotEvaluatedError,
    assert_cannot,
    assert_least_privilege,
    assert_not_administrator,
)
from mlguard_pytest.account import Held
from mlguard_pytest.builders import Statement, account, allow, deny, role, trust
from mlguard_pytest.subjects import RoleView
from tests.builders.account import gap, snapshot
from tests.builders.functions import function
from tests.builders.iam import iam_arn
from tests.builders.iam import role as read_role

DATA = "arn:aws:s3:::data/*"
VPC = {"StringEquals": {"aws:SourceVpc": "vpc-1"}}
UNREAD = "arn:aws:iam::aws:policy/AmazonS3FullAccess"
ADMIN = role("admin", allow("*"))


def view(*statements: Statement, attached: str | tuple[str, ...] = ()) -> RoleView:
    return account(role("reader", *statements, attached=attached), ADMIN).role("reader")


def read(*resources: AnyResource, gaps: tuple[Gap, ...] = ()) -> Mlguard:
    return Mlguard(lambda: Held(snapshot(*resources, gaps=gaps)))


@pytest.mark.parametrize("action", ["s3:DeleteObject", "s3:Delete*", "s3:?utObject", "iam:*"])
def test_cannot_what_no_statement_allows(action: str) -> None:
    assert_cannot(view(allow("s3:Get*")), action)


def test_cannot_what_is_denied() -> None:
    held = view(allow("s3:*"), deny("s3:Delete*"))
    assert_cannot(held, "s3:DeleteObject", DATA)
    assert_cannot(held, "s3:Delete*")


def test_cannot_elsewhere() -> None:
    assert_cannot(view(allow("s3:*", on=DATA)), "s3:GetObject", "arn:aws:s3:::other/x")
    assert_cannot(view(allow("s3:*", on=DATA)), "s3:*", "arn:aws:s3:::other/*")


@pytest.mark.parametrize("action", ["s3:DeleteObject", "s3:Delete*", "*"])
@pytest.mark.parametrize("resource", ["*", DATA, "arn:aws:s3:::data/x"])
def test_can_is_named_with_its_statement(action: str, resource: str) -> None:
    held = view(allow("s3:DeleteObject", on=DATA, sid="Sweep"))
    with pytest.raises(AssertionError, match=r"^reader may: s3:DeleteObject on .*\(own\[Sweep\]\)"):
        assert_cannot(held, action, resource)


@pytest.mark.parametrize("action", ["s3:DeleteObject", "s3:Delete*"])
@pytest.mark.parametrize(
    "statements",
    [
        (allow("s3:DeleteObject", on=DATA, when=VPC),),
        (allow("s3:DeleteObject", on=DATA), deny("s3:DeleteObject", when=VPC)),
    ],
    ids=["an allow", "a deny"],
)
def test_under_conditions_is_not_never(action: str, statements: tuple[Statement, ...]) -> None:
    with pytest.raises(AssertionError, match="s3:DeleteObject on arn:aws:s3:::data/x"):
        assert_cannot(view(*statements), action, "arn:aws:s3:::data/x")


def test_the_condition_is_named() -> None:
    held = view(allow("s3:DeleteObject", on=DATA, when=VPC))
    with pytest.raises(AssertionError, match=r"not never: .* if aws:SourceVpc is vpc-1"):
        assert_cannot(held, "s3:DeleteObject")


def test_a_misspelt_action_is_refused_not_passed() -> None:
    for action in ("s3:DeletObject", "s3:Delett*", "s4:*"):
        with pytest.raises(ValueError, match="no action is called"):
            assert_cannot(view(allow("s3:*")), action)
    with pytest.raises(ValueError, match="'data' is no ARN"):
        assert_cannot(view(allow("s3:*")), "s3:GetObject", "data")


def test_cannot_assume_a_role_that_does_not_trust_it() -> None:
    held = view(allow("sts:AssumeRole"))
    assert_cannot(held, "sts:AssumeRole", ADMIN.resource().arn)


@pytest.mark.parametrize("action", ["sts:AssumeRole", "sts:*", "*"])
@pytest.mark.parametrize("resource", ["*", iam_arn("role/open"), iam_arn("role/*")])
def test_a_role_that_trusts_it_by_name_is_enough(action: str, resource: str) -> None:
    open_ = role("open", allow("s3:*"), trusts=trust(aws=iam_arn("role/reader")))
    held = account(role("reader", allow("s3:GetObject")), open_).role("reader")
    if action == "*":
        resource = iam_arn("role/open")
    with pytest.raises(AssertionError, match="sts:AssumeRole on arn:aws:iam::123456789012:role/op"):
        assert_cannot(held, action, resource)


@pytest.mark.parametrize("action", ["s3:DeleteObject", "s3:*"])
def test_cannot_is_not_told_of_what_was_not_read(action: str) -> None:
    with pytest.raises(NotEvaluatedError, match=r"does not hold the policy .*AmazonS3FullAccess"):
        assert_cannot(view(attached=UNREAD), action)
    # Not even where what was read denies it: nobody looked at the rest.
    with pytest.raises(NotEvaluatedError):
        assert_cannot(view(deny("s3:*"), attached=UNREAD), action)


def test_a_plain_role_is_no_administrator() -> None:
    assert_not_administrator(view(allow("s3:*"), allow("logs:*")))


def test_an_administrator_is_one() -> None:
    with pytest.raises(AssertionError, match=r"^admin is an administrator"):
        assert_not_administrator(account(ADMIN).role("admin"))


def test_who_can_become_one_is_one() -> None:
    held = view(allow("iam:PassRole", "lambda:CreateFunction", "lambda:InvokeFunction", sid="Run"))
    with pytest.raises(
        AssertionError, match=r"proved: iam:PassRole on .*role/admin \(own\[Run\]\)"
    ):
        assert_not_administrator(held)


def test_who_can_under_conditions_is_one_too() -> None:
    held = view(allow("iam:PutRolePolicy", when=VPC))
    with pytest.raises(AssertionError, match=r"conditional if .*aws:SourceVpc is vpc-1"):
        assert_not_administrator(held)


def test_who_possibly_can_is_said_to_unless_accepted() -> None:
    # Which functions there are, an account of roles alone does not tell.
    held = view(allow("lambda:UpdateFunctionCode"))
    with pytest.raises(NotEvaluatedError, match="can possibly become administrator by lambda-"):
        assert_not_administrator(held)
    assert_not_administrator(held, accept_possible=True)


def test_an_administrator_is_not_ruled_out_by_half_the_policies() -> None:
    with pytest.raises(NotEvaluatedError, match="AmazonS3FullAccess"):
        assert_not_administrator(view(allow("s3:*"), attached=UNREAD))


def test_roles_that_nobody_could_list_leave_it_open() -> None:
    hidden = gap("Role", "User", "Group", "ManagedPolicy", region="global")
    held = read(read_role("reader"), gaps=(hidden,)).role("reader")
    with pytest.raises(NotEvaluatedError, match="not authorized to perform it"):
        assert_not_administrator(held, accept_possible=True)


def test_one_who_becomes_a_role_that_was_not_read_is_not_ruled_out() -> None:
    half = role("half", attached=UNREAD, trusts=trust(aws=iam_arn("role/reader")))
    held = account(role("reader", allow("s3:GetObject")), half).role("reader")
    with pytest.raises(NotEvaluatedError, match="AmazonS3FullAccess"):
        assert_not_administrator(held, accept_possible=True)


def suggested(*statements: Statement) -> RoleView:
    """A role that one function runs as."""
    made = role("predict", *statements).resource()
    return read(made, function("predict", role_arn=made.arn)).role("predict")


LOGS = "arn:aws:logs:us-east-1:123456789012:log-group:/aws/lambda/predict:*"
WRITES = allow("logs:CreateLogStream", "logs:PutLogEvents", on=LOGS)


def test_what_the_workload_needs_is_least_privilege() -> None:
    assert_least_privilege(suggested(WRITES))
    assert_least_privilege(suggested())


def test_more_than_the_workload_needs_is_named() -> None:
    said = (
        r"^predict may do more than .* s3:GetObject on .*\(own\[Data\]\).*mlguard suggest predict"
    )
    with pytest.raises(AssertionError, match=said):
        assert_least_privilege(suggested(WRITES, allow("s3:GetObject", on=DATA, sid="Data")))


def test_what_the_code_calls_by_itself_can_be_said() -> None:
    held = suggested(WRITES, allow("s3:GetObject", on=DATA))
    assert_least_privilege(held, also={f"s3:GetObject on {DATA}"})


def test_a_role_that_nothing_runs_as_has_no_measure() -> None:
    with pytest.raises(NotEvaluatedError, match="nothing that was read runs as"):
        assert_least_privilege(view(allow("s3:*")))


def test_least_privilege_is_not_told_of_what_was_not_read() -> None:
    made = role("predict", WRITES, attached=UNREAD).resource()
    held = read(made, function("predict", role_arn=made.arn)).role("predict")
    with pytest.raises(NotEvaluatedError, match="AmazonS3FullAccess"):
        assert_least_privilege(held)
