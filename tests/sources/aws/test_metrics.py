from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta
from typing import Any

import boto3
import pytest
from moto import mock_aws

from mlguard.resources.functions import Function, ProvisionedConcurrency
from mlguard.resources.hosting import Endpoint, RunningVariant
from mlguard.resources.instances import Instance
from mlguard.resources.metrics import MetricSeries
from mlguard.snapshot import GapReason
from mlguard.sources.aws import measures, metrics
from mlguard.sources.aws.connection import Connection
from mlguard.sources.aws.reading import Reading
from mlguard.sources.readers.metrics import Measure, Window, metric_query
from tests.builders.account import ACCOUNT, NOW, REGION, arn
from tests.sources.aws.answers import HOME, ROLE, Answers

WINDOW = Window.until(NOW)


def endpoint(*variants: str) -> Endpoint:
    return Endpoint(
        arn=arn("sagemaker", "endpoint/dogs"),
        account=ACCOUNT,
        region=REGION,
        name="dogs",
        status="InService",
        config_name="dogs",
        created_at=NOW,
        last_modified_at=NOW,
        variants=tuple(RunningVariant(name=name) for name in variants),
    )


def function(name: str) -> Function:
    return Function(
        arn=arn("lambda", f"function:{name}"),
        account=ACCOUNT,
        region=REGION,
        name=name,
        role_arn=ROLE,
        runtime="python3.13",
        handler="handler",
        package_type="Zip",
        architecture="x86_64",
        memory_mb=128,
        timeout_s=3,
        last_modified_at=NOW,
        reserved_concurrency=None,
        tracing="PassThrough",
    )


def provisioned(name: str, qualifier: str) -> ProvisionedConcurrency:
    return ProvisionedConcurrency(
        arn=arn("lambda", f"function:{name}:{qualifier}"),
        account=ACCOUNT,
        region=REGION,
        name=name,
        function_arn=arn("lambda", f"function:{name}"),
        qualifier=qualifier,
        requested=1,
        status="READY",
    )


def instance() -> Instance:
    return Instance(
        arn=arn("ec2", "instance/i-0123456789abcdef0"),
        account=ACCOUNT,
        region=REGION,
        name="trainer",
        instance_type="t2.micro",
        state="running",
        image_id="ami-1",
        launched_at=NOW,
    )


Query = tuple[str, str, str, int, dict[str, str]]

HOURLY = 3_600
DAILY = 86_400


def asked(*queries: Query) -> dict[str, Any]:
    """Return the parameters of a call; a query has namespace, metric, statistic, period, ..."""
    return {
        "MetricDataQueries": [
            metric_query(
                Measure(
                    arn="",
                    name="",
                    namespace=namespace,
                    metric=metric,
                    statistic=statistic,
                    period_s=period_s,
                    dimensions=dimensions,
                ),
                f"m{index}",
            )
            for index, (namespace, metric, statistic, period_s, dimensions) in enumerate(queries)
        ],
        "StartTime": WINDOW.start_at,
        "EndTime": WINDOW.end_at,
        "ScanBy": "TimestampAscending",
    }


def of_variant(name: str) -> list[Query]:
    dimensions = {"EndpointName": "dogs", "VariantName": name}
    return [
        ("AWS/SageMaker", "Invocations", "Sum", HOURLY, dimensions),
        ("AWS/SageMaker", "ModelLatency", "Average", HOURLY, dimensions),
        ("AWS/SageMaker", "ModelLatency", "p99", DAILY, dimensions),
    ]


def result(index: int, *values: float, status: str = "Complete") -> dict[str, Any]:
    return {"Id": f"m{index}", "Values": list(values), "StatusCode": status}


def collect(
    answers: Answers, *resources: Endpoint | Function | ProvisionedConcurrency | Instance
) -> None:
    metrics.collect(
        answers.reading,
        endpoints=[each for each in resources if isinstance(each, Endpoint)],
        functions=[each for each in resources if isinstance(each, Function)],
        provisioned=[each for each in resources if isinstance(each, ProvisionedConcurrency)],
        instances=[each for each in resources if isinstance(each, Instance)],
        now=NOW,
    )


def series(answers: Answers) -> list[MetricSeries]:
    return [each for each in answers.reading.resources if isinstance(each, MetricSeries)]


def test_the_window_is_thirty_days_of_utc_and_the_last_is_today() -> None:
    assert WINDOW.start_at == datetime(2026, 10, 4, tzinfo=UTC)
    assert WINDOW.end_at == datetime(2026, 11, 3, tzinfo=UTC)


