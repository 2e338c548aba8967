"""Roles of one workload, of many, of none; and workloads without a role."""

from mlguard.check import Severity
from mlguard.report import Outcome
from mlguard.resources.kinds import KINDS, AnyResource
from mlguard.snapshot import Gap, GapReason
from tests.builders.account import days_ago, gap, snapshot
from tests.builders.ec2 import instance
from tests.builders.functions import function, version
from tests.builders.hosting import endpoint_config, model
from tests.builders.iam import LAMBDA, SAGEMAKER, iam_arn, role, trust
from tests.builders.jobs import processing_job, training_job, training_spec, tuning_job
from tests.builders.notebooks import notebook
from tests.checks.case import Case

ARN = iam_arn("role/predict-role")
OTHER = iam_arn("role/other")
PROFILE = iam_arn("instance-profile/predict-role")
BOTH = role(trust_policy=trust(Service=[LAMBDA, SAGEMAKER]))
TRAINING = role(trust_policy=trust(Service=SAGEMAKER), last_used_at=None)
SPEC = training_spec(role_arn=ARN)


def case(
    check: str,
    name: str,
    outcome: Outcome,
    *resources: AnyResource,
    severity: Severity | None = None,
    at: str | None = None,
    says: tuple[str, ...] = (),
    fix: tuple[str, ...] = (),
    gaps: tuple[Gap, ...] = (),
    covers: tuple[str, ...] = tuple(KINDS),
) -> Case:
    return Case(
        name=name,
        check=check,
        snapshot=snapshot(*resources, gaps=gaps, covers=covers),
        outcome=outcome,
        severity=severity,
        at=at,
        says=says,
        fix=fix,
    )


SHARED = (
    case(
        "role-shared",
        "a function and a training job",
        Outcome.FAILED,
        BOTH,
        function(),
        training_job(spec=SPEC),
        severity=Severity.MEDIUM,
        says=("functions (predict) and training jobs (breeds-1)",),
    ),
    case(
        "role-shared",
        "an old version of a function and a notebook",
        Outcome.FAILED,
        BOTH,
        version(),
        notebook(role_arn=ARN),
        severity=Severity.MEDIUM,
    ),
    case(
        "role-shared",
        "a notebook and an instance",
        Outcome.FAILED,
        role(
            trust_policy=trust(Service=[SAGEMAKER, "ec2.amazonaws.com"]),
            instance_profiles=(PROFILE,),
        ),
        notebook(role_arn=ARN),
        instance(instance_profile_arn=PROFILE),
        severity=Severity.MEDIUM,
    ),
    case(
        "role-shared",
        "a notebook, tuning and a model",
        Outcome.FAILED,
        TRAINING,
        notebook(role_arn=ARN),
        tuning_job(SPEC),
        model(role_arn=ARN),
        severity=Severity.LOW,
        says=("notebooks (breeds) and training jobs (breeds-search) and models (breeds)",),
    ),
    case(
        "role-shared",
        "four functions",
        Outcome.FAILED,
        role(),
        *(function(name) for name in ("a", "b", "c", "d")),
        severity=Severity.LOW,
        says=("functions (a, b and 2 more)",),
    ),
    case(
        "role-shared",
        "functions, though notebooks could not be listed",
        Outcome.FAILED,
        role(),
        function("a"),
        function("b"),
        gaps=(gap("NotebookInstance"),),
    ),
    case(
        "role-shared",
        "one function and its versions",
        Outcome.PASSED,
        role(),
        function(),
        version(),
    ),
    case(
        "role-shared",
        "many training jobs",
        Outcome.PASSED,
        TRAINING,
        *(training_job(spec=SPEC, name=name, arn=f"arn:{name}") for name in ("a", "b")),
    ),
    case(
        "role-shared",
        "a notebook, and training that ended a year ago",
        Outcome.PASSED,
        TRAINING,
        notebook(role_arn=ARN),
        training_job(spec=SPEC, created_at=days_ago(365)),
    ),
    case("role-shared", "a role of people's", Outcome.PASSED, role(trust_policy=trust(AWS=OTHER))),
    case(
        "role-shared",
        "functions that could not be listed",
        Outcome.NOT_EVALUATED,
        BOTH,
        notebook(role_arn=ARN),
        gaps=(gap("Function", region="eu-west-1"),),
    ),
    case(
        "role-shared", "a trust policy that is none", Outcome.NOT_EVALUATED, role(trust_policy="{")
    ),
)

