"""What a workload needs: which function calls an endpoint, how long that may take, what is called.

The needs of a role are those that AWS documents for what the role is passed to; what the code in
it calls besides, nobody can read off a resource: the notes say so.
"""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Final

from mlguard.iam.language.arn import Arn
from mlguard.iam.language.document import ConditionTest, Document, Effect, Statement
from mlguard.iam.language.wildcard import action_matches, fold, meets
from mlguard.iam.suggestion.need import Need
from mlguard.resources.base import Resource
from mlguard.resources.functions import (
    EventSource,
    Function,
    FunctionEnvironment,
    FunctionVersion,
)
from mlguard.resources.hosting import Endpoint, EndpointConfig, Model
from mlguard.resources.jobs import ProcessingJob, TrainingJob, TrainingSpec, TuningJob
from mlguard.resources.notebooks import NotebookInstance

INVOKE_ENDPOINT: Final = "sagemaker:InvokeEndpoint"

MODEL_LIMIT_S: Final = 60
"""A model container must answer within 60 seconds.

Amazon SageMaker API reference, "InvokeEndpoint".
"""

ENDPOINT_CALL_S: Final = MODEL_LIMIT_S + 5
"""What a caller needs to hear the slowest legal answer, and to pass it on."""


def names_endpoint(environment: FunctionEnvironment, endpoint: Endpoint) -> bool:
    """Return whether a function's environment holds the name or the ARN of the endpoint."""
    here = (environment.account, environment.region) == (endpoint.account, endpoint.region)
    return here and bool({endpoint.name, endpoint.arn} & set(environment.variables.values()))


def invokes_endpoints(document: Document, *, function: Function) -> bool:
    """Return whether a policy speaks of invoking endpoints where the function runs.

    A bare `*` does not count: who may do everything has not said what it does. Denies are not
    subtracted.
    """
    partition = function.arn.split(":")[1]
    home = f"arn:{partition}:sagemaker:{function.region}:{function.account}:endpoint/*"
    return any(_allows_invoking(statement, home) for statement in document.statements)


def _allows_invoking(statement: Statement, home: str) -> bool:
    if statement.effect is Effect.DENY or not any(_invokes(name) for name in statement.actions):
        return False
    # NotResource: endpoints are left in unless somebody names every one of them.
    if statement.not_resources is not None:
        return True
    return any(meets(resource, home) for resource in statement.resources)


def _invokes(action: str) -> bool:
    return fold(action).startswith("sagemaker:") and action_matches(action, INVOKE_ENDPOINT)


@dataclass(frozen=True, slots=True, kw_only=True)
class Needs:
    """What a role has to be allowed, and what of it could not be told."""

    needs: tuple[Need, ...]
    notes: tuple[str, ...] = ()


CODE_CALLS: Final = "what its own code calls is not known: add it"
"""Said of every workload that runs code; recorded calls are what it asks for."""
# AWSLambdaVPCAccessExecutionRole, on `*` as there: the Describe operations take no resource.
_FUNCTION_NETWORK: Final = (
    *("ec2:AssignPrivateIpAddresses", "ec2:CreateNetworkInterface", "ec2:DeleteNetworkInterface"),
    *("ec2:DescribeNetworkInterfaces", "ec2:DescribeSubnets", "ec2:UnassignPrivateIpAddresses"),
)
# SageMaker Developer Guide, "How to use SageMaker execution roles": with a private VPC.
_JOB_NETWORK: Final = (
    *("ec2:CreateNetworkInterface", "ec2:CreateNetworkInterfacePermission"),
    *("ec2:DeleteNetworkInterface", "ec2:DeleteNetworkInterfacePermission"),
    *("ec2:DescribeDhcpOptions", "ec2:DescribeNetworkInterfaces", "ec2:DescribeSecurityGroups"),
    *("ec2:DescribeSubnets", "ec2:DescribeVpcs"),
)
# AWSLambdaSQSQueueExecutionRole, AWSLambdaKinesisExecutionRole, AWSLambdaDynamoDBExecutionRole:
# (on the source itself, on `*` as they take no resource).
_SOURCE_READS: Final[dict[str, tuple[tuple[str, ...], tuple[str, ...]]]] = {
    "sqs": (("sqs:DeleteMessage", "sqs:GetQueueAttributes", "sqs:ReceiveMessage"), ()),
    "kinesis": (
        (
            *("kinesis:DescribeStream", "kinesis:DescribeStreamSummary", "kinesis:GetRecords"),
            *("kinesis:GetShardIterator", "kinesis:ListShards", "kinesis:SubscribeToShard"),
        ),
        ("kinesis:ListStreams",),
    ),
    "dynamodb": (
        ("dynamodb:DescribeStream", "dynamodb:GetRecords", "dynamodb:GetShardIterator"),
        ("dynamodb:ListStreams",),
    ),
}
# Lambda Developer Guide, "Capturing records of Lambda asynchronous invocations": it is no other.
_DEAD_LETTER: Final = {"sqs": "sqs:SendMessage", "sns": "sns:Publish"}
_PULLS: Final = (
    *("ecr:BatchCheckLayerAvailability", "ecr:BatchGetImage", "ecr:GetDownloadUrlForLayer"),
)


