"""What findings on machines would save a month, and how sure they are."""

from decimal import Decimal

from msgspec.structs import replace

from mlguard.auditor import audit
from mlguard.check import Check, Confidence
from mlguard.checks.endpoint_costs import endpoint_dearer_than_serverless
from mlguard.checks.endpoints import endpoint_idle, endpoint_instance_type
from mlguard.checks.instances import instance_too_small_to_train, instance_type_outside_policy
from mlguard.checks.jobs import job_illegal_instance_type, job_not_distributed
from mlguard.checks.notebooks import notebook_instance_type, notebook_left_running
from mlguard.checks.scaling import scaling_scale_in_disabled
from mlguard.report import Finding
from mlguard.resources.capacity import InstanceGroup, InstancePool, Instances
from mlguard.resources.kinds import AnyResource
from mlguard.resources.metrics import MetricSeries
from tests.builders.account import days_ago, snapshot
from tests.builders.ec2 import deep_learning_image, instance
from tests.builders.hosting import endpoint, endpoint_config, invocations, model, running, variant
from tests.builders.jobs import training_job, training_spec
from tests.builders.notebooks import notebook
from tests.builders.scaling import scalable_target, scaling_policy, step_policy


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


def test_an_idle_endpoint_saves_its_storage_too() -> None:
    config = endpoint_config(variant(volume_size_gb=50))
    assert saved(endpoint_idle, endpoint(), config, invocations()) == Decimal("47.88")


def test_an_idle_endpoint_saves_what_its_scaling_keeps_at_least() -> None:
    scaled = (scalable_target(min_capacity=2), scaling_policy())
    now = endpoint(variants=(running(count=3),))
    steady = endpoint_config(variant("ml.m5.large"))
    assert saved(endpoint_idle, now, steady, invocations(), *scaled) == Decimal("167.90")
    # What is burstable is not scaled: all three go on.
    burst = endpoint_config()
    assert saved(endpoint_idle, now, burst, invocations(), *scaled) == Decimal("122.64")


def test_no_saving_is_more_than_what_the_endpoint_is_expected_to_cost() -> None:
    # Three run now, one is expected by the traffic: two hosts less are no reason to save more.
    scaled = (scalable_target(), scaling_policy(), invocations(*[1.0] * 14))
    now = (endpoint(variants=(running(count=3),)), endpoint_config(variant("ml.m5.4xlarge")))
    assert saved(endpoint_instance_type, *now, *scaled) == Decimal("673.06")


def test_an_endpoint_saves_what_serverless_costs_less() -> None:
    traffic = (invocations(*[10_000.0] * 14), latency(985_000.0))
    here = (endpoint(), endpoint_config(), model(subnets=()))
    assert saved(endpoint_dearer_than_serverless, *here, *traffic) == Decimal("16.91")


def test_memory_that_nobody_measured_makes_a_saving_less_sure() -> None:
    traffic = (invocations(*[10_000.0] * 14), latency(985_000.0))
    (sure,) = found(
        endpoint_dearer_than_serverless,
        endpoint(),
        endpoint_config(),
        model(subnets=()),
        *traffic,
    )
    (unsure,) = found(
        endpoint_dearer_than_serverless,
        endpoint(),
        endpoint_config(variant("ml.m5.large")),
        model(subnets=()),
        *traffic,
    )
    unread = found(endpoint_dearer_than_serverless, endpoint(), endpoint_config(), *traffic)
    assert sure.confidence is Confidence.MEDIUM
    assert unsure.confidence is Confidence.LOW
    assert [one.confidence for one in unread] == [Confidence.LOW]


def test_a_step_policy_beside_one_that_only_adds_makes_it_less_sure() -> None:
    grows = scaling_policy(scale_in_disabled=True)
    (sure,) = found(scaling_scale_in_disabled, grows)
    (unsure,) = found(scaling_scale_in_disabled, grows, step_policy())
    assert sure.confidence is Confidence.HIGH
    assert unsure.confidence is Confidence.LOW


def latency(microseconds: float) -> MetricSeries:
    return replace(invocations(*[microseconds] * 14), metric="ModelLatency", statistic="Average")


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