ORPHANED = (
    case(
        "role-orphaned-sagemaker",
        "a role that outlived its pipeline",
        Outcome.FAILED,
        TRAINING,
        notebook(role_arn=OTHER),
        severity=Severity.MEDIUM,
        at="AssumeRolePolicyDocument",
        says=("no notebook, job or model in us-east-1 uses it",),
        fix=("delete-role --role-name predict-role", "arn:aws:iam::aws:policy/AWSDenyAll"),
    ),
    case(
        "role-orphaned-sagemaker",
        "a role of a job that ended long ago",
        Outcome.FAILED,
        TRAINING,
        training_job(spec=SPEC, created_at=days_ago(91)),
    ),
    case(
        "role-orphaned-sagemaker",
        "a role that something unknown used",
        Outcome.FAILED,
        role(trust_policy=trust(Service=SAGEMAKER), last_used_at=days_ago(3)),
        severity=Severity.LOW,
        says=("used it 3 days ago",),
    ),
    case(
        "role-orphaned-sagemaker",
        "a role that trusts others too",
        Outcome.FAILED,
        role(trust_policy=trust(Service=[SAGEMAKER, "states.amazonaws.com"]), last_used_at=None),
        severity=Severity.LOW,
        says=("it trusts states.amazonaws.com too",),
    ),
    case(
        "role-orphaned-sagemaker",
        "a role of a model, though functions could not be listed",
        Outcome.PASSED,
        TRAINING,
        model(role_arn=ARN),
        gaps=(gap("Function"),),
    ),
    case(
        "role-orphaned-sagemaker", "a notebook's", Outcome.PASSED, TRAINING, notebook(role_arn=ARN)
    ),
    case(
        "role-orphaned-sagemaker",
        "a role of a job that runs for long",
        Outcome.PASSED,
        TRAINING,
        processing_job(role_arn=ARN, status="InProgress", created_at=days_ago(100)),
    ),
    case(
        "role-orphaned-sagemaker",
        "a role of a job of last week",
        Outcome.PASSED,
        TRAINING,
        training_job(spec=SPEC, created_at=days_ago(7)),
    ),
    case(
        "role-orphaned-sagemaker",
        "a role of an endpoint configuration",
        Outcome.PASSED,
        TRAINING,
        endpoint_config(execution_role_arn=ARN),
    ),
    case("role-orphaned-sagemaker", "a function's", Outcome.PASSED, BOTH, function()),
    case("role-orphaned-sagemaker", "a role of Lambda's", Outcome.PASSED, role()),
    case(
        "role-orphaned-sagemaker",
        "a service-linked role",
        Outcome.PASSED,
        role(
            trust_policy=trust(Service=SAGEMAKER),
            path="/aws-service-role/sagemaker.amazonaws.com/",
        ),
    ),
    case(
        "role-orphaned-sagemaker",
        "models that could not be listed",
        Outcome.NOT_EVALUATED,
        TRAINING,
        gaps=(gap("Model"),),
    ),
    case(
        "role-orphaned-sagemaker",
        "a trust policy that is none",
        Outcome.NOT_EVALUATED,
        role(trust_policy="{"),
    ),
)

MISSING = (
    case(
        "role-missing",
        "a function without a role",
        Outcome.FAILED,
        role("other"),
        function(),
        severity=Severity.HIGH,
        at="Role",
        says=(f"{ARN} does not exist",),
        fix=("create-role --role-name predict-role",),
    ),
    case("role-missing", "a notebook", Outcome.FAILED, notebook(), at="RoleArn"),
    case("role-missing", "a model", Outcome.FAILED, model(), at="ExecutionRoleArn"),
    case(
        "role-missing",
        "an endpoint configuration",
        Outcome.FAILED,
        endpoint_config(execution_role_arn=ARN),
        at="ExecutionRoleArn",
    ),
    case("role-missing", "a function with its role", Outcome.PASSED, role(), function()),
    case("role-missing", "a model that needs none", Outcome.PASSED, model(role_arn=None)),
    case(
        "role-missing",
        "a role with a path",
        Outcome.PASSED,
        role(arn=iam_arn("role/service-role/predict-role"), path="/service-role/"),
        function(role_arn=iam_arn("role/service-role/predict-role")),
    ),
    case(
        "role-missing",
        "roles that could not be listed",
        Outcome.NOT_EVALUATED,
        function(),
        gaps=(gap("Role", region="global"),),
    ),
    case(
        "role-missing",
        "a role that a plan expects to be there",
        Outcome.NOT_EVALUATED,
        function(),
        gaps=(gap("Role", region="global", subject=ARN, reason=GapReason.INCOMPLETE),),
    ),
    case(
        "role-missing",
        "a role of another account",
        Outcome.NOT_EVALUATED,
        function(role_arn="arn:aws:iam::999999999999:role/predict"),
    ),
)

CASES: tuple[Case, ...] = (*SHARED, *ORPHANED, *MISSING)
