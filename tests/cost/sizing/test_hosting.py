"""What hosting an endpoint another way would cost, and what speaks for and against it."""

from decimal import Decimal

import pytest
from msgspec.structs import replace

from mlguard.cost.assumptions import Traffic
from mlguard.cost.sizing.option import Fit, Kind
from mlguard.resources.capacity import InstanceGroup, InstancePool, Serverless
from mlguard.resources.kinds import AnyResource
from tests.builders.hosting import endpoint, endpoint_config, invocations, model, running, variant
from tests.builders.scaling import scalable_target, scaling_policy
from tests.cost.sizing.sizing import all_sizings, of_kind, option, sized

PLAIN = (endpoint(), endpoint_config(), model(subnets=()))


def daily(requests: int, *, latency_s: str = "0.985", payload_mb: str | None = None) -> Traffic:
    return Traffic(
        rps=Decimal(requests) / 86_400,
        latency_s=Decimal(latency_s),
        payload_mb=None if payload_mb is None else Decimal(payload_mb),
    )


def rounded(amount: Decimal | None, places: str = "0.01") -> Decimal:
    assert amount is not None
    return amount.quantize(Decimal(places))


# ml.t2.medium: the cheapest of the types it may replace, and not always the cheapest.


def test_ml_t2_medium_is_not_the_cheapest_below_the_break_even() -> None:
    found = sized(*PLAIN, traffic=daily(10_000))
    best = found.cheapest
    assert best.what == "serverless 4096 MB"
    assert best.monthly is not None
    assert rounded(best.monthly.expected) == Decimal("23.97")
    assert found.verdict == (
        "ml.t2.medium at 40.88 USD is not the cheapest: serverless 4096 MB would be 23.97 USD"
    )


def test_ml_t2_medium_is_the_cheapest_above_it() -> None:
    found = sized(*PLAIN, traffic=daily(20_000))
    assert found.cheapest is found.present
    assert "nothing that would do for certain is cheaper" in found.verdict


def test_where_the_break_even_lies() -> None:  # vectors B-4096-985ms/day and B-2048-985ms/day
    found = sized(*PLAIN, traffic=daily(10_000))
    for what, requests in (("serverless 4096 MB", 17_056), ("serverless 2048 MB", 34_112)):
        point = option(found, what).break_even
        assert point is not None
        assert rounded(point.requests_per_day, "1") == requests


def test_unknown_traffic_leaves_the_verdict_open_and_tells_the_break_even() -> None:
    found = sized(*PLAIN)
    assert "is the cheapest is not known: nobody measured" in found.verdict
    assert found.curve is None
    small = option(found, "serverless 2048 MB")
    assert small.monthly is None
    assert small.break_even is not None
    assert rounded(small.break_even.seconds_per_month, "1") == 1_022_000


@pytest.mark.parametrize(("requests", "fit"), [(35_000, Fit.YES), (35_200, Fit.NO)])
def test_what_the_credits_of_ml_t2_medium_sustain(requests: int, fit: Fit) -> None:  # C3, C4
    present = sized(*PLAIN, traffic=daily(requests)).present
    assert present.fit is fit
    assert "sustains 0.4 CPU-seconds a second" in present.why[0]
    assert "35086 requests a day at 0.985 s" in present.why[0]


def test_less_memory_than_now_may_do_or_not() -> None:
    found = sized(*PLAIN, traffic=daily(10_000))
    small = option(found, "serverless 2048 MB")
    assert small.monthly is not None
    assert rounded(small.monthly.expected, "0.0001") == Decimal("11.9842")  # vector BSL
    assert small.fit is Fit.UNKNOWN
    assert "how much it uses nobody measured" in small.why[0]


def test_serverless_names_its_cold_start_and_comes_in_six_sizes() -> None:
    found = of_kind(sized(*PLAIN), Kind.SERVERLESS)
    assert [one.what for one in found] == [f"serverless {size * 1024} MB" for size in range(1, 7)]
    assert all(any("cold start" in reason for reason in one.why) for one in found)


# What serverless does not take.


