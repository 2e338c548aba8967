"""CloudWatch: what a resource did in the look-back window."""

from typing import Annotated

from msgspec import Meta

from mlguard.resources.base import Instant, Resource


class MetricSeries(Resource, frozen=True, kw_only=True):
    """One metric of one resource over a window: `arn` and `name` are the measured resource's.

    `values` are the datapoints, oldest first, each of another `period_s`; a period in which AWS
    published none has none, which for a counter is zero. A window that could not be read whole is
    a Gap.
    """

    namespace: str
    metric: str
    statistic: str
    dimensions: dict[str, str]
    period_s: Annotated[int, Meta(ge=1)]
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

    @property
    def mean(self) -> float | None:
        """The mean of the datapoints, None if there is none."""
        return self.total / len(self.values) if self.values else None

    def mean_by(self, counts: "MetricSeries") -> float | None:
        """Return the mean of averages, each weighed by how many samples `counts` says it is of.

        Where the two do not have their datapoints at the same times they cannot be weighed: that
        is the plain mean. None if there is no datapoint.
        """
        samples = counts.total
        if len(counts.values) != len(self.values) or not samples:
            return self.mean
        weighed = zip(self.values, counts.values, strict=True)
        return sum(average * count for average, count in weighed) / samples
