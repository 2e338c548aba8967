"""The paths and role operations: nothing unclassified, nothing unknown, nothing twice."""

import json
from importlib.resources import files

import botocore.session
import pytest
from botocore.model import ListShape, MapShape, Shape, StructureShape

from mlguard.data.escalation_paths import (
    Category,
    On,
    Use,
    escalation_paths,
    listed_paths,
    resources_of,
    role_operations,
)
from mlguard.iam.language.actions import actions

ROLE = "RoleArn"
UNSTATED = ("inferred", "inferred-unverified")


def roles_in(shape: Shape, path: str, seen: frozenset[str]) -> list[str]:
    """Return where a shape takes the ARN of a role."""
    if shape.name in seen:
        return []
    seen |= {shape.name}
    if isinstance(shape, StructureShape):
        parts = shape.members.items()
        return [
            found
            for name, member in parts
            for found in roles_in(member, f"{path}.{name}".lstrip("."), seen)
        ]
    if isinstance(shape, ListShape):
        return roles_in(shape.member, f"{path}.[]", seen)
    if isinstance(shape, MapShape):
        return roles_in(shape.value, f"{path}.{{}}", seen)
    return [path] if shape.name == ROLE else []


def test_every_sagemaker_operation_that_takes_a_role_is_classified() -> None:
    model = botocore.session.Session().get_service_model("sagemaker")
    taken = {}
    for name in model.operation_names:
        given = model.operation_model(name).input_shape
        found = roles_in(given, "", frozenset()) if given else []
        if found:
            taken[name] = sorted(found)
    assert {one.operation: sorted(one.role_in) for one in role_operations()} == taken


@pytest.mark.parametrize("one", role_operations(), ids=lambda one: one.operation)
def test_what_runs_code_is_a_path_and_nothing_else_is(one) -> None:  # type: ignore[no-untyped-def]  # noqa: ANN001
    assert bool(one.paths) is (one.use is Use.RUNS_CODE)
    assert one.source.startswith("https://docs.aws.amazon.com/sagemaker/")
    searched = {path.id: path.actions for path in escalation_paths()}
    for path in one.paths:
        assert set(searched[path.id]) == set(path.actions)
        assert f"sagemaker:{one.operation}" in path.actions


def test_no_path_is_there_twice() -> None:
    ids = [path.id for path in escalation_paths()]
    assert len(ids) == len(set(ids))


def test_an_obsolete_path_is_kept_but_not_searched() -> None:
    obsolete = {path.id for path in listed_paths() if path.obsolete}
    assert obsolete == {"x-codestar-createproject"}
    assert obsolete.isdisjoint(path.id for path in escalation_paths())


@pytest.mark.parametrize("path", escalation_paths(), ids=lambda path: path.id)
def test_each_path_is_whole(path) -> None:  # type: ignore[no-untyped-def]  # noqa: ANN001
    assert all(map(actions().known, path.actions))
    assert path.references
    passed, hosted = path.on(On.PASSED_ROLE), path.on(On.HOST)
    assert bool(path.services) is bool(passed or hosted or path.document)
    assert bool(path.host) is bool(hosted or path.document)
    if path.category is Category.NEW_PASSROLE:
        assert passed == ("iam:PassRole",)
    for action in path.actions:
        assert bool(resources_of(action)) is actions().takes_resource(action)
        assert all(text.startswith("arn:{partition}:") for text in resources_of(action))


def test_service_principals_that_nobody_documents_are_marked() -> None:
    data = files("mlguard.data")
    rows = json.loads(data.joinpath("escalation_paths.json").read_text())["paths"]
    marked = {row["id"] for row in rows if row.get("services_are") == "inferred-unverified"}
    # CodeStar is no more.
    assert marked == {"x-codestar-createproject"}
    taking = json.loads(data.joinpath("role_operations.json").read_text())["operations"]
    marked = {row["operation"] for row in taking if row.get("services_are") in UNSTATED}
    # CloudFormation assumes the role, says its reference, but it is passed to SageMaker.
    assert marked == {"CreateProject"}
    assert all(
        path.inferred for one in role_operations() for path in one.paths if one.operation in marked
    )