@pytest.mark.parametrize(
    ("resources", "traffic", "reason"),
    [
        ((endpoint(), endpoint_config(), model()), daily(10), "no VPC"),
        (
            (endpoint(), endpoint_config(), model(subnets=(), network_isolation=True)),
            daily(10),
            "no network isolation",
        ),
        (
            (endpoint(), endpoint_config(), model(subnets=(), containers=model().containers * 2)),
            daily(10),
            "no inference pipeline",
        ),
        (
            (
                endpoint(),
                endpoint_config(),
                model(subnets=(), containers=(replace(model().containers[0], multi_model=True),)),
            ),
            daily(10),
            "no multi-model",
        ),
        ((endpoint(), endpoint_config(data_capture=True)), daily(10), "captures no data"),
        ((endpoint(), endpoint_config(asynchronous=True)), daily(10), "does not queue"),
        ((endpoint(), endpoint_config(variant(model_name=None))), daily(10), "no inference comp"),
        (
            (endpoint(), endpoint_config(shadow_variants=(variant(name="next"),))),
            daily(10),
            "no shadow variant",
        ),
        ((endpoint(), endpoint_config(variant("ml.g4dn.xlarge"))), daily(10), "no GPU"),
        ((endpoint(), endpoint_config(variant("ml.inf2.xlarge"))), daily(10), "no GPU or other"),
        (PLAIN, daily(10, latency_s="61"), "ends it after 60"),
        (PLAIN, daily(10, payload_mb="9"), "takes 4 each way"),
        (PLAIN, daily(86_400 * 300, latency_s="1"), "200 requests at once"),
    ],
    ids=lambda value: value if isinstance(value, str) else "",
)
def test_what_serverless_does_not_take(
    resources: tuple[AnyResource, ...], traffic: Traffic, reason: str
) -> None:
    largest = option(sized(*resources, traffic=traffic), "serverless 6144 MB")
    assert largest.fit is Fit.NO
    assert any(reason in one for one in largest.why)


def test_a_payload_that_may_be_too_large_one_way() -> None:
    found = option(sized(*PLAIN, traffic=daily(10, payload_mb="5")), "serverless 6144 MB")
    assert found.fit is Fit.UNKNOWN


# Other types.


def test_a_cheaper_type_with_as_much_of_everything_would_do() -> None:
    few = daily(1_000)
    found = sized(endpoint(), endpoint_config(variant("ml.m5.xlarge")), traffic=few)
    types = {one.what: one for one in of_kind(found, Kind.REAL_TIME)}
    assert types["ml.t2.xlarge"].fit is Fit.YES
    assert not {"ml.m5.xlarge", "ml.m5.2xlarge"} & set(types)
    assert "16 GiB, as much as now" in types["ml.t2.xlarge"].why[0]


def test_half_the_vcpus_do_where_requests_are_few() -> None:
    large = endpoint_config(variant("ml.c5.xlarge"))
    few = sized(endpoint(), large, traffic=daily(1_000))
    many = sized(endpoint(), large, traffic=daily(86_400 * 2, latency_s="1"))
    assert option(few, "ml.m5.large").fit is Fit.YES
    assert option(few, "ml.t2.large").fit is Fit.YES
    assert "2 are busy in the busiest period" in "".join(option(many, "ml.t2.large").why)
    assert option(many, "ml.t2.large").fit is Fit.NO
    assert "ml.m5.large" not in {one.what for one in many.options}


def test_less_memory_is_named_and_not_promised() -> None:
    found = sized(endpoint(), endpoint_config(variant("ml.m5.large")), traffic=daily(1_000))
    smaller = [one for one in of_kind(found, Kind.REAL_TIME) if one.fit is Fit.UNKNOWN]
    assert smaller
    assert len(smaller) <= 5
    assert any("how much it uses nobody measured" in one.why[0] for one in smaller)


def test_graviton_needs_another_image() -> None:
    found = sized(endpoint(), endpoint_config(variant("ml.m5.large")), traffic=daily(1_000))
    arm = [one for one in of_kind(found, Kind.REAL_TIME) if one.what.startswith("ml.m8g.")]
    assert arm
    assert all(one.fit is Fit.UNKNOWN for one in arm)
    assert all("arm64" in " ".join(one.why) for one in arm)


def test_a_scaled_variant_cannot_move_to_a_burstable_type() -> None:
    scaled = (
        endpoint(),
        endpoint_config(variant("ml.m5.large")),
        scalable_target(),
        scaling_policy(),
    )
    found = option(sized(*scaled, traffic=daily(1_000)), "ml.t2.medium")
    assert found.fit is Fit.NO
    assert any("does not scale burstable" in reason for reason in found.why)


# Paid by use.


def test_a_queue_is_paid_while_requests_come() -> None:  # vector AS
    two_hours = Traffic(rps=Decimal("0.5"), hours_per_day=Decimal(2), latency_s=Decimal(1))
    found = sized(endpoint(), endpoint_config(variant("ml.m5.large")), traffic=two_hours)
    queue = option(found, "asynchronous ml.m5.large, scaled to zero")
    assert queue.monthly is not None
    assert rounded(queue.monthly.expected, "0.0001") == Decimal("6.9958")
    assert queue.monthly.min < queue.monthly.expected < queue.monthly.max
    assert queue.fit is Fit.UNKNOWN
    assert "only if callers can wait" in queue.why[0]


