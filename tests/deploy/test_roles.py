"""The roles: what each needs and no more, whom they trust, and what bounds them."""

import json
import re
from argparse import ArgumentParser
from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC, datetime
from functools import cache
from typing import Any, Final

import pytest

from mlguard.advice import advise
from mlguard.iam.comparison.compare import Comparison, compare
from mlguard.iam.language.document import ConditionTest, Document, parse
from mlguard.iam.suggestion.need import Need
from mlguard.iam.suggestion.suggest import suggest
from mlguard.resources.hosting import Endpoint, EndpointConfig, Model
from mlguard.resources.iam import ManagedPolicy, Role
from mlguard.resources.jobs import TrainingJob, TuningJob
from mlguard.resources.notebooks import NotebookInstance
from mlguard.snapshot import Snapshot
from mlguard.sources.pipeline_file import PipelineFile
from mlguard.workload import needs
from tests.deploy.plans import ACCOUNT, KEY, REGION, VARIANTS, config, parameters, planned
from training import launch, tune
from training.job import add_job_options, job
from training.plan import pipeline_file
from training.tune import Search

DATA: Final = f"arn:aws:s3:::dog-breed-data-{ACCOUNT}-{REGION}"
MODELS: Final = f"arn:aws:s3:::dog-breed-models-{ACCOUNT}-{REGION}"
TAKEN: Final = datetime(2026, 11, 2, 9, 0, tzinfo=UTC)
NOTHING: Final = Comparison()


@cache
def snapshot(variant: str) -> Snapshot:
    text = planned(VARIANTS[variant]).to_json().encode()
    return PipelineFile(text, name=variant, taken_at=TAKEN).collect()


def granted(variant: str, purpose: str) -> Document:
    (role,) = (one for one in snapshot(variant).of(Role) if f"-{purpose}-" in one.name)
    (policy,) = role.inline_policies
    assert role.attached_policies == ()
    return parse(policy.document)


def need(action: str, resource: str, *tests: ConditionTest) -> Need:
    return Need(action=action, resource=resource, conditions=tests)


def is_(key: str, *values: str, operator: str = "StringEquals", qualifier: Any = None) -> Any:
    return ConditionTest(operator=operator, key=key, values=values, qualifier=qualifier)


def sagemaker_arn(resource: str) -> str:
    return f"arn:aws:sagemaker:{REGION}:{ACCOUNT}:{resource}"


def started(variant: str) -> tuple[TrainingJob | TuningJob, ...]:
    """Return the jobs that `training.launch` and `training.tune` would start on the pipeline."""
    wanted = VARIANTS[variant]
    key = ("--volume-key", KEY, "--output-key", KEY) if wanted.kms_key else ()
    parser = ArgumentParser()
    add_job_options(parser)
    asked = job(
        parser.parse_args(
            [
                *("--role", f"arn:aws:iam::{ACCOUNT}:role/dog-breed-training-{REGION}"),
                *("--data", f"s3://{DATA[13:]}/", "--bucket", MODELS[13:], "--region", REGION),
                *key,
            ]
        )
    )
    search = Search(lowest_rate=0.1, highest_rate=1, batch_sizes=(32,), max_jobs=2, max_parallel=1)
    found: list[TrainingJob | TuningJob] = []
    for steps in (launch.steps(asked), tune.steps(asked, search)):
        text = pipeline_file(steps, account=ACCOUNT, region=REGION).encode()
        made = PipelineFile(text, name="job", taken_at=TAKEN).collect()
        found += [*made.of(TrainingJob), *made.of(TuningJob)]
    return tuple(found)


def training_needs(variant: str) -> list[Need]:
    """Return what jobs, as the notebook starts them, and the endpoint need between them."""
    (model,) = snapshot(variant).of(Model)
    (hosted,) = snapshot(variant).of(EndpointConfig)
    users = (model, *started(variant))
    found = [one for user in users for one in (needs(user, config=hosted) or never()).needs]
    if hosted.data_capture:
        found.append(need("s3:PutObject", f"{MODELS}/captured/*"))
    return found


def of_any_job(one: Need) -> Need:
    """Return what a job of whatever name needs, of what one of them does."""
    place = rf"{MODELS}/dog-breed-training/.*\b(input|checkpoints|output)\b.*"
    return replace(one, resource=re.sub(place, rf"{MODELS}/dog-breed-*/\1/*", one.resource))


def notebook_needs(variant: str) -> list[Need]:
    """Return what SageMaker asks of a notebook's role, and what is done in this one."""
    (notebook,) = snapshot(variant).of(NotebookInstance)
    types = is_("sagemaker:InstanceTypes", "ml.t3.medium", qualifier="ForAllValues")
    named = is_("sagemaker:InstanceTypes", "false", operator="Null")
    jobs = {
        "TrainingJob": sagemaker_arn("training-job/dog-breed-*"),
        "HyperParameterTuningJob": sagemaker_arn("hyper-parameter-tuning-job/dog-breed-*"),
    }
    calls = {"Create": (types, named), "Describe": (), "Stop": ()}
    role = f"arn:aws:iam::{ACCOUNT}:role/dog-breed-training-{REGION}"
    logs = f"arn:aws:logs:{REGION}:{ACCOUNT}:log-group:/aws/sagemaker/TrainingJobs:*"
    key = ("kms:Decrypt", "kms:GenerateDataKey") if notebook.kms_key_id else ()
    return [
        *(needs(notebook) or never()).needs,
        *(
            need(f"sagemaker:{call}{kind}", on, *tests)
            for kind, on in jobs.items()
            for call, tests in calls.items()
        ),
        *(need("sagemaker:AddTags", on) for on in jobs.values()),
        need("sagemaker:StopNotebookInstance", notebook.arn),
        need("s3:ListBucket", DATA),
        need("s3:ListBucket", MODELS),
        need("s3:GetObject", f"{DATA}/*"),
        need("s3:GetObject", f"{MODELS}/*"),
        need("s3:PutObject", f"{DATA}/*"),
        need("s3:PutObject", f"{MODELS}/dog-breed-*/input/*"),
        need("logs:DescribeLogStreams", logs),
        need("logs:GetLogEvents", logs),
        need("iam:PassRole", role, is_("iam:PassedToService", "sagemaker.amazonaws.com")),
        *(need(action, KEY) for action in key),
    ]


