"""Cases of the checks on endpoint autoscaling."""

from mlguard.check import Severity
from mlguard.report import Outcome
from mlguard.resources.capacity import Serverless, Unspecified
from mlguard.resources.hosting import ManagedScaling
from tests.builders.account import days_ago, gap, snapshot
from tests.builders.hosting import endpoint, endpoint_config, running, variant
from tests.builders.scaling import (
    COMPONENT,
    COPIES,
    alarm,
    scalable_target,
    scaling_policy,
    scheduled_action,
    step_policy,
)
from tests.checks.case import Case

SERVERLESS = Serverless(memory_mb=2048, max_concurrency=5)
BIG = endpoint_config(variant("ml.m5.large"))
FROM_ZERO = scalable_target(min_capacity=0)
COMPONENT_FROM_ZERO = scalable_target(resource_id=COMPONENT, dimension=COPIES, min_capacity=0)
FUNCTION = scalable_target(
    service_namespace="lambda",
    resource_id="function:classify:live",
    dimension="lambda:function:ProvisionedConcurrency",
)
WAKE = step_policy()
COMPONENT_WAKE = step_policy(resource_id=COMPONENT, dimension=COPIES)

BURSTABLE = (
    Case(
        name="the cheapest type, scaled",
        check="scaling-burstable",
        snapshot=snapshot(endpoint(), endpoint_config(), scalable_target()),
        outcome=Outcome.FAILED,
        at="ResourceId",
        says=("ml.t2.medium", "burstable", "does not scale"),
        severity=Severity.HIGH,
        fix=(
            "deregister-scalable-target",
            "--resource-id endpoint/breeds/variant/AllTraffic",
            "ml.m5.large",
            "serverless",
        ),
    ),
    Case(
        name="trn is no T",
        check="scaling-burstable",
        snapshot=snapshot(
            endpoint(), endpoint_config(variant("ml.trn1.2xlarge")), scalable_target()
        ),
        outcome=Outcome.PASSED,
    ),
    Case(
        name="another variant is burstable",
        check="scaling-burstable",
        snapshot=snapshot(
            endpoint(variants=(running(), running("Small"))),
            endpoint_config(variant("ml.m5.large"), variant(name="Small")),
            scalable_target(),
        ),
        outcome=Outcome.PASSED,
    ),
    Case(
        name="the endpoint is gone: another check's matter",
        check="scaling-burstable",
        snapshot=snapshot(scalable_target()),
        outcome=Outcome.PASSED,
    ),
    Case(
        name="provisioned concurrency of a function",
        check="scaling-burstable",
        snapshot=snapshot(FUNCTION),
        outcome=Outcome.PASSED,
    ),
    Case(
        name="endpoints not listed",
        check="scaling-burstable",
        snapshot=snapshot(scalable_target(), gaps=(gap("Endpoint"),)),
        outcome=Outcome.NOT_EVALUATED,
    ),
    Case(
        name="the configuration was deleted",
        check="scaling-burstable",
        snapshot=snapshot(endpoint(), scalable_target()),
        outcome=Outcome.NOT_EVALUATED,
    ),
    Case(
        name="no type is named",
        check="scaling-burstable",
        snapshot=snapshot(
            endpoint(), endpoint_config(variant(capacity=Unspecified())), scalable_target()
        ),
        outcome=Outcome.NOT_EVALUATED,
    ),
    Case(
        name="the variant is not in the configuration",
        check="scaling-burstable",
        snapshot=snapshot(
            endpoint(), BIG, scalable_target(resource_id="endpoint/breeds/variant/Old")
        ),
        outcome=Outcome.NOT_EVALUATED,
    ),
)

