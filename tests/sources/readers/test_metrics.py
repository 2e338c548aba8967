from datetime import UTC, datetime, timedelta, timezone

from mlguard.sources.base import Home
from mlguard.sources.readers.metrics import Measure, Window, metric_query, metric_series
from tests.builders.account import ACCOUNT, REGION

HOME = Home(account=ACCOUNT, region=REGION)
MEASURE = Measure(
    arn="arn:f",
    name="ask",
    namespace="AWS/Lambda",
    metric="Invocations",
    statistic="Sum",
    dimensions={"FunctionName": "ask"},
)


def test_a_window_ends_at_the_next_midnight_of_utc() -> None:
    tokyo = timezone(timedelta(hours=9))
    window = Window.until(datetime(2026, 11, 2, 1, 30, tzinfo=tokyo))
    assert window.end_at == datetime(2026, 11, 2, tzinfo=UTC)
    assert window.end_at - window.start_at == timedelta(days=30)


def test_a_query_asks_for_a_datapoint_a_day() -> None:
    assert metric_query(MEASURE, "m0") == {
        "Id": "m0",
        "MetricStat": {
            "Metric": {
                "Namespace": "AWS/Lambda",
                "MetricName": "Invocations",
                "Dimensions": [{"Name": "FunctionName", "Value": "ask"}],
            },
            "Period": 86400,
            "Stat": "Sum",
        },
    }


def test_a_series_is_the_measured_resource_s() -> None:
    window = Window.until(datetime(2026, 11, 2, tzinfo=UTC))
    found = metric_series([1, 2.5], HOME, measure=MEASURE, window=window)
    assert (found.arn, found.name, found.values) == ("arn:f", "ask", (1.0, 2.5))
    assert (found.total, found.peak) == (3.5, 2.5)
    assert metric_series([], HOME, measure=MEASURE, window=window).peak is None
