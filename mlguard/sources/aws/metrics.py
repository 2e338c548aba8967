"""CloudWatch: what endpoints, functions and instances did in the look-back window.

GetMetricData is paid by the metric (a cent for 1,000), not by the datapoint: one series for each
number that a check or the bill reads.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Final

from mlguard.resources.base import Resource
from mlguard.resources.functions import Function, ProvisionedConcurrency
from mlguard.resources.hosting import Endpoint
from mlguard.resources.instances import Instance
from mlguard.resources.metrics import MetricSeries
from mlguard.snapshot import GapReason
from mlguard.sources.aws import measures
from mlguard.sources.aws.reading import Reading
from mlguard.sources.aws.refusal import Refusal
from mlguard.sources.readers.metrics import Measure, Window, metric_query, metric_series

KINDS: Final[tuple[type[Resource], ...]] = (MetricSeries,)
OPERATIONS: Final[tuple[str, ...]] = ("cloudwatch:GetMetricData",)

QUERIES_PER_CALL: Final = 500
"""API reference, "GetMetricData"."""


@dataclass(slots=True)
class _Answer:
    """What the pages said of one query so far: the last page's status counts."""

    values: list[float] = field(default_factory=list)
    status: str = "no answer"
    messages: list[str] = field(default_factory=list)

    def take(self, result: Mapping[str, Any]) -> None:
        """Add what a page has of this query (a MetricDataResult)."""
        self.values.extend(result.get("Values", ()))
        self.status = result.get("StatusCode", "no status")
        self.messages.extend(_messages(result))


def collect(
    reading: Reading,
    *,
    endpoints: Iterable[Endpoint],
    functions: Iterable[Function],
    provisioned: Iterable[ProvisionedConcurrency],
    instances: Iterable[Instance] = (),
    now: datetime,
) -> None:
    """Read the metrics of what was collected; each series is whole, or its resource has a Gap."""
    asked = (
        *(measure for endpoint in endpoints for measure in measures.of_endpoint(endpoint)),
        *(measure for function in functions for measure in measures.of_function(function)),
        *(measure for each in provisioned for measure in measures.of_provisioned(each)),
        *(measure for each in instances for measure in measures.of_instance(each)),
    )
    window = Window.until(now)
    batches = tuple(_batches(asked))
    refused: list[tuple[Sequence[Measure], Refusal]] = []
    for batch in batches:
        try:
            answers = _answers(reading, batch, window)
        except Refusal as stopped:
            refused.append((batch, stopped))
            continue
        for measure, answer in zip(batch, answers, strict=True):
            _keep(reading, measure, answer, window)
    _note(reading, refused, all_of_them=len(refused) == len(batches))


def _answers(reading: Reading, batch: Sequence[Measure], window: Window) -> list[_Answer]:
    """Return the answer to each measure, in order; raises Refusal for the batch as a whole."""
    answers = {f"m{index}": _Answer() for index in range(len(batch))}
    pages = reading.connection.pages(
        "cloudwatch",
        "GetMetricData",
        region=reading.home.region,
        MetricDataQueries=[
            metric_query(measure, query_id)
            for query_id, measure in zip(answers, batch, strict=True)
        ],
        StartTime=window.start_at,
        EndTime=window.end_at,
        ScanBy="TimestampAscending",
    )
    for page in pages:
        if page.get("Messages"):
            # Such a message does not say which of the series it spoils.
            raise _spoiled(_messages(page), GapReason.INCOMPLETE)
        for result in page.get("MetricDataResults", ()):
            if result.get("Id") in answers:
                answers[result["Id"]].take(result)
    return list(answers.values())


def _keep(reading: Reading, measure: Measure, answer: _Answer, window: Window) -> None:
    if answer.status == "Complete" and not answer.messages:
        reading.resources.append(
            metric_series(answer.values, reading.home, measure=measure, window=window)
        )
        return
    reason = GapReason.DENIED if answer.status == "Forbidden" else GapReason.INCOMPLETE
    said = [f"{measure.metric}: {answer.status}", *answer.messages]
    reading.refuse(KINDS, _spoiled(said, reason), subject=measure.arn)


def _note(
    reading: Reading,
    refused: Sequence[tuple[Sequence[Measure], Refusal]],
    *,
    all_of_them: bool,
) -> None:
    """Note a Gap for each resource of a refused call; one for all where no call was answered."""
    if refused and all_of_them:
        _, first = refused[0]
        reading.refuse(KINDS, first)
        return
    for batch, stopped in refused:
        for arn in dict.fromkeys(measure.arn for measure in batch):
            reading.refuse(KINDS, stopped, subject=arn)


def _batches(asked: Sequence[Measure]) -> Iterator[Sequence[Measure]]:
    for start in range(0, len(asked), QUERIES_PER_CALL):
        yield asked[start : start + QUERIES_PER_CALL]


def _spoiled(messages: Iterable[str], reason: GapReason) -> Refusal:
    return Refusal(
        operation="cloudwatch:GetMetricData",
        reason=reason,
        code="Incomplete",
        detail="; ".join(messages),
    )


def _messages(raw: Mapping[str, Any]) -> list[str]:
    return [
        f"{message.get('Code', 'message')}: {message.get('Value', '')}"
        for message in raw.get("Messages") or ()
    ]
