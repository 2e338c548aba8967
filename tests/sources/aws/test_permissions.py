"""The policy that mlguard asks for: reads alone, each an action that IAM has."""

from mlguard.iam.language.actions import actions as catalogue
from mlguard.iam.language.document import from_json
from mlguard.sources.aws.permissions import OPERATIONS, actions, policy, refresh_policy
from mlguard.sources.aws.tags import ACTIONS


def test_every_action_is_one_that_iam_has_and_that_changes_nothing() -> None:
    table = catalogue()
    for action in actions():
        assert table.known(action), action
        assert str(table.level(action)) in {"List", "Read"}, action


def test_whatever_is_called_is_allowed_and_tags_are_not_left_out() -> None:
    called = {ACTIONS.get(operation, operation) for operation in OPERATIONS}
    assert ACTIONS == {"resourcegroupstaggingapi:GetResources": "tag:GetResources"}
    assert set(actions()) == {*called, "lambda:ListTags"} - {"sts:GetCallerIdentity"}


def test_the_policy_is_one_that_aws_takes() -> None:
    document = from_json(policy())
    allowed = [action for statement in document.statements for action in statement.actions]
    assert sorted(allowed) == list(actions())


def test_prices_are_asked_for_by_a_refresh_alone() -> None:
    (statement,) = from_json(refresh_policy()).statements
    assert tuple(statement.actions) == ("pricing:GetProducts",)
    assert catalogue().known("pricing:GetProducts")
    assert str(catalogue().level("pricing:GetProducts")) == "Read"
    assert not [action for action in actions() if action.startswith("pricing:")]
