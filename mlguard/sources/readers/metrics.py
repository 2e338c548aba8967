"""What is asked of CloudWatch for a resource, and the series that is the answer."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any, Final

from mlguard.resources.metrics import MetricSeries
from mlguard.sources.base import Home

WINDOW_DAYS: Final = 30
HOUR_S: Final = 3_600
DAY_S: Final = 86_400


@dataclass(frozen=True, slots=True, kw_only=True)
class Window:
    """A look-back window; `end_at` is exclusive."""

    start_at: datetime
    end_at: datetime

    @classmethod
    def until(cls, now: datetime) -> "Window":
        """Return WINDOW_DAYS days of UTC, of which the last is today, as far as it went."""
        midnight = now.astimezone(UTC).replace(hour=0, minute=0, second=0, microsecond=0)
        end_at = midnight + timedelta(days=1)
        return cls(start_at=end_at - timedelta(days=WINDOW_DAYS), end_at=end_at)


@dataclass(frozen=True, slots=True, kw_only=True)
class Measure:
    """One metric to read, a datapoint each `period_s`; `arn` and `name` are the resource's."""

    arn: str
    name: str
    namespace: str
    metric: str
    statistic: str
    period_s: int
    dimensions: dict[str, str]


def metric_query(measure: Measure, query_id: str) -> dict[str, Any]:
    """Return the MetricDataQuery that asks for a measure."""
    return {
        "Id": query_id,
        "MetricStat": {
            "Metric": {
                "Namespace": measure.namespace,
                "MetricName": measure.metric,
                "Dimensions": [
                    {"Name": name, "Value": value} for name, value in measure.dimensions.items()
                ],
            },
            "Period": measure.period_s,
            "Stat": measure.statistic,
        },
    }


def metric_series(
    values: Iterable[float], home: Home, *, measure: Measure, window: Window
) -> MetricSeries:
    """Return the series of a measure from all the Values that GetMetricData gave for it."""
    return MetricSeries(
        arn=measure.arn,
        account=home.account,
        region=home.region,
        name=measure.name,
        namespace=measure.namespace,
        metric=measure.metric,
        statistic=measure.statistic,
        dimensions=measure.dimensions,
        period_s=measure.period_s,
        start_at=window.start_at,
        end_at=window.end_at,
        values=tuple(float(value) for value in values),
    )
