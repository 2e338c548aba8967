"""CloudWatch: statistics of metrics, percentiles among them, from the samples moto holds."""

import math
import re
from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping, Sequence
from datetime import UTC, datetime, timedelta
from typing import Any, Final

from mlguard.sources.demo.gap_call import Amend, Answer, Call, Refused

_PERCENTILE: Final = re.compile(r"p(\d{1,2}(?:\.\d{1,10})?|100)")

# API reference, GetMetricData: "up to 500 MetricDataQuery structures".
_MOST_QUERIES: Final = 500

Series = tuple[str, str, frozenset[tuple[str, str]]]
"""Namespace, name and dimensions: a metric with other dimensions is another metric."""


def _statistic(stat: str) -> Callable[[Sequence[Any]], float | None] | None:
    """Return what computes a statistic, or None for one that is not known here."""
    if percentile := _PERCENTILE.fullmatch(stat):
        return lambda data: _percentile(data, float(percentile[1]))
    return {
        "Average": lambda data: _sum(data) / _count(data),
        "Maximum": lambda data: max(_get(datum, "max") for datum in data),
        "Minimum": lambda data: min(_get(datum, "min") for datum in data),
        "SampleCount": _count,
        "Sum": _sum,
    }.get(stat)


def _get(datum: Any, attribute: str) -> float:
    # A sample has a value; a statistic set (StatisticValues) has the statistic itself.
    return float(getattr(datum, attribute) if _is_set(datum) else datum.value)


def _is_set(datum: Any) -> bool:
    return hasattr(datum, "sample_count")


def _sum(data: Sequence[Any]) -> float:
    return math.fsum(_get(datum, "sum") for datum in data)


def _count(data: Sequence[Any]) -> float:
    return math.fsum(datum.sample_count if _is_set(datum) else 1 for datum in data)


def _percentile(data: Sequence[Any], share: float) -> float | None:
    """Return the smallest sample that `share` percent of the samples do not exceed.

    Statistic sets have no percentiles: user guide, "Percentiles".
    """
    samples = sorted(float(datum.value) for datum in data if not _is_set(datum))
    if not samples:
        return None
    return samples[max(math.ceil(share / 100 * len(samples)), 1) - 1]


def _moment(value: Any) -> datetime:
    from botocore.utils import parse_to_aware_datetime

    moment: datetime = parse_to_aware_datetime(value)
    return moment.astimezone(UTC).replace(microsecond=0)


def _aware(moment: datetime) -> datetime:
    return moment.replace(tzinfo=UTC) if moment.tzinfo is None else moment.astimezone(UTC)


def _series(namespace: str, name: str, dimensions: Iterable[Mapping[str, str]]) -> Series:
    return namespace, name, frozenset((entry["Name"], entry["Value"]) for entry in dimensions)


def _held(call: Call) -> Mapping[Series, Sequence[Any]]:
    """Return what moto holds in the span of the call, by metric."""
    start, end = _moment(call.params["StartTime"]), _moment(call.params["EndTime"])
    held: defaultdict[Series, list[Any]] = defaultdict(list)
    for datum in call.backend("cloudwatch").get_all_metrics():
        if start <= _aware(datum.timestamp) < end:
            dimensions = frozenset((entry.name, entry.value) for entry in datum.dimensions)
            held[datum.namespace, datum.name, dimensions].append(datum)
    return held


def _periods(
    data: Iterable[Any], start: datetime, seconds: int
) -> list[tuple[datetime, list[Any]]]:
    """Return the samples by period, as periods follow from `start`; empty ones are left out."""
    periods: defaultdict[int, list[Any]] = defaultdict(list)
    for datum in data:
        periods[int((_aware(datum.timestamp) - start).total_seconds() // seconds)].append(datum)
    return [(start + timedelta(seconds=n * seconds), periods[n]) for n in sorted(periods)]


def _metric_data(call: Call) -> Mapping[str, Any] | None:
    queries = call.params["MetricDataQueries"]
    if len(queries) > _MOST_QUERIES:
        raise Refused(
            "ValidationError",
            f"The collection MetricDataQueries must not have a size greater than {_MOST_QUERIES}.",
        )
    stats = [query.get("MetricStat") for query in queries]
    # Expressions, odd statistics and spans that end before they start: moto's business.
    if not all(stat is not None and _statistic(stat["Stat"]) for stat in stats):
        return None
    if _moment(call.params["StartTime"]) >= _moment(call.params["EndTime"]):
        return None
    held = _held(call)
    results = [_result(call, query, held) for query in queries if query.get("ReturnData", True)]
    return {"MetricDataResults": results, "Messages": []}


def _result(
    call: Call, query: Mapping[str, Any], held: Mapping[Series, Sequence[Any]]
) -> Mapping[str, Any]:
    stat = query["MetricStat"]
    metric = stat["Metric"]
    series = _series(metric["Namespace"], metric["MetricName"], metric.get("Dimensions", ()))
    points = _points(
        _of_unit(held.get(series, ()), stat.get("Unit")),
        _moment(call.params["StartTime"]),
        int(stat["Period"]),
        stat["Stat"],
    )
    if call.params.get("ScanBy", "TimestampDescending") == "TimestampDescending":
        points.reverse()
    return {
        "Id": query["Id"],
        "Label": query.get("Label") or f"{metric['MetricName']} {stat['Stat']}",
        "Timestamps": [moment for moment, _ in points],
        "Values": [value for _, value in points],
        "StatusCode": "Complete",
    }


def _of_unit(data: Sequence[Any], unit: str | None) -> Sequence[Any]:
    return data if unit is None else [datum for datum in data if datum.unit == unit]


def _points(
    data: Iterable[Any], start: datetime, seconds: int, stat: str
) -> list[tuple[datetime, float]]:
    compute = _statistic(stat)
    found = [
        (moment, compute(samples) if compute else None)
        for moment, samples in _periods(data, start, seconds)
    ]
    return [(moment, value) for moment, value in found if value is not None]


def _metric_statistics(call: Call) -> Mapping[str, Any] | None:
    extended = call.params.get("ExtendedStatistics", [])
    stats = [*call.params.get("Statistics", ()), *extended]
    if not extended or not all(_statistic(stat) for stat in stats):
        return None
    if _moment(call.params["StartTime"]) >= _moment(call.params["EndTime"]):
        return None
    params = call.params
    series = _series(params["Namespace"], params["MetricName"], params.get("Dimensions", ()))
    data = _of_unit(_held(call).get(series, ()), params.get("Unit"))
    points: defaultdict[datetime, dict[str, Any]] = defaultdict(dict)
    for stat in stats:
        for moment, value in _points(data, _moment(params["StartTime"]), params["Period"], stat):
            if stat in extended:
                points[moment].setdefault("ExtendedStatistics", {})[stat] = value
            else:
                points[moment][stat] = value
    unit = {"Unit": data[0].unit} if data and data[0].unit else {}
    return {
        "Label": params["MetricName"],
        "Datapoints": [{"Timestamp": moment, **points[moment], **unit} for moment in points],
    }


ANSWERS: Final[Mapping[str, Answer]] = {
    "GetMetricData": _metric_data,
    "GetMetricStatistics": _metric_statistics,
}

AMENDS: Final[Mapping[str, Amend]] = {}
