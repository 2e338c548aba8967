"""Application Auto Scaling as moto lacks it: two dimensions of SageMaker."""

import pytest

from tests.sources.demo.world import COPIES, TRACKING, Demo, deploy_endpoint


def test_a_target_of_a_dimension_that_moto_lacks_stands_beside_motos(demo: Demo) -> None:
    deploy_endpoint(demo)
    scaling = demo.client("application-autoscaling")
    instances = {
        "ServiceNamespace": "sagemaker",
        "ResourceId": "endpoint/answers/variant/all",
        "ScalableDimension": "sagemaker:variant:DesiredInstanceCount",
    }
    for target in (instances, COPIES):
        scaling.register_scalable_target(**target, MinCapacity=1, MaxCapacity=4)
        scaling.put_scaling_policy(**target, **TRACKING, PolicyName="track")
    targets = scaling.describe_scalable_targets(ServiceNamespace="sagemaker")["ScalableTargets"]
    assert len(targets) == 2
    assert all("SageMakerEndpoint" in target["RoleARN"] for target in targets)
    assert all(target["SuspendedState"]["DynamicScalingInSuspended"] is False for target in targets)
    policies = scaling.describe_scaling_policies(ServiceNamespace="sagemaker")["ScalingPolicies"]
    assert {policy["ResourceId"] for policy in policies} == {
        "endpoint/answers/variant/all",
        "inference-component/answers",
    }
    (only,) = scaling.describe_scalable_targets(
        ServiceNamespace="sagemaker", ScalableDimension=COPIES["ScalableDimension"]
    )["ScalableTargets"]
    assert only["ResourceId"] == COPIES["ResourceId"]


def test_a_target_is_updated_in_part_and_takes_its_policies_along(demo: Demo) -> None:
    scaling = demo.client("application-autoscaling")
    scaling.register_scalable_target(**COPIES, MinCapacity=1, MaxCapacity=4)
    scaling.register_scalable_target(
        **COPIES, MaxCapacity=2, SuspendedState={"ScheduledScalingSuspended": True}
    )
    (target,) = scaling.describe_scalable_targets(ServiceNamespace="sagemaker")["ScalableTargets"]
    assert (target["MinCapacity"], target["MaxCapacity"]) == (1, 2)
    assert target["SuspendedState"]["ScheduledScalingSuspended"] is True
    scaling.put_scaling_policy(**COPIES, **TRACKING, PolicyName="track")
    scaling.deregister_scalable_target(**COPIES)
    assert scaling.describe_scaling_policies(**COPIES)["ScalingPolicies"] == []
    absent = scaling.exceptions.ObjectNotFoundException
    with pytest.raises(absent):
        scaling.deregister_scalable_target(**COPIES)
    with pytest.raises(absent):
        scaling.put_scaling_policy(**COPIES, **TRACKING, PolicyName="track")
    with pytest.raises(absent):
        scaling.delete_scaling_policy(**COPIES, PolicyName="track")


def test_a_target_needs_bounds_and_a_fitting_resource(demo: Demo) -> None:
    scaling = demo.client("application-autoscaling")
    with pytest.raises(scaling.exceptions.ValidationException):
        scaling.register_scalable_target(**COPIES, MinCapacity=1)
    wrong = COPIES | {"ResourceId": "endpoint/answers/variant/all"}
    with pytest.raises(scaling.exceptions.ValidationException):
        scaling.register_scalable_target(**wrong, MinCapacity=1, MaxCapacity=2)
