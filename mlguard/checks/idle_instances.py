"""EC2 instances that run on after their work is done."""

from collections.abc import Iterator
from datetime import timedelta
from statistics import quantiles
from typing import Final

from mlguard.check import Context, Evidence, Severity, check
from mlguard.checks.machines import unread
from mlguard.checks.money import by_dollars
from mlguard.resources.instances import Instance
from mlguard.resources.metrics import MetricSeries

_IDLE_PERCENT: Final = 5.0
_LEAST_VALUES: Final = 2
_TWENTIETHS: Final = 20


@check(
    "instance-left-running",
    "EC2 instance left running, with nothing to do",
    on=Instance,
    reads=(MetricSeries,),
    severity=Severity.MEDIUM,
    remediation="aws ec2 stop-instances --instance-ids {id} --region {region}",
    references=(
        "https://docs.aws.amazon.com/AWSEC2/latest/UserGuide/viewing_metrics_with_cloudwatch.html",
        "https://docs.aws.amazon.com/AWSEC2/latest/UserGuide/Stop_Start.html",
    ),
    bad="State: running, CPUUtilization: p95 1.2 % over 14 days",
    good="State: stopped",
)
def instance_left_running(instance: Instance, context: Context) -> Iterator[Evidence]:
    """When training ends, the instance does not: it is paid until somebody stops it.

    It has run for longer than policy.instance_idle_days, and 19 of 20 averages that CloudWatch
    kept of its CPU are below 5 %. Where nothing was measured nobody knows, and it is not called
    idle. Stopped, it keeps its volumes and an Elastic IP address, and those are paid on.
    """
    running = context.snapshot.taken_at - instance.launched_at
    days = context.policy.instance_idle_days
    if instance.state != "running" or running < timedelta(days=days):
        return
    series = context.metric(instance, "CPUUtilization", "Average")
    values = [value for one in series for value in one.values]
    if len(values) < _LEAST_VALUES:
        # A running instance is measured every few minutes: no datapoint is no zero.
        detail = f"{len(values)} datapoints of CPUUtilization: whether it is idle is not known"
        raise unread(instance, operation="cloudwatch:GetMetricData", detail=detail)
    busiest = quantiles(values, n=_TWENTIETHS, method="inclusive")[-1]
    if busiest >= _IDLE_PERCENT:
        return
    estimate = context.estimate(instance)
    saved = None if estimate is None else estimate.running_usd
    yield Evidence(
        message=f"running for {running.days} days; p95 of its CPU is {busiest:.1f}%",
        at="State.Name",
        severity=None if saved is None else by_dollars(saved),
        monthly_usd=saved,
        values={"id": instance.arn.rpartition("/")[2]},
    )


CHECKS = (instance_left_running,)
