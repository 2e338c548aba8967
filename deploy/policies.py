"""What each role may do: statements by resource, and nothing that its work does not call.

https://docs.aws.amazon.com/IAM/latest/UserGuide/best-practices.html#grant-least-privilege
"""

from typing import Final

from deploy.names import Names
from deploy.pipeline import Value

Statement = dict[str, Value]
Statements = tuple[Statement, ...]

SAGEMAKER: Final = "sagemaker.amazonaws.com"
LAMBDA: Final = "lambda.amazonaws.com"

TRAINING_LOGS: Final = "/aws/sagemaker/TrainingJobs"
NOTEBOOK_LOGS: Final = "/aws/sagemaker/NotebookInstances"
_ENDPOINT_METRICS: Final = "/aws/sagemaker/Endpoints"

# What jobs keep in the bucket for models, each under its name: the code that runs in them, their
# checkpoints, and the models that they make (`python -m training.launch --dry-run` shows it).
CODE: Final = "input"
CHECKPOINTS: Final = "checkpoints"
OUTPUT: Final = "output"
# Where in it SageMaker writes what it captures.
CAPTURED: Final = "captured"

# The names of tuning jobs have 32 characters, of which the SDK's time takes 12:
# https://docs.aws.amazon.com/sagemaker/latest/APIReference/API_CreateHyperParameterTuningJob.html
_LEFT_OF_A_NAME: Final = 20


def document(statements: Statements) -> dict[str, Value]:
    """Return the policy document of some statements."""
    return {"Version": "2012-10-17", "Statement": list(statements)}


def trust(names: Names, service: str) -> dict[str, Value]:
    """Return who may take on a role: one service, and SageMaker for this account alone.

    https://docs.aws.amazon.com/sagemaker/latest/dg/security-confused-deputy-prevention.html:
    SageMaker says on whose behalf it asks. Lambda does not, when it takes on an execution role:
    asked for it, it could not run the function.
    """
    statement: Statement = {
        "Effect": "Allow",
        "Principal": {"Service": service},
        "Action": "sts:AssumeRole",
    }
    if service == SAGEMAKER:
        statement["Condition"] = {
            "StringEquals": {"aws:SourceAccount": names.config.account},
            "ArnLike": {"aws:SourceArn": names.arn("sagemaker", "*")},
        }
    return document((statement,))


def function_statements(names: Names) -> Statements:
    """Return what the function calls: one endpoint, its logs, its dead letters, X-Ray.

    https://docs.aws.amazon.com/lambda/latest/dg/lambda-intro-execution-role.html
    """
    return (
        _allow(
            "InvokeEndpoint",
            "sagemaker:InvokeEndpoint",
            on=names.arn("sagemaker", f"endpoint/{names.endpoint}"),
        ),
        # The plan makes the group: the function need not.
        _allow(
            "WriteLogs",
            "logs:CreateLogStream",
            "logs:PutLogEvents",
            on=_group(names, names.function_logs),
        ),
        _allow("KeepDeadLetters", "sqs:SendMessage", on=names.arn("sqs", names.dead_letters)),
        _allow("Trace", "xray:PutTelemetryRecords", "xray:PutTraceSegments", on="*"),
    )


def training_statements(names: Names, *, model_data: str) -> Statements:
    """Return what training jobs and the endpoint call.

    https://docs.aws.amazon.com/sagemaker/latest/dg/sagemaker-roles.html, CreateTrainingJob and
    CreateModel: the permissions of an execution role.
    """
    data, models = names.bucket_arn("data"), names.bucket_arn("models")
    bucket, _, key = model_data.removeprefix("s3://").partition("/")
    written = [_of_jobs(names, OUTPUT), _of_jobs(names, CHECKPOINTS)]
    if names.config.data_capture:
        written.append(f"{models}/{CAPTURED}/*")
    return (
        # Jobs list what they read: data, code, and the checkpoints of one that was interrupted.
        _allow("ListBuckets", "s3:ListBucket", on=[data, models]),
        _allow(
            "ReadObjects",
            "s3:GetObject",
            on=[
                f"{data}/*",
                _of_jobs(names, CODE),
                _of_jobs(names, CHECKPOINTS),
                f"arn:{names.partition}:s3:::{bucket}/{key}",
            ],
        ),
        _allow("WriteObjects", "s3:PutObject", on=written),
        _allow(
            "WriteLogs",
            *("logs:CreateLogGroup", "logs:CreateLogStream", "logs:DescribeLogStreams"),
            "logs:PutLogEvents",
            on=[_group(names, TRAINING_LOGS), _group(names, names.endpoint_logs)],
        ),
        _allow("PutMetrics", "cloudwatch:PutMetricData", on="*")
        | {
            "Condition": {
                "StringEquals": {"cloudwatch:namespace": [TRAINING_LOGS, _ENDPOINT_METRICS]}
            }
        },
        _allow("SignInToRegistry", "ecr:GetAuthorizationToken", on="*"),
        _allow(
            "PullImages",
            *("ecr:BatchCheckLayerAvailability", "ecr:BatchGetImage"),
            "ecr:GetDownloadUrlForLayer",
            on=_repositories(names),
        ),
        *_key(names, volumes=True),
    )


