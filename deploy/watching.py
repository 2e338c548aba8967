"""What is told, and to whom: alarms by mail, and a budget that speaks before it is spent."""

from collections.abc import Iterator
from typing import Final

from deploy.hosting import VARIANT
from deploy.names import Names
from deploy.pipeline import Step, Value, result_of

_PERIOD_S: Final = 300
_SLOW_PERIODS: Final = 3
_MICROSECONDS: Final = 1000


def topic_steps(names: Names) -> Iterator[Step]:
    """Yield the topic of the alarms; whoever has the address must confirm it.

    CloudWatch cannot publish to a topic that is encrypted with AWS's own key for SNS:
    https://docs.aws.amazon.com/AmazonCloudWatch/latest/monitoring/Notify_Users_Alarm_Changes.html.
    An alarm says a metric's name and value, no data.
    """
    yield Step(
        id="topic",
        service="sns",
        operation="CreateTopic",
        parameters={"Name": names.topic, "Tags": names.tags},
    )
    yield Step(
        id="topic-subscription",
        service="sns",
        operation="Subscribe",
        parameters={
            "TopicArn": result_of("topic", "TopicArn"),
            "Protocol": "email",
            "Endpoint": names.config.alarm_address,
        },
    )


def alarm_steps(names: Names) -> Iterator[Step]:
    """Yield an alarm for each way in which callers get no answer, or a late one.

    https://docs.aws.amazon.com/sagemaker/latest/dg/monitoring-cloudwatch.html,
    https://docs.aws.amazon.com/lambda/latest/dg/monitoring-metrics-types.html
    """
    endpoint = {"EndpointName": names.endpoint, "VariantName": VARIANT}
    function = {"FunctionName": names.function}
    yield _alarm(names, "endpoint-5xx", "AWS/SageMaker", "Invocation5XXErrors", endpoint)
    yield _alarm(
        names,
        "endpoint-latency",
        "AWS/SageMaker",
        "ModelLatency",
        endpoint,
        ExtendedStatistic="p99",
        # Twice what was measured; the metric is in microseconds.
        Threshold=2.0 * names.config.measured_p99_ms * _MICROSECONDS,
        EvaluationPeriods=_SLOW_PERIODS,
    )
    yield _alarm(names, "function-errors", "AWS/Lambda", "Errors", function)
    yield _alarm(names, "function-throttles", "AWS/Lambda", "Throttles", function)
    yield _alarm(
        names,
        "dead-letters",
        "AWS/SQS",
        "ApproximateNumberOfMessagesVisible",
        {"QueueName": names.dead_letters},
        Statistic="Maximum",
    )


def budget_steps(names: Names) -> Iterator[Step]:
    """Yield the budget of the whole account: told at 80 %, and once more than all is foreseen.

    https://docs.aws.amazon.com/cost-management/latest/userguide/budgets-managing-costs.html
    """
    config = names.config
    yield Step(
        id="budget",
        service="budgets",
        operation="CreateBudget",
        parameters={
            "AccountId": config.account,
            "Budget": {
                "BudgetName": f"{config.name}-{config.region}",
                "BudgetLimit": {"Amount": str(config.monthly_budget_usd), "Unit": "USD"},
                "TimeUnit": "MONTHLY",
                "BudgetType": "COST",
            },
            "NotificationsWithSubscribers": [
                _told(config.alarm_address, "ACTUAL", 80.0),
                _told(config.alarm_address, "FORECASTED", 100.0),
            ],
        },
    )


def _alarm(
    names: Names,
    what: str,
    namespace: str,
    metric: str,
    dimensions: dict[str, str],
    **parameters: Value,
) -> Step:
    defaults: dict[str, Value] = {
        "Threshold": 1.0,
        "EvaluationPeriods": 1,
        "ComparisonOperator": "GreaterThanOrEqualToThreshold",
        # No calls, no data, no harm.
        "TreatMissingData": "notBreaching",
        **({} if "ExtendedStatistic" in parameters else {"Statistic": "Sum"}),
    }
    return Step(
        id=f"alarm-{what}",
        service="cloudwatch",
        operation="PutMetricAlarm",
        parameters={
            "AlarmName": f"{names.config.name}-{what}",
            "Namespace": namespace,
            "MetricName": metric,
            "Dimensions": [{"Name": name, "Value": value} for name, value in dimensions.items()],
            "Period": _PERIOD_S,
            **defaults,
            **parameters,
            "AlarmActions": [result_of("topic", "TopicArn")],
            "Tags": names.tags,
        },
    )


def _told(address: str, kind: str, percent: float) -> Value:
    return {
        "Notification": {
            "NotificationType": kind,
            "ComparisonOperator": "GREATER_THAN",
            "Threshold": percent,
            "ThresholdType": "PERCENTAGE",
        },
        "Subscribers": [{"SubscriptionType": "EMAIL", "Address": address}],
    }
