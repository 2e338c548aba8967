"""What serverless variants cost a month: seconds by memory, data, and what is not known.

Prices of us-east-1: 2048 MB 0.00004 a second, data in and out 0.016 a GB.
"""

from decimal import Decimal

from msgspec.structs import replace

from mlguard.cost.assumptions import Traffic
from mlguard.cost.span import Span
from mlguard.resources.capacity import Serverless
from mlguard.resources.hosting import Endpoint, EndpointConfig
from mlguard.resources.metrics import MetricSeries
from tests.builders.account import gap
from tests.builders.hosting import endpoint, endpoint_config, invocations, running, variant
from tests.cost.estimating import estimate, monthly, said, terms

NIGHTLY = Traffic(rps=Decimal(10_000) / 86_400, latency_s=Decimal("0.985"))


def serverless(
    *, provisioned: int | None = None, max_concurrency: int = 5
) -> tuple[Endpoint, EndpointConfig]:
    seat = Serverless(
        memory_mb=2048, max_concurrency=max_concurrency, provisioned_concurrency=provisioned
    )
    return endpoint(variants=(running(count=None),)), endpoint_config(variant(capacity=seat))


def latency(*values: float, statistic: str = "Average") -> MetricSeries:
    """Return how long the model took, a day each, in microseconds as AWS gives it."""
    return replace(invocations(*values), metric="ModelLatency", statistic=statistic)


def test_ten_thousand_requests_a_day() -> None:  # vector BSL
    found = monthly(*serverless(), under=terms(breeds=NIGHTLY))
    assert round(found.expected, 4) == Decimal("11.9842")
    assert found.certain


def test_data_in_and_out_is_billed_by_the_gigabyte() -> None:
    # 1,024 requests of 1 MB, one after the other, are a GB.
    rps = Decimal(1024) / (730 * 3600)
    heavy = Traffic(rps=rps, latency_s=Decimal(1), payload_mb=Decimal(1))
    found = estimate(*serverless(), under=terms(breeds=heavy))
    compute, data = (line.monthly for line in found.lines)
    assert compute is not None
    assert data is not None
    assert round(compute.expected, 6) == Decimal("0.04096")
    assert round(data.expected, 6) == Decimal("0.016")


def test_data_of_unknown_size_is_said_to_come_on_top() -> None:
    found = estimate(*serverless(), under=terms(breeds=NIGHTLY))
    assert "data in and out comes on top, 0.016 USD a GB" in said(found)


def test_requests_and_latency_as_observed() -> None:
    # 1,400 requests of half a second in 14 days are 3,041.67 in a month.
    seen = (invocations(700.0, 700.0), latency(400_000.0, 600_000.0))
    found = monthly(*serverless(), *seen)
    assert round(found.expected, 6) == Decimal("0.060833")


def test_a_latency_weighs_by_its_requests() -> None:
    seen = (invocations(300.0, 100.0), latency(100_000.0, 500_000.0))
    # 400 requests in 14 days, a fifth of a second each.
    assert round(monthly(*serverless(), *seen).expected, 8) == round(
        Decimal(400) * 730 / 336 * Decimal("0.2") * Decimal("0.00004"), 8
    )


def test_the_p99_is_the_most_that_a_request_may_last_and_says_so() -> None:
    seen = (invocations(700.0, 700.0), latency(400_000.0, 500_000.0, statistic="p99"))
    found = estimate(*serverless(), *seen)
    assert found.monthly_usd is not None
    assert round(found.monthly_usd.expected, 6) == Decimal("0.060833")
    assert "p99" in said(found)


def test_no_request_costs_nothing() -> None:
    found = estimate(*serverless(), invocations())
    assert found.monthly_usd == Span.exactly(0)
    assert "comes on top" not in said(found)


def test_requests_of_unknown_length_are_unknown() -> None:
    found = estimate(*serverless(), invocations(5.0))
    assert found.monthly_usd is None
    assert found.unknown == ("how long a request takes was neither measured nor stated",)


def test_unknown_traffic_is_unknown_and_not_idle() -> None:
    assert estimate(*serverless()).unknown == ("nobody measured its traffic, and none is stated",)
    refused = estimate(*serverless(), gaps=(gap("MetricSeries"),))
    assert "could not be read: not authorized" in refused.unknown[0]


def test_more_than_its_concurrency_it_does_not_answer() -> None:
    flood = Traffic(rps=Decimal(100), latency_s=Decimal(1))
    found = estimate(*serverless(max_concurrency=2), under=terms(breeds=flood))
    assert found.monthly_usd == Span.exactly(2 * 730 * 3600 * Decimal("0.00004"))
    assert "MaxConcurrency 2 does not keep up" in said(found)


def test_provisioned_concurrency_has_no_known_price() -> None:
    found = estimate(*serverless(provisioned=1), under=terms(breeds=NIGHTLY))
    assert found.monthly_usd is None
    assert "no price of serverless provisioned concurrency is known" in found.unknown[0]


def test_a_region_without_a_price_is_unknown() -> None:
    there, config = serverless()
    far = (replace(there, region="xx-nowhere-1"), replace(config, region="xx-nowhere-1"))
    found = estimate(*far, under=terms(breeds=NIGHTLY))
    assert found.unknown == (
        "no price of serverless inference at 2048 MB is known in xx-nowhere-1",
    )


def test_an_instance_pays_for_its_data_too() -> None:
    heavy = Traffic(rps=Decimal(1), payload_mb=Decimal("0.1"))
    found = estimate(endpoint(), endpoint_config(), under=terms(breeds=heavy))
    data = found.lines[1].monthly
    assert data is not None
    assert round(data.expected, 4) == round(
        Decimal(2_628_000) * Decimal("0.1") / 1024 * Decimal("0.016"), 4
    )