NO_TARGET = (
    Case(
        name="a machine that could scale",
        check="scaling-no-target",
        snapshot=snapshot(endpoint(), BIG),
        outcome=Outcome.FAILED,
        at="ProductionVariants[0]",
        says=("variant AllTraffic", "neither a scalable target"),
        severity=Severity.MEDIUM,
        fix=("--resource-id endpoint/breeds/variant/AllTraffic",),
    ),
    Case(
        name="the target is another variant's",
        check="scaling-no-target",
        snapshot=snapshot(
            endpoint(), BIG, scalable_target(resource_id="endpoint/breeds/variant/Other")
        ),
        outcome=Outcome.FAILED,
    ),
    Case(
        name="a target",
        check="scaling-no-target",
        snapshot=snapshot(endpoint(), BIG, scalable_target()),
        outcome=Outcome.PASSED,
    ),
    Case(
        name="managed instance scaling",
        check="scaling-no-target",
        snapshot=snapshot(
            endpoint(),
            endpoint_config(
                variant(
                    "ml.m5.large", model_name=None, managed_scaling=ManagedScaling(status="ENABLED")
                )
            ),
        ),
        outcome=Outcome.PASSED,
    ),
    Case(
        name="burstable and serverless cannot",
        check="scaling-no-target",
        snapshot=snapshot(
            endpoint(variants=(running(), running("Cold", None))),
            endpoint_config(variant(), variant(name="Cold", capacity=SERVERLESS)),
        ),
        outcome=Outcome.PASSED,
    ),
    Case(
        name="not in service",
        check="scaling-no-target",
        snapshot=snapshot(endpoint(status="Creating"), BIG),
        outcome=Outcome.PASSED,
    ),
    Case(
        name="targets not listed",
        check="scaling-no-target",
        snapshot=snapshot(endpoint(), BIG, gaps=(gap("ScalableTarget"),)),
        outcome=Outcome.NOT_EVALUATED,
    ),
    Case(
        name="no type is named",
        check="scaling-no-target",
        snapshot=snapshot(endpoint(), endpoint_config(variant(capacity=Unspecified()))),
        outcome=Outcome.NOT_EVALUATED,
    ),
)

NO_POLICY = (
    Case(
        name="bounds alone",
        check="scaling-target-no-policy",
        snapshot=snapshot(scalable_target()),
        outcome=Outcome.FAILED,
        at="ResourceId",
        says=("1 to 4", "no scaling policy and no scheduled action"),
        severity=Severity.HIGH,
        fix=('"PredefinedMetricType": "SageMakerVariantInvocationsPerInstance"', "put-scaling"),
    ),
    Case(
        name="the policy is another variant's",
        check="scaling-target-no-policy",
        snapshot=snapshot(
            scalable_target(), scaling_policy(resource_id="endpoint/breeds/variant/Other")
        ),
        outcome=Outcome.FAILED,
    ),
    Case(
        name="the schedule is over",
        check="scaling-target-no-policy",
        snapshot=snapshot(scalable_target(), scheduled_action(end_at=days_ago(1))),
        outcome=Outcome.FAILED,
    ),
    Case(
        name="a function's provisioned concurrency gets its own metric",
        check="scaling-target-no-policy",
        snapshot=snapshot(FUNCTION),
        outcome=Outcome.FAILED,
        fix=("LambdaProvisionedConcurrencyUtilization", '"TargetValue": 0.7'),
    ),
    Case(
        name="a policy",
        check="scaling-target-no-policy",
        snapshot=snapshot(scalable_target(), scaling_policy()),
        outcome=Outcome.PASSED,
    ),
    Case(
        name="a schedule",
        check="scaling-target-no-policy",
        snapshot=snapshot(scalable_target(), scheduled_action()),
        outcome=Outcome.PASSED,
    ),
    Case(
        name="policies not listed",
        check="scaling-target-no-policy",
        snapshot=snapshot(scalable_target(), gaps=(gap("ScalingPolicy"),)),
        outcome=Outcome.NOT_EVALUATED,
    ),
    Case(
        name="schedules not listed",
        check="scaling-target-no-policy",
        snapshot=snapshot(scalable_target(), gaps=(gap("ScheduledAction"),)),
        outcome=Outcome.NOT_EVALUATED,
    ),
)

EQUAL = (
    Case(
        name="two and two",
        check="scaling-min-equals-max",
        snapshot=snapshot(scalable_target(min_capacity=2, max_capacity=2)),
        outcome=Outcome.FAILED,
        at="MaxCapacity",
        says=("both 2",),
        severity=Severity.MEDIUM,
        fix=("--max-capacity 3",),
    ),
    Case(
        name="a schedule that sets the same bounds",
        check="scaling-min-equals-max",
        snapshot=snapshot(
            scalable_target(min_capacity=2, max_capacity=2),
            scheduled_action(min_capacity=2, max_capacity=None),
        ),
        outcome=Outcome.FAILED,
    ),
    Case(
        name="two and two where schedules are not read at all",
        check="scaling-min-equals-max",
        snapshot=snapshot(
            scalable_target(min_capacity=2, max_capacity=2), covers=("ScalableTarget",)
        ),
        outcome=Outcome.FAILED,
    ),
    Case(
        name="room to scale",
        check="scaling-min-equals-max",
        snapshot=snapshot(scalable_target()),
        outcome=Outcome.PASSED,
    ),
    Case(
        name="a schedule moves the bounds",
        check="scaling-min-equals-max",
        snapshot=snapshot(scalable_target(max_capacity=1), scheduled_action()),
        outcome=Outcome.PASSED,
    ),
    Case(
        name="targets not listed",
        check="scaling-min-equals-max",
        snapshot=snapshot(gaps=(gap("ScalableTarget"),)),
        outcome=Outcome.NOT_EVALUATED,
    ),
)

