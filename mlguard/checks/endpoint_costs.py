"""What endpoints cost for what they do: whether being paid by the second would be cheaper."""

from collections.abc import Iterator
from decimal import Decimal
from typing import Final

from mlguard.check import Confidence, Context, Evidence, Severity, check
from mlguard.checks.endpoints import IN_SERVICE, config_of
from mlguard.checks.machines import seats, unread
from mlguard.checks.money import by_dollars, told
from mlguard.cost.estimate import USD
from mlguard.cost.load import Load, Unmeasured
from mlguard.cost.sizing.hosting import Sizing
from mlguard.cost.sizing.option import Fit, Kind, Option
from mlguard.resources.capacity import Serverless
from mlguard.resources.hosting import Endpoint, EndpointConfig, Model
from mlguard.resources.metrics import MetricSeries
from mlguard.resources.scaling import ScalableTarget, ScalingPolicy

_CENT: Final = Decimal("0.01")


@check(
    "endpoint-dearer-than-serverless",
    "Endpoint that would be cheaper as serverless inference",
    on=Endpoint,
    reads=(EndpointConfig, MetricSeries),
    optional=(Model, ScalableTarget, ScalingPolicy),
    severity=Severity.MEDIUM,
    remediation=(
        "Try it beside the old one: make a configuration with ServerlessConfig MemorySizeInMB="
        "{memory_mb}, create an endpoint of another name from it, and measure cold starts and "
        "latency. An endpoint on instances cannot be turned into a serverless one by an update. "
        "When the callers have moved, `aws sagemaker delete-endpoint --endpoint-name {name} "
        "--region {region}`."
    ),
    references=(
        "https://docs.aws.amazon.com/sagemaker/latest/dg/serverless-endpoints.html",
        "https://docs.aws.amazon.com/sagemaker/latest/dg/serverless-endpoints-invoke.html",
        "https://aws.amazon.com/sagemaker/pricing/",
    ),
    bad="ml.t2.medium all month for 10,000 requests a day of 0.985 s",
    good="ServerlessConfig.MemorySizeInMB: 4096 for 10,000 requests a day of 0.985 s",
)
def endpoint_dearer_than_serverless(endpoint: Endpoint, context: Context) -> Iterator[Evidence]:
    """Instances are paid for every second of the month, serverless only while it answers.

    Below the break-even the seconds are cheaper. They are counted at a memory no smaller than that
    of the instance, and at 6 GB, less surely, where the instance has more and nobody measured how
    much of it is used. Endpoints that serverless does not take are left alone: with a GPU, in a
    VPC, with network isolation, data capture, several variants or a queue. So are those that
    nobody calls: they are better deleted.
    """
    if endpoint.status != IN_SERVICE:
        return
    config_of(endpoint, context)
    for sizing in context.sizings(endpoint):
        option = _serverless(sizing)
        if option is None:
            continue
        _insist_on_traffic(endpoint, sizing, context)
        if not _called(sizing):
            continue
        saving = _saving(sizing, option)
        if saving is None:
            raise unread(endpoint, operation="prices", detail=_priceless(sizing, option))
        if saving >= _CENT:
            yield Evidence(
                message=_compared(sizing, option),
                at="ProductionVariants",
                locator=sizing.variant,
                severity=by_dollars(saving),
                confidence=Confidence.MEDIUM if option.fit is Fit.YES else Confidence.LOW,
                monthly_usd=saving.quantize(_CENT),
                values={"memory_mb": option.what.split()[1]},
            )


