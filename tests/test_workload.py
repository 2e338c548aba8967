import msgspec
import pytest

from mlguard.iam.comparison.compare import Comparison, compare
from mlguard.iam.language.document import parse
from mlguard.iam.suggestion.need import Need
from mlguard.iam.suggestion.suggest import suggest
from mlguard.resources.base import Resource
from mlguard.resources.jobs import Channel
from mlguard.workload import Needs, needs
from tests.builders.account import ACCOUNT, arn
from tests.builders.functions import event_source, function
from tests.builders.hosting import endpoint, endpoint_config, model
from tests.builders.iam import document
from tests.builders.jobs import processing_job, training_job, training_spec, tuning_job
from tests.builders.notebooks import notebook


def needed(resource: Resource, **options: object) -> set[tuple[str, str]]:
    return {(one.action, one.resource) for one in found(resource, **options).needs}


def found(resource: Resource, **options: object) -> Needs:
    answer = needs(resource, **options)  # type: ignore[arg-type]  # passed on as they come
    assert answer is not None
    return answer


def actions(resource: Resource, **options: object) -> set[str]:
    return {action for action, _ in needed(resource, **options)}


def test_a_function_writes_its_own_log_and_no_other() -> None:
    group = f"arn:aws:logs:us-east-1:{ACCOUNT}:log-group:/aws/lambda/predict:*"
    assert needed(function(tracing="PassThrough")) == {
        ("logs:CreateLogGroup", group),
        ("logs:CreateLogStream", group),
        ("logs:PutLogEvents", group),
    }


def test_a_function_may_invoke_the_endpoints_that_it_calls_and_no_others() -> None:
    called = endpoint()
    assert ("sagemaker:InvokeEndpoint", called.arn) in needed(function(), endpoints=[called])
    assert "sagemaker:InvokeEndpoint" not in actions(function())


def test_tracing_takes_x_ray_only_where_it_is_active() -> None:
    assert "xray:PutTraceSegments" in actions(function(tracing="Active"))
    assert "xray:PutTraceSegments" not in actions(function(tracing="PassThrough"))


@pytest.mark.parametrize(
    ("service", "action"), [("sqs", "sqs:SendMessage"), ("sns", "sns:Publish")]
)
def test_a_dead_letter_is_sent_to_its_target(service: str, action: str) -> None:
    target = arn(service, "failed")
    assert (action, target) in needed(function(dead_letter_arn=target))


def test_a_function_in_a_vpc_makes_network_interfaces() -> None:
    assert "ec2:CreateNetworkInterface" in actions(function(subnets=("subnet-1",)))
    assert "ec2:CreateNetworkInterface" not in actions(function())


def test_a_queue_is_read_by_its_event_source_mapping() -> None:
    assert ("sqs:ReceiveMessage", arn("sqs", "images")) in needed(
        function(), event_sources=[event_source()]
    )


def test_an_event_source_that_is_not_known_is_said_and_not_guessed() -> None:

    other = msgspec.structs.replace(event_source(), event_source_arn=arn("mq", "broker:b"))
    answer = found(function(), event_sources=[other])
    assert any("mq" in note for note in answer.notes)


def test_a_training_job_reads_its_inputs_and_writes_its_outputs() -> None:
    wanted = {
        ("s3:ListBucket", "arn:aws:s3:::breeds"),
        ("s3:GetObject", "arn:aws:s3:::breeds/train*"),
        ("s3:PutObject", "arn:aws:s3:::breeds/models/*"),
        ("s3:PutObject", "arn:aws:s3:::breeds/checkpoints/*"),
    }
    assert wanted <= needed(training_job())
    assert "s3:DeleteObject" not in actions(training_job())


def test_a_training_job_pulls_its_image_from_the_repository_that_it_names() -> None:
    image = "111122223333.dkr.ecr.eu-west-1.amazonaws.com/team/train:1@sha256:0a"
    job = training_job(spec=training_spec(image=image))
    repository = "arn:aws:ecr:eu-west-1:111122223333:repository/team/train"
    assert {("ecr:BatchGetImage", repository), ("ecr:GetAuthorizationToken", "*")} <= needed(job)


