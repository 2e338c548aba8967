"""What is made is what is started: the actions of a path meet on one resource, of one account."""

import pytest

from mlguard.iam.escalation.account import AccountView
from tests.iam.escalation_account import (
    ACCOUNT,
    CALLER,
    TARGET_ROLE,
    Statement,
    allow,
    judged,
    role,
    trust,
    user,
    view,
    ways,
)

PASS = allow("iam:PassRole", on=TARGET_ROLE)
TARGET = role(
    "target", allow("*"), trust=trust(Service=["lambda.amazonaws.com", "codebuild.amazonaws.com"])
)


def function(name: str, account: str = ACCOUNT) -> str:
    return f"arn:aws:lambda:us-east-1:{account}:function:{name}"


def caller(*statements: Statement) -> AccountView:
    return view(user(CALLER, PASS, *statements), TARGET)


@pytest.mark.parametrize(
    ("created", "invoked", "open_"),
    [
        ("a-*", "b-*", False),
        ("a-*", "a-*", True),
        ("a-*", "*-b", True),
        ("a-x", "a-*", True),
        ("a-x", "a-y", False),
        ("*", "b-*", True),
    ],
)
def test_a_function_is_invoked_under_the_name_that_it_was_made_with(
    created: str,
    invoked: str,
    open_: bool,  # noqa: FBT001
) -> None:
    account = caller(
        allow("lambda:CreateFunction", on=function(created)),
        allow("lambda:InvokeFunction", on=function(invoked)),
    )
    assert bool(ways(account, "lambda-001")) is open_


def test_a_project_is_built_under_its_name() -> None:
    project = "arn:aws:codebuild:us-east-1:{}:project/{}"
    apart = caller(
        allow("codebuild:CreateProject", on=project.format(ACCOUNT, "a-*")),
        allow("codebuild:StartBuild", on=project.format(ACCOUNT, "b-*")),
    )
    assert not ways(apart, "codebuild-001")


def test_what_is_allowed_in_another_account_only_is_no_way() -> None:
    elsewhere = caller(allow("lambda:*", on=function("*", "999988887777")))
    assert not judged(elsewhere).escalations


def test_one_of_several_accounts_is_enough() -> None:
    both = caller(allow("lambda:*", on=[function("*", "999988887777"), function("f")]))
    assert ways(both, "lambda-001")
