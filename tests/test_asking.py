"""What a question names: whom a session stands for, and what is said of what is not there."""

import pytest

from mlguard.asking import QuestionError, find, refuse_no_action, unknown_action
from mlguard.principals import principals
from mlguard.resources.kinds import AnyResource
from tests.builders.account import ACCOUNT, snapshot
from tests.builders.iam import iam_arn, role, user

SESSION = f"arn:aws:sts::{ACCOUNT}:assumed-role"


def found(who: str, *more: AnyResource) -> str:
    return find(principals(snapshot(role("reader"), user("ada"), *more)), who).arn


def test_a_session_is_asked_about_as_its_role() -> None:
    assert found(f"{SESSION}/reader/i-0123") == iam_arn("role/reader")


@pytest.mark.parametrize(
    "who",
    [f"{SESSION}/ada/i-0123", "arn:aws:sts::999999999999:assumed-role/reader/i-0123"],
)
def test_the_session_of_no_role_here_is_nobody(who: str) -> None:
    with pytest.raises(QuestionError, match="no role or user is called"):
        found(who)


@pytest.mark.parametrize(
    ("who", "says"),
    [
        ("READER", "did you mean reader?"),
        ("readr", "did you mean reader?"),
        ("nobody-at-all", "the source holds 2"),
        (iam_arn("group/people"), "ask about a user in it"),
        (iam_arn("root"), "the root user"),
        ("lambda.amazonaws.com", "ask about the role that it runs as"),
    ],
)
def test_of_who_is_not_there_the_cure_is_told(who: str, says: str) -> None:
    with pytest.raises(QuestionError) as caught:
        found(who)
    assert says in str(caught.value)


def test_a_principal_that_stands_twice_cannot_be_told_apart_by_its_arn() -> None:
    with pytest.raises(QuestionError, match=r"role/reader stands 2 times in the source"):
        found("reader", role("reader"))


@pytest.mark.parametrize(
    "text", ["", "s3", ":GetObject", "s3:", "s3:Get*", "s3:GetObject,s3:PutObject", "s3:Get Object"]
)
def test_what_is_not_one_action_is_refused(text: str) -> None:
    with pytest.raises(QuestionError, match="is not one action"):
        refuse_no_action(text)


@pytest.mark.parametrize("action", ["s3:GetObject", "S3:getobject", "kms:Decrypt"])
def test_nothing_is_said_of_an_action_that_aws_lists(action: str) -> None:
    assert unknown_action(action) is None


@pytest.mark.parametrize(
    ("action", "near"),
    [
        ("s3:GetObjct", "did you mean s3:GetObject"),
        ("sagemker:CreateTrainingJob", "did you mean sagemaker:CreateTrainingJob?"),
        ("zzzzzz:Foo", "AWS lists no action zzzzzz:Foo: it is judged as it is written"),
    ],
)
def test_what_is_near_an_action_that_aws_does_not_list(action: str, near: str) -> None:
    assert near in (unknown_action(action) or "")
