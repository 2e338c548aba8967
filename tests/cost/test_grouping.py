from collections.abc import Sequence
from decimal import Decimal
from itertools import permutations

import pytest
from msgspec.structs import replace

from mlguard.cost.bill import Bill
from mlguard.cost.estimate import Estimate, Line, unknown
from mlguard.cost.grouping import NOBODY, UNREAD, Basis, Group, by_owner, by_pipeline, tagged
from mlguard.cost.span import Span
from mlguard.resources.base import Resource
from mlguard.resources.hosting import Container
from mlguard.resources.kinds import AnyResource
from mlguard.resources.tags import TagSet
from mlguard.snapshot import Inventory, Snapshot
from tests.builders.account import NOW, arn, gap, snapshot
from tests.builders.ec2 import instance, volume
from tests.builders.functions import environment, function, provisioned
from tests.builders.hosting import endpoint, endpoint_config, model
from tests.builders.jobs import training_job, training_spec, transform_job, tuning_job
from tests.builders.notebooks import notebook

PIPELINE_ROLE = notebook().role_arn


def estimate(resource: Resource, usd: str = "1", currency: str = "USD") -> Estimate:
    amount = Span(Decimal(0), Decimal(usd), Decimal(usd) * 2)
    return Estimate.of(resource, (Line(what="it", monthly=amount, currency=currency),))


def bill(estimates: Sequence[Estimate]) -> Bill:
    return Bill(estimates=tuple(estimates), as_of=NOW.date())


def grouped(*resources: AnyResource, priced: Sequence[Resource] = ()) -> tuple[Group, ...]:
    paid = [estimate(one) for one in priced or resources]
    groups = by_pipeline(Inventory(snapshot(*resources)), bill(paid))
    assert sorted(one.arn for group in groups for one in group.estimates) == sorted(
        one.arn for one in paid
    )
    return groups


def told(groups: Sequence[Group]) -> set[tuple[str, Basis, tuple[str, ...]]]:
    return {
        (group.name, group.basis, tuple(sorted(one.kind for one in group.estimates)))
        for group in groups
    }


JOB = training_job(spec=training_spec(role_arn=PIPELINE_ROLE))
MODEL = model(
    containers=(
        Container(
            image="image",
            model_data_url="s3://breeds/models/breeds-1/output/model.tar.gz",
            environment={},
        ),
    )
)
CHAIN: tuple[AnyResource, ...] = (
    notebook(),
    JOB,
    MODEL,
    endpoint_config(),
    endpoint(name="served"),
    environment(ENDPOINT="served"),
    function(),
    provisioned(),
)
PRICED = tuple(
    one
    for one in CHAIN
    if type(one).__name__ not in ("Model", "EndpointConfig", "FunctionEnvironment")
)


def test_from_the_notebook_to_the_function_is_one_pipeline() -> None:
    kinds = ("Endpoint", "Function", "NotebookInstance", "ProvisionedConcurrency", "TrainingJob")
    assert told(grouped(*CHAIN, priced=PRICED)) == {("served", Basis.GRAPH, kinds)}


@pytest.mark.parametrize("missing", [MODEL, endpoint_config(), environment(ENDPOINT="served")])
def test_what_holds_it_together_may_cost_nothing_and_is_still_needed(
    missing: AnyResource,
) -> None:
    left = [one for one in CHAIN if type(one) is not type(missing)]
    assert len(grouped(*left, priced=PRICED)) == 2


def test_one_tag_names_all_that_hangs_together() -> None:
    chain = [replace(one, tags={"Project": "dogs"}) if one == function() else one for one in CHAIN]
    ((name, basis, kinds),) = told(grouped(*chain, priced=PRICED))
    assert (name, basis, len(kinds)) == ("dogs", Basis.TAG, 5)


def test_tags_part_what_a_shared_role_would_join() -> None:
    dogs = replace(notebook(), tags={"project": "dogs"})
    cats = replace(JOB, tags={"project": "cats"})
    assert told(grouped(dogs, cats)) == {
        ("dogs", Basis.TAG, ("NotebookInstance",)),
        ("cats", Basis.TAG, ("TrainingJob",)),
    }


def test_a_tag_joins_what_nothing_else_does() -> None:
    machine = replace(instance(), tags={"project": "dogs"})
    called = replace(function(), tags={"project": "dogs"})
    assert told(grouped(machine, called)) == {("dogs", Basis.TAG, ("Function", "Instance"))}


@pytest.mark.parametrize(
    ("one", "other"),
    [
        (tuning_job(), training_job(tuning_job_arn=tuning_job().arn)),
        (instance(), volume()),
        (function(), provisioned()),
        (endpoint(config_name=None), function()),
    ],
)
def test_by_arn_or_not_at_all(one: AnyResource, other: AnyResource) -> None:
    together = len(grouped(one, other)) == 1
    assert together == (one != endpoint(config_name=None))


def test_a_transform_job_belongs_to_its_model() -> None:
    groups = grouped(MODEL, transform_job(), JOB, priced=(transform_job(), JOB))
    assert told(groups) == {("breeds", Basis.GRAPH, ("TrainingJob", "TransformJob"))}


