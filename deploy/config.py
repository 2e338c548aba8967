"""What is to be deployed: frozen, and refused where AWS or the plan could not make it so."""

import re
from dataclasses import dataclass
from decimal import Decimal
from math import ceil
from typing import Final

from deploy.containers import inference_image
from deploy.errors import DeployError

MODEL_LIMIT_S: Final = 60
"""A model has 60 seconds to answer.

https://docs.aws.amazon.com/sagemaker/latest/APIReference/API_runtime_InvokeEndpoint.html
"""

_MARGIN_S: Final = 5
_P99_SHARE_OF_TIMEOUT: Final = 0.8
_SAFETY: Final = 0.5
_MINUTE_S: Final = 60

# https://docs.aws.amazon.com/AmazonCloudWatchLogs/latest/APIReference/API_PutRetentionPolicy.html
_RETENTIONS: Final = (
    *(1, 3, 5, 7, 14, 30, 60, 90, 120, 150, 180, 365, 400, 545, 731, 1096, 1827, 2192, 2557),
    *(2922, 3288, 3653),
)

_PATTERNS: Final = {
    # Buckets are named after it, with a purpose, account and region, in 63 characters:
    # https://docs.aws.amazon.com/AmazonS3/latest/userguide/bucketnamingrules.html
    "name": (r"[a-z][a-z0-9-]{1,22}[a-z0-9]", "3 to 24 small letters, digits and dashes"),
    "account": (r"[0-9]{12}", "12 digits"),
    "region": (r"[a-z]{2}(-[a-z]+)+-[0-9]", "a region, such as us-east-1"),
    "instance_type": (r"ml\.[a-z0-9-]+\.[a-z0-9]+", "an instance type, such as ml.t2.medium"),
    "alarm_address": (r"[^@\s]+@[^@\s]+\.[^@\s]+", "an e-mail address"),
    "kms_key": (r"arn:[\w-]+:kms:[\w-]+:[0-9]{12}:key/[\w-]+", "the ARN of a KMS key"),
}
_HOST: Final = r"[a-z0-9-]+(\.[a-z0-9-]+)+"