def needs_of_function(
    function: Function,
    *,
    endpoints: Iterable[Endpoint] = (),
    event_sources: Iterable[EventSource] = (),
) -> Needs:
    """Return what the function's role has to be allowed: the endpoints are those that it calls.

    Lambda Developer Guide, "Defining Lambda function permissions with an execution role".
    """
    home = Arn.parse(function.arn)
    needs = [Need(action=INVOKE_ENDPOINT, resource=_text(endpoint.arn)) for endpoint in endpoints]
    needs += _logs(home, f"/aws/lambda/{_text(function.name)}", listing=False)
    notes = [CODE_CALLS]
    if function.tracing == "Active":
        needs += _on_all("xray:PutTelemetryRecords", "xray:PutTraceSegments")
    if function.subnets:
        needs += _on_all(*_FUNCTION_NETWORK)
    if function.dead_letter_arn:
        action = _DEAD_LETTER[Arn.parse(function.dead_letter_arn).service]
        needs.append(Need(action=action, resource=_text(function.dead_letter_arn)))
    for source in event_sources:
        read = tuple(_reads(source))
        needs += read
        if not read:
            notes.append(f"how {source.event_source_arn or source.name} is read is not known")
    return Needs(needs=tuple(needs), notes=tuple(notes))


def needs_of_training(job: TrainingJob | TuningJob) -> Needs:
    """Return what the role of a training job, or those of a tuning job, have to be allowed.

    SageMaker Developer Guide, "How to use SageMaker execution roles", CreateTrainingJob API and
    CreateHyperParameterTuningJob API.
    """
    home = Arn.parse(job.arn)
    specs = (job.spec,) if isinstance(job, TrainingJob) else job.definitions
    needs = [need for spec in specs for need in _needs_of_spec(home, spec)]
    notes = [note for spec in specs for note in _notes_of_spec(spec)]
    return Needs(
        needs=tuple(dict.fromkeys((*needs, *_watched(home, "TrainingJobs")))),
        notes=tuple(dict.fromkeys((CODE_CALLS, *notes))),
    )


def needs_of_processing(job: ProcessingJob) -> Needs:
    """Return what the role of a processing job has to be allowed, but for its inputs and outputs.

    SageMaker Developer Guide, "How to use SageMaker execution roles", CreateProcessingJob API.
    """
    home = Arn.parse(job.arn)
    needs = (
        *_watched(home, "ProcessingJobs"),
        *_pull(home, job.image),
        *_on_all(*_JOB_NETWORK if job.subnets else ()),
    )
    notes = ("where its inputs and outputs lie was not read: add them", *_unpulled(job.image))
    return Needs(needs=needs, notes=(CODE_CALLS, *notes))


def needs_of_model(model: Model, config: EndpointConfig | None = None) -> Needs:
    """Return what the role of a hosted model has to be allowed.

    SageMaker Developer Guide, "How to use SageMaker execution roles", CreateModel API.
    """
    home = Arn.parse(model.arn)
    # Each endpoint has a log group of its own, below the one name.
    needs = [
        *_watched(home, "Endpoints", groups="Endpoints/*"),
        *_on_all(*_JOB_NETWORK if model.subnets else ()),
    ]
    notes = [CODE_CALLS]
    for container in model.containers:
        needs += _pull(home, container.image)
        notes += _unpulled(container.image)
        if container.model_data_url is None:
            continue
        archive = container.model_data_url.endswith(".tar.gz")
        needs += _model_reads(home, container.model_data_url, whole=not archive)
    if config is not None and config.kms_key_id:
        needs.append(_on_key(home, "kms:CreateGrant", config.kms_key_id))
    if config is not None and config.data_capture:
        notes.append("where captured data goes was not read: add s3:PutObject there")
    return Needs(needs=tuple(dict.fromkeys(needs)), notes=tuple(dict.fromkeys(notes)))


