"""CloudWatch: what a resource did in the look-back window."""

from mlguard.resources.base import Instant, Resource


class MetricSeries(Resource, frozen=True, kw_only=True):
    """One metric of one resource over a window: `arn` and `name` are the measured resource's.

    `values` are the datapoints, `period_s` apart at most; none means that AWS published none in
    the window, which for a counter is zero. A window that could not be read whole is a Gap.
    """

    namespace: str
    metric: str
    statistic: str
    dimensions: dict[str, str]
    period_s: int
    start_at: Instant
    end_at: Instant
    values: tuple[float, ...]

    @property
    def total(self) -> float:
        """The sum of the datapoints."""
        return sum(self.values)

    @property
    def peak(self) -> float | None:
        """The highest datapoint, None if there is none."""
        return max(self.values, default=None)