def test_metrics_go_to_the_namespace_of_the_jobs() -> None:
    (metrics,) = (
        one for one in found(training_job()).needs if one.action == "cloudwatch:PutMetricData"
    )
    assert metrics.conditions[0].values == ("/aws/sagemaker/TrainingJobs",)


def test_keys_are_named_by_id_arn_or_alias() -> None:
    spec = training_spec(volume_kms_key_id="1234abcd", output_kms_key_id="alias/data")
    answer = found(training_job(spec=spec)).needs
    assert Need(action="kms:CreateGrant", resource=arn("kms", "key/1234abcd")) in answer
    (decrypt,) = (one for one in answer if one.action == "kms:Decrypt")
    assert decrypt.conditions[0].written == "ForAnyValue:StringEquals"
    assert decrypt.conditions[0].values == ("alias/data",)


def test_what_cannot_be_derived_from_a_job_is_said() -> None:
    spec = training_spec(channels=(Channel(name="efs"),), image="public.ecr.aws/x/train:1")
    notes = " ".join(found(training_job(spec=spec)).notes)
    assert "channel efs" in notes
    assert "public.ecr.aws" in notes


def test_a_tuning_job_needs_what_its_definitions_need() -> None:
    other = training_spec(output_uri="s3://elsewhere/out/")
    answer = needed(tuning_job(training_spec(), other))
    assert ("s3:PutObject", "arn:aws:s3:::elsewhere/out/*") in answer
    assert ("s3:PutObject", "arn:aws:s3:::breeds/models/*") in answer


def test_a_bucket_name_with_a_star_is_no_wildcard() -> None:
    job = training_job(spec=training_spec(output_uri="s3://breeds/a*b"))
    assert ("s3:PutObject", "arn:aws:s3:::breeds/a${*}b/*") in needed(job)


def test_a_processing_job_says_that_its_data_was_not_read() -> None:
    answer = found(processing_job())
    assert any("inputs and outputs" in note for note in answer.notes)
    assert not any(one.action.startswith("s3:") for one in answer.needs)


def test_an_endpoint_writes_to_a_log_group_of_its_own() -> None:
    groups = {place for action, place in needed(model()) if action == "logs:PutLogEvents"}
    assert groups == {arn("logs", "log-group:/aws/sagemaker/Endpoints/*:*")}


def test_a_model_reads_its_archive_and_nothing_else_in_the_bucket() -> None:
    reads = {pair for pair in needed(model()) if pair[0].startswith("s3:")}
    assert reads == {("s3:GetObject", "arn:aws:s3:::breeds/models/model.tar.gz")}


def test_an_encrypted_endpoint_volume_takes_a_grant() -> None:
    config = endpoint_config(kms_key_id="1234abcd")
    assert ("kms:CreateGrant", arn("kms", "key/1234abcd")) in needed(model(), config=config)


def test_a_notebook_needs_little_before_anybody_works_in_it() -> None:
    assert actions(notebook()) == {
        "logs:CreateLogGroup",
        "logs:CreateLogStream",
        "logs:DescribeLogStreams",
        "logs:PutLogEvents",
    }


def test_what_takes_no_role_has_no_needs() -> None:
    assert needs(endpoint()) is None


@pytest.mark.parametrize(
    "resource",
    [function(subnets=("subnet-1",)), training_job(), processing_job(), model(), notebook()],
    ids=lambda resource: type(resource).__name__,
)
def test_the_suggested_policy_is_what_is_needed_and_within_full_access(resource: Resource) -> None:
    policy = suggest(found(resource).needs)
    everything = parse(document({"Effect": "Allow", "Action": "*", "Resource": "*"}))
    assert compare([everything], policy.documents) == Comparison()
    assert compare(policy.documents, [everything]).new_access
    assert len(policy.policies) == 1