STRANDED = (
    Case(
        name="target tracking alone",
        check="scaling-stranded-at-zero",
        snapshot=snapshot(FROM_ZERO, scaling_policy()),
        outcome=Outcome.FAILED,
        at="MinCapacity",
        says=("MinCapacity is 0", "HasBacklogWithoutCapacity"),
        severity=Severity.HIGH,
        fix=("StepScaling", "--dimensions Name=EndpointName,Value=breeds", "put-metric-alarm"),
    ),
    Case(
        name="an inference component without a wake-up",
        check="scaling-stranded-at-zero",
        snapshot=snapshot(COMPONENT_FROM_ZERO),
        outcome=Outcome.FAILED,
        says=("NoCapacityInvocationFailures",),
        fix=("--dimensions Name=InferenceComponentName,Value=breeds",),
    ),
    Case(
        name="an alarm on something else",
        check="scaling-stranded-at-zero",
        snapshot=snapshot(
            FROM_ZERO, WAKE, alarm("ApproximateBacklogSize", alarm_actions=(WAKE.arn,))
        ),
        outcome=Outcome.FAILED,
    ),
    Case(
        name="an alarm on another endpoint",
        check="scaling-stranded-at-zero",
        snapshot=snapshot(
            FROM_ZERO,
            WAKE,
            alarm(dimensions={"EndpointName": "cats"}, alarm_actions=(WAKE.arn,)),
        ),
        outcome=Outcome.FAILED,
    ),
    Case(
        name="an alarm whose actions are switched off",
        check="scaling-stranded-at-zero",
        snapshot=snapshot(FROM_ZERO, WAKE, alarm(actions_enabled=False, alarm_actions=(WAKE.arn,))),
        outcome=Outcome.FAILED,
    ),
    Case(
        name="an alarm that calls nobody",
        check="scaling-stranded-at-zero",
        snapshot=snapshot(FROM_ZERO, WAKE, alarm()),
        outcome=Outcome.FAILED,
    ),
    Case(
        name="without a step policy the alarms do not matter",
        check="scaling-stranded-at-zero",
        snapshot=snapshot(FROM_ZERO, scaling_policy(), gaps=(gap("Alarm"),)),
        outcome=Outcome.FAILED,
    ),
    Case(
        name="the alarm names the policy",
        check="scaling-stranded-at-zero",
        snapshot=snapshot(FROM_ZERO, WAKE, alarm(alarm_actions=(WAKE.arn,))),
        outcome=Outcome.PASSED,
    ),
    Case(
        name="the policy names the alarm by its ARN",
        check="scaling-stranded-at-zero",
        snapshot=snapshot(FROM_ZERO, step_policy(alarms=(alarm().arn,)), alarm()),
        outcome=Outcome.PASSED,
    ),
    Case(
        name="the policy names the alarm by its name",
        check="scaling-stranded-at-zero",
        snapshot=snapshot(FROM_ZERO, step_policy(alarms=("wake-breeds",)), alarm()),
        outcome=Outcome.PASSED,
    ),
    Case(
        name="an inference component that wakes",
        check="scaling-stranded-at-zero",
        snapshot=snapshot(
            COMPONENT_FROM_ZERO,
            COMPONENT_WAKE,
            alarm(
                "NoCapacityInvocationFailures",
                dimensions={"InferenceComponentName": "breeds"},
                alarm_actions=(COMPONENT_WAKE.arn,),
            ),
        ),
        outcome=Outcome.PASSED,
    ),
    Case(
        name="a schedule wakes it",
        check="scaling-stranded-at-zero",
        snapshot=snapshot(FROM_ZERO, scaling_policy(), scheduled_action()),
        outcome=Outcome.PASSED,
    ),
    Case(
        name="never at zero",
        check="scaling-stranded-at-zero",
        snapshot=snapshot(scalable_target(), scaling_policy()),
        outcome=Outcome.PASSED,
    ),
    Case(
        name="policies not listed",
        check="scaling-stranded-at-zero",
        snapshot=snapshot(FROM_ZERO, gaps=(gap("ScalingPolicy"),)),
        outcome=Outcome.NOT_EVALUATED,
    ),
    Case(
        name="a step policy, and alarms not listed",
        check="scaling-stranded-at-zero",
        snapshot=snapshot(FROM_ZERO, WAKE, gaps=(gap("Alarm"),)),
        outcome=Outcome.NOT_EVALUATED,
    ),
)

CASES: tuple[Case, ...] = (*BURSTABLE, *NO_TARGET, *NO_POLICY, *EQUAL, *STRANDED)
