"""Cases of the checks on scaling policies."""

from msgspec import structs

from mlguard.check import Severity
from mlguard.report import Outcome
from tests.builders.account import gap, snapshot
from tests.builders.scaling import scalable_target, scaling_policy, step_policy
from tests.checks.case import Case

WAKE = step_policy()
GROWS = scaling_policy(scale_in_disabled=True)
OTHER = scaling_policy(arn=f"{GROWS.arn}-cpu", name="track-cpu", custom_metric="CPUUtilization")

ONLY_ADDS = (
    Case(
        name="scale-in is disabled",
        check="scaling-scale-in-disabled",
        snapshot=snapshot(scalable_target(), GROWS),
        outcome=Outcome.FAILED,
        at="TargetTrackingScalingPolicyConfiguration.DisableScaleIn",
        says=("only ever grows",),
        severity=Severity.MEDIUM,
        fix=("put-scaling-policy --policy-name track", f"--resource-id {GROWS.resource_id}"),
    ),
    Case(
        name="another target's policy takes nothing away from this one",
        check="scaling-scale-in-disabled",
        snapshot=snapshot(GROWS, structs.replace(OTHER, resource_id="endpoint/other/variant/V")),
        outcome=Outcome.FAILED,
    ),
    Case(
        name="a step policy may only add",
        check="scaling-scale-in-disabled",
        snapshot=snapshot(GROWS, WAKE),
        outcome=Outcome.FAILED,
    ),
    Case(
        name="another policy scales in",
        check="scaling-scale-in-disabled",
        snapshot=snapshot(scalable_target(), GROWS, OTHER),
        outcome=Outcome.PASSED,
    ),
    Case(
        name="scale-in as it comes",
        check="scaling-scale-in-disabled",
        snapshot=snapshot(scalable_target(), scaling_policy()),
        outcome=Outcome.PASSED,
    ),
    Case(
        name="policies not listed",
        check="scaling-scale-in-disabled",
        snapshot=snapshot(scalable_target(), gaps=(gap("ScalingPolicy"),)),
        outcome=Outcome.NOT_EVALUATED,
    ),
)


CASES: tuple[Case, ...] = ONLY_ADDS