def test_each_variant_has_its_own_series_under_the_endpoint() -> None:
    answers = Answers()
    answers.give(
        "cloudwatch",
        "get_metric_data",
        {
            "MetricDataResults": [
                result(0, 3, 4),
                result(1, 310, 290),
                result(2, 900),
                *(result(index) for index in (3, 4, 5)),
            ]
        },
        **asked(*of_variant("a"), *of_variant("b")),
    )
    collect(answers, endpoint("a", "b"))
    answers.all_asked()
    assert answers.reading.gaps == []
    assert {each.arn for each in series(answers)} == {endpoint().arn}
    assert [
        (each.dimensions["VariantName"], each.metric, each.statistic, each.period_s, each.values)
        for each in series(answers)
    ] == [
        ("a", "Invocations", "Sum", HOURLY, (3.0, 4.0)),
        ("a", "ModelLatency", "Average", HOURLY, (310.0, 290.0)),
        ("a", "ModelLatency", "p99", DAILY, (900.0,)),
        ("b", "Invocations", "Sum", HOURLY, ()),
        ("b", "ModelLatency", "Average", HOURLY, ()),
        ("b", "ModelLatency", "p99", DAILY, ()),
    ]
    assert set(answers.connection.operations) == set(metrics.OPERATIONS)


def test_functions_are_measured_whole_and_provisioned_concurrency_by_its_qualifier() -> None:
    answers = Answers()
    whole = {"FunctionName": "ask"}
    live = {"FunctionName": "ask", "Resource": "ask:live"}
    answers.give(
        "cloudwatch",
        "get_metric_data",
        {"MetricDataResults": [result(index, index) for index in range(9)]},
        **asked(
            ("AWS/Lambda", "Invocations", "Sum", HOURLY, whole),
            ("AWS/Lambda", "Duration", "Average", HOURLY, whole),
            ("AWS/Lambda", "Duration", "p99", DAILY, whole),
            ("AWS/Lambda", "ConcurrentExecutions", "Maximum", DAILY, whole),
            ("AWS/Lambda", "Throttles", "Sum", DAILY, whole),
            ("AWS/Lambda", "ProvisionedConcurrencyInvocations", "Sum", DAILY, live),
            ("AWS/Lambda", "ProvisionedConcurrencySpilloverInvocations", "Sum", DAILY, live),
            ("AWS/Lambda", "ProvisionedConcurrencyUtilization", "Average", HOURLY, live),
            ("AWS/Lambda", "ProvisionedConcurrencyUtilization", "Maximum", DAILY, live),
        ),
    )
    collect(answers, function("ask"), provisioned("ask", "live"))
    answers.all_asked()
    assert [each.arn for each in series(answers)] == [
        *[arn("lambda", "function:ask")] * 5,
        *[arn("lambda", "function:ask:live")] * 4,
    ]
    assert [each.total for each in series(answers)] == list(range(9))


def test_an_instance_is_measured_by_its_id_and_not_by_its_name() -> None:
    answers = Answers()
    dimensions = {"InstanceId": "i-0123456789abcdef0"}
    answers.give(
        "cloudwatch",
        "get_metric_data",
        {"MetricDataResults": [result(0, 12.5, 0.5), result(1, 99)]},
        **asked(
            ("AWS/EC2", "CPUUtilization", "Average", HOURLY, dimensions),
            ("AWS/EC2", "CPUUtilization", "Maximum", DAILY, dimensions),
        ),
    )
    collect(answers, instance())
    answers.all_asked()
    assert {each.arn for each in series(answers)} == {instance().arn}
    assert [each.values for each in series(answers)] == [(12.5, 0.5), (99.0,)]


def test_a_series_that_goes_on_on_the_next_page_is_joined() -> None:
    answers = Answers()
    parameters = asked(*of_variant("a"))
    answers.give(
        "cloudwatch",
        "get_metric_data",
        {
            "MetricDataResults": [
                result(0, 1, status="PartialData"),
                result(1),
                result(2),
            ],
            "NextToken": "more",
        },
        **parameters,
    )
    answers.give(
        "cloudwatch",
        "get_metric_data",
        {"MetricDataResults": [result(0, 2)]},
        **parameters,
        NextToken="more",
    )
    collect(answers, endpoint("a"))
    assert series(answers)[0].values == (1.0, 2.0)
    assert answers.reading.gaps == []


