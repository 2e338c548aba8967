"""What if it were another machine: what changes, what stays, and what AWS would not take."""

import pytest
from msgspec.structs import replace

from mlguard.cost.what_if import what_if
from mlguard.cost.wish import parse
from mlguard.errors import ConfigError
from mlguard.resources.capacity import Instances, Serverless
from mlguard.resources.functions import Function, FunctionVersion, ProvisionedConcurrency
from mlguard.resources.hosting import Endpoint, EndpointConfig
from mlguard.resources.instances import Instance
from mlguard.resources.jobs import TrainingJob
from mlguard.resources.notebooks import NotebookInstance
from mlguard.snapshot import Snapshot
from tests.builders.account import arn, snapshot
from tests.builders.ec2 import instance
from tests.builders.functions import function, provisioned
from tests.builders.hosting import endpoint, endpoint_config, running, variant
from tests.builders.jobs import training_job
from tests.builders.notebooks import notebook

SERVERLESS = Serverless(memory_mb=2048, max_concurrency=5)


def asked(before: Snapshot, *texts: str) -> Snapshot:
    return what_if(before, [parse(text) for text in texts])


def machines(of: Snapshot, name: str) -> list[object]:
    (found,) = [config for config in of.of(EndpointConfig) if config.name == name]
    return [one.capacity for one in (*found.variants, *found.shadow_variants)]


def test_every_variant_of_every_endpoint_gets_the_type_and_keeps_its_count() -> None:
    config = endpoint_config(variant(count=3), shadow_variants=(variant(name="next"),))
    before = snapshot(endpoint(variants=(running(count=3),)), config)
    after = asked(before, "endpoint=ml.m5.large")
    assert machines(after, "breeds-1") == [
        Instances(instance_type="ml.m5.large", count=3),
        Instances(instance_type="ml.m5.large", count=1),
    ]
    assert after.of(Endpoint)[0].variants[0].current_count == 3


def test_the_snapshot_that_was_given_stays_as_it_was() -> None:
    before = snapshot(notebook(), endpoint(), endpoint_config())
    text = before.to_json()
    asked(before, "endpoint=2xml.m5.large", "notebook=ml.t3.medium")
    assert before.to_json() == text


def test_a_count_changes_what_is_configured_and_what_runs() -> None:
    after = asked(snapshot(endpoint(), endpoint_config()), "breeds=2xml.m5.large")
    assert machines(after, "breeds-1") == [Instances(instance_type="ml.m5.large", count=2)]
    assert after.of(Endpoint)[0].variants[0].current_count == 2
    alone = asked(snapshot(endpoint(), endpoint_config()), "breeds=4x")
    assert machines(alone, "breeds-1") == [Instances(instance_type="ml.t2.medium", count=4)]


def test_an_endpoint_that_shares_its_configuration_gets_one_of_its_own() -> None:
    other = endpoint(name="cats", arn=arn("sagemaker", "endpoint/cats"))
    after = asked(snapshot(endpoint(), other, endpoint_config()), "cats=ml.m5.large")
    by_name = {one.name: one.config_name for one in after.of(Endpoint)}
    assert by_name == {"breeds": "breeds-1", "cats": "breeds-1-what-if"}
    assert machines(after, "breeds-1") == [Instances(instance_type="ml.t2.medium", count=1)]
    assert machines(after, "breeds-1-what-if") == [Instances(instance_type="ml.m5.large", count=1)]


def test_endpoints_that_share_a_configuration_and_are_all_meant_go_on_sharing() -> None:
    other = endpoint(name="cats", arn=arn("sagemaker", "endpoint/cats"))
    after = asked(snapshot(endpoint(), other, endpoint_config()), "endpoint=ml.m5.large")
    assert machines(after, "breeds-1") == [Instances(instance_type="ml.m5.large", count=1)]
    assert len(after.of(EndpointConfig)) == 1


def test_a_serverless_endpoint_may_get_memory_or_machines() -> None:
    config = endpoint_config(variant(capacity=SERVERLESS))
    before = snapshot(endpoint(variants=(running(count=None),)), config)
    assert machines(asked(before, "breeds=4096MB"), "breeds-1") == [
        replace(SERVERLESS, memory_mb=4096)
    ]
    after = asked(before, "breeds=ml.m5.large")
    assert machines(after, "breeds-1") == [Instances(instance_type="ml.m5.large", count=1)]
    assert after.of(Endpoint)[0].variants[0].current_count == 1


