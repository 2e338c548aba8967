"""Cases of the checks on endpoints."""

from mlguard.check import Severity
from mlguard.policy import Policy
from mlguard.report import Outcome
from mlguard.resources.capacity import InstanceGroup, InstancePool, Serverless, Unspecified
from tests.builders.account import days_ago, gap, snapshot
from tests.builders.hosting import endpoint, endpoint_config, invocations, running, variant
from tests.checks.case import Case

IDLE = (endpoint(), endpoint_config(), invocations())
SERVERLESS = Serverless(memory_mb=2048, max_concurrency=5)
WARM = Serverless(memory_mb=2048, max_concurrency=5, provisioned_concurrency=1)
POOL = InstancePool(
    types=(
        InstanceGroup(instance_type="ml.t2.medium"),
        InstanceGroup(instance_type="ml.c5.large"),
    ),
    count=1,
)
TWO = (running(), running("Challenger"))

CALLS = (
    Case(
        name="no datapoint in a window that was read whole",
        check="endpoint-idle",
        snapshot=snapshot(*IDLE),
        outcome=Outcome.FAILED,
        at="EndpointStatus",
        says=("no invocations in 14 days", "for 30"),
        severity=Severity.HIGH,
        fix=("aws sagemaker delete-endpoint --endpoint-name breeds --region us-east-1",),
    ),
    Case(
        name="datapoints of zero",
        check="endpoint-idle",
        snapshot=snapshot(endpoint(), endpoint_config(), invocations(0.0, 0.0)),
        outcome=Outcome.FAILED,
    ),
    Case(
        name="idle stays idle when the configuration is not to be seen",
        check="endpoint-idle",
        snapshot=snapshot(endpoint(), invocations(), gaps=(gap("EndpointConfig"),)),
        outcome=Outcome.FAILED,
    ),
    Case(
        name="serverless with provisioned concurrency costs while idle",
        check="endpoint-idle",
        snapshot=snapshot(
            endpoint(variants=(running(count=None),)),
            endpoint_config(variant(capacity=WARM)),
            invocations(),
        ),
        outcome=Outcome.FAILED,
    ),
    Case(
        name="one call",
        check="endpoint-idle",
        snapshot=snapshot(endpoint(), endpoint_config(), invocations(0.0, 1.0)),
        outcome=Outcome.PASSED,
    ),
    Case(
        name="one variant of two is called",
        check="endpoint-idle",
        snapshot=snapshot(
            endpoint(variants=TWO),
            invocations(),
            invocations(5.0, variant_name="Challenger"),
        ),
        outcome=Outcome.PASSED,
    ),
    Case(
        name="an inference component is called",
        check="endpoint-idle",
        snapshot=snapshot(
            endpoint(),
            endpoint_config(variant(model_name=None)),
            invocations(),
            invocations(2.0, InferenceComponentName="breeds"),
        ),
        outcome=Outcome.PASSED,
    ),
    Case(
        name="younger than the window",
        check="endpoint-idle",
        snapshot=snapshot(endpoint(created_at=days_ago(13)), endpoint_config(), invocations()),
        outcome=Outcome.PASSED,
    ),
    Case(
        name="not in service",
        check="endpoint-idle",
        snapshot=snapshot(endpoint(status="Failed"), endpoint_config(), invocations()),
        outcome=Outcome.PASSED,
    ),
    Case(
        name="scaled to zero costs nothing",
        check="endpoint-idle",
        snapshot=snapshot(endpoint(variants=(running(count=0),)), endpoint_config(), invocations()),
        outcome=Outcome.PASSED,
    ),
    Case(
        name="serverless costs nothing while idle",
        check="endpoint-idle",
        snapshot=snapshot(
            endpoint(variants=(running(count=None),)),
            endpoint_config(variant(capacity=SERVERLESS)),
            invocations(),
        ),
        outcome=Outcome.PASSED,
    ),
    Case(
        name="metrics denied",
        check="endpoint-idle",
        snapshot=snapshot(
            endpoint(),
            endpoint_config(),
            gaps=(gap("MetricSeries", operation="cloudwatch:GetMetricData"),),
        ),
        outcome=Outcome.NOT_EVALUATED,
    ),
    Case(
        name="no series at all",
        check="endpoint-idle",
        snapshot=snapshot(endpoint(), endpoint_config()),
        outcome=Outcome.NOT_EVALUATED,
    ),
    Case(
        name="one variant of two was not measured",
        check="endpoint-idle",
        snapshot=snapshot(endpoint(variants=TWO), endpoint_config(), invocations()),
        outcome=Outcome.NOT_EVALUATED,
    ),
    Case(
        name="the window is shorter than the policy's",
        check="endpoint-idle",
        snapshot=snapshot(*IDLE),
        outcome=Outcome.NOT_EVALUATED,
        policy=Policy(endpoint_idle_days=21),
    ),
    Case(
        name="the calls of inference components were not read",
        check="endpoint-idle",
        snapshot=snapshot(endpoint(), endpoint_config(variant(model_name=None)), invocations()),
        outcome=Outcome.NOT_EVALUATED,
    ),
)