def notebook_statements(names: Names) -> Statements:
    """Return what is done in the notebook: bring data, start and watch jobs, stop itself.

    It starts jobs on the types that it may pay for, hands them one role, and brings their code.
    """
    data, models = names.bucket_arn("data"), names.bucket_arn("models")
    return (
        _allow(
            "WriteLogs",
            *("logs:CreateLogGroup", "logs:CreateLogStream", "logs:DescribeLogStreams"),
            "logs:PutLogEvents",
            on=_group(names, NOTEBOOK_LOGS),
        ),
        _allow(
            "StopItself",
            "sagemaker:StopNotebookInstance",
            on=names.arn("sagemaker", f"notebook-instance/{names.notebook}"),
        ),
        _allow("ListBuckets", "s3:ListBucket", on=[data, models]),
        _allow("ReadObjects", "s3:GetObject", on=[f"{data}/*", f"{models}/*"]),
        _allow("WriteDataAndCode", "s3:PutObject", on=[f"{data}/*", _of_jobs(names, CODE)]),
        *_jobs(names, "Train", "TrainingJob", "training-job"),
        *_jobs(names, "Tune", "HyperParameterTuningJob", "hyper-parameter-tuning-job"),
        _allow(
            "ReadJobLogs",
            "logs:DescribeLogStreams",
            "logs:GetLogEvents",
            on=_group(names, TRAINING_LOGS),
        ),
        _allow("PassTrainingRole", "iam:PassRole", on=names.role_arn("training"))
        | {"Condition": {"StringEquals": {"iam:PassedToService": SAGEMAKER}}},
        *_key(names, volumes=False),
    )


def boundary_statements(*roles: Statements) -> Statements:
    """Return the most that any of the roles may ever have: what they have between them.

    https://docs.aws.amazon.com/IAM/latest/UserGuide/access_policies_boundaries.html: whatever is
    attached to one of them later adds nothing to that.
    """
    found: list[Statement] = []
    for statement in (statement for statements in roles for statement in statements):
        bare = {key: value for key, value in statement.items() if key != "Sid"}
        if bare not in found:
            found.append(bare)
    return tuple(found)


def _allow(sid: str, *actions: str, on: str | list[str]) -> Statement:
    return {"Sid": sid, "Effect": "Allow", "Action": list(actions), "Resource": on}


def _jobs(names: Names, sid: str, operations: str, kind: str) -> Statements:
    """Return what starting jobs of a kind takes, and watching, stopping and labelling them."""
    jobs = names.arn("sagemaker", f"{kind}/{names.config.name[:_LEFT_OF_A_NAME]}-*")
    watching = ("AddTags", f"Describe{operations}", f"Stop{operations}")
    return (
        _allow(sid, f"sagemaker:Create{operations}", on=jobs)
        | {"Condition": _on_types(names.config.training_types)},
        _allow(f"{sid}Watched", *(f"sagemaker:{name}" for name in watching), on=jobs),
    )


def _of_jobs(names: Names, what: str) -> str:
    """Return the ARN of what all jobs of this pipeline keep of a kind."""
    return f"{names.bucket_arn('models')}/{names.config.name}-*/{what}/*"


def _group(names: Names, group: str) -> str:
    """Return the ARN of a log group and its streams.

    https://docs.aws.amazon.com/AmazonCloudWatch/latest/logs/iam-access-control-overview-cwl.html
    """
    return f"{names.arn('logs', f'log-group:{group}')}:*"


def _on_types(types: tuple[str, ...]) -> Value:
    """Return the condition that a request names instance types, and no others than these.

    https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_condition-single-vs-multi-valued-context-keys.html:
    ForAllValues holds, too, for a request that names none.
    """
    return {
        "ForAllValues:StringEquals": {"sagemaker:InstanceTypes": list(types)},
        "Null": {"sagemaker:InstanceTypes": "false"},
    }


def _repositories(names: Names) -> list[str]:
    """Return the repository of the image that serves, and of AWS's that trains beside it."""
    registry, _, path = names.config.image_uri.partition("/")
    account, _, rest = registry.partition(".dkr.ecr.")
    serving = path.partition("@")[0].partition(":")[0]
    repositories = dict.fromkeys((serving, serving.replace("inference", "training")))
    home = f"arn:{names.partition}:ecr:{rest.partition('.')[0]}:{account}:repository"
    return [f"{home}/{name}" for name in repositories]


def _key(names: Names, *, volumes: bool) -> Statements:
    """Return what a key of yours takes: its data keys, and a grant for encrypted volumes.

    https://docs.aws.amazon.com/sagemaker/latest/dg/encryption-at-rest.html
    """
    key = names.config.kms_key
    if key is None:
        return ()
    writing = ("kms:Encrypt",) if volumes else ()
    data = _allow("UseKey", "kms:Decrypt", *writing, "kms:GenerateDataKey", on=key)
    grant = _allow("EncryptVolumes", "kms:CreateGrant", on=key) | {
        "Condition": {"Bool": {"kms:GrantIsForAWSResource": "true"}}
    }
    return (data, grant) if volumes else (data,)