class ConfigError(DeployError):
    """A configuration that cannot be planned: the key, the reason and the cure."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Autoscaling:
    """Between how many instances the endpoint scales, and what one of them was measured to bear."""

    min_instances: int
    max_instances: int
    measured_rps: float

    def __post_init__(self) -> None:
        """Refuse bounds that AWS takes and that do not scale."""
        if self.min_instances < 1:
            raise ConfigError(
                f"autoscaling.min-instances: {self.min_instances}: a real-time variant keeps at "
                "least 1"
            )
        if self.min_instances >= self.max_instances:
            raise ConfigError(
                f"autoscaling: min-instances {self.min_instances} is not below max-instances "
                f"{self.max_instances}: there is no room to scale; raise max-instances or leave "
                "autoscaling out"
            )
        if self.measured_rps <= 0:
            raise ConfigError(
                "autoscaling.measured-rps: measure what one instance bears, in requests a second "
                "(https://docs.aws.amazon.com/sagemaker/latest/dg/endpoint-scaling-loadtest.html)"
            )

    @property
    def target_value(self) -> float:
        """The invocations a minute and instance to hold: half of what one was measured to bear.

        https://docs.aws.amazon.com/sagemaker/latest/dg/endpoint-scaling-loadtest.html: MAX_RPS x
        SAFETY_FACTOR x 60, to start with a factor of 0.5.
        """
        return self.measured_rps * _SAFETY * _MINUTE_S


@dataclass(frozen=True, slots=True, kw_only=True)
class Vpc:
    """A private subnet of yours, from which the notebook reaches what its security groups allow."""

    subnet: str
    security_groups: tuple[str, ...]

    def __post_init__(self) -> None:
        """Refuse ids of something else."""
        for key, prefix, ids in (
            ("subnet", "subnet-", (self.subnet,)),
            ("security-groups", "sg-", self.security_groups),
        ):
            if not ids or not all(one.startswith(prefix) for one in ids):
                raise ConfigError(f"vpc.{key}: {', '.join(ids) or 'none'}: give {prefix}...")


@dataclass(frozen=True, slots=True, kw_only=True)
class Config:
    """A pipeline; each default is the cheapest that does the job.

    Without `vpc` there is no notebook, unless `notebook_direct_internet` accepts one with a way
    to the internet that no security group or flow log sees. `measured_p99_ms` is the latency of
    the endpoint. `training_types` are what the notebook may start jobs on. Without
    `allowed_image_hosts` the model fetches nothing, and is isolated from
    the network.
    """

    account: str
    region: str
    alarm_address: str
    name: str = "dog-breed"
    image: str | None = None
    instance_type: str = "ml.t2.medium"
    autoscaling: Autoscaling | None = None
    reserved_concurrency: int = 5
    provisioned_concurrency: int = 1
    memory_mb: int = 128
    measured_p99_ms: int = 1000
    log_retention_days: int = 30
    monthly_budget_usd: Decimal = Decimal(60)
    allowed_image_hosts: tuple[str, ...] = ()
    data_capture: bool = False
    kms_key: str | None = None
    vpc: Vpc | None = None
    training_types: tuple[str, ...] = ("ml.t3.medium",)
    notebook_type: str = "ml.t2.medium"
    notebook_direct_internet: bool = False
    notebook_idle_minutes: int = 60

    def __post_init__(self) -> None:
        """Refuse what could not be made, or would not work; raises ConfigError with the cure."""
        for key, (pattern, form) in _PATTERNS.items():
            value = getattr(self, key)
            if value is not None and not re.fullmatch(pattern, value):
                raise ConfigError(f"{_key(key)}: {value!r} is not {form}")
        for host in self.allowed_image_hosts:
            if not re.fullmatch(_HOST, host):
                raise ConfigError(f"allowed-image-hosts: {host!r} is no host in small letters")
        self._refuse_hosting()
        self._refuse_concurrency()
        self._refuse_numbers()

    def _refuse_hosting(self) -> None:
        family = self.instance_type.split(".")[1]
        if re.match(r"t[3-9]", family):
            raise ConfigError(
                f"instance-type: SageMaker hosts no {self.instance_type}: of the burstable "
                "families it takes ml.t2 alone"
            )
        if self.autoscaling and re.match(r"t[0-9]", family):
            raise ConfigError(
                f"autoscaling: SageMaker does not scale {self.instance_type}, which is burstable; "
                "give an instance-type that scales, such as ml.m5.large, or leave autoscaling out "
                "(https://docs.aws.amazon.com/sagemaker/latest/dg/endpoint-auto-scaling.html)"
            )
        if self.image is None and inference_image(self.region) is None:
            raise ConfigError(
                f"image: which account has AWS's containers in {self.region} is not known here: "
                "give the image's URI"
            )

    def _refuse_concurrency(self) -> None:
        reserved, provisioned = self.reserved_concurrency, self.provisioned_concurrency
        if reserved < 1:
            raise ConfigError(f"reserved-concurrency: {reserved} switches the function off")
        if provisioned < 0:
            raise ConfigError(f"provisioned-concurrency: {provisioned} is negative")
        if provisioned >= reserved:
            raise ConfigError(
                f"provisioned-concurrency: {provisioned} must be less than the {reserved} "
                "reserved: what is provisioned comes out of what is reserved, and a burst needs "
                "the rest (https://docs.aws.amazon.com/lambda/latest/dg/provisioned-concurrency.html)"
            )

    def _refuse_numbers(self) -> None:
        limit = 1000 * MODEL_LIMIT_S
        if not 0 < self.measured_p99_ms <= limit:
            raise ConfigError(
                f"measured-p99-ms: {self.measured_p99_ms} is not within 1 and {limit}: a model "
                f"has {MODEL_LIMIT_S} seconds to answer"
            )
        if not 128 <= self.memory_mb <= 10240:  # noqa: PLR2004  # Lambda's quotas
            raise ConfigError(f"memory-mb: {self.memory_mb} is not within 128 and 10240")
        if self.log_retention_days not in _RETENTIONS:
            days = ", ".join(map(str, _RETENTIONS))
            raise ConfigError(
                f"log-retention-days: CloudWatch Logs keeps no {self.log_retention_days}; it "
                f"takes {days}"
            )
        if self.monthly_budget_usd <= 0:
            raise ConfigError(f"monthly-budget-usd: {self.monthly_budget_usd} is not above 0")
        if self.notebook_idle_minutes < 1:
            raise ConfigError(f"notebook-idle-minutes: {self.notebook_idle_minutes} is not above 0")

    @property
    def has_notebook(self) -> bool:
        """Whether the plan makes a notebook."""
        return self.vpc is not None or self.notebook_direct_internet

    @property
    def image_uri(self) -> str:
        """The image that serves the model: AWS's own for PyTorch, unless another is given."""
        return self.image or inference_image(self.region) or ""

    @property
    def timeout_s(self) -> int:
        """How long the function may run: past the slowest legal answer, and past a slow p99.

        A function that is killed while it waits has been paid for, and logs no reason.
        """
        slow = self.measured_p99_ms / 1000 / _P99_SHARE_OF_TIMEOUT
        return max(MODEL_LIMIT_S, ceil(slow)) + _MARGIN_S

    @property
    def instances(self) -> int:
        """The instances that the endpoint starts with."""
        return self.autoscaling.min_instances if self.autoscaling else 1


def _key(field: str) -> str:
    return field.replace("_", "-")
