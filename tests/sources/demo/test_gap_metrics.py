"""CloudWatch as moto lacks it: percentiles, and one metric at a time."""

from datetime import timedelta
from typing import Any

import pytest
from botocore.exceptions import ClientError

from tests.sources.demo.world import NOW, Demo, code_of, refusal


def put(demo: Demo, value: float, *, days: float, function: str = "ask") -> None:
    demo.client("cloudwatch").put_metric_data(
        Namespace="AWS/Lambda",
        MetricData=[
            {
                "MetricName": "Duration",
                "Dimensions": [{"Name": "FunctionName", "Value": function}],
                "Value": value,
                "Timestamp": NOW - timedelta(days=days),
            }
        ],
    )


def ask(demo: Demo, *stats: str, days: int = 14, period: int = 86400, **metric: Any) -> Any:
    named = {
        "Namespace": "AWS/Lambda",
        "MetricName": "Duration",
        "Dimensions": [{"Name": "FunctionName", "Value": "ask"}],
    } | metric
    queries = [
        {"Id": f"q{n}", "MetricStat": {"Metric": named, "Period": period, "Stat": stat}}
        for n, stat in enumerate(stats)
    ]
    answer = demo.client("cloudwatch").get_metric_data(
        MetricDataQueries=queries, StartTime=NOW - timedelta(days=days), EndTime=NOW
    )
    return [result["Values"] for result in answer["MetricDataResults"]]


def test_a_percentile_is_a_sample_that_was_seen(demo: Demo) -> None:
    for value in range(1, 101):
        put(demo, value, days=1)
    put(demo, 7000, days=1, function="other")
    whole = 14 * 86400
    assert ask(demo, "p50", "p99", "p100", "p0.5", period=whole) == [[50], [99], [100], [1]]


def test_statistics_over_two_weeks_are_of_one_metric_only(demo: Demo) -> None:
    for day in range(14):
        put(demo, 2, days=day + 0.5)
        put(demo, 1000, days=day + 0.5, function="other")
    put(demo, 5000, days=15)
    whole = 14 * 86400
    assert ask(demo, "Sum", "SampleCount", "Average", period=whole) == [[28], [14], [2]]
    assert ask(demo, "Sum") == [[2] * 14]
    assert ask(demo, "Sum", Namespace="AWS/SageMaker") == [[]]
    assert ask(demo, "Sum", Dimensions=[]) == [[]]


def test_statistic_sets_count_and_have_no_percentile(demo: Demo) -> None:
    counts = {"SampleCount": 4, "Sum": 20, "Minimum": 1, "Maximum": 9}
    demo.client("cloudwatch").put_metric_data(
        Namespace="AWS/Lambda",
        MetricData=[
            {
                "MetricName": "Duration",
                "Dimensions": [{"Name": "FunctionName", "Value": "ask"}],
                "StatisticValues": counts,
                "Timestamp": NOW - timedelta(days=1),
            }
        ],
    )
    assert ask(demo, "Sum", "Minimum", "Maximum", "Average", "p99") == [[20], [1], [9], [5], []]


def test_newest_comes_first_unless_asked_otherwise(demo: Demo) -> None:
    for day in (1, 2, 3):
        put(demo, day, days=day - 0.5)
    assert ask(demo, "Maximum") == [[1, 2, 3]]


def test_more_queries_than_cloudwatch_takes_are_refused(demo: Demo) -> None:
    with pytest.raises(ClientError, match="500"):
        ask(demo, *["Sum"] * 501)


def test_expressions_and_backward_spans_stay_motos(demo: Demo) -> None:
    put(demo, 3, days=1)
    metric = {"Namespace": "AWS/Lambda", "MetricName": "Duration"}
    stat = {"Metric": metric, "Period": 14 * 86400, "Stat": "Sum"}
    cloudwatch = demo.client("cloudwatch")
    answer = cloudwatch.get_metric_data(
        MetricDataQueries=[
            {"Id": "a", "MetricStat": stat, "ReturnData": False},
            {"Id": "b", "Expression": "a"},
        ],
        StartTime=NOW - timedelta(days=14),
        EndTime=NOW,
    )
    assert [result["Values"] for result in answer["MetricDataResults"]] == [[3]]
    error = refusal(
        cloudwatch.get_metric_data,
        MetricDataQueries=[{"Id": "a", "MetricStat": stat}],
        StartTime=NOW,
        EndTime=NOW - timedelta(days=1),
    )
    assert code_of(error) == "ValidationError"


def test_metric_statistics_have_percentiles_too(demo: Demo) -> None:
    for value in range(1, 101):
        put(demo, value, days=0.5)
    answer = demo.client("cloudwatch").get_metric_statistics(
        Namespace="AWS/Lambda",
        MetricName="Duration",
        Dimensions=[{"Name": "FunctionName", "Value": "ask"}],
        StartTime=NOW - timedelta(days=1),
        EndTime=NOW,
        Period=86400,
        ExtendedStatistics=["p95", "p99"],
    )
    (point,) = answer["Datapoints"]
    assert point["ExtendedStatistics"] == {"p95": 95, "p99": 99}