def test_notebooks_instances_and_jobs_get_the_type() -> None:
    before = snapshot(notebook(), instance(), training_job())
    after = asked(before, "notebook=ml.m5.xlarge", "instance=m5.large", "training=2xml.m5.xlarge")
    assert after.of(NotebookInstance)[0].instance_type == "ml.m5.xlarge"
    assert after.of(Instance)[0].instance_type == "m5.large"
    assert after.of(TrainingJob)[0].spec.capacity == Instances(
        instance_type="ml.m5.xlarge", count=2
    )


def test_a_function_gets_memory_and_provisioned_concurrency() -> None:
    before = snapshot(function(), provisioned())
    after = asked(before, f"{function().name}=1024MB,provisioned:3")
    assert after.of(Function)[0].memory_mb == 1024
    (ready,) = after.of(ProvisionedConcurrency)
    assert (ready.requested, ready.allocated) == (3, 3)
    assert asked(before, "function=provisioned:0").of(ProvisionedConcurrency) == ()
    (new,) = asked(snapshot(function()), "function=provisioned:2").of(ProvisionedConcurrency)
    assert (new.requested, new.function_arn) == (2, function().arn)
    assert all(one.memory_mb == 1024 for one in after.of(FunctionVersion))


def test_a_function_and_an_endpoint_of_one_name_are_told_apart_by_what_is_asked() -> None:
    both = snapshot(endpoint(), endpoint_config(), function(name="breeds"))
    assert asked(both, "breeds=ml.m5.large").of(Function)[0].memory_mb == function().memory_mb
    assert asked(both, "breeds=1024MB").of(Function)[0].memory_mb == 1024


def test_the_last_wish_holds() -> None:
    after = asked(snapshot(notebook()), "notebook=ml.m5.xlarge", "breeds=ml.t3.medium")
    assert after.of(NotebookInstance)[0].instance_type == "ml.t3.medium"


@pytest.mark.parametrize(
    ("text", "parts"),
    [
        ("endpoint=ml.t3.medium", ("takes no ml.t3.medium for an endpoint", "ml.t2.medium")),
        ("training=ml.t2.medium", ("takes no ml.t2.medium for a training job", "ml.t3.medium")),
        ("notebook=m5.xlarge", ("for a notebook", "did you mean ml.m5.xlarge?")),
        ("notebook=ml.m5.large", ("for a notebook", "did you mean ml.")),
        ("instance=ml.m5.large", ("for an instance", "did you mean m5.large?")),
        ("notebook=2xml.m5.large", ("one machine",)),
        ("endpoint=0xml.m5.large", ("no machine",)),
        ("endpoint=1024MB", ("not serverless",)),
        ("notebook=1024MB", ("instance type",)),
        ("function=127MB", ("a function has from 128MB to 10240MB",)),
        ("function=10241MB", ("a function has from 128MB to 10240MB",)),
        ("endpoint=1500MB", ("a serverless variant has one of 1024MB, 2048MB",)),
        ("training=provisioned:1", ("instance type",)),
        ("function=ml.m5.large", ("no machines",)),
        ("function=0MB", ("from 128MB to 10240MB",)),
        ("transform=ml.m5.large", ("the source has no TransformJob",)),
        ("cats=ml.m5.large", ("nothing is called 'cats'", "breeds")),
        ("endpoint", ("write NAME=TYPE",)),
        ("endpoint=", ("write NAME=TYPE",)),
        ("=ml.m5.large", ("write NAME=TYPE",)),
        ("endpoint=large", ("write NAME=TYPE",)),
        ("endpoint=ml.m5.large,ml.m5.xlarge", ("write NAME=TYPE",)),
    ],
)
def test_what_cannot_be_is_refused_with_what_could(text: str, parts: tuple[str, ...]) -> None:
    there = snapshot(
        endpoint(),
        endpoint_config(),
        notebook(),
        instance(),
        training_job(),
        function(name="score"),
    )
    with pytest.raises(ConfigError) as caught:
        asked(there, text)
    assert str(caught.value).startswith(f"--what-if {text}: ")
    assert "\n" not in str(caught.value)
    for part in parts:
        assert part in str(caught.value)


def test_an_endpoint_without_a_configuration_cannot_be_changed() -> None:
    with pytest.raises(ConfigError, match="configuration of breeds was not read"):
        asked(snapshot(endpoint()), "endpoint=ml.m5.large")
