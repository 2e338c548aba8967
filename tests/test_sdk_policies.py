"""What roles need, held against the policies that AWS's own SDK writes for them.

The SDK's policies serve everybody who uses it; ours are for one job. What it grants beyond our
needs stands here with the reason, and so does what we ask for beyond it.
"""

import ast
from functools import cache
from importlib.metadata import PackageNotFoundError, files
from pathlib import Path
from typing import Any

import pytest
from msgspec.structs import replace

from mlguard.iam.language.wildcard import action_matches, covers
from mlguard.iam.suggestion.need import Need
from mlguard.resources.hosting import Container
from mlguard.workload import Needs, needs_of_model, needs_of_processing, needs_of_training
from tests.builders.hosting import endpoint_config, model
from tests.builders.jobs import IMAGE, processing_job, training_job, training_spec

PACKAGE = "sagemaker-core"
SOURCE = "sagemaker/core/helper/iam_policies.py"
NAME = "IAM_POLICY_CONFIG"

# Everything that a job may have, so that whatever is missing is missing on purpose.
TRAINING = training_job(
    spec=training_spec(
        volume_kms_key_id="1234abcd", output_kms_key_id="1234abcd", subnets=("subnet-1",)
    )
)
PROCESSING = processing_job(subnets=("subnet-1",))
FOLDER = Container(image=IMAGE, model_data_url="s3://breeds/models/", environment={})
MODEL = model(containers=(FOLDER,), subnets=("subnet-1",))
SERVING = needs_of_model(MODEL, endpoint_config(kms_key_id="1234abcd"))
OURS = {"training": needs_of_training(TRAINING), "serving": SERVING}

_FINE_TUNING = "only jobs that fine-tune a model of a hub, which no job of ours says of itself"
_EVALUATION = "the SDK evaluates models in a pipeline that runs under the role of the training job"
_TRACKING = "what the job's own code reports to MLflow, nobody can read off the job"
# By role type: patterns of actions that the SDK grants, and why a job does without.
NOT_NEEDED: dict[str, dict[str, str]] = {
    "training": {
        "s3:GetBucketLocation": "the developer guide's policy for CreateTrainingJob is without it",
        "sagemaker:*Hub*": _FINE_TUNING,
        "sagemaker:*ModelPackage*": _FINE_TUNING,
        "lambda:InvokeFunction": "only jobs whose reward function is a Lambda function",
        "sagemaker-mlflow:*": _TRACKING,
        "sagemaker:DescribeMlflow*": _TRACKING,
        "sagemaker:*Action*": _EVALUATION,
        "sagemaker:*Artifact*": _EVALUATION,
        "sagemaker:*Association*": _EVALUATION,
        "sagemaker:*Context": _EVALUATION,
        "sagemaker:*TrainingJob": _EVALUATION,
        "sagemaker:AddTags": _EVALUATION,
    },
    "serving": {
        "sagemaker:AccessModelPackage": "only models that are made from a model package",
    },
}
# By role type: what AWS's documents ask for and the SDK's policy lacks.
NOT_THERE: dict[str, dict[str, str]] = {
    "training": {"kms:CreateGrant": "CreateTrainingJob API: a key for the job's volumes"},
    "serving": {
        "cloudwatch:PutMetricData": "CreateModel API: an endpoint writes metrics",
        "logs:DescribeLogStreams": "CreateModel API: beside PutLogEvents",
        "ec2:*": "CreateModel API: with a private VPC",
        "kms:CreateGrant": "CreateEndpointConfig API: a key for the endpoint's volumes",
    },
}
TYPES = sorted(OURS)


@cache
def granted(role_type: str) -> dict[str, set[str]]:
    """Return the actions that the SDK grants a role type, each with its resources.

    The module is read and not imported: it would bring half of the scientific stack.
    """
    policies = _config()[role_type]["policies"].values()
    found: dict[str, set[str]] = {}
    for statement in (one for policy in policies for one in policy["Statement"]):
        assert statement["Effect"] == "Allow"
        for action in _listed(statement["Action"]):
            found.setdefault(action, set()).update(_listed(statement["Resource"]))
    return found


def _config() -> dict[str, Any]:
    try:
        listed = files(PACKAGE) or []
    except PackageNotFoundError:
        pytest.skip(f"{PACKAGE} is not installed: pip install --no-deps {PACKAGE}")
    (source,) = (Path(str(one.locate())) for one in listed if one.as_posix() == SOURCE)
    for node in ast.parse(source.read_text("utf-8")).body:
        if isinstance(node, ast.Assign) and ast.unparse(node.targets[0]) == NAME:
            found: dict[str, Any] = ast.literal_eval(node.value)
            return found
    raise AssertionError(f"{SOURCE} has no {NAME}")


def _listed(value: str | list[str]) -> list[str]:
    return [value] if isinstance(value, str) else value


def named(needs: Needs) -> set[str]:
    return {need.action for need in needs.needs}


def is_about(patterns: dict[str, str], action: str) -> bool:
    return any(action_matches(pattern, action) for pattern in patterns)


def within(need: Need, resources: set[str]) -> bool:
    """Return whether one of the resources, if it is not the caller's own, has all of the need."""
    return any(one.endswith("_PLACEHOLDER") or covers(one, need.resource) for one in resources)


@pytest.mark.parametrize("role_type", TYPES)
def test_what_the_sdk_grants_is_needed_or_there_is_a_reason(role_type: str) -> None:
    beyond = granted(role_type).keys() - named(OURS[role_type])
    assert {action for action in beyond if not is_about(NOT_NEEDED[role_type], action)} == set()


@pytest.mark.parametrize("role_type", TYPES)
def test_what_we_ask_for_the_sdk_grants_or_there_is_a_reason(role_type: str) -> None:
    beyond = named(OURS[role_type]) - granted(role_type).keys()
    assert {action for action in beyond if not is_about(NOT_THERE[role_type], action)} == set()


@pytest.mark.parametrize("role_type", TYPES)
def test_no_reason_outlives_what_it_explains(role_type: str) -> None:
    needed, theirs = named(OURS[role_type]), granted(role_type).keys()
    for reasons, explained in (
        (NOT_NEEDED[role_type], theirs - needed),
        (NOT_THERE[role_type], needed - theirs),
    ):
        for pattern in reasons:
            assert any(action_matches(pattern, action) for action in explained), pattern


@pytest.mark.parametrize("role_type", TYPES)
def test_no_need_reaches_further_than_the_sdk_lets_it(role_type: str) -> None:
    theirs = granted(role_type)
    shared = [need for need in OURS[role_type].needs if need.action in theirs]
    assert shared
    assert [need for need in shared if not within(need, theirs[need.action])] == []


def test_a_processing_job_asks_for_nothing_that_a_training_job_of_the_sdk_lacks() -> None:
    # The SDK has no role of its own for processing jobs.
    assert named(needs_of_processing(PROCESSING)) <= granted("training").keys()


def test_a_job_without_keys_and_network_asks_for_neither() -> None:
    bare = replace(TRAINING.spec, volume_kms_key_id=None, output_kms_key_id=None, subnets=())
    services = {
        action.partition(":")[0] for action in named(needs_of_training(training_job(spec=bare)))
    }
    assert services == {"cloudwatch", "ecr", "logs", "s3"}