def never() -> Any:
    raise AssertionError("a workload of a kind that needs nothing")


def beyond(wanted: Sequence[Need], has: Document) -> Comparison:
    return compare(suggest(wanted).documents, [has])


def lacking(wanted: Sequence[Need], has: Document) -> Comparison:
    return compare([has], suggest(wanted).documents)


@pytest.mark.parametrize("variant", VARIANTS)
def test_the_functions_role_has_nothing_beyond_what_the_function_needs(variant: str) -> None:
    (name,) = (one.name for one in snapshot(variant).of(Role) if "-function-" in one.name)
    advice = advise(snapshot(variant), name)
    assert advice.wider == NOTHING
    # Its log group is made by the plan.
    assert {one.action for one in advice.missing.new_access} <= {"logs:CreateLogGroup"}
    assert advice.missing.undecided == ()


@pytest.mark.parametrize("variant", ["as it comes", "notebook", "everything"])
def test_the_training_role_has_nothing_beyond_what_jobs_and_endpoint_need(variant: str) -> None:
    wanted = [of_any_job(one) for one in training_needs(variant)]
    assert beyond(wanted, granted(variant, "training")) == NOTHING


@pytest.mark.parametrize("variant", ["as it comes", "notebook", "everything"])
def test_the_training_role_has_what_jobs_and_endpoint_need(variant: str) -> None:
    wanted = [of_any_job(one) for one in training_needs(variant)]
    missing = lacking(wanted, granted(variant, "training"))
    (endpoint,) = snapshot(variant).of(Endpoint)
    # What is needed of any endpoint's log group is granted on this one's, and grants of the key
    # are for AWS's services, not for whoever has the role.
    grants = [one for one in missing.new_access if one.action == "kms:CreateGrant"]
    assert all("kms:GrantIsForAWSResource" not in one.context for one in grants)
    assert missing.undecided == ()
    for one in missing.new_access:
        assert one in grants or one.action.startswith("logs:")
        assert f"/aws/sagemaker/Endpoints/{endpoint.name}:" not in one.resource


@pytest.mark.parametrize("variant", ["notebook", "everything"])
def test_the_notebooks_role_has_just_what_is_done_there(variant: str) -> None:
    wanted, has = notebook_needs(variant), granted(variant, "notebook")
    assert beyond(wanted, has) == NOTHING
    assert lacking(wanted, has) == NOTHING


@pytest.mark.parametrize("variant", VARIANTS)
def test_the_boundary_is_what_the_roles_have_between_them(variant: str) -> None:
    (boundary,) = snapshot(variant).of(ManagedPolicy)
    roles = snapshot(variant).of(Role)
    assert {role.permissions_boundary for role in roles} == {boundary.arn}
    all_of_them = [parse(policy.document) for role in roles for policy in role.inline_policies]
    bound = [parse(boundary.document)]
    assert compare(all_of_them, bound) == NOTHING
    assert compare(bound, all_of_them) == NOTHING


def test_the_largest_boundary_is_one_that_iam_takes() -> None:
    wanted = replaced(VARIANTS["everything"], name="d" * 24, region="ap-southeast-1")
    document = parameters(planned(wanted), "boundary")["PolicyDocument"]["$json"]
    # IAM User Guide, "IAM and AWS STS quotas": whitespace is not counted.
    assert len(json.dumps(document, separators=(",", ":"))) <= 6144


def replaced(base: Any, **changes: Any) -> Any:
    given = {name: getattr(base, name) for name in base.__slots__}
    return config(**(given | changes))


def test_sagemaker_takes_on_a_role_for_this_account_alone_and_lambda_cannot_say() -> None:
    made = planned(VARIANTS["notebook"])
    for purpose in ("training", "notebook"):
        (statement,) = parameters(made, f"role-{purpose}")["AssumeRolePolicyDocument"]["$json"][
            "Statement"
        ]
        assert statement["Condition"] == {
            "StringEquals": {"aws:SourceAccount": ACCOUNT},
            "ArnLike": {"aws:SourceArn": sagemaker_arn("*")},
        }
    (statement,) = parameters(made, "role-function")["AssumeRolePolicyDocument"]["$json"][
        "Statement"
    ]
    assert "Condition" not in statement


def test_a_wider_role_would_be_noticed() -> None:
    has = granted("as it comes", "training")
    wide = parse(
        '{"Version": "2012-10-17", "Statement": [{"Effect": "Allow", "Action": "s3:Get*",'
        f' "Resource": "{DATA}/*"}}]}}'
    )
    wanted = [of_any_job(one) for one in training_needs("as it comes")]
    assert beyond(wanted, has) == NOTHING
    assert beyond(wanted, wide).new_access != ()