def test_a_queue_needs_a_type_that_scales() -> None:
    (queue,) = of_kind(sized(*PLAIN, traffic=daily(10)), Kind.ASYNCHRONOUS)
    assert "ml.t2" not in queue.what
    assert queue.monthly is not None


def test_a_nightly_job_where_its_price_is_known() -> None:
    # eu-west-1 is the only region with a price of batch transform: ml.m5.xlarge 0.257.
    there = (
        endpoint(region="eu-west-1"),
        endpoint_config(variant("ml.m5.xlarge"), region="eu-west-1"),
    )
    (job,) = of_kind(sized(*there, traffic=daily(10_000)), Kind.BATCH)
    hours = (Decimal(10_000) * Decimal("0.985") + 300) * 730 / 24 / 3600
    assert job.monthly is not None
    assert rounded(job.monthly.expected, "0.0001") == rounded(hours * Decimal("0.257"), "0.0001")
    assert job.fit is Fit.UNKNOWN


def test_a_nightly_job_without_a_price_is_unknown() -> None:
    (job,) = of_kind(sized(*PLAIN, traffic=daily(10_000)), Kind.BATCH)
    assert job.monthly is None
    assert job.lacking is not None
    assert "no price of batch transform" in job.lacking


def test_a_serverless_endpoint_may_be_dearer_than_an_instance() -> None:
    seat = Serverless(memory_mb=4096, max_concurrency=5)
    own = (endpoint(variants=(running(count=None),)), endpoint_config(variant(capacity=seat)))
    found = sized(*own, traffic=daily(30_000))
    assert found.present.what == "serverless 4096 MB"
    assert found.cheapest.what == "ml.t2.medium"
    assert not of_kind(found, Kind.SERVERLESS)


# What is left out.


def test_an_endpoint_that_runs_nothing_is_not_sized() -> None:
    assert all_sizings(endpoint(status="Failed"), endpoint_config()) == ()
    assert all_sizings(endpoint()) == ()


def test_a_variant_whose_type_nobody_knows_is_not_sized() -> None:
    pool = InstancePool(
        types=(
            InstanceGroup(instance_type="ml.t2.medium"),
            InstanceGroup(instance_type="ml.m5.large"),
        ),
        count=1,
    )
    assert all_sizings(endpoint(), endpoint_config(variant(capacity=pool))) == ()


def test_a_price_that_is_not_known_leaves_the_verdict_open() -> None:
    found = sized(endpoint(), endpoint_config(variant("ml.z99.huge")), traffic=daily(10))
    assert found.present.monthly is None
    assert found.cheaper == ()
    assert "is not known" in found.verdict


# The curve.


def test_the_curve_shows_where_it_stands_and_where_lines_cross() -> None:
    found = sized(*PLAIN, traffic=daily(10_000)).curve
    assert found is not None
    now, *rivals = found.lines
    assert rounded(found.at, "1") == 10_000
    assert now.what == "ml.t2.medium"
    assert {rounded(amount) for amount in now.monthly} == {Decimal("40.88")}
    crossing = {line.what: line.crossing for line in rivals}
    assert rounded(crossing["serverless 4096 MB"], "1") == 17_056
    assert found.requests_per_day[0] == 0
    assert found.requests_per_day[-1] >= found.at
    for line in rivals:
        assert line.monthly[0] == 0
        assert list(line.monthly) == sorted(line.monthly)
        assert len(line.monthly) == len(found.requests_per_day)


def test_the_curve_of_a_scaled_variant_rises_by_steps() -> None:
    scaled = (
        endpoint(),
        endpoint_config(variant("ml.m5.large")),
        scalable_target(),
        scaling_policy(target_value=10.0),
    )
    found = sized(*scaled, traffic=daily(10_000, latency_s="0.2")).curve
    assert found is not None
    hour = Decimal("83.95")
    assert {amount / hour for amount in found.lines[0].monthly} <= {
        Decimal(n) for n in (1, 2, 3, 4)
    }
    assert len(set(found.lines[0].monthly)) > 1


def test_an_endpoint_without_a_call_has_a_curve_only_where_a_latency_is_known() -> None:
    assert sized(*PLAIN, invocations()).curve is None
    quiet = Traffic(rps=Decimal(0), latency_s=Decimal(1))
    found = sized(*PLAIN, traffic=quiet).curve
    assert found is not None
    assert found.at == 0