def needs_of_notebook(notebook: NotebookInstance) -> Needs:
    """Return what the role of a notebook has to be allowed before anybody runs a cell.

    SageMaker Developer Guide, "How to use SageMaker execution roles", CreateNotebookInstance API:
    the rest depends on what is planned to be done there.
    """
    home = Arn.parse(notebook.arn)
    needs = _logs(home, "/aws/sagemaker/NotebookInstances", listing=True)
    return Needs(needs=tuple(needs), notes=(CODE_CALLS,))


def needs(
    resource: Resource,
    *,
    endpoints: Iterable[Endpoint] = (),
    event_sources: Iterable[EventSource] = (),
    config: EndpointConfig | None = None,
) -> Needs | None:
    """Return what the resource's role has to be allowed; None for kinds that are passed none."""
    match resource:
        case Function():
            return needs_of_function(resource, endpoints=endpoints, event_sources=event_sources)
        case TrainingJob() | TuningJob():
            return needs_of_training(resource)
        case ProcessingJob():
            return needs_of_processing(resource)
        case Model():
            return needs_of_model(resource, config)
        case NotebookInstance():
            return needs_of_notebook(resource)
        case _:
            return None


def roles_of(resource: Resource) -> tuple[str, ...]:
    """Return the ARNs of the roles that a resource runs under, or hands to what runs."""
    match resource:
        case TrainingJob():
            found: tuple[str | None, ...] = (resource.spec.role_arn,)
        case TuningJob():
            found = tuple(definition.role_arn for definition in resource.definitions)
        case Function() | FunctionVersion() | NotebookInstance() | ProcessingJob() | Model():
            found = (resource.role_arn,)
        case EndpointConfig():
            found = (resource.execution_role_arn,)
        case _:
            found = ()
    return tuple(dict.fromkeys(arn for arn in found if arn))


def _needs_of_spec(home: Arn, spec: TrainingSpec) -> Iterator[Need]:
    for channel in spec.channels:
        if channel.uri is not None:
            yield from _reads_below(home, channel.uri)
    if spec.checkpoint_uri:
        yield from _reads_below(home, spec.checkpoint_uri)
        yield from _writes_below(home, spec.checkpoint_uri)
    if spec.output_uri:
        yield from _writes_below(home, spec.output_uri)
    yield from _pull(home, spec.image)
    yield from _on_all(*_JOB_NETWORK if spec.subnets else ())
    if spec.volume_kms_key_id:
        yield _on_key(home, "kms:CreateGrant", spec.volume_kms_key_id)
    if spec.output_kms_key_id:
        # S3 User Guide, "Using server-side encryption with AWS KMS keys": a multipart upload
        # asks for a data key, and decrypts it.
        for action in ("kms:Decrypt", "kms:Encrypt", "kms:GenerateDataKey"):
            yield _on_key(home, action, spec.output_kms_key_id)


def _notes_of_spec(spec: TrainingSpec) -> Iterator[str]:
    for channel in spec.channels:
        if channel.uri is None:
            yield f"where channel {channel.name} comes from is no S3 address: add what it takes"
    if spec.algorithm_name:
        yield f"the image of algorithm {spec.algorithm_name} is not known"
    yield from _unpulled(spec.image)


def _reads(source: EventSource) -> Iterator[Need]:
    if source.event_source_arn is None:
        return
    arn = source.event_source_arn
    on_source, on_all = _SOURCE_READS.get(Arn.parse(arn).service, ((), ()))
    yield from (Need(action=action, resource=_text(arn)) for action in on_source)
    yield from _on_all(*on_all)


def _on_all(*actions: str) -> list[Need]:
    return [Need(action=action, resource="*") for action in actions]


def _logs(home: Arn, group: str, *, listing: bool) -> list[Need]:
    """Return what writing to log groups takes, given their pattern; who writes first, creates one.

    CloudWatch Logs User Guide, "Resource types": the ARN of a group ends in `:*` in policies.
    """
    place = f"arn:{home.partition}:logs:{home.region}:{home.account}:log-group:{group}:*"
    actions = ["logs:CreateLogGroup", "logs:CreateLogStream", "logs:PutLogEvents"]
    if listing:
        actions.insert(2, "logs:DescribeLogStreams")
    return [Need(action=action, resource=place) for action in actions]