@pytest.mark.parametrize(
    "url",
    [
        "s3://breeds/models/breeds-10/output/model.tar.gz",
        "s3://breeds/other/breeds-1/output/model.tar.gz",
        "s3://elsewhere/models/breeds-1/output/model.tar.gz",
    ],
)
def test_a_model_of_another_file_is_not_the_job_s(url: str) -> None:
    other = replace(MODEL, containers=(replace(MODEL.containers[0], model_data_url=url),))
    groups = grouped(other, transform_job(), JOB, priced=(transform_job(), JOB))
    assert len(groups) == 2


def test_names_join_nothing_across_regions() -> None:
    abroad = replace(
        endpoint(), region="eu-west-1", arn=arn("sagemaker", "endpoint/breeds", region="eu-west-1")
    )
    groups = grouped(endpoint_config(), abroad, function(), environment(ENDPOINT="breeds"))
    assert {group.basis for group in groups} == {Basis.ALONE}


def test_what_stands_alone_is_called_by_its_own_name() -> None:
    assert told(grouped(notebook(), function())) == {
        ("breeds", Basis.ALONE, ("NotebookInstance",)),
        ("predict", Basis.ALONE, ("Function",)),
    }


def test_the_order_in_which_resources_are_read_changes_nothing() -> None:
    tags = {"project": "dogs"}
    few: tuple[AnyResource, ...] = (
        notebook(),
        JOB,
        replace(MODEL, tags=tags),
        transform_job(tags={"project": "cats"}),
    )
    found = set()
    for order in permutations(few):
        inventory = Inventory(replace(snapshot(), resources=order))
        paid = [estimate(one) for one in order if one != few[2]]
        found.add(frozenset(told(by_pipeline(inventory, bill(paid)))))
    assert found == {
        frozenset(
            {
                ("dogs", Basis.TAG, ("NotebookInstance", "TrainingJob")),
                ("cats", Basis.TAG, ("TransformJob",)),
            }
        )
    }


def test_groups_add_up_to_the_bill_in_each_currency_and_say_what_is_unknown() -> None:
    lines = (*estimate(function(), "0.5").lines, unknown("storage", "no price"))
    paid = [
        *(estimate(one, str(index + 1)) for index, one in enumerate(PRICED[:3])),
        Estimate.of(function(), lines),
        estimate(instance(tags={"Owner": "ada"}), "7", currency="CNY"),
    ]
    whole = bill(paid)
    inventory = Inventory(snapshot(*CHAIN, instance()))
    for groups in (by_pipeline(inventory, whole), by_owner(inventory, whole)):
        assert Span.total(group.monthly_usd for group in groups) == whole.monthly_usd
        assert Span.total(group.known("CNY") for group in groups) == whole.currencies["CNY"]
        assert sum(group.unknown for group in groups) == len(whole.unknown) == 1
        expected = [group.monthly_usd.expected for group in groups]
        assert expected == sorted(expected, reverse=True)


def test_owners_are_those_of_the_tag_and_nobody() -> None:
    paid = [
        estimate(notebook(tags={"owner": "ada"})),
        estimate(function(tags={"Owner": "ada"})),
        estimate(instance(tags={"Owner": " "})),
        estimate(endpoint()),
    ]
    inventory = Inventory(snapshot())
    assert told(by_owner(inventory, bill(paid))) == {
        ("ada", Basis.TAG, ("Function", "NotebookInstance")),
        (NOBODY, Basis.UNTAGGED, ("Endpoint", "Instance")),
    }
    other = by_owner(inventory, bill(paid), tag_keys=("team",))
    assert {group.name for group in other} == {NOBODY}


def tag_set(of: Resource, **tags: str) -> TagSet:
    return TagSet(arn=of.arn, account=of.account, region=of.region, name=of.name, tags=tags)


def test_tags_of_sagemaker_stand_apart_and_count_as_well() -> None:
    told_apart = (tag_set(endpoint(), owner="ada", project="dogs"),)
    inventory = Inventory(snapshot(endpoint(), *told_apart))
    paid = bill([estimate(endpoint())])
    assert told(by_owner(inventory, paid)) == {("ada", Basis.TAG, ("Endpoint",))}
    assert told(by_pipeline(inventory, paid)) == {("dogs", Basis.TAG, ("Endpoint",))}


@pytest.mark.parametrize(
    "unread",
    [
        snapshot(gaps=(gap("TagSet"),)),
        snapshot(gaps=(gap("TagSet", subject=endpoint().arn),)),
        snapshot(covers=("Endpoint",)),
    ],
)
def test_what_may_have_a_tag_that_was_not_read_is_nobody_s_for_that_reason(
    unread: Snapshot,
) -> None:
    paid = bill([estimate(endpoint()), estimate(function())])
    assert told(by_owner(Inventory(unread), paid)) == {
        (UNREAD, Basis.UNREAD, ("Endpoint",)),
        (NOBODY, Basis.UNTAGGED, ("Function",)),
    }


def test_of_several_keys_the_first_counts_in_either_case() -> None:
    tags = {"Project": "b", "mlguard:Pipeline": "a"}
    assert tagged(tags, ("mlguard:pipeline", "project")) == "a"
    assert tagged(tags, ("project",)) == "b"
    assert tagged(tags, ("owner",)) is None