TYPES = (
    Case(
        name="a large machine",
        check="endpoint-instance-type",
        snapshot=snapshot(endpoint(), endpoint_config(variant("ml.m5.4xlarge"))),
        outcome=Outcome.FAILED,
        at="ProductionVariants[0].InstanceType",
        says=("variant AllTraffic", "1 x ml.m5.4xlarge", "policy.endpoint: ml.t2.medium"),
        severity=Severity.MEDIUM,
        fix=("update-endpoint --endpoint-name breeds", "deregistered first"),
    ),
    Case(
        name="as many as run now",
        check="endpoint-instance-type",
        snapshot=snapshot(
            endpoint(variants=(running(count=3),)), endpoint_config(variant("ml.m5.large"))
        ),
        outcome=Outcome.FAILED,
        says=("3 x ml.m5.large",),
    ),
    Case(
        name="a shadow variant",
        check="endpoint-instance-type",
        snapshot=snapshot(
            endpoint(),
            endpoint_config(shadow_variants=(variant("ml.m5.large", 2, name="next"),)),
        ),
        outcome=Outcome.FAILED,
        at="ShadowProductionVariants[0].InstanceType",
        says=("shadow variant next", "2 x ml.m5.large"),
    ),
    Case(
        name="the second choice of a pool",
        check="endpoint-instance-type",
        snapshot=snapshot(endpoint(), endpoint_config(variant(capacity=POOL))),
        outcome=Outcome.FAILED,
        at="ProductionVariants[0].InstancePools[1].InstanceType",
        says=("ml.c5.large",),
    ),
    Case(
        name="a type is named beside one that is not",
        check="endpoint-instance-type",
        snapshot=snapshot(
            endpoint(variants=TWO),
            endpoint_config(
                variant(capacity=Unspecified()), variant("ml.m5.large", name="Challenger")
            ),
        ),
        outcome=Outcome.FAILED,
        at="ProductionVariants[1].InstanceType",
    ),
    Case(
        name="the cheapest type",
        check="endpoint-instance-type",
        snapshot=snapshot(endpoint(), endpoint_config()),
        outcome=Outcome.PASSED,
    ),
    Case(
        name="serverless",
        check="endpoint-instance-type",
        snapshot=snapshot(endpoint(), endpoint_config(variant(capacity=SERVERLESS))),
        outcome=Outcome.PASSED,
    ),
    Case(
        name="a large configuration that no endpoint uses",
        check="endpoint-instance-type",
        snapshot=snapshot(
            endpoint(),
            endpoint_config(),
            endpoint_config(variant("ml.p3.16xlarge"), name="old", arn=f"{endpoint().arn}-old"),
        ),
        outcome=Outcome.PASSED,
    ),
    Case(
        name="configurations not read",
        check="endpoint-instance-type",
        snapshot=snapshot(
            endpoint(),
            gaps=(gap("EndpointConfig", operation="sagemaker:DescribeEndpointConfig"),),
        ),
        outcome=Outcome.NOT_EVALUATED,
    ),
    Case(
        name="the configuration was deleted",
        check="endpoint-instance-type",
        snapshot=snapshot(endpoint()),
        outcome=Outcome.NOT_EVALUATED,
    ),
    Case(
        name="no type is named",
        check="endpoint-instance-type",
        snapshot=snapshot(endpoint(), endpoint_config(variant(capacity=Unspecified()))),
        outcome=Outcome.NOT_EVALUATED,
    ),
)

CASES: tuple[Case, ...] = (*CALLS, *TYPES)
