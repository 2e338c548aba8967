"""The faults of the demo account: the steps that make each, the checks that fire on it."""

from dataclasses import dataclass


@dataclass(frozen=True, kw_only=True)
class Fault:
    """A fault as a reader names it, the steps that make it, the checks that must fire on them."""

    name: str
    steps: tuple[str, ...]
    fires: frozenset[str]


def fault(name: str, *steps: str, fires: str) -> Fault:
    return Fault(name=name, steps=steps, fires=frozenset(fires.split()))


def function(name: str, *more: str) -> tuple[str, ...]:
    return ("lambda-role", f"function-{name}", *more)


def warm(name: str, *more: str) -> tuple[str, ...]:
    parts = ("version", "alias", "reserved", "provisioned")
    return function(name, *(f"function-{name}-{part}" for part in parts), *more)


def endpoint(name: str, *more: str) -> tuple[str, ...]:
    return ("training-role", "model", f"endpoint-config-{name}", f"endpoint-{name}", *more)


FAULTS = (
    fault(
        "a role unused for a year",
        "role-old",
        "role-old-policy",
        fires="role-orphaned-sagemaker role-trust-no-source-account role-unused",
    ),
    fault(
        "the role of a deleted function",
        "role-of-a-deleted-function",
        "role-of-a-deleted-function-policy",
        fires="role-orphaned-lambda",
    ),
    fault("a role for a deleted user alone", "role-of-a-deleted-user", fires="role-stale-trust"),
    fault("an inactive user", "user", "user-password", "user-key", fires="user-inactive"),
    fault(
        "an administrator that trains",
        "training-role",
        "training-role-administrator",
        fires=(
            "principal-administrator role-orphaned-sagemaker role-trust-no-source-account "
            "role-full-access"
        ),
    ),
    fault(
        "full access for a function",
        "lambda-role-sagemaker",
        *function("gallery"),
        fires="function-memory-fit role-full-access",
    ),
    fault(
        "a notebook open to the internet",
        "training-role",
        "notebook",
        fires="role-trust-no-source-account notebook-direct-internet notebook-no-autostop",
    ),
    fault(
        "an oversized notebook left running",
        "training-role",
        "notebook-large",
        fires=(
            "role-trust-no-source-account notebook-direct-internet notebook-instance-type "
            "notebook-left-running notebook-no-autostop"
        ),
    ),
    fault(
        "training on the notebook's type, which AWS refuses",
        "training-role",
        "training-on-the-notebook-type",
        fires=("role-trust-no-source-account job-illegal-instance-type job-instance-type"),
    ),
    fault(
        "a tuning job too dear",
        "training-role",
        "tuning",
        fires="role-trust-no-source-account job-instance-type job-max-runtime job-no-spot",
    ),
    fault(
        "two instances that train the same",
        "training-role",
        "training",
        fires=(
            "role-trust-no-source-account job-instance-type job-not-distributed job-max-runtime"
        ),
    ),
    fault(
        "a deep learning image on t2.micro",
        "security-group",
        "security-group-ssh",
        "instance-micro",
        fires="instance-too-small-to-train",
    ),
    fault(
        "an oversized host",
        "security-group",
        "instance-large",
        fires="instance-type-outside-policy",
    ),
    fault(
        "scaling of a burstable type, which AWS refuses",
        *endpoint("dog-breed", "scaling-dog-breed", "scaling-dog-breed-policy"),
        fires="role-trust-no-source-account endpoint-dearer-than-serverless scaling-burstable",
    ),
    fault(
        "an idle endpoint that is registered but cannot scale",
        *endpoint("dog-breed-large", "scaling-dog-breed-large"),
        fires=(
            "role-trust-no-source-account endpoint-idle endpoint-instance-type "
            "scaling-min-equals-max scaling-target-no-policy"
        ),
    ),
    fault(
        "an endpoint that is not registered",
        *endpoint("dog-breed-candidate"),
        fires=(
            "role-trust-no-source-account endpoint-dearer-than-serverless endpoint-instance-type "
            "scaling-no-target"
        ),
    ),
    fault(
        "an endpoint stranded at zero",
        *endpoint("dog-breed-batch", "scaling-dog-breed-batch", "scaling-dog-breed-batch-policy"),
        fires=("role-trust-no-source-account endpoint-instance-type scaling-stranded-at-zero"),
    ),
    fault(
        "a function that anyone may call",
        *function("invoke", "function-invoke-public"),
        fires="function-public-policy",
    ),
    fault(
        "a function with less time than its endpoint",
        "lambda-role-sagemaker",
        *function("invoke"),
        fires="function-timeout-vs-endpoint role-full-access",
    ),
    fault(
        "a function that can pass an administrator's role",
        *("training-role", "training-role-administrator"),
        *("lambda-role", "lambda-role-sagemaker", "function-invoke"),
        fires=(
            "principal-administrator principal-escalation role-orphaned-sagemaker "
            "role-full-access role-trust-no-source-account function-timeout-vs-endpoint"
        ),
    ),
    fault(
        "two functions with one role",
        *function("gallery", "function-thumbnails"),
        fires="function-memory-fit role-shared",
    ),
    fault("a function that nobody calls", *function("warmup"), fires="function-unused"),
    fault(
        "provisioned concurrency that callers pass by",
        *warm("invoke"),
        fires="concurrency-provisioned-bypassed",
    ),
    fault(
        "as much provisioned as reserved",
        *warm("thumbnails"),
        fires=(
            "concurrency-over-policy concurrency-pc-utilisation "
            "concurrency-provisioned-equals-reserved"
        ),
    ),
    fault(
        "more provisioned than reserved, which AWS refuses",
        *warm("report", "function-report-reserved-less"),
        fires=(
            "concurrency-over-policy concurrency-pc-utilisation "
            "concurrency-provisioned-over-reserved"
        ),
    ),
    fault(
        "provisioned for an alias of $LATEST, which AWS refuses",
        *warm("report", "function-report-alias-latest"),
        fires=(
            "concurrency-over-policy concurrency-pc-utilisation "
            "concurrency-provisioned-equals-reserved concurrency-provisioned-needs-alias"
        ),
    ),
    fault(
        "far more calls than the endpoint scales for",
        *endpoint("dog-breed", "scaling-dog-breed", "scaling-dog-breed-policy"),
        *function("gallery", "function-gallery-reserved"),
        fires=(
            "role-trust-no-source-account scaling-burstable concurrency-over-policy "
            "concurrency-unreserved-pool concurrency-vs-endpoint function-memory-fit "
            "endpoint-dearer-than-serverless"
        ),
    ),
    fault(
        "nearly all concurrency reserved, which AWS refuses",
        *function("gallery", "function-gallery-reserved"),
        fires="concurrency-over-policy concurrency-unreserved-pool function-memory-fit",
    ),
)
