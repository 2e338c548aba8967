"""What findings on machines would save a month, and how sure they are."""

from decimal import Decimal

from mlguard.auditor import audit
from mlguard.check import Check, Confidence
from mlguard.checks.endpoints import endpoint_idle, endpoint_instance_type
from mlguard.checks.instances import instance_too_small_to_train, instance_type_outside_policy
from mlguard.checks.jobs import job_illegal_instance_type, job_not_distributed
from mlguard.checks.notebooks import notebook_instance_type, notebook_left_running
from mlguard.report import Finding
from mlguard.resources.capacity import InstanceGroup, InstancePool, Instances
from mlguard.resources.kinds import AnyResource
from tests.builders.account import days_ago, snapshot
from tests.builders.ec2 import deep_learning_image, instance
from tests.builders.hosting import endpoint, endpoint_config, invocations, running, variant
from tests.builders.jobs import training_job, training_spec
from tests.builders.notebooks import notebook


def found(check: Check, *resources: AnyResource) -> tuple[Finding, ...]:
    return audit(snapshot(*resources), [check]).findings


def saved(check: Check, *resources: AnyResource) -> Decimal | None:
    (finding,) = found(check, *resources)
    return finding.monthly_usd


def test_a_notebook_saves_the_difference_to_the_cheapest_allowed_type() -> None:
    # ml.m5.xlarge 0.23 an hour, ml.t2.medium 0.0464, 730 hours.
    large = notebook(instance_type="ml.m5.xlarge")
    assert saved(notebook_instance_type, large) == Decimal("167.90") - Decimal("33.87")


def test_a_stopped_notebook_saves_nothing_that_is_known() -> None:
    stopped = notebook(instance_type="ml.m5.xlarge", status="Stopped")
    assert saved(notebook_instance_type, stopped) is None


def test_an_unknown_price_is_none_and_never_zero() -> None:
    assert saved(notebook_instance_type, notebook(instance_type="ml.z99.huge")) is None


def test_a_price_of_another_region_is_never_borrowed() -> None:
    far = notebook(instance_type="ml.m5.xlarge", region="xx-nowhere-1")
    assert saved(notebook_instance_type, far) is None


def test_a_notebook_left_running_saves_its_whole_price() -> None:
    running_on = notebook(last_modified_at=days_ago(2))
    assert saved(notebook_left_running, running_on) == Decimal("33.872")


def test_an_idle_endpoint_saves_every_instance_that_runs() -> None:
    idle = (endpoint(variants=(running(count=3),)), endpoint_config(), invocations())
    assert saved(endpoint_idle, *idle) == Decimal("122.64")


def test_an_idle_endpoint_counts_shadow_variants_too() -> None:
    config = endpoint_config(shadow_variants=(variant("ml.m5.large", 2, name="next"),))
    total = Decimal("40.88") + Decimal("167.90")
    assert saved(endpoint_idle, endpoint(), config, invocations()) == total


def test_an_idle_endpoint_with_one_unknown_price_has_no_saving() -> None:
    config = endpoint_config(shadow_variants=(variant("ml.z99.huge", name="next"),))
    assert saved(endpoint_idle, endpoint(), config, invocations()) is None


def test_an_idle_endpoint_whose_configuration_was_deleted_has_no_saving() -> None:
    assert saved(endpoint_idle, endpoint(), invocations()) is None


def test_an_endpoint_saves_for_as_many_instances_as_run_now() -> None:
    now = endpoint(variants=(running(count=3),))
    each = Decimal("83.95") - Decimal("40.88")
    assert saved(endpoint_instance_type, now, endpoint_config(variant("ml.m5.large"))) == each * 3


def test_nobody_knows_which_type_of_a_pool_runs() -> None:
    pool = InstancePool(
        types=(
            InstanceGroup(instance_type="ml.t2.medium"),
            InstanceGroup(instance_type="ml.m5.large"),
        ),
        count=1,
    )
    config = endpoint_config(variant(capacity=pool))
    assert saved(endpoint_instance_type, endpoint(), config) is None


def test_two_variants_make_two_findings_that_stay_apart() -> None:
    config = endpoint_config(variant("ml.m5.large"), variant("ml.m5.large", name="Challenger"))
    first, second = found(endpoint_instance_type, endpoint(), config)
    assert first.fingerprint != second.fingerprint


def test_a_variant_keeps_its_fingerprint_when_it_moves_in_the_list() -> None:
    large = variant("ml.m5.large", name="Challenger")
    (before,) = found(endpoint_instance_type, endpoint(), endpoint_config(variant(), large))
    (after,) = found(endpoint_instance_type, endpoint(), endpoint_config(large, variant()))
    assert before.at != after.at
    assert before.fingerprint == after.fingerprint


def test_an_instance_saves_the_difference_to_the_policy() -> None:
    large = instance(instance_type="m5.large")
    assert saved(instance_type_outside_policy, large) == Decimal("70.08") - Decimal("8.47")


def test_a_spot_instance_has_no_known_price() -> None:
    assert (
        saved(instance_type_outside_policy, instance(instance_type="m5.large", spot=True)) is None
    )


def test_a_missing_gpu_is_less_sure_than_missing_memory() -> None:
    (small,) = found(instance_too_small_to_train, instance(), deep_learning_image())
    middling = instance(instance_type="m5.xlarge")
    (without,) = found(instance_too_small_to_train, middling, deep_learning_image())
    assert small.confidence is Confidence.HIGH
    assert without.confidence is Confidence.MEDIUM


def test_a_type_that_may_be_newer_than_the_data_is_unsure() -> None:
    (unknown,) = found(job_illegal_instance_type, notebook(instance_type="ml.z99.huge"))
    (foreign,) = found(job_illegal_instance_type, notebook(instance_type="t2.micro"))
    assert unknown.confidence is Confidence.LOW
    assert foreign.confidence is Confidence.HIGH


def test_a_script_may_join_its_hosts_by_itself_and_an_algorithm_more_likely() -> None:
    two = Instances(instance_type="ml.t3.medium", count=2)
    xgboost = "683313688378.dkr.ecr.us-east-1.amazonaws.com/sagemaker-xgboost:1.7-1"
    script = training_spec(capacity=two)
    algorithm = training_spec(capacity=two, image=xgboost, hyperparameters={})
    (unsure,) = found(job_not_distributed, training_job(spec=script))
    (guess,) = found(job_not_distributed, training_job(spec=algorithm))
    assert unsure.confidence is Confidence.MEDIUM
    assert guess.confidence is Confidence.LOW


def test_calls_of_an_asynchronous_endpoint_may_be_counted_elsewhere() -> None:
    (plain,) = found(endpoint_idle, endpoint(), endpoint_config(), invocations())
    queued = endpoint_config(asynchronous=True)
    (unsure,) = found(endpoint_idle, endpoint(), queued, invocations())
    assert plain.confidence is Confidence.HIGH
    assert unsure.confidence is Confidence.MEDIUM
