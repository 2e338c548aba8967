"""Topics, queues, alarms and budgets: what says that something went wrong."""

from collections.abc import Mapping
from typing import Final

from deploy.account import Account
from deploy.kind import Call, Cost, Found, Kind, Read, Scope, Update

_TOPIC: Final = "join(':', ['arn', partition, 'sns', region, account, asked.Name])"
_QUEUE: Final = "found.QueueUrl"
_BUDGET: Final[Mapping[str, str]] = {
    "AccountId": "asked.AccountId",
    "BudgetName": "asked.Budget.BudgetName",
}
_NOTIFICATIONS: Final = "NotificationsWithSubscribers[].Notification"
# What a notification is known by; besides, its state is shown.
# https://docs.aws.amazon.com/aws-cost-management/latest/APIReference/API_budgets_Notification.html
_KEY: Final = (
    "each.{NotificationType: NotificationType, ComparisonOperator: ComparisonOperator, "
    "Threshold: Threshold, ThresholdType: ThresholdType || 'PERCENTAGE'}"
)


def budget(account: Account, scope: Scope) -> Found | None:
    """Return a budget, and the notifications that it sends."""
    asked = scope["asked"]
    named = {"AccountId": asked["AccountId"], "BudgetName": asked["Budget"]["BudgetName"]}
    answer = account.read("budgets", "DescribeBudget", named)
    if answer is None:
        return None
    shown = account.read("budgets", "DescribeNotificationsForBudget", named)
    return {"Budget": answer["Budget"], "Notifications": (shown or {}).get("Notifications", [])}


def queue(account: Account, scope: Scope) -> Found | None:
    """Return a queue's address and its attributes."""
    answer = account.read("sqs", "GetQueueUrl", {"QueueName": scope["asked"]["QueueName"]})
    if answer is None:
        return None
    address = {"QueueUrl": answer["QueueUrl"]}
    shown = account.read("sqs", "GetQueueAttributes", {**address, "AttributeNames": ["All"]})
    return {**address, "Attributes": (shown or {}).get("Attributes", {})}


def topic_attribute(account: Account, scope: Scope) -> Found | None:
    """Return the value that a topic has for the attribute of the step."""
    asked = scope["asked"]
    answer = account.read("sns", "GetTopicAttributes", {"TopicArn": asked["TopicArn"]})
    value = answer and answer["Attributes"].get(asked["AttributeName"])
    return {"value": value} if value else None


KINDS: Final[Mapping[str, Kind]] = {
    "sns:CreateTopic": Kind(
        noun="topic",
        name="asked.Name",
        find=Read(
            service="sns",
            operation="GetTopicAttributes",
            parameters={"TopicArn": _TOPIC},
            at="Attributes",
        ),
        answer="{TopicArn: found.TopicArn}",
        fields={"Name": "", "Attributes": "found"},
        updates=(
            Update(
                fields=frozenset({"Attributes"}),
                calls=(
                    Call(
                        operation="SetTopicAttributes",
                        parameters={
                            "TopicArn": "found.TopicArn",
                            "AttributeName": "each.key",
                            "AttributeValue": "each.value",
                        },
                        each="asked.Attributes",
                    ),
                ),
            ),
        ),
        delete=(Call(operation="DeleteTopic", parameters={"TopicArn": "found.TopicArn"}),),
        cost=Cost.BY_USE,
    ),
    # A subscription goes with its topic.
    "sns:Subscribe": Kind(
        noun="subscription",
        name="join(' ', [asked.Protocol, asked.Endpoint])",
        find=Read(
            service="sns",
            operation="ListSubscriptionsByTopic",
            parameters={"TopicArn": "asked.TopicArn"},
            at="Subscriptions",
            where={"Protocol": "asked.Protocol", "Endpoint": "asked.Endpoint"},
        ),
        answer="{SubscriptionArn: found.SubscriptionArn}",
        fields={"Attributes": "", "ReturnSubscriptionArn": ""},
    ),
    "sns:SetTopicAttributes": Kind(
        noun="topic attribute",
        name="join(' of ', [asked.AttributeName, asked.TopicArn])",
        find=topic_attribute,
        answer="`{}`",
        fields={"TopicArn": "", "AttributeName": "", "AttributeValue": "found.value"},
        upsert=True,
    ),
    "sqs:CreateQueue": Kind(
        noun="queue",
        name="asked.QueueName",
        find=queue,
        answer="{QueueUrl: found.QueueUrl}",
        fields={"QueueName": ""},
        updates=(
            Update(
                fields=frozenset({"Attributes"}),
                calls=(
                    Call(
                        operation="SetQueueAttributes",
                        parameters={"QueueUrl": _QUEUE, "Attributes": "asked.Attributes"},
                    ),
                ),
            ),
        ),
        delete=(Call(operation="DeleteQueue", parameters={"QueueUrl": _QUEUE}),),
        cost=Cost.BY_USE,
    ),
    "cloudwatch:PutMetricAlarm": Kind(
        noun="alarm",
        name="asked.AlarmName",
        find=Read(
            service="cloudwatch",
            operation="DescribeAlarms",
            parameters={"AlarmNames": "[asked.AlarmName]"},
            at="MetricAlarms[0]",
        ),
        answer="`{}`",
        upsert=True,
        delete=(Call(operation="DeleteAlarms", parameters={"AlarmNames": "[asked.AlarmName]"}),),
        cost=Cost.UNKNOWN,
    ),
    "budgets:CreateBudget": Kind(
        noun="budget",
        name="asked.Budget.BudgetName",
        find=budget,
        answer="`{}`",
        # At which sums it speaks is compared; who is told is shown for one notification at a time,
        # and not read.
        fields={
            "AccountId": "",
            "Budget": "found.Budget",
            "NotificationsWithSubscribers": "",
            _NOTIFICATIONS: "found.Notifications",
            "ResourceTags": "",
        },
        updates=(
            Update(
                fields=frozenset({"Budget"}),
                calls=(
                    Call(
                        operation="UpdateBudget",
                        parameters={"AccountId": "asked.AccountId", "NewBudget": "asked.Budget"},
                    ),
                ),
            ),
            Update(
                fields=frozenset({_NOTIFICATIONS}),
                calls=(
                    Call(
                        operation="DeleteNotification",
                        parameters={**_BUDGET, "Notification": _KEY},
                        each="found.Notifications",
                    ),
                    Call(
                        operation="CreateNotification",
                        parameters={
                            **_BUDGET,
                            "Notification": "each.Notification",
                            "Subscribers": "each.Subscribers",
                        },
                        each="asked.NotificationsWithSubscribers",
                    ),
                ),
            ),
        ),
        delete=(Call(operation="DeleteBudget", parameters=_BUDGET),),
        cost=Cost.UNKNOWN,
    ),
}