@pytest.mark.parametrize(
    ("half", "reason"),
    [
        ([result(0, 1, status="PartialData")], GapReason.INCOMPLETE),
        ([result(0, status="InternalError")], GapReason.INCOMPLETE),
        ([result(0, status="Forbidden")], GapReason.DENIED),
        ([result(0) | {"Messages": [{"Code": "Cut", "Value": "too many"}]}], GapReason.INCOMPLETE),
        ([], GapReason.INCOMPLETE),
    ],
)
def test_a_series_that_is_not_whole_is_a_gap_of_its_resource(
    half: list[dict[str, Any]], reason: GapReason
) -> None:
    answers = Answers()
    answers.give(
        "cloudwatch",
        "get_metric_data",
        {"MetricDataResults": [*half, result(1, 5), result(2, 6)]},
        **asked(*of_variant("a")),
    )
    collect(answers, endpoint("a"))
    assert [each.metric for each in series(answers)] == ["ModelLatency"] * 2
    (gap,) = answers.reading.gaps
    assert (gap.kinds, gap.subject, gap.reason) == (("MetricSeries",), endpoint().arn, reason)
    assert gap.permission == ("cloudwatch:GetMetricData" if reason is GapReason.DENIED else None)
    assert "Invocations" in gap.detail


def test_a_message_about_the_whole_call_spoils_every_series_of_it() -> None:
    answers = Answers()
    answers.give(
        "cloudwatch",
        "get_metric_data",
        {
            "MetricDataResults": [result(0, 1), result(1), result(2)],
            "Messages": [{"Code": "MaxMetrics", "Value": "number of metrics exceeded"}],
        },
        **asked(*of_variant("a")),
    )
    collect(answers, endpoint("a"))
    assert series(answers) == []
    (gap,) = answers.reading.gaps
    assert gap.detail == "MaxMetrics: number of metrics exceeded"


def test_a_refusal_of_every_call_is_one_gap() -> None:
    answers = Answers()
    for _ in range(2):
        answers.refuse("cloudwatch", "get_metric_data", "AccessDenied")
    collect(answers, *(function(f"f{number}") for number in range(101)))
    answers.all_asked()
    (gap,) = answers.reading.gaps
    assert (gap.subject, gap.permission) == (None, "cloudwatch:GetMetricData")


def test_of_505_queries_the_second_call_may_fail_alone() -> None:
    answers = Answers()
    functions = [function(f"f{number:03}") for number in range(101)]
    answers.give(
        "cloudwatch",
        "get_metric_data",
        {"MetricDataResults": [result(index) for index in range(500)]},
        **asked(
            *(
                ("AWS/Lambda", metric, statistic, period_s, {"FunctionName": each.name})
                for each in functions[:100]
                for metric, statistic, period_s in measures.FUNCTION_METRICS
            )
        ),
    )
    answers.refuse("cloudwatch", "get_metric_data", "Throttling")
    collect(answers, *functions)
    assert len(series(answers)) == 500
    (gap,) = answers.reading.gaps
    assert (gap.subject, gap.reason) == (functions[100].arn, GapReason.THROTTLED)


def test_where_nothing_runs_nothing_is_asked() -> None:
    answers = Answers()
    collect(answers, endpoint())
    assert answers.connection.operations == ()
    assert answers.reading.gaps == []


def test_moto_s_datapoints_are_read() -> None:
    now = datetime.now(UTC)
    with mock_aws(), ThreadPoolExecutor(2) as pool:
        session = boto3.Session(
            aws_access_key_id="id", aws_secret_access_key="key", region_name=REGION
        )
        dimensions = [
            {"Name": "FunctionName", "Value": "ask"},
            {"Name": "Resource", "Value": "ask:live"},
        ]
        session.client("cloudwatch").put_metric_data(
            Namespace="AWS/Lambda",
            MetricData=[
                {
                    "MetricName": "ProvisionedConcurrencyInvocations",
                    "Dimensions": dimensions,
                    "Timestamp": now - timedelta(days=days),
                    "Value": 5,
                }
                for days in (0, 2, 40)
            ],
        )
        reading = Reading(Connection(session), HOME, pool)
        metrics.collect(
            reading, endpoints=(), functions=(), provisioned=[provisioned("ask", "live")], now=now
        )
    found = {
        (each.metric, each.statistic): each.values
        for each in reading.resources
        if isinstance(each, MetricSeries)
    }
    assert found == {
        ("ProvisionedConcurrencyInvocations", "Sum"): (5.0, 5.0),
        ("ProvisionedConcurrencySpilloverInvocations", "Sum"): (),
        ("ProvisionedConcurrencyUtilization", "Average"): (),
        ("ProvisionedConcurrencyUtilization", "Maximum"): (),
    }
