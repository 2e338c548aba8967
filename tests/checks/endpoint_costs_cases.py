"""Cases of the checks on what endpoints cost for what they do."""

from msgspec.structs import replace

from mlguard.check import Severity
from mlguard.report import Outcome
from mlguard.resources.capacity import Serverless
from mlguard.resources.hosting import Endpoint, EndpointConfig
from mlguard.resources.metrics import MetricSeries
from tests.builders.account import gap, snapshot
from tests.builders.hosting import endpoint, endpoint_config, invocations, model, running, variant
from tests.checks.case import Case

PLAIN = model(subnets=())
DAY = 10_000.0
BUSY = invocations(*[DAY] * 14)


def latency(microseconds: float, *, statistic: str = "Average") -> MetricSeries:
    series = invocations(*[microseconds] * 14)
    return replace(series, metric="ModelLatency", statistic=statistic)


def serverless(warm: int | None, most: int = 5) -> tuple[Endpoint, EndpointConfig]:
    seat = Serverless(memory_mb=2048, max_concurrency=most, provisioned_concurrency=warm)
    return (endpoint(variants=(running(count=None),)), endpoint_config(variant(capacity=seat)))


SLOW = latency(985_000.0)
DEARER = "endpoint-dearer-than-serverless"
WARM = "endpoint-serverless-pc"

SECONDS = (
    Case(
        name="ten thousand requests a day on ml.t2.medium",
        check=DEARER,
        snapshot=snapshot(endpoint(), endpoint_config(), PLAIN, BUSY, SLOW),
        outcome=Outcome.FAILED,
        at="ProductionVariants",
        says=(
            "10,000 requests a day cost 40.88 USD a month on ml.t2.medium",
            "23.97 USD on serverless 4096 MB",
            "up to 17,056 requests a day",
        ),
        severity=Severity.LOW,
        fix=("MemorySizeInMB=4096", "delete-endpoint --endpoint-name breeds"),
    ),
    Case(
        name="the more is saved, the worse",
        check=DEARER,
        snapshot=snapshot(
            endpoint(variants=(running(count=8),)), endpoint_config(), PLAIN, BUSY, SLOW
        ),
        outcome=Outcome.FAILED,
        severity=Severity.MEDIUM,
    ),
    Case(
        name="a p99 is the most that a request lasts",
        check=DEARER,
        snapshot=snapshot(
            endpoint(), endpoint_config(), PLAIN, BUSY, latency(985_000.0, statistic="p99")
        ),
        outcome=Outcome.FAILED,
        says=("23.97 USD",),
    ),
    Case(
        name="more memory than serverless has, of which nobody knows how much is used",
        check=DEARER,
        snapshot=snapshot(endpoint(), endpoint_config(variant("ml.m5.large")), PLAIN, BUSY, SLOW),
        outcome=Outcome.FAILED,
        says=("83.95 USD", "serverless 6144 MB, if that is memory enough"),
    ),
    Case(
        name="above the break-even",
        check=DEARER,
        snapshot=snapshot(endpoint(), endpoint_config(), PLAIN, invocations(*[2 * DAY] * 14), SLOW),
        outcome=Outcome.PASSED,
    ),
    Case(
        name="nobody knows what it costs now: nor whether serverless is cheaper",
        check=DEARER,
        snapshot=snapshot(
            *(
                replace(one, region="mx-central-1")
                for one in (endpoint(), endpoint_config(), PLAIN)
            ),
            *(replace(one, region="mx-central-1") for one in (BUSY, SLOW)),
        ),
        outcome=Outcome.NOT_EVALUATED,
    ),
    Case(
        name="nobody calls it: another check's matter",
        check=DEARER,
        snapshot=snapshot(endpoint(), endpoint_config(), PLAIN, invocations()),
        outcome=Outcome.PASSED,
    ),
    Case(
        name="a GPU needs no traffic to be told apart",
        check=DEARER,
        snapshot=snapshot(endpoint(), endpoint_config(variant("ml.g4dn.xlarge")), PLAIN),
        outcome=Outcome.PASSED,
    ),
    Case(
        name="a model in a VPC",
        check=DEARER,
        snapshot=snapshot(endpoint(), endpoint_config(), model(), BUSY, SLOW),
        outcome=Outcome.PASSED,
    ),
    Case(
        name="serverless already",
        check=DEARER,
        snapshot=snapshot(*serverless(None), PLAIN, BUSY, SLOW),
        outcome=Outcome.PASSED,
    ),
    Case(
        name="not in service",
        check=DEARER,
        snapshot=snapshot(endpoint(status="Failed"), endpoint_config(), PLAIN, BUSY, SLOW),
        outcome=Outcome.PASSED,
    ),
    Case(
        name="traffic not measured",
        check=DEARER,
        snapshot=snapshot(endpoint(), endpoint_config(), PLAIN),
        outcome=Outcome.NOT_EVALUATED,
    ),
    Case(
        name="metrics denied",
        check=DEARER,
        snapshot=snapshot(
            endpoint(),
            endpoint_config(),
            PLAIN,
            gaps=(gap("MetricSeries", operation="cloudwatch:GetMetricData"),),
        ),
        outcome=Outcome.NOT_EVALUATED,
    ),
    Case(
        name="how long a request takes was not measured",
        check=DEARER,
        snapshot=snapshot(endpoint(), endpoint_config(), PLAIN, BUSY),
        outcome=Outcome.NOT_EVALUATED,
    ),
    Case(
        name="the configuration was deleted",
        check=DEARER,
        snapshot=snapshot(endpoint(), PLAIN, BUSY, SLOW),
        outcome=Outcome.NOT_EVALUATED,
    ),
)

KEPT_WARM = (
    Case(
        name="more than may run at once",
        check=WARM,
        snapshot=snapshot(*serverless(6), BUSY),
        outcome=Outcome.FAILED,
        at="ProductionVariants[0].ServerlessConfig.ProvisionedConcurrency",
        says=("asks for 6, over MaxConcurrency 5",),
        severity=Severity.MEDIUM,
        fix=("update-endpoint --endpoint-name breeds",),
    ),
    Case(
        name="for nobody",
        check=WARM,
        snapshot=snapshot(*serverless(1), invocations()),
        outcome=Outcome.FAILED,
        says=("keeps 1 warm, and nobody calls it",),
    ),
    Case(
        name="as much as may run at once, and called",
        check=WARM,
        snapshot=snapshot(*serverless(5), BUSY),
        outcome=Outcome.PASSED,
    ),
    Case(
        name="a source that measures nothing",
        check=WARM,
        snapshot=snapshot(*serverless(1), covers=("Endpoint", "EndpointConfig")),
        outcome=Outcome.PASSED,
    ),
    Case(
        name="none",
        check=WARM,
        snapshot=snapshot(*serverless(None)),
        outcome=Outcome.PASSED,
    ),
    Case(
        name="on instances",
        check=WARM,
        snapshot=snapshot(endpoint(), endpoint_config()),
        outcome=Outcome.PASSED,
    ),
    Case(
        name="calls not measured",
        check=WARM,
        snapshot=snapshot(*serverless(1)),
        outcome=Outcome.NOT_EVALUATED,
    ),
    Case(
        name="another variant was measured",
        check=WARM,
        snapshot=snapshot(*serverless(1), invocations(variant_name="Challenger")),
        outcome=Outcome.NOT_EVALUATED,
    ),
)

CASES: tuple[Case, ...] = (*SECONDS, *KEPT_WARM)
