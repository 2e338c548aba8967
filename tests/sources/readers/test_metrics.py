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
    period_s=3_600,
    dimensions={"FunctionName": "ask"},
)


def test_a_window_ends_at_the_next_midnight_of_utc() -> None:
    tokyo = timezone(timedelta(hours=9))
    window = Window.until(datetime(2026, 11, 2, 1, 30, tzinfo=tokyo))
    assert window.end_at == datetime(2026, 11, 2, tzinfo=UTC)
    assert window.end_at - window.start_at == timedelta(days=30)


def test_a_query_asks_for_a_datapoint_each_period() -> None:
    assert metric_query(MEASURE, "m0") == {
        "Id": "m0",
        "MetricStat": {
            "Metric": {
                "Namespace": "AWS/Lambda",
                "MetricName": "Invocations",
                "Dimensions": [{"Name": "FunctionName", "Value": "ask"}],
            },
            "Period": 3600,
            "Stat": "Sum",
        },
    }


def test_a_series_is_the_measured_resource_s() -> None:
    window = Window.until(datetime(2026, 11, 2, tzinfo=UTC))
    found = metric_series([1, 2.5], HOME, measure=MEASURE, window=window)
    assert (found.arn, found.name, found.values) == ("arn:f", "ask", (1.0, 2.5))
    assert (found.total, found.peak) == (3.5, 2.5)
    assert metric_series([], HOME, measure=MEASURE, window=window).peak is None


def test_the_mean_of_averages_is_weighed_by_how_many_each_is_of() -> None:
    window = Window.until(datetime(2026, 11, 2, tzinfo=UTC))
    counts = metric_series([1, 3], HOME, measure=MEASURE, window=window)
    averages = metric_series([100, 200], HOME, measure=MEASURE, window=window)
    assert averages.mean == 150
    assert averages.mean_by(counts) == 175


def test_averages_that_cannot_be_weighed_have_their_plain_mean() -> None:
    window = Window.until(datetime(2026, 11, 2, tzinfo=UTC))
    averages = metric_series([100, 200], HOME, measure=MEASURE, window=window)
    for counts in ([], [5], [0, 0], [1, 2, 3]):
        assert averages.mean_by(metric_series(counts, HOME, measure=MEASURE, window=window)) == 150
    nothing = metric_series([], HOME, measure=MEASURE, window=window)
    assert (nothing.mean, nothing.mean_by(nothing)) == (None, None)
