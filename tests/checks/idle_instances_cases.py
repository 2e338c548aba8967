"""Cases of the check on EC2 instances that run on."""

from mlguard.check import Severity
from mlguard.policy import Policy
from mlguard.report import Outcome
from tests.builders.account import days_ago, gap, snapshot
from tests.builders.ec2 import cpu, instance, volume
from tests.checks.case import Case

OLD = instance(instance_type="m5.4xlarge", launched_at=days_ago(40))
IDLE = cpu(1.0, 1.5, 2.0, 1.0, 0.5)

CASES: tuple[Case, ...] = (
    Case(
        name="a large one that idles",
        check="instance-left-running",
        snapshot=snapshot(OLD, volume(), IDLE),
        outcome=Outcome.FAILED,
        at="State.Name",
        says=("running for 40 days", "p95 of its CPU is 1.9%"),
        severity=Severity.HIGH,  # 560.64 USD a month
        fix=("aws ec2 stop-instances --instance-ids i-0abc",),
    ),
    Case(
        name="a small one that idles",
        check="instance-left-running",
        snapshot=snapshot(instance(launched_at=days_ago(40)), volume(), IDLE),
        outcome=Outcome.FAILED,
        severity=Severity.LOW,  # 8.47 USD a month
    ),
    Case(
        name="one whose price nobody knows",
        check="instance-left-running",
        snapshot=snapshot(instance(instance_type="z9.huge", launched_at=days_ago(40)), IDLE),
        outcome=Outcome.FAILED,
        severity=Severity.MEDIUM,
    ),
    Case(
        name="one that works now and then",
        check="instance-left-running",
        snapshot=snapshot(OLD, cpu(1.0, 1.0, 80.0, 1.0)),
        outcome=Outcome.PASSED,
    ),
    Case(
        name="one that was launched yesterday",
        check="instance-left-running",
        snapshot=snapshot(instance(), IDLE),
        outcome=Outcome.PASSED,
    ),
    Case(
        name="one that a team lets idle for a quarter",
        check="instance-left-running",
        snapshot=snapshot(OLD, IDLE),
        outcome=Outcome.PASSED,
        policy=Policy(instance_idle_days=90),
    ),
    Case(
        name="stopped",
        check="instance-left-running",
        snapshot=snapshot(instance(launched_at=days_ago(40), state="stopped"), IDLE),
        outcome=Outcome.PASSED,
    ),
    Case(
        name="not measured",
        check="instance-left-running",
        snapshot=snapshot(OLD),
        outcome=Outcome.NOT_EVALUATED,
    ),
    Case(
        name="measured without a datapoint, which is no zero",
        check="instance-left-running",
        snapshot=snapshot(OLD, cpu()),
        outcome=Outcome.NOT_EVALUATED,
    ),
    Case(
        name="a window that was not read whole",
        check="instance-left-running",
        snapshot=snapshot(
            OLD,
            IDLE,
            gaps=(gap("MetricSeries", subject=OLD.arn, operation="cloudwatch:GetMetricData"),),
        ),
        outcome=Outcome.NOT_EVALUATED,
    ),
)