@check(
    "endpoint-serverless-pc",
    "Provisioned concurrency of a serverless variant that is invalid or idle",
    on=Endpoint,
    reads=(EndpointConfig,),
    optional=(MetricSeries,),
    severity=Severity.MEDIUM,
    remediation=(
        "Make a configuration whose ServerlessConfig has no ProvisionedConcurrency, or no more of "
        "it than MaxConcurrency, then `aws sagemaker update-endpoint --endpoint-name {name} "
        "--endpoint-config-name NEW_CONFIG --region {region}`."
    ),
    references=(
        "https://docs.aws.amazon.com/sagemaker/latest/APIReference/API_ProductionVariantServerlessConfig.html",
        "https://docs.aws.amazon.com/sagemaker/latest/dg/serverless-endpoints.html",
    ),
    bad="ServerlessConfig: MaxConcurrency 5, ProvisionedConcurrency 6",
    good="ServerlessConfig: MaxConcurrency 5, ProvisionedConcurrency 1, with calls",
)
def endpoint_serverless_pc(endpoint: Endpoint, context: Context) -> Iterator[Evidence]:
    """Provisioned concurrency is paid for by the second, whether anybody calls or not.

    More of it than MaxConcurrency AWS does not take: a plan that asks for it fails when it is
    applied. Where nobody calls, it keeps warm what nobody uses.
    """
    config = config_of(endpoint, context)
    for seat in seats(config):
        capacity = seat.capacity
        if not isinstance(capacity, Serverless) or not capacity.provisioned_concurrency:
            continue
        warm = capacity.provisioned_concurrency
        at = f"{seat.at}ServerlessConfig.ProvisionedConcurrency"
        if warm > capacity.max_concurrency:
            yield Evidence(
                message=f"variant {seat.owner} asks for {warm}, over MaxConcurrency "
                f"{capacity.max_concurrency}",
                at=at,
                locator=f"{seat.owner}/over",
            )
        elif _silent(endpoint, seat.owner, context):
            yield Evidence(
                message=f"variant {seat.owner} keeps {warm} warm, and nobody calls it",
                at=at,
                locator=f"{seat.owner}/idle",
            )


def _serverless(sizing: Sizing) -> Option | None:
    """Return the serverless option to compare with: the smallest that surely is large enough.

    Else the largest, if it may be; None where serverless does not take the endpoint.
    """
    if sizing.present.kind is not Kind.REAL_TIME:
        return None
    options = [option for option in sizing.options if option.kind is Kind.SERVERLESS]
    sure = next((option for option in options if option.fit is Fit.YES), None)
    unsure = [option for option in options if option.fit is Fit.UNKNOWN]
    return sure or next(reversed(unsure), None)


def _insist_on_traffic(endpoint: Endpoint, sizing: Sizing, context: Context) -> None:
    """Raise Unread where nobody knows the requests, or with requests how long one takes."""
    if isinstance(sizing.load, Unmeasured):
        context.metric(endpoint, "Invocations", "Sum")
        raise unread(endpoint, operation="cloudwatch:GetMetricData", detail=sizing.load.reason)
    if sizing.load.seconds_per_month is None:
        context.metric(endpoint, "ModelLatency", "Average")
        detail = "no datapoint says how long a request takes"
        raise unread(endpoint, operation="cloudwatch:GetMetricData", detail=detail)


def _called(sizing: Sizing) -> bool:
    return isinstance(sizing.load, Load) and sizing.load.requests_per_month > 0


def _saving(sizing: Sizing, option: Option) -> Decimal | None:
    """Return what would be saved a month in USD, None where a price is not known."""
    now, then = sizing.present.monthly, option.monthly
    if now is None or then is None or {sizing.present.currency, option.currency} != {USD}:
        return None
    return now.expected - then.expected


def _priceless(sizing: Sizing, option: Option) -> str:
    return f"what {sizing.present.what} or {option.what} costs there in USD is not known"


def _compared(sizing: Sizing, option: Option) -> str:
    now, then, load = sizing.present, option.monthly, sizing.load
    if isinstance(load, Unmeasured) or now.monthly is None or then is None:
        raise AssertionError("a saving was found without traffic or price")
    fits = "" if option.fit is Fit.YES else ", if that is memory enough"
    point = None if option.break_even is None else option.break_even.requests_per_day
    until = "" if point is None else f"; it is the cheaper one up to {point:,.0f} requests a day"
    return (
        f"variant {sizing.variant}: {load.requests_per_day:,.0f} requests a day cost "
        f"{told(now.monthly.expected)} a month on {now.what}, {told(then.expected)} on "
        f"{option.what}{fits}{until}"
    )


def _silent(endpoint: Endpoint, variant: str, context: Context) -> bool:
    """Return whether a variant was measured and never called; raises Unread if it was not."""
    if not context.covers(MetricSeries):
        return False
    series = [
        one
        for one in context.metric(endpoint, "Invocations", "Sum")
        if one.dimensions.get("VariantName") == variant
    ]
    if not series:
        detail = f"no Invocations were read for variant {variant}"
        raise unread(endpoint, operation="cloudwatch:GetMetricData", detail=detail)
    return all(one.total == 0 for one in series)


CHECKS = (endpoint_dearer_than_serverless, endpoint_serverless_pc)