def _watched(home: Arn, kind: str, *, groups: str | None = None) -> tuple[Need, ...]:
    """Return what logs and metrics of SageMaker's jobs and endpoints take.

    SageMaker Developer Guide, "Metrics for monitoring SageMaker with CloudWatch" and "Log groups
    and streams": both have the namespace of their kind, and jobs of a kind one log group.
    """
    namespace = f"/aws/sagemaker/{kind}"
    test = ConditionTest(operator="StringEquals", key="cloudwatch:namespace", values=(namespace,))
    metrics = Need(action="cloudwatch:PutMetricData", resource="*", conditions=(test,))
    return (*_logs(home, f"/aws/sagemaker/{groups or kind}", listing=True), metrics)


def _pull(home: Arn, image: str | None) -> Iterator[Need]:
    """Return what pulling an image takes: ECR User Guide, "Private registry authentication"."""
    repository = _repository(home, image)
    if repository is None:
        return
    yield Need(action="ecr:GetAuthorizationToken", resource="*")
    yield from (Need(action=action, resource=repository) for action in _PULLS)


def _unpulled(image: str | None) -> tuple[str, ...]:
    if image is None or ".dkr.ecr." in image:
        return ()
    return (f"image {image:.80} is in no private ECR repository: no permission for it is derived",)


def _repository(home: Arn, image: str | None) -> str | None:
    registry, slash, path = (image or "").partition("/")
    account, dkr, rest = registry.partition(".dkr.ecr.")
    if not (slash and dkr):
        return None
    name = path.partition("@")[0].partition(":")[0]
    return f"arn:{home.partition}:ecr:{rest.partition('.')[0]}:{account}:repository/{_text(name)}"


def _on_key(home: Arn, action: str, key: str) -> Need:
    """Return a need of a KMS key, which may be named by ID, ARN or alias.

    KMS Developer Guide, "Using aliases to control access": an alias is no resource of theirs.
    """
    keys = f"arn:{home.partition}:kms:{home.region}:{home.account}:key/"
    alias = key.rpartition(":")[2]
    if alias.startswith("alias/"):
        test = ConditionTest(
            operator="StringEquals",
            qualifier="ForAnyValue",
            key="kms:ResourceAliases",
            values=(alias,),
        )
        return Need(action=action, resource=f"{keys}*", conditions=(test,))
    return Need(action=action, resource=key if key.startswith("arn:") else f"{keys}{_text(key)}")


def _reads_below(home: Arn, uri: str) -> Iterator[Need]:
    """Return what reading all objects with a prefix takes: listing is of the whole bucket."""
    bucket, prefix = _bucket_and_key(uri)
    place = f"arn:{home.partition}:s3:::{_text(bucket)}"
    yield Need(action="s3:ListBucket", resource=place)
    yield Need(action="s3:GetObject", resource=f"{place}/{_text(prefix)}*")


def _writes_below(home: Arn, uri: str) -> Iterator[Need]:
    bucket, prefix = _bucket_and_key(uri.rstrip("/"))
    folder = f"{_text(prefix)}/*" if prefix else "*"
    resource = f"arn:{home.partition}:s3:::{_text(bucket)}/{folder}"
    yield Need(action="s3:PutObject", resource=resource)


def _model_reads(home: Arn, uri: str, *, whole: bool) -> Iterator[Need]:
    """Return what fetching model data takes: one archive, or all below an address."""
    if whole:
        yield from _reads_below(home, uri)
        return
    bucket, key = _bucket_and_key(uri)
    resource = f"arn:{home.partition}:s3:::{_text(bucket)}/{_text(key)}"
    yield Need(action="s3:GetObject", resource=resource)


def _bucket_and_key(uri: str) -> tuple[str, str]:
    bucket, _, key = uri.removeprefix("s3://").partition("/")
    return bucket, key


def _text(name: str) -> str:
    """Return a name for a policy, where what looks like a wildcard or variable is none."""
    escaped = {"*": "${*}", "?": "${?}", "$": "${$}"}
    return "".join(escaped.get(letter, letter) for letter in name)
